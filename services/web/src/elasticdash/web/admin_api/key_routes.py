"""`/api/admin/keys`: how many kept secrets are under which key, so that an old key goes no sooner than it may."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from elasticdash.shared.postgres import key_use
from elasticdash.web.administration import InstanceChange, InstanceRoute
from elasticdash.web.dependencies import CurrentServices, ReadingSession
from elasticdash.web.wire import WireModel

router = APIRouter(prefix="/api/admin/keys", tags=["Admin"], route_class=InstanceRoute)


class KeyUseResponse(WireModel):
    """One kind of key; `currentId` is null when none is set. Ids tell nothing about the keys."""

    current_id: str | None
    current_rows: Annotated[int, Field(ge=0)]
    other_rows: Annotated[int, Field(ge=0)]


class KeyUsesResponse(WireModel):
    """Every kind of key of the process that answers."""

    salt: KeyUseResponse
    session: KeyUseResponse
    encryption: KeyUseResponse


@router.get("", operation_id="admin_getKeys")
async def get_keys(change: InstanceChange, services: CurrentServices, session: ReadingSession) -> KeyUsesResponse:
    """API keys by salt, live sessions by session secret, providers' secrets by encryption key."""
    return KeyUsesResponse.model_validate(await key_use.read(session, services.keys, change.at))
