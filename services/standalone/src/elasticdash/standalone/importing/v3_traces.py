"""Reads traces, observations and scores of a Langfuse v3 ClickHouse day by day, and sends them in as a client would."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import LiteralString

import structlog

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.standalone.importing import events, project_copy, v3_rows
from elasticdash.standalone.importing.events import Event, Row
from elasticdash.standalone.importing.progress import ProgressFile
from elasticdash.standalone.importing.project_copy import Counts, Say
from elasticdash.web.admission.intake import Intake
from elasticdash.web.auth.principal import Principal
from elasticdash.web.ingest.acceptor import Acceptor, Sender

log = structlog.get_logger()

_ROWS_PER_QUERY = 1000
_DAY = timedelta(days=1)
_SENDER = Sender("elasticdash-import", "v3")


@dataclass(frozen=True, slots=True)
class V3Table:
    """One table of the source: which of its columns says when, and how a row becomes an event."""

    name: LiteralString
    time_column: LiteralString
    to_event: Callable[[Row], Event]

    def days(self) -> ProjectQuery:
        """(day, rows) of the days that hold rows, ascending."""
        return ProjectQuery(
            "v3_days",
            f"""
            SELECT toDate({self.time_column}) AS day, count() AS rows FROM {self.name} FINAL
            WHERE project_id = {{project_id:String}} AND is_deleted = 0
            GROUP BY day ORDER BY day
            """,  # noqa: S608 the names are literals of this module
        )

    def rows_after(self, day: date, row_id: str) -> ProjectQuery:
        """The next rows of a day, ascending by id, which is how they lie there."""
        return ProjectQuery(
            "v3_rows",
            f"""
            SELECT * FROM {self.name} FINAL
            WHERE project_id = {{project_id:String}} AND is_deleted = 0
              AND toDate({self.time_column}) = {{day:Date}} AND id > {{row_id:String}}
            ORDER BY id LIMIT {{limit:UInt32}}
            """,  # noqa: S608 the names are literals of this module
            {"day": day, "row_id": row_id, "limit": _ROWS_PER_QUERY},
        )


def _score_event(row: Row) -> Event:
    # Score configs were taken over with their ids.
    config_id = row.get("configId")
    return events.score_event(row, {config_id: config_id} if config_id else {})


TABLES: Sequence[V3Table] = (
    V3Table("traces", "timestamp", events.trace_event),
    V3Table("observations", "start_time", events.observation_event),
    V3Table("scores", "timestamp", _score_event),
)


class V3Copy:
    """What one v3 ClickHouse holds of some projects, sent in through an acceptor. Going on after a stop is safe."""

    def __init__(self, source: ClickHouse, acceptor: Acceptor, progress: ProgressFile) -> None:
        self._source = source
        self._acceptor = acceptor
        self._progress = progress

    async def remaining(self, project_ids: Sequence[str]) -> dict[str, int]:
        """Rows that are still to be sent, by table."""
        found = {table.name: 0 for table in TABLES}
        for scope in _scopes(project_ids):
            for table in TABLES:
                days = await self._days(scope, table)
                found[table.name] += sum(rows for day, rows in days.items() if not self._is_done(scope, table, day))
        return found

    async def run(self, project_ids: Sequence[str], say: Say) -> None:
        """Send everything; `say` hears each table and how many rows of it were sent since the last time."""
        for scope in _scopes(project_ids):
            for table in TABLES:
                for day in await self._days(scope, table):
                    if not self._is_done(scope, table, day):
                        await self._copy_day(scope, table, day, say)

    async def counts(self, target: ClickHouse, project_ids: Sequence[str]) -> list[Counts]:
        """Rows of each table in both stores, over these projects."""
        found: list[Counts] = []
        for table in TABLES:
            here = there = 0
            for scope in _scopes(project_ids):
                there += sum((await self._days(scope, table)).values())
                here += sum(row["rows"] for row in await target.fetch(scope, table.days()))
            found.append(Counts(table.name, there, here))
        return found

    async def _copy_day(self, scope: ProjectScope, table: V3Table, day: date, say: Say) -> None:
        async for rows in self._chunks(scope, table, day):
            await self._send(scope, [table.to_event(v3_rows.api_row(row)) for row in rows])
            say(table.name, len(rows))
        if day < self._progress.state.until.date():
            self._progress.state.done_until[_key(scope, table)] = _start_of(day) + _DAY
            self._progress.save()

    async def _chunks(self, scope: ProjectScope, table: V3Table, day: date) -> AsyncIterator[Sequence[Row]]:
        last = ""
        while rows := await self._source.fetch(scope, table.rows_after(day, last)):
            yield rows
            last = rows[-1]["id"]

    async def _send(self, scope: ProjectScope, batch: Sequence[Event]) -> None:
        principal = Principal(scope, "project", "import", "import")
        for part in project_copy.batches_of(batch):
            with Intake().entered(scope.project_id) as hold:
                answer = await self._acceptor.accept_events(principal, part, _SENDER, hold)
            for failure in answer.failures:
                self._progress.state.refused += 1
                log.error("row_refused", id=failure.id, reason=failure.error)

    async def _days(self, scope: ProjectScope, table: V3Table) -> Mapping[date, int]:
        return {row["day"]: row["rows"] for row in await self._source.fetch(scope, table.days())}

    def _is_done(self, scope: ProjectScope, table: V3Table, day: date) -> bool:
        done = self._progress.state.done_until.get(_key(scope, table))
        return done is not None and _start_of(day) + _DAY <= done


def _scopes(project_ids: Sequence[str]) -> Sequence[ProjectScope]:
    return [ProjectScope(ProjectId(project_id)) for project_id in project_ids]


def _key(scope: ProjectScope, table: V3Table) -> str:
    return f"{scope.project_id}/{table.name}"


def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
