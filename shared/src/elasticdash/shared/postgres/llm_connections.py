"""Connections to providers of models; their secrets are encrypted at rest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.keyrings import EncryptionKeys
from elasticdash.shared.postgres import audit, locks
from elasticdash.shared.postgres.audit import Action, Change
from elasticdash.shared.postgres.models.llm_connections import LlmConnectionRow
from elasticdash.shared.security import shown_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmConnectionFields:
    """What a project says about a provider."""

    provider: str
    adapter: str
    secret_key: str = field(repr=False)
    base_url: str | None
    custom_models: Sequence[str]
    with_default_models: bool
    extra_headers: Mapping[str, str] = field(repr=False)
    config: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class LlmConnection:
    """A connection without its secrets: what may be shown."""

    id: str
    provider: str
    adapter: str
    display_secret_key: str
    base_url: str | None
    custom_models: Sequence[str]
    with_default_models: bool
    extra_header_keys: Sequence[str]
    config: Mapping[str, Any] | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LlmSecrets:
    """What calling a provider needs."""

    secret_key: str = field(repr=False)
    extra_headers: Mapping[str, str] = field(repr=False)


async def list_page(
    session: AsyncSession, scope: ProjectScope, *, offset: int, limit: int
) -> tuple[Sequence[LlmConnection], int]:
    """(a page of the project's connections by provider, how many there are)."""
    of_project = LlmConnectionRow.project_id == scope.project_id
    total = await session.scalar(select(func.count()).select_from(LlmConnectionRow).where(of_project))
    rows = await session.scalars(
        select(LlmConnectionRow).where(of_project).order_by(LlmConnectionRow.provider).offset(offset).limit(limit)
    )
    return [_connection_of(row) for row in rows], total or 0


async def save(
    session: AsyncSession, scope: ProjectScope, keys: EncryptionKeys, fields: LlmConnectionFields, change: Change
) -> tuple[LlmConnection, bool]:
    """(the provider's connection, whether it is new). ConfigurationError when there is no key to encrypt with."""
    await locks.hold(session, "llm connection", scope.project_id, fields.provider)
    row = await session.scalar(
        select(LlmConnectionRow).where(
            LlmConnectionRow.project_id == scope.project_id, LlmConnectionRow.provider == fields.provider
        )
    )
    is_new = row is None
    if row is None:
        row = LlmConnectionRow(
            id=ids.new_id(), project_id=scope.project_id, provider=fields.provider, created_at=change.at
        )
        session.add(row)
    row.adapter, row.base_url = fields.adapter, fields.base_url
    row.custom_models, row.with_default_models = list(fields.custom_models), fields.with_default_models
    row.config = None if fields.config is None else dict(fields.config)
    row.display_secret_key = shown_secret(fields.secret_key)
    row.extra_header_keys = sorted(fields.extra_headers)
    row.updated_at = change.at
    _encrypt(row, keys, LlmSecrets(fields.secret_key, fields.extra_headers))
    await _record(session, change, "create" if is_new else "update", row)
    return _connection_of(row), is_new


async def delete(session: AsyncSession, scope: ProjectScope, connection_id: str, change: Change) -> None:
    """Remove a connection with its secrets. NotFoundError when the project has none with this id."""
    row = await session.get(LlmConnectionRow, connection_id)
    if row is None or row.project_id != scope.project_id:
        raise errors.NotFoundError("LLM connection not found")
    await session.delete(row)
    await _record(session, change, "delete", row)


async def delete_all(session: AsyncSession, scope: ProjectScope, change: Change) -> None:
    """Remove every connection of a project that goes away."""
    for row in await session.scalars(
        select(LlmConnectionRow.id).where(LlmConnectionRow.project_id == scope.project_id)
    ):
        await delete(session, scope, row, change)


async def read_secrets(
    session: AsyncSession, scope: ProjectScope, keys: EncryptionKeys, provider: str
) -> LlmSecrets | None:
    """What a provider is called with; None when the project has no connection to it.

    ConfigurationError when the key it is encrypted with is not at hand.
    """
    row = await session.scalar(
        select(LlmConnectionRow).where(
            LlmConnectionRow.project_id == scope.project_id, LlmConnectionRow.provider == provider
        )
    )
    return None if row is None else _decrypt(row, keys)


async def reencrypt_some(session: AsyncSession, keys: EncryptionKeys, limit: int) -> int:
    """Encrypt up to `limit` connections with the newest key that other keys of ours hold; returns how many.

    What another transaction is changing now is left for the next call.
    """
    rows = await session.scalars(
        select(LlmConnectionRow)
        .where(LlmConnectionRow.key_id.in_(keys.other_ids), LlmConnectionRow.key_id != keys.current_id)
        .order_by(LlmConnectionRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    done = 0
    for row in rows:
        _encrypt(row, keys, _decrypt(row, keys))
        done += 1
    await session.flush()
    return done


async def count_by_key(session: AsyncSession) -> Mapping[str, int]:
    """How many connections each key id holds."""
    by_key = select(LlmConnectionRow.key_id, func.count()).group_by(LlmConnectionRow.key_id)
    found: dict[str, int] = {}
    for id_, count in await session.execute(by_key):
        found[id_] = count
    return found


def _encrypt(row: LlmConnectionRow, keys: EncryptionKeys, secrets: LlmSecrets) -> None:
    headers = json.dumps(dict(secrets.extra_headers)) if secrets.extra_headers else None
    row.key_id = keys.current_id
    row.encrypted_secret = keys.encrypted(secrets.secret_key, _context(row, "secret"))
    row.encrypted_headers = None if headers is None else keys.encrypted(headers, _context(row, "headers"))


def _decrypt(row: LlmConnectionRow, keys: EncryptionKeys) -> LlmSecrets:
    secret = keys.decrypted(row.encrypted_secret, row.key_id, _context(row, "secret"))
    if row.encrypted_headers is None:
        return LlmSecrets(secret, {})
    return LlmSecrets(secret, json.loads(keys.decrypted(row.encrypted_headers, row.key_id, _context(row, "headers"))))


def _context(row: LlmConnectionRow, part: str) -> str:
    # Moved to another row or another column, it does not open.
    return f"llm_connections\0{row.project_id}\0{row.id}\0{part}"


async def _record(session: AsyncSession, change: Change, action: Action, row: LlmConnectionRow) -> None:
    await session.flush()
    await audit.record(
        session,
        change,
        action=action,
        resource_type="llmConnection",
        resource_id=row.id,
        project_id=row.project_id,
    )


def _connection_of(row: LlmConnectionRow) -> LlmConnection:
    return LlmConnection(
        id=row.id,
        provider=row.provider,
        adapter=row.adapter,
        display_secret_key=row.display_secret_key,
        base_url=row.base_url,
        custom_models=row.custom_models,
        with_default_models=row.with_default_models,
        extra_header_keys=row.extra_header_keys,
        config=row.config,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
