"""Recorded requests move to new ids and times as a whole: what belonged together still does."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from elasticdash.standalone import demo, demo_rebase
from elasticdash.standalone.demo_rebase import Capture, CapturedRequest, CapturedTrace

CAPTURES = sorted(Path(demo.__file__).with_name("demo_captures").glob("*.json"))
MAX_TOTAL_BYTES = 400_000
SECOND = 1_000_000_000
STARTED_AT = 1_790_000_000 * SECOND
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SPAN_ID = "b7ad6b7169203331"
EVENT_ID = "63d8571d-ea6d-4163-94c9-01c31a3172f0"


def make_capture(body: dict[str, object], ids: list[str]) -> Capture:
    request = CapturedRequest("/api/public/ingestion", {}, msgspec.Raw(json.dumps(body).encode()))
    return Capture("framework", [CapturedTrace(TRACE_ID, "t")], ids, STARTED_AT, STARTED_AT + 5 * SECOND, [request])


def body_after(body: dict[str, object], ids: list[str], ends_at: int) -> dict[str, object]:
    return json.loads(bytes(demo_rebase.rebased(make_capture(body, ids), ends_at).requests[0].body))


def test_ids_change_everywhere_the_same_way_and_keep_their_form() -> None:
    body: dict[str, object] = {"traceId": TRACE_ID, "spanId": SPAN_ID, "text": f"see {TRACE_ID}", "id": EVENT_ID}

    fresh = demo_rebase.rebased(make_capture(body, [TRACE_ID, SPAN_ID, EVENT_ID]), STARTED_AT)

    moved = json.loads(bytes(fresh.requests[0].body))
    assert moved["traceId"] == fresh.traces[0].id != TRACE_ID
    assert moved["text"] == f"see {moved['traceId']}"
    assert re.fullmatch("[0-9a-f]{32}", moved["traceId"])
    assert re.fullmatch("[0-9a-f]{16}", moved["spanId"])
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", moved["id"])


def test_two_runs_share_no_id() -> None:
    capture = make_capture({"traceId": TRACE_ID}, [TRACE_ID])

    first, second = (demo_rebase.rebased(capture, STARTED_AT) for _ in range(2))

    assert first.ids != second.ids


def test_nanosecond_times_move_by_the_same_amount() -> None:
    body: dict[str, object] = {
        "startTimeUnixNano": str(STARTED_AT + 1),
        "endTimeUnixNano": str(STARTED_AT + 4 * SECOND),
    }

    moved = body_after(body, [TRACE_ID], ends_at=STARTED_AT + 105 * SECOND)

    assert moved == {
        "startTimeUnixNano": str(STARTED_AT + 100 * SECOND + 1),
        "endTimeUnixNano": str(STARTED_AT + 104 * SECOND),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-09-21T14:13:21.250Z", "2026-09-21T14:13:31.250000Z", id="zulu"),
        pytest.param("2026-09-21T16:13:21+02:00", "2026-09-21T14:13:31.000000Z", id="offset"),
        pytest.param('"2026-09-21T14:13:21Z"', '"2026-09-21T14:13:31.000000Z"', id="quoted attribute"),
        pytest.param("2027-05-12T08:40:00Z", "2027-05-12T08:40:00Z", id="content from another time"),
        pytest.param("at 2026-09-21T14:13:21Z", "at 2026-09-21T14:13:21Z", id="inside a sentence"),
    ],
)
def test_only_times_of_the_recording_move(text: str, expected: str) -> None:
    moved = body_after({"value": text}, [TRACE_ID], ends_at=STARTED_AT + 15 * SECOND)

    assert moved == {"value": expected}


@pytest.mark.parametrize("file", CAPTURES, ids=lambda file: file.stem)
def test_capture_tells_nothing_of_the_machine_it_was_made_on(file: Path) -> None:
    text = file.read_text()

    leaks = re.findall(
        r"127\.0\.0\.1|localhost|site-packages|[\s\"\'=]/(?:root|home|tmp|work|usr|opt|srv|var)/|\"(?:host|process)\.[a-z.]+\"",
        text,
    )

    assert leaks == []


@pytest.mark.parametrize("file", CAPTURES, ids=lambda file: file.stem)
def test_capture_ends_when_asked_and_renames_its_traces(file: Path) -> None:
    capture = msgspec.json.decode(file.read_bytes(), type=Capture)

    fresh = demo_rebase.rebased(capture, STARTED_AT)

    moments = [int(nano) for r in fresh.requests for nano in re.findall(r'UnixNano": "(\d+)"', bytes(r.body).decode())]
    assert max(moments, default=STARTED_AT) <= STARTED_AT
    assert fresh.started_at == STARTED_AT - (capture.ended_at - capture.started_at)
    assert not {trace.id for trace in fresh.traces} & {trace.id for trace in capture.traces}


def test_captures_are_present_and_small() -> None:
    assert len(CAPTURES) >= 6
    assert sum(file.stat().st_size for file in CAPTURES) <= MAX_TOTAL_BYTES
