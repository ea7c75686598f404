"""Traces as a file, with their texts."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from elasticdash.shared.clickhouse import trace_table, traces
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.trace_table import Position, Sort
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.auth.policies import ViewedProject
from elasticdash.web.dependencies import CurrentClickHouse
from elasticdash.web.trace_filter import TraceFilterQuery
from elasticdash.web.ui_api.trace_export import files
from elasticdash.web.ui_api.trace_export.files import ExportFormat
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}/traces-export", tags=["traces"], route_class=UiRoute)

# More belongs into a program that pages through the public API.
MAX_TRACES = 10_000
# Their texts are in memory at the same time.
_ROWS_AT_ONCE = 50
_MEDIA_TYPES = {ExportFormat.CSV: "text/csv; charset=utf-8", ExportFormat.JSONL: "application/x-ndjson"}


class ExportQuery(TraceFilterQuery):
    """Which traces, and as what."""

    format: ExportFormat = ExportFormat.CSV


@router.get("", operation_id="exportTraces", response_class=StreamingResponse)
async def export_traces(
    query: Annotated[ExportQuery, Query()], project: ViewedProject, clickhouse: CurrentClickHouse
) -> StreamingResponse:
    """The newest MAX_TRACES traces a filter keeps, with whole texts."""
    kept = await trace_table.visible(clickhouse, project, query.predicates())
    return StreamingResponse(
        _lines(clickhouse, project, kept, query.format),
        media_type=_MEDIA_TYPES[query.format],
        headers={
            "Content-Disposition": f'attachment; filename="traces.{query.format}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _lines(
    clickhouse: ClickHouse, project: ProjectScope, kept: Sequence[Predicate], format_: ExportFormat
) -> AsyncGenerator[str]:
    yield files.header(format_)
    position: Position | None = None
    for _ in range(MAX_TRACES // _ROWS_AT_ONCE):
        page = trace_table.page_after(kept, Sort.TIME, True, position, _ROWS_AT_ONCE)
        rows = [row for row, _ in await trace_table.fetch_page(clickhouse, project, page)]
        wide = await traces.fetch(clickhouse, project, [row.id for row in rows], with_text=True) if rows else {}
        for row in rows:
            yield files.line(format_, row, wide.get(row.id))
        if len(rows) < _ROWS_AT_ONCE:
            return
        position = Position(rows[-1].timestamp_us, rows[-1].id)
