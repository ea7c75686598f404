"""Traces as lines of a file: CSV for spreadsheets, JSON for programs."""

import csv
import io
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from elasticdash.shared.clickhouse.rows import TraceRow
from elasticdash.shared.clickhouse.trace_table import TraceTableRow
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json
from elasticdash.web.views.observation_view import number

COLUMNS = (
    "id",
    "timestamp",
    "name",
    "userId",
    "sessionId",
    "environment",
    "release",
    "version",
    "tags",
    "level",
    "latencySeconds",
    "totalCostUsd",
    "inputTokens",
    "outputTokens",
    "totalTokens",
    "observationCount",
    "errorCount",
    "models",
    "input",
    "output",
    "metadata",
)
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ExportFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    JSONL = "jsonl"


def header(format_: ExportFormat) -> str:
    """What comes before the first trace."""
    return _csv_line(COLUMNS) if format_ is ExportFormat.CSV else ""


def line(format_: ExportFormat, row: TraceTableRow, wide: TraceRow | None) -> str:
    """One trace; its texts are empty where `wide` is None."""
    if format_ is ExportFormat.CSV:
        texts = {
            "tags": ", ".join(row.tags),
            "models": ", ".join(row.models),
            "input": wide.input if wide else None,
            "output": wide.output if wide else None,
            "metadata": msgspec.json.encode(dict(wide.metadata)).decode() if wide and wide.metadata else None,
        }
        fields = {**_fields(row), **texts}
        return _csv_line([_cell(fields[name]) for name in COLUMNS])
    values = {
        "tags": list(row.tags),
        "models": list(row.models),
        "input": json_text.parsed(wide.input) if wide else None,
        "output": json_text.parsed(wide.output) if wide else None,
        "metadata": json_text.parsed_values(wide.metadata) if wide else {},
    }
    return msgspec.json.encode({**_fields(row), **values}).decode() + "\n"


def _fields(row: TraceTableRow) -> Mapping[str, Json]:
    return {
        "id": row.id,
        "timestamp": json_text.precise_time_of_us(row.timestamp_us),
        "name": row.name,
        "userId": row.user_id,
        "sessionId": row.session_id,
        "environment": row.environment,
        "release": row.release,
        "version": row.version,
        "level": row.level,
        "latencySeconds": row.latency_seconds,
        "totalCostUsd": number(row.total_cost_usd),
        "inputTokens": row.input_tokens,
        "outputTokens": row.output_tokens,
        "totalTokens": row.total_tokens,
        "observationCount": row.observation_count,
        "errorCount": row.error_count,
    }


def _cell(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return str(value)


def _csv_line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
