"""The judge reports every kind of fault, and nothing where nothing is wrong."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from support.chaos.judge import Fault, Metrics, Reading, counts, judge, unread
from support.chaos.ledger import Answer, EntityKey, Fate, Ledger, Statement, Told

Rows = dict[str, list[dict[str, Any]]]

TRACE = EntityKey("p", "trace", "t")
OBSERVATION = EntityKey("p", "observation", "o")
MAYBE = EntityKey("p", "observation", "maybe")
REFUSED = EntityKey("p", "observation", "refused")
INVALID = EntityKey("p", "observation", "invalid")

TOLD = [
    Told(Statement("1", TRACE, {"name": "run"}), Fate.ACKNOWLEDGED),
    Told(Statement("2", OBSERVATION, {"input": "question", "totalTokens": 7}), Fate.ACKNOWLEDGED),
    Told(Statement("3", OBSERVATION, {"output": "answer"}), Fate.UNCERTAIN),
    Told(Statement("4", MAYBE, {"input": "lost connection"}), Fate.UNCERTAIN),
    Told(Statement("5", REFUSED, {"input": "too many"}), Fate.REFUSED),
    Told(Statement("6", INVALID, {"name": "invalid"}, is_valid=False), Fate.REFUSED),
]
ANSWERS = {Answer("batch", 207): 3, Answer("batch", "ConnectError"): 1, Answer("otlp", 503): 1}
ROWS: Rows = {
    "trace": [{"id": "t", "name": "run"}],
    "observation": [{"id": "o", "input": "question", "output": None, "totalTokens": 7}],
    "score": [],
}


def reading(rows: Mapping[str, list[dict[str, Any]]] = ROWS, **changed: Any) -> Reading:
    listed = {kind: [dict(row) for row in rows[kind]] for kind in rows}
    numbers = {kind: len(rows) for kind, rows in listed.items()}
    tokens = sum(row.get("totalTokens") or 0 for row in listed["observation"])
    single = {TRACE: {**ROWS["trace"][0], "observations": [{"id": "o"}], "scores": []}}
    parts = {"listed": listed, "totals": numbers, "metrics": Metrics(numbers, tokens), "single": single}  # pyright: ignore[reportArgumentType] kinds are texts here
    return Reading("p", **{**parts, **changed})


def faults(found: Reading, answers: Mapping[Answer, int] = ANSWERS) -> set[Fault]:
    return set(counts(judge(TOLD, [found], answers)))


def with_row(kind: str, **row: Any) -> Rows:
    return {**ROWS, kind: [*ROWS[kind], row]}


def with_observation(**fields: Any) -> Rows:
    return {**ROWS, "observation": [{**ROWS["observation"][0], **fields}]}


@pytest.mark.parametrize(
    "rows",
    [ROWS, with_observation(output="answer"), with_row("observation", id="maybe", input="lost connection")],
    ids=["without-what-is-uncertain", "an-uncertain-field", "an-uncertain-entity"],
)
def test_what_was_promised_is_not_reported(rows: Rows):
    assert faults(reading(rows)) == set()


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ({**ROWS, "trace": []}, Fault.LOST),
        ({**ROWS, "observation": []}, Fault.LOST),
        (with_row("observation", id="o", input="question", totalTokens=7), Fault.DOUBLED),
        (with_row("score", id="nobody-sent-it"), Fault.INVENTED),
        (with_row("observation", id="refused", input="too many"), Fault.REFUSED_APPEARED),
        (with_row("observation", id="invalid"), Fault.REFUSED_APPEARED),
        (with_observation(input="quest"), Fault.PAYLOAD),
        (with_observation(input=None), Fault.PAYLOAD),
        (with_observation(output="another answer"), Fault.PAYLOAD),
        (with_row("observation", id="maybe", input="something else"), Fault.PAYLOAD),
    ],
    ids=[
        "lost-trace", "lost-observation", "doubled", "invented", "refused", "invalid", "wrong-field", "missing-field",
        "wrong-uncertain-field", "wrong-uncertain-entity",
    ],
)  # fmt: skip
def test_a_list_that_breaks_a_promise_is_reported(rows: Rows, fault: Fault):
    assert fault in faults(reading(rows))


NUMBERS: dict[Any, int] = {"trace": 1, "observation": 1, "score": 0}
SINGLE = {"id": "t", "name": "run", "observations": [{"id": "o"}], "scores": []}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"totals": {**NUMBERS, "trace": 2}}, Fault.COUNT),
        ({"metrics": Metrics({**NUMBERS, "observation": 2}, 7)}, Fault.METRICS),
        ({"metrics": Metrics(NUMBERS, 14)}, Fault.METRICS),
        ({"single": {TRACE: None}}, Fault.LOST),
        ({"single": {REFUSED: {"id": "refused"}}}, Fault.REFUSED_APPEARED),
        ({"single": {TRACE: {**SINGLE, "name": "other"}}}, Fault.PAYLOAD),
        ({"single": {TRACE: {**SINGLE, "observations": [{"id": "o"}, {"id": "o"}]}}}, Fault.DOUBLED),
        ({"also_listed": {"observation": []}}, Fault.LOST),
        ({"also_listed": {"observation": ["o", "o"]}}, Fault.DOUBLED),
    ],
    ids=[
        "stated-total", "counted", "summed", "get-finds-nothing", "get-finds-refused", "get-differs", "get-doubles",
        "second-list-loses", "second-list-doubles",
    ],
)  # fmt: skip
def test_any_other_read_that_breaks_a_promise_is_reported(changed: dict[str, Any], fault: Fault):
    assert faults(reading(**changed)) == {fault}


@pytest.mark.parametrize(
    "answer",
    [Answer(route, status) for route in ("batch", "otlp", "read") for status in (400, 401, 500, 502, 504)]
    + [Answer("otlp", 429), Answer("otlp", 404)],
    ids=str,
)
def test_an_answer_that_clients_do_not_try_again_is_reported(answer: Answer):
    assert faults(reading(), {**ANSWERS, answer: 1}) == {Fault.ANSWER}


def test_an_invalid_event_that_was_accepted_is_reported():
    told = [*TOLD[:-1], Told(TOLD[-1].statement, Fate.ACKNOWLEDGED)]

    assert Fault.ANSWER in counts(judge(told, [reading()], ANSWERS))


def test_what_another_project_sent_counts_as_invented():
    other = Told(Statement("7", EntityKey("q", "score", "s"), {}), Fate.ACKNOWLEDGED)

    found = counts(judge([*TOLD, other], [reading(with_row("score", id="s"))], ANSWERS))

    assert found[Fault.INVENTED] == 1


@pytest.mark.parametrize("order", [list, reversed], ids=["better-last", "better-first"])
def test_the_best_that_was_said_about_a_statement_counts(order: Callable[[list[Fate]], Any]):
    ledger = Ledger()
    statement = TOLD[0].statement

    for fate in order([Fate.REFUSED, Fate.UNCERTAIN, Fate.ACKNOWLEDGED]):
        ledger.record([statement], fate)

    assert ledger.told["1"].fate is Fate.ACKNOWLEDGED


def test_unread_are_the_acknowledged_entities_nobody_saw():
    assert unread(TOLD, [TRACE, MAYBE]) == {OBSERVATION}
