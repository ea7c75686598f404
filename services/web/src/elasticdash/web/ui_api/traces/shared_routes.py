"""One trace for everyone who has its link: read only, and nothing else of its project."""

import asyncio

import msgspec
from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from elasticdash.shared.clickhouse import trace_skeleton
from elasticdash.shared.clickhouse.rows import ObservationKey
from elasticdash.web.auth.policies import ViewedSharedTrace
from elasticdash.web.dependencies import CurrentClickHouse
from elasticdash.web.ui_api.traces import reading, views
from elasticdash.web.ui_api.traces.schemas import (
    ObservationDetailShape,
    SharedTraceShape,
    TextField,
    TraceTextsShape,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/shared/{project_id}", tags=["shared traces"], route_class=UiRoute)


@router.get("/trace", operation_id="getSharedTrace", responses={200: {"model": SharedTraceShape}})
async def get_trace(shared: ViewedSharedTrace, clickhouse: CurrentClickHouse) -> Response:
    """The trace's own fields and the skeleton of all its observations; no texts."""
    trace, bones = await asyncio.gather(
        reading.get_trace_head(clickhouse, shared.scope, shared.trace_id),
        trace_skeleton.fetch(clickhouse, shared.scope, shared.trace_id),
    )
    body = {"trace": views.shared_trace_head(trace), "skeleton": views.skeleton(bones)}
    return Response(msgspec.json.encode(body), media_type="application/json")


@router.get("/trace-texts", operation_id="getSharedTraceTexts")
async def get_trace_texts(shared: ViewedSharedTrace, clickhouse: CurrentClickHouse) -> TraceTextsShape:
    """Input, output and metadata of the trace; long ones are cut."""
    return await reading.get_texts(clickhouse, shared.scope, shared.trace_id)


@router.get("/trace-texts-whole/{field}", operation_id="getWholeSharedTraceText")
async def get_whole_trace_text(
    field: TextField, shared: ViewedSharedTrace, clickhouse: CurrentClickHouse
) -> PlainTextResponse:
    """One text of the trace, uncut."""
    return await reading.get_whole_trace_text(clickhouse, shared.scope, shared.trace_id, field)


@router.get("/observations/{observation_id:path}", operation_id="getSharedObservation")
async def get_observation(
    observation_id: str, shared: ViewedSharedTrace, clickhouse: CurrentClickHouse
) -> ObservationDetailShape:
    """One observation of the trace with its texts; long ones are cut."""
    key = ObservationKey(shared.trace_id, observation_id, 0)
    return views.observation_detail(await reading.get_observation(clickhouse, shared.scope, key))


@router.get("/observation-texts-whole/{field}/{observation_id:path}", operation_id="getWholeSharedObservationText")
async def get_whole_observation_text(
    field: TextField, observation_id: str, shared: ViewedSharedTrace, clickhouse: CurrentClickHouse
) -> PlainTextResponse:
    """One text of an observation of the trace, uncut."""
    key = ObservationKey(shared.trace_id, observation_id, 0)
    return await reading.get_whole_text(clickhouse, shared.scope, key, field)
