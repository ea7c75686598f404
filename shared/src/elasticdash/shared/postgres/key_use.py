"""How many kept secrets are under which key: what tells whether an old key may go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.postgres import llm_connections, user_sessions
from elasticdash.shared.postgres.models.api_keys import ApiKeyRow
from elasticdash.shared.security import Keys


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A keyring: id of the newest key (None without one), and how many rows are under it and under others."""

    current_id: str | None
    current_rows: int
    other_rows: int


async def read(session: AsyncSession, keys: Keys, now: datetime) -> Mapping[str, KeyUse]:
    """The use of the keys by the name of their ring: "salt", "session", "encryption"."""
    current_pepper = keys.hasher.pepper_id
    old = await session.scalar(
        select(func.count())
        .select_from(ApiKeyRow)
        .where(or_(ApiKeyRow.pepper_id.is_(None), ApiKeyRow.pepper_id != current_pepper))
        .where(or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > now))
    )
    new = await session.scalar(select(func.count()).select_from(ApiKeyRow).where(ApiKeyRow.pepper_id == current_pepper))
    encryption_id = keys.encryption.current_id if keys.encryption.secrets else None
    return {
        "salt": KeyUse(current_pepper, new or 0, old or 0),
        "session": _use(keys.sessions.current_id, await user_sessions.count_by_key(session, now)),
        "encryption": _use(encryption_id, await llm_connections.count_by_key(session)),
    }


def _use(current_id: str | None, counts: Mapping[str, int]) -> KeyUse:
    current = counts.get(current_id, 0) if current_id else 0
    return KeyUse(current_id, current, sum(counts.values()) - current)
