"""A real S3 server for tests: rclone's, from the development pins, which keeps objects as files and survives a kill."""

import os
import secrets
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import httpx
from botocore.config import Config

from elasticdash.shared.blobs.s3_client import S3Config
from support.server import free_port
from support.servers.origin import given_url
from support.servers.process import ServerProcess

BUCKET = "elasticdash"
# Outside of tests a key like this would be a secret; here it only has to be checked by the server.
_ACCESS_KEY_ID = "test-access-key"
_SECRET_ACCESS_KEY = "test-secret-access-key"
_TEST_URL = "TEST_S3_URL"


@dataclass(frozen=True, slots=True)
class S3Server:
    """A server with an empty place of its own in it. `process` is None for one that was given by its address."""

    config: S3Config
    process: ServerProcess | None = None

    def settings(self) -> dict[str, str]:
        """The variables that make a Logger use it."""
        config = self.config
        return {
            "ELASTICDASH_S3_EVENT_UPLOAD_BUCKET": config.bucket,
            "ELASTICDASH_S3_EVENT_UPLOAD_PREFIX": config.prefix,
            "ELASTICDASH_S3_EVENT_UPLOAD_REGION": config.region or "auto",
            "ELASTICDASH_S3_EVENT_UPLOAD_ENDPOINT": config.endpoint or "",
            "ELASTICDASH_S3_EVENT_UPLOAD_ACCESS_KEY_ID": config.access_key_id or "",
            "ELASTICDASH_S3_EVENT_UPLOAD_SECRET_ACCESS_KEY": config.secret_access_key or "",
            "ELASTICDASH_S3_EVENT_UPLOAD_FORCE_PATH_STYLE": "true",
        }


@contextmanager
def running_s3(folder: Path) -> Generator[S3Server]:
    """The server of TEST_S3_URL (`http://key:secret@host:port/bucket`), else one of our own with its data in `folder`.

    Not emulated by ours: versions, lifecycle rules, encryption at rest (the header is taken), access
    policies, and replacing an object in one step: a kill in the middle of it loses the old one too.
    """
    url = given_url(_TEST_URL)
    if url:
        yield S3Server(replace(_config_of(url), prefix=f"test-{secrets.token_hex(6)}/"))
        return
    server = start_s3(folder)
    try:
        yield server
    finally:
        if server.process:
            server.process.kill()


def start_s3(folder: Path, port: int | None = None) -> S3Server:
    """A started server of our own on `port` (default: a free one); started again on the same folder it has all."""
    (folder / "objects" / BUCKET).mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    process = ServerProcess(
        _command(folder / "objects", port),
        is_ready=lambda: httpx.get(f"http://127.0.0.1:{port}/", timeout=2.0).status_code < 500,
        log_file=folder / "s3.log",
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )
    process.start()
    return S3Server(_config(f"http://127.0.0.1:{port}"), process)


def _command(objects: Path, port: int) -> list[str]:
    program = str(Path(sys.executable).with_name("rclone"))
    keys = f"{_ACCESS_KEY_ID},{_SECRET_ACCESS_KEY}"
    address = f"127.0.0.1:{port}"
    return [program, "serve", "s3", str(objects), "--addr", address, "--auth-key", keys, "--config", os.devnull]


def _config(endpoint: str) -> S3Config:
    return S3Config(
        bucket=BUCKET,
        region="us-east-1",
        endpoint=endpoint,
        access_key_id=_ACCESS_KEY_ID,
        secret_access_key=_SECRET_ACCESS_KEY,
        force_path_style=True,
    )


def _config_of(url: str) -> S3Config:
    parts = urlsplit(url)
    config = replace(
        _config(f"{parts.scheme}://{parts.hostname}:{parts.port or 9000}"),
        bucket=parts.path.strip("/") or BUCKET,
        access_key_id=parts.username or _ACCESS_KEY_ID,
        secret_access_key=parts.password or _SECRET_ACCESS_KEY,
    )
    client = boto3.client(
        "s3",
        region_name=config.region,
        endpoint_url=config.endpoint,
        aws_access_key_id=config.access_key_id,
        aws_secret_access_key=config.secret_access_key,
        config=Config(s3={"addressing_style": "path"}),
    )
    if config.bucket not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket=config.bucket)
    return config
