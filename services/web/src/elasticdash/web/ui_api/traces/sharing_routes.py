"""Makes one trace visible to everyone who has its link, and hides it again."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request

from elasticdash.shared import errors, ids
from elasticdash.shared.postgres import audit
from elasticdash.web.auth.policies import CurrentUserChange, EditedProject
from elasticdash.web.auth.principal import Principal
from elasticdash.web.dependencies import CurrentServices
from elasticdash.web.ingest.answers import sender_of
from elasticdash.web.ui_api.traces import reading
from elasticdash.web.ui_api.traces.schemas import ShareTraceRequest
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}", tags=["traces"], route_class=UiRoute)


@router.put("/trace-sharing/{trace_id:path}", operation_id="shareTrace", status_code=204)
async def share_trace(
    trace_id: str,
    body: ShareTraceRequest,
    project: EditedProject,
    change: CurrentUserChange,
    services: CurrentServices,
    request: Request,
) -> None:
    """State that a trace is public, or that it is not; it is so within seconds. NotFoundError."""
    trace = await reading.get_trace_head(services.clickhouse, project, trace_id)
    principal = Principal(project, "project", public_key="", api_key_id=change.actor.id)
    event = {
        "id": ids.new_id(),
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "type": "trace-create",
        "body": {"id": trace.id, "environment": trace.environment, "public": body.public},
    }
    with services.gate.ingesting(request.scope, principal, None) as hold:
        result = await services.acceptor.accept_events(principal, [event], sender_of(request), hold)
    for failure in result.failures:
        raise errors.InvalidRequestError(failure.error)
    async with services.database.writing() as session:
        await audit.record(
            session,
            change,
            action="create" if body.public else "delete",
            resource_type="public link of trace",
            resource_id=trace.id,
            project_id=project.project_id,
        )
