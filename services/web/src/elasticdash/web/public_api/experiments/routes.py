"""`/api/public/experiments` and `/api/public/experiment-items`: runs of all SDK generations, by time."""

from collections.abc import Mapping, Sequence

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from elasticdash.shared.clickhouse import observations, scores, traces
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.observations import Texts
from elasticdash.shared.clickhouse.rows import ObservationKey
from elasticdash.shared.clickhouse.scores import StoredScore
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import dataset_items, experiments
from elasticdash.shared.postgres.experiments import ExperimentItemRow, Position
from elasticdash.web.dependencies import AuthenticatedRoute, CurrentClickHouse, CurrentProject, ReadingSession
from elasticdash.web.public_api.experiments import schemas, views
from elasticdash.web.public_api.experiments.schemas import ExperimentItemsQuery, ExperimentsQuery
from elasticdash.web.public_api.experiments.views import Seen
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json

router = APIRouter(prefix="/api/public", tags=["Experiments"], route_class=AuthenticatedRoute)

_WITH_TEXTS = frozenset({"io", "itemMetadata", "metadata"})
_FROM_DATASET = frozenset({"dataset", "io", "itemMetadata"})


@router.get("/experiments", operation_id="experiments_list", responses={200: {"model": schemas.ExperimentsResponse}})
async def list_experiments(
    query: ExperimentsQuery, project: CurrentProject, session: ReadingSession, clickhouse: CurrentClickHouse
) -> Response:
    """Experiments from a cursor on, the one last active first."""
    groups, limit, wanted, position = query.groups(), query.rows_per_page(), query.wanted(), query.position()
    found = await experiments.list_after(session, project, wanted, position, limit + 1)
    rows = found[:limit]
    run_ids = [row.run.id for row in rows] if "scores" in groups else []
    judged = await scores.fetch_of_runs(clickhouse, project, run_ids, query.scores_per_row())
    data = [views.experiment_view(project.project_id, row, groups, judged.get(row.run.id, ())) for row in rows]
    last = Position(rows[-1].end_time, rows[-1].run.id) if found[limit:] else None
    return _page(data, last)


@router.get(
    "/experiment-items",
    operation_id="experiments_listItems",
    responses={200: {"model": schemas.ExperimentItemsResponse}},
)
async def list_experiment_items(
    query: ExperimentItemsQuery, project: CurrentProject, session: ReadingSession, clickhouse: CurrentClickHouse
) -> Response:
    """Items of experiments from a cursor on, newest first."""
    groups, limit, wanted, position = query.groups(), query.rows_per_page(), query.wanted(), query.position()
    found = await experiments.list_items_after(session, project, wanted, position, limit + 1)
    rows = found[:limit]
    asked = [(row.item.dataset_item_id, row.item.item_version or row.item.created_at) for row in rows]
    known = await dataset_items.find_versions(session, project, asked if groups & _FROM_DATASET else [])
    judged = await _scores_of(clickhouse, project, rows if "scores" in groups else [], query.scores_per_row())
    texts = Texts.ALL if groups & _WITH_TEXTS else Texts.NONE
    keys = [_key(row, row.item.observation_id) for row in rows if row.item.observation_id is not None]
    seen = {(row.trace_id, row.id): row for row in await observations.fetch(clickhouse, project, keys, texts)}
    linked_traces = sorted({row.item.trace_id for row in rows if row.item.observation_id is None})
    of_traces = await traces.fetch(clickhouse, project, linked_traces, with_text=texts is Texts.ALL)
    data = [
        views.item_view(
            project.project_id,
            Seen(
                row=row,
                observation=seen.get((row.item.trace_id, row.item.observation_id or "")),
                trace=of_traces.get(row.item.trace_id),
                dataset_item=known.get(at),
                scores=judged.get(row.item.id, ()),
            ),
            groups,
        )
        for row, at in zip(rows, asked, strict=True)
    ]
    last = Position(rows[-1].item.start_time, rows[-1].item.id) if found[limit:] else None
    return _page(data, last)


def _key(row: ExperimentItemRow, observation_id: str) -> ObservationKey:
    return ObservationKey(row.item.trace_id, observation_id, json_text.us_of_time(row.item.start_time))


async def _scores_of(
    clickhouse: ClickHouse, project: ProjectScope, rows: Sequence[ExperimentItemRow], each: int
) -> Mapping[str, Sequence[StoredScore]]:
    """Scores of each item's trace and of its own observation, newest first, by the id of the link."""
    trace_ids = sorted({row.item.trace_id for row in rows})
    observation_ids = sorted({row.item.observation_id for row in rows if row.item.observation_id is not None})
    found = await scores.fetch_of_traces(clickhouse, project, trace_ids, observation_ids, each)
    return {
        row.item.id: [
            score
            for score in found.get(row.item.trace_id, ())
            if score.observation_id in (None, row.item.observation_id)
        ][:each]
        for row in rows
    }


def _page(data: Sequence[Json], last: Position | None) -> Response:
    body = {"data": data, "meta": {"cursor": schemas.cursor_after(last)} if last else {}}
    return Response(msgspec.json.encode(body), media_type="application/json")
