"""Time ranges are cut without gaps or overlaps."""

from datetime import UTC, datetime, timedelta

from elasticdash.standalone.importing import windows
from elasticdash.standalone.importing.windows import Window

T0 = datetime(2026, 1, 15, 10, tzinfo=UTC)


def assert_covers(parts: list[Window], whole: Window) -> None:
    assert parts[0].since == whole.since
    assert parts[-1].until == whole.until
    assert [part.until for part in parts[:-1]] == [part.since for part in parts[1:]]


def test_a_long_and_nearly_empty_range_stays_whole():
    whole = Window(T0, T0 + timedelta(days=3000))

    assert list(windows.small_enough(whole, lambda _: 9, most=10)) == [whole]


def test_a_full_window_is_divided_until_its_parts_are_small_enough():
    items = [T0 + timedelta(minutes=minute) for minute in range(100)]
    whole = Window(T0, T0 + timedelta(days=1))

    def count(window: Window) -> int:
        return sum(window.since <= item < window.until for item in items)

    parts = list(windows.small_enough(whole, count, most=10))

    assert_covers(parts, whole)
    assert all(count(part) <= 10 for part in parts)
    assert sum(count(part) for part in parts) == 100


def test_a_second_is_never_divided():
    second = Window(T0, T0 + timedelta(seconds=1))

    assert list(windows.small_enough(second, lambda _: 1_000_000, most=10)) == [second]
