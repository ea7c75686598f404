"""`/api/public/health` and `/api/public/ready`: whether the stores answer, checked when asked."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import liveness
from elasticdash.web.dependencies import CurrentServices
from elasticdash.web.public_api.health.schemas import HealthResponse
from elasticdash.web.services import Services
from elasticdash.web.wire import OptionalBoolean

_STOPPING = "The server is stopping"
_UNHEALTHY: dict[int | str, dict[str, Any]] = {
    503: {"model": HealthResponse, "description": "`status` says what is wrong"}
}
router = APIRouter(prefix="/api/public", tags=["Health"], responses=_UNHEALTHY)

_RECENT = timedelta(minutes=3)


@router.get("/health", operation_id="health_health")
async def health(
    services: CurrentServices,
    response: Response,
    fail_if_database_unavailable: Annotated[OptionalBoolean, Query(alias="failIfDatabaseUnavailable")] = None,
    fail_if_no_recent_events: Annotated[OptionalBoolean, Query(alias="failIfNoRecentEvents")] = None,
) -> HealthResponse:
    """200 while the process answers; what the flags ask for is checked too, and fails with 503."""
    problem = None
    if fail_if_database_unavailable:
        problem = await _store_problem(services)
    if problem is None and fail_if_no_recent_events:
        problem = await _silence_problem(services)
    return _answer(problem, response)


@router.get("/ready", operation_id="health_ready", responses={500: {"model": HealthResponse, "description": _STOPPING}})
async def ready(services: CurrentServices, response: Response) -> HealthResponse:
    """200 when every store answers, 503 when one doesn't, 500 once the server was told to stop."""
    if services.lifecycle.is_draining:
        response.status_code = 500
        return HealthResponse(status=_STOPPING)
    return _answer(await _store_problem(services), response)


async def _store_problem(services: Services) -> str | None:
    try:
        await services.database.check()
    except errors.UnavailableError:
        return "The metadata store is not available"
    try:
        await liveness.check(services.clickhouse)
    except errors.ElasticDashError:
        return "ClickHouse is not available"
    try:
        await services.blobs.check()
    except errors.UnavailableError:
        return "The object store is not available"
    return None


async def _silence_problem(services: Services) -> str | None:
    try:
        has_events = await liveness.has_events_since(services.clickhouse, datetime.now(UTC) - _RECENT)
    except errors.ElasticDashError:
        return "ClickHouse is not available"
    return None if has_events else "No traces or observations within the last 3 minutes"


def _answer(problem: str | None, response: Response) -> HealthResponse:
    if problem is not None:
        response.status_code = 503
    return HealthResponse(status=problem or "OK")
