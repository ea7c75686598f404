"""Looks whether the buckets for accepted batches and media are there and take, give, list and delete objects."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from elasticdash.shared import errors
from elasticdash.shared.blobs import configuration
from elasticdash.shared.blobs.s3 import S3BlobStore
from elasticdash.shared.blobs.s3_client import S3Config
from elasticdash.shared.settings.blob_store import BlobStoreSettings
from elasticdash.shared.settings.media import MediaSettings
from elasticdash.standalone.doctor import findings
from elasticdash.standalone.doctor.examination import Check
from elasticdash.standalone.doctor.findings import Judgement

_FOLDER = "doctor/"
_DEADLINE_SECONDS = 6.0
# HTTP tells the time without fractions.
_CLOCK_RESOLUTION_SECONDS = 1.0
_CONNECTION_REMEDY = (
    "Check the ELASTICDASH_S3_{use}_UPLOAD_ variables: ENDPOINT, REGION, BUCKET (it must exist), both keys,"
    " FORCE_PATH_STYLE; may the key list the bucket?"
)
_GRANT_REMEDY = "Let the key put, get, list and delete objects of the bucket (s3:PutObject and so on)"


@asynccontextmanager
async def opened(settings: BlobStoreSettings) -> AsyncGenerator[Sequence[Check]]:
    """The checks of the bucket, until the block ends. ConfigurationError when the settings contradict each other."""
    async with _checks(configuration.s3_config(settings), "EVENT") as checks:
        yield checks


@asynccontextmanager
async def opened_media(settings: MediaSettings) -> AsyncGenerator[Sequence[Check]]:
    """The same of the bucket for media; no checks where media lie in the bucket of the batches."""
    if settings.bucket is None:
        yield []
        return
    async with _checks(configuration.media_config(settings, BlobStoreSettings()), "MEDIA") as checks:
        yield checks


@asynccontextmanager
async def _checks(config: S3Config, use: str) -> AsyncGenerator[Sequence[Check]]:
    blobs = await asyncio.to_thread(S3BlobStore, replace(config, deadline_seconds=_DEADLINE_SECONDS))
    remedy = _CONNECTION_REMEDY.format(use=use)
    try:
        yield [
            Check("connection", lambda: _connection(blobs), remedy, is_base=True),
            Check("privileges", lambda: _privileges(blobs), _GRANT_REMEDY),
            Check("clock", lambda: _clock(blobs), remedy),
        ]
    finally:
        await asyncio.to_thread(blobs.close)


async def _connection(blobs: S3BlobStore) -> Judgement:
    await blobs.list_keys(_FOLDER, limit=1)
    return findings.ok("answers, and has the bucket")


async def _privileges(blobs: S3BlobStore) -> Judgement:
    """Writes an object of our own and takes it away again."""
    key, body = f"{_FOLDER}{secrets.token_hex(8)}", b"probe"
    await blobs.put(key, body)
    try:
        if await blobs.get(key) != body:
            raise errors.UnavailableError("What was put came back changed")
        if key not in await blobs.list_keys(key):
            raise errors.UnavailableError("What was put is not listed")
    finally:
        await blobs.delete([key])
    return findings.ok("may put, get, list and delete objects")


async def _clock(blobs: S3BlobStore) -> Judgement:
    asked_at = time.time()
    theirs = await blobs.server_time()
    if theirs is None:
        return findings.ok("the server doesn't tell its time")
    return findings.clock(theirs.timestamp(), asked_at, time.time(), _CLOCK_RESOLUTION_SECONDS)
