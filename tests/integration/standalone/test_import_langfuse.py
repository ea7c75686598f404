"""`elasticdash import langfuse` fills one Logger from another's public API."""

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import pytest

from support.server import RunningServer, get_json, read_until, start_server

TIMEOUT_SECONDS = 300
TIME = "2026-01-15T10:00:00.000Z"
TRACES = 130
# Decided by the store, not by the source.
OWN_FIELDS = {
    "createdAt",
    "updatedAt",
    "projectId",
    "htmlPath",
    "promptId",
    "modelId",
    "configId",
    "usagePricingTierId",
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    running = start_server(tmp_path_factory.mktemp("source") / "data")
    fill(running)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    running = start_server(tmp_path_factory.mktemp("target") / "data")
    yield running
    running.stop()


def fill(server: RunningServer) -> None:
    with server.client() as client:
        config = {"name": "quality", "dataType": "NUMERIC", "minValue": 0, "maxValue": 1}
        config_id = client.post("/api/public/score-configs", json=config).json()["id"]
        model = {"modelName": "ours", "matchPattern": "(?i)^(ours)$", "unit": "TOKENS", "inputPrice": 0.001}
        assert client.post("/api/public/models", json=model).is_success
        for number in (1, 2):
            prompt = {"name": "folder/greeting", "type": "text", "prompt": f"hi {number}", "labels": [f"v{number}"]}
            assert client.post("/api/public/v2/prompts", json=prompt).is_success
        # Updated last, it is listed before what it quotes.
        quoting = {"name": "assistant", "prompt": "Say @@@langfusePrompt:name=folder/greeting|version=2@@@"}
        assert client.post("/api/public/v2/prompts", json=quoting).is_success
        fill_datasets(client)
        send(client, [event for number in range(TRACES) for event in events_of(number, config_id)])
        stored = read_until(lambda: count(client, "/observations"), lambda found: found == 2 * TRACES)
        assert stored == 2 * TRACES


def fill_datasets(client: Any) -> None:
    dataset = {"name": "folder/questions", "description": "d", "metadata": {"k": 1}, "inputSchema": {"type": "object"}}
    assert client.post("/api/public/v2/datasets", json=dataset).is_success
    for number in range(60):
        item = {"datasetName": "folder/questions", "id": f"item-{number}", "input": {"q": number}, "metadata": [number]}
        assert client.post("/api/public/dataset-items", json=item).is_success
        link = {"runName": "run 1", "runDescription": "why", "datasetItemId": item["id"], "traceId": f"trace-{number}"}
        assert client.post("/api/public/dataset-run-items", json=link).is_success
    archived = {"datasetName": "folder/questions", "id": "item-0", "status": "ARCHIVED"}
    assert client.post("/api/public/dataset-items", json=archived).is_success


def of_dataset(client: Any) -> Any:
    """A dataset, its items and its run, without what each Logger says of itself."""
    whole = get_json(client, "/datasets/folder%2Fquestions")
    run = get_json(client, "/datasets/folder%2Fquestions/runs/run%201")
    items = [{key: item[key] for key in ("id", "input", "metadata", "status")} for item in whole["items"]]
    links = [(link["datasetItemId"], link["traceId"], link["createdAt"]) for link in run["datasetRunItems"]]
    fields = {key: whole[key] for key in ("name", "description", "metadata", "inputSchema", "runs")}
    return fields, sorted(items, key=lambda item: item["id"]), run["description"], sorted(links)


def send(client: Any, events: list[dict[str, Any]]) -> None:
    answer = client.post("/api/public/ingestion", json={"batch": events})
    assert answer.json()["errors"] == []


def events_of(number: int, config_id: str) -> list[dict[str, Any]]:
    trace_id = f"trace-{number}"
    day = f"2026-01-{15 + number % 3}T10:00:0{number % 7}.{number:03}Z"
    bodies = [
        ("trace-create", {"id": trace_id, "timestamp": day, "name": "chat", "userId": "u",
                          "sessionId": f"s{number % 5}",
                          "tags": ["a", "b"], "metadata": {"depth": {"of": number}}, "input": {"q": number},
                          "output": "plain text", "release": "r1", "environment": "staging"}),
        ("span-create", {"id": f"{trace_id}-span", "traceId": trace_id, "name": "step", "startTime": day,
                         "endTime": day, "level": "WARNING", "statusMessage": "slow"}),
        ("generation-create", {"id": f"{trace_id}-gen", "traceId": trace_id, "parentObservationId": f"{trace_id}-span",
                               "name": "answer", "startTime": day, "model": "ours", "input": [{"role": "user"}],
                               "usageDetails": {"input": number, "output": 2}, "modelParameters": {"temperature": 1},
                               "promptName": "folder/greeting", "promptVersion": 1}),
        ("score-create", {"id": f"{trace_id}-score", "traceId": trace_id, "name": "quality", "value": 0.5,
                          "configId": config_id, "comment": "fine"}),
    ]  # fmt: skip
    return [
        {"id": f"{trace_id}-e{index}", "timestamp": TIME, "type": type_, "body": body}
        for index, (type_, body) in enumerate(bodies)
    ]


def count(client: Any, path: str) -> int:
    return int(get_json(client, path, limit=1)["meta"]["totalItems"])


def run_import(
    source: RunningServer, target: RunningServer, progress_file: Path, *options: str, secret: str | None = None
) -> subprocess.CompletedProcess[str]:
    keys = ["--public-key", source.public_key, "--secret-key", secret or source.secret_key]
    to = ["--to", target.url, "--to-public-key", target.public_key, "--to-secret-key", target.secret_key]
    command = [str(Path(sys.executable).with_name("elasticdash")), "import", "langfuse", "--from", source.url]
    return subprocess.run(
        [*command, *keys, *to, "--progress-file", str(progress_file), *options],
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "120"},
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )


def comparable(shown: Any) -> Any:
    if isinstance(shown, dict):
        fields = cast(dict[str, Any], shown)
        return {key: comparable(value) for key, value in fields.items() if key not in OWN_FIELDS}
    return [comparable(item) for item in cast(list[Any], shown)] if isinstance(shown, list) else shown


def test_a_dry_run_says_how_much_there_is_and_copies_nothing(
    source: RunningServer, target: RunningServer, tmp_path: Path
):
    done = run_import(source, target, tmp_path / "progress.json", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert str(TRACES) in done.stdout
    assert not (tmp_path / "progress.json").exists()
    with target.client() as client:
        assert count(client, "/traces") == 0


def test_a_wrong_key_is_named_and_nothing_is_copied(source: RunningServer, target: RunningServer, tmp_path: Path):
    done = run_import(source, target, tmp_path / "progress.json", secret="sk-lf-wrong")

    assert done.returncode == 1
    assert "refuses these API keys" in done.stderr
    assert "sk-lf-wrong" not in done.stdout + done.stderr


def test_a_project_is_copied_whole_and_what_comes_later_by_the_next_run(
    source: RunningServer, target: RunningServer, tmp_path: Path
):
    progress_file = tmp_path / "progress.json"

    done = run_import(source, target, progress_file)

    assert done.returncode == 0, done.stdout + done.stderr
    with source.client() as there, target.client() as here:
        for number in (0, 64, TRACES - 1):
            whole = f"/traces/trace-{number}"
            assert comparable(get_json(here, whole)) == comparable(get_json(there, whole))
        greeting = "/v2/prompts/folder%2Fgreeting"
        assert get_json(here, greeting, version=2)["labels"] == get_json(there, greeting, version=2)["labels"]
        assert get_json(here, "/v2/prompts/assistant", version=1)["prompt"] == "Say hi 2"
        fields, items, description, links = of_dataset(there)
        # The archived item is not listed, and so neither it nor its link is copied.
        assert len(items) == 59
        assert of_dataset(here) == (fields, items, description, [link for link in links if link[0] != "item-0"])
        assert count(here, "/score-configs") == 1
        assert count(here, "/models") == count(there, "/models")
        assert count(here, "/sessions") == count(there, "/sessions")

        copied = count(here, "/v2/scores")
        now = subprocess.run(["date", "-u", "+%FT%T.000Z"], check=True, capture_output=True, text=True).stdout.strip()
        late = {"id": "late", "timestamp": now, "type": "trace-create", "body": {"id": "late", "timestamp": now}}
        send(there, [late])
        read_until(lambda: count(there, "/traces"), lambda found: found == TRACES + 1)
        again = run_import(source, target, progress_file)

        assert again.returncode == 0, again.stdout + again.stderr
        assert count(here, "/traces") == TRACES + 1
        assert count(here, "/v2/scores") == copied


def test_a_stopped_import_goes_on_and_doubles_nothing(source: RunningServer, target: RunningServer, tmp_path: Path):
    progress_file = tmp_path / "progress.json"
    first = run_import(source, target, progress_file)
    state = json.loads(progress_file.read_text())
    state["done_until"] = {"traces": state["done_until"]["traces"], "observations": "2026-01-16T00:00:00Z"}
    progress_file.write_text(json.dumps(state))

    again = run_import(source, target, progress_file)

    assert first.returncode == 0, first.stdout + first.stderr
    assert again.returncode == 0, again.stdout + again.stderr
    with source.client() as there, target.client() as here:
        assert count(here, "/observations") == count(there, "/observations") == 2 * TRACES
