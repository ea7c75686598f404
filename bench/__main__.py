"""`make bench`: loads an embedded Logger as a process of its own, prints one table, writes JSON.

Every figure stands beside its target (docs/decisions) or beside what this machine could do at best in the same run.
"""

import argparse
import base64
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench import limits
from bench.load import PeakMemory, cpu_seconds, disk_bytes, rss_bytes, send_all
from bench.workload import Workload, build
from support.server import RunningServer, free_port, start_server

VISIBLE_TIMEOUT_SECONDS = 300.0


def main() -> None:
    """Run the bench and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=2000, help="traces of ten observations")
    parser.add_argument("--spans-per-request", type=int, default=512)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--reads", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--output", type=Path, default=Path("bench/results"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="elasticdash-bench-") as folder:
        figures = run(options, Path(folder) / "data")
    print(table(figures))
    options.output.mkdir(parents=True, exist_ok=True)
    written = options.output / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    written.write_text(json.dumps(figures, indent=2))
    print(f"written to {written}")


def run(options: argparse.Namespace, data_dir: Path) -> dict[str, Any]:
    """All figures of one run, by name."""
    work = build(options.traces, options.spans_per_request, options.seed)
    server = start_server(data_dir)
    try:
        figures = {
            "seed": options.seed,
            "observations": work.observations,
            **write_figures(server, work, options, data_dir),
            **read_figures(server, work, options.reads),
            "limit_bare_accept_per_s": limits.bare_accept_per_second(
                work.bodies, work.observations, options.senders, free_port()
            ),
        }
    finally:
        server.stop()
    insert_per_s, insert_cpu_s = limits.raw_insert(work.observations)
    return {
        **figures,
        "limit_raw_insert_per_s": insert_per_s,
        "limit_cpu_s_per_10k": insert_cpu_s + limits.parse_cpu_seconds_per_10k(work.bodies, work.observations),
    }


def write_figures(server: RunningServer, work: Workload, options: argparse.Namespace, data_dir: Path) -> dict[str, Any]:
    """Throughput, processor, memory and disk of taking the load in."""
    process = psutil.Process(server.process.pid)
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{server.public_key}:{server.secret_key}".encode()).decode()
    }
    warm = build(20, 16, options.seed + 1)
    send_all(server.url, headers, warm.bodies, 2)
    wait_visible(server, warm.observations)
    cpu_before, disk_before = cpu_seconds(process), disk_bytes(data_dir)
    memory = PeakMemory(process)
    memory.start()
    started = time.perf_counter()
    accepted_seconds, latencies = send_all(server.url, headers, work.bodies, options.senders)
    wait_visible(server, warm.observations + work.observations)
    visible_seconds = time.perf_counter() - started
    cpu = cpu_seconds(process) - cpu_before
    return {
        "accepted_per_s": work.observations / accepted_seconds,
        "visible_per_s": work.observations / visible_seconds,
        "visible_lag_s": visible_seconds - accepted_seconds,
        "post_p50_ms": percentile(latencies, 50) * 1000,
        "post_p95_ms": percentile(latencies, 95) * 1000,
        "cpu_s_per_10k": cpu / work.observations * 10_000,
        "rss_peak_mb": max(memory.stop(), rss_bytes(process)) / 1e6,
        "disk_bytes_per_observation": (disk_bytes(data_dir) - disk_before) / work.observations,
    }


def read_figures(server: RunningServer, work: Workload, reads: int) -> dict[str, Any]:
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
    with server.client() as client:

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


def wait_visible(server: RunningServer, expected: int) -> None:
    """Until the public API counts at least `expected` observations."""
    deadline = time.monotonic() + VISIBLE_TIMEOUT_SECONDS
    pause = 0.05
    with server.client() as client:
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


def table(figures: dict[str, Any]) -> str:
    """The figures with their targets, as text."""
    accept_limit, insert_limit = figures["limit_bare_accept_per_s"], figures["limit_raw_insert_per_s"]
    rows = [
        ("accepted observations/s", figures["accepted_per_s"], f"bare ASGI {accept_limit:,.0f}"),
        ("readable observations/s", figures["visible_per_s"], f"≥ 9,200 (8 × MLflow); raw insert {insert_limit:,.0f}"),
        ("lag until all readable, s", figures["visible_lag_s"], ""),
        ("POST p50 / p95, ms", (figures["post_p50_ms"], figures["post_p95_ms"]), ""),
        (
            "CPU s per 10 k",
            figures["cpu_s_per_10k"],
            f"≤ 1.2, stretch ≤ 0.7; parse and raw insert {figures['limit_cpu_s_per_10k']:.2f}",
        ),
        ("RSS peak, MB", figures["rss_peak_mb"], "≤ 600, stretch ≤ 400"),
        (
            "disk bytes/observation, raw batches included",
            figures["disk_bytes_per_observation"],
            "≤ 1,940 (0.4 × Phoenix)",
        ),
        ("list 50 p50 / p95, ms", (figures["list_50_p50_ms"], figures["list_50_p95_ms"]), "p95 ≤ 30"),
        (
            "list 50 without text p50 / p95, ms",
            (figures["list_50_core_p50_ms"], figures["list_50_core_p95_ms"]),
            "p95 ≤ 30",
        ),
        ("one trace p50 / p95, ms", (figures["get_p50_ms"], figures["get_p95_ms"]), "p95 ≤ 40"),
        (
            "metrics by day and model p50 / p95, ms",
            (figures["metrics_day_model_p50_ms"], figures["metrics_day_model_p95_ms"]),
            "p95 ≤ 60",
        ),
    ]
    lines = [f"{figures['observations']:,} observations, seed {figures['seed']}"]
    for name, value, beside in rows:
        shown = " / ".join(f"{v:,.1f}" for v in value) if isinstance(value, tuple) else f"{value:,.2f}"
        lines.append(f"{name:<46}{shown:>20}   {beside}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
