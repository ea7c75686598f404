"""Signs people in with an OpenID Connect provider: authorization code with PKCE, state and nonce."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlencode

import structlog
from joserfc import jws
from joserfc.errors import JoseError

from elasticdash.shared.keyrings import SessionKeys
from elasticdash.shared.postgres import identities, user_sessions
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.identities import Identity, IdentityRefusedError
from elasticdash.web.auth.oidc import attempt, id_token
from elasticdash.web.auth.oidc.attempt import Attempt
from elasticdash.web.auth.oidc.failures import Reason, SignInRefusedError
from elasticdash.web.auth.oidc.id_token import Expected
from elasticdash.web.auth.oidc.provider import Provider
from elasticdash.web.auth.oidc.rules import OidcRules

log = structlog.get_logger()

# Each answer makes up to four requests to the provider: strangers must not make us flood it.
_PARALLEL_ANSWERS = 8


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send a browser, and what it has to keep meanwhile."""

    url: str
    sealed_attempt: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sends back through the browser; each may be missing."""

    state: str
    code: str
    error: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A new session's token, and the address of ours that the person wanted."""

    token: str
    next: str


class OidcSignIn:
    """Begins and finishes attempts to sign in with one provider."""

    def __init__(
        self,
        rules: OidcRules,
        database: Database,
        keys: SessionKeys,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._rules = rules
        self._database = database
        self._keys = keys
        self._now = now
        self._provider = Provider(rules)
        self._answers = asyncio.Semaphore(_PARALLEL_ANSWERS)

    async def begin(self, next_address: str) -> Begun:
        """A new attempt. SignInRefusedError ("provider") when the provider does not say where to go."""
        endpoint = (await self._provider.endpoints()).authorization_endpoint
        begun = attempt.begin(next_address, int(self._now()))
        asked = {
            "response_type": "code",
            "client_id": self._rules.client_id,
            "redirect_uri": self._rules.redirect_uri,
            "scope": self._rules.scope,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
        }
        separator = "&" if "?" in endpoint else "?"
        return Begun(f"{endpoint}{separator}{urlencode(asked)}", attempt.sealed(begun, self._keys))

    async def finish(self, sealed_attempt: str | None, answer: Answer) -> Finished:
        """Begin a session for whom the provider vouches. SignInRefusedError says why not."""
        found = attempt.opened(sealed_attempt, answer.state, self._keys, int(self._now()))
        async with self._answers:
            identity = await self._identity(found, answer)
        if self._rules.allowed_domains and identity.email is None:
            raise SignInRefusedError("unverified", "no verified e-mail to tell the domain by")
        if identity.email is not None and not self._rules.allows(identity.email):
            raise SignInRefusedError("domain", "the domain of the e-mail is not allowed")
        return Finished(await self._session_of(identity), found.next)

    async def _identity(self, begun: Attempt, answer: Answer) -> Identity:
        issuer = (await self._provider.endpoints()).issuer
        if answer.issuer and answer.issuer != issuer:
            raise SignInRefusedError("provider", "the answer is another issuer's")
        if not answer.code:
            raise SignInRefusedError("denied", f"the provider answered {answer.error[:100]!r}")
        tokens = await self._provider.tokens(answer.code, begun.verifier)
        keys = await self._provider.keys_for(_key_id(tokens.id_token))
        expected = Expected(issuer, self._rules.client_id, begun.nonce, int(self._now()))
        claims = id_token.verified(tokens.id_token, keys, expected)
        if "email" not in claims and tokens.access_token:
            told = await self._provider.userinfo(tokens.access_token)
            # OpenID Connect Core 5.3.2: what is told about somebody else must not be used.
            claims = {**told, **claims} if told.get("sub") == claims["sub"] else claims
        return _identity_of(issuer, claims)

    async def _session_of(self, identity: Identity) -> str:
        at = datetime.fromtimestamp(self._now(), UTC)
        try:
            async with self._database.writing() as session:
                user = await identities.admitted(session, identity, self._rules.admission, at)
                return await user_sessions.begin(session, self._keys, user.id, Change(Actor("user", user.id), at))
        except IdentityRefusedError as error:
            raise SignInRefusedError(cast(Reason, error.reason), str(error)) from error


def _identity_of(issuer: str, claims: Mapping[str, Any]) -> Identity:
    email, name = claims.get("email"), claims.get("name")
    # Some providers say it as a text.
    is_verified = claims.get("email_verified") in (True, "true")
    return Identity(
        issuer=issuer,
        subject=claims["sub"],
        email=email.strip().lower() if is_verified and isinstance(email, str) and "@" in email else None,
        name=name.strip() if isinstance(name, str) and name.strip() else None,
    )


def _key_id(token: str) -> str | None:
    try:
        return jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError) as error:
        raise SignInRefusedError("token", "the ID token is none") from error
