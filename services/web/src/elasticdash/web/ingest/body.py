"""Reads request bodies within a bound."""

from collections.abc import AsyncIterator

from elasticdash.shared import errors


async def read(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes:
    """The body as sent; PayloadTooLargeError as soon as it is over the limit."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise errors.PayloadTooLargeError(f"The body is larger than the limit of {max_bytes} bytes")
        parts.append(chunk)
    return b"".join(parts)
