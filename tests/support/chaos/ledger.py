"""What was sent and what the clients were told about it: the obligations that a run is judged by."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal, NamedTuple

Json = Any
EntityKind = Literal["trace", "observation", "score"]
KINDS: tuple[EntityKind, ...] = ("trace", "observation", "score")


class EntityKey(NamedTuple):
    """One trace, observation or score of one project."""

    project: str
    kind: EntityKind
    id: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What one event says about an entity, as readers see it. `is_valid` is False for what must be refused.

    Two statements about an entity name different fields, or the same value: their order never matters here.
    """

    id: str
    entity: EntityKey
    fields: Mapping[str, Json]
    is_valid: bool = True


class Fate(IntEnum):
    """The best that a client was told about a statement."""

    # A 4xx: nothing of it was kept, and nothing may appear.
    REFUSED = 1
    # A lost connection, a time-out, a 503: it may have been kept.
    UNCERTAIN = 2
    ACKNOWLEDGED = 3


class Told(NamedTuple):
    """A statement and the best that was said about it."""

    statement: Statement
    fate: Fate


class Answer(NamedTuple):
    """What a request got: its route, and an HTTP status or the name of a transport error."""

    route: str
    outcome: int | str


@dataclass
class Ledger:
    """Filled by any number of senders, read when they have stopped."""

    told: dict[str, Told] = field(default_factory=dict[str, Told])
    answers: Counter[Answer] = field(default_factory=Counter[Answer])
    acknowledged_requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, statements: Iterable[Statement], fate: Fate) -> None:
        """A client was told this about these statements; the best counts."""
        with self._lock:
            for statement in statements:
                before = self.told.get(statement.id)
                if before is None or before.fate < fate:
                    self.told[statement.id] = Told(statement, fate)

    def count_answer(self, answer: Answer) -> None:
        """A request got this answer."""
        with self._lock:
            self.answers[answer] += 1

    def acknowledged_count(self) -> int:
        """How many statements were acknowledged."""
        with self._lock:
            return sum(told.fate is Fate.ACKNOWLEDGED for told in self.told.values())
