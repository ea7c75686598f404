"""Checks API keys at every request: from memory when it can, from the metadata store when it must."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from elasticdash.shared import errors, security
from elasticdash.shared.domain.scope import OrganizationScope
from elasticdash.shared.postgres import api_keys
from elasticdash.shared.postgres.api_keys import ApiKey
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.security import SecretHasher
from elasticdash.web.auth import authorization_header
from elasticdash.web.auth.authorization_header import KeyPair, PublicKey
from elasticdash.web.auth.principal import (
    ORGANIZATION_KEY_NEEDED,
    Access,
    OrganizationKeyError,
    OrganizationPrincipal,
    Principal,
)

log = structlog.get_logger()

_LIFE = timedelta(seconds=10)
_MAX_CACHED = 10_000


@dataclass(frozen=True, slots=True)
class _Cached:
    key: ApiKey
    read_at: datetime


class Authenticator:
    """Turns an Authorization header into a Principal.

    Keys found stay in memory for ten seconds from when they were read, so a revocation made elsewhere takes that
    long at most. Unknown keys are never remembered: a new key works at once.
    """

    def __init__(
        self, database: Database, hasher: SecretHasher, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._now = now
        self._cache: OrderedDict[str, _Cached] = OrderedDict()
        # Who guesses at a key with a slow hash takes one thread, not all.
        self._one_slow_check = asyncio.Lock()

    @property
    def hasher(self) -> SecretHasher:
        """How secrets of new keys are kept."""
        return self._hasher

    async def authenticate(self, headers: Mapping[str, str]) -> Principal:
        """The project a request speaks for.

        AuthenticationError for no, unreadable, unknown, wrong or expired credentials; OrganizationKeyError for a
        key without a project; UnavailableError when the key is not in memory and the store can't be asked.
        """
        match authorization_header.credentials(headers.get("authorization")):
            case KeyPair(public_key, secret_key):
                principal = _principal(await self._by_pair(public_key, secret_key), "project")
            case PublicKey(public_key):
                principal = _principal(await self._by_public_key(public_key), "scores")
        structlog.contextvars.bind_contextvars(project_id=principal.scope.project_id)
        return principal

    async def authenticate_organization(self, headers: Mapping[str, str]) -> OrganizationPrincipal:
        """The organization a request speaks for.

        AuthenticationError and UnavailableError as for `authenticate`; AccessDeniedError for a project's key.
        """
        match authorization_header.credentials(headers.get("authorization")):
            case KeyPair(public_key, secret_key):
                key = await self._by_pair(public_key, secret_key)
            case PublicKey(public_key):
                key = await self._by_public_key(public_key)
        if not isinstance(key.owner, OrganizationScope):
            raise errors.AccessDeniedError(ORGANIZATION_KEY_NEEDED)
        return OrganizationPrincipal(key.owner, key.id)

    def forget(self, public_key: str) -> None:
        """Ask the store again about a key: call it after a change to the key was committed."""
        self._cache.pop(public_key, None)

    async def _by_pair(self, public_key: str, secret_key: str) -> ApiKey:
        key = await self._find(public_key)
        if key is None:
            # Unknown must take as long as wrong.
            self._hasher.matches(secret_key, None, None)
            raise _unknown("credentials")
        is_right = self._hasher.matches(secret_key, key.secret_hash, key.imported_hash)
        is_right = is_right or await self._is_slowly_right(key, secret_key)
        if not is_right or key.is_expired(self._now()):
            raise _unknown("credentials")
        return await self._recorded(key, secret_key)

    async def _is_slowly_right(self, key: ApiKey, secret_key: str) -> bool:
        if key.imported_hash is None or not security.is_imported(key.imported_hash):
            return False
        async with self._one_slow_check:
            return await asyncio.to_thread(security.bcrypt_matches, secret_key, key.imported_hash)

    async def _by_public_key(self, public_key: str) -> ApiKey:
        key = await self._find(public_key)
        if key is None or key.is_expired(self._now()):
            raise _unknown("public key")
        if isinstance(key.owner, OrganizationScope):
            raise errors.AuthenticationError("Cannot use organization key with bearer auth")
        return await self._recorded(key, None)

    async def _find(self, public_key: str) -> ApiKey | None:
        now = self._now()
        cached = self._cache.get(public_key)
        if cached and timedelta(0) <= now - cached.read_at < _LIFE:
            self._cache.move_to_end(public_key)
            return cached.key
        async with self._database.reading() as session:
            key = await api_keys.find(session, public_key)
        if key is None:
            self.forget(public_key)
        else:
            self._remember(key, now)
        return key

    def _remember(self, key: ApiKey, read_at: datetime) -> None:
        self._cache[key.public_key] = _Cached(key, read_at)
        self._cache.move_to_end(key.public_key)
        while len(self._cache) > _MAX_CACHED:
            self._cache.popitem(last=False)

    async def _recorded(self, key: ApiKey, secret_key: str | None) -> ApiKey:
        """The key after noting its use, and after storing its secret under the current pepper."""
        now = self._now()
        is_stale = secret_key is not None and not self._hasher.is_current(secret_key, key.secret_hash)
        if not is_stale and not key.is_use_unrecorded(now):
            return key
        current = replace(key, last_used_at=now)
        try:
            async with self._database.writing() as session:
                await api_keys.record_use(session, key.id, now)
                if secret_key is not None and is_stale:
                    current = replace(current, secret_hash=self._hasher.hash(secret_key), imported_hash=None)
                    await api_keys.rehash(session, key.id, self._hasher, secret_key)
        except errors.UnavailableError:
            # The credentials are right; what can't be noted now is noted at a later use.
            log.warning("api_key_use_not_recorded", api_key_id=key.id)
            return key
        cached = self._cache.get(key.public_key)
        if cached and cached.key is key:
            self._cache[key.public_key] = replace(cached, key=current)
        return current


def _principal(key: ApiKey, access: Access) -> Principal:
    if isinstance(key.owner, OrganizationScope):
        raise OrganizationKeyError
    return Principal(key.owner, access, key.public_key, key.id)


def _unknown(what: str) -> errors.AuthenticationError:
    return errors.AuthenticationError(f"Invalid {what}. Confirm that you've configured the correct host.")
