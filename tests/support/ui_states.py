"""Every page of the UI and the states worth looking at, with the way there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.sync_api import Page

from support import ui_media
from support.server import PROJECT_ID, get_json, read_until

SHARED_TRACE_ID = "shared-trace"


def add_scores(client: httpx.Client) -> None:
    """A score config, and scores of three traces by it, readable."""
    created = client.post(
        "/api/public/score-configs",
        json={"name": "correctness", "dataType": "NUMERIC", "minValue": 0, "maxValue": 1, "description": "Is it true?"},
    )
    assert created.is_success, created.text
    traces = get_json(client, "/traces", limit=3)["data"]
    for value, trace in zip((0.25, 0.75, 1), traces, strict=True):
        score = {"traceId": trace["id"], "name": "correctness", "value": value, "configId": created.json()["id"]}
        assert client.post("/api/public/scores", json={**score, "comment": "checked by hand"}).is_success
    read_until(lambda: get_json(client, "/v2/scores")["meta"]["totalItems"], lambda count: count >= len(traces))


def add_shared_trace(client: httpx.Client) -> None:
    """A trace that its application made public, readable."""
    # Older than what lists show unless asked: states below go to the first or last trace of a list.
    time = (datetime.now(UTC) - timedelta(days=400)).isoformat(timespec="milliseconds")
    ids = {"id": SHARED_TRACE_ID, "timestamp": time, "name": "shared answer", "public": True}
    trace = {**ids, "input": "What is shared?", "output": "This trace alone.", "tags": ["for support"]}
    step = {"id": "shared-step", "traceId": SHARED_TRACE_ID, "name": "answer", "startTime": time, "endTime": time}
    batch = [
        {"id": "shared-1", "timestamp": time, "type": "trace-create", "body": trace},
        {"id": "shared-2", "timestamp": time, "type": "generation-create", "body": {**step, "model": "gpt-4o"}},
    ]
    assert client.post("/api/public/ingestion", json={"batch": batch}).json()["errors"] == []
    read_until(lambda: get_json(client, f"/traces/{SHARED_TRACE_ID}").get("observations"), bool)


def add_prompts(client: httpx.Client) -> None:
    """A text prompt, and a chat prompt in three versions."""
    system = {"role": "system", "content": "You answer questions about {{product}}.\nBe short."}
    history, question = {"type": "placeholder", "name": "history"}, {"role": "user", "content": "{{question}}"}
    kinder = {**system, "content": f"{system['content']}\nBe kind."}
    versions = [
        {"prompt": [system, question], "commitMessage": "First try"},
        {"prompt": [system, history, question], "labels": ["production"], "config": {"temperature": 0}},
        {"prompt": [kinder, history, question], "labels": ["staging"], "config": {"temperature": 0.2}},
    ]
    chat = [{"name": "support/answer", "type": "chat", "tags": ["support"], **version} for version in versions]
    for body in (*chat, {"name": "summary", "prompt": "Sum up in **one** sentence:\n{{text}}", "isActive": True}):
        created = client.post("/api/public/v2/prompts", json=body)
        assert created.is_success, created.text


def add_datasets(client: httpx.Client) -> None:
    """A dataset of three items, two runs over it that differ, and an empty dataset; all of it readable."""
    about = {"description": "Questions people asked support.", "metadata": {"team": "support"}}
    schema = {"type": "object", "required": ["question"]}
    _create(client, "v2/datasets", {"name": _DATASET, "inputSchema": schema, **about})
    _create(client, "v2/datasets", {"name": "nothing yet"})
    items = {f"question/{number}": text for number, text in enumerate(_ANSWERS)}
    for item_id, (question, expected, _) in items.items():
        texts = {"input": {"question": question}, "expectedOutput": expected, "metadata": {"language": "en"}}
        _create(client, "dataset-items", {"datasetName": _DATASET, "id": item_id, **texts})
    batch: list[dict[str, Any]] = []
    for run, is_short in (("whole answers", False), ("short answers", True)):
        for item_id, (question, expected, short) in items.items():
            batch += _traced(f"{run} {item_id}", question, short if is_short else expected, is_short)
    assert client.post("/api/public/ingestion", json={"batch": batch}).json()["errors"] == []
    for run in ("whole answers", "short answers"):
        for item_id in items:
            said = {"runDescription": f"With {run}.", "metadata": {"model": "gpt-4o"}}
            place = {"datasetItemId": item_id, "traceId": f"{run} {item_id}"}
            _create(client, "dataset-run-items", {"runName": run, **place, **said})
    last = f"short answers {list(items)[-1]}"
    read_until(lambda: get_json(client, f"/traces/{last}"), lambda trace: trace.get("scores") and trace["observations"])


_DATASET = "support/questions"
# Question, expected answer, and what the second run answers.
_ANSWERS = (
    ("Where is my refund?", "It takes up to five days after we confirmed it.", "Five days."),
    ("Can I change my address?", "Yes, in your account, until the parcel leaves.", "Yes."),
    ("Do you ship to Norway?", "Yes, within a week.", "I do not know."),
)


def _traced(trace_id: str, question: str, answer: str, is_short: bool) -> list[dict[str, Any]]:
    """Events of one answer, long ago: lists of traces show newer ones."""
    time = datetime.now(UTC) - timedelta(days=400)
    start, end = (moment.isoformat(timespec="milliseconds") for moment in (time, time + timedelta(seconds=len(answer))))
    step = {"id": f"{trace_id} step", "traceId": trace_id, "name": "answer", "startTime": start, "endTime": end}
    usage = {"model": "gpt-4o", "usageDetails": {"input": 40, "output": len(answer)}}
    is_wrong = answer == _ANSWERS[-1][-1]
    judged = {"traceId": trace_id, "name": "correctness", "value": 0 if is_wrong else 1, "comment": "by rule"}
    trace = {"id": trace_id, "timestamp": start, "name": "answer", "input": question, "output": answer}
    bodies = {
        "trace-create": trace,
        "generation-create": {**step, **usage, "level": "ERROR" if is_wrong and is_short else "DEFAULT"},
        "score-create": {"id": f"{trace_id} score", **judged},
    }
    return [
        {"id": f"{trace_id} {kind}", "timestamp": start, "type": kind, "body": body} for kind, body in bodies.items()
    ]


def _create(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    created = client.post(f"/api/public/{path}", json=body)
    assert created.is_success, created.text


def add_comments(client: httpx.Client) -> None:
    """What an application says about the shared trace and its step, about a session and about a prompt."""
    prompt = get_json(client, "/v2/prompts/summary")
    for type_, id_ in (("TRACE", SHARED_TRACE_ID), ("OBSERVATION", "shared-step"), ("PROMPT", prompt["id"])):
        about = {"projectId": PROJECT_ID, "objectType": type_, "objectId": id_}
        _create(client, "comments", {**about, "content": f"Found by the nightly check.\nSee {type_.lower()}."})


def _open_first_trace(page: Page) -> None:
    page.get_by_role("grid", name="Traces").get_by_role("link").first.click()
    page.get_by_role("tree").wait_for()


def _first_trace(page: Page) -> None:
    _open_first_trace(page)
    page.get_by_role("region", name="Input").wait_for()


def _timeline(page: Page) -> None:
    _open_first_trace(page)
    page.get_by_role("button", name="Timeline").click()
    page.get_by_role("treeitem").nth(2).click()
    page.get_by_role("article", name="Observation").wait_for()


def _graph(page: Page) -> None:
    _open_first_trace(page)
    page.get_by_role("button", name="Graph").click()
    page.get_by_role("region", name="Graph of the steps").get_by_role("button").nth(1).click()
    page.get_by_role("article", name="Observation").wait_for()


def _list(page: Page) -> None:
    page.get_by_role("grid", name="Traces").get_by_role("link").first.wait_for()


def _filter(page: Page) -> None:
    _list(page)
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("dialog").wait_for()


def _nothing(page: Page) -> None:
    page.get_by_role("heading", name="No traces here").wait_for()


def _heading(page: Page) -> None:
    page.get_by_role("heading", level=1).wait_for()


def _new_key(page: Page) -> None:
    page.get_by_role("button", name="New key").click()
    page.get_by_role("dialog").wait_for()


def _first_session(page: Page) -> None:
    page.get_by_role("table", name="Sessions").get_by_role("link").first.click()
    page.get_by_label("Turn 1", exact=True).get_by_text("assistant", exact=True).first.wait_for()


def _dashboard(page: Page) -> None:
    for name in ("Traces", "Cost by model", "Scores, average"):
        page.get_by_role("region", name=name, exact=True).get_by_role("img").wait_for()
    page.get_by_role("list", name="Slowest observations, p95").wait_for()


def _adding_a_chart(page: Page) -> None:
    page.get_by_role("button", name="Chart", exact=True).click()
    page.get_by_role("dialog").wait_for()


def _sharing(page: Page) -> None:
    page.get_by_role("button", name="Shared: everyone with the link sees this trace").click()
    page.get_by_role("dialog").wait_for()


def _commented(page: Page) -> None:
    page.get_by_role("region", name="Comments").get_by_text("See observation.").wait_for()


def _adding_a_comment(page: Page) -> None:
    page.get_by_role("button", name="Add comment").click()
    page.get_by_role("form", name="New comment").wait_for()


def _with_media(page: Page) -> None:
    page.get_by_role("article", name="Trace").get_by_role("img", name="image/png").wait_for()
    page.get_by_role("link", name="Save file (text/html").wait_for()


def _shared(page: Page) -> None:
    page.get_by_role("article", name="Trace").get_by_text("This trace alone.").wait_for()


def _adding_a_score(page: Page) -> None:
    _open_first_trace(page)
    page.get_by_role("button", name="Add score").click()
    page.get_by_role("form", name="New score").wait_for()


def _compared(page: Page) -> None:
    page.get_by_role("region", name="Changes from version 2 to version 3").get_by_role("listitem").first.wait_for()


def _dataset(page: Page) -> None:
    page.get_by_role("link", name=_DATASET).click()
    page.get_by_role("table", name="Experiments").wait_for()


def _dataset_items(page: Page) -> None:
    _dataset(page)
    page.get_by_role("link", name="Items (3)").click()
    page.get_by_role("table", name="Items").wait_for()


def _dataset_item(page: Page) -> None:
    _dataset_items(page)
    page.get_by_role("link", name="question/1").click()
    page.get_by_role("table", name="Runs").wait_for()


def _experiment(page: Page) -> None:
    page.get_by_role("link", name="short answers", exact=True).click()
    page.get_by_role("table", name="Results").get_by_role("link").first.wait_for()


def _experiments_compared(page: Page) -> None:
    page.get_by_role("checkbox", name="Select whole answers").check()
    page.get_by_role("checkbox", name="Select short answers").check()
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("table", name="Results").get_by_role("link").first.wait_for()


_PROMPT = "support%2Fanswer"

# Address below the project, and how the state is reached from there.
STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "traces": ("traces", _list),
    "traces, none found": ("traces?q=there-is-no-such-text", _nothing),
    "traces, adding a filter": ("traces", _filter),
    "trace": ("traces", _first_trace),
    "trace, timeline": ("traces", _timeline),
    "trace, graph": ("traces", _graph),
    "trace, unknown": ("traces/unknown", lambda page: page.get_by_role("heading", name="No such trace").wait_for()),
    "trace, adding a score": ("traces", _adding_a_score),
    "trace, sharing": (f"traces/{SHARED_TRACE_ID}", _sharing),
    "trace, comments": (f"traces/{SHARED_TRACE_ID}", _commented),
    "trace, adding a comment": (f"traces/{SHARED_TRACE_ID}?observation=shared-step", _adding_a_comment),
    "trace, media": (f"traces/{ui_media.TRACE_ID}", _with_media),
    # Not of a project's pages: it needs no sign-in.
    "shared trace": (f"../../public/{PROJECT_ID}/traces/{SHARED_TRACE_ID}", _shared),
    "dashboard": ("dashboard", _dashboard),
    "dashboard, adding a chart": ("dashboard", _adding_a_chart),
    "sessions": ("sessions", lambda page: page.get_by_role("table").wait_for()),
    "sessions, none found": (
        "sessions?q=nothing",
        lambda page: page.get_by_role("heading", name="No sessions here").wait_for(),
    ),
    "session": ("sessions", _first_session),
    "users": ("users", lambda page: page.get_by_role("table").wait_for()),
    "scores": ("scores", lambda page: page.get_by_role("table").wait_for()),
    "prompts": ("prompts", lambda page: page.get_by_role("table", name="Prompts").wait_for()),
    "prompt": (f"prompts/{_PROMPT}?version=2", lambda page: page.get_by_role("region", name="Config").wait_for()),
    "prompt, compared": (f"prompts/{_PROMPT}?version=3&against=2", _compared),
    "prompt, text": ("prompts/summary", lambda page: page.get_by_role("region", name="Prompt").wait_for()),
    "prompt, unknown": (
        "prompts/unknown",
        lambda page: page.get_by_role("heading", name="No such prompt").wait_for(),
    ),
    "datasets": ("datasets", lambda page: page.get_by_role("table", name="Datasets").wait_for()),
    "dataset": ("datasets", _dataset),
    "dataset, items": ("datasets", _dataset_items),
    "dataset, item": ("datasets", _dataset_item),
    "dataset, unknown": (
        "datasets/unknown",
        lambda page: page.get_by_role("heading", name="No such dataset").wait_for(),
    ),
    "experiments": ("experiments", lambda page: page.get_by_role("table", name="Experiments").wait_for()),
    "experiment": ("experiments", _experiment),
    "experiments, compared": ("experiments", _experiments_compared),
    "experiment, unknown": (
        "experiments/results?baseline=unknown",
        lambda page: page.get_by_role("heading", name="No such experiment").wait_for(),
    ),
    "score configs": ("settings/score-configs", lambda page: page.get_by_role("table").wait_for()),
    "api keys": ("settings/api-keys", lambda page: page.get_by_role("table").wait_for()),
    "api keys, new": ("settings/api-keys", _new_key),
    "members": ("settings/members", lambda page: page.get_by_role("table").wait_for()),
    "project": ("settings/project", lambda page: page.get_by_role("table").wait_for()),
    "model prices": ("settings/models", lambda page: page.get_by_role("table").wait_for()),
    "audit log": ("settings/audit-log", lambda page: page.get_by_role("table").wait_for()),
    "account": ("settings/account", _heading),
}
