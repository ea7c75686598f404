"""Sessions: what traces with the same session id have in common."""

import asyncio
from collections.abc import Mapping

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import sessions, traces
from elasticdash.shared.clickhouse.rows import SessionRow
from elasticdash.shared.clickhouse.trace_list import Page
from elasticdash.web.dependencies import AuthenticatedRoute, CurrentClickHouse, CurrentProject
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.sessions import schemas
from elasticdash.web.public_api.sessions.schemas import SessionsQuery
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json
from elasticdash.web.views.trace_view import trace_view

router = APIRouter(prefix="/api/public", tags=["Sessions"], route_class=AuthenticatedRoute)


@router.get("/sessions", operation_id="sessions_list", responses={200: {"model": schemas.SessionsResponse}})
async def list_sessions(
    query: SessionsQuery, page: RequestedPage, project: CurrentProject, clickhouse: CurrentClickHouse
) -> Response:
    """A page of sessions, newest first."""
    kept = query.session_filter()
    rows, count = await asyncio.gather(
        sessions.fetch_page(clickhouse, project, kept, Page(page.limit, page.offset)),
        sessions.fetch_count(clickhouse, project, kept),
    )
    data = [_session_view(project.project_id, row) for row in rows]
    return _json({"data": data, "meta": page_meta(page, count).model_dump(by_alias=True)})


@router.get(
    "/sessions/{session_id:path}",
    operation_id="sessions_get",
    responses={200: {"model": schemas.SessionWithTracesShape}},
)
async def get_session(session_id: str, project: CurrentProject, clickhouse: CurrentClickHouse) -> Response:
    """One session with its traces, oldest first."""
    found = await sessions.find(clickhouse, project, session_id)
    if found is None:
        raise errors.NotFoundError(f"Session {session_id} not found within authorized project")
    session, trace_ids = found
    rows = await traces.fetch(clickhouse, project, trace_ids, with_text=True)
    shown = [trace_view(project.project_id, rows[id_]) for id_ in trace_ids if id_ in rows]
    return _json(_session_view(project.project_id, session) | {"traces": shown})


def _session_view(project_id: str, row: SessionRow) -> dict[str, Json]:
    return {
        "id": row.id,
        "createdAt": json_text.time_of_ms(row.created_ms),
        "projectId": project_id,
        "environment": row.environment,
    }


def _json(body: Mapping[str, Json]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
