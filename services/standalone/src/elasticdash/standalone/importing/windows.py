"""Cuts a time range into windows small enough to be paged through while the source goes on growing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

_NARROWEST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Times from `since`, included, to `until`, not included."""

    since: datetime
    until: datetime

    @property
    def width(self) -> timedelta:
        """How long it is."""
        return self.until - self.since

    def halves(self) -> tuple["Window", "Window"]:
        """The earlier and the later half."""
        middle = self.since + self.width / 2
        return Window(self.since, middle), Window(middle, self.until)


def small_enough(window: Window, count: Callable[[Window], int], most: int) -> Iterator[Window]:
    """The window, or parts of it with at most `most` items each, ascending; a second is never divided.

    Nothing is counted before the part in front of it was taken, so a caller may stop anywhere.
    """
    if window.width <= _NARROWEST or count(window) <= most:
        yield window
        return
    for half in window.halves():
        yield from small_enough(half, count, most)
