"""Which hours are summed together: newest first, bounded in number and in rows."""

from collections.abc import Sequence

import pytest

from elasticdash.worker import hourly_sums


@pytest.mark.parametrize(
    ("hours", "parts"),
    [
        ([], []),
        ([(7, 2_000_000)], [[7]]),
        ([(1, 10), (2, 999_990)], [[1, 2]]),
        ([(1, 11), (2, 999_990)], [[2], [1]]),
        ([(hour, 1) for hour in range(201)], [list(range(1, 201)), [0]]),
    ],
)
def test_hours_are_parted(hours: Sequence[tuple[int, int]], parts: Sequence[Sequence[int]]) -> None:
    assert list(hourly_sums.statements(hours)) == parts
