"""Sessions read as conversations, users as one row each."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from support.browser import Watched
from support.server import RunningServer, get_json, read_until

SESSION = "s/88 & more"


def _turn(number: int, hour: int, question: str, answer: str) -> dict[str, Any]:
    body = {
        "id": f"turn-{number}",
        "name": "chat",
        "sessionId": SESSION,
        "userId": "ann",
        "timestamp": f"2026-01-0{1 + number // 3}T{hour:02}:00:00Z",
        "input": [{"role": "system", "content": "be kind"}, {"role": "user", "content": question}],
        "output": {"role": "assistant", "content": answer},
    }
    return {"id": f"e{number}", "timestamp": "2026-01-01T00:00:00Z", "type": "trace-create", "body": body}


@pytest.fixture(scope="module")
def conversation(server: RunningServer) -> str:
    """The id of a session of three turns, with a pause before the last."""
    turns = [
        _turn(0, 9, "Where is my refund?", "Let me **look**."),
        _turn(1, 9, "And now?", "It is on its way."),
        _turn(2, 15, "Still nothing.", "The bank has it."),
    ]
    with server.client() as client:
        assert client.post("/api/public/ingestion", json={"batch": turns}).json()["errors"] == []
        read_until(lambda: get_json(client, "/traces/turn-2"), lambda trace: trace.get("sessionId") == SESSION)
    return SESSION


def test_a_session_reads_as_a_conversation(watched: Watched, conversation: str):
    page = watched.open("sessions?range=all")
    page.get_by_role("searchbox", name="Search sessions").fill("88 &")
    page.keyboard.press("Enter")
    row = page.get_by_role("table", name="Sessions").get_by_role("row").filter(has_text=conversation)
    expect(row).to_contain_text("ann")
    row.get_by_role("link", name=conversation).click()

    turns = page.get_by_role("region", name="Conversation").get_by_role("listitem").filter(has_text="ann")
    expect(turns).to_have_count(3)
    expect(turns.first).to_contain_text("Where is my refund?")
    expect(turns.first.locator("strong")).to_have_text("look")
    expect(page.get_by_text(re.compile(r"^6 h 00 m later$"))).to_be_visible()
    turns.last.get_by_role("link", name="chat").click()
    expect(page.get_by_role("heading", level=1, name="chat")).to_be_visible()
    page.get_by_role("link", name=conversation).click()

    expect(turns).to_have_count(3)


def test_a_user_leads_to_their_traces(watched: Watched, conversation: str):
    page = watched.open("users?range=all")
    page.get_by_role("link", name="ann", exact=True).click()

    rows = page.get_by_role("grid", name="Traces").get_by_role("row").filter(has=page.get_by_role("link", name="chat"))
    expect(rows).to_have_count(3)


def test_an_unknown_session_says_so(watched: Watched):
    page = watched.open("sessions/nobody")

    expect(page.get_by_role("heading", name="No such session")).to_be_visible()
