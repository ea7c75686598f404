"""Talks to an OpenID Connect provider: where things are, its keys, codes for tokens, who somebody is."""

import asyncio
import functools
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote_plus

import httpx
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from elasticdash.web.auth.oidc.failures import SignInRefusedError
from elasticdash.web.auth.oidc.rules import OidcRules

_TIMEOUT_SECONDS = 10.0
_KEPT_SECONDS = 3600.0
# A token under a key we don't know asks for the keys again, but strangers must not make us ask all the time.
_REFRESH_PAUSE_SECONDS = 30.0
_MAX_ANSWER_BYTES = 1 << 20
_DISCOVERY = "/.well-known/openid-configuration"

T = TypeVar("T")


class Endpoints(msgspec.Struct, frozen=True):
    """What a provider says about itself; what we don't use is not looked at."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None


class Tokens(msgspec.Struct, frozen=True):
    """What a provider gives for a code."""

    id_token: str
    access_token: str | None = None


class _RawKeys(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was last heard from the provider, and when."""

    endpoints: Endpoints
    keys: KeySet
    at: float


@dataclass(slots=True)
class Provider:
    """One provider, asked again after an hour, or when it signs with a key that is new."""

    rules: OidcRules
    now: Callable[[], float] = time.monotonic
    _known: _Known | None = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def endpoints(self) -> Endpoints:
        """Where things are. SignInRefusedError ("provider") when it does not say."""
        return (await self._current(_KEPT_SECONDS)).endpoints

    async def keys_for(self, key_id: str | None) -> KeySet:
        """The provider's keys, asked for anew when they lack this one. SignInRefusedError ("provider")."""
        known = await self._current(_KEPT_SECONDS)
        if key_id is not None and all(key.kid != key_id for key in known.keys):
            known = await self._current(_REFRESH_PAUSE_SECONDS)
        return known.keys

    async def tokens(self, code: str, verifier: str) -> Tokens:
        """What the code of an answer is worth. SignInRefusedError ("provider")."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.rules.redirect_uri,
            "code_verifier": verifier,
        }
        auth = None
        if self.rules.client_auth_method == "client_secret_post":
            form |= {"client_id": self.rules.client_id, "client_secret": self.rules.client_secret}
        else:
            # RFC 6749 2.3.1: both are encoded as form fields first.
            auth = httpx.BasicAuth(quote_plus(self.rules.client_id), quote_plus(self.rules.client_secret))
        endpoint = (await self.endpoints()).token_endpoint
        async with _client() as client:
            return await _asked(client, client.build_request("POST", endpoint, data=form), Tokens, auth)

    async def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """What the provider tells beside the ID token; empty when it tells nothing. SignInRefusedError ("provider")."""
        endpoint = (await self.endpoints()).userinfo_endpoint
        if endpoint is None:
            return {}
        async with _client() as client:
            request = client.build_request("GET", endpoint, headers={"authorization": f"Bearer {access_token}"})
            return await _asked(client, request, dict[str, Any])

    async def _current(self, max_age_seconds: float) -> _Known:
        async with self._asking:
            if self._known is None or self.now() - self._known.at >= max_age_seconds:
                self._known = await self._heard()
            return self._known

    async def _heard(self) -> _Known:
        address = self.rules.issuer.rstrip("/") + _DISCOVERY
        async with _client() as client:
            endpoints = await _asked(client, client.build_request("GET", address), Endpoints)
            if endpoints.issuer.rstrip("/") != self.rules.issuer.rstrip("/"):
                raise SignInRefusedError("provider", "the provider calls itself another issuer")
            if self.rules.issuer.startswith("https:") and not _are_secure(endpoints):
                raise SignInRefusedError("provider", "the provider names addresses without TLS")
            raw = await _asked(client, client.build_request("GET", endpoints.jwks_uri), _RawKeys)
        return _Known(endpoints, _usable(raw), self.now())


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=_trusted(), timeout=_TIMEOUT_SECONDS, follow_redirects=False, headers={"accept": "application/json"}
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    # Reading the certificates takes longer than a request.
    return httpx.create_ssl_context()


async def _asked(
    client: httpx.AsyncClient, request: httpx.Request, expected: type[T], auth: httpx.Auth | None = None
) -> T:
    """The answer as what it should be. Its text stays out of errors: it may hold tokens."""
    where = request.url.path
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            response = await client.send(request, auth=auth, stream=True)
            try:
                body = await _bounded(response, where)
            finally:
                await response.aclose()
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        # TimeoutError is an OSError.
        raise SignInRefusedError("provider", f"{where}: {type(error).__name__}") from error
    if not response.is_success:
        raise SignInRefusedError("provider", f"{where} answered {response.status_code}")
    try:
        return msgspec.json.decode(body, type=expected)
    except msgspec.MsgspecError as error:
        raise SignInRefusedError("provider", f"{where} answered something else") from error


async def _bounded(response: httpx.Response, where: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            raise SignInRefusedError("provider", f"{where} answered more than {_MAX_ANSWER_BYTES} bytes")
    return bytes(body)


def _are_secure(endpoints: Endpoints) -> bool:
    used = (endpoints.authorization_endpoint, endpoints.token_endpoint, endpoints.jwks_uri, endpoints.userinfo_endpoint)
    return all(address is None or address.startswith("https:") for address in used)


def _usable(raw: _RawKeys) -> KeySet:
    keys: list[Key] = []
    for each in raw.keys:
        # Providers list keys of other uses, and of kinds nobody knew yet.
        if each.get("use", "sig") != "sig" or each.get("kty") == "oct":
            continue
        try:
            keys += KeySet.import_key_set({"keys": [each]}).keys
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    if not keys:
        raise SignInRefusedError("provider", "the provider has no key to check signatures with")
    return KeySet(keys)
