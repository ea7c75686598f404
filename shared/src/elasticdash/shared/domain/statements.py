"""Reads a set of events about one entity as one: in order, without repeats, explicit before derived."""

import json
from collections.abc import Iterable, Mapping, Sequence

from elasticdash.shared.domain import metadata as metadata_rules
from elasticdash.shared.domain import revision
from elasticdash.shared.domain.events import EntityEvent
from elasticdash.shared.domain.json_value import JsonObject, JsonValue
from elasticdash.shared.domain.record import record

_CONTENT = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode


@record()
class Statements:
    """What all events together say, by column.

    `latest`: the last statement, null included. `kept`: the last that is not null. `first`: the first that
    is not null. `derived`: the fallback of the highest rank, of equals the earliest; never null.
    """

    events: Sequence[EntityEvent]
    latest: JsonObject
    kept: JsonObject
    first: JsonObject
    derived: JsonObject
    revision: int

    def last_text(self, column: str) -> str | None:
        """The last text stated, where null takes an earlier one away; else the derived one."""
        return _text(self.latest[column] if column in self.latest else self.derived.get(column))

    def kept_text(self, column: str) -> str | None:
        """The last text stated, where null says nothing; else the derived one."""
        return _text(self.kept.get(column, self.derived.get(column)))

    def kept_int(self, column: str) -> int | None:
        """The last number stated, where null says nothing; else the derived one."""
        return _int(self.kept.get(column, self.derived.get(column)))

    def kept_flag(self, column: str) -> bool:
        """The last true or false stated, else the derived one, else False."""
        return self.kept.get(column, self.derived.get(column)) is True

    def kept_map(self, column: str) -> JsonObject:
        """The last map stated that is not empty, as a whole; else the derived one, else empty."""
        value = self.kept.get(column, self.derived.get(column))
        return value if isinstance(value, Mapping) else {}

    def first_text(self, column: str) -> str | None:
        """The first text stated; else the derived one."""
        return _text(self.first.get(column, self.derived.get(column)))

    def first_time_us(self, column: str) -> int:
        """The first time stated; else the earliest that any event implies. Microseconds since the epoch."""
        stated = _int(self.first.get(column))
        return min(_implied_time_us(event, column) for event in self.events) if stated is None else stated

    def metadata(self) -> dict[str, str]:
        """Metadata of all events merged deeply, derived below explicit, as texts by key."""
        derived = sorted(self.events, key=lambda event: (event.derived_rank, -event.time_us))
        merged: dict[str, JsonValue] = {}
        for update in (*(event.derived for event in derived), *(event.explicit for event in self.events)):
            value = update.get("metadata")
            if isinstance(value, Mapping):
                merged = metadata_rules.merged(merged, value)
        return metadata_rules.as_texts(merged)

    def tags(self) -> tuple[str, ...]:
        """Every tag ever stated, sorted. Tags can't be taken away by an event."""
        found: set[str] = set()
        for event in self.events:
            for said in (event.explicit.get("tags"), event.derived.get("tags")):
                if isinstance(said, Sequence) and not isinstance(said, str):
                    found.update(tag for tag in said if isinstance(tag, str))
        return tuple(sorted(found))


def read(events: Iterable[EntityEvent]) -> Statements:
    """The statements of these events, the same for any order and repetition. At least one event is needed."""
    ordered = sorted({_sort_key(event): event for event in events}.items(), key=lambda item: item[0])
    if not ordered:
        raise ValueError("An entity can't be folded from no events")
    latest: dict[str, JsonValue] = {}
    kept: dict[str, JsonValue] = {}
    first: dict[str, JsonValue] = {}
    for _, event in ordered:
        for column, value in event.explicit.items():
            latest[column] = value
            if value is not None and value != {}:
                kept[column] = value
                first.setdefault(column, value)
    distinct = [event for _, event in ordered]
    content = "\n".join(key[2] for key, _ in ordered).encode()
    return Statements(
        events=distinct,
        latest=latest,
        kept=kept,
        first=first,
        derived=_derived(distinct),
        revision=revision.folded_revision(len(distinct), distinct[-1].time_us, content),
    )


def _sort_key(event: EntityEvent) -> tuple[int, bool, str]:
    content = _CONTENT([event.explicit, event.derived, event.derived_rank])
    return event.time_us, not event.is_create, content


def _derived(ordered: Sequence[EntityEvent]) -> dict[str, JsonValue]:
    best: dict[str, JsonValue] = {}
    for event in sorted(ordered, key=lambda event: -event.derived_rank):
        for column, value in event.derived.items():
            if value is not None:
                best.setdefault(column, value)
    return best


def _implied_time_us(event: EntityEvent, column: str) -> int:
    derived = _int(event.derived.get(column))
    return event.time_us if derived is None else derived


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _int(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
