"""Stops calling what keeps failing, and tries again after a while."""

import time
from collections.abc import Callable


class Breaker:
    """Opens after so many failures in a row; then lets one call through every `pause_seconds` until one succeeds."""

    def __init__(
        self, max_failures: int = 5, pause_seconds: float = 5.0, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_failures = max_failures
        self._pause_seconds = pause_seconds
        self._now = now
        self._failures = 0
        self._closed_until = 0.0

    def allows(self) -> bool:
        """Whether to call now; asking takes the one call that an open breaker lets through."""
        if self._failures < self._max_failures:
            return True
        if self._now() < self._closed_until:
            return False
        self._closed_until = self._now() + self._pause_seconds
        return True

    def succeeded(self) -> None:
        """Note a success: calls are allowed again."""
        self._failures = 0

    def failed(self) -> None:
        """Note a failure."""
        self._failures += 1
        if self._failures == self._max_failures:
            self._closed_until = self._now() + self._pause_seconds
