"""The raw object: accepted request bodies as they came, each with all that is needed to process it again."""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from elasticdash.shared import errors, ids

_MAGIC = b"EDR1"
_FRAME = struct.Struct("<4sIII")


class RawHeader(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a body came from, and the rules it was accepted by, so that it is read the same way again.

    `received_us` is microseconds since the epoch; `limits` are the fields of the limits in force then.
    """

    id: str
    project_id: str
    kind: Literal["ingestion", "otlp"]
    received_us: int
    api_key: str
    content_type: str
    content_encoding: str = ""
    sdk_name: str = "unknown"
    sdk_version: str = "unknown"
    can_write_traces: bool = True
    score_configs: Mapping[str, Any] = {}
    limits: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class RawBatch:
    """One accepted request: its header and its body exactly as received."""

    header: RawHeader
    body: bytes


class CorruptRawBatchError(errors.ElasticDashError):
    """A raw object is cut short or its checksum does not match."""


def object_key(project_id: str, received_us: int) -> str:
    """A new key for a raw object; keys of a project sort by hour received, then by time."""
    moment = datetime.fromtimestamp(received_us / 1e6, UTC)
    return f"raw/{project_id}/{moment:%Y/%m/%d/%H}/{ids.new_ulid(received_us // 1000)}.edr"


def encode(batches: Sequence[RawBatch]) -> bytes:
    """The bytes of one raw object holding these batches in order."""
    parts: list[bytes] = []
    for batch in batches:
        header = msgspec.json.encode(batch.header)
        checksum = zlib.crc32(batch.body, zlib.crc32(header))
        parts += (_FRAME.pack(_MAGIC, len(header), len(batch.body), checksum), header, batch.body)
    return b"".join(parts)


def decode(data: bytes) -> Iterator[RawBatch]:
    """The batches of one raw object, in order; CorruptRawBatchError at the first damaged one."""
    offset = 0
    while offset < len(data):
        if len(data) - offset < _FRAME.size:
            raise CorruptRawBatchError(f"Raw object ends inside a frame at byte {offset}")
        magic, header_size, body_size, checksum = _FRAME.unpack_from(data, offset)
        start = offset + _FRAME.size
        end = start + header_size + body_size
        header, body = data[start : start + header_size], data[start + header_size : end]
        if magic != _MAGIC or end > len(data) or zlib.crc32(body, zlib.crc32(header)) != checksum:
            raise CorruptRawBatchError(f"Raw object is damaged at byte {offset}")
        yield RawBatch(msgspec.json.decode(header, type=RawHeader), body)
        offset = end
