"""Reads request bodies within a bound."""

from collections.abc import AsyncIterator

from elasticdash.shared import errors
from elasticdash.web.admission.intake import Hold


async def read(chunks: AsyncIterator[bytes], max_bytes: int, hold: Hold) -> bytes:
    """The body as sent, held; PayloadTooLargeError as soon as it is over the limit."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise errors.PayloadTooLargeError(f"The body is larger than the limit of {max_bytes} bytes")
        hold.add(len(chunk))
        parts.append(chunk)
    return b"".join(parts)
