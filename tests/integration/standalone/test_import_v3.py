"""`elasticdash import v3` takes over the Postgres and the ClickHouse of an older installation."""

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from support import langfuse_v3
from support.server import get_json
from support.servers.stores import StoreServers, web_process, worker_process

TRACES = 40
TIMEOUT_SECONDS = 280


@pytest.fixture(scope="module")
def old_urls(stores: StoreServers) -> Generator[tuple[str, str]]:
    """A v3 installation beside ours, on the same servers."""
    database_url = stores.postgres.databases.create()
    langfuse_v3.fill_postgres(database_url)
    with langfuse_v3.clickhouse_database(stores.clickhouse.url) as clickhouse_url:
        langfuse_v3.fill_clickhouse(clickhouse_url, TRACES)
        yield clickhouse_url, database_url


def run_import(
    stores: StoreServers, old_urls: tuple[str, str], progress_file: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    clickhouse_url, database_url = old_urls
    command = [str(Path(sys.executable).with_name("elasticdash")), "import", "v3", "--clickhouse-url", clickhouse_url]
    return subprocess.run(
        [*command, "--database-url", database_url, "--progress-file", str(progress_file), *options],
        env={**stores.environment, "SALT": langfuse_v3.SALT, "COLUMNS": "120"},
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )


def test_a_dry_run_counts_and_changes_nothing(stores: StoreServers, old_urls: tuple[str, str], tmp_path: Path):
    done = run_import(stores, old_urls, tmp_path / "progress.json", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert str(2 * TRACES) in done.stdout
    assert not (tmp_path / "progress.json").exists()


def test_everything_is_taken_over_and_old_keys_go_on_working(
    stores: StoreServers, old_urls: tuple[str, str], tmp_path: Path
):
    salt = {"SALT": langfuse_v3.SALT}
    web, worker = web_process(stores, tmp_path, salt), worker_process(stores, tmp_path, salt)
    web.process.start()
    worker.process.start()
    try:
        progress_file = tmp_path / "progress.json"
        done = run_import(stores, old_urls, progress_file)
        again = run_import(stores, old_urls, progress_file)

        assert done.returncode == 0, done.stdout + done.stderr
        assert again.returncode == 0, again.stdout + again.stderr
        assert json.loads(progress_file.read_text())["refused"] == 0
        with stores.client(web.url) as client:
            client.auth = (langfuse_v3.PUBLIC_KEY, langfuse_v3.SECRET_KEY)
            (project,) = get_json(client, "/projects")["data"]
            trace = get_json(client, "/traces/old-1")
            generation = next(row for row in trace["observations"] if row["type"] == "GENERATION")
            prompt = get_json(client, "/v2/prompts/greeting", label="production")
            gone = get_json(client, f"/traces/old-{TRACES}")
            client.auth = (langfuse_v3.UNUSED_PUBLIC_KEY, langfuse_v3.SECRET_KEY)
            (project_of_the_unused_key,) = get_json(client, "/projects")["data"]
    finally:
        worker.process.stop()
        web.process.stop()

    assert (project["id"], project["retentionDays"]) == (langfuse_v3.PROJECT_ID, 30)
    assert (trace["name"], trace["tags"], trace["public"]) == ("chat v1", ["x", "y"], True)
    assert (trace["input"], trace["output"]) == ({"question": 1}, 123)
    assert trace["metadata"] == {"plain": "text", "nested": {"a": 1}}
    assert generation["usageDetails"] == {"input": 10, "output": 5, "total": 15}
    assert generation["calculatedTotalCost"] == pytest.approx(0.010000000001)
    assert generation["modelParameters"] == {"temperature": 0.5}
    assert (generation["promptName"], generation["promptVersion"]) == ("greeting", 3)
    assert [(score["value"], score["configId"], score["source"]) for score in trace["scores"]] == [
        (0.25, "old-config", "EVAL")
    ]
    assert (prompt["version"], prompt["prompt"]) == (3, "hello")
    assert gone == {}
    assert project_of_the_unused_key["id"] == langfuse_v3.PROJECT_ID
