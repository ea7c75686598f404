"""Prompts of a project: versions, labels that point at them, and the ids observations link to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import audit, json_columns, locks, prompt_quotes
from elasticdash.shared.postgres.audit import Action, Change
from elasticdash.shared.postgres.models.prompts import PromptRow

LATEST = "latest"
PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFields:
    """What a sender decides about a new version. `tags` None: those of the versions before."""

    name: str
    type: str
    prompt: Any
    config: Any
    labels: Collection[str]
    tags: Sequence[str] | None
    commit_message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFilter:
    """Which prompts a list holds: those with a version that passes all of it. Times: from inclusive, to exclusive."""

    name: str | None = None
    label: str | None = None
    tag: str | None = None
    version: int | None = None
    from_updated_at: datetime | None = None
    to_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PromptSummary:
    """One name with what its listed versions hold; `versions` ascending."""

    name: str
    type: str
    versions: Sequence[int]
    labels: Sequence[str]
    tags: Sequence[str]
    last_updated_at: datetime
    last_config: Any


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """One version of a prompt without what it says."""

    id: str
    version: int
    labels: Sequence[str]
    commit_message: str | None
    created_at: datetime


async def find_prompt_id(session: AsyncSession, scope: ProjectScope, name: str, version: int) -> str | None:
    """The id of one version; None when the project has no such prompt or version."""
    return (await find_prompt_ids(session, scope, [(name, version)])).get((name, version))


async def find_prompt_ids(
    session: AsyncSession, scope: ProjectScope, links: Collection[tuple[str, int]]
) -> Mapping[tuple[str, int], str]:
    """Ids by (name, version), for many links at once; what the project doesn't have is left out."""
    rows = await session.execute(
        select(PromptRow.name, PromptRow.version, PromptRow.id).where(
            PromptRow.project_id == scope.project_id, tuple_(PromptRow.name, PromptRow.version).in_(links)
        )
    )
    return {(name, version): id_ for name, version, id_ in rows}


async def has_id(session: AsyncSession, scope: ProjectScope, prompt_id: str) -> bool:
    """Whether a version of a prompt of the project has this id."""
    row = await session.get(PromptRow, prompt_id)
    return row is not None and row.project_id == scope.project_id


async def get_by_version(session: AsyncSession, scope: ProjectScope, name: str, version: int) -> PromptRow:
    """One version. NotFoundError when the project has no such prompt or version."""
    row = await session.scalar(_of_name(scope, name).where(PromptRow.version == version))
    if row is None:
        raise errors.NotFoundError(f"Prompt not found: '{name}' with version {version}")
    return row


async def get_by_label(session: AsyncSession, scope: ProjectScope, name: str, label: str) -> PromptRow:
    """The version that carries a label. NotFoundError when none does."""
    versions = await session.scalars(_of_name(scope, name))
    row = next((version for version in versions if label in version.labels), None)
    if row is None:
        raise errors.NotFoundError(f"Prompt not found: '{name}' with label '{label}'")
    return row


async def list_versions(session: AsyncSession, scope: ProjectScope, name: str) -> Sequence[PromptVersion]:
    """All versions of a prompt, newest first. NotFoundError when the project has no such prompt."""
    columns = (PromptRow.id, PromptRow.version, PromptRow.labels, PromptRow.commit_message, PromptRow.created_at)
    found = await session.execute(
        select(*columns)
        .where(PromptRow.project_id == scope.project_id, PromptRow.name == name)
        .order_by(PromptRow.version.desc())
    )
    versions = [PromptVersion(*row) for row in found]
    if not versions:
        raise errors.NotFoundError(f"Prompt not found: '{name}'")
    return versions


async def list_page(
    session: AsyncSession, scope: ProjectScope, wanted: PromptFilter, *, offset: int, limit: int
) -> tuple[Sequence[PromptSummary], int]:
    """Prompts by name, most recently updated first, and how many there are in all."""
    conditions = _conditions(session, scope, wanted)
    names = select(PromptRow.name).where(*conditions).group_by(PromptRow.name)
    total = await session.scalar(select(func.count()).select_from(names.subquery()))
    recent_first = (func.max(PromptRow.updated_at).desc(), PromptRow.name)
    page = (await session.scalars(names.order_by(*recent_first).offset(offset).limit(limit))).all()
    rows = await session.scalars(
        select(PromptRow).where(*conditions, PromptRow.name.in_(page)).order_by(PromptRow.version)
    )
    rows_by_name: dict[str, list[PromptRow]] = {name: [] for name in page}
    for row in rows:
        rows_by_name[row.name].append(row)
    return [_summary(versions) for versions in rows_by_name.values()], total or 0


async def create(session: AsyncSession, scope: ProjectScope, fields: PromptFields, change: Change) -> PromptRow:
    """Store a new version: the highest so far plus one, which takes `latest` and its labels from older versions.

    InvalidRequestError when the prompt has another type, or quotes what can't be quoted.
    """
    await locks.hold(session, "prompt", scope.project_id, fields.name)
    older = (await session.scalars(_of_name(scope, fields.name).order_by(PromptRow.version))).all()
    if older and older[-1].type != fields.type:
        raise errors.InvalidRequestError(f"Prompt {fields.name!r} has type {older[-1].type}, not {fields.type}")
    labels = [*dict.fromkeys([*fields.labels, LATEST])]
    tags = list(dict.fromkeys(fields.tags)) if fields.tags is not None else older[-1].tags if older else []
    for row in older:
        _hand_over(row, labels, tags, change)
    row = PromptRow(
        id=ids.new_id(),
        project_id=scope.project_id,
        name=fields.name,
        version=older[-1].version + 1 if older else 1,
        type=fields.type,
        prompt=fields.prompt,
        config=fields.config,
        tags=tags,
        labels=labels,
        commit_message=fields.commit_message,
        created_by="API",
        created_at=change.at,
        updated_at=change.at,
    )
    session.add(row)
    await session.flush()
    await prompt_quotes.resolve(session, scope, row)
    await _note(session, scope, row, "create", change)
    return row


async def add_labels(
    session: AsyncSession, scope: ProjectScope, name: str, version: int, labels: Collection[str], change: Change
) -> PromptRow:
    """The version after it took these labels from the others; those it has stay. NotFoundError when there is none."""
    await locks.hold(session, "prompt", scope.project_id, name)
    versions = (await session.scalars(_of_name(scope, name))).all()
    chosen = next((row for row in versions if row.version == version), None)
    if chosen is None:
        raise errors.NotFoundError(f"Prompt '{name}' version {version} not found in project")
    for row in versions:
        if row is not chosen:
            _hand_over(row, labels, row.tags, change)
    chosen.labels, chosen.updated_at = list(dict.fromkeys([*chosen.labels, *labels])), change.at
    await session.flush()
    await _note(session, scope, chosen, "update", change)
    return chosen


async def delete(
    session: AsyncSession, scope: ProjectScope, name: str, *, version: int | None, label: str | None, change: Change
) -> None:
    """Delete a prompt: one version, the one with a label, or all. `latest` goes to the highest version that is left.

    NotFoundError when nothing is meant, InvalidRequestError when another prompt quotes it. Observations keep their
    link, as the name and version they stated.
    """
    await locks.hold(session, "prompt", scope.project_id, name)
    versions = (await session.scalars(_of_name(scope, name).order_by(PromptRow.version))).all()
    meant = [row for row in versions if version in (None, row.version) and (label is None or label in row.labels)]
    if not meant:
        raise errors.NotFoundError("Prompt not found")
    left = [row for row in versions if row not in meant]
    await prompt_quotes.require_unquoted(session, scope, meant, left)
    for row in meant:
        await session.delete(row)
        await _note(session, scope, row, "delete", change)
    if left and LATEST not in left[-1].labels:
        left[-1].labels, left[-1].updated_at = [*left[-1].labels, LATEST], change.at


async def _note(session: AsyncSession, scope: ProjectScope, row: PromptRow, action: Action, change: Change) -> None:
    await audit.record(
        session, change, action=action, resource_type="prompt", resource_id=row.id, project_id=scope.project_id
    )


def _of_name(scope: ProjectScope, name: str) -> Select[PromptRow]:
    return select(PromptRow).where(PromptRow.project_id == scope.project_id, PromptRow.name == name)


def _hand_over(row: PromptRow, labels: Collection[str], tags: list[str], change: Change) -> None:
    kept = [label for label in row.labels if label not in labels]
    if kept != row.labels or tags != row.tags:
        row.labels, row.tags, row.updated_at = kept, tags, change.at


def _conditions(session: AsyncSession, scope: ProjectScope, wanted: PromptFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [PromptRow.project_id == scope.project_id]
    if wanted.name is not None:
        conditions.append(PromptRow.name == wanted.name)
    if wanted.version is not None:
        conditions.append(PromptRow.version == wanted.version)
    if wanted.label is not None:
        conditions.append(json_columns.list_holds(session, PromptRow.labels, wanted.label))
    if wanted.tag is not None:
        conditions.append(json_columns.list_holds(session, PromptRow.tags, wanted.tag))
    if wanted.from_updated_at is not None:
        conditions.append(PromptRow.updated_at >= wanted.from_updated_at)
    if wanted.to_updated_at is not None:
        conditions.append(PromptRow.updated_at < wanted.to_updated_at)
    return conditions


def _summary(versions: Sequence[PromptRow]) -> PromptSummary:
    last = versions[-1]
    return PromptSummary(
        name=last.name,
        type=last.type,
        versions=[row.version for row in versions],
        labels=[*dict.fromkeys(label for row in versions for label in row.labels)],
        tags=last.tags,
        last_updated_at=max(row.updated_at for row in versions),
        last_config=last.config if last.config is not None else {},
    )
