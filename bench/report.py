"""The figures of a run as one table, each beside its target or beside what this machine could do at best."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

Figures = Mapping[str, Any]
Line = tuple[str, Any, str]


def table(figures: Figures) -> str:
    """The figures of one Logger with their targets."""
    return _table(
        f"{figures['shape']}, {figures['observations']:,} observations, seed {figures['seed']}", _lines(figures)
    )


def comparison(distributed: Figures, embedded: Figures) -> str:
    """P15: what distribution costs, as ratios inside one run."""
    processes = ", ".join(f"{name} {seconds:.2f}" for name, seconds in distributed["cpu_s_per_10k_by_process"].items())
    return _table(
        "distributed / embedded",
        [
            ("readable observations/s", distributed["visible_per_s"] / embedded["visible_per_s"], "≥ 0.8 (P15)"),
            (
                "CPU s per 10 k, inverse",
                embedded["cpu_s_per_10k"] / distributed["cpu_s_per_10k"],
                f"≥ 0.8 (P15); {processes}",
            ),
        ],
    )


def _lines(figures: Figures) -> Sequence[Line]:
    accept_limit, insert_limit = figures["limit_bare_accept_per_s"], figures["limit_raw_insert_per_s"]
    return [
        ("accepted observations/s", figures["accepted_per_s"], f"bare ASGI {accept_limit:,.0f}"),
        ("readable observations/s", figures["visible_per_s"], f"≥ 9,200 (8 × MLflow); raw insert {insert_limit:,.0f}"),
        ("lag until all readable, s", figures["visible_lag_s"], ""),
        (
            "POST p50 / p95 / p99, ms",
            (figures["post_p50_ms"], figures["post_p95_ms"], figures["post_p99_ms"]),
            "p99 ≤ 500 under overload",
        ),
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


def _table(title: str, rows: Sequence[Line]) -> str:
    lines = [title]
    for name, value, beside in rows:
        shown = _several(cast(tuple[float, ...], value)) if isinstance(value, tuple) else f"{value:,.2f}"
        lines.append(f"{name:<46}{shown:>20}   {beside}")
    return "\n".join(lines)


def _several(values: Sequence[float]) -> str:
    return " / ".join(f"{value:,.1f}" for value in values)
