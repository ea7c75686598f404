"""Queries that cannot be built without saying whose rows they read."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString, TypeVar

Item = TypeVar("Item")

# A server refuses parameters of more than 128 KiB; ids are as long as their senders like.
_MAX_IDS = 2000
_MAX_PARAMETER_BYTES = 100_000
_BYTES_AROUND_ID = 3

PROJECT_TABLES = (
    "traces",
    "observations",
    "scores",
    "event_log",
    "observations_by_time",
    "traces_by_time",
    "trace_times",
    "usage_by_hour",
)
_READ = re.compile(r"\b(?:FROM|JOIN)\s+(?:" + "|".join(PROJECT_TABLES) + r")\b", re.IGNORECASE)
_SCOPED = re.compile(r"\bproject_id = \{project_id:String\}")


@dataclass(frozen=True, slots=True)
class ProjectQuery:
    """One SELECT over one project's rows.

    Every read of a project table must carry its own `project_id = {project_id:String}`; fewer raise
    ValueError at construction. Values travel as server-side `{name:Type}` parameters only. `name` marks the
    query in the engine's log and in metrics.
    """

    name: LiteralString
    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        reads, scoped = len(_READ.findall(self.sql)), len(_SCOPED.findall(self.sql))
        if reads == 0 or scoped < reads:
            raise ValueError(f"{self.name!r} reads {reads} project table(s) but scopes {scoped}")
        if "project_id" in self.parameters:
            raise ValueError(f"{self.name!r} sets project_id itself; it comes from the ProjectScope")


@dataclass(frozen=True, slots=True)
class ProjectDelete:
    """A delete of one project's rows in one table; the scope is part of the statement, whatever `where` says.

    A subquery in `where` must carry its own `project_id = {project_id:String}`, or construction raises ValueError.
    """

    table: LiteralString
    where: LiteralString

    def __post_init__(self) -> None:
        reads, scoped = len(_READ.findall(self.where)), len(_SCOPED.findall(self.where))
        if self.table not in PROJECT_TABLES or scoped < reads:
            raise ValueError(f"Deleting in {self.table!r} looks at {reads} project table(s) but scopes {scoped}")

    @property
    def sql(self) -> str:
        """The statement, with its parameters as placeholders."""
        return "\n".join(
            ["DELETE", "FROM", self.table, "WHERE project_id = {project_id:String}", f"AND ({self.where})"]
        )


@dataclass(frozen=True, slots=True)
class SystemStatement:
    """A statement across projects or about the schema: migrations, sweeper, retention. Never for web."""

    name: LiteralString
    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """What one read may cost the engine before it is stopped with QueryTooHeavyError."""

    max_execution_seconds: int = 30
    max_memory_bytes: int = 4 * 1024**3

    def settings(self) -> dict[str, int]:
        """The engine's names for these limits."""
        return {"max_execution_time": self.max_execution_seconds, "max_memory_usage": self.max_memory_bytes}


def parameter_sized(items: Sequence[Item], longest_id: Callable[[Item], str] = str) -> Iterator[Sequence[Item]]:
    """The items in parts whose ids fit into one parameter of a query; `longest_id` of an item counts."""
    part: list[Item] = []
    size = 0
    for item in items:
        item_size = len(longest_id(item).encode()) + _BYTES_AROUND_ID
        if part and (len(part) == _MAX_IDS or size + item_size > _MAX_PARAMETER_BYTES):
            yield part
            part, size = [], 0
        part.append(item)
        size += item_size
    if part:
        yield part
