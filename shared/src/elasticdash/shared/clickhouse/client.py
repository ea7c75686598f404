"""The only way to ClickHouse: pooled handles, scoped reads, column inserts, errors in our own words.

`chdb:///folder` runs the engine in this process; `http(s)://…` reaches a server. Nothing else differs.
"""

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypeVar, cast

import clickhouse_connect
from clickhouse_connect import common
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.query import ProjectDelete, ProjectQuery, QueryLimits, SystemStatement
from elasticdash.shared.domain.scope import ProjectScope

Row = dict[str, Any]
Tuples = Sequence[tuple[Any, ...]]
Result = TypeVar("Result")

# TIMEOUT_EXCEEDED, MEMORY_LIMIT_EXCEEDED, TOO_MANY_ROWS, TOO_MANY_BYTES, TOO_SLOW
_TOO_HEAVY_CODES = {159, 241, 158, 307, 160}
# A session would tie a pooled handle to one server and forbid concurrent use.
common.set_setting("autogenerate_session_id", False)


class _Result(Protocol):
    column_names: Sequence[str]
    result_rows: Tuples


class _Handle(Protocol):
    """What we use of the driver's client, which ships only partial types."""

    def query(self, query: str, parameters: Mapping[str, object], settings: Mapping[str, object]) -> _Result: ...
    def query_row_block_stream(
        self, query: str, parameters: Mapping[str, object], settings: Mapping[str, object]
    ) -> AbstractContextManager[Sequence[Tuples]]: ...
    def command(self, cmd: str, parameters: Mapping[str, object]) -> object: ...
    def insert(
        self, table: str, data: Sequence[Sequence[Any]], column_names: Sequence[str], column_oriented: bool
    ) -> object: ...
    def close(self) -> None: ...


class ClickHouse:
    """Bounded pool of synchronous engine handles, used from asyncio through as many threads."""

    def __init__(self, dsn: str, pool_size: int = 4, limits: QueryLimits | None = None) -> None:
        self._dsn = dsn
        self._limits = limits or QueryLimits()
        self._handles: queue.SimpleQueue[_Handle] = queue.SimpleQueue()
        self._all: list[_Handle] = []
        for _ in range(pool_size):
            handle = _connect(dsn)
            self._all.append(handle)
            self._handles.put(handle)
        self._threads = ThreadPoolExecutor(pool_size, thread_name_prefix="clickhouse")

    async def fetch(self, scope: ProjectScope, query: ProjectQuery) -> list[Row]:
        """All rows of a project query, as name → value, in the query's order."""
        names, rows = await self._run(scope, query)
        return [dict(zip(names, row, strict=True)) for row in rows]

    async def fetch_tuples(self, scope: ProjectScope, query: ProjectQuery) -> list[tuple[Any, ...]]:
        """All rows of a project query, as tuples in the order of the SELECT: for large results."""
        _, rows = await self._run(scope, query)
        return list(rows)

    async def stream(self, scope: ProjectScope, query: ProjectQuery) -> AsyncIterator[list[tuple[Any, ...]]]:
        """Blocks of rows of a project query, as the engine produces them."""
        parameters = {**query.parameters, "project_id": scope.project_id}

        def blocks() -> Generator[list[tuple[Any, ...]]]:
            with (
                self._handle() as handle,
                handle.query_row_block_stream(query.sql, parameters, self._settings(query.name)) as stream,
            ):
                for block in stream:
                    yield list(block)

        iterator = blocks()
        loop = asyncio.get_running_loop()
        try:
            while (block := await loop.run_in_executor(self._threads, next, iterator, None)) is not None:
                yield block
        finally:
            await loop.run_in_executor(self._threads, iterator.close)

    async def delete(self, scope: ProjectScope, statement: ProjectDelete, parameters: Mapping[str, object]) -> None:
        """Delete rows of one project; no read sees them once this returns."""
        bound = {**parameters, "project_id": scope.project_id}
        await self._call(lambda handle: handle.command(statement.sql, bound))

    async def fetch_system(self, statement: SystemStatement) -> list[Row]:
        """All rows of a statement across projects."""

        def run(handle: _Handle) -> list[Row]:
            result = handle.query(statement.sql, statement.parameters, self._settings(statement.name))
            return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

        return await self._call(run)

    async def execute(self, statement: SystemStatement) -> None:
        """Run a statement that returns nothing: DDL, deletes."""
        await self._call(lambda handle: handle.command(statement.sql, dict(statement.parameters)))

    async def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> None:
        """Insert one block, given column by column (each a sequence of the same length)."""
        await self._call(
            lambda handle: handle.insert(table, list(data), column_names=list(columns), column_oriented=True)
        )

    def close(self) -> None:
        """Wait for running calls and close every handle."""
        self._threads.shutdown(wait=True)
        for handle in self._all:
            handle.close()

    async def _run(self, scope: ProjectScope, query: ProjectQuery) -> tuple[Sequence[str], Tuples]:
        parameters = {**query.parameters, "project_id": scope.project_id}

        def run(handle: _Handle) -> tuple[Sequence[str], Tuples]:
            result = handle.query(query.sql, parameters, self._settings(query.name))
            return result.column_names, result.result_rows

        return await self._call(run)

    async def _call(self, run: Callable[[_Handle], Result]) -> Result:
        def with_handle() -> Result:
            with self._handle() as handle:
                return run(handle)

        return await asyncio.get_running_loop().run_in_executor(self._threads, with_handle)

    @contextmanager
    def _handle(self) -> Generator[_Handle]:
        handle = self._handles.get()
        try:
            yield handle
        except ClickHouseError as error:
            raise _translated(error) from error
        finally:
            self._handles.put(handle)

    def _settings(self, name: str) -> dict[str, Any]:
        return {**self._limits.settings(), "log_comment": name}


def _connect(dsn: str) -> _Handle:
    try:
        return cast(_Handle, clickhouse_connect.get_client(dsn=dsn))  # pyright: ignore[reportUnknownMemberType] driver's
    except ClickHouseError as error:
        raise _translated(error) from error


def _translated(error: ClickHouseError) -> errors.ElasticDashError:
    code = getattr(error, "code", None)
    if code in _TOO_HEAVY_CODES:
        return errors.QueryTooHeavyError("The query went past its limit; narrow the time range or the filter.")
    if isinstance(error, OperationalError):
        return errors.UnavailableError("ClickHouse can't be reached")
    if isinstance(error, DatabaseError):
        return errors.ElasticDashError(f"ClickHouse refused a statement (code {code})")
    return errors.UnavailableError("ClickHouse failed")
