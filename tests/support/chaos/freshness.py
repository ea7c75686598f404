"""Measures how long acknowledged entities take until a reader finds them."""

import threading
import time
from collections import deque
from dataclasses import dataclass

import httpx

from support.chaos.clients import Balancer, Project
from support.chaos.ledger import Answer, EntityKey, Ledger
from support.chaos.reader import SINGLE_PATHS

# More would be a load of its own.
MOST_WAITING = 12
PAUSE_SECONDS = 0.1
BEHIND_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    project: Project
    key: EntityKey
    acknowledged_at: float


class Freshness(threading.Thread):
    """Asks for a sample of what was acknowledged until each is there."""

    def __init__(self, balancer: Balancer, ledger: Ledger) -> None:
        super().__init__(name="freshness", daemon=True)
        self._balancer = balancer
        self._ledger = ledger
        self._waiting: deque[_Waiting] = deque()
        self._stop_asked = threading.Event()
        self.seconds: list[float] = []

    def expect(self, project: Project, key: EntityKey) -> None:
        """An entity was acknowledged just now; it is measured unless enough others are."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(_Waiting(project, key, time.monotonic()))

    @property
    def is_behind(self) -> bool:
        """Whether something that was acknowledged a while ago can't be read yet."""
        oldest = min((waiting.acknowledged_at for waiting in list(self._waiting)), default=None)
        return oldest is not None and time.monotonic() - oldest > BEHIND_SECONDS

    def run(self) -> None:
        while not self._stop_asked.wait(PAUSE_SECONDS):
            for _ in range(len(self._waiting)):
                waiting = self._waiting.popleft()
                if self._is_readable(waiting):
                    self.seconds.append(time.monotonic() - waiting.acknowledged_at)
                else:
                    self._waiting.append(waiting)

    def finish(self, timeout_seconds: float) -> float:
        """Wait for what is still expected; the longest time any took, also of those that never came."""
        deadline = time.monotonic() + timeout_seconds
        while self._waiting and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
        self._stop_asked.set()
        self.join()
        return max(
            [*self.seconds, *(time.monotonic() - waiting.acknowledged_at for waiting in self._waiting)], default=0
        )

    def _is_readable(self, waiting: _Waiting) -> bool:
        try:
            response = self._balancer.get(f"{SINGLE_PATHS[waiting.key.kind]}/{waiting.key.id}", waiting.project)
        except httpx.TransportError as error:
            self._ledger.count_answer(Answer("read", type(error).__name__))
            return False
        self._ledger.count_answer(Answer("read", response.status_code))
        return response.is_success
