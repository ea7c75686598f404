"""What a project used per day and model, from narrow rows only."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from elasticdash.shared.clickhouse import filter_columns, hidden
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.domain.scope import ProjectScope

_EPOCH = date(1970, 1, 1)
_INPUT_TOKENS = filter_columns.OBSERVATIONS["inputTokens"].sql
_OUTPUT_TOKENS = filter_columns.OBSERVATIONS["outputTokens"].sql
_TOTAL_TOKENS = filter_columns.OBSERVATIONS["totalTokens"].sql


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """What one model used on one day; `model` is None for observations without one."""

    model: str | None
    input_usage: int
    output_usage: int
    total_usage: int
    total_cost_usd: Decimal
    observation_count: int
    trace_count: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of UTC: traces by their time, observations by their start; usage by model, most observations first."""

    date: date
    trace_count: int
    usage: Sequence[ModelUsage]

    @property
    def observation_count(self) -> int:
        """Observations that started on the day."""
        return sum(usage.observation_count for usage in self.usage)

    @property
    def total_cost_usd(self) -> Decimal:
        """What they cost together."""
        return sum((usage.total_cost_usd for usage in self.usage), Decimal(0))


def traces_per_day(predicates: Sequence[Predicate]) -> ProjectQuery:
    """(day as days since the epoch, number of live traces), in no order."""
    return ProjectQuery(
        "daily_metrics_traces",
        "\n".join(
            [
                "SELECT intDiv(toUnixTimestamp64Second(timestamp_us), 86400) AS day, count()",
                "FROM traces_by_time FINAL",
                "WHERE project_id = {project_id:String}",
                *(f"AND {predicate.sql}" for predicate in predicates),
                "GROUP BY day",
            ]
        ),
        _parameters(predicates),
    )


def usage_per_day(predicates: Sequence[Predicate]) -> ProjectQuery:
    """(day as days since the epoch, the fields of ModelUsage), days in no order, most observations first."""
    return ProjectQuery(
        "daily_metrics_usage",
        "\n".join(
            [
                "SELECT intDiv(toUnixTimestamp64Second(start_time_us), 86400) AS day,",
                "nullIf(provided_model_name, '') AS model,",
                f"sum({_INPUT_TOKENS}), sum({_OUTPUT_TOKENS}), sum({_TOTAL_TOKENS}),",
                "ifNull(sum(total_cost), 0), count() AS observations, uniqExact(trace_id)",
                "FROM observations_by_time FINAL",
                "WHERE project_id = {project_id:String}",
                *(f"AND {predicate.sql}" for predicate in predicates),
                "GROUP BY day, model",
                "ORDER BY observations DESC, model",
            ]
        ),
        _parameters(predicates),
    )


async def fetch_days(
    clickhouse: ClickHouse,
    scope: ProjectScope,
    of_traces: Sequence[Predicate],
    of_observations: Sequence[Predicate],
) -> Sequence[Day]:
    """Every day with a trace or an observation that its predicates keep, newest first."""
    visible = await hidden.predicates(clickhouse, scope)
    counted, used = await asyncio.gather(
        clickhouse.fetch_tuples(scope, traces_per_day([*of_traces, *visible])),
        clickhouse.fetch_tuples(scope, usage_per_day([*of_observations, *visible])),
    )
    trace_counts: dict[int, int] = dict(counted)
    usage: defaultdict[int, list[ModelUsage]] = defaultdict(list)
    for day, *fields in used:
        usage[day].append(ModelUsage(*fields))
    return [
        Day(_EPOCH + timedelta(days=day), trace_counts.get(day, 0), usage[day])
        for day in sorted({*trace_counts, *usage}, reverse=True)
    ]


def _parameters(predicates: Sequence[Predicate]) -> dict[str, object]:
    return {name: value for predicate in predicates for name, value in predicate.parameters.items()}
