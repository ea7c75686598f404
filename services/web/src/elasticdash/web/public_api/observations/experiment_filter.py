"""Filters of observations by the experiment their trace is of, which the metadata store knows."""

from collections.abc import Mapping, Sequence
from typing import cast

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import filter_columns, filters
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import experiments
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.experiments import Narrowing

MAX_ITEMS = 5_000
"""How many items of experiments one condition may reach: their traces are named to the engine one by one."""

_COLUMNS: Mapping[str, str] = {
    "experimentId": "experiment_id",
    "Experiment ID": "experiment_id",
    "experimentName": "experiment_name",
    "Experiment Name": "experiment_name",
    "experimentDatasetId": "dataset_id",
    "Experiment Dataset ID": "dataset_id",
}
_ROOT_COLUMNS = frozenset({"isExperimentItemRootSpan", "Is Experiment Item Root Span"})


def concerns(condition: Condition) -> bool:
    """Whether a condition is about experiments, and so no column of observations."""
    return condition.column in _COLUMNS or condition.column in _ROOT_COLUMNS


async def predicates(database: Database, scope: ProjectScope, conditions: Sequence[Condition]) -> Sequence[Predicate]:
    """One predicate per condition on experiments; the store is not asked when there is none.

    InvalidRequestError for a type or an operator that these columns don't take, and for more than MAX_ITEMS items.
    """
    if not conditions:
        return ()
    resolved = [await _resolved(database, scope, condition) for condition in conditions]
    return filters.compile_all(filter_columns.OBSERVATIONS_V2, (), resolved, prefix="e")


async def _resolved(database: Database, scope: ProjectScope, condition: Condition) -> Condition:
    """The same condition, on ids of traces or of observations."""
    is_root = condition.column in _ROOT_COLUMNS
    narrowing, is_wanted = _root(condition) if is_root else _narrowing(condition)
    async with database.reading() as session:
        places = await experiments.places(session, scope, narrowing, MAX_ITEMS + 1)
    if len(places) > MAX_ITEMS:
        limit = f"reaches more than {MAX_ITEMS} items of experiments: name fewer experiments"
        raise errors.InvalidRequestError(f"Filter on {condition.column!r} {limit}")
    ids = {place.observation_id if is_root else place.trace_id for place in places}
    operator = "any of" if is_wanted else "none of"
    return Condition("stringOptions", "id" if is_root else "traceId", operator, sorted(id_ for id_ in ids if id_))


def _root(condition: Condition) -> tuple[Narrowing | None, bool]:
    if condition.type != "boolean":
        raise errors.InvalidRequestError(f"Filter on {condition.column!r} must be boolean")
    return None, condition.value is (condition.operator == "=")


def _narrowing(condition: Condition) -> tuple[Narrowing, bool]:
    """What the items to look for are narrowed to, and whether observations of theirs are wanted or unwanted."""
    column = _COLUMNS[condition.column]
    match condition.type, condition.operator:
        case "string", "=":
            return Narrowing(column, [str(condition.value)]), True
        case "stringOptions", operator if condition.value:
            return Narrowing(column, cast(Sequence[str], condition.value)), operator == "any of"
        case "null", operator:
            return Narrowing(column, (), is_negated=True), operator == "is not null"
        case _:
            rule = "must be string =, stringOptions any of or none of some, or null"
            raise errors.InvalidRequestError(f"Filter on {condition.column!r} {rule}")
