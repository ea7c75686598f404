"""Which lane of the queue accepted events wait in, so that one project's flood is not before its neighbours."""

import time
from collections import Counter
from collections.abc import Callable

from elasticdash.shared.backlog import Backlog
from elasticdash.shared.queue.lanes import ENTRIES_PER_TURN, Lane

# Fewer waiting batches than workers take in a turn delay nobody.
_BUSY_LAG = ENTRIES_PER_TURN[Lane.MAIN]
_PERIOD_SECONDS = 5.0


class LaneChooser:
    """Remembers how much each project sent lately: half of it is forgotten every few seconds.

    While batches wait for workers, a project with more than its share of all bytes gets the overflow lane. What is
    unknown of the queue counts as nothing waiting.
    """

    def __init__(
        self,
        project_share: float = 0.5,
        backlog: Callable[[], Backlog | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._project_share = project_share
        self._backlog = backlog
        self._clock = clock
        self._sent_bytes: Counter[str] = Counter()
        self._halved_at = clock()

    def lane_of(self, project_id: str, size_bytes: int) -> Lane:
        """The lane for a batch of this size, which counts from now on."""
        self._forget()
        self._sent_bytes[project_id] += size_bytes
        backlog = self._backlog()
        is_busy = backlog is not None and backlog.lag > _BUSY_LAG
        is_noisy = self._sent_bytes[project_id] > self._project_share * self._sent_bytes.total()
        return Lane.OVERFLOW if is_busy and is_noisy else Lane.MAIN

    def _forget(self) -> None:
        periods = int((self._clock() - self._halved_at) / _PERIOD_SECONDS)
        if periods > 0:
            self._halved_at += periods * _PERIOD_SECONDS
            left = {project_id: size >> min(periods, 64) for project_id, size in self._sent_bytes.items()}
            self._sent_bytes = Counter({project_id: size for project_id, size in left.items() if size})
