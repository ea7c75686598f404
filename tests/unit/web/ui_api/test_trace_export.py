"""Traces as lines of a file: nothing in them is a formula, whatever strangers wrote."""

import csv
import io
import json
from decimal import Decimal

import pytest

from elasticdash.shared.clickhouse.rows import TraceRow
from elasticdash.shared.clickhouse.trace_table import TraceTableRow
from elasticdash.web.ui_api.trace_export import files
from elasticdash.web.ui_api.trace_export.files import ExportFormat


def _row(name: str) -> TraceTableRow:
    counts = (3, 1.5, Decimal("0.25"), 1, 2, 3, 0, 0)
    return TraceTableRow(
        "t", 0, name, None, None, None, None, "default", False, False, ["a", "b"], *counts, "DEFAULT", ["m"]
    )


def _wide(text: str) -> TraceRow:
    head = ("t", 0, None, None, None, None, None, "default", False, False, list[str](), 0, 0)
    return TraceRow(*head, text, None, {"k": "[1]"})


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A0", "+1", "-1", "@SUM(1)", "\t=1"])
def test_no_cell_is_a_formula(text: str):
    shown = next(csv.reader(io.StringIO(files.line(ExportFormat.CSV, _row(text), _wide(text)))))

    cells = dict(zip(files.COLUMNS, shown, strict=True))
    assert (cells["name"], cells["input"]) == (f"'{text}", f"'{text}")


def test_a_line_of_csv_keeps_quotes_and_lines():
    text = 'a "b",\nc'
    shown = next(csv.reader(io.StringIO(files.line(ExportFormat.CSV, _row(text), _wide(text)))))

    cells = dict(zip(files.COLUMNS, shown, strict=True))
    assert (cells["name"], cells["tags"], cells["totalCostUsd"], cells["output"]) == (text, "a, b", "0.25", "")


def test_a_line_of_json_holds_values():
    line = json.loads(files.line(ExportFormat.JSONL, _row("n"), _wide('{"a": 1}')))

    assert set(line) == set(files.COLUMNS)
    assert (line["input"], line["metadata"], line["tags"]) == ({"a": 1}, {"k": [1]}, ["a", "b"])


def test_a_trace_without_texts_is_a_line_too():
    assert json.loads(files.line(ExportFormat.JSONL, _row("n"), None))["input"] is None
