"""Checks e-mail and password, few at a time, and makes guessing slow."""

import asyncio
import math
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from elasticdash.shared import errors
from elasticdash.shared.keyrings import SessionKeys
from elasticdash.shared.postgres import sign_in_failures, user_sessions, users
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.sign_in_failures import Attempt
from elasticdash.shared.postgres.users import User
from elasticdash.shared.security import hash_password, is_imported, password_matches
from elasticdash.web.auth.oidc.rules import SignInRules

log = structlog.get_logger()

MIN_PASSWORD_CHARACTERS = 12
MAX_PASSWORD_CHARACTERS = 256
# Each check takes 19 MiB and a core for tens of milliseconds.
_PARALLEL_CHECKS = 4


class SignIn:
    """Begins sessions of people, and changes their passwords."""

    def __init__(
        self,
        database: Database,
        keys: SessionKeys,
        rules: SignInRules,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._keys = keys
        self._rules = rules
        self._now = now
        self._checks = asyncio.Semaphore(_PARALLEL_CHECKS)

    async def sign_in(self, email: str, password: str, address: str) -> str:
        """A new session's token. AuthenticationError, the same for unknown and wrong; TooManyAttemptsError.

        AccessDeniedError where nobody signs in by password.
        """
        attempt = Attempt(email.strip().lower(), address)
        user = await self._checked(attempt, password)
        change = Change(Actor("user", user.id), self._now())
        renewed = await self._hashed(password) if is_imported(user.password_hash) else None
        async with self._database.writing() as session:
            if renewed is not None:
                await users.set_password(session, user.id, renewed, change)
            return await user_sessions.begin(session, self._keys, user.id, change)

    async def change_password(self, user: User, current: str, new: str, address: str) -> str:
        """The token of the only session that is left. AuthenticationError when `current` is wrong."""
        await self._checked(Attempt(user.email, address), current)
        password_hash = await self._hashed(new)
        change = Change(Actor("user", user.id), self._now())
        async with self._database.writing() as session:
            await users.set_password(session, user.id, password_hash, change)
            await user_sessions.end_all(session, user.id)
            return await user_sessions.begin(session, self._keys, user.id, change)

    async def _hashed(self, password: str) -> str:
        async with self._checks:
            return await asyncio.to_thread(hash_password, password)

    async def _checked(self, attempt: Attempt, password: str) -> User:
        if not self._rules.has_passwords:
            raise errors.AccessDeniedError("Nobody signs in by password here")
        async with self._database.writing() as session:
            wait = await sign_in_failures.begin(session, attempt, self._now())
        if wait:
            log.warning("sign_in_delayed", wait_seconds=math.ceil(wait.total_seconds()))
            raise errors.TooManyAttemptsError(math.ceil(wait.total_seconds()))
        async with self._database.reading() as session:
            user = await users.find_by_email(session, attempt.email)
        async with self._checks:
            is_right = await asyncio.to_thread(password_matches, password, user.password_hash if user else None)
        if user is None or not is_right:
            log.warning("sign_in_refused", user_id=user.id if user else None)
            raise errors.AuthenticationError("E-mail or password is wrong")
        async with self._database.writing() as session:
            await sign_in_failures.forgive(session, attempt)
        return user
