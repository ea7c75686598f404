"""Reads from a loaded store: fills an embedded Logger's folder, starts it, asks it over HTTP."""

import json
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.load import cpu_seconds, disk_bytes
from bench.loaded import fill, records
from bench.loaded.questions import Question, questions
from bench.measure import percentile
from elasticdash.shared.ids import ProjectId
from support.server import PROJECT_ID, start_server

_WARM_UP = 2
_FILLED = "filled.json"


def run(given: Path | None, observations: int, text_characters: int, rounds: int, only: str) -> dict[str, Any]:
    """Figures by question, of those whose names hold `only`, in milliseconds; printed as they are measured.

    A folder that is given is kept, and asked again without being filled again.
    """
    with _folder(given) as folder:
        _fill_once(folder, observations, text_characters)
        return _ask(folder, rounds, only)


def _fill_once(folder: Path, observations: int, text_characters: int) -> None:
    filled = folder / _FILLED
    if filled.exists():
        return
    data = folder / "data"
    start_server(data).stop()
    rate = fill.fill(data / "clickhouse", ProjectId(PROJECT_ID), observations, text_characters)
    filled.write_text(json.dumps({"observations": observations, "rows_per_s": rate}))


def _ask(folder: Path, rounds: int, only: str) -> dict[str, Any]:
    data = folder / "data"
    figures: dict[str, Any] = json.loads((folder / _FILLED).read_text())
    figures["engine_bytes_per_observation"] = disk_bytes(data / "clickhouse" / "store") / figures["observations"]
    print("question, ms: least / p50 / p95 / CPU of the server")
    print(f"{figures['observations']:,} observations, {figures['engine_bytes_per_observation']:,.0f} B each (engine)")
    fill.sum_hours(data / "clickhouse")
    server = start_server(data)
    try:
        with server.client(timeout_seconds=120.0) as client:
            process = psutil.Process(server.process.pid)
            for question in questions(figures["observations"] // records.OBSERVATIONS_PER_TRACE):
                if only in question.name:
                    figures[question.name] = _asked(client, process, question, rounds)
            if only in "P9 trace of 10,000":
                figures["P9 trace of 10,000"] = _streamed(client, max(rounds // 4, 1))
    finally:
        server.stop()
    return figures


@contextmanager
def _folder(given: Path | None) -> Generator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="elasticdash-loaded-") as folder:
        yield Path(folder)


def _asked(client: httpx.Client, process: psutil.Process, question: Question, rounds: int) -> dict[str, float]:
    times: list[float] = []
    cpu_before = 0.0
    for index in range(-_WARM_UP, rounds):
        if index == 0:
            cpu_before = cpu_seconds(process)
        started = time.perf_counter()
        response = question.ask(client, index + _WARM_UP)
        took = (time.perf_counter() - started) * 1000
        if response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            print(f"{question.name:<38} refused: longer than a read may take   {question.target}", flush=True)
            return {}
        response.raise_for_status()
        body = response.json()
        if len(body.get("data", body)) < question.answers:
            raise RuntimeError(f"{question.name}: {len(body['data'])} rows, not {question.answers}")
        if index >= 0:
            times.append(took)
    # The least and the processor's time are what a machine that others use as well says about the work itself.
    found = {
        "least_ms": min(times),
        "p50_ms": percentile(times, 50),
        "p95_ms": percentile(times, 95),
        "cpu_ms": (cpu_seconds(process) - cpu_before) * 1000 / rounds,
    }
    shown = " /".join(f"{value:>9,.1f}" for value in found.values())
    print(f"{question.name:<38}{shown}   {question.target}", flush=True)
    return found


def _streamed(client: httpx.Client, rounds: int) -> dict[str, float]:
    first: list[float] = []
    whole: list[float] = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        with client.stream("GET", f"/api/public/traces/{records.BIG_TRACE}") as response:
            response.raise_for_status()
            chunks = response.iter_raw()
            next(chunks)
            first.append((time.perf_counter() - started) * 1000)
            for _chunk in chunks:
                pass
        whole.append((time.perf_counter() - started) * 1000)
    found = {
        "first_byte_p50_ms": percentile(first[1:], 50),
        "first_byte_p95_ms": percentile(first[1:], 95),
        "whole_p50_ms": percentile(whole[1:], 50),
    }
    shown = " /".join(f"{value:>9,.1f}" for value in found.values())
    print(f"{'P9 trace of 10,000: first byte, whole':<38}{shown}   first byte ≤ 300")
    return found
