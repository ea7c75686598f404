"""The real engine, except that at a chosen statement something else happens first: a crash, or another worker."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from elasticdash.shared.clickhouse.client import ClickHouse, Row
from elasticdash.shared.clickhouse.query import ProjectDelete, ProjectQuery, SystemStatement
from elasticdash.shared.domain.scope import ProjectScope


class CrashError(Exception):
    """Stands for the end of the process: whoever sees it does nothing more."""


class InterruptedEngine(ClickHouse):
    """Shares the handles of a running engine. The statement number `at` (from 0) waits for `interrupt`."""

    def __init__(self, engine: ClickHouse, at: int, interrupt: Callable[[], Awaitable[None]]) -> None:
        # The same pool: only one engine can have the folder open.
        vars(self).update(vars(engine))
        self._before_interrupt = at
        self._interrupt = interrupt

    async def fetch(self, scope: ProjectScope, query: ProjectQuery) -> list[Row]:
        await self._count()
        return await super().fetch(scope, query)

    async def fetch_tuples(self, scope: ProjectScope, query: ProjectQuery) -> list[tuple[Any, ...]]:
        await self._count()
        return await super().fetch_tuples(scope, query)

    async def fetch_system(self, statement: SystemStatement) -> list[Row]:
        await self._count()
        return await super().fetch_system(statement)

    async def delete(self, scope: ProjectScope, statement: ProjectDelete, parameters: Mapping[str, object]) -> None:
        await self._count()
        await super().delete(scope, statement, parameters)

    async def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> None:
        await self._count()
        await super().insert(table, columns, data)

    async def _count(self) -> None:
        if self._before_interrupt == 0:
            await self._interrupt()
        self._before_interrupt -= 1


async def crash() -> None:
    """The process ends here."""
    raise CrashError
