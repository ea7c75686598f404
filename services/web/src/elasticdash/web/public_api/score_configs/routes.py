"""`/api/public/score-configs`."""

from fastapi import APIRouter

from elasticdash.shared.postgres import score_configs
from elasticdash.web.dependencies import (
    AuthenticatedRoute,
    CurrentChange,
    CurrentProject,
    ReadingSession,
    WritingSession,
)
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.score_configs.schemas import (
    CreateScoreConfigRequest,
    ScoreConfigResponse,
    ScoreConfigsResponse,
    UpdateScoreConfigRequest,
)

router = APIRouter(prefix="/api/public/score-configs", tags=["ScoreConfigs"], route_class=AuthenticatedRoute)


@router.get("", operation_id="scoreConfigs_get")
async def list_score_configs(
    project: CurrentProject, session: ReadingSession, page: RequestedPage
) -> ScoreConfigsResponse:
    """Score configs of the project, newest first."""
    rows, total = await score_configs.list_page(session, project, offset=page.offset, limit=page.limit)
    data = [ScoreConfigResponse.model_validate(row) for row in rows]
    return ScoreConfigsResponse(data=data, meta=page_meta(page, total))


@router.post("", operation_id="scoreConfigs_create")
async def create_score_config(
    project: CurrentProject, session: WritingSession, change: CurrentChange, body: CreateScoreConfigRequest
) -> ScoreConfigResponse:
    """A new score config."""
    row = await score_configs.create(session, project, body.fields(), change)
    return ScoreConfigResponse.model_validate(row)


@router.get("/{config_id}", operation_id="scoreConfigs_get-by-id")
async def get_score_config(project: CurrentProject, session: ReadingSession, config_id: str) -> ScoreConfigResponse:
    """One score config."""
    return ScoreConfigResponse.model_validate(await score_configs.get(session, project, config_id))


@router.patch("/{config_id}", operation_id="scoreConfigs_update")
async def update_score_config(
    project: CurrentProject,
    session: WritingSession,
    change: CurrentChange,
    config_id: str,
    body: UpdateScoreConfigRequest,
) -> ScoreConfigResponse:
    """The score config after the change."""
    row = await score_configs.update(session, project, config_id, body.changes(), change)
    return ScoreConfigResponse.model_validate(row)
