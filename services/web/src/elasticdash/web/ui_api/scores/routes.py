"""Scores: lists, what they say together, and judgements of people."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request

from elasticdash.shared import errors, ids
from elasticdash.shared.clickhouse import scores, scores_deletion
from elasticdash.shared.clickhouse.scores import StoredScore
from elasticdash.shared.postgres import score_configs, users
from elasticdash.web import cursors
from elasticdash.web.auth.policies import CurrentUserChange, EditedProject, ViewedProject
from elasticdash.web.auth.principal import Principal
from elasticdash.web.dependencies import CurrentClickHouse, CurrentServices, ReadingSession
from elasticdash.web.ingest.answers import sender_of
from elasticdash.web.ui_api.scores.schemas import (
    AnnotatedShape,
    AnnotateRequest,
    ScorePageShape,
    ScoreRowShape,
    ScoresFilter,
    ScoresQuery,
    ScoreSummariesShape,
    ScoreSummaryShape,
    TextCountShape,
)
from elasticdash.web.ui_route import UiRoute
from elasticdash.web.views import json_text

router = APIRouter(prefix="/projects/{project_id}", tags=["scores"], route_class=UiRoute)


@router.get("/scores", operation_id="listScores")
async def list_scores(
    query: ScoresQuery, project: ViewedProject, clickhouse: CurrentClickHouse, session: ReadingSession
) -> ScorePageShape:
    """A page of scores, newest first."""
    found = await scores.fetch_after(clickhouse, project, query.predicates(), query.position(), query.limit + 1)
    shown = found[: query.limit]
    emails = await users.emails_of(session, {row.author_user_id for row in shown if row.author_user_id})
    return ScorePageShape(
        scores=[_row_shape(row, emails) for row in shown],
        next=cursors.encode(shown[-1].timestamp_us, shown[-1].id) if len(found) > len(shown) else None,
    )


@router.get("/scores-summary", operation_id="getScoresSummary")
async def get_summary(
    query: ScoresFilter, project: ViewedProject, clickhouse: CurrentClickHouse
) -> ScoreSummariesShape:
    """What all scores of a name say together."""
    found = await scores.fetch_summary(clickhouse, project, query.predicates())
    return ScoreSummariesShape(
        summaries=[
            ScoreSummaryShape(
                name=row.name,
                data_type=row.data_type,
                scores=row.scores,
                average=row.average,
                least=row.least,
                most=row.most,
                texts=[TextCountShape(text=text, scores=count) for text, count in row.texts],
                last=json_text.time_of_us(row.last_us),
            )
            for row in found
        ]
    )


@router.post("/scores", operation_id="annotate", status_code=201)
async def annotate(
    body: AnnotateRequest,
    project: EditedProject,
    change: CurrentUserChange,
    services: CurrentServices,
    session: ReadingSession,
    request: Request,
) -> AnnotatedShape:
    """Keep a judgement, or replace one of before; InvalidRequestError for what its config does not allow."""
    config = await score_configs.get(session, project, body.config_id)
    score_id = body.id or ids.new_id()
    principal = Principal(project, "project", public_key="", api_key_id=change.actor.id)
    said = body.model_dump(by_alias=True, exclude_none=True, exclude={"id"})
    event = {
        "id": ids.new_id(),
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "type": "score-create",
        "body": {
            **said,
            "id": score_id,
            "name": config.name,
            "dataType": config.data_type,
            "source": "ANNOTATION",
            "authorUserId": change.actor.id,
        },
    }
    with services.gate.ingesting(request.scope, principal, None) as hold:
        result = await services.acceptor.accept_events(principal, [event], sender_of(request), hold)
    for failure in result.failures:
        raise errors.InvalidRequestError(failure.error)
    return AnnotatedShape(id=score_id)


@router.delete("/scores/{score_id:path}", operation_id="deleteScore", status_code=204)
async def delete_score(score_id: str, project: EditedProject, clickhouse: CurrentClickHouse) -> None:
    """Delete one score; an unknown id is no error."""
    await scores_deletion.delete_scores(clickhouse, project, [score_id], time.time_ns() // 1_000_000)


def _row_shape(row: StoredScore, emails: Mapping[str, str]) -> ScoreRowShape:
    return ScoreRowShape(
        id=row.id,
        trace_id=row.trace_id,
        observation_id=row.observation_id,
        session_id=row.session_id,
        timestamp=json_text.time_of_us(row.timestamp_us),
        name=row.name,
        data_type=row.data_type,
        value=row.value if row.data_type in ("NUMERIC", "BOOLEAN") else None,
        text=row.string_value or row.long_string_value or None,
        source=row.source,
        comment=row.comment,
        environment=row.environment,
        config_id=row.config_id,
        author=emails.get(row.author_user_id or ""),
    )
