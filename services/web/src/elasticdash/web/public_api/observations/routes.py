"""Observations of both API generations."""

from collections.abc import Mapping, Sequence

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import (
    filter_columns,
    filter_conditions,
    filters,
    observation_list,
    observations,
    traces,
)
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.observation_list import Position
from elasticdash.shared.clickhouse.observations import Texts
from elasticdash.shared.clickhouse.rows import ObservationRow, TraceRow
from elasticdash.shared.clickhouse.trace_list import Page
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web import pagination
from elasticdash.web.dependencies import AuthenticatedRoute, CurrentClickHouse, CurrentProject, CurrentServices
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.observations import experiment_filter, schemas
from elasticdash.web.public_api.observations.schemas import ObservationsQuery, ObservationsV2Query
from elasticdash.web.public_api.observations.views import Described, observation_v2_view, price_for
from elasticdash.web.views.json_text import Json
from elasticdash.web.views.model_prices import CurrentModelPrices, ids_of
from elasticdash.web.views.observation_view import observation_view
from elasticdash.web.views.shapes import ObservationShape

router = APIRouter(prefix="/api/public", tags=["Observations"], route_class=AuthenticatedRoute)

# Groups with keys that an observation may only know through its trace.
_NEED_TRACE = frozenset({"basic", "trace_context"})


@router.get(
    "/observations",
    operation_id="legacy_observationsV1_getMany",
    responses={200: {"model": schemas.ObservationsResponse}},
)
async def list_observations(
    query: ObservationsQuery,
    page: RequestedPage,
    project: CurrentProject,
    clickhouse: CurrentClickHouse,
    model_prices: CurrentModelPrices,
) -> Response:
    """A page of whole observations, newest first."""
    predicates = filters.compile_all(
        filter_columns.OBSERVATIONS, query.conditions(), filter_conditions.parse(query.filter)
    )
    found = await observation_list.fetch_page(clickhouse, project, predicates, Page(page.limit, page.offset))
    rows = await observations.fetch(clickhouse, project, found.keys, Texts.ALL)
    prices = await model_prices(project, ids_of(rows))
    data = [observation_view(project.project_id, row, prices) for row in rows]
    return _json({"data": data, "meta": page_meta(page, found.total_items).model_dump(by_alias=True)})


@router.get(
    "/observations/{observation_id:path}",
    operation_id="legacy_observationsV1_get",
    responses={200: {"model": ObservationShape}},
)
async def get_observation(
    observation_id: str, project: CurrentProject, clickhouse: CurrentClickHouse, model_prices: CurrentModelPrices
) -> Response:
    """One whole observation."""
    row = await observations.find(clickhouse, project, observation_id)
    if row is None:
        raise errors.NotFoundError("Observation not found within authorized project")
    prices = await model_prices(project, ids_of([row]))
    return _json(observation_view(project.project_id, row, prices))


# The second path is the one the ElasticDash documentation gives.
@router.get("/observations-v2", include_in_schema=False)
@router.get(
    "/v2/observations", operation_id="observations_getMany", responses={200: {"model": schemas.ObservationsV2Response}}
)
async def list_observations_v2(
    query: ObservationsV2Query,
    project: CurrentProject,
    clickhouse: CurrentClickHouse,
    services: CurrentServices,
    model_prices: CurrentModelPrices,
) -> Response:
    """Observations newest first, with the groups of fields asked for, from a cursor on."""
    groups = query.groups()
    limit = pagination.DEFAULT_LIMIT if query.limit is None else query.limit
    position = schemas.parse_cursor(query.cursor)
    conditions = filter_conditions.parse(query.filter)
    of_columns = [condition for condition in conditions if not experiment_filter.concerns(condition)]
    of_experiments = [condition for condition in conditions if experiment_filter.concerns(condition)]
    predicates = [
        *filters.compile_all(filter_columns.OBSERVATIONS_V2, query.conditions(), of_columns),
        *await experiment_filter.predicates(services.database, project, of_experiments),
    ]
    if limit == 0:
        return _json({"data": [], "meta": {}})
    # One key more than asked for tells whether another page exists.
    keys = await observation_list.fetch_after(clickhouse, project, predicates, position, limit + 1)
    rows = await observations.fetch(clickhouse, project, keys[:limit], _texts_for(groups))
    of_traces = await _traces_if(clickhouse, project, rows, bool(groups & _NEED_TRACE))
    prices = await model_prices(project, ids_of(rows) if "model" in groups else ())
    data = [
        observation_v2_view(
            project.project_id,
            Described(row, of_traces.get(row.trace_id), price_for(row, prices)),
            groups,
            query.expanded_keys(),
        )
        for row in rows
    ]
    last = Position(keys[limit - 1].start_us, keys[limit - 1].trace_id, keys[limit - 1].id) if keys[limit:] else None
    return _json({"data": data, "meta": {"cursor": schemas.cursor_after(last)} if last else {}})


def _texts_for(groups: frozenset[str]) -> Texts:
    if "io" in groups:
        return Texts.ALL
    return Texts.METADATA if "metadata" in groups else Texts.NONE


async def _traces_if(
    clickhouse: ClickHouse, project: ProjectScope, rows: Sequence[ObservationRow], is_needed: bool
) -> Mapping[str, TraceRow]:
    trace_ids = sorted({row.trace_id for row in rows})
    return await traces.fetch(clickhouse, project, trace_ids, with_text=False) if is_needed else {}


def _json(body: Mapping[str, Json]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
