"""Revisions: the number that decides which of two versions of a row is newer."""

import hashlib

_HASH_BITS = 10
_TIME_BITS = 42
_MAX_EVENTS = (1 << (64 - _TIME_BITS - _HASH_BITS)) - 1
_MAX_TIME_MS = (1 << _TIME_BITS) - 1


def folded_revision(event_count: int, last_time_us: int, content: bytes) -> int:
    """Revision of a row folded from events, below 2^64: whoever saw more distinct events wins.

    From the top: 12 bits number of distinct events (at most 4095), 42 bits time of the last one in
    milliseconds, 10 bits hash of `content`, so that different sets of events hardly ever tie.
    """
    count = min(event_count, _MAX_EVENTS)
    time_ms = min(max(last_time_us // 1000, 0), _MAX_TIME_MS)
    digest = int.from_bytes(hashlib.blake2b(content, digest_size=2).digest(), "big") & ((1 << _HASH_BITS) - 1)
    return count << (_TIME_BITS + _HASH_BITS) | time_ms << _HASH_BITS | digest


def span_revision(end_time_us: int, content_checksum: int) -> int:
    """Revision of an observation that came complete in one span: the later end wins, then the checksum.

    Counts as one event in the same layout as `folded_revision`, so the same span sent again ties with itself.
    """
    time_ms = min(max(end_time_us // 1000, 0), _MAX_TIME_MS)
    return 1 << (_TIME_BITS + _HASH_BITS) | time_ms << _HASH_BITS | content_checksum & ((1 << _HASH_BITS) - 1)
