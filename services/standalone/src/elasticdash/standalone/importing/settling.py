"""Decides when what was copied is stored: a Logger stores a moment after it accepted."""

from collections.abc import Sequence

from elasticdash.standalone.importing.project_copy import Counts

PAUSE_SECONDS = 1.0
_UNCHANGED_SECONDS = 30.0
_LONGEST_SECONDS = 600.0


class Settling:
    """Looks at counts again and again. Times are seconds on any clock that only goes forward."""

    def __init__(self, started: float) -> None:
        self._ends = started + _LONGEST_SECONDS
        self._changed = started
        self._counts: Sequence[Counts] = ()

    def is_over(self, counts: Sequence[Counts], now: float) -> bool:
        """Whether both sides agree, nothing has changed for half a minute, or it takes too long."""
        if counts != self._counts:
            self._counts, self._changed = counts, now
        agree = all(count.source == count.target for count in counts)
        return agree or now > min(self._ends, self._changed + _UNCHANGED_SECONDS)
