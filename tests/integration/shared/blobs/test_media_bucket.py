"""Files go straight to a real S3 server and back, with URLs that allow exactly that."""

import base64
import hashlib
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from elasticdash.shared import errors
from elasticdash.shared.blobs import configuration, media
from elasticdash.shared.blobs.media import MediaObject
from elasticdash.shared.blobs.media_bucket import MediaBucket
from elasticdash.shared.blobs.s3_client import S3Config
from elasticdash.shared.settings.blob_store import BlobStoreSettings
from elasticdash.shared.settings.media import MediaSettings
from support.servers.s3 import running_s3

FILE = b"<svg>\x00\xff</svg>"
DIGEST = base64.b64encode(hashlib.sha256(FILE).digest()).decode()
WANTED = MediaObject("media/p/x", "image/svg+xml", len(FILE), DIGEST)
# What SDKs send.
HEADERS = {"Content-Type": WANTED.content_type, "x-amz-checksum-sha256": DIGEST, "x-ms-blob-type": "BlockBlob"}


@pytest.fixture
async def bucket(tmp_path: Path) -> AsyncGenerator[MediaBucket]:
    with running_s3(tmp_path / "s3") as server:
        opened = MediaBucket(server.config)
        yield opened
        opened.close()


@pytest.mark.parametrize(
    ("data", "changed"),
    [
        (FILE, {"Content-Type": "text/html"}),
        (FILE + b"x", {}),
        (FILE, {"x-amz-checksum-sha256": base64.b64encode(b"x" * 32).decode()}),
    ],
)
async def test_only_the_announced_file_is_taken(bucket: MediaBucket, data: bytes, changed: dict[str, str]):
    url = bucket.upload_url(WANTED, 60)

    answer = httpx.put(url, content=data, headers={**HEADERS, **changed})

    assert answer.status_code == 403
    assert await bucket.size_of(WANTED.key) is None


async def test_an_expired_url_opens_nothing(bucket: MediaBucket):
    url = bucket.upload_url(WANTED, 1)
    time.sleep(2.1)

    # AWS answers 403.
    assert httpx.put(url, content=FILE, headers=HEADERS).status_code in (400, 403)
    assert await bucket.size_of(WANTED.key) is None


async def test_a_file_comes_back_as_it_was_sent_to_be_saved(bucket: MediaBucket):
    sent = httpx.put(bucket.upload_url(WANTED, 60), content=FILE, headers=HEADERS)

    answer = httpx.get(bucket.download_url(WANTED, "x.svg", 60))

    assert sent.status_code == 200
    assert await bucket.size_of(WANTED.key) == len(FILE)
    assert answer.content == FILE
    assert answer.headers["content-type"] == WANTED.content_type
    assert answer.headers["content-disposition"] == 'attachment; filename="x.svg"'


async def test_a_server_that_is_down_is_unavailable():
    config = S3Config("b", region="r", endpoint="http://127.0.0.1:9", access_key_id="k", secret_access_key="s")
    down = MediaBucket(replace(config, deadline_seconds=1))

    with pytest.raises(errors.UnavailableError):
        await down.size_of("media/p/x")
    down.close()


def test_clients_are_sent_to_the_address_they_reach():
    config = S3Config("b", region="r", endpoint="http://inside:9000", access_key_id="k", secret_access_key="s")
    bucket = MediaBucket(config, "https://files.example.com")

    hosts = {urlsplit(bucket.upload_url(WANTED, 60)).hostname, urlsplit(bucket.download_url(WANTED, "x", 60)).hostname}

    assert hosts <= {"files.example.com", "b.files.example.com"}


@pytest.mark.parametrize(
    ("endpoint", "is_signed"), [("https://storage.googleapis.com", False), ("https://s3.example.com", True)]
)
def test_the_checksum_is_signed_where_sdks_send_one(endpoint: str, is_signed: bool):
    config = S3Config("b", region="r", endpoint=endpoint, access_key_id="k", secret_access_key="s")

    query = parse_qs(urlsplit(MediaBucket(replace(config, force_path_style=True)).upload_url(WANTED, 60)).query)

    signed = query["X-Amz-SignedHeaders"][0].split(";")
    assert {"content-type", "content-length"} < set(signed)
    assert ("x-amz-checksum-sha256" in signed) == is_signed


def test_what_is_not_set_is_as_for_accepted_batches(monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "LANGFUSE_S3_EVENT_UPLOAD_BUCKET": "events",
        "LANGFUSE_S3_EVENT_UPLOAD_PREFIX": "e/",
        "LANGFUSE_S3_EVENT_UPLOAD_ACCESS_KEY_ID": "k1",
        "LANGFUSE_S3_EVENT_UPLOAD_SECRET_ACCESS_KEY": "s1",
        "LANGFUSE_S3_EVENT_UPLOAD_FORCE_PATH_STYLE": "true",
    }.items():
        monkeypatch.setenv(name, value)
    same = configuration.media_config(MediaSettings(), BlobStoreSettings())
    for name, value in {
        "LANGFUSE_S3_MEDIA_UPLOAD_BUCKET": "media",
        "LANGFUSE_S3_MEDIA_UPLOAD_PREFIX": "m/",
        "LANGFUSE_S3_MEDIA_UPLOAD_ACCESS_KEY_ID": "k2",
        "LANGFUSE_S3_MEDIA_UPLOAD_SECRET_ACCESS_KEY": "s2",
        "LANGFUSE_S3_MEDIA_UPLOAD_ENDPOINT": "http://m",
    }.items():
        monkeypatch.setenv(name, value)
    other = configuration.media_config(MediaSettings(), BlobStoreSettings())

    assert (same.bucket, same.prefix, same.access_key_id, same.secret_access_key) == ("events", "e/", "k1", "s1")
    assert (other.bucket, other.prefix, other.access_key_id, other.secret_access_key) == ("media", "m/", "k2", "s2")
    assert (other.endpoint, other.force_path_style) == ("http://m", True)


_CONFIG = S3Config("files", "logger/", "eu-west-1", access_key_id="key", secret_access_key="secret")
_OWN_SERVER = replace(_CONFIG, endpoint="http://s3.test:9000", force_path_style=True)


@pytest.mark.parametrize(
    ("config", "external", "source"),
    [
        (_OWN_SERVER, None, "http://s3.test:9000/files/logger/media/"),
        (_OWN_SERVER, "https://files.test", "https://files.test/files/logger/media/"),
        (_CONFIG, None, "https://files.s3.amazonaws.com/logger/media/"),
    ],
)
def test_pages_are_told_to_load_from_the_folder_of_files_alone(config: S3Config, external: str | None, source: str):
    bucket = MediaBucket(config, external)
    told = bucket.page_source()
    signed = bucket.download_url(replace(WANTED, key=media.key_of("p", "x")), "x.svg", 60)
    bucket.close()

    assert told == source
    assert signed.startswith(source)


def test_pages_load_from_no_bucket_while_there_are_no_keys(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    bucket = MediaBucket(replace(_OWN_SERVER, access_key_id=None, secret_access_key=None))
    told = bucket.page_source()
    bucket.close()

    assert told is None
