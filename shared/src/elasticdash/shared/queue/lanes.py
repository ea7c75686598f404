"""Which streams the queue consists of, and whose turn it is to be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

GROUP = "workers"


class Lane(StrEnum):
    """A stream of jobs. What a project sends over its budget waits in the overflow lane, not before its neighbours."""

    MAIN = "main"
    OVERFLOW = "overflow"


ENTRIES_PER_TURN: Mapping[Lane, int] = {Lane.MAIN: 64, Lane.OVERFLOW: 8}


@dataclass(frozen=True, slots=True)
class QueueKeys:
    """Names of the queue's streams below a prefix. The braces put all of them on one node of a cluster."""

    prefix: str = ""

    def stream(self, lane: Lane) -> str:
        """The stream of a lane."""
        return f"{self.prefix}elasticdash:{{ing}}:{lane}"

    @property
    def dead_letters(self) -> str:
        """The stream of jobs that were given up."""
        return f"{self.prefix}elasticdash:{{ing}}:dead"


class LaneTurns:
    """Deficit round robin: a lane is read until its turn's entries are taken or it is empty, then comes the next."""

    def __init__(self, entries_per_turn: Mapping[Lane, int] = ENTRIES_PER_TURN) -> None:
        self._entries_per_turn = entries_per_turn
        self._order = list(entries_per_turn)
        self._left = entries_per_turn[self._order[0]]

    @property
    def current(self) -> Lane:
        """The lane whose turn it is."""
        return self._order[0]

    def allowance(self, room: int) -> int:
        """How many entries to read from the current lane when there is room for so many."""
        return min(self._left, room)

    def took(self, count: int, asked: int) -> None:
        """Note what a read of the current lane gave; an empty lane's turn is over."""
        self._left -= count
        if self._left <= 0 or count < asked:
            self._order.append(self._order.pop(0))
            self._left = self._entries_per_turn[self.current]
