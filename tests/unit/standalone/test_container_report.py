"""What a command leaves for Kubernetes: whole when it fits, else as much as fits, and always JSON."""

import json

import pytest

from elasticdash.standalone import container_report


@pytest.mark.parametrize(
    "report",
    [
        {"outcome": "failed", "message": "é" * 9_000, "statement": "x" * 9_000},
        {"outcome": "done", "applied": [f"clickhouse {number}" for number in range(2_000)]},
        {"outcome": "fail", "findings": [{"message": "x" * 9_000}]},
    ],
)
def test_it_is_never_longer_than_what_is_kept(report: dict[str, object]):
    text = container_report.fitted(report)

    assert len(text.encode()) <= container_report.MAX_BYTES
    assert json.loads(text)["outcome"] == report["outcome"]


def test_what_fits_is_whole():
    report: dict[str, object] = {
        "outcome": "locked",
        "exit_code": 11,
        "can_be_retried": True,
        "message": "another runs",
        "applied": [],
    }

    assert json.loads(container_report.fitted(report)) == report
