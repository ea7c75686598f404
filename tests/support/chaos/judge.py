"""Compares what clients were told with what readers see. Pure: a run, a replay and a unit test are judged alike."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from support.chaos.ledger import KINDS, Answer, EntityKey, EntityKind, Fate, Json, Told

Row = Mapping[str, Json]

# By route, what a client may be told: success, or what it tries again. Everything else makes it drop events; exporters
# drop on 429 too. A reader may be told that something is not there yet.
ALLOWED_STATUSES: Mapping[str, frozenset[int]] = {
    "batch": frozenset({207, 429, 503}),
    "otlp": frozenset({200, 503}),
    "read": frozenset({200, 404, 429, 503}),
}


class Fault(StrEnum):
    """What can be wrong, from the worst."""

    LOST = "lost"
    INVENTED = "invented"
    REFUSED_APPEARED = "refused_appeared"
    DOUBLED = "doubled"
    PAYLOAD = "payload"
    COUNT = "count"
    METRICS = "metrics"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise; `where` is the read or the route that shows it."""

    fault: Fault
    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the metrics endpoints say of a project: how many of each kind, and the sum of all tokens."""

    counts: Mapping[EntityKind, int]
    total_tokens: int


@dataclass(frozen=True, slots=True)
class Reading:
    """All that readers see of one project once it has settled.

    `listed` has the rows of every page in order, `also_listed` the ids of a second kind of list, `totals` the number
    that the lists themselves state, `single` the answers of single gets (None: not found).
    """

    project: str
    listed: Mapping[EntityKind, Sequence[Row]]
    totals: Mapping[EntityKind, int]
    metrics: Metrics
    also_listed: Mapping[EntityKind, Sequence[str]] = field(default_factory=dict[EntityKind, Sequence[str]])
    single: Mapping[EntityKey, Row | None] = field(default_factory=dict[EntityKey, Row | None])


@dataclass(slots=True)
class Expected:
    """What may be seen of one entity."""

    must_be_there: bool = False
    may_be_there: bool = False
    certain: dict[str, Json] = field(default_factory=dict[str, Json])
    possible: dict[str, Json] = field(default_factory=dict[str, Json])
    forbidden: dict[str, Json] = field(default_factory=dict[str, Json])


def expectations(told: Iterable[Told]) -> dict[EntityKey, Expected]:
    """What each entity that was spoken of may look like."""
    expected: dict[EntityKey, Expected] = defaultdict(Expected)
    for statement, fate in told:
        of_it = expected[statement.entity]
        if not statement.is_valid or fate is Fate.REFUSED:
            of_it.forbidden |= statement.fields
        elif fate is Fate.ACKNOWLEDGED:
            of_it.must_be_there = of_it.may_be_there = True
            of_it.certain |= statement.fields
        else:
            of_it.may_be_there = True
            of_it.possible |= statement.fields
    return dict(expected)


def judge(told: Collection[Told], readings: Iterable[Reading], answers: Mapping[Answer, int]) -> list[Violation]:
    """Every broken promise; empty when all were kept."""
    expected = expectations(told)
    found = list(_judge_answers(answers))
    found += [
        Violation(Fault.ANSWER, "ingestion", f"accepted what breaks a rule: {statement.id}")
        for statement, fate in told
        if not statement.is_valid and fate is Fate.ACKNOWLEDGED
    ]
    for reading in readings:
        of_project = {key: value for key, value in expected.items() if key.project == reading.project}
        for kind in KINDS:
            found += _judge_kind(reading, kind, of_project)
        found += _judge_singles(reading, of_project)
        found += _judge_metrics(reading)
    return found


def unread(told: Collection[Told], seen: Collection[EntityKey]) -> set[EntityKey]:
    """Acknowledged entities that a reader has not seen yet."""
    return {key for key, of_it in expectations(told).items() if of_it.must_be_there} - set(seen)


def summary(violations: Sequence[Violation], most: int = 8) -> str:
    """Counts by fault, then the first few of each, for a failing test's message."""
    lines = [", ".join(f"{count} × {fault}" for fault, count in counts(violations).items())]
    for fault in counts(violations):
        some = [violation for violation in violations if violation.fault is fault][:most]
        lines += [f"  {violation.fault} in {violation.where}: {violation.detail}" for violation in some]
    return "\n".join(lines)


def counts(violations: Iterable[Violation]) -> dict[Fault, int]:
    """How many violations there are of each fault, the worst first; only those that occur."""
    by_fault = Counter(violation.fault for violation in violations)
    return {fault: by_fault[fault] for fault in Fault if by_fault[fault]}


def _judge_answers(answers: Mapping[Answer, int]) -> Iterator[Violation]:
    for answer, count in answers.items():
        if isinstance(answer.outcome, int) and answer.outcome not in ALLOWED_STATUSES[answer.route]:
            yield Violation(Fault.ANSWER, answer.route, f"{count} × status {answer.outcome}")


def _judge_kind(reading: Reading, kind: EntityKind, expected: Mapping[EntityKey, Expected]) -> Iterator[Violation]:
    where = f"list of {kind}s of {reading.project}"
    rows = {str(row["id"]): row for row in reading.listed[kind]}
    yield from _judge_ids(where, [str(row["id"]) for row in reading.listed[kind]], reading.project, kind, expected)
    if kind in reading.also_listed:
        again = f"second {where}"
        yield from _judge_ids(again, reading.also_listed[kind], reading.project, kind, expected)
    for id_, row in rows.items():
        of_it = expected.get(EntityKey(reading.project, kind, id_))
        if of_it:
            yield from _judge_fields(where, id_, row, of_it)
    if reading.totals[kind] != len(rows):
        yield Violation(Fault.COUNT, where, f"states {reading.totals[kind]} items, lists {len(rows)}")


def _judge_ids(
    where: str, ids: Sequence[str], project: str, kind: EntityKind, expected: Mapping[EntityKey, Expected]
) -> Iterator[Violation]:
    times = Counter(ids)
    for id_, count in times.items():
        of_it = expected.get(EntityKey(project, kind, id_))
        if of_it is None:
            yield Violation(Fault.INVENTED, where, id_)
        elif not of_it.may_be_there:
            yield Violation(Fault.REFUSED_APPEARED, where, id_)
        if count > 1:
            yield Violation(Fault.DOUBLED, where, f"{id_} is there {count} times")
    for key, of_it in expected.items():
        if key.kind == kind and of_it.must_be_there and key.id not in times:
            yield Violation(Fault.LOST, where, key.id)


def _judge_fields(where: str, id_: str, row: Row, expected: Expected) -> Iterator[Violation]:
    for name in expected.certain.keys() | expected.possible.keys() | expected.forbidden.keys():
        value = row.get(name)
        if name in expected.certain:
            is_right = value == expected.certain[name]
        elif name in expected.possible:
            is_right = _is_blank(value) or value == expected.possible[name]
        else:
            is_right = value != expected.forbidden[name]
        if not is_right:
            stated = expected.certain.get(name, expected.possible.get(name))
            yield Violation(Fault.PAYLOAD, where, f"{id_}: {name} is {value!r}, stated {stated!r}")


def _is_blank(value: Json) -> bool:
    return value is None or value in ("", 0, [], {}, "DEFAULT")


def _judge_singles(reading: Reading, expected: Mapping[EntityKey, Expected]) -> Iterator[Violation]:
    for key, row in reading.single.items():
        where = f"get of {key.kind} in {reading.project}"
        of_it = expected.get(key, Expected())
        if row is None:
            if of_it.must_be_there:
                yield Violation(Fault.LOST, where, key.id)
            continue
        if not of_it.may_be_there:
            yield Violation(Fault.REFUSED_APPEARED, where, key.id)
        yield from _judge_fields(where, key.id, row, of_it)
        if key.kind == "trace":
            for kind, name in (("observation", "observations"), ("score", "scores")):
                ids = [str(member["id"]) for member in row.get(name, ())]
                for id_ in (id_ for id_, count in Counter(ids).items() if count > 1):
                    yield Violation(Fault.DOUBLED, f"{kind}s of trace {key.id}", id_)


def _judge_metrics(reading: Reading) -> Iterator[Violation]:
    """Metrics count the same entities and units as the lists, whose rows were compared with what was sent."""
    where = f"metrics of {reading.project}"
    for kind in KINDS:
        listed = len({str(row["id"]) for row in reading.listed[kind]})
        if reading.metrics.counts[kind] != listed:
            yield Violation(
                Fault.METRICS, where, f"count {reading.metrics.counts[kind]} {kind}s, the list has {listed}"
            )
    by_id = {str(row["id"]): row for row in reading.listed["observation"]}
    tokens = sum(int(row.get("totalTokens") or 0) for row in by_id.values())
    if reading.metrics.total_tokens != tokens:
        yield Violation(Fault.METRICS, where, f"sum {reading.metrics.total_tokens} tokens, the list has {tokens}")
