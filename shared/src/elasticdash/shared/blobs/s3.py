"""Objects in an S3 bucket, reached through boto3 in a bounded number of threads."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog

from elasticdash.shared import errors
from elasticdash.shared.blobs import s3_client
from elasticdash.shared.blobs.byte_budget import ByteBudget
from elasticdash.shared.blobs.s3_client import S3Config

Result = TypeVar("Result")
log = structlog.get_logger()

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0
_KEYS_PER_DELETION = 1000
_KEYS_PER_PAGE = 1000


class S3BlobStore:
    """A put has returned means that S3 confirmed it. Every call ends within its deadline, whatever the network does.

    A call that was given up may still take effect: objects are never changed, so that is harmless.
    """

    def __init__(self, config: S3Config) -> None:
        self._config = config
        self._client = s3_client.open_client(config)
        self._threads = ThreadPoolExecutor(config.max_connections, thread_name_prefix="s3")
        self._room = ByteBudget(config.max_bytes_in_flight)

    async def put(self, key: str, body: bytes) -> None:
        what, deadline = "The object could not be stored", time.monotonic() + self._config.put_deadline_seconds
        request = {**self._object(key), "Body": body, **self._encryption()}
        try:
            async with asyncio.timeout(self._config.put_deadline_seconds):
                taken = await self._room.take(len(body))
        except TimeoutError as error:
            raise errors.OverloadedError(f"{what}: too much is being stored", retry_after_seconds=1) from error
        await self._call(
            what, lambda: self._client.put_object(**request), deadline, release=lambda: self._room.release(taken)
        )

    async def get(self, key: str) -> bytes:
        def read() -> bytes:
            return self._client.get_object(**self._object(key))["Body"].read()

        return await self._call("The object could not be read", read, self._deadline())

    async def list_keys(self, prefix: str, *, after: str = "", limit: int | None = None) -> list[str]:
        request: dict[str, Any] = {"Prefix": self._config.prefix + prefix}
        if after:
            request["StartAfter"] = self._config.prefix + after
        found: list[str] = []
        async for page in self._pages(request, limit):
            found += [self._own(entry["Key"]) for entry in page.get("Contents", ())]
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    async def list_folders(self, prefix: str) -> list[str]:
        found: list[str] = []
        async for page in self._pages({"Prefix": self._config.prefix + prefix, "Delimiter": "/"}, None):
            found += [self._own(entry["Prefix"]) for entry in page.get("CommonPrefixes", ())]
        return found

    async def delete(self, keys: Sequence[str]) -> None:
        what = "Objects could not be deleted"
        for start in range(0, len(keys), _KEYS_PER_DELETION):
            listed = [{"Key": self._config.prefix + key} for key in keys[start : start + _KEYS_PER_DELETION]]
            request = {"Bucket": self._config.bucket, "Delete": {"Objects": listed, "Quiet": True}}
            answer = await self._call(
                what, lambda request=request: self._client.delete_objects(**request), self._deadline()
            )
            refused = s3_client.refusals(answer)
            if refused:
                raise errors.UnavailableError(f"{what}: the object store answered {refused[0]}")

    async def forget_folder(self, prefix: str) -> None:
        """S3 has no folders."""

    async def server_time(self) -> datetime | None:
        """The clock of the object store, to the second; None when it doesn't tell."""
        return s3_client.answered_at(await self._ask(self._deadline()))

    async def check(self) -> None:
        await self._ask(time.monotonic() + self._config.put_deadline_seconds)

    async def _ask(self, deadline: float) -> Mapping[str, Any]:
        request = {"Bucket": self._config.bucket, "MaxKeys": 1, "Prefix": self._config.prefix}
        return await self._call(
            "The object store could not be asked", lambda: self._client.list_objects_v2(**request), deadline
        )

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self._client.close()

    def _own(self, key: str) -> str:
        return key.removeprefix(self._config.prefix)

    def _object(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._config.bucket, "Key": self._config.prefix + key}

    def _encryption(self) -> dict[str, str]:
        named = {"ServerSideEncryption": self._config.encryption, "SSEKMSKeyId": self._config.kms_key_id}
        return {name: value for name, value in named.items() if value}

    def _deadline(self) -> float:
        return time.monotonic() + self._config.deadline_seconds

    async def _pages(self, request: Mapping[str, Any], limit: int | None) -> AsyncIterator[Mapping[str, Any]]:
        page_size = min(limit or _KEYS_PER_PAGE, _KEYS_PER_PAGE)
        following: dict[str, Any] = {"Bucket": self._config.bucket, "MaxKeys": page_size, **request}
        while True:
            page = await self._call(
                "Objects could not be listed",
                lambda request=dict(following): self._client.list_objects_v2(**request),
                self._deadline(),
            )
            yield page
            if not page.get("IsTruncated"):
                return
            following["ContinuationToken"] = page["NextContinuationToken"]

    async def _call(
        self, what: str, run: Callable[[], Result], deadline: float, release: Callable[[], None] | None = None
    ) -> Result:
        """What `run` returns in a thread, tried again while that helps. `release` follows when the thread is done."""
        loop = asyncio.get_running_loop()
        attempts = _Attempts(run, deadline)
        future = loop.run_in_executor(self._threads, attempts.result)
        future.add_done_callback(lambda done: _settle(done, release))
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                return await asyncio.shield(future)
        except (TimeoutError, _TooLateError) as error:
            if attempts.refusal is not None:
                raise s3_client.translated(what, attempts.refusal) from error
            raise errors.UnavailableError(f"{what}: the object store took too long") from error
        except s3_client.S3_ERRORS as error:
            log.warning("object_store_failed", error=type(error).__name__)
            raise s3_client.translated(what, error) from error


class _TooLateError(Exception):
    """No thread was free before the deadline."""


class _Attempts(Generic[Result]):
    """One request, made again while S3 says that this may help, until the deadline."""

    def __init__(self, run: Callable[[], Result], deadline: float) -> None:
        self._run = run
        self._deadline = deadline
        # What S3 said last: the better reason when the deadline comes during a further attempt.
        self.refusal: Exception | None = None

    def result(self) -> Result:
        pause_seconds = _FIRST_PAUSE_SECONDS
        while time.monotonic() < self._deadline:
            try:
                return self._run()
            except s3_client.S3_ERRORS as error:
                if not s3_client.is_transient(error) or time.monotonic() + pause_seconds >= self._deadline:
                    raise
                self.refusal = error
            # Spread, so that those who failed together do not come back together.
            time.sleep(pause_seconds * random.uniform(0.5, 1.0))
            pause_seconds = min(pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
        raise _TooLateError


def _settle(done: asyncio.Future[Result], release: Callable[[], None] | None) -> None:
    """Gives back what a call held; its error is nobody's any more when the caller has left."""
    if release is not None:
        release()
    if not done.cancelled():
        done.exception()
