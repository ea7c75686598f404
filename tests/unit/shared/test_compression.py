"""Unpacking stays within its bound whatever the body claims."""

import gzip
import zlib

import pytest
import zstandard

from elasticdash.shared import compression, errors

BODY = b'{"batch": []}' * 100


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", BODY),
        ("identity", BODY),
        ("gzip", gzip.compress(BODY)),
        ("GZIP ", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("zstd", zstandard.compress(BODY)),
    ],
    ids=["none", "identity", "gzip", "upper-case", "deflate", "zstd"],
)
def test_unpack_returns_the_body(encoding: str, packed: bytes):
    assert compression.unpack(packed, encoding, 10_000) == BODY


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [("gzip", gzip.compress(bytes(50_000_000))), ("zstd", zstandard.compress(bytes(50_000_000)))],
    ids=["gzip", "zstd"],
)
def test_a_bomb_is_refused(encoding: str, bomb: bytes):
    with pytest.raises(errors.PayloadTooLargeError):
        compression.unpack(bomb, encoding, 1_000_000)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", b"not gzip"), ("gzip", gzip.compress(BODY)[:-12]), ("zstd", b"nope"), ("br", BODY)],
    ids=["not-gzip", "cut-short", "not-zstd", "unknown-encoding"],
)
def test_a_damaged_body_is_refused(encoding: str, body: bytes):
    with pytest.raises(errors.InvalidRequestError):
        compression.unpack(body, encoding, 1_000_000)


def test_pack_is_undone_by_unpack():
    assert compression.unpack(compression.pack(BODY), "zstd", 10_000) == BODY
