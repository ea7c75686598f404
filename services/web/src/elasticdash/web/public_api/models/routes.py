"""`/api/public/models`: what models cost, built in and of one's own."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.models import ModelDefinition
from elasticdash.shared.model_prices import built_in, patterns
from elasticdash.shared.postgres import priced_models
from elasticdash.shared.postgres.priced_models import StoredModel
from elasticdash.web.dependencies import (
    AuthenticatedRoute,
    CurrentChange,
    CurrentProject,
    ReadingSession,
    WritingSession,
)
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.models.schemas import DeletedResponse, ModelResponse, ModelsResponse, SaveModelRequest
from elasticdash.web.wire import Text

router = APIRouter(prefix="/api/public/models", tags=["Models"], route_class=AuthenticatedRoute)

# Built-in models are not stored, but clients need a time.
_BUILT_IN_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
ModelId = Annotated[Text, Path(max_length=100)]
_NOT_FOUND = "No model with this id found"


@router.get("", operation_id="models_list")
async def list_models(project: CurrentProject, session: ReadingSession, page: RequestedPage) -> ModelsResponse:
    """The project's models and the built-in ones, by name; of one name the project's first."""
    known = await _built_in_models()
    everything = [*await priced_models.list_stored(session, project), *map(_as_stored, known.values())]
    everything.sort(key=lambda stored: stored.definition.name)
    shown = everything[page.offset : page.offset + page.limit]
    return ModelsResponse(data=[_response(stored) for stored in shown], meta=page_meta(page, len(everything)))


@router.post("", operation_id="models_create")
async def create_model(
    project: CurrentProject, session: WritingSession, change: CurrentChange, body: SaveModelRequest
) -> ModelResponse:
    """A new model of the project."""
    definition = body.definition(ids.new_id(), project.project_id, patterns.compile_pattern)
    return _response(await priced_models.save(session, project, definition, change))


@router.get("/{model_id}", operation_id="models_get")
async def get_model(project: CurrentProject, session: ReadingSession, model_id: str) -> ModelResponse:
    """One model, of the project or built in."""
    own = await priced_models.find(session, project, model_id)
    if own is not None:
        return _response(own)
    definition = (await _built_in_models()).get(model_id)
    if definition is None:
        raise errors.NotFoundError(_NOT_FOUND)
    return _response(_as_stored(definition))


@router.put("/{model_id}", operation_id="models_replace")
async def replace_model(
    project: CurrentProject, session: WritingSession, change: CurrentChange, model_id: ModelId, body: SaveModelRequest
) -> ModelResponse:
    """The project's model with this id, created or replaced; built-in ones stay as they are."""
    if model_id in await _built_in_models():
        raise errors.InvalidRequestError("A built-in model can't be replaced; create one with the same match pattern")
    definition = body.definition(model_id, project.project_id, patterns.compile_pattern)
    return _response(await priced_models.save(session, project, definition, change))


@router.delete("/{model_id}", operation_id="models_delete")
async def delete_model(
    project: CurrentProject, session: WritingSession, change: CurrentChange, model_id: str
) -> DeletedResponse:
    """Remove a model of the project."""
    await priced_models.delete(session, project, model_id, change)
    return DeletedResponse()


async def _built_in_models() -> Mapping[str, ModelDefinition]:
    return await asyncio.to_thread(built_in.current_models)


def _as_stored(definition: ModelDefinition) -> StoredModel:
    return StoredModel(definition, _BUILT_IN_SINCE)


def _response(stored: StoredModel) -> ModelResponse:
    return ModelResponse.from_definition(stored.definition, stored.created_at)
