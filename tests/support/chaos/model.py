"""What the Logger should show after any history, in as few rules as possible; knows nothing of how it is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.chaos.ledger import EntityKind

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One event. No two events have the same time; `fields` are as readers see them."""

    kind: EntityKind
    id: str
    trace_id: str
    time: int
    fields: Mapping[str, Any]


@dataclass
class Model:
    """Sent events, once each, and deleted traces."""

    said: set[int] = field(default_factory=set[int])
    events: list[Said] = field(default_factory=list[Said])
    deleted: set[str] = field(default_factory=set[str])

    def send(self, event: Said) -> None:
        """An event was accepted; saying it again changes nothing."""
        if event.time not in self.said:
            self.said.add(event.time)
            self.events.append(event)

    def delete(self, trace_ids: Iterable[str]) -> None:
        """Traces were deleted: nothing of them comes back."""
        self.deleted.update(trace_ids)

    def visible(self) -> dict[EntityKind, dict[str, Row]]:
        """Every row that readers see, by kind and id."""
        rows: dict[EntityKind, dict[str, Row]] = {"trace": {}, "observation": {}, "score": {}}
        # The last one said counts, whenever it came.
        for event in sorted(self.events, key=lambda event: event.time):
            if event.trace_id in self.deleted:
                continue
            row = rows[event.kind].setdefault(event.id, {"trace_id": event.trace_id})
            for name, value in event.fields.items():
                row[name] = _merged(name, row.get(name), value)
            if event.kind == "observation":
                rows["trace"].setdefault(event.trace_id, {"trace_id": event.trace_id})
        for trace_id, row in rows["trace"].items():
            own = [other for other in rows["observation"].values() if other["trace_id"] == trace_id]
            row["observation_count"], row["tokens"] = len(own), sum(_tokens(own))
        return rows


def _tokens(rows: Iterable[Row]) -> Iterable[int]:
    return (row.get("tokens", 0) for row in rows)


def _merged(name: str, before: Any, value: Any) -> Any:
    if before is None:
        return value
    if name == "tags":
        return sorted({*before, *value})
    if name == "metadata":
        return {**before, **value}
    return value
