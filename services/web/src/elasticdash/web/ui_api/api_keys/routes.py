"""API keys of a project: list, create, revoke."""

from fastapi import APIRouter

from elasticdash.shared import errors, ids
from elasticdash.shared.postgres import api_keys
from elasticdash.shared.postgres.api_keys import NewApiKey
from elasticdash.web.auth.policies import AdministeredProject, CurrentUserChange
from elasticdash.web.dependencies import CurrentServices, ReadingSession, WritingSession
from elasticdash.web.ui_api.api_keys.schemas import (
    ApiKeyShape,
    ApiKeysShape,
    CreateApiKeyRequest,
    CreatedApiKeyShape,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}/api-keys", tags=["api keys"], route_class=UiRoute)


@router.get("", operation_id="listApiKeys")
async def list_api_keys(project: AdministeredProject, session: ReadingSession) -> ApiKeysShape:
    """Every key of the project, without secrets."""
    found = await api_keys.list_all(session, project)
    return ApiKeysShape(keys=[ApiKeyShape.model_validate(key) for key in found])


@router.post("", operation_id="createApiKey", status_code=201)
async def create_api_key(
    body: CreateApiKeyRequest,
    project: AdministeredProject,
    services: CurrentServices,
    session: WritingSession,
    change: CurrentUserChange,
) -> CreatedApiKeyShape:
    """Create a key; its secret is shown now and never again."""
    new = NewApiKey(f"pk-lf-{ids.new_id()}", f"sk-lf-{ids.new_id()}", (body.note or "").strip() or None)
    api_key_id = await api_keys.create(session, project, services.authenticator.hasher, new, change)
    return CreatedApiKeyShape(id=api_key_id, public_key=new.public_key, secret_key=new.secret_key)


@router.delete("/{api_key_id}", operation_id="revokeApiKey", status_code=204)
async def revoke_api_key(
    api_key_id: str,
    project: AdministeredProject,
    services: CurrentServices,
    session: WritingSession,
    change: CurrentUserChange,
) -> None:
    """Revoke a key; other web processes notice within seconds."""
    public_key = await api_keys.delete(session, project, api_key_id, change)
    if public_key is None:
        raise errors.NotFoundError("The project has no such key")
    await session.commit()
    # Only after the commit: asked before it, the store would still say yes.
    services.authenticator.forget(public_key)
