"""The raw object format: what goes in comes out, and damage is noticed."""

import pytest

from elasticdash.shared.schemas import raw_batch
from elasticdash.shared.schemas.raw_batch import CorruptRawBatchError, RawBatch, RawHeader


def make_batch(body: bytes = b"{}", project_id: str = "p") -> RawBatch:
    header = RawHeader(
        id="1",
        project_id=project_id,
        kind="ingestion",
        received_us=1_700_000_000_000_000,
        api_key="pk-lf-1",
        content_type="application/json",
        score_configs={"c": {"name": "acc"}},
    )
    return RawBatch(header, body)


def test_decode_returns_what_was_encoded_in_order():
    batches = [make_batch(b"first"), make_batch(b""), make_batch(b"third" * 1000)]

    assert list(raw_batch.decode(raw_batch.encode(batches))) == batches


@pytest.mark.parametrize("cut", [1, 10, 30, 200], ids=str)
def test_an_object_cut_short_is_corrupt(cut: int):
    data = raw_batch.encode([make_batch(b"x" * 300)])

    with pytest.raises(CorruptRawBatchError):
        list(raw_batch.decode(data[:-cut]))


def test_a_changed_byte_is_corrupt():
    data = bytearray(raw_batch.encode([make_batch(b"x" * 300)]))
    data[-5] ^= 1

    with pytest.raises(CorruptRawBatchError):
        list(raw_batch.decode(bytes(data)))


def test_object_keys_hold_project_and_hour_and_sort_by_time():
    early = raw_batch.object_key("p", 1_700_000_000_000_000)
    late = raw_batch.object_key("p", 1_700_000_001_000_000)

    assert early.startswith("raw/p/2023/11/14/22/")
    assert early < late
