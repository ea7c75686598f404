"""Metrics: the query language in both API generations, and the older daily report."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from elasticdash.shared.clickhouse import daily_metrics, filter_columns, filters, metrics
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.daily_metrics import Day
from elasticdash.shared.clickhouse.metrics_query import MetricsQuery
from elasticdash.shared.clickhouse.metrics_views import View
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.dependencies import AuthenticatedRoute, CurrentClickHouse, CurrentProject
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.metrics import query_language, schemas
from elasticdash.web.public_api.metrics.schemas import DailyMetricsQuery
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json

router = APIRouter(prefix="/api/public", tags=["Metrics"], route_class=AuthenticatedRoute)

QueryText = Annotated[str, Query(description="The query as JSON")]


@router.get("/v2/metrics", operation_id="metrics_metrics", responses={200: {"model": schemas.MetricsResponse}})
async def get_metrics_v2(query: QueryText, project: CurrentProject, clickhouse: CurrentClickHouse) -> Response:
    """Groups of observations or scores with their metrics."""
    return await _answer(clickhouse, project, *query_language.parse_v2(query))


@router.get("/metrics", operation_id="legacy_metricsV1_metrics", responses={200: {"model": schemas.MetricsResponse}})
async def get_metrics_v1(query: QueryText, project: CurrentProject, clickhouse: CurrentClickHouse) -> Response:
    """Groups of traces, observations or scores with their metrics."""
    return await _answer(clickhouse, project, *query_language.parse_v1(query))


@router.get(
    "/metrics/daily", operation_id="legacy_metricsV1_daily", responses={200: {"model": schemas.DailyMetricsResponse}}
)
async def list_daily_metrics(
    query: DailyMetricsQuery, page: RequestedPage, project: CurrentProject, clickhouse: CurrentClickHouse
) -> Response:
    """A page of days with what was used on them, newest first."""
    of_traces = filters.compile_all(filter_columns.TRACES, query.conditions("timestamp"), ())
    of_observations = filters.compile_all(filter_columns.OBSERVATIONS, query.conditions("startTime"), ())
    days = await daily_metrics.fetch_days(clickhouse, project, of_traces, of_observations)
    shown = [_day_view(day) for day in days[page.offset : page.offset + page.limit]]
    return _json({"data": shown, "meta": page_meta(page, len(days)).model_dump(by_alias=True)})


async def _answer(clickhouse: ClickHouse, project: ProjectScope, view: View, query: MetricsQuery) -> Response:
    rows = await metrics.fetch(clickhouse, project, view, query)
    for row in rows:
        if metrics.TIME_KEY in row:
            row[metrics.TIME_KEY] = json_text.time_of_ms(row[metrics.TIME_KEY] * 1000)
    return _json({"data": rows})


def _day_view(day: Day) -> dict[str, Json]:
    return {
        "date": day.date.isoformat(),
        "countTraces": day.trace_count,
        "countObservations": day.observation_count,
        "totalCost": float(day.total_cost_usd),
        "usage": [
            {
                "model": usage.model,
                "inputUsage": usage.input_usage,
                "outputUsage": usage.output_usage,
                "totalUsage": usage.total_usage,
                "totalCost": float(usage.total_cost_usd),
                "countObservations": usage.observation_count,
                "countTraces": usage.trace_count,
            }
            for usage in day.usage
        ],
    }


def _json(body: Mapping[str, Json]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
