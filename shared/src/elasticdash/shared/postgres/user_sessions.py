"""Browser sessions: begun at sign-in, looked up at every request of the UI."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.postgres import audit, users
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.user_sessions import UserSessionRow
from elasticdash.shared.postgres.models.users import UserRow
from elasticdash.shared.postgres.users import User

LIFE = timedelta(days=7)
IDLE_LIFE = timedelta(hours=12)
# Finer would turn every request into a write.
_SEEN_PRECISION = timedelta(minutes=5)
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class UserSession:
    """Who is signed in, and whether noting that they were seen is due."""

    user: User
    is_sight_unrecorded: bool


async def begin(session: AsyncSession, user_id: str, change: Change) -> str:
    """Sign someone in: returns the token for their browser, which is not kept. Ended sessions are cleared away."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    await session.execute(
        delete(UserSessionRow).where(
            or_(UserSessionRow.expires_at <= change.at, UserSessionRow.last_seen_at <= change.at - IDLE_LIFE)
        )
    )
    row = UserSessionRow(
        token_hash=_hash(token),
        user_id=user_id,
        created_at=change.at,
        last_seen_at=change.at,
        expires_at=change.at + LIFE,
    )
    session.add(row)
    await session.flush()
    await audit.record(
        session, change, action="create", resource_type="session", resource_id=row.token_hash[:12], project_id=None
    )
    return token


async def find(session: AsyncSession, token: str, now: datetime) -> UserSession | None:
    """Who a token signs in; None when it is unknown, too old or was not used for too long."""
    statement = (
        select(UserSessionRow, UserRow)
        .join(UserRow, UserRow.id == UserSessionRow.user_id)
        .where(
            UserSessionRow.token_hash == _hash(token),
            UserSessionRow.expires_at > now,
            UserSessionRow.last_seen_at > now - IDLE_LIFE,
        )
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        return None
    row, user = found
    return UserSession(users.user_of(user), now - row.last_seen_at > _SEEN_PRECISION)


async def record_sight(session: AsyncSession, token: str, now: datetime) -> None:
    """Note that a session was used."""
    await session.execute(
        update(UserSessionRow).where(UserSessionRow.token_hash == _hash(token)).values(last_seen_at=now)
    )


async def end(session: AsyncSession, token: str) -> None:
    """Sign one browser out; nothing when it was."""
    await session.execute(delete(UserSessionRow).where(UserSessionRow.token_hash == _hash(token)))


async def end_all(session: AsyncSession, user_id: str) -> None:
    """Sign someone out everywhere."""
    await session.execute(delete(UserSessionRow).where(UserSessionRow.user_id == user_id))


def _hash(token: str) -> str:
    # The token is long and random: a fast hash is enough.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
