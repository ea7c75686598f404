"""Scores of all three API generations: list, read, create, delete."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import filter_conditions, filters, scores, scores_deletion
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.scores import Position
from elasticdash.shared.clickhouse.scores_columns import SCORES
from elasticdash.shared.clickhouse.trace_list import Page as Rows
from elasticdash.shared.schemas import ingestion_wrappers
from elasticdash.shared.schemas.ingestion_wrappers import WrappedEvent
from elasticdash.web.dependencies import (
    AuthenticatedRoute,
    CurrentClickHouse,
    CurrentProject,
    CurrentServices,
    ScoresWriter,
)
from elasticdash.web.ingest.answers import sender_of
from elasticdash.web.pagination import Page, RequestedPage, page_meta
from elasticdash.web.public_api.scores import schemas, schemas_v3, views
from elasticdash.web.public_api.scores.schemas import ScoresQuery, ScoresV2Query
from elasticdash.web.public_api.scores.schemas_v3 import ScoresV3Query
from elasticdash.web.views.json_text import Json

router = APIRouter(prefix="/api/public", tags=["Scores"], route_class=AuthenticatedRoute)

_WRONG_SOURCE = "source: must be API or ANNOTATION"
# The first generation knows neither scores of sessions and dataset runs, nor corrections.
_IN_V1 = Predicate("trace_id != '' AND data_type != 'CORRECTION'")


@router.get("/v2/scores", operation_id="scores_get-many", responses={200: {"model": schemas.ScoresResponse}})
async def list_scores_v2(
    query: ScoresV2Query, page: RequestedPage, project: CurrentProject, clickhouse: CurrentClickHouse
) -> Response:
    """A page of scores, newest first."""
    groups = query.groups()
    found = await scores.fetch_page(clickhouse, project, _predicates(query), Rows(page.limit, page.offset))
    data = [views.score_view(project.project_id, row) for row in found.rows]
    if "trace" in groups:
        judged = await scores.fetch_judged_traces(clickhouse, project, found.rows)
        for view, row in zip(data, found.rows, strict=True):
            trace = judged.get(row.trace_id or "")
            view |= {} if trace is None else {"trace": views.judged_trace_view(trace)}
    return _page(data, page, found.total_items)


@router.get(
    "/v2/scores/{score_id:path}", operation_id="scores_get-by-id", responses={200: {"model": schemas.ScoreShape}}
)
async def get_score_v2(score_id: str, project: CurrentProject, clickhouse: CurrentClickHouse) -> Response:
    """One score."""
    row = await scores.find(clickhouse, project, score_id)
    if row is None:
        raise errors.NotFoundError("Score not found")
    return _json(views.score_view(project.project_id, row))


@router.get("/v3/scores", operation_id="scoresV3_getManyV3", responses={200: {"model": schemas_v3.ScoresV3Response}})
async def list_scores_v3(query: ScoresV3Query, project: CurrentProject, clickhouse: CurrentClickHouse) -> Response:
    """Scores from a cursor on, newest first."""
    groups, limit, predicates = query.groups(), query.rows_per_page(), query.predicates()
    rows = await scores.fetch_after(clickhouse, project, predicates, query.position(), limit + 1)
    meta: dict[str, Json] = {"limit": limit}
    if len(rows) > limit:
        last = rows[limit - 1]
        meta["cursor"] = schemas_v3.cursor_after(Position(last.timestamp_us, last.id))
    data = [views.score_v3_view(project.project_id, row, groups) for row in rows[:limit]]
    return _json({"data": data, "meta": meta})


@router.get("/scores", operation_id="legacy_scoreV1_list", responses={200: {"model": schemas.ScoresResponse}})
async def list_scores_v1(
    query: ScoresQuery, page: RequestedPage, project: CurrentProject, clickhouse: CurrentClickHouse
) -> Response:
    """A page of scores of traces and observations with what they judge, newest first."""
    predicates = [*_predicates(query), _IN_V1]
    found = await scores.fetch_page(clickhouse, project, predicates, Rows(page.limit, page.offset))
    judged = await scores.fetch_judged_traces(clickhouse, project, found.rows)
    data = [
        # Clients of this generation can't read a score without its trace, which may not have come yet.
        views.score_view(project.project_id, row)
        | {"trace": views.judged_trace_view(judged.get(row.trace_id or "") or scores.unknown_trace(row))}
        for row in found.rows
    ]
    return _page(data, page, found.total_items)


@router.get(
    "/scores/{score_id:path}", operation_id="legacy_scoreV1_get", responses={200: {"model": schemas.ScoreShape}}
)
async def get_score_v1(score_id: str, project: CurrentProject, clickhouse: CurrentClickHouse) -> Response:
    """One score of a trace or an observation."""
    row = await scores.find(clickhouse, project, score_id)
    if row is None or row.trace_id is None or row.data_type == "CORRECTION":
        raise errors.NotFoundError("Score not found")
    return _json(views.score_view(project.project_id, row))


@router.post(
    "/scores",
    operation_id="scores_create",
    responses={
        200: {"model": schemas.CreatedScore},
        202: {"model": schemas.Message},
        207: {"model": schemas.PartlyAccepted},
    },
)
async def create_scores(request: Request, principal: ScoresWriter, services: CurrentServices) -> Response:
    """Accept one score (200 with its id) or an array (202; 207 when some break a rule). Durable once answered."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    with services.gate.ingesting(request.scope, principal, None) as hold:
        raw = await request.body()
        hold.add(len(raw))
        sent = ingestion_wrappers.score_request(raw, now)
        allowed = [wrapped.event for wrapped in sent.events if _may_be_sent(wrapped)]
        result = await services.acceptor.accept_events(principal, allowed, sender_of(request), hold)
    refused = [_WRONG_SOURCE] * (len(sent.events) - len(allowed)) + [failure.error for failure in result.failures]
    if sent.is_list:
        return _accepted_list(len(result.accepted_ids), refused)
    for reason in refused:
        raise errors.InvalidRequestError(reason)
    return _json({"id": sent.events[0].entity_id})


@router.delete(
    "/scores/{score_id:path}",
    operation_id="legacy_scoreV1_delete",
    status_code=202,
    responses={202: {"model": schemas.Message}},
)
async def delete_score(score_id: str, project: CurrentProject, clickhouse: CurrentClickHouse) -> Response:
    """Delete one score; an unknown id is no error."""
    await scores_deletion.delete_scores(clickhouse, project, [score_id], time.time_ns() // 1_000_000)
    return _json({"message": "Score deletion queued successfully"}, 202)


def _predicates(query: schemas.ScoreFilterQuery) -> Sequence[Predicate]:
    return filters.compile_all(SCORES, query.conditions(), filter_conditions.parse(query.filter))


def _may_be_sent(wrapped: WrappedEvent) -> bool:
    """Whether a score names a source that clients may speak for; what is no text is left to the rules of scores."""
    body = cast(Mapping[str, object], wrapped.event["body"])
    source = body.get("source")
    return not isinstance(source, msgspec.Raw) or msgspec.json.decode(source) != "EVAL"


def _accepted_list(accepted: int, refused: Sequence[str]) -> Response:
    if not refused:
        return _json({"message": "Accepted"}, 202)
    reasons = [{"message": reason} for reason in refused]
    return _json({"accepted": accepted, "rejected": len(refused), "errors": reasons}, 207)


def _page(data: Sequence[Json], page: Page, total_items: int) -> Response:
    return _json({"data": data, "meta": page_meta(page, total_items).model_dump(by_alias=True)})


def _json(body: Mapping[str, Json], status_code: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status_code, media_type="application/json")
