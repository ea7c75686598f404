"""Times, lists and booleans look on the wire as the contract says."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Query
from pydantic import TypeAdapter, ValidationError

from elasticdash.web import error_responses, wire


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    app = FastAPI()
    error_responses.add_to(app)

    @app.get("/")
    async def shown(
        tags: Annotated[wire.TextList | None, Query()] = None,
        flag: wire.OptionalBoolean = None,
        since: wire.OptionalTimestamp = None,
    ) -> list[Any]:
        return [tags, flag, wire.timestamp_text(since) if since else None]

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    "query",
    ["flag=1", "flag=True", "flag=yes", "since=2026-01-01", "since=yesterday", "since=2026-01-01T00:00:00"],
)
async def test_other_spellings_are_refused(client: httpx.AsyncClient, query: str):
    assert (await client.get(f"/?{query}")).status_code == 400


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        pytest.param("", [None, None, None], id="nothing"),
        pytest.param("tags=&flag=&since=", [[], None, None], id="empty"),
        pytest.param("tags=a&tags=b", [["a", "b"], None, None], id="repeated"),
        pytest.param("tags=a%2Cb", [["a", "b"], None, None], id="comma-joined"),
        pytest.param("tags=a", [["a"], None, None], id="single"),
        pytest.param("tags=a,b&tags=c", [["a,b", "c"], None, None], id="repeated with commas"),
        pytest.param("flag=true", [None, True, None], id="true"),
        pytest.param("flag=false", [None, False, None], id="false"),
        pytest.param("since=2026-01-01T00:00:00Z", [None, None, "2026-01-01T00:00:00.000Z"], id="time"),
    ],
)
async def test_query_spellings(client: httpx.AsyncClient, query: str, shown: list[Any]):
    assert (await client.get(f"/?{query}")).json() == shown


@pytest.mark.parametrize(
    "sent",
    [
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00+0200",
        "2026-13-01T00:00:00Z",
        "2026-01-01T00:00:00+99:00",
        "0001-01-01T00:00:00+14:00",
        "",
        0,
        None,
    ],
)
def test_time_without_zone_or_sense_is_refused(sent: object):
    with pytest.raises(ValueError, match="ISO 8601"):
        wire.parsed_timestamp(sent)


@pytest.mark.parametrize(
    ("sent", "time"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00.1Z", datetime(2026, 1, 31, 12, microsecond=100_000, tzinfo=UTC)),
        ("2026-01-31T12:00:00.123456Z", datetime(2026, 1, 31, 12, microsecond=123_456, tzinfo=UTC)),
        ("2026-01-31T12:00:00.123456789Z", datetime(2026, 1, 31, 12, microsecond=123_456, tzinfo=UTC)),
        ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_time_is_read(sent: str, time: datetime):
    assert wire.parsed_timestamp(sent) == time


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (datetime(2026, 1, 1, microsecond=999_999, tzinfo=UTC), "2026-01-01T00:00:00.999Z"),
        (datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), "2026-01-01T00:00:00.000Z"),
        (datetime(633, 1, 1, tzinfo=UTC), "0633-01-01T00:00:00.000Z"),
    ],
)
def test_time_is_written_in_utc_with_milliseconds(time: datetime, text: str):
    assert wire.timestamp_text(time) == text


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": "\ud800"}, "a\x00b"], ids=repr)
def test_json_that_a_store_would_refuse_is_refused_first(value: object):
    with pytest.raises(ValidationError):
        TypeAdapter(wire.StoredJson).validate_python(value)


@pytest.mark.parametrize("value", [None, {"a": [1, 1.5, True, "é"]}, "backslash \\u0000", "\\\\"], ids=repr)
def test_json_that_stores_take_is_kept(value: object):
    assert TypeAdapter(wire.StoredJson).validate_python(value) == value
