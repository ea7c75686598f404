"""Packs and unpacks bodies within bounds."""

import zlib
from collections.abc import Callable
from typing import Protocol, cast

import zstandard
from isal import isal_zlib

from elasticdash.shared import errors

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_BLOCK_BYTES = 1 << 20
_LEVEL = 1


class _Inflater(Protocol):
    """What we use of isal's decompressor, which ships only partial types."""

    eof: bool

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


_new_inflater = cast(Callable[[int], _Inflater], isal_zlib.decompressobj)  # pyright: ignore[reportUnknownMemberType]
_damaged = cast(type[Exception], isal_zlib.error)


def pack(body: bytes) -> bytes:
    """The body compressed with zstd."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(body)


def unpack(body: bytes, content_encoding: str, max_bytes: int) -> bytes:
    """The body decompressed (gzip, deflate, zstd or as it is).

    InvalidRequestError when it is damaged or the encoding is unknown, PayloadTooLargeError past `max_bytes`:
    never more than the limit is held in memory.
    """
    encoding = content_encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    try:
        if "gzip" in encoding or encoding == "deflate":
            return _inflate(body, max_bytes)
        if encoding == "zstd":
            return _unzstd(body, max_bytes)
    except (_damaged, zstandard.ZstdError) as error:
        raise errors.InvalidRequestError(f"The body is not valid {encoding}") from error
    raise errors.InvalidRequestError(f"Content-Encoding {encoding!r} is not supported; use gzip, deflate or zstd")


def _inflate(body: bytes, max_bytes: int) -> bytes:
    stream = _new_inflater(_GZIP_OR_ZLIB)
    unpacked = stream.decompress(body, max_bytes + 1)
    if len(unpacked) > max_bytes:
        raise _too_large(max_bytes)
    if not stream.eof:
        raise errors.InvalidRequestError("The compressed body ends too early")
    return unpacked


def _unzstd(body: bytes, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in zstandard.ZstdDecompressor().read_to_iter(body, write_size=_BLOCK_BYTES):
        size += len(part)
        if size > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
    return b"".join(parts)


def _too_large(max_bytes: int) -> errors.PayloadTooLargeError:
    return errors.PayloadTooLargeError(f"The body unpacks to more than the limit of {max_bytes} bytes")
