"""A request of the HTTP interface, taken apart: statement, parameters, settings, who asks and how to answer."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from support.clickhouse_http import compression
from support.clickhouse_http.faults import POCO_EXCEPTION, ServerError

MAX_FIELD_BYTES = 128 * 1024  # http_max_field_value_size
_NOT_SETTINGS = {
    "add_http_cors_header",
    "buffer_size",
    "client_protocol_version",
    "compress",
    "database",
    "decompress",
    "default_format",
    "enable_http_compression",
    "http_headers_progress_interval_ms",
    "password",
    "query",
    "query_id",
    "quota_key",
    "role",
    "send_progress_in_http_headers",
    "session_check",
    "session_id",
    "session_timeout",
    "user",
    "wait_end_of_query",
}
_NOT_EMULATED = ("session_id", "role", "decompress", "compress")


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password as sent; None where the client sent none."""

    user: str | None
    password: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks. `statement` is bytes: after an INSERT's FORMAT comes data."""

    method: str
    statement: bytes
    parameters: Mapping[str, str]
    settings: Mapping[str, str]
    arguments: Mapping[str, str]
    credentials: Credentials
    accepted_coding: str

    @property
    def database(self) -> str:
        return self.arguments.get("database", "")

    @property
    def default_format(self) -> str:
        return self.arguments.get("default_format", "TabSeparated")

    @property
    def is_buffered(self) -> bool:
        return self.arguments.get("wait_end_of_query", "0") in ("1", "true")

    @property
    def has_block_info(self) -> bool:
        return self.arguments.get("client_protocol_version", "0") != "0"


def parsed(method: str, query_string: str, headers: Message, body: bytes) -> Request:
    """The request; ServerError for what a server refuses before it looks at the statement."""
    arguments = dict(parse_qsl(query_string, keep_blank_values=True))
    body = compression.decompressed(body, headers.get("Content-Encoding", ""))
    if headers.get_content_type() == "multipart/form-data":
        arguments.update(_form_fields(headers["Content-Type"], body))
        body = b""
    for name in _NOT_EMULATED:
        if arguments.get(name, "0") not in ("", "0"):
            raise ServerError(48, "NOT_IMPLEMENTED", f"This test server does not emulate {name!r}")
    for name, value in arguments.items():
        if len(value.encode()) > MAX_FIELD_BYTES:
            raise ServerError(POCO_EXCEPTION, "POCO_EXCEPTION", f"HTML Form Exception: Field value too long: {name}")
    query = arguments.get("query", "").encode()
    for header, name in (("X-ClickHouse-Database", "database"), ("X-ClickHouse-Format", "default_format")):
        if header in headers:
            arguments.setdefault(name, headers[header])
    return Request(
        method=method,
        statement=query + b"\n" + body if query and body else query or body,
        parameters={name[6:]: value for name, value in arguments.items() if name.startswith("param_")},
        settings={
            name: value
            for name, value in arguments.items()
            if name not in _NOT_SETTINGS and not name.startswith("param_")
        },
        arguments=arguments,
        credentials=_credentials(headers, arguments),
        accepted_coding=_accepted_coding(headers, arguments),
    )


def _credentials(headers: Message, arguments: Mapping[str, str]) -> Credentials:
    if "X-ClickHouse-User" in headers or "X-ClickHouse-Key" in headers:
        return Credentials(headers.get("X-ClickHouse-User"), headers.get("X-ClickHouse-Key"))
    kind, _, value = headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ServerError(516, "AUTHENTICATION_FAILED", "Cannot read the Authorization header") from error
        return Credentials(user, password)
    return Credentials(arguments.get("user"), arguments.get("password"))


def _accepted_coding(headers: Message, arguments: Mapping[str, str]) -> str:
    # enable_http_compression is on by default since 26.x.
    if arguments.get("enable_http_compression", "1") in ("0", "false"):
        return ""
    return compression.chosen(headers.get("Accept-Encoding", ""))


def _form_fields(content_type: str, body: bytes) -> dict[str, str]:
    whole = b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    fields: dict[str, str] = {}
    for part in BytesParser(policy=HTTP).parsebytes(whole).iter_parts():
        if part.get_filename() is not None:
            raise ServerError(48, "NOT_IMPLEMENTED", "This test server does not emulate external data")
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        fields[str(name)] = payload.decode()
    return fields
