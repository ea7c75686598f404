"""The trace table, one trace, and its parts on demand."""

import asyncio
import time

import msgspec
from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import deletion, observations, trace_skeleton, trace_table, traces
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.observations import Texts
from elasticdash.shared.clickhouse.rows import ObservationKey, ObservationRow
from elasticdash.shared.clickhouse.trace_table import Facet, Position
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.auth.policies import AdministeredProject, ViewedProject
from elasticdash.web.dependencies import CurrentClickHouse
from elasticdash.web.trace_filter import TracesFilter
from elasticdash.web.ui_api.traces import schemas, views
from elasticdash.web.ui_api.traces.schemas import (
    DeleteTracesRequest,
    ObservationDetailShape,
    OptionsShape,
    OverviewShape,
    TracePageShape,
    TraceShape,
    TracesOverviewQuery,
    TracesQuery,
    TraceTextsShape,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}", tags=["traces"], route_class=UiRoute)


@router.get("/traces", operation_id="listTraces")
async def list_traces(query: TracesQuery, project: ViewedProject, clickhouse: CurrentClickHouse) -> TracePageShape:
    """A page of the trace table."""
    kept = await trace_table.visible(clickhouse, project, query.predicates())
    statement = trace_table.page_after(kept, query.sort, query.order == "desc", query.position(), query.limit + 1)
    found = await trace_table.fetch_page(clickhouse, project, statement)
    shown = found[: query.limit]
    has_more = len(found) > len(shown)
    last = Position(trace_table.sort_value(shown[-1][0], query.sort), shown[-1][0].id) if has_more else None
    return TracePageShape(
        rows=[views.table_row(row, preview) for row, preview in shown],
        next=schemas.cursor_of(last) if last else None,
    )


@router.get("/traces-overview", operation_id="getTracesOverview")
async def get_overview(
    query: TracesOverviewQuery, project: ViewedProject, clickhouse: CurrentClickHouse
) -> OverviewShape:
    """Totals and a histogram of all traces a filter keeps."""
    kept = await trace_table.visible(clickhouse, project, query.predicates())
    summary, buckets = await trace_table.fetch_overview(clickhouse, project, kept, query.bucket_seconds)
    return views.overview(summary, buckets)


@router.get("/traces-options/{facet}", operation_id="listTraceOptions")
async def list_options(
    facet: Facet, query: TracesFilter, project: ViewedProject, clickhouse: CurrentClickHouse
) -> OptionsShape:
    """The most frequent values of a facet among the traces a filter keeps."""
    kept = await trace_table.visible(clickhouse, project, query.predicates())
    found = await clickhouse.fetch_tuples(project, trace_table.options_of(kept, facet))
    return OptionsShape.model_validate({"options": [{"value": value, "traces": count} for value, count in found]})


@router.get("/traces/{trace_id:path}", operation_id="getTrace", responses={200: {"model": TraceShape}})
async def get_trace(trace_id: str, project: ViewedProject, clickhouse: CurrentClickHouse) -> Response:
    """A trace's own fields, the skeleton of all its observations, and its scores; no texts."""
    trace, bones, scores = await asyncio.gather(
        traces.find(clickhouse, project, trace_id, with_text=False),
        trace_skeleton.fetch(clickhouse, project, trace_id),
        traces.fetch_scores(clickhouse, project, trace_id),
    )
    if trace is None:
        raise errors.NotFoundError("This trace does not exist, was deleted, or has not arrived yet")
    body = {
        "trace": views.trace_head(trace),
        "skeleton": views.skeleton(bones),
        "scores": [views.trace_score(score) for score in scores],
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@router.get("/trace-texts/{trace_id:path}", operation_id="getTraceTexts")
async def get_trace_texts(trace_id: str, project: ViewedProject, clickhouse: CurrentClickHouse) -> TraceTextsShape:
    """Input, output and metadata of a trace; long ones are cut."""
    trace = await traces.find(clickhouse, project, trace_id)
    if trace is None:
        raise errors.NotFoundError("This trace does not exist, was deleted, or has not arrived yet")
    return views.texts(trace.input, trace.output, trace.metadata)


@router.get("/trace-texts-whole/{field}/{trace_id:path}", operation_id="getWholeTraceText")
async def get_whole_trace_text(
    field: schemas.TextField, trace_id: str, project: ViewedProject, clickhouse: CurrentClickHouse
) -> PlainTextResponse:
    """One text of a trace, uncut."""
    trace = await traces.find(clickhouse, project, trace_id)
    return _whole(None if trace is None else views.text_of(field, trace.input, trace.output))


@router.get("/observations/{observation_id:path}", operation_id="getObservation")
async def get_observation(
    observation_id: str, trace_id: schemas.OfTrace, project: ViewedProject, clickhouse: CurrentClickHouse
) -> ObservationDetailShape:
    """One observation of a trace with its texts; long ones are cut."""
    return views.observation_detail(await _observation(clickhouse, project, trace_id, observation_id))


@router.get("/observation-texts-whole/{field}/{observation_id:path}", operation_id="getWholeObservationText")
async def get_whole_observation_text(
    field: schemas.TextField,
    observation_id: str,
    trace_id: schemas.OfTrace,
    project: ViewedProject,
    clickhouse: CurrentClickHouse,
) -> PlainTextResponse:
    """One text of an observation, uncut."""
    row = await _observation(clickhouse, project, trace_id, observation_id)
    return _whole(views.text_of(field, row.input, row.output))


@router.post("/traces-deletion", operation_id="deleteTraces", status_code=204)
async def delete_traces(body: DeleteTracesRequest, project: AdministeredProject, clickhouse: CurrentClickHouse) -> None:
    """Delete traces with all that belongs to them; unknown ids are no error."""
    await deletion.delete_traces(clickhouse, project, sorted(set(body.trace_ids)), time.time_ns() // 1_000_000)


async def _observation(
    clickhouse: ClickHouse, project: ProjectScope, trace_id: str, observation_id: str
) -> ObservationRow:
    found = await observations.fetch(clickhouse, project, [ObservationKey(trace_id, observation_id, 0)], Texts.ALL)
    if not found:
        raise errors.NotFoundError("This observation does not exist or was deleted")
    return found[0]


def _whole(text: str | None) -> PlainTextResponse:
    if text is None:
        raise errors.NotFoundError("There is no such text")
    # A browser that opens it must not take it for a page.
    return PlainTextResponse(text, headers={"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"})
