"""What is asked of a loaded store over HTTP: one question per target of the performance table."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bench.loaded import records

Ask = Callable[[httpx.Client, int], httpx.Response]
"""Sends the request of one round."""


@dataclass(frozen=True, slots=True)
class Question:
    """One read. `answers` is the least number of rows that a true answer has."""

    name: str
    ask: Ask
    target: str
    answers: int = 1


def questions(traces: int) -> Sequence[Question]:
    """All questions to a store of that many traces."""
    return [*_lists(), *_filtered(traces), *_single(traces), *_metrics(), *_searches()]


def _lists() -> Sequence[Question]:
    core = {"limit": 50, "fields": "core,metrics,scores"}
    return [
        Question("P7 list 50: core, metrics, scores", _get("/traces", **core), "p95 ≤ 30, stretch ≤ 15", 50),
        Question("list 50, everything", _get("/traces", limit=50), "", 50),
        Question("observations 50, newest", _get("/v2/observations", limit=50), "", 50),
    ]


def _filtered(traces: int) -> Sequence[Question]:
    target = "p95 ≤ 150, stretch ≤ 60"
    region = {"type": "stringObject", "column": "metadata", "key": "region", "operator": "=", "value": "ap"}
    cost = {"type": "number", "column": "totalCost", "operator": ">=", "value": 0.0475}
    model = {"type": "stringOptions", "column": "model", "operator": "any of", "value": [records.MODELS[0]]}
    core: dict[str, Any] = {"limit": 50, "fields": "core,metrics,scores"}
    return [
        Question("P8 list by user", _by("userId", lambda i: records.user_id(i * 37 % traces)), target),
        Question("P8 list by name", _by("name", lambda i: f"flow-{i % records.NAMES}"), target),
        Question("P8 list by tag", _by("tags", lambda i: f"tag-{i % records.TAGS}"), target),
        Question("P8 list by metadata key", _get("/traces", filter=json.dumps([region]), **core), target, 50),
        Question("P8 list by least cost", _get("/traces", filter=json.dumps([cost]), **core), target, 1),
        Question("P8 observations by model", _get("/v2/observations", limit=50, filter=json.dumps([model])), target),
        Question("P8 list by user, none", _by("userId", lambda _: "nobody"), target, 0),
    ]


def _single(traces: int) -> Sequence[Question]:
    def one(client: httpx.Client, index: int) -> httpx.Response:
        return client.get(f"/api/public/traces/{records.trace_id(index * 7919 % traces)}")

    return [Question("P9 one trace with text", one, "p95 ≤ 40, exponent ≤ 0.1", 0)]


def _metrics() -> Sequence[Question]:
    now = datetime.now(UTC)
    query = {
        "view": "observations",
        "dimensions": [{"field": "providedModelName"}],
        "metrics": [{"measure": "totalCost", "aggregation": "sum"}, {"measure": "count", "aggregation": "count"}],
        "timeDimension": {"granularity": "day"},
        "fromTimestamp": (now - timedelta(days=30)).isoformat(),
        "toTimestamp": (now + timedelta(days=1)).isoformat(),
        "filters": [],
    }
    tokens = {**query, "metrics": [{"measure": "totalTokens", "aggregation": "sum"}]}
    latency = {**query, "metrics": [{"measure": "latency", "aggregation": "p95"}]}
    return [
        Question("P10 day x model", _get("/metrics", query=json.dumps(query)), "p95 ≤ 60, stretch ≤ 15", 30),
        Question("P10 day x model, tokens", _get("/metrics", query=json.dumps(tokens)), "p95 ≤ 60, stretch ≤ 15", 30),
        Question("day x model, latency p95", _get("/metrics", query=json.dumps(latency)), "", 30),
        Question("daily metrics", _get("/metrics/daily", limit=50), "", 30),
    ]


def _searches() -> Sequence[Question]:
    target = "p95 ≤ 200, stretch ≤ 60"

    def search(column: str) -> Ask:
        condition = {"type": "string", "column": column, "operator": "matches", "value": records.RARE_WORD}
        return _get("/v2/observations", limit=50, filter=json.dumps([condition]))

    return [
        Question("P11 rare word in input", search("input"), target, 0),
        Question("P11 rare word in output, none", search("output"), target, 0),
    ]


def _get(path: str, **parameters: Any) -> Ask:
    return lambda client, _: client.get(f"/api/public{path}", params=parameters)


def _by(name: str, value_of: Callable[[int], str]) -> Ask:
    core = {"limit": 50, "fields": "core,metrics,scores"}
    return lambda client, index: client.get("/api/public/traces", params={**core, name: value_of(index)})
