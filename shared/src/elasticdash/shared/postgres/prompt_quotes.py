"""Prompts that quote other prompts: what they say once everything quoted stands in its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors
from elasticdash.shared.domain import prompt_references
from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.domain.prompt_references import Reference
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import json_columns
from elasticdash.shared.postgres.models.prompts import PromptRow

# As deep as Langfuse goes.
MAX_DEPTH = 5
# Quotes of quotes multiply: a few short prompts could say gigabytes.
MAX_RESOLVED_CHARS = 4_000_000


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a version says with its quotes in place, and which versions each quotes: ids to rows, the root's first."""

    prompt: JsonValue
    quoted_by_id: Mapping[str, Sequence[PromptRow]]


async def resolve(session: AsyncSession, scope: ProjectScope, row: PromptRow) -> Resolved:
    """One version with what it quotes.

    InvalidRequestError when something quoted is missing, is a chat, quotes in a circle or too deep, or gets too long.
    """
    resolver = _Resolver(session, scope)
    quoted = await resolver.quotes_of(row, (row.id,))
    _require_bounded(row, quoted)
    whole = prompt_references.replaced_everywhere(row.prompt, quoted)
    return Resolved(whole, {row.id: resolver.quoted_by_id.pop(row.id), **resolver.quoted_by_id})


async def require_unquoted(
    session: AsyncSession, scope: ProjectScope, doomed: Sequence[PromptRow], left: Sequence[PromptRow]
) -> None:
    """InvalidRequestError when another prompt quotes one of the versions that are to go."""
    name = doomed[0].name
    labels = {label for row in doomed for label in row.labels}
    # `latest` goes to a version that is left.
    lost = labels - ({"latest"} if left else set())
    others = await session.stream(
        select(PromptRow.name, PromptRow.version, PromptRow.prompt).where(
            PromptRow.project_id == scope.project_id,
            PromptRow.name != name,
            cast(PromptRow.prompt, Text).contains("Prompt:name="),
        )
    )
    versions = {row.version for row in doomed}
    async for other_name, other_version, prompt in others:
        for reference in prompt_references.of(prompt):
            if reference.name == name and (reference.version in versions or reference.label in lost):
                quoting = f"{other_name!r} version {other_version}"
                raise errors.InvalidRequestError(f"Prompt {reference} can't be deleted: {quoting} quotes it")


@dataclass(slots=True)
class _Resolver:
    """Finds each quoted version once, however often it is quoted."""

    session: AsyncSession
    scope: ProjectScope
    quoted_by_id: dict[str, Sequence[PromptRow]] = field(default_factory=dict[str, Sequence[PromptRow]])
    texts_by_id: dict[str, str] = field(default_factory=dict[str, str])
    # How many levels of quotes are below a version.
    heights_by_id: dict[str, int] = field(default_factory=dict[str, int])

    async def quotes_of(self, row: PromptRow, path: tuple[str, ...]) -> Mapping[Reference, str]:
        """What everything that `row` quotes says. `path`: ids from the root to `row`."""
        references = prompt_references.of(row.prompt)
        _require_shallow(row, len(path) if references else 0)
        found = {reference: await self._get(reference) for reference in references}
        self.quoted_by_id[row.id] = list({one.id: one for one in found.values()}.values())
        texts = {reference: await self._text(one, path) for reference, one in found.items()}
        self.heights_by_id[row.id] = max((1 + self.heights_by_id[one.id] for one in found.values()), default=0)
        return texts

    async def _text(self, row: PromptRow, path: tuple[str, ...]) -> str:
        if row.id in path:
            raise errors.InvalidRequestError(f"Prompt {row.name!r} version {row.version} quotes itself in a circle")
        if row.id not in self.texts_by_id:
            quoted = await self.quotes_of(row, (*path, row.id))
            _require_bounded(row, quoted)
            self.texts_by_id[row.id] = prompt_references.replaced(row.prompt, quoted)
        _require_shallow(row, len(path) + self.heights_by_id[row.id])
        return self.texts_by_id[row.id]

    async def _get(self, reference: Reference) -> PromptRow:
        is_meant = (
            PromptRow.version == reference.version
            if reference.label is None
            else json_columns.list_holds(self.session, PromptRow.labels, reference.label)
        )
        row = await self.session.scalar(
            select(PromptRow).where(
                PromptRow.project_id == self.scope.project_id, PromptRow.name == reference.name, is_meant
            )
        )
        if row is None:
            raise errors.InvalidRequestError(f"Prompt {reference} is quoted and does not exist")
        if row.type != "text":
            raise errors.InvalidRequestError(f"Prompt {reference} is quoted and is not a text prompt")
        return row


def _require_shallow(row: PromptRow, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise errors.InvalidRequestError(f"Prompt {row.name!r} is among quotes deeper than {MAX_DEPTH} levels")


def _require_bounded(row: PromptRow, quoted: Mapping[Reference, str]) -> None:
    if prompt_references.size_when_replaced(row.prompt, quoted) > MAX_RESOLVED_CHARS:
        limit = f"more than {MAX_RESOLVED_CHARS} characters"
        raise errors.InvalidRequestError(f"Prompt {row.name!r} says {limit} with its quotes")
