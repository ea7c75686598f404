"""Prompts to look at: which there are, their versions, and what each says."""

from fastapi import APIRouter

from elasticdash.shared.postgres import prompts
from elasticdash.shared.postgres.prompts import PromptFilter
from elasticdash.web.auth.policies import ViewedProject
from elasticdash.web.dependencies import ReadingSession
from elasticdash.web.ui_api.prompts import schemas
from elasticdash.web.ui_api.prompts.schemas import (
    PromptContentShape,
    PromptShape,
    PromptsShape,
    PromptVersionShape,
    PromptVersionsShape,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}", tags=["prompts"], route_class=UiRoute)


@router.get("/prompts", operation_id="listPrompts")
async def list_prompts(
    project: ViewedProject, session: ReadingSession, offset: schemas.Offset = 0, limit: schemas.Limit = 50
) -> PromptsShape:
    """A page of prompts, most recently updated first."""
    found, total = await prompts.list_page(session, project, PromptFilter(), offset=offset, limit=limit)
    shown = [PromptShape.model_validate(prompt) for prompt in found]
    return PromptsShape(prompts=shown, next=offset + limit if offset + limit < total else None)


# A name may hold slashes.
@router.get("/prompts/{name:path}", operation_id="listPromptVersions")
async def list_versions(name: str, project: ViewedProject, session: ReadingSession) -> PromptVersionsShape:
    """All versions of a prompt; NotFoundError."""
    found = await prompts.list_versions(session, project, name)
    return PromptVersionsShape(versions=[PromptVersionShape.model_validate(version) for version in found])


@router.get("/prompt-versions/{version}/{name:path}", operation_id="getPromptVersion")
async def get_version(
    version: schemas.Version, name: str, project: ViewedProject, session: ReadingSession
) -> PromptContentShape:
    """What one version says; NotFoundError."""
    return PromptContentShape.model_validate(await prompts.get_by_version(session, project, name, version))
