"""Measures one running Logger: what taking a load in costs, and how quickly it reads afterwards."""

import argparse
import base64
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bench.load import PeakMemory, rss_bytes, send_all
from bench.target import Target
from bench.workload import Workload, build

VISIBLE_TIMEOUT_SECONDS = 300.0


def write_figures(target: Target, work: Workload, options: argparse.Namespace) -> dict[str, Any]:
    """Throughput, processor, memory and disk of taking the load in."""
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{target.public_key}:{target.secret_key}".encode()).decode()
    }
    warm = build(20, 16, options.seed + 1)
    send_all(target.url, headers, warm.bodies, 2)
    wait_visible(target, warm.observations)
    cpu_before, disk_before = target.cpu_seconds_by_process(), target.disk_bytes()
    memory = PeakMemory(list(target.processes.values()))
    memory.start()
    started = time.perf_counter()
    accepted_seconds, latencies = send_all(target.url, headers, work.bodies, options.senders)
    wait_visible(target, warm.observations + work.observations)
    visible_seconds = time.perf_counter() - started
    cpu = {name: used - cpu_before[name] for name, used in target.cpu_seconds_by_process().items()}
    per_10k = 10_000 / work.observations
    return {
        "accepted_per_s": work.observations / accepted_seconds,
        "visible_per_s": work.observations / visible_seconds,
        "visible_lag_s": visible_seconds - accepted_seconds,
        "post_p50_ms": percentile(latencies, 50) * 1000,
        "post_p95_ms": percentile(latencies, 95) * 1000,
        "post_p99_ms": percentile(latencies, 99) * 1000,
        "cpu_s_per_10k": sum(cpu.values()) * per_10k,
        "cpu_s_per_10k_by_process": {name: used * per_10k for name, used in cpu.items()},
        "rss_peak_mb": max(memory.stop(), sum(rss_bytes(process) for process in target.processes.values())) / 1e6,
        "disk_bytes_per_observation": (target.disk_bytes() - disk_before) / work.observations,
    }


def read_figures(target: Target, work: Workload, reads: int) -> dict[str, Any]:
    """Latency of the usual reads on the loaded store, in milliseconds."""
    now = datetime.now(UTC)
    query = json.dumps(
        {
            "view": "observations",
            "dimensions": [{"field": "providedModelName"}],
            "metrics": [{"measure": "totalCost", "aggregation": "sum"}, {"measure": "count", "aggregation": "count"}],
            "timeDimension": {"granularity": "day"},
            "fromTimestamp": (now - timedelta(days=30)).isoformat(),
            "toTimestamp": (now + timedelta(days=1)).isoformat(),
            "filters": [],
        }
    )
    figures: dict[str, Any] = {}
    with target.client() as client:

        def timed(name: str, read: Callable[[int], httpx.Response]) -> None:
            times: list[float] = []
            for index in range(-3, reads):
                started = time.perf_counter()
                response = read(index)
                if index >= 0:
                    times.append((time.perf_counter() - started) * 1000)
                response.raise_for_status()
            figures[f"{name}_p50_ms"], figures[f"{name}_p95_ms"] = percentile(times, 50), percentile(times, 95)

        timed("list_50", lambda _: client.get("/api/public/traces", params={"limit": 50}))
        timed(
            "list_50_core", lambda _: client.get("/api/public/traces", params={"limit": 50, "fields": "core,metrics"})
        )
        timed("get", lambda i: client.get(f"/api/public/traces/{work.trace_ids[i * 37 % len(work.trace_ids)]}"))
        timed("metrics_day_model", lambda _: client.get("/api/public/metrics", params={"query": query}))
    return figures


def wait_visible(target: Target, expected: int) -> None:
    """Until the public API counts at least `expected` observations."""
    deadline = time.monotonic() + VISIBLE_TIMEOUT_SECONDS
    pause = 0.05
    with target.client() as client:
        while time.monotonic() < deadline:
            answer = client.get("/api/public/observations", params={"limit": 1}).json()
            if answer["meta"]["totalItems"] >= expected:
                return
            time.sleep(pause)
            pause = min(pause * 1.2, 1.0)
    raise TimeoutError(f"{expected} observations were not visible after {VISIBLE_TIMEOUT_SECONDS} s")


def percentile(values: list[float], percent: int) -> float:
    """The nearest-rank percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]
