"""What spans say about their traces, in as few events as fold to the same trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from elasticdash.shared.domain.events import EntityEvent, EntityKind
from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.domain.record import record
from elasticdash.shared.otel import metadata, view
from elasticdash.shared.otel.view import SpanView

RANK_TRUE_ROOT = 2
RANK_LOCAL_ROOT = 1
RANK_OTHER = 0


@record()
class SpanFacts:
    """What mapping a span already found out, so that nothing is looked up twice. Times are microseconds."""

    seen: SpanView
    start_us: int
    end_us: int
    type: str
    level: str
    root_rank: int
    input: str | None
    output: str | None
    environment: tuple[str | None, bool]
    version: tuple[str | None, str | None]
    release: tuple[str | None, str | None]
    trace_name: str | None
    user_id: str | None
    session_id: str | None
    conversation_id: str | None
    tags: Sequence[str]
    is_public: bool | None
    trace_metadata: Mapping[str, JsonValue]
    trace_input: str | None
    trace_output: str | None


@dataclass(slots=True)
class _Statement:
    """The same words from several spans: when they were first and last said."""

    trace_id: str
    explicit: Mapping[str, JsonValue]
    first_us: int
    last_us: int


@dataclass(slots=True)
class _Background:
    """What a trace's other spans say without meaning to: their environment and when they started."""

    trace_id: str
    derived: Mapping[str, JsonValue]
    first_us: int


@dataclass(slots=True)
class TraceStatements:
    """Collects the statements of one export.

    Of spans that explicitly state the same, only the last counts in a fold where the last writer wins; its event
    carries the earliest start. Of spans that state nothing, the first counts. Roots are kept one by one.
    """

    _roots: list[EntityEvent] = field(default_factory=list[EntityEvent])
    _statements: dict[object, _Statement] = field(default_factory=dict[object, _Statement])
    _background: dict[object, _Background] = field(default_factory=dict[object, _Background])

    def add(self, facts: SpanFacts, attributes: str) -> None:
        """Take in one span; `attributes` is the JSON text of its own."""
        if facts.root_rank != RANK_OTHER:
            self._roots.append(_root_event(facts, attributes))
            return
        self._add_background(facts)
        stated_metadata = facts.trace_metadata
        words = (
            facts.trace_name,
            facts.user_id,
            facts.session_id,
            tuple(facts.tags),
            facts.is_public,
            facts.trace_input,
            facts.trace_output,
            view.json_text(stated_metadata) if stated_metadata else None,
        )
        if words == _NO_WORDS:
            return
        trace_id = facts.seen.span.trace_id
        known = self._statements.get((trace_id, words))
        if known is None:
            explicit = _explicit(facts, stated_metadata)
            self._statements[trace_id, words] = _Statement(trace_id, explicit, facts.start_us, facts.start_us)
        else:
            known.first_us = min(known.first_us, facts.start_us)
            known.last_us = max(known.last_us, facts.start_us)

    def _add_background(self, facts: SpanFacts) -> None:
        environment, version, release = facts.environment[0], facts.version, facts.release
        key = (facts.seen.span.trace_id, environment, version, release, facts.conversation_id)
        known = self._background.get(key)
        if known is None:
            self._background[key] = _Background(facts.seen.span.trace_id, _derived_words(facts), facts.start_us)
        elif facts.start_us < known.first_us:
            known.first_us = facts.start_us

    def events(self) -> list[EntityEvent]:
        """The events, in an order that depends on the export alone."""
        covering: dict[str, list[EntityEvent]] = {}
        for event in self._roots:
            covering.setdefault(event.entity_id, []).append(event)
        explicit = [
            _event(said.trace_id, said.last_us, said.explicit, {"timestamp_us": said.first_us})
            for said in self._statements.values()
        ]
        background = [
            _event(said.trace_id, said.first_us, {}, {"timestamp_us": said.first_us, **said.derived})
            for said in self._background.values()
        ]
        kept = [event for event in background if not _is_covered(event, covering.get(event.entity_id, ()))]
        return [*self._roots, *explicit, *kept]


_NO_WORDS = (None, None, None, (), None, None, None, None)


def _is_covered(event: EntityEvent, roots: Sequence[EntityEvent]) -> bool:
    """Whether a root of the same trace started no later and, explicitly or by rank, outvotes all the event says."""
    return any(
        root.time_us <= event.time_us and event.derived.keys() <= root.derived.keys() | root.explicit.keys()
        for root in roots
    )


def _event(
    trace_id: str, time_us: int, explicit: Mapping[str, JsonValue], derived: Mapping[str, JsonValue], rank: int = 0
) -> EntityEvent:
    return EntityEvent(EntityKind.TRACE, trace_id, time_us, True, explicit, derived, rank)


def _root_event(facts: SpanFacts, attributes: str) -> EntityEvent:
    seen = facts.seen
    stated = {**facts.trace_metadata, **metadata.reserved(seen, attributes)}
    explicit = _explicit(facts, stated)
    environment, is_own_word = facts.environment
    for name, (own, _) in (
        ("environment", (environment if is_own_word else None, None)),
        ("version", facts.version),
        ("release", facts.release),
    ):
        if own is not None:
            explicit[name] = own
    derived: dict[str, JsonValue] = {"timestamp_us": facts.start_us, "name": seen.span.name, **_derived_words(facts)}
    for name, value in (("input", facts.input), ("output", facts.output)):
        if value is not None:
            derived[name] = value
    return _event(seen.span.trace_id, facts.start_us, explicit, derived, facts.root_rank)


def _explicit(facts: SpanFacts, stated_metadata: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    words: dict[str, JsonValue] = {
        "name": facts.trace_name,
        "user_id": facts.user_id,
        "session_id": facts.session_id,
        "is_public": facts.is_public,
        "input": facts.trace_input,
        "output": facts.trace_output,
    }
    found: dict[str, JsonValue] = {name: value for name, value in words.items() if value is not None}
    if facts.tags:
        found["tags"] = list(facts.tags)
    if stated_metadata:
        found["metadata"] = stated_metadata
    return found


def _derived_words(facts: SpanFacts) -> dict[str, JsonValue]:
    words = {
        "environment": facts.environment[0],
        "version": facts.version[0] or facts.version[1],
        "release": facts.release[0] or facts.release[1],
        "session_id": facts.conversation_id,
    }
    return {name: value for name, value in words.items() if value is not None}
