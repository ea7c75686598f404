"""S3 that is down, hangs, slows down, refuses or is killed: every call ends in time and says nothing secret."""

import asyncio
import itertools
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from elasticdash.shared import errors
from elasticdash.shared.blobs import configuration
from elasticdash.shared.blobs.s3 import S3BlobStore
from elasticdash.shared.blobs.s3_client import S3Config
from elasticdash.shared.settings.blob_store import BlobStoreSettings
from support.server import free_port
from support.servers.s3 import S3Server, start_s3

# A loaded machine may be late; far from hanging all the same.
_LATE_SECONDS = 6.0


@pytest.fixture
def server(tmp_path: Path) -> Generator[S3Server]:
    server = start_s3(tmp_path / "s3")
    yield server
    assert server.process
    server.process.kill()


@contextmanager
def opened(config: S3Config) -> Generator[S3BlobStore]:
    store = S3BlobStore(config)
    yield store
    store.close()


async def test_a_wrong_key_is_refused_without_saying_anything_secret(server: S3Server):
    config = replace(server.config, secret_access_key="the-wrong-secret")

    with opened(config) as store, pytest.raises(errors.UnavailableError) as refused:
        await store.put("raw/a", b"x")

    for secret in ("the-wrong-secret", config.access_key_id, config.bucket, config.endpoint, "raw/a"):
        assert str(secret) not in str(refused.value)
    assert "the-wrong-secret" not in repr(config)


async def test_a_server_that_is_down_is_unavailable_in_time():
    config = S3Config(
        "b", region="r", endpoint=f"http://127.0.0.1:{free_port()}", access_key_id="k", secret_access_key="s"
    )
    started = time.monotonic()

    with opened(config) as store:
        with pytest.raises(errors.UnavailableError):
            await store.put("raw/a", b"x")
        with pytest.raises(errors.UnavailableError):
            await store.check()

    assert time.monotonic() - started < 2 * config.put_deadline_seconds + _LATE_SECONDS


async def test_a_server_that_hangs_is_unavailable_in_time_for_everyone_who_waits(server: S3Server):
    assert server.process
    config = replace(server.config, max_connections=2, put_deadline_seconds=2.0)
    with opened(config) as store:
        await store.put("raw/before", b"x")
        server.process.pause()
        started = time.monotonic()

        ends = await asyncio.gather(*(store.put(f"raw/{n}", b"x") for n in range(8)), return_exceptions=True)
        waited_seconds = time.monotonic() - started
        server.process.resume()

        assert [type(end) for end in ends] == [errors.UnavailableError] * 8
        assert waited_seconds < config.put_deadline_seconds + _LATE_SECONDS


async def test_more_bytes_than_may_be_under_way_wait_and_are_then_refused(server: S3Server):
    assert server.process
    config = replace(server.config, max_bytes_in_flight=100, put_deadline_seconds=1.0)
    with opened(config) as store:
        server.process.pause()

        first, second = await asyncio.gather(
            store.put("raw/a", b"x" * 90), store.put("raw/b", b"x" * 90), return_exceptions=True
        )
        server.process.resume()

        assert isinstance(first, errors.UnavailableError)
        assert isinstance(second, errors.OverloadedError)


async def test_nothing_confirmed_is_lost_when_the_server_is_killed(server: S3Server):
    assert server.process
    confirmed: list[str] = []
    numbers = itertools.count()

    async def put_until_killed(store: S3BlobStore) -> None:
        while True:
            key = f"raw/{next(numbers)}"
            try:
                await store.put(key, key.encode() * 1000)
            except errors.UnavailableError:
                return
            confirmed.append(key)

    with opened(replace(server.config, put_deadline_seconds=1.0)) as store:
        for _ in range(3):
            count = len(confirmed)
            writers = asyncio.gather(*(put_until_killed(store) for _ in range(4)))
            async with asyncio.timeout(30):
                while len(confirmed) < count + 20:
                    await asyncio.sleep(0.01)
            server.process.kill()
            await writers
            server.process.start()

        found = [await store.get(key) for key in confirmed]

    assert found == [key.encode() * 1000 for key in confirmed]


async def test_a_store_that_asks_to_slow_down_gets_the_objects_all_the_same():
    with slowing_down_s3(refusing_every=3) as (config, stored), opened(config) as store:
        await asyncio.gather(*(store.put(f"raw/{n}", b"x") for n in range(60)))

    assert len(stored) == 60


async def test_a_store_that_only_asks_to_slow_down_is_overloaded():
    with (
        slowing_down_s3(refusing_every=1) as (config, _),
        opened(replace(config, put_deadline_seconds=3.0)) as store,
        pytest.raises(errors.OverloadedError),
    ):
        await store.put("raw/a", b"x")


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({}, (None, None)),
        ({"ELASTICDASH_S3_EVENT_UPLOAD_SSE": "AES256"}, ("AES256", None)),
        (
            {"LANGFUSE_S3_EVENT_UPLOAD_SSE": "aws:kms", "LANGFUSE_S3_EVENT_UPLOAD_SSE_KMS_KEY_ID": "key-1"},
            ("aws:kms", "key-1"),
        ),
    ],
    ids=["not said", "AES256", "a key of one's own"],
)
async def test_objects_are_encrypted_as_the_settings_say(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], asked: tuple[str | None, str | None]
):
    for name, value in {**said, "ELASTICDASH_S3_EVENT_UPLOAD_BUCKET": "b"}.items():
        monkeypatch.setenv(name, value)
    wanted = configuration.s3_config(BlobStoreSettings())

    with (
        listening_s3(refusing_every=1_000_000) as (config, _, headers),
        opened(replace(config, encryption=wanted.encryption, kms_key_id=wanted.kms_key_id)) as store,
    ):
        await store.put("raw/a", b"x")

    name = "x-amz-server-side-encryption"
    assert (headers[0].get(name), headers[0].get(f"{name}-aws-kms-key-id")) == asked


def test_a_key_without_its_encryption_is_contradictory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ELASTICDASH_S3_EVENT_UPLOAD_BUCKET", "b")
    monkeypatch.setenv("ELASTICDASH_S3_EVENT_UPLOAD_SSE_KMS_KEY_ID", "key-1")

    assert "ELASTICDASH_S3_EVENT_UPLOAD_SSE=aws:kms" in BlobStoreSettings().missing()[0]


@pytest.mark.parametrize("wrong", [{"endpoint": "localhost:9000"}, {"region": "no region"}], ids=["endpoint", "region"])
def test_settings_that_can_not_be_used_stop_the_start(wrong: dict[str, str]):
    with pytest.raises(errors.ConfigurationError):
        S3BlobStore(replace(S3Config("b", region="r", endpoint="http://127.0.0.1:1"), **wrong))


@contextmanager
def slowing_down_s3(refusing_every: int) -> Generator[tuple[S3Config, set[str]]]:
    """A server that refuses every nth request as AWS does under load; the paths that it took."""
    with listening_s3(refusing_every) as (config, stored, _):
        yield config, stored


@contextmanager
def listening_s3(refusing_every: int) -> Generator[tuple[S3Config, set[str], list[Message]]]:
    """The same with the headers of what it took."""
    stored: set[str] = set()
    headers: list[Message] = []
    numbers = itertools.count(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            is_refused = next(numbers) % refusing_every == 0
            answer = (
                b"<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>"
                if is_refused
                else b""
            )
            if not is_refused:
                stored.add(self.path)
                headers.append(self.headers)
            self.send_response(503 if is_refused else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] silence
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield S3Config("b", "", "us-east-1", endpoint, "key", "secret", force_path_style=True), stored, headers
    finally:
        server.shutdown()
        server.server_close()
