"""Observations, traces and scores with known numbers, and queries about them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.scores import Score
from elasticdash.shared.domain.traces import Trace
from elasticdash.web.public_api.metrics import routes
from support.reading import client_of
from support.records import SECOND_US, make_observation, make_score, make_trace, store, usd

Row = dict[str, Any]

FIRST = datetime(2026, 3, 4, 22, 0, tzinfo=UTC)
FIRST_US = int(FIRST.timestamp()) * SECOND_US
RANGE = {"fromTimestamp": "2026-03-04T00:00:00Z", "toTimestamp": "2026-03-08T00:00:00Z"}
MODELS = ("gpt-4o", "claude", None)


@dataclass(frozen=True)
class Seeded:
    """What is stored in a project, as records."""

    traces: Sequence[Trace]
    observations: Sequence[Observation]
    scores: Sequence[Score]


def make_seed() -> Seeded:
    """Ten traces, two hours apart, of three observations each; every number differs from the others."""
    traces = [
        make_trace(
            f"t{n}",
            timestamp_us=FIRST_US + n * 7200 * SECOND_US,
            name=f"name-{n % 3}",
            user_id=f"user-{n % 4}" if n % 4 else None,
            session_id=f"session-{n % 2}",
            release=f"r{n % 2}",
            version=f"v{n % 3}",
            environment="prod" if n % 2 else "default",
            tags=("b", "a") if n % 2 else ("c",),
        )
        for n in range(10)
    ]
    observations = [_observation(trace, n, k) for n, trace in enumerate(traces) for k in range(3)]
    return Seeded(traces, observations, _scores(observations))


def _observation(trace: Trace, n: int, k: int) -> Observation:
    start_us = trace.timestamp_us + k * SECOND_US
    number = n * 3 + k
    model = MODELS[k]
    return make_observation(
        f"o{number}",
        trace_id=trace.id,
        type="GENERATION" if model else "SPAN",
        parent_observation_id=None if k == 0 else f"o{n * 3}",
        name=f"step-{k}",
        environment=trace.environment,
        level="ERROR" if number % 7 == 0 else "DEFAULT",
        start_time_us=start_us,
        completion_start_time_us=start_us + 100_000 + number * 1000 if model else None,
        end_time_us=start_us + 500_000 + number * 10_000 if number % 5 else None,
        model=model,
        prompt_name="p" if model else None,
        prompt_version=k + 1 if model else None,
        version="own",
        usage={"input": 10 + number, "output": number, "total": 10 + 2 * number} if model else {},
        cost_usd=usd(input=f"0.{number:03}", output="0.5", total=f"0.{500 + number}") if model else {},
        total_cost_usd=Decimal(f"0.{500 + number}") if model else None,
        tool_call_names=("search", "search", "mail")[: number % 4],
        tool_definitions={"search": "{}", "mail": "{}"} if number % 2 else {},
    )


def _scores(observations: Sequence[Observation]) -> Sequence[Score]:
    found: list[Score] = []
    for number, observation in enumerate(observations):
        target = {"trace_id": observation.trace_id, "timestamp_us": observation.start_time_us}
        found.append(
            make_score(f"n{number}", name="quality", value=number / 4, observation_id=observation.id, **target)
        )
        if number % 3 == 0:
            is_true = number % 2 == 0
            found.append(
                make_score(
                    f"b{number}",
                    name="valid",
                    data_type="BOOLEAN",
                    value=float(is_true),
                    string_value=str(is_true),
                    **target,
                )
            )
        if number % 4 == 0:
            label = "good" if number % 8 else "bad"
            found.append(
                make_score(f"c{number}", name="mood", data_type="CATEGORICAL", value=0.0, string_value=label, **target)
            )
    return found


async def store_seed(clickhouse: ClickHouse, scope: ProjectScope, seed: Seeded) -> None:
    """Store the records, after older versions of them that say something else, and with one that was deleted."""
    older = [
        make_observation(o.id, trace_id=o.trace_id, start_time_us=o.start_time_us, name="old", revision=0)
        for o in seed.observations
    ]
    await store(
        clickhouse, scope, [], older, [make_score(s.id, name="old", value=99.0, revision=0) for s in seed.scores]
    )
    await store(clickhouse, scope, seed.traces, seed.observations, seed.scores)


def query(view: str = "observations", *metrics: str, **parts: Any) -> Row:
    """A query of the seeded days; metrics are given as `<aggregation>_<measure>`, dimensions by name."""
    dimensions = parts.pop("by", ())
    return {
        "view": view,
        "metrics": [dict(zip(("aggregation", "measure"), metric.split("_"), strict=True)) for metric in metrics],
        "dimensions": [{"field": name} for name in dimensions],
        **RANGE,
        **parts,
    }


async def send(
    clickhouse: ClickHouse, scope: ProjectScope, asked: Mapping[str, Any], path: str = "/v2/metrics"
) -> httpx.Response:
    """The answer to a query."""
    async with client_of(routes.router, clickhouse, scope) as client:
        return await client.get(path, params={"query": json.dumps(asked)})


async def rows(
    clickhouse: ClickHouse, scope: ProjectScope, asked: Mapping[str, Any], path: str = "/v2/metrics"
) -> list[Row]:
    """The rows of an answer."""
    response = await send(clickhouse, scope, asked, path)
    assert response.status_code == 200, response.text
    return response.json()["data"]


def day_text(time_us: int) -> str:
    """The start of the UTC day of a moment, as answers write it."""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us):%Y-%m-%d}T00:00:00.000Z"
