"""The described shapes and the written answers have the same keys."""

from elasticdash.shared.clickhouse.rows import ObservationRow, ScoreRow, TraceRow
from elasticdash.web.public_api.observations.schemas import ObservationV2Shape
from elasticdash.web.public_api.observations.views import Described, observation_v2_view
from elasticdash.web.views import shapes
from elasticdash.web.views.model_prices import NO_PRICE
from elasticdash.web.views.observation_view import observation_view
from elasticdash.web.views.score_view import score_view
from elasticdash.web.views.trace_view import trace_view
from elasticdash.web.wire import WireModel

EVERY_GROUP = frozenset({"core", "basic", "time", "io", "metadata", "model", "usage", "prompt", "trace_context"})
OBSERVATION = ObservationRow(
    *("o", "t", "SPAN", None, "default", "step", "DEFAULT", None, None, None),
    *(1, None, None, 0, 0, None, None, None, {}, {}, None, None, None, None),
    *(None, None, None, None, None, [], False, None, None, {}),
)


def _score(data_type: str) -> ScoreRow:
    return ScoreRow("s", "t", None, 0, "n", data_type, 1.0, "x", "", "API", None, {}, "default", None, None, None, 0, 0)


def _keys(shape: type[WireModel]) -> set[str]:
    return {str(field.alias) for field in shape.model_fields.values()}


def test_trace() -> None:
    row = TraceRow("t", 0, None, None, None, None, None, "default", False, False, [], 0, 0, None, None, {})

    assert set(trace_view("p", row)) == _keys(shapes.TraceShape)


def test_observation() -> None:
    assert set(observation_view("p", OBSERVATION, {})) == _keys(shapes.ObservationShape)


def test_observation_of_the_second_generation() -> None:
    view = observation_v2_view("p", Described(OBSERVATION, None, NO_PRICE), EVERY_GROUP, frozenset())

    assert set(view) == _keys(ObservationV2Shape)


def test_score() -> None:
    assert set(score_view("p", _score("BOOLEAN"))) == _keys(shapes.ScoreShape)
    assert set(score_view("p", _score("NUMERIC"))) == _keys(shapes.ScoreShape) - {"stringValue"}
    assert set(score_view("p", _score("TEXT"))) == _keys(shapes.ScoreShape) - {"value"}
