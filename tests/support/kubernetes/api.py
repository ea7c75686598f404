"""A plain client of the Kubernetes API for tests: any kind by its apiVersion and kind, answers as they come."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import httpx

from support.kubernetes.kubeconfig import Access

Object = dict[str, Any]
T = TypeVar("T")

FIELD_MANAGER = "tests"
WAIT_SECONDS = 30.0
POLL_PAUSE_SECONDS = 0.05
_TIMEOUT_SECONDS = 30.0
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"


class ApiError(Exception):
    """The API server refused a request; carries its HTTP status, its reason and its message."""

    def __init__(self, response: httpx.Response) -> None:
        try:
            answer: Any = response.json()
        except ValueError:
            answer = {"message": response.text}
        self.status_code = response.status_code
        self.reason = str(answer.get("reason", ""))
        self.message = str(answer.get("message", ""))
        super().__init__(f"{self.status_code} {self.reason}: {self.message}")


class Api:
    """One user's view of one cluster. Objects are what the API returns, as dictionaries."""

    def __init__(self, access: Access, user_agent: str = "elasticdash-tests") -> None:
        headers = {"User-Agent": user_agent} | ({"Authorization": f"Bearer {access.token}"} if access.token else {})
        self.access = access
        self._client = httpx.Client(
            base_url=access.url, verify=access.ssl_context(), headers=headers, timeout=_TIMEOUT_SECONDS, trust_env=False
        )
        self._kinds: dict[tuple[str, str], tuple[str, bool]] = {}

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to one request; ApiError when it is a refusal."""
        response = self._client.request(method, path, **options)
        if response.is_error:
            raise ApiError(response)
        return response

    def is_ready(self) -> bool:
        """Whether the API server serves."""
        return self._client.get("/readyz").status_code == HTTPStatus.OK

    def apply(self, manifest: Mapping[str, Any], *, manager: str = FIELD_MANAGER) -> Object:
        """The object after a server-side apply that takes over fields others own."""
        query = {"fieldManager": manager, "force": "true"}
        return self._send("PATCH", self.path_of(manifest), manifest, _APPLY, query)

    def create(self, manifest: Mapping[str, Any]) -> Object:
        """The new object; ApiError 409 when it exists."""
        path = self.collection(manifest["apiVersion"], manifest["kind"], _namespace_of(manifest))
        return self.request("POST", path, json=manifest).json()

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object:
        """One object; ApiError 404 without it."""
        return self.request("GET", f"{self.collection(api_version, kind, namespace)}/{name}").json()

    def find(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """One object, None without it."""
        try:
            return self.get(api_version, kind, name, namespace)
        except ApiError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return None
            raise

    def list(self, api_version: str, kind: str, namespace: str | None = None, **query: str) -> list[Object]:
        """Objects of one namespace or of all, each with its apiVersion and kind, in the API's order."""
        answer = self.request("GET", self.collection(api_version, kind, namespace), params=query).json()
        return [{"apiVersion": api_version, "kind": kind, **item} for item in answer["items"]]

    def merge(self, target: Mapping[str, Any], change: Mapping[str, Any], subresource: str = "") -> Object:
        """The object after a JSON merge patch, of a subresource such as `status` if one is named."""
        path = "/".join(part for part in (self.path_of(target), subresource) if part)
        return self._send("PATCH", path, change, _MERGE, {"fieldManager": FIELD_MANAGER})

    def delete(self, target: Mapping[str, Any], **options: Any) -> None:
        """Delete an object if it is there, its dependents in the background; `options` are DeleteOptions."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background", **options}
        try:
            self.request("DELETE", self.path_of(target), json=body)
        except ApiError as error:
            if error.status_code != HTTPStatus.NOT_FOUND:
                raise

    def path_of(self, target: Mapping[str, Any]) -> str:
        """Where an object lives."""
        collection = self.collection(target["apiVersion"], target["kind"], _namespace_of(target))
        return f"{collection}/{target['metadata']['name']}"

    def collection(self, api_version: str, kind: str, namespace: str | None) -> str:
        """Where objects of a kind live; LookupError when the cluster does not serve it."""
        group = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        plural, is_namespaced = self._kinds.get((api_version, kind)) or self._discover(group, api_version, kind)
        return f"{group}/namespaces/{namespace}/{plural}" if is_namespaced and namespace else f"{group}/{plural}"

    def _discover(self, group: str, api_version: str, kind: str) -> tuple[str, bool]:
        for resource in self.request("GET", group).json()["resources"]:
            if "/" not in resource["name"]:
                self._kinds[api_version, resource["kind"]] = (resource["name"], resource["namespaced"])
        if (api_version, kind) not in self._kinds:
            raise LookupError(f"{api_version} has no {kind} here")
        return self._kinds[api_version, kind]

    def _send(self, method: str, path: str, body: Any, content_type: str, query: Mapping[str, str]) -> Object:
        return self.request(method, path, json=body, params=query, headers={"Content-Type": content_type}).json()


def eventually(read: Callable[[], T], accept: Callable[[T], bool], timeout_seconds: float = WAIT_SECONDS) -> T:
    """What `read` returns once `accept` takes it; AssertionError with its last answer when the time is over."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        answer = read()
        if accept(answer):
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not so after {timeout_seconds} s; the last answer was {answer!r}")
        time.sleep(POLL_PAUSE_SECONDS)


def _namespace_of(target: Mapping[str, Any]) -> str | None:
    return target["metadata"].get("namespace")
