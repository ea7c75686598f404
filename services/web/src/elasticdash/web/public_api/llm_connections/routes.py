"""`/api/public/llm-connections`: the project's providers of models, with secrets that are encrypted at rest."""

from fastapi import APIRouter, Request, Response

from elasticdash.shared import errors
from elasticdash.shared.postgres import llm_connections
from elasticdash.web.dependencies import (
    AuthenticatedRoute,
    CurrentChange,
    CurrentProject,
    CurrentServices,
    ReadingSession,
    WritingSession,
)
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.llm_connections.schemas import (
    DeletedResponse,
    LlmConnectionResponse,
    LlmConnectionsResponse,
    UpsertLlmConnectionRequest,
)

router = APIRouter(prefix="/api/public/llm-connections", tags=["LlmConnections"], route_class=AuthenticatedRoute)

_KNOWN_QUERY = frozenset({"page", "limit"})


@router.get("", operation_id="llmConnections_list")
async def list_llm_connections(
    request: Request, project: CurrentProject, session: ReadingSession, page: RequestedPage
) -> LlmConnectionsResponse:
    """The project's connections by provider, without secrets."""
    unknown = sorted(set(request.query_params) - _KNOWN_QUERY)
    if unknown:
        issues = [errors.FieldIssue((name,), "is not known here") for name in unknown]
        raise errors.InvalidRequestError("Invalid request data", issues)
    rows, total = await llm_connections.list_page(session, project, offset=page.offset, limit=page.limit)
    data = [LlmConnectionResponse.model_validate(row) for row in rows]
    return LlmConnectionsResponse(data=data, meta=page_meta(page, total))


@router.put("", operation_id="llmConnections_upsert", responses={201: {"model": LlmConnectionResponse}})
async def upsert_llm_connection(
    project: CurrentProject,
    services: CurrentServices,
    session: WritingSession,
    change: CurrentChange,
    response: Response,
    body: UpsertLlmConnectionRequest,
) -> LlmConnectionResponse:
    """The provider's connection, created (201) or replaced (200)."""
    if not services.keys.encryption.secrets:
        raise errors.AccessDeniedError("Secrets of providers can't be kept: set ENCRYPTION_KEY")
    saved, is_new = await llm_connections.save(session, project, services.keys.encryption, body.fields(), change)
    response.status_code = 201 if is_new else 200
    return LlmConnectionResponse.model_validate(saved)


@router.delete("/{connection_id}", operation_id="llmConnections_delete")
async def delete_llm_connection(
    project: CurrentProject, session: WritingSession, change: CurrentChange, connection_id: str
) -> DeletedResponse:
    """Remove a connection with its secrets."""
    await llm_connections.delete(session, project, connection_id, change)
    return DeletedResponse()
