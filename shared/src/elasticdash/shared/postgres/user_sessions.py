"""Browser sessions: begun at sign-in, looked up at every request of the UI."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.keyrings import SessionKeys
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
# The dot and the HMAC behind a key's id.
_SIGNATURE_CHARACTERS = 65
# The key's id and enough of the rest to tell sessions apart.
_AUDITED_CHARACTERS = 25


@dataclass(frozen=True, slots=True)
class UserSession:
    """Who is signed in, and whether noting that they were seen, or keeping the session under the newest key, is due."""

    user: User
    is_sight_unrecorded: bool


async def begin(session: AsyncSession, keys: SessionKeys, user_id: str, change: Change) -> str:
    """Sign someone in: returns the token for their browser, which is not kept. Ended sessions are cleared away."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    await session.execute(
        delete(UserSessionRow).where(
            or_(UserSessionRow.expires_at <= change.at, UserSessionRow.last_seen_at <= change.at - IDLE_LIFE)
        )
    )
    row = UserSessionRow(
        token_hash=keys.signed(token),
        user_id=user_id,
        created_at=change.at,
        last_seen_at=change.at,
        expires_at=change.at + LIFE,
    )
    session.add(row)
    await session.flush()
    shown = row.token_hash[:_AUDITED_CHARACTERS]
    await audit.record(session, change, action="create", resource_type="session", resource_id=shown, project_id=None)
    return token


async def find(session: AsyncSession, keys: SessionKeys, token: str, now: datetime) -> UserSession | None:
    """Who a token signs in; None when it is unknown, too old or was not used for too long."""
    statement = (
        select(UserSessionRow, UserRow)
        .join(UserRow, UserRow.id == UserSessionRow.user_id)
        .where(
            UserSessionRow.token_hash.in_(keys.all_signed(token)),
            UserSessionRow.expires_at > now,
            UserSessionRow.last_seen_at > now - IDLE_LIFE,
        )
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        return None
    row, user = found
    is_due = now - row.last_seen_at > _SEEN_PRECISION or row.token_hash != keys.signed(token)
    return UserSession(users.user_of(user), is_due)


async def record_sight(session: AsyncSession, keys: SessionKeys, token: str, now: datetime) -> None:
    """Note that a session was used, and keep it under the newest key."""
    await session.execute(
        update(UserSessionRow)
        .where(UserSessionRow.token_hash.in_(keys.all_signed(token)))
        .values(last_seen_at=now, token_hash=keys.signed(token))
    )


async def end(session: AsyncSession, keys: SessionKeys, token: str) -> None:
    """Sign one browser out; nothing when it was."""
    await session.execute(delete(UserSessionRow).where(UserSessionRow.token_hash.in_(keys.all_signed(token))))


async def end_all(session: AsyncSession, user_id: str) -> None:
    """Sign someone out everywhere."""
    await session.execute(delete(UserSessionRow).where(UserSessionRow.user_id == user_id))


async def count_by_key(session: AsyncSession, now: datetime) -> Mapping[str, int]:
    """How many live sessions each key id keeps; ended ones are not counted."""
    key_id = func.substr(UserSessionRow.token_hash, 1, func.length(UserSessionRow.token_hash) - _SIGNATURE_CHARACTERS)
    rows = await session.execute(
        select(key_id, func.count())
        .where(UserSessionRow.expires_at > now, UserSessionRow.last_seen_at > now - IDLE_LIFE)
        .group_by(key_id)
    )
    return {str(id_): int(count) for id_, count in rows}
