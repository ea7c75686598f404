"""What is planned is fair and follows from the seed; figures of a run that did too little are refused."""

import random
from collections import Counter
from typing import Any

import pytest

from support.chaos import figures, kills

PROCESSES = ["web0", "web1", "worker0", "worker1", "postgres", "redis", "s3", "clickhouse"]
ROW: dict[str, Any] = {
    "proof": "T1",
    "case": "SIGKILL",
    "seed": 7,
    "planned_kills": 40,
    "kills": 40,
    "acknowledged": 12345,
    "lost": 0,
    "doubled": 0,
    "invented": 0,
    "other": 0,
    "settled_seconds": 1.5,
    "longest_seconds_to_readable": 9.0,
}


def test_every_kind_of_process_dies_equally_often():
    plan = kills.plan(PROCESSES, 60, random.Random(1))

    assert set(Counter(kills.kind_of(kill.process) for kill in plan).values()) == {10}
    assert {kill.process for kill in plan} == set(PROCESSES)


def test_many_kills_hit_every_failpoint():
    plan = kills.plan(PROCESSES, 240, random.Random(2))

    planned = {(kills.kind_of(kill.process), kill.failpoint) for kill in plan if kill.failpoint}
    assert planned == {(kind, name) for kind, points in kills.FAILPOINTS.items() for name in points}


def test_a_plan_follows_from_its_seed():
    assert kills.plan(PROCESSES, 20, random.Random(3)) == kills.plan(PROCESSES, 20, random.Random(3))


@pytest.mark.parametrize(("done", "valid"), [(40, True), (36, True), (35, False)])
def test_a_run_with_too_few_kills_is_not_valid(done: int, valid: bool):
    assert figures.is_valid({**ROW, "kills": done}) == valid


def test_figures_replace_the_earlier_ones_and_nothing_else():
    document = "before\n<!-- figures: written by `make chaos` -->\nold\n<!-- /figures -->\nafter\n"

    written = figures.replaced(document, figures.table("abc123", "2026-01-31", [ROW]))

    assert written.startswith("before\n")
    assert written.endswith("<!-- /figures -->\nafter\n")
    assert "old" not in written
    assert "| T1 | SIGKILL | 7 | 40 of 40 | 12,345 | 0 | 0 | 0 | 0 | 1.5 | 9.0 |" in written
