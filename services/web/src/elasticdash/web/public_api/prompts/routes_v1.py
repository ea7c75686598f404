"""`/api/public/prompts`: the first generation, which knows no label but that of production."""

from typing import Annotated

from fastapi import APIRouter

from elasticdash.shared.postgres import prompt_quotes, prompts
from elasticdash.web.dependencies import AuthenticatedRoute, CurrentChange, ReadingSession, WritingSession
from elasticdash.web.public_api.prompts.access import PromptProject
from elasticdash.web.public_api.prompts.schemas import CreatePromptRequest, PromptResponse, Version
from elasticdash.web.wire import EMPTY_IS_UNSET

router = APIRouter(prefix="/api/public/prompts", tags=["Prompts"], route_class=AuthenticatedRoute)


@router.get("", operation_id="promptsV1_get")
async def get_prompt(
    project: PromptProject,
    session: ReadingSession,
    name: str,
    version: Annotated[Version | None, EMPTY_IS_UNSET] = None,
) -> PromptResponse:
    """One version by its number; without one, that in production."""
    if version is None:
        row = await prompts.get_by_label(session, project, name, prompts.PRODUCTION)
    else:
        row = await prompts.get_by_version(session, project, name, version)
    return PromptResponse.resolved(row, await prompt_quotes.resolve(session, project, row))


@router.post("", operation_id="promptsV1_create", status_code=201)
async def create_prompt(
    project: PromptProject, session: WritingSession, change: CurrentChange, body: CreatePromptRequest
) -> PromptResponse:
    """A new version, in production when it says `isActive`."""
    return PromptResponse.from_row(await prompts.create(session, project, body.fields(), change))
