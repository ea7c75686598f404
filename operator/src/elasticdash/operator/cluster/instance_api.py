"""What the operator asks of an instance's web, as its administrator."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from elasticdash.shared import errors

_TIMEOUT_SECONDS = 10.0
_REFUSALS: Mapping[int, type[errors.ElasticDashError]] = {
    HTTPStatus.UNAUTHORIZED: errors.AccessDeniedError,
    HTTPStatus.FORBIDDEN: errors.AccessDeniedError,
    HTTPStatus.NOT_FOUND: errors.NotFoundError,
    HTTPStatus.CONFLICT: errors.ConflictError,
}


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An API key."""

    public_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """An API key as web knows it. `note` says who made it."""

    id: str
    public_key: str
    note: str


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How many kept secrets are under the newest key of a kind (by its id), and under others."""

    current_id: str | None
    current_rows: int
    other_rows: int


class InstanceApi:
    """One instance's web. Close it after use, or use it as a context.

    Errors of every call: AccessDeniedError for a wrong admin key, UnavailableError when web can't answer now,
    InvalidRequestError for what it refuses otherwise; NotFoundError and ConflictError as each call says.
    """

    def __init__(self, base_url: str, admin_key: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._admin_key = admin_key
        self._http = httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT_SECONDS, transport=transport)

    async def __aenter__(self) -> "InstanceApi":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ensure_organization(self, organization_id: str, name: str) -> None:
        """Make the organization unless it is there; one that is there keeps its name."""
        try:
            await self._call("GET", f"/api/admin/organizations/{quote(organization_id)}")
        except errors.NotFoundError:
            await self._call("POST", "/api/admin/organizations", {"id": organization_id, "name": name})

    async def ensure_project(
        self, organization_id: str, project_id: str, name: str, retention_days: int | None
    ) -> None:
        """Make the project, or give it this name and retention. ConflictError when the name or the id is taken."""
        wanted = {"name": name, "retention": retention_days or 0}
        found = await self._call("GET", "/api/public/organizations/projects", organization_id=organization_id)
        present = {each["id"]: each for each in found["projects"]}.get(project_id)
        if present is None:
            body = {"id": project_id, **wanted}
            await self._call("POST", "/api/public/projects", body, organization_id)
        elif {"name": present["name"], "retention": present.get("retentionDays") or 0} != wanted:
            await self._call("PUT", f"/api/public/projects/{quote(project_id)}", wanted, organization_id)

    async def delete_project(self, organization_id: str, project_id: str) -> None:
        """Delete the project with its traces; nothing when it is gone."""
        try:
            await self._call("DELETE", f"/api/public/projects/{quote(project_id)}", organization_id=organization_id)
        except errors.NotFoundError:
            return

    async def list_keys(self, organization_id: str, project_id: str) -> Sequence[RegisteredKey]:
        """The project's API keys, newest first. NotFoundError when there is no such project."""
        found = await self._call("GET", _keys_path(project_id), organization_id=organization_id)
        return [RegisteredKey(each["id"], each["publicKey"], each.get("note") or "") for each in found["apiKeys"]]

    async def register_key(self, organization_id: str, project_id: str, pair: KeyPair, note: str) -> None:
        """Make this very key work for the project; again it is the same. ConflictError when another has it."""
        body = {"publicKey": pair.public_key, "secretKey": pair.secret_key, "note": note}
        try:
            await self._call("POST", _keys_path(project_id), body, organization_id)
        except errors.ConflictError:
            known = await self.list_keys(organization_id, project_id)
            if (pair.public_key, note) not in [(key.public_key, key.note) for key in known]:
                raise

    async def revoke_key(self, organization_id: str, project_id: str, key_id: str) -> None:
        """Take a key away; nothing when it is gone."""
        path = f"{_keys_path(project_id)}/{quote(key_id)}"
        try:
            await self._call("DELETE", path, organization_id=organization_id)
        except errors.NotFoundError:
            return

    async def is_accepted(self, pair: KeyPair) -> bool:
        """Whether web lets a project's key in."""
        credentials = base64.b64encode(f"{pair.public_key}:{pair.secret_key}".encode()).decode()
        try:
            await self._send("GET", "/api/public/projects", None, {"Authorization": f"Basic {credentials}"})
        except errors.AccessDeniedError:
            return False
        return True

    async def read_key_use(self) -> Mapping[str, KeyUse]:
        """By kind of key ("salt", "session", "encryption"), as the process sees it that answers."""
        found = await self._call("GET", "/api/admin/keys")
        return {kind: KeyUse(use["currentId"], use["currentRows"], use["otherRows"]) for kind, use in found.items()}

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, organization_id: str | None = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._admin_key}"}
        if organization_id is not None:
            headers |= {"x-langfuse-admin-api-key": self._admin_key, "x-langfuse-organization-id": organization_id}
        return await self._send(method, path, body, headers)

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Any:
        try:
            response = await self._http.request(method, path, json=body, headers=dict(headers))
        except httpx.HTTPError as error:
            raise errors.UnavailableError(f"{method} {path}: web did not answer") from error
        if response.is_success:
            return response.json()
        message = f"{method} {path}: {_said(response)}"
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status_code == 429:
            raise errors.UnavailableError(message)
        raise _REFUSALS.get(response.status_code, errors.InvalidRequestError)(message)


def _keys_path(project_id: str) -> str:
    return f"/api/public/projects/{quote(project_id)}/apiKeys"


def _said(response: httpx.Response) -> str:
    try:
        said: Any = response.json()
        issues = said["error"] if isinstance(said["error"], list) else ()
        return "; ".join([str(said["message"]), *(f"{each['path']}: {each['message']}" for each in issues)])
    except (ValueError, KeyError, TypeError):
        return f"status {response.status_code}"
