"""Opens the S3 client, and says in our words what went wrong with it."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Protocol, cast

import boto3  # pyright: ignore[reportMissingTypeStubs] boto3 ships none
from botocore import exceptions as s3_errors
from botocore.config import Config

from elasticdash.shared import errors

CONNECT_TIMEOUT_SECONDS = 1.0
# Of one wait on the socket: a lost connection leaves time for a second try within the deadline of a put.
READ_TIMEOUT_SECONDS = 2.5

S3_ERRORS = (s3_errors.BotoCoreError, s3_errors.ClientError)
_ANY_REGION = "auto"
_TRANSIENT = (
    s3_errors.HTTPClientError,
    s3_errors.ConnectionError,
    s3_errors.IncompleteReadError,
)
_SLOW_DOWN = frozenset({"SlowDown", "Throttling", "ThrottlingException", "TooManyRequests"})
_TRANSIENT_CODES = _SLOW_DOWN | {"RequestTimeout", "InternalError", "ServiceUnavailable"}
_SLOW_DOWN_RETRY_SECONDS = 2
# HEAD has no body that could name the code.
_NOTHING_AT_HEAD = "404"


@dataclass(frozen=True, slots=True)
class S3Config:
    """Which bucket, and how it is reached. Without an access key: what the environment or the machine's role gives.

    `prefix` is put before every key as it is. `encryption` is `AES256` or `aws:kms`, with `kms_key_id` for the latter.
    """

    bucket: str
    prefix: str = ""
    region: str | None = None
    endpoint: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    force_path_style: bool = False
    encryption: str | None = None
    kms_key_id: str | None = None
    max_connections: int = 16
    max_bytes_in_flight: int = 64 << 20
    put_deadline_seconds: float = 4.0
    deadline_seconds: float = 30.0


class S3Client(Protocol):
    """The operations used here; answers are parsed XML."""

    def put_object(self, **parameters: Any) -> Mapping[str, Any]: ...
    def get_object(self, **parameters: Any) -> Mapping[str, Any]: ...
    def list_objects_v2(self, **parameters: Any) -> Mapping[str, Any]: ...
    def delete_objects(self, **parameters: Any) -> Mapping[str, Any]: ...
    def head_object(self, **parameters: Any) -> Mapping[str, Any]: ...
    def generate_presigned_url(self, ClientMethod: str, **parameters: Any) -> str: ...  # noqa: N803 as S3 spells it
    def close(self) -> None: ...


def open_client(config: S3Config) -> S3Client:
    """A client with one pool of connections; ConfigurationError when the settings contradict each other."""
    try:
        client = _connected(config)
    except (s3_errors.BotoCoreError, ValueError) as error:
        raise errors.ConfigurationError(f"The S3 settings can't be used: {error}") from error
    client.meta.events.register("before-call.s3.DeleteObjects", _add_md5)
    return cast(S3Client, client)


def is_transient(error: Exception) -> bool:
    """Whether the same request may succeed in a moment."""
    if isinstance(error, s3_errors.ClientError):
        status, code = _answer(error)
        return status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in _TRANSIENT_CODES
    return isinstance(error, _TRANSIENT)


def translated(what: str, error: Exception) -> errors.ElasticDashError:
    """What to raise for an error of S3: safe to show, without addresses, buckets, keys or credentials."""
    if not isinstance(error, s3_errors.ClientError):
        return errors.UnavailableError(f"{what}: the object store can't be used ({type(error).__name__})")
    status, code = _answer(error)
    if code in ("NoSuchKey", _NOTHING_AT_HEAD):
        return errors.NotFoundError(f"{what}: there is none with this key")
    if code in _SLOW_DOWN or status == HTTPStatus.TOO_MANY_REQUESTS:
        return errors.OverloadedError(f"{what}: the object store asks to slow down", _SLOW_DOWN_RETRY_SECONDS)
    return errors.UnavailableError(f"{what}: the object store answered {status} {code}")


def refusals(answer: Mapping[str, Any]) -> Sequence[str]:
    """The codes with which a batch deletion refused single keys."""
    return [str(entry.get("Code", "unknown")) for entry in answer.get("Errors", ())]


def answered_at(answer: Mapping[str, Any]) -> datetime | None:
    """When the server says it answered; None when it says nothing of it."""
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return parsedate_to_datetime(date) if date else None
    except ValueError:
        return None


def _connected(config: S3Config) -> Any:
    return boto3.client(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] boto3 ships no types
        "s3",
        region_name=None if config.region == _ANY_REGION and config.endpoint is None else config.region,
        endpoint_url=config.endpoint,
        aws_access_key_id=config.access_key_id,
        aws_secret_access_key=config.secret_access_key,
        config=_transport(config),
    )


def _transport(config: S3Config) -> Config:
    return Config(
        # URLs can only be signed with the headers of an upload in them by this version.
        signature_version="s3v4",
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        max_pool_connections=config.max_connections,
        tcp_keepalive=True,
        # Retried by the store, which knows how much time is left.
        retries={"total_max_attempts": 1, "mode": "standard"},
        s3={"addressing_style": "path" if config.force_path_style else "auto"},
        # Newer checksums are refused by servers that are not AWS.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


def _add_md5(params: dict[str, Any], **_: Any) -> None:
    """Batch deletion must carry a checksum, and MD5 is the one that every S3 server knows."""
    digest = hashlib.md5(params["body"], usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()


def _answer(error: s3_errors.ClientError) -> tuple[int, str]:
    response = cast(Mapping[str, Any], error.response)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return int(status), str(response.get("Error", {}).get("Code", "unknown"))
