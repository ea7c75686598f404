"""Traces of the first API generation: list, read, delete."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import (
    filter_columns,
    filter_conditions,
    filters,
    observations,
    trace_list,
    traces,
)
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.rows import ObservationRow, ScoreRow, TraceTotalsRow
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web import trace_deletion
from elasticdash.web.dependencies import AuthenticatedRoute, CurrentClickHouse, CurrentProject, CurrentServices
from elasticdash.web.pagination import Page, page_meta
from elasticdash.web.public_api.traces import schemas, whole_trace
from elasticdash.web.public_api.traces.schemas import DeleteTracesRequest, TracesQuery
from elasticdash.web.views.json_text import Json
from elasticdash.web.views.model_prices import CurrentModelPrices, ModelPrice, ids_of
from elasticdash.web.views.observation_view import number
from elasticdash.web.views.score_view import score_view
from elasticdash.web.views.shapes import WholeTraceShape
from elasticdash.web.views.trace_view import trace_view

router = APIRouter(prefix="/api/public", tags=["Trace"], route_class=AuthenticatedRoute)

_JSON = "application/json"
# What a trace shows where a group of fields was not asked for.
_NOT_ASKED = -1
# The score shapes of this API generation have no place for a correction.
_NOT_IN_V1 = "CORRECTION"


@router.get("/traces", operation_id="trace_list", responses={200: {"model": schemas.TracesResponse}})
async def list_traces(query: TracesQuery, project: CurrentProject, clickhouse: CurrentClickHouse) -> Response:
    """A page of traces, newest first unless ordered otherwise."""
    groups, page = query.groups(), query.requested_page()
    order = trace_list.parse_order(query.order_by)
    predicates = filters.compile_all(filter_columns.TRACES, query.conditions(), filter_conditions.parse(query.filter))
    found = await trace_list.fetch_page(
        clickhouse, project, predicates, order, trace_list.Page(page.limit, page.offset)
    )
    data = await _list_rows(clickhouse, project, found.rows, groups)
    return _json({"data": data, "meta": _meta(page, found.total_items)})


@router.get("/traces/{trace_id:path}", operation_id="trace_get", responses={200: {"model": WholeTraceShape}})
async def get_trace(
    trace_id: str,
    project: CurrentProject,
    clickhouse: CurrentClickHouse,
    model_prices: CurrentModelPrices,
    fields: Annotated[str | None, Query()] = None,
) -> Response:
    """One trace with its observations and scores."""
    groups = schemas.parse_groups(fields)
    read = _observations_if(clickhouse, project, trace_id, "observations" in groups)
    trace, blocks, stored_totals, scores = await asyncio.gather(
        traces.find(clickhouse, project, trace_id, with_text="io" in groups),
        whole_trace.begun(read),
        _totals_if(clickhouse, project, trace_id, "metrics" in groups and "observations" not in groups),
        _scores_if(clickhouse, project, trace_id, "scores" in groups),
    )
    if trace is None:
        await read.aclose()
        raise errors.NotFoundError(f"Trace {trace_id} not found within authorized project")
    in_v1 = [score for score in scores if score.data_type != _NOT_IN_V1]
    head = trace_view(project.project_id, trace)
    head["scores"] = [score_view(project.project_id, score) for score in in_v1]

    async def prices_of(rows: Sequence[ObservationRow]) -> Mapping[str, ModelPrice]:
        return await model_prices(project, ids_of(rows))

    def tail(totals: whole_trace.Totals) -> Mapping[str, Json]:
        return _metrics(stored_totals or totals.row(trace_id), groups)

    return await whole_trace.answer(whole_trace.pieces(project.project_id, head, blocks, prices_of, tail))


@router.delete(
    "/traces/{trace_id:path}", operation_id="trace_delete", responses={200: {"model": schemas.DeletedResponse}}
)
async def delete_trace(trace_id: str, project: CurrentProject, services: CurrentServices) -> Response:
    """Delete one trace with all that belongs to it; an unknown id is no error."""
    await trace_deletion.delete_traces(services, project, [trace_id])
    return _json({"message": "Trace deleted successfully"})


@router.delete("/traces", operation_id="trace_deleteMultiple", responses={200: {"model": schemas.DeletedResponse}})
async def delete_traces(body: DeleteTracesRequest, project: CurrentProject, services: CurrentServices) -> Response:
    """Delete traces with all that belongs to them; unknown ids are no error."""
    await trace_deletion.delete_traces(services, project, body.trace_ids)
    return _json({"message": "Traces deleted successfully"})


async def _list_rows(
    clickhouse: ClickHouse, project: ProjectScope, totals: Mapping[str, TraceTotalsRow], groups: frozenset[str]
) -> list[dict[str, Json]]:
    ids = list(totals)
    found, observation_ids, score_ids = await asyncio.gather(
        traces.fetch(clickhouse, project, ids, with_text="io" in groups),
        _observation_ids_if(clickhouse, project, ids, "observations" in groups),
        _score_ids_if(clickhouse, project, ids, "scores" in groups),
    )
    return [
        trace_view(project.project_id, found[id_])
        | _metrics(totals[id_], groups)
        | {
            "observations": observation_ids.get(id_, []),
            "scores": score_ids.get(id_, []),
        }
        for id_ in ids
        if id_ in found
    ]


async def _observations_if(
    clickhouse: ClickHouse, project: ProjectScope, trace_id: str, is_asked: bool
) -> AsyncGenerator[Sequence[ObservationRow]]:
    if is_asked:
        async with contextlib.aclosing(observations.stream_of_trace(clickhouse, project, trace_id)) as blocks:
            async for block in blocks:
                yield block


async def _observation_ids_if(
    clickhouse: ClickHouse, project: ProjectScope, trace_ids: Sequence[str], is_asked: bool
) -> Mapping[str, Sequence[str]]:
    return await traces.fetch_observation_ids(clickhouse, project, trace_ids) if is_asked else {}


async def _totals_if(
    clickhouse: ClickHouse, project: ProjectScope, trace_id: str, is_asked: bool
) -> TraceTotalsRow | None:
    return (await traces.fetch_totals(clickhouse, project, [trace_id])).get(trace_id) if is_asked else None


async def _scores_if(
    clickhouse: ClickHouse, project: ProjectScope, trace_id: str, is_asked: bool
) -> Sequence[ScoreRow]:
    return await traces.fetch_scores(clickhouse, project, trace_id) if is_asked else []


async def _score_ids_if(
    clickhouse: ClickHouse, project: ProjectScope, trace_ids: Sequence[str], is_asked: bool
) -> Mapping[str, Sequence[str]]:
    return await traces.fetch_score_ids(clickhouse, project, trace_ids) if is_asked else {}


def _metrics(totals: TraceTotalsRow, groups: frozenset[str]) -> dict[str, Json]:
    if "metrics" not in groups:
        return {"latency": _NOT_ASKED, "totalCost": _NOT_ASKED}
    return {"latency": totals.latency_seconds or 0, "totalCost": number(totals.total_cost_usd) or 0}


def _meta(page: Page, count: int) -> dict[str, Json]:
    meta = page_meta(page, count)
    next_page = {"next": schemas.cursor_of_page(page.number + 1)} if page.number < meta.total_pages else {}
    return meta.model_dump(by_alias=True) | next_page


def _json(body: Mapping[str, Json]) -> Response:
    return Response(msgspec.json.encode(body), media_type=_JSON)
