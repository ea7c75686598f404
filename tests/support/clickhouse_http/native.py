"""The few bytes of ClickHouse's Native format that the engine leaves to its server."""

from collections.abc import Sequence

# is_overflows = 0, bucket_num = -1: precedes every block for clients that say which protocol they speak.
BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"


def header(columns: Sequence[tuple[str, str]]) -> bytes:
    """A block without rows: names and types of the columns."""
    block = _varint(len(columns)) + _varint(0)
    for name, type_ in columns:
        block += _string(name) + _string(type_)
    return block


def _string(text: str) -> bytes:
    data = text.encode()
    return _varint(len(data)) + data


def _varint(number: int) -> bytes:
    data = bytearray()
    while number > 0x7F:
        data.append(0x80 | number & 0x7F)
        number >>= 7
    data.append(number)
    return bytes(data)
