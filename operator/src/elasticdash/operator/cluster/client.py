"""The only Kubernetes client: plain objects over the API server's REST, every call bounded in time."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from kubernetes.aio import client, config

from elasticdash.operator.naming import labels
from elasticdash.operator.plan import observed
from elasticdash.operator.plan.observed import Manifest
from elasticdash.shared import errors

# Seconds before each repetition of a call the server could not take; Retry-After may ask for more.
_RETRY_DELAYS_SECONDS = (0.5, 1.0, 2.0, 4.0)
_LONGEST_RETRY_AFTER_SECONDS = 10.0
_REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
_PAGE_SIZE = 500
_DISCOVERY_SECONDS = 20.0
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_COMES_BACK = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_SERVICE_ACCOUNT_TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


class GoneError(errors.ElasticDashError):
    """The server has forgotten the state a page or a watch went on from; begin again."""


@dataclass(frozen=True, slots=True)
class _Resource:
    plural: str
    is_namespaced: bool


class Cluster:
    """Reads and writes objects. Close it after use.

    Errors: ConflictError (409), AccessDeniedError naming verb and resource (403), InvalidRequestError (400, 415, 422),
    NotFoundError for a kind the server doesn't know or the object written to, UnavailableError when the server can't
    answer in time.
    """

    def __init__(
        self,
        api: client.ApiClient,
        retry_delays_seconds: Sequence[float] = _RETRY_DELAYS_SECONDS,
        discovery_seconds: float = _DISCOVERY_SECONDS,
    ) -> None:
        self._api = api
        self._retry_delays_seconds = retry_delays_seconds
        self._discovery_seconds = discovery_seconds
        self._known: Mapping[tuple[str, str], _Resource] = {}
        self._known_at = float("-inf")
        self._discovering = asyncio.Lock()

    @classmethod
    async def connect(cls) -> Self:
        """Of the service account this process runs with, else of the KUBECONFIG. ConfigurationError without either."""
        configuration = client.Configuration()
        try:
            if _SERVICE_ACCOUNT_TOKEN.is_file():
                config.load_incluster_config(client_configuration=configuration)  # pyright: ignore[reportUnknownMemberType]
            else:
                await config.load_kube_config(client_configuration=configuration)  # pyright: ignore[reportUnknownMemberType]
        except config.ConfigException as error:
            raise errors.ConfigurationError(f"No way to a Kubernetes API server: {error}") from error
        return cls(client.ApiClient(configuration))

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def capabilities(self) -> frozenset[str]:
        """What the server serves now, as "group/version/Kind" (core: "v1/Kind"); at most some seconds old."""
        await self._discover(self._discovery_seconds)
        return frozenset(f"{api_version}/{kind}" for api_version, kind in self._known)

    async def find(self, api_version: str, kind: str, namespace: str | None, name: str) -> Manifest | None:
        """The object; None when it or its kind doesn't exist."""
        try:
            return await self._call("GET", await self._path(api_version, kind, namespace, name))
        except errors.NotFoundError:
            return None

    async def list_all(
        self, api_version: str, kind: str, namespace: str | None, selector: Mapping[str, str] | None = None
    ) -> list[Manifest]:
        """All objects of a kind with these labels; of every namespace without one. Empty for an unknown kind."""
        try:
            path = await self._path(api_version, kind, namespace)
        except errors.NotFoundError:
            return []
        query = {"limit": str(_PAGE_SIZE)}
        if selector:
            query["labelSelector"] = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
        for _ in range(3):
            try:
                return [
                    {**item, "apiVersion": api_version, "kind": kind} for item in await self._all_pages(path, query)
                ]
            except GoneError:
                continue
            except errors.NotFoundError:
                # Its API was taken away a moment ago.
                self._known_at = float("-inf")
                return []
        raise errors.UnavailableError(f"The list of {kind} changed faster than it could be read")

    async def apply(self, manifest: Manifest, field_manager: str = labels.FIELD_MANAGER) -> Manifest:
        """Server-side apply the whole intent, taking contested fields over; the object as it then is."""
        return await self._patch(manifest, "", _APPLY, {"fieldManager": field_manager, "force": "true"})

    async def apply_status(self, manifest: Manifest) -> Manifest:
        """Server-side apply `status` alone. NotFoundError when the object is gone."""
        return await self._patch(manifest, "/status", _APPLY, {"fieldManager": labels.FIELD_MANAGER, "force": "true"})

    async def scale(self, target: Manifest, replicas: int) -> None:
        """Set the replicas of a Deployment through its scale, whoever owned them before."""
        body = {**_identity(target), "spec": {"replicas": replicas}}
        await self._patch(body, "/scale", _MERGE, {"fieldManager": labels.SCALING_FIELD_MANAGER})

    async def annotate(self, target: Manifest, annotations: Mapping[str, str | None]) -> None:
        """Set annotations of an object that exists; None removes one."""
        body = {**_identity(target), "metadata": {**_identity(target)["metadata"], "annotations": annotations}}
        await self._patch(body, "", _MERGE, {"fieldManager": labels.FIELD_MANAGER})

    async def create(self, manifest: Manifest) -> Manifest:
        """Make an object. ConflictError when it exists."""
        meta = manifest["metadata"]
        path = await self._path(manifest["apiVersion"], manifest["kind"], meta.get("namespace"))
        return await self._call("POST", path, {"fieldManager": labels.FIELD_MANAGER}, manifest)

    async def replace(self, manifest: Manifest) -> Manifest:
        """Write an object back. ConflictError when it changed since it was read."""
        return await self._call("PUT", await self._path_of(manifest), {"fieldManager": labels.FIELD_MANAGER}, manifest)

    async def delete(self, target: Manifest, propagation: str = "Background") -> None:
        """Delete this very object (by uid, when it has one); nothing happens when it is gone or another by now."""
        uid = target["metadata"].get("uid")
        body: dict[str, Any] = {"propagationPolicy": propagation}
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            await self._call("DELETE", await self._path_of(target), {}, body)
        except (errors.NotFoundError, errors.ConflictError):
            return

    async def _all_pages(self, path: str, query: Mapping[str, str]) -> list[Manifest]:
        found: list[Manifest] = []
        page = await self._call("GET", path, query)
        found.extend(observed.parts(page, "items"))
        while token := observed.part(page, "metadata").get("continue"):
            page = await self._call("GET", path, {**query, "continue": token})
            found.extend(observed.parts(page, "items"))
        return found

    async def _patch(self, manifest: Manifest, part: str, content_type: str, query: Mapping[str, str]) -> Manifest:
        path = await self._path_of(manifest) + part
        if part == "/scale":
            # The body of a scale is of another kind than the object it belongs to.
            manifest = {"spec": manifest["spec"]}
        return await self._call("PATCH", path, query, manifest, content_type)

    async def _path_of(self, manifest: Manifest) -> str:
        meta = manifest["metadata"]
        return await self._path(manifest["apiVersion"], manifest["kind"], meta.get("namespace"), meta["name"])

    async def _path(self, api_version: str, kind: str, namespace: str | None, name: str = "") -> str:
        if (api_version, kind) not in self._known:
            await self._discover(1.0)
        resource = self._known.get((api_version, kind))
        if resource is None:
            raise errors.NotFoundError(f"The API server knows no {kind} of {api_version}")
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        place = f"/namespaces/{quote(namespace)}" if namespace and resource.is_namespaced else ""
        return f"{root}{place}/{resource.plural}" + (f"/{quote(name)}" if name else "")

    async def _discover(self, at_most_seconds: float) -> None:
        async with self._discovering:
            if time.monotonic() - self._known_at <= at_most_seconds:
                return
            known: dict[tuple[str, str], _Resource] = {}
            for root in ("/api", "/apis"):
                answer = await self._call("GET", root, accept=_AGGREGATED)
                for group in observed.parts(answer, "items"):
                    known |= _resources_of(group)
            self._known, self._known_at = known, time.monotonic()

    async def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Manifest | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> Manifest:
        headers = {"Accept": accept, "Content-Type": content_type, "User-Agent": labels.FIELD_MANAGER}
        target = f"{path}?{urlencode(query)}" if query else path
        for delay_seconds in (*self._retry_delays_seconds, None):
            try:
                status, answered_headers, content = await self._send(method, target, headers, body)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if delay_seconds is None or method == "POST":
                    raise errors.UnavailableError(f"{method} {path}: the API server did not answer") from error
                await asyncio.sleep(delay_seconds)
                continue
            if status in _COMES_BACK and delay_seconds is not None:
                await asyncio.sleep(max(delay_seconds, _retry_after(answered_headers)))
                continue
            return _judged(method, path, status, content)
        raise AssertionError("the last attempt returns or raises")

    async def _send(
        self, method: str, target: str, headers: dict[str, str], body: Manifest | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        api: Any = self._api
        for auth in (await api.configuration.auth_settings()).values():
            headers = {**headers, auth["key"]: auth["value"]}
        url = f"{api.configuration.host}{target}"
        response = await api.rest_client.request(
            method, url, headers=headers, body=body, _request_timeout=_REQUEST_TIMEOUT
        )
        return response.status, response.headers, await response.read()


def _identity(target: Manifest) -> dict[str, Any]:
    meta = target["metadata"]
    return {
        "apiVersion": target["apiVersion"],
        "kind": target["kind"],
        "metadata": {"name": meta["name"], "namespace": meta.get("namespace")},
    }


def _resources_of(group: Manifest) -> dict[tuple[str, str], _Resource]:
    name = str(observed.part(group, "metadata").get("name") or "")
    return {
        (f"{name}/{version['version']}" if name else version["version"], kind): _Resource(
            resource["resource"], resource["scope"] == "Namespaced"
        )
        for version in observed.parts(group, "versions")
        for resource in observed.parts(version, "resources")
        if (kind := str(observed.part(resource, "responseKind").get("kind") or ""))
    }


def _retry_after(headers: Mapping[str, str]) -> float:
    asked = headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_RETRY_AFTER_SECONDS) if asked.isdigit() else 0.0


def _judged(method: str, path: str, status: int, content: bytes) -> Manifest:
    """The decoded answer, or the error its status means."""
    try:
        answer: Any = msgspec.json.decode(content) if content else {}
    except msgspec.DecodeError:
        answer = {}
    if status < HTTPStatus.BAD_REQUEST:
        return answer
    said = answer.get("message") if isinstance(answer, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    message = f"{method} {path}: {said or HTTPStatus(status).phrase}"
    if status == HTTPStatus.NOT_FOUND:
        raise errors.NotFoundError(message)
    if status == HTTPStatus.CONFLICT:
        raise errors.ConflictError(message)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise errors.AccessDeniedError(message)
    if status == HTTPStatus.GONE:
        raise GoneError(message)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _COMES_BACK:
        raise errors.UnavailableError(message)
    raise errors.InvalidRequestError(message)
