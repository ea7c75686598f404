"""A Grafana dashboard of one instance."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from elasticdash.operator.plan.manifests.monitoring.rules import Target
from elasticdash.operator.plan.observed import Manifest

_COLUMNS = 2
_WIDTH = 24 // _COLUMNS
_HEIGHT = 8


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    unit: str
    # Legend and expression of each line.
    lines: Sequence[tuple[str, str]]


def as_json(target: Target, title: str) -> str:
    """The dashboard as Grafana reads it from a file, the same text for the same instance."""
    panels = [_panel(number, panel) for number, panel in enumerate(_panels(target))]
    dashboard = {
        "title": title,
        "tags": ["elasticdash"],
        "timezone": "utc",
        "refresh": "30s",
        "schemaVersion": 39,
        "time": {"from": "now-3h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}]
        },
        "panels": panels,
    }
    return json.dumps(dashboard, indent=1, sort_keys=True)


def _panels(target: Target) -> Sequence[_Panel]:
    return [*_traffic(target.web), *_work(target.web, target.worker), *_processes(target.web, target.worker)]


def _traffic(web: str) -> Sequence[_Panel]:
    requests, seconds = "elasticdash_http_requests_total", "elasticdash_http_request_duration_seconds_bucket"
    return [
        _Panel("Requests", "reqps", [("{{status}}", f"sum by (status) (rate({requests}{{{web}}}[5m]))")]),
        _Panel(
            "Time to the last byte",
            "s",
            [
                (name, f"histogram_quantile({quantile}, sum by (le) (rate({seconds}{{{web}}}[5m])))")
                for name, quantile in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
            ],
        ),
        _Panel(
            "Events accepted",
            "eps",
            [
                ("accepted", f"sum(rate(elasticdash_ingest_events_total{{{web}}}[5m]))"),
                ("rejected", f"sum(rate(elasticdash_ingest_rejected_events_total{{{web}}}[5m]))"),
            ],
        ),
        _Panel(
            "Requests refused",
            "reqps",
            [("{{reason}}", f"sum by (reason) (rate(elasticdash_refused_requests_total{{{web}}}[5m]))")],
        ),
    ]


def _work(web: str, worker: str) -> Sequence[_Panel]:
    return [
        _Panel(
            "Work that waits",
            "short",
            [
                ("not taken", f"max(elasticdash_queue_lag{{{web}}})"),
                ("taken, not finished", f"max(elasticdash_queue_pending{{{web}}})"),
            ],
        ),
        _Panel("Age of the oldest", "s", [("age", f"max(elasticdash_queue_oldest_age_seconds{{{web}}})")]),
        _Panel(
            "Rows stored",
            "short",
            [("rows/s", f"sum(rate(elasticdash_clickhouse_insert_rows_sum{{{worker}}}[5m]))")],
        ),
        _Panel(
            "Statements at ClickHouse that fail",
            "short",
            [("{{service}}", _failures(web, worker))],
        ),
    ]


def _processes(web: str, worker: str) -> Sequence[_Panel]:
    return [
        _Panel(
            "Memory",
            "bytes",
            [
                ("web", f"max(process_resident_memory_bytes{{{web}}})"),
                ("worker", f"max(process_resident_memory_bytes{{{worker}}})"),
            ],
        ),
        _Panel(
            "CPU",
            "short",
            [
                ("web", f"sum(rate(process_cpu_seconds_total{{{web}}}[5m]))"),
                ("worker", f"sum(rate(process_cpu_seconds_total{{{worker}}}[5m]))"),
            ],
        ),
    ]


def _failures(web: str, worker: str) -> str:
    name = "elasticdash_clickhouse_query_errors_total"
    return f"sum by (service) (rate({name}{{{web}}}[5m]) or rate({name}{{{worker}}}[5m]))"


def _panel(number: int, panel: _Panel) -> Manifest:
    row, column = divmod(number, _COLUMNS)
    source = {"type": "prometheus", "uid": "${datasource}"}
    return {
        "id": number + 1,
        "title": panel.title,
        "type": "timeseries",
        "datasource": source,
        "gridPos": {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": row * _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + index), "expr": expression, "legendFormat": legend, "datasource": source}
            for index, (legend, expression) in enumerate(panel.lines)
        ],
    }
