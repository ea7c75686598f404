"""`/api/public/v2/prompts`: versions of prompts, labels that point at them, and who may fetch them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from elasticdash.shared import errors
from elasticdash.shared.postgres import prompt_quotes, prompts
from elasticdash.shared.postgres.prompts import PromptFilter
from elasticdash.web import pagination
from elasticdash.web.dependencies import AuthenticatedRoute, CurrentChange, ReadingSession, WritingSession
from elasticdash.web.pagination import Page
from elasticdash.web.public_api.prompts.access import PromptProject
from elasticdash.web.public_api.prompts.schemas import (
    CreatePromptRequest,
    PromptResponse,
    PromptsResponse,
    UpdatePromptVersionRequest,
    Version,
)
from elasticdash.web.wire import EMPTY_IS_UNSET, OptionalBoolean, OptionalText, OptionalTimestamp

router = APIRouter(prefix="/api/public/v2/prompts", tags=["Prompts"], route_class=AuthenticatedRoute)

_DEFAULT_LIMIT = 10
_RequestedPage = Annotated[Page, Depends(pagination.page_parameters(_DEFAULT_LIMIT))]
_Version = Annotated[Version | None, EMPTY_IS_UNSET]


async def _filter(
    name: OptionalText = None,
    label: OptionalText = None,
    tag: OptionalText = None,
    version: _Version = None,
    from_updated_at: Annotated[OptionalTimestamp, Query(alias="fromUpdatedAt")] = None,
    to_updated_at: Annotated[OptionalTimestamp, Query(alias="toUpdatedAt")] = None,
) -> PromptFilter:
    """What the list is narrowed to."""
    return PromptFilter(
        name=name,
        label=label,
        tag=tag,
        version=version,
        from_updated_at=from_updated_at,
        to_updated_at=to_updated_at,
    )


@router.get("", operation_id="prompts_list")
async def list_prompts(
    project: PromptProject,
    session: ReadingSession,
    page: _RequestedPage,
    wanted: Annotated[PromptFilter, Depends(_filter)],
) -> PromptsResponse:
    """Prompts by name, most recently updated first."""
    found, total = await prompts.list_page(session, project, wanted, offset=page.offset, limit=page.limit)
    return PromptsResponse.from_summaries(list(found), pagination.page_meta(page, total))


@router.post("", operation_id="prompts_create", status_code=201)
async def create_prompt(
    project: PromptProject, session: WritingSession, change: CurrentChange, body: CreatePromptRequest
) -> PromptResponse:
    """A new version, which becomes the latest."""
    return PromptResponse.from_row(await prompts.create(session, project, body.fields(), change))


# A name may hold slashes, sent as they are by old SDKs and escaped by newer ones.
@router.get("/{name:path}", operation_id="prompts_get")
async def get_prompt(
    project: PromptProject,
    session: ReadingSession,
    name: str,
    version: _Version = None,
    label: OptionalText = None,
    resolve: OptionalBoolean = None,
) -> PromptResponse:
    """One version, by number or by label; without either the one in production. What it quotes stands in its place.

    With `resolve=false` it is as it was created.
    """
    _require_one(version, label)
    if version is not None:
        row = await prompts.get_by_version(session, project, name, version)
    else:
        row = await prompts.get_by_label(session, project, name, label or prompts.PRODUCTION)
    if resolve is False:
        return PromptResponse.from_row(row)
    return PromptResponse.resolved(row, await prompt_quotes.resolve(session, project, row))


@router.patch("/{name:path}/versions/{version}", operation_id="promptVersion_update")
async def update_prompt_version(
    project: PromptProject,
    session: WritingSession,
    change: CurrentChange,
    name: str,
    version: Version,
    body: UpdatePromptVersionRequest,
) -> PromptResponse:
    """The version with these labels added to those it has; other versions lose them."""
    row = await prompts.add_labels(session, project, name, version, body.new_labels, change)
    return PromptResponse.from_row(row)


@router.delete("/{name:path}", operation_id="prompts_delete", status_code=204)
async def delete_prompt(
    project: PromptProject,
    session: WritingSession,
    change: CurrentChange,
    name: str,
    version: _Version = None,
    label: OptionalText = None,
) -> None:
    """Delete one version, by number or by label; without either all of them."""
    _require_one(version, label)
    await prompts.delete(session, project, name, version=version, label=label, change=change)


def _require_one(version: int | None, label: str | None) -> None:
    if version is not None and label is not None:
        raise errors.InvalidRequestError("Give version or label, not both")
