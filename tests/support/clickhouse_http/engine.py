"""Runs statements in the engine: a handle of its own for each request, so that no setting outlives it."""

import json
import os
import re
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import chdb
from chdb import ChdbError
from chdb.state.sqlitelike import Connection

from support.clickhouse_http import native
from support.clickhouse_http.faults import ServerError, from_engine
from support.clickhouse_http.request import Request

MAX_CONCURRENT_QUERIES = 100
_BLANKS = rb"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
_INSERT = re.compile(
    _BLANKS + rb"(INSERT\s+INTO\s(?:(?!\bSELECT\b|\bVALUES\b).)*?)(\bSETTINGS\s.*?)?\bFORMAT\s+(\w+)(?:;|\r?\n|\s|$)",
    re.IGNORECASE | re.DOTALL,
)
_FIRST_WORD = re.compile(_BLANKS + rb"\(?\s*(\w+)")
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_ANSWERING = {b"SELECT", b"WITH", b"SHOW", b"DESCRIBE", b"DESC", b"EXISTS", b"EXPLAIN", b"CHECK"}
_STREAMABLE_KINDS = {b"SELECT", b"WITH"}
# Formats whose blocks can be joined: all others have a header or a footer.
_STREAMABLE_FORMATS = {"Native", "TabSeparated", "TSV", "CSV", "RowBinary", "JSONEachRow"}
_HEAD_BYTES = 64 * 1024


@dataclass(slots=True)
class Answer:
    """What a statement gave: `format` is None when it has no result; `summary` is complete once chunks are read."""

    format: str | None
    chunks: Iterator[bytes]
    summary: dict[str, str] = field(default_factory=dict[str, str])


class Engine:
    """The one engine of this process on one folder."""

    def __init__(self, folder: Path, config: Path | None = None) -> None:
        self._address = str(folder) if config is None else f"{folder}?config-file={config}"
        # An open handle keeps the engine alive between requests.
        self._keep = chdb.connect(self._address)
        self._slots = threading.BoundedSemaphore(MAX_CONCURRENT_QUERIES)
        answer = self._keep.query("SELECT version(), timezone()", "TabSeparated").bytes().decode()
        self.version, self.timezone = answer.strip().split("\t")

    def close(self) -> None:
        """Let running statements end, then close the engine."""
        for _ in range(MAX_CONCURRENT_QUERIES):
            self._slots.acquire()
        self._keep.close()

    @contextmanager
    def run(self, request: Request, preparations: Sequence[Mapping[str, str]]) -> Generator[Answer]:
        """The answer, whose chunks can be read inside the context; what the engine raises there is a ServerError.

        `preparations` are settings, each group set on its own, as of the user; the request's own settings come last.
        """
        with self._handle(request.database) as handle:
            for settings in (*preparations, request.settings):
                if settings:
                    handle.query(_set(settings))
            yield self._answer(handle, request)

    def explained(self, database: str, statement: str, parameters: Mapping[str, str]) -> str:
        """The statement's syntax tree as the engine prints it."""
        with self._handle(database) as handle:
            return handle.query(f"EXPLAIN AST {statement}", "TabSeparatedRaw", params=dict(parameters)).bytes().decode()

    def formatted(self, statement: str) -> str:
        """The statement in the engine's own spelling; ServerError when it doesn't parse."""
        with self._handle("") as handle:
            asked = "SELECT formatQuerySingleLine({said:String})"
            return handle.query(asked, "TabSeparatedRaw", params={"said": statement}).bytes().decode()

    @contextmanager
    def _handle(self, database: str) -> Generator[Connection]:
        if not self._slots.acquire(blocking=False):
            raise ServerError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries")
        try:
            handle = chdb.connect(self._address)
            try:
                if database:
                    handle.query("USE " + _quoted(database, "`"))
                yield handle
            finally:
                handle.close()
        except (RuntimeError, ChdbError) as error:
            raise from_engine(error) from error
        finally:
            self._slots.release()

    def _answer(self, handle: Connection, request: Request) -> Answer:
        started = time.perf_counter()
        insert = _INSERT.match(request.statement[:_HEAD_BYTES])
        answer = self._inserted(handle, request, insert) if insert else self._queried(handle, request)
        answer.summary["elapsed_ns"] = str(int((time.perf_counter() - started) * 1e9))
        return answer

    def _inserted(self, handle: Connection, request: Request, found: re.Match[bytes]) -> Answer:
        # Not send_insert: it reports success when a constraint refuses the rows.
        into, settings, format_ = (part.decode() for part in found.groups(b""))
        with _in_memory_file(request.statement[found.end() :]) as path:
            result = handle.query(f"{into} FROM INFILE '{path}' {settings} FORMAT {format_}", "TabSeparated")
        # It reads the rows that it writes.
        counts = {"written_rows": str(result.rows_read()), "written_bytes": str(result.bytes_read())}
        return Answer(None, iter(()), {**counts, "read_rows": counts["written_rows"]})

    def _queried(self, handle: Connection, request: Request) -> Answer:
        statement = request.statement.decode()
        if handle._conn.classify_query(statement)["statement_count"] > 1:
            raise ServerError(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
        first_word = _FIRST_WORD.match(request.statement)
        kind = first_word.group(1).upper() if first_word else b""
        if kind not in _ANSWERING:
            result = handle.query(statement, "TabSeparated", params=dict(request.parameters))
            return Answer(None, iter((result.bytes() or b"",)), {"written_rows": str(result.rows_written())})
        wanted = _FORMAT.search(statement)
        format_ = wanted.group(1) if wanted else request.default_format
        if kind in _STREAMABLE_KINDS and format_ in _STREAMABLE_FORMATS:
            chunks = (chunk.bytes() for chunk in handle.send_query(statement, format_, params=dict(request.parameters)))
        else:
            chunks = _whole(handle, request, statement, format_)
        if format_ == "Native":
            chunks = _native(handle, request, statement, chunks)
        return Answer(format_, chunks)


@contextmanager
def _in_memory_file(data: bytes) -> Generator[str]:
    descriptor = os.memfd_create("insert")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(data)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _whole(handle: Connection, request: Request, statement: str, format_: str) -> Iterator[bytes]:
    yield handle.query(statement, format_, params=dict(request.parameters)).bytes() or b""


def _native(handle: Connection, request: Request, statement: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks as a server sends them: each with its info where the client wants it, and one where there is none."""
    prefix = native.BLOCK_INFO if request.has_block_info else b""
    is_empty = True
    for chunk in chunks:
        if chunk:
            is_empty = False
            yield prefix + chunk
    if is_empty:
        yield prefix + native.header(_columns(handle, statement, request.parameters))


def _columns(handle: Connection, statement: str, parameters: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    result = handle.query(_FORMAT.sub("", statement), "JSONCompact", params=dict(parameters))
    return [(column["name"], column["type"]) for column in json.loads(result.bytes())["meta"]]


def _set(settings: Mapping[str, str]) -> str:
    for name in settings:
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise ServerError(115, "UNKNOWN_SETTING", f"Unknown setting {name!r}")
    return "SET " + ", ".join(f"{name} = {_quoted(value, chr(39))}" for name, value in settings.items())


def _quoted(text: str, mark: str) -> str:
    return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark
