"""Lists of ids travel in parts that a server takes."""

import pytest

from elasticdash.shared.clickhouse.query import parameter_sized


@pytest.mark.parametrize(
    ("ids", "sizes"),
    [
        ([], []),
        (["a"], [1]),
        ([f"{number:032x}" for number in range(4001)], [2000, 2000, 1]),
        (["x" * 40_000] * 5, [2, 2, 1]),
        (["é" * 40_000] * 2, [1, 1]),
        (["x" * 200_000, "y"], [1, 1]),
    ],
    ids=["none", "one", "count", "bytes", "encoded", "too-long"],
)
def test_parts_are_bounded_by_count_and_bytes(ids: list[str], sizes: list[int]):
    parts = list(parameter_sized(ids))

    assert [len(part) for part in parts] == sizes
    assert [id_ for part in parts for id_ in part] == ids
