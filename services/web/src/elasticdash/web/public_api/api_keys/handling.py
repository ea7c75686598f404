"""What creating, listing and revoking a key is, whoever owns it."""

from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors
from elasticdash.shared.postgres import api_keys
from elasticdash.shared.postgres.api_keys import Owner
from elasticdash.shared.postgres.audit import Change
from elasticdash.web.public_api.api_keys.schemas import (
    ApiKeyResponse,
    ApiKeysResponse,
    CreateApiKeyRequest,
    CreatedApiKeyResponse,
    DeletedResponse,
)
from elasticdash.web.services import Services


async def list_keys(session: AsyncSession, owner: Owner) -> ApiKeysResponse:
    """The owner's keys, newest first."""
    found = await api_keys.list_all(session, owner)
    return ApiKeysResponse(api_keys=[ApiKeyResponse.model_validate(key) for key in found])


async def create_key(
    services: Services, session: AsyncSession, owner: Owner, body: CreateApiKeyRequest, change: Change
) -> CreatedApiKeyResponse:
    """A new key with its secret; ConflictError when the public half is taken."""
    pair = body.pair()
    api_key_id = await api_keys.create(session, owner, services.authenticator.hasher, pair, change)
    return CreatedApiKeyResponse.from_pair(api_key_id, pair, change.at)


async def delete_key(
    services: Services, session: AsyncSession, owner: Owner, api_key_id: str, change: Change
) -> DeletedResponse:
    """Revoke a key; NotFoundError when the owner has none with this id."""
    public_key = await api_keys.delete(session, owner, api_key_id, change)
    if public_key is None:
        raise errors.NotFoundError("API key not found")
    await session.commit()
    # Only after the commit: asked before it, the store would still say yes.
    services.authenticator.forget(public_key)
    return DeletedResponse()
