"""Traces are written by strangers: nothing in them runs, loads or leads anywhere by itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from support import browser as browsers
from support.browser import Watched
from support.server import PROJECT_ID, RunningServer, get_json, read_until

TRACE_ID = "hostile"
SESSION = "session <img src=x onerror=alert(15)>"
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)><style>*{background:url(https://evil.test/css)}</style>',
    "<iframe srcdoc='<script>parent.alert(4)</script>'></iframe>",
    "[click](javascript:alert(5))",
    "[click](jAvAsCrIpT&colon;alert(6)) [data](data:text/html,<script>alert(7)</script>) [vb](vbscript:alert(7))",
    "![pixel](https://evil.test/pixel.png) ![svg](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDgpIi8+)",
    "<a href='java\tscript:alert(9)'>x</a><base href=https://evil.test/><form action=https://evil.test><button>",
    "`<details open ontoggle=alert(10)>` <https://evil.test/auto> https://evil.test/bare",
    "{{constructor.constructor('alert(11)')()}} ${alert(12)} <%= alert(13) %> __proto__",
    "\u202egnp.exe\u202c \u0007\u001b[31mred\u2028\u2029\ufeff \ud7ff\uffff a\u0300\u0301\u0302\u0303",
    "=cmd|'/c calc'!A0\n+1\n-1\n@SUM(1)",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(14)></style></mglyph></table></mtext></math>",
    "<link rel=stylesheet href=https://evil.test/a.css><meta http-equiv=refresh content='0;url=https://evil.test'>",
)


def _events() -> Iterator[dict[str, Any]]:
    everything = " ".join(PAYLOADS)
    spoken = [{"role": "user", "name": text, "content": text} for text in PAYLOADS]
    calls = [{"function": {"name": text, "arguments": json.dumps({text: text})}} for text in PAYLOADS]
    trace = {
        "id": TRACE_ID,
        "name": PAYLOADS[0] + PAYLOADS[1],
        "userId": PAYLOADS[2][:180],
        "sessionId": SESSION,
        "release": PAYLOADS[3],
        "version": PAYLOADS[1],
        "tags": [text[:150] for text in PAYLOADS],
        "input": everything,
        "output": {"messages": [*spoken, {"role": "assistant", "content": "", "tool_calls": calls}]},
        "metadata": {f"key {index} {text}": text for index, text in enumerate(PAYLOADS)},
    }
    yield _event("trace-create", trace)
    for index, text in enumerate(PAYLOADS):
        observation = {
            "id": f"hostile-{index}",
            "traceId": TRACE_ID,
            "name": text,
            "model": text[:100],
            "modelParameters": {"stop": text},
            "level": "ERROR",
            "statusMessage": text,
            "input": text,
            "output": spoken if index % 2 else {text: [text]},
            "metadata": {text: text},
            "startTime": "2026-01-01T00:00:00Z",
            "endTime": "2026-01-01T00:00:01Z",
        }
        yield _event("generation-create", observation)
        score = {"traceId": TRACE_ID, "observationId": f"hostile-{index}", "name": text[:60], "comment": text}
        yield _event("score-create", {"id": f"score-{index}", "value": text, "dataType": "CATEGORICAL", **score})


def _event(type_: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"{type_}-{body['id']}", "timestamp": "2026-01-01T00:00:00Z", "type": type_, "body": body}


@pytest.fixture(scope="module")
def hostile(server: RunningServer) -> str:
    """The id of a trace that holds every payload in every place."""
    with server.client() as client:
        answer = client.post("/api/public/ingestion", json={"batch": list(_events())})
        assert answer.json()["errors"] == []
        count = len(PAYLOADS)
        read_until(
            lambda: get_json(client, f"/traces/{TRACE_ID}"),
            lambda trace: len(trace.get("observations", [])) == count and len(trace.get("scores", [])) == count,
        )
    return TRACE_ID


def test_the_list_shows_hostile_texts_as_texts(watched: Watched, hostile: str):
    page = watched.open(
        "traces?range=all&cols=" + json.dumps(["name", "input", "output", "user", "session", "tags", "release"])
    )
    expect(page.get_by_text(PAYLOADS[0] + PAYLOADS[1]).first).to_be_visible()
    for facet in ("User", "Session", "Tags", "Release", "Version"):
        page.get_by_label("Narrow down").get_by_text(facet, exact=True).click()
    expect(page.get_by_label("Narrow down").get_by_title(PAYLOADS[3]).first).to_be_visible()

    assert watched.problems() == {}


def test_every_observation_of_a_hostile_trace_shows_texts(watched: Watched, hostile: str):
    page = watched.open(f"traces/{hostile}")
    expect(page.get_by_role("article", name="Trace")).to_be_visible()
    for name in ("Chat", "JSON", "Raw"):
        page.get_by_label("Show output as").get_by_role("button", name=name).click()
    for index in range(len(PAYLOADS)):
        page.goto(f"{page.url.split('?')[0]}?observation=hostile-{index}")
        detail = page.get_by_role("article", name="Observation")
        expect(detail.get_by_role("region", name="Scores")).to_be_visible()
        for button in detail.get_by_label("Show input as").get_by_role("button").all():
            button.click()
        assert watched.problems() == {}


def test_pages_that_sum_traces_up_show_texts(watched: Watched, hostile: str):
    page = watched.open("users?range=all")
    expect(page.get_by_text(PAYLOADS[2][:180]).first).to_be_visible()
    page = watched.open("scores?range=all")
    expect(page.get_by_role("table", name="Scores").get_by_text(PAYLOADS[4]).first).to_be_visible()
    page = watched.open("dashboard?range=all")
    slowest = page.get_by_role("list", name="Slowest observations, p95")
    expect(slowest.get_by_role("listitem").first).to_be_visible()
    page.get_by_label("Trace name").select_option(PAYLOADS[0] + PAYLOADS[1])
    expect(slowest).to_contain_text(PAYLOADS[3])
    page = watched.open("sessions?range=all")
    page.get_by_role("link", name=SESSION).click()
    expect(page.get_by_label("Turn 1", exact=True).get_by_text("assistant", exact=True)).to_be_visible()

    assert watched.problems() == {}


def test_a_hostile_trace_is_a_graph_of_texts(watched: Watched, hostile: str):
    page = watched.open(f"traces/{hostile}?layout=graph")
    steps = page.get_by_role("region", name="Graph of the steps").get_by_role("button")
    expect(steps).to_have_count(len(PAYLOADS))
    steps.first.click()
    expect(page.get_by_role("article", name="Observation")).to_be_visible()

    assert watched.problems() == {}


def test_a_shared_hostile_trace_shows_texts_to_who_is_not_signed_in(
    browser: Browser, server: RunningServer, hostile: str
):
    with server.client() as client:
        shared = _event("trace-create", {"id": hostile, "public": True}) | {"id": "shared"}
        assert client.post("/api/public/ingestion", json={"batch": [shared]}).json()["errors"] == []
        read_until(lambda: get_json(client, f"/traces/{hostile}")["public"], bool)
    context = browser.new_context()
    watched = browsers.watched_page(context, server)
    page = watched.page
    for index in range(len(PAYLOADS)):
        page.goto(f"{server.url}/public/{PROJECT_ID}/traces/{hostile}?observation=hostile-{index}")
        expect(page.get_by_role("article", name="Observation").get_by_role("region", name="Input")).to_be_visible()

    assert watched.problems() == {}
    context.close()


def test_hostile_prompts_are_texts_alone_and_compared(watched: Watched, server: RunningServer):
    everything = " ".join(PAYLOADS)
    spoken = [{"role": text, "content": text} for text in PAYLOADS]
    versions = [
        {"prompt": [*spoken, {"role": "user", "content": everything}], "config": dict.fromkeys(PAYLOADS, everything)},
        {"prompt": [*spoken, {"type": "placeholder", "name": everything}], "config": {}},
    ]
    with server.client() as client:
        for version in versions:
            body = {"name": "hostile {{p}}", "type": "chat", "tags": list(PAYLOADS), "commitMessage": PAYLOADS[1]}
            assert client.post("/api/public/v2/prompts", json=body | version).is_success
    page = watched.open("prompts")
    expect(page.get_by_text(PAYLOADS[0]).first).to_be_visible()
    page.get_by_role("link", name="hostile {{p}}").click()
    for button in page.get_by_label("Show prompt as").get_by_role("button").all():
        button.click()
    page.get_by_label("Compare with").select_option("1")
    expect(page.get_by_label("Lines").get_by_text(PAYLOADS[0]).first).to_be_visible()

    assert watched.problems() == {}


def test_hostile_datasets_and_experiments_are_texts(watched: Watched, server: RunningServer, hostile: str):
    everything = " ".join(PAYLOADS)
    ids = ("javascript:alert(16)//<img src=x onerror=alert(17)>", "../../../../<svg onload=alert(18)>?a=b#c")
    about = {"description": everything, "metadata": dict.fromkeys(PAYLOADS, everything)}
    with server.client() as client:
        made = client.post("/api/public/v2/datasets", json={"name": "hostile {{d}}", **about})
        assert made.is_success, made.text
        for item_id in ids:
            item = {"datasetName": "hostile {{d}}", "id": item_id, "input": everything, "expectedOutput": about}
            assert client.post("/api/public/dataset-items", json=item).is_success
            for run in PAYLOADS[:2]:
                link = {"datasetItemId": item_id, "runName": run, "traceId": hostile, "observationId": "hostile-0"}
                told = {"runDescription": everything, "metadata": about}
                assert client.post("/api/public/dataset-run-items", json=link | told).is_success
    page = watched.open("datasets")
    page.get_by_role("link", name="hostile {{d}}").click()
    page.get_by_text("Metadata", exact=True).click()
    for run in PAYLOADS[:2]:
        page.get_by_role("checkbox", name=f"Select {run}").check()
    page.get_by_role("button", name="Compare").click()
    results = page.get_by_role("table", name="Results")
    expect(results.get_by_text(PAYLOADS[0]).first).to_be_visible()
    assert watched.problems() == {}
    for item_id in ids:
        results.get_by_role("link", name=item_id).click()
        expect(page.get_by_role("region", name="Metadata").or_(page.get_by_role("table", name="Runs"))).to_be_visible()
        for button in page.get_by_label("Show input as").get_by_role("button").all():
            button.click()
        expect(page.get_by_role("region", name="Input")).to_contain_text("alert(1)")
        assert watched.problems() == {}
        page.go_back()
        expect(results).to_be_visible()


def test_hostile_comments_are_texts(watched: Watched, server: RunningServer, hostile: str):
    about = {"projectId": PROJECT_ID, "objectType": "OBSERVATION", "objectId": "hostile-0"}
    with server.client() as client:
        for text in PAYLOADS:
            made = client.post("/api/public/comments", json={**about, "content": text.replace("\ud7ff\uffff", "")})
            assert made.is_success, made.text
    page = watched.open(f"traces/{hostile}")
    comments = page.get_by_role("region", name="Comments")
    expect(comments.get_by_role("listitem")).to_have_count(len(PAYLOADS))
    expect(comments.get_by_text(PAYLOADS[1], exact=True)).to_be_visible()
    comments.get_by_role("button", name=f"on {PAYLOADS[0]}").first.click()
    expect(page.get_by_role("article", name="Observation")).to_be_visible()
    expect(comments.get_by_text(PAYLOADS[4], exact=True)).to_be_visible()

    assert comments.get_by_role("link").count() == 0
    assert watched.problems() == {}


def test_links_of_strangers_say_where_they_lead_and_take_nothing_along(watched: Watched, hostile: str):
    page = watched.open(f"traces/{hostile}")
    page.get_by_role("article", name="Trace").wait_for()
    links = page.get_by_role("article", name="Trace").get_by_role("link")
    expect(links.first).to_be_visible()
    # All at once: texts that are still being drawn move links between one question and the next.
    shown = links.evaluate_all(
        "all => all.map(({attributes: {href, rel, title}}) => [href, rel, title].map(a => a.value))"
    )
    for address, relation, title in shown:
        assert address.startswith(("https://", "http://", "mailto:")), address
        assert set(relation.split()) >= {"noopener", "noreferrer", "nofollow"}
        assert title == f"Opens {address}"
