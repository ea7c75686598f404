"""Reads and writes one project through a Langfuse API, patiently: what is overloaded or away is asked again."""

import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx
import structlog

from elasticdash.shared import errors

log = structlog.get_logger()

Json = Mapping[str, Any]

_TIMEOUT_SECONDS = 60.0
_ATTEMPTS = 8
_LONGEST_PAUSE_SECONDS = 60.0
_TRANSIENT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


class ApiClient:
    """A project at a base URL, by its keys."""

    def __init__(self, base_url: str, public_key: str, secret_key: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._client = httpx.Client(
            base_url=f"{self.base_url}/api/public", auth=(public_key, secret_key), timeout=_TIMEOUT_SECONDS
        )

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Json:
        """The answer's JSON. NotFoundError for 404; InvalidRequestError for 400, with what the API says;
        UnavailableError when it stays away; ElasticDashError for everything else.
        """
        return self._answer("GET", path, params=dict(parameters or {}))

    def post(self, path: str, body: Any) -> Json:
        """The answer's JSON; errors as for `get`."""
        return self._answer("POST", path, json=body)

    def count(self, path: str, parameters: Mapping[str, Any]) -> int:
        """How many items a list has."""
        return int(self.get(path, {**parameters, "limit": 1})["meta"]["totalItems"])

    def page(self, path: str, parameters: Mapping[str, Any], number: int, size: int) -> Sequence[Json]:
        """Items of one page of a list, the first page being 1; empty past its end."""
        return self.get(path, {**parameters, "page": number, "limit": size})["data"]

    def _answer(self, method: str, path: str, **request: Any) -> Json:
        pause_seconds = 1.0
        for attempt in range(_ATTEMPTS):
            response = self._try(method, path, request)
            if response is not None and not _is_transient(response):
                return self._checked(method, path, response)
            stated = response.headers.get("retry-after", "") if response is not None else ""
            wait_seconds = float(stated) if stated.isdigit() else pause_seconds
            log.warning("api_call_postponed", path=path, attempt=attempt, wait_seconds=wait_seconds)
            time.sleep(min(wait_seconds, _LONGEST_PAUSE_SECONDS))
            pause_seconds *= 2
        raise errors.UnavailableError(f"{self.base_url} did not answer {method} {path} in {_ATTEMPTS} attempts")

    def _try(self, method: str, path: str, request: Mapping[str, Any]) -> httpx.Response | None:
        try:
            return self._client.request(method, path, **request)
        except httpx.TransportError:
            return None

    def _checked(self, method: str, path: str, response: httpx.Response) -> Json:
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise errors.NotFoundError(f"{self.base_url} has no {path}")
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            raise errors.ConfigurationError(f"{self.base_url} refuses these API keys")
        if response.is_error:
            refusal = f"{self.base_url} refused {method} {path}: {response.text[:500]}"
            is_invalid = response.status_code == HTTPStatus.BAD_REQUEST
            raise errors.InvalidRequestError(refusal) if is_invalid else errors.ElasticDashError(refusal)
        return response.json()


def _is_transient(response: httpx.Response) -> bool:
    return response.status_code in _TRANSIENT or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
