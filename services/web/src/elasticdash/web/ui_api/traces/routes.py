"""The trace table, one trace, and its parts on demand."""

import asyncio

import msgspec
from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from elasticdash.shared.clickhouse import trace_skeleton, trace_table, traces
from elasticdash.shared.clickhouse.rows import ObservationKey
from elasticdash.shared.clickhouse.trace_table import Facet, Position
from elasticdash.web import trace_deletion
from elasticdash.web.auth.policies import AdministeredProject, ViewedProject
from elasticdash.web.dependencies import CurrentClickHouse, CurrentServices
from elasticdash.web.trace_filter import TracesFilter
from elasticdash.web.ui_api.traces import reading, schemas, views
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
        reading.get_trace_head(clickhouse, project, trace_id),
        trace_skeleton.fetch(clickhouse, project, trace_id),
        traces.fetch_scores(clickhouse, project, trace_id),
    )
    body = {
        "trace": views.trace_head(trace),
        "skeleton": views.skeleton(bones),
        "scores": [views.trace_score(score) for score in scores],
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@router.get("/trace-texts/{trace_id:path}", operation_id="getTraceTexts")
async def get_trace_texts(trace_id: str, project: ViewedProject, clickhouse: CurrentClickHouse) -> TraceTextsShape:
    """Input, output and metadata of a trace; long ones are cut."""
    return await reading.get_texts(clickhouse, project, trace_id)


@router.get("/trace-texts-whole/{field}/{trace_id:path}", operation_id="getWholeTraceText")
async def get_whole_trace_text(
    field: schemas.TextField, trace_id: str, project: ViewedProject, clickhouse: CurrentClickHouse
) -> PlainTextResponse:
    """One text of a trace, uncut."""
    return await reading.get_whole_trace_text(clickhouse, project, trace_id, field)


@router.get("/observations/{observation_id:path}", operation_id="getObservation")
async def get_observation(
    observation_id: str, trace_id: schemas.OfTrace, project: ViewedProject, clickhouse: CurrentClickHouse
) -> ObservationDetailShape:
    """One observation of a trace with its texts; long ones are cut."""
    return views.observation_detail(
        await reading.get_observation(clickhouse, project, ObservationKey(trace_id, observation_id, 0))
    )


@router.get("/observation-texts-whole/{field}/{observation_id:path}", operation_id="getWholeObservationText")
async def get_whole_observation_text(
    field: schemas.TextField,
    observation_id: str,
    trace_id: schemas.OfTrace,
    project: ViewedProject,
    clickhouse: CurrentClickHouse,
) -> PlainTextResponse:
    """One text of an observation, uncut."""
    return await reading.get_whole_text(clickhouse, project, ObservationKey(trace_id, observation_id, 0), field)


@router.post("/traces-deletion", operation_id="deleteTraces", status_code=204)
async def delete_traces(body: DeleteTracesRequest, project: AdministeredProject, services: CurrentServices) -> None:
    """Delete traces with all that belongs to them; unknown ids are no error."""
    await trace_deletion.delete_traces(services, project, body.trace_ids)
