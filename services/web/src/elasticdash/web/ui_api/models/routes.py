"""Model prices: the built-in ones, and a project's own, which win."""

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter

from elasticdash.shared import ids
from elasticdash.shared.model_prices import built_in, patterns
from elasticdash.shared.postgres import priced_models
from elasticdash.web.auth.policies import AdministeredProject, CurrentUserChange, ViewedProject
from elasticdash.web.dependencies import ReadingSession, WritingSession
from elasticdash.web.public_api.models.schemas import ModelResponse, SaveModelRequest
from elasticdash.web.ui_route import UiRoute
from elasticdash.web.wire import WireModel

router = APIRouter(prefix="/projects/{project_id}/models", tags=["models"], route_class=UiRoute)

# Built-in models are not stored, but their shape has a time.
_BUILT_IN_SINCE = datetime(2026, 1, 1, tzinfo=UTC)


class ModelsShape(WireModel):
    """All models by name, of one name the project's own first."""

    models: list[ModelResponse]


@router.get("", operation_id="listModels")
async def list_models(project: ViewedProject, session: ReadingSession) -> ModelsShape:
    """Every model that has a price here."""
    known = await asyncio.to_thread(built_in.current_models)
    own = await priced_models.list_stored(session, project)
    found = [ModelResponse.from_definition(stored.definition, stored.created_at) for stored in own]
    found += [ModelResponse.from_definition(definition, _BUILT_IN_SINCE) for definition in known.values()]
    found.sort(key=lambda model: model.model_name.lower())
    return ModelsShape(models=found)


@router.post("", operation_id="createModel", status_code=201)
async def create_model(
    body: SaveModelRequest, project: AdministeredProject, session: WritingSession, change: CurrentUserChange
) -> ModelResponse:
    """A model of the project; observations that arrive from now on are priced by it."""
    definition = body.definition(ids.new_id(), project.project_id, patterns.compile_pattern)
    stored = await priced_models.save(session, project, definition, change)
    return ModelResponse.from_definition(stored.definition, stored.created_at)


@router.delete("/{model_id}", operation_id="deleteModel", status_code=204)
async def delete_model(
    model_id: str, project: AdministeredProject, session: WritingSession, change: CurrentUserChange
) -> None:
    """Remove a model of the project; what is priced already stays as it is."""
    await priced_models.delete(session, project, model_id, change)
