"""Reads everything back through the public API, as the judge wants it."""

import json
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from support.chaos.clients import Balancer, Project
from support.chaos.judge import Metrics, Reading, Row
from support.chaos.ledger import KINDS, EntityKey, EntityKind, Told

SINGLE_PATHS: Mapping[EntityKind, str] = {
    "trace": "/api/public/traces",
    "observation": "/api/public/observations",
    "score": "/api/public/v2/scores",
}
LIST_PATHS: Mapping[EntityKind, str] = {**SINGLE_PATHS}
VIEWS: Mapping[EntityKind, str] = {"trace": "traces", "observation": "observations", "score": "scores-numeric"}
PAGE = 100
PAGE_V2 = 1000
SINGLES_PER_PROJECT = 60
ANSWER_TIMEOUT_SECONDS = 60.0
PAUSE_SECONDS = 0.25


class NoAnswerError(Exception):
    """A read was refused, or the Logger did not answer for a long time."""


def read_project(balancer: Balancer, project: Project, told: Iterable[Told], rng: random.Random) -> Reading:
    """Every page of every list, totals, metrics, and single gets of a sample."""
    reader = _Reader(balancer, project)
    listed: dict[EntityKind, Sequence[Row]] = {}
    totals: dict[EntityKind, int] = {}
    for kind in KINDS:
        listed[kind], totals[kind] = reader.list_all(kind)
    keys = sorted({statement.entity for statement, _ in told if statement.entity.project == project.id})
    sample = rng.sample(keys, min(SINGLES_PER_PROJECT, len(keys)))
    return Reading(
        project.id,
        listed=listed,
        totals=totals,
        metrics=reader.metrics(),
        also_listed={"observation": reader.observation_ids()},
        single={key: reader.find(key) for key in sample},
    )


def read_totals(balancer: Balancer, project: Project) -> dict[EntityKind, int]:
    """How many of each kind the lists state."""
    reader = _Reader(balancer, project)
    return {kind: reader.page(kind, 1, limit=1)["meta"]["totalItems"] for kind in KINDS}


def wait_until_steady(
    read: Callable[[], Sequence[Mapping[EntityKind, int]]],
    expected: Sequence[Mapping[EntityKind, int]],
    steady_seconds: float,
    patience_seconds: float,
) -> float:
    """Seconds until the totals were as high as expected; then waits until nothing changes any more.

    Gives up when nothing has changed for `patience_seconds`, not before: what is lost doesn't come, what is slow does.
    """
    started = last_change = time.monotonic()
    reached, last = None, read()
    while True:
        quiet_seconds = time.monotonic() - last_change
        if reached is None and _is_enough(last, expected):
            reached = time.monotonic() - started
        if quiet_seconds >= (patience_seconds if reached is None else steady_seconds):
            return time.monotonic() - started if reached is None else reached
        time.sleep(PAUSE_SECONDS)
        now = read()
        if now != last:
            last, last_change = now, time.monotonic()


def _is_enough(totals: Sequence[Mapping[EntityKind, int]], expected: Sequence[Mapping[EntityKind, int]]) -> bool:
    return all(
        of_project[kind] >= wanted[kind] for of_project, wanted in zip(totals, expected, strict=True) for kind in KINDS
    )


class _Reader:
    def __init__(self, balancer: Balancer, project: Project) -> None:
        self._balancer = balancer
        self._project = project

    def list_all(self, kind: EntityKind) -> tuple[list[Row], int]:
        """The rows of all pages, and the number of items that the first page states."""
        first = self.page(kind, 1)
        rows: list[Row] = list(first["data"])
        for number in range(2, first["meta"]["totalPages"] + 1):
            rows += self.page(kind, number)["data"]
        return rows, first["meta"]["totalItems"]

    def page(self, kind: EntityKind, number: int, limit: int = PAGE) -> Any:
        """One page of a list."""
        return self._get(LIST_PATHS[kind], {"page": number, "limit": limit})

    def observation_ids(self) -> list[str]:
        """Ids in the order of the second generation's list, which is another query."""
        ids: list[str] = []
        cursor: dict[str, str | int] = {}
        while True:
            answer = self._get("/api/public/v2/observations", {"limit": PAGE_V2, **cursor})
            ids += [row["id"] for row in answer["data"]]
            if "cursor" not in answer["meta"]:
                return ids
            cursor = {"cursor": answer["meta"]["cursor"]}

    def find(self, key: EntityKey) -> Row | None:
        """One entity, None when there is none."""
        return self._get(f"{SINGLE_PATHS[key.kind]}/{key.id}", {})

    def metrics(self) -> Metrics:
        """What the metrics endpoint counts and sums."""
        counts = {kind: self._measure(VIEWS[kind], "count", "count") for kind in KINDS}
        return Metrics(counts, self._measure("observations", "totalTokens", "sum"))

    def _measure(self, view: str, measure: str, aggregation: str) -> int:
        now = datetime.now(UTC)
        query = {
            "view": view,
            "metrics": [{"measure": measure, "aggregation": aggregation}],
            "dimensions": [],
            "filters": [],
            "fromTimestamp": (now - timedelta(days=2)).isoformat(),
            "toTimestamp": (now + timedelta(days=2)).isoformat(),
        }
        rows = self._get("/api/public/metrics", {"query": json.dumps(query)})["data"]
        return int(rows[0][f"{aggregation}_{measure}"] or 0) if rows else 0

    def _get(self, path: str, params: Mapping[str, str | int]) -> Any:
        """The parsed answer, None for a 404. Tries again while the Logger is away; NoAnswerError after a while."""
        deadline = time.monotonic() + ANSWER_TIMEOUT_SECONDS
        while True:
            try:
                response = self._balancer.get(path, self._project, params)
                if response.status_code == httpx.codes.NOT_FOUND:
                    return None
                if response.is_success:
                    return response.json()
                problem = f"{response.status_code}: {response.text[:300]}"
            except httpx.TransportError as error:
                problem = type(error).__name__
            if time.monotonic() > deadline:
                raise NoAnswerError(f"GET {path} {dict(params)}: {problem}")
            time.sleep(PAUSE_SECONDS)
