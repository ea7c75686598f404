"""What experiments made of a page of items, read from every store that knows a part of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.clickhouse import experiment_results as traced
from elasticdash.shared.clickhouse import observations, scores
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.experiment_results import Answer, Totals
from elasticdash.shared.clickhouse.observations import Texts
from elasticdash.shared.clickhouse.rows import ObservationKey
from elasticdash.shared.clickhouse.scores import StoredScore
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.otel import experiments, metadata
from elasticdash.shared.postgres import dataset_items, experiment_results
from elasticdash.shared.postgres.models.dataset_runs import DatasetRunItemRow
from elasticdash.shared.postgres.models.datasets import DatasetItemRow
from elasticdash.web.ui_api.experiments import views
from elasticdash.web.ui_api.experiments.schemas import ComparedItemShape, ResultShape
from elasticdash.web.views import stored_json
from elasticdash.web.views.observation_view import number

_SHOWN_CHARACTERS = traced.SHOWN_CHARACTERS
_SCORES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the engine says of traces: their answers, totals and scores, and what spans expected of items."""

    answers: Mapping[tuple[str, str | None], Answer]
    totals: Mapping[str, Totals]
    scores: Mapping[str, Sequence[StoredScore]]
    expected: Mapping[str, str]


async def fetch(
    session: AsyncSession,
    clickhouse: ClickHouse,
    project: ProjectScope,
    run_ids: Sequence[str],
    item_ids: Sequence[str],
) -> list[ComparedItemShape]:
    """These items in their order, each with what these experiments made of it."""
    links = await experiment_results.list_of_items(session, project, run_ids, item_ids)
    asked = {link.dataset_item_id: link.item_version or link.created_at for link in links}
    items = {row.id: row for row in (await dataset_items.find_versions(session, project, [*asked.items()])).values()}
    known = await _known(clickhouse, project, links, items)
    made: dict[str, list[DatasetRunItemRow]] = {id_: [] for id_ in item_ids}
    for link in links:
        made[link.dataset_item_id].append(link)
    return [_compared(id_, items.get(id_), made[id_], known) for id_ in item_ids]


async def _known(
    clickhouse: ClickHouse,
    project: ProjectScope,
    links: Sequence[DatasetRunItemRow],
    items: Mapping[str, DatasetItemRow],
) -> _Known:
    trace_ids = sorted({link.trace_id for link in links})
    keys = [_key(link, link.observation_id) for link in links if link.observation_id is not None]
    linked_traces = sorted({link.trace_id for link in links if link.observation_id is None})
    # What is in no dataset, only its spans describe.
    own = [
        _key(link, link.observation_id)
        for link in links
        if link.observation_id is not None and link.dataset_item_id not in items
    ]
    told = await observations.fetch(clickhouse, project, own, Texts.METADATA)
    expected = {row.trace_id: experiments.texts_of_item(row.metadata.get(metadata.ATTRIBUTES))[0] for row in told}
    return _Known(
        answers=await traced.fetch_answers(clickhouse, project, keys, linked_traces),
        totals=await traced.fetch_totals(clickhouse, project, trace_ids),
        scores=await scores.fetch_of_traces(clickhouse, project, trace_ids, [key.id for key in keys], _SCORES_SHOWN),
        expected={trace_id: text for trace_id, text in expected.items() if text is not None},
    )


def _compared(
    item_id: str, item: DatasetItemRow | None, links: Sequence[DatasetRunItemRow], known: _Known
) -> ComparedItemShape:
    if item is not None:
        input_text, expected = stored_json.text_of(item.input), stored_json.text_of(item.expected_output)
    else:
        said = [known.answers.get(_place(link)) for link in links]
        input_text = next((answer.input for answer in said if answer is not None and answer.input), None)
        expected = next((known.expected[link.trace_id] for link in links if link.trace_id in known.expected), None)
    return ComparedItemShape(
        item_id=item_id,
        input=input_text and input_text[:_SHOWN_CHARACTERS],
        expected_output=expected and expected[:_SHOWN_CHARACTERS],
        results=[_result(link, known) for link in links],
    )


def _result(link: DatasetRunItemRow, known: _Known) -> ResultShape:
    answer, totals = known.answers.get(_place(link)), known.totals.get(link.trace_id)
    judged = [
        score
        for score in known.scores.get(link.trace_id, ())
        if score.observation_id in (None, "", link.observation_id)
    ]
    return ResultShape(
        run_id=link.dataset_run_id,
        trace_id=link.trace_id,
        observation_id=link.observation_id,
        output=answer.output if answer else None,
        errors=totals.errors if totals else 0,
        latency_seconds=totals.latency_seconds if totals else None,
        total_cost_usd=number(totals.total_cost_usd) if totals else None,
        total_tokens=totals.total_tokens if totals else 0,
        scores=[views.given_score(score) for score in judged[:_SCORES_SHOWN]],
    )


def _key(link: DatasetRunItemRow, observation_id: str) -> ObservationKey:
    return ObservationKey(link.trace_id, observation_id, 0)


def _place(link: DatasetRunItemRow) -> tuple[str, str | None]:
    return link.trace_id, link.observation_id
