"""Score configs: the shapes a project agreed on for its scores."""

from fastapi import APIRouter

from elasticdash.shared.postgres import score_configs
from elasticdash.web.auth.policies import CurrentUserChange, EditedProject, ViewedProject
from elasticdash.web.dependencies import ReadingSession, WritingSession
from elasticdash.web.public_api.score_configs.schemas import (
    CreateScoreConfigRequest,
    ScoreConfigResponse,
    UpdateScoreConfigRequest,
)
from elasticdash.web.ui_route import UiRoute
from elasticdash.web.wire import WireModel

router = APIRouter(prefix="/projects/{project_id}/score-configs", tags=["score configs"], route_class=UiRoute)

# Nobody chooses from more by hand.
_MAX_SHOWN = 500


class ScoreConfigsShape(WireModel):
    """The score configs of a project, newest first, archived ones included."""

    configs: list[ScoreConfigResponse]


@router.get("", operation_id="listScoreConfigs")
async def list_score_configs(project: ViewedProject, session: ReadingSession) -> ScoreConfigsShape:
    """Every score config of the project."""
    rows, _ = await score_configs.list_page(session, project, offset=0, limit=_MAX_SHOWN)
    return ScoreConfigsShape(configs=[ScoreConfigResponse.model_validate(row) for row in rows])


@router.post("", operation_id="createScoreConfig", status_code=201)
async def create_score_config(
    body: CreateScoreConfigRequest, project: EditedProject, session: WritingSession, change: CurrentUserChange
) -> ScoreConfigResponse:
    """A new score config."""
    return ScoreConfigResponse.model_validate(await score_configs.create(session, project, body.fields(), change))


@router.patch("/{config_id}", operation_id="updateScoreConfig")
async def update_score_config(
    config_id: str,
    body: UpdateScoreConfigRequest,
    project: EditedProject,
    session: WritingSession,
    change: CurrentUserChange,
) -> ScoreConfigResponse:
    """The score config after the change; its type stays."""
    row = await score_configs.update(session, project, config_id, body.changes(), change)
    return ScoreConfigResponse.model_validate(row)
