"""The engine behind HTTP answers as a ClickHouse server: statuses, headers, formats, codings, rights, crashes."""

import gzip
import json
import zlib
from collections.abc import Callable, Generator
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import lz4.frame
import pytest
import urllib3
import zstandard

from support.servers import clickhouse as servers
from support.servers.clickhouse import ClickHouseServer

CREATE = "CREATE TABLE numbers_of_a (a UInt64, CONSTRAINT c CHECK a != 6666) ENGINE = MergeTree ORDER BY a"
ENGINE_FAILS_LATE = "SELECT throwIf(number = 1000000, 'late') FROM numbers(1100000) FORMAT TabSeparated"
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "lz4": lz4.frame.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "lz4": lz4.frame.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().stream_reader(data).read(),
}


@pytest.fixture(scope="module")
def server() -> Generator[ClickHouseServer]:
    with servers.running() as running:
        servers.execute(running.url, CREATE)
        yield running


@pytest.fixture
def table(server: ClickHouseServer) -> str:
    servers.execute(server.url, "TRUNCATE TABLE numbers_of_a")
    return "numbers_of_a"


def ask(
    url: str, body: bytes | str = b"", *, headers: dict[str, str] | None = None, method: str = "POST", **arguments: str
) -> urllib3.BaseHTTPResponse:
    """One request as the URL's user; the body is left in its coding."""
    parts = urlsplit(url)
    user = urllib3.make_headers(basic_auth=f"{unquote(parts.username or '')}:{unquote(parts.password or '')}")
    return urllib3.request(
        method,
        f"http://{parts.hostname}:{parts.port}/?{urlencode(arguments)}",
        body=body,
        headers={**user, **(headers or {})},
        decode_content=False,
        timeout=60.0,
    )


def error_of(response: urllib3.BaseHTTPResponse) -> tuple[int, str | None]:
    return response.status, response.headers.get("X-ClickHouse-Exception-Code")


@pytest.mark.parametrize(
    ("headers", "arguments", "expected"),
    [
        ({}, {}, (403, "516")),
        ({}, {"user": servers.USER}, (401, "194")),
        ({"Authorization": "Basic bm9ib2R5Ong="}, {}, (403, "516")),
        ({"X-ClickHouse-User": servers.USER, "X-ClickHouse-Key": "wrong"}, {}, (403, "516")),
        ({"X-ClickHouse-User": servers.USER, "X-ClickHouse-Key": servers.PASSWORD}, {}, (200, None)),
        ({}, {"user": servers.USER, "password": servers.PASSWORD}, (200, None)),
    ],
    ids=["anonymous", "no-password", "unknown", "wrong", "header", "arguments"],
)
def test_only_known_users_may_ask(
    server: ClickHouseServer, headers: dict[str, str], arguments: dict[str, str], expected: tuple[int, str | None]
):
    address = f"http://127.0.0.1:{server.port}/?{urlencode({**arguments, 'query': 'SELECT 1'})}"

    response = urllib3.request("GET", address, headers=headers)

    assert error_of(response) == expected
    assert servers.PASSWORD.encode() not in response.data


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT nothing FROM numbers_of_a", (404, "47")),
        ("SELECT * FROM nowhere", (404, "60")),
        ("SELEC 1", (400, "62")),
        ("SELECT 1; SELECT 2", (400, "62")),
        ("SELECT throwIf(1)", (500, "395")),
        ("SELECT sleepEachRow(1) FROM numbers(5) SETTINGS max_execution_time = 1, max_block_size = 1", (408, "159")),
        ("SELECT groupArray(number) FROM numbers(10000000) SETTINGS max_memory_usage = 1000000", (500, "241")),
        ('INSERT INTO numbers_of_a FORMAT JSONEachRow {"a": "x"}', (400, "27")),
        ("INSERT INTO numbers_of_a (b) FORMAT JSONEachRow {}", (400, "16")),
        ('INSERT INTO numbers_of_a SETTINGS async_insert = 0 FORMAT JSONEachRow {"a": 6666}', (500, "469")),
    ],
    ids=["column", "table", "syntax", "two", "at-once", "time", "memory", "row", "schema", "constraint"],
)
def test_errors_have_the_status_and_code_of_a_server(
    server: ClickHouseServer, table: str, statement: str, expected: tuple[int, str]
):
    response = ask(server.url, statement)

    assert error_of(response) == expected
    assert response.data.startswith(f"Code: {expected[1]}. DB::Exception: ".encode())


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({"session_id": "x"}, "48"), ({"param_x": "y" * 131_073}, "1000"), ({"no_such_setting": "1"}, "115")],
    ids=["session", "long-field", "setting"],
)
def test_what_it_cannot_do_is_refused(server: ClickHouseServer, arguments: dict[str, str], code: str):
    response = ask(server.url, "SELECT 1", **arguments)

    assert error_of(response)[1] == code


@pytest.mark.parametrize(
    ("statement", "arguments", "expected"),
    [
        ("SELECT {n:UInt8} + 1 AS m FORMAT JSONEachRow", {"param_n": "2"}, b'{"m":3}\n'),
        ("SELECT 1, 'a\tb'", {}, b"1\ta\\tb\n"),
        ("SELECT 1 AS x WHERE 0 FORMAT Native", {}, b"\x01\x00\x01x\x05UInt8"),
        ("SELECT 1 AS x FORMAT CSVWithNames", {}, b'"x"\n1\n'),
        ("SELECT getSetting('max_threads')", {"max_threads": "1"}, b"1\n"),
        ("CREATE TABLE IF NOT EXISTS numbers_of_a (a UInt64) ENGINE = Memory", {}, b""),
    ],
    ids=["parameter", "default-format", "empty-native", "csv", "setting", "nothing"],
)
def test_answers_in_the_asked_format(
    server: ClickHouseServer, statement: str, arguments: dict[str, str], expected: bytes
):
    response = ask(server.url, statement, **arguments)

    assert (response.status, response.data) == (200, expected)
    assert response.headers["X-ClickHouse-Query-Id"]
    assert json.loads(response.headers["X-ClickHouse-Summary"])["elapsed_ns"].isdigit()


def test_a_form_carries_what_a_url_cannot(server: ClickHouseServer):
    fields = {"query": "SELECT length({ids:Array(String)})", "param_ids": str(["x" * 100] * 1000)}
    body, content_type = urllib3.encode_multipart_formdata(fields)

    response = ask(server.url, body, headers={"Content-Type": content_type})

    assert response.data == b"1000\n"


@pytest.mark.parametrize("coding", ENCODERS)
def test_bodies_are_compressed_both_ways(server: ClickHouseServer, table: str, coding: str):
    rows = b"".join(b'{"a": %d}\n' % number for number in range(1000))

    inserted = ask(
        server.url,
        ENCODERS[coding](rows),
        headers={"Content-Encoding": coding},
        query=f"INSERT INTO {table} FORMAT JSONEachRow",
    )
    response = ask(server.url, f"SELECT a FROM {table} ORDER BY a", headers={"Accept-Encoding": coding})

    assert json.loads(inserted.headers["X-ClickHouse-Summary"])["written_rows"] == "1000"
    assert response.headers["Content-Encoding"] == coding
    assert DECODERS[coding](response.data) == b"".join(b"%d\n" % number for number in range(1000))


def test_a_failure_after_the_first_rows_is_marked_in_the_stream(server: ClickHouseServer):
    response = ask(server.url, ENGINE_FAILS_LATE, max_threads="1")

    tag = response.headers["X-ClickHouse-Exception-Tag"].encode()
    assert response.status == 200
    assert b"__exception__\r\n" + tag in response.data
    assert b"late" in response.data


def test_a_buffered_failure_has_a_status(server: ClickHouseServer):
    response = ask(server.url, ENGINE_FAILS_LATE, wait_end_of_query="1")

    assert error_of(response) == (500, "395")


@pytest.mark.parametrize(
    ("statement", "arguments", "code"),
    [
        ("SELECT count() FROM numbers_of_a", {}, None),
        ("INSERT INTO numbers_of_a VALUES (1)", {}, "164"),
        ('INSERT INTO numbers_of_a FORMAT JSONEachRow {"a": 1}', {}, "164"),
        ("DROP TABLE numbers_of_a", {}, "164"),
        ("SELECT 1", {"max_threads": "1"}, "164"),
        ("SELECT 1", {"readonly": "0"}, "164"),
        ("SET readonly = 0", {}, "164"),
    ],
    ids=["read", "values", "data", "drop", "setting", "readonly", "set"],
)
def test_a_reader_may_only_read(
    server: ClickHouseServer, table: str, statement: str, arguments: dict[str, str], code: str | None
):
    response = ask(server.reader_url, statement, **arguments)

    assert error_of(response)[1] == code


def test_a_get_may_only_read(server: ClickHouseServer, table: str):
    response = ask(server.url, method="GET", query=f"INSERT INTO {table} VALUES (1)")

    assert error_of(response)[1] == "164"


def test_settings_end_with_their_request(server: ClickHouseServer):
    before: Any = ask(server.url, "SELECT getSetting('max_threads')").data
    ask(server.url, "SELECT 1", max_threads="1")
    ask(server.url, "SET max_threads = 1")

    assert ask(server.url, "SELECT getSetting('max_threads')").data == before


def test_a_killed_server_has_its_rows_when_it_is_back(server: ClickHouseServer, table: str):
    ask(server.url, f'INSERT INTO {table} FORMAT JSONEachRow {{"a": 1}}')

    server.restart()

    assert ask(server.url, f"SELECT count() FROM {table}").data == b"1\n"
