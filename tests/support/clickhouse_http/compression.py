"""HTTP content codings in both directions."""

import gzip
import zlib
from collections.abc import Iterator
from typing import Protocol

import lz4.frame
import zstandard

from support.clickhouse_http.faults import ServerError

# In the order in which a server prefers them.
_PREFERRED = ("zstd", "lz4", "gzip", "deflate")
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_LEVEL = 3


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def decompressed(data: bytes, coding: str) -> bytes:
    """The body as it was before its Content-Encoding."""
    try:
        if coding in ("", "identity"):
            return data
        if coding == "gzip":
            return gzip.decompress(data)
        if coding == "deflate":
            return zlib.decompress(data)
        if coding == "lz4":
            return lz4.frame.decompress(data)
        if coding == "zstd":
            return zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
    except (OSError, EOFError, zlib.error, RuntimeError, zstandard.ZstdError) as error:
        raise ServerError(271, "CANNOT_DECOMPRESS", f"Cannot decompress the request's {coding}: {error}") from error
    raise ServerError(48, "NOT_IMPLEMENTED", f"Unknown compression method: {coding}")


def chosen(accepted: str) -> str:
    """The coding for an Accept-Encoding header, empty for none."""
    names = {part.split(";")[0].strip() for part in accepted.split(",")}
    return next((name for name in _PREFERRED if name in names), "")


def compressed(chunks: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """One stream in that coding, flushed as the chunks come."""
    if not coding:
        yield from chunks
        return
    compressor = _compressor(coding)
    if isinstance(compressor, lz4.frame.LZ4FrameCompressor):
        yield compressor.begin()
    for chunk in chunks:
        if done := compressor.compress(chunk):
            yield done
    yield compressor.flush()


def _compressor(coding: str) -> _Compressor:
    if coding == "zstd":
        return zstandard.ZstdCompressor(_LEVEL).compressobj()
    if coding == "lz4":
        return lz4.frame.LZ4FrameCompressor(auto_flush=True)
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW if coding == "gzip" else zlib.MAX_WBITS)
