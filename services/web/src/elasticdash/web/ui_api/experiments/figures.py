"""What all scores of an experiment's items say together, however many items it has."""

from collections.abc import Sequence

from elasticdash.shared.clickhouse import scores
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import parameter_sized
from elasticdash.shared.clickhouse.scores import ScoreSummary
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres.experiment_results import Place
from elasticdash.web.ui_api.experiments.schemas import ScoreFigureShape


async def fetch(clickhouse: ClickHouse, project: ProjectScope, places: Sequence[Place]) -> list[ScoreFigureShape]:
    """A figure for each name and type of the scores at these places, the most frequent first."""
    found: list[ScoreSummary] = []
    for part in parameter_sized(places, _longer_id):
        trace_ids = sorted({place.trace_id for place in part})
        observation_ids = sorted({place.observation_id for place in part if place.observation_id is not None})
        kept = scores.of_traces(trace_ids, observation_ids)
        found += await scores.fetch_summary(clickhouse, project, [kept])
    return together(found)


def together(parts: Sequence[ScoreSummary]) -> list[ScoreFigureShape]:
    """One figure for all parts that have a name and a type in common, the most frequent first."""
    groups: dict[tuple[str, str], list[ScoreSummary]] = {}
    for part in parts:
        groups.setdefault((part.name, part.data_type), []).append(part)
    made = [_figure(group) for group in groups.values()]
    return sorted(made, key=lambda figure: (-figure.scores, figure.name, figure.data_type))


def _figure(group: Sequence[ScoreSummary]) -> ScoreFigureShape:
    numbers = [(part.average, part.scores) for part in group if part.average is not None]
    texts: dict[str, int] = {}
    for part in group:
        for text, count in part.texts:
            texts[text] = texts.get(text, 0) + count
    weight = sum(count for _, count in numbers)
    return ScoreFigureShape(
        name=group[0].name,
        data_type=group[0].data_type,
        scores=sum(part.scores for part in group),
        average=sum(average * count for average, count in numbers) / weight if weight else None,
        text=max(texts, key=lambda text: texts[text], default=None),
    )


def _longer_id(place: Place) -> str:
    return max(place.trace_id, place.observation_id or "", key=len)
