"""Figures for charts, in the query language of the public API's first generation, which knows traces too."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from elasticdash.shared.clickhouse import metrics
from elasticdash.web.auth.policies import ViewedProject
from elasticdash.web.dependencies import CurrentClickHouse
from elasticdash.web.public_api.metrics import query_language
from elasticdash.web.public_api.metrics.schemas import MetricsResponse
from elasticdash.web.ui_route import UiRoute
from elasticdash.web.views import json_text

router = APIRouter(prefix="/projects/{project_id}/metrics", tags=["metrics"], route_class=UiRoute)


@router.get("", operation_id="queryMetrics", responses={200: {"model": MetricsResponse}})
async def query_metrics(
    query: Annotated[str, Query(description="The query as JSON")], project: ViewedProject, clickhouse: CurrentClickHouse
) -> Response:
    """Groups of traces, observations or scores with their metrics; times are starts of buckets."""
    rows = await metrics.fetch(clickhouse, project, *query_language.parse_v1(query))
    for row in rows:
        if metrics.TIME_KEY in row:
            row[metrics.TIME_KEY] = json_text.time_of_ms(row[metrics.TIME_KEY] * 1000)
    return Response(msgspec.json.encode({"data": rows}), media_type="application/json")
