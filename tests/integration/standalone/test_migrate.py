"""`elasticdash migrate` on real stores: from any state, after a kill anywhere, and an exit code for every ending."""

import itertools
import json
import shutil
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from elasticdash.shared.postgres import locks
from support import metadata, migrating
from support.servers import clickhouse as clickhouse_servers
from support.servers import postgres as postgres_servers

MIGRATIONS = metadata.MIGRATIONS.parent
FILES = sorted(path.stem for path in (MIGRATIONS / "clickhouse").glob("*.sql"))
_numbers = itertools.count(1)


@pytest.fixture
def clickhouse_database(clickhouse_url: str) -> Generator[str]:
    """URL of an empty database."""
    name = f"migrated_{next(_numbers)}"
    clickhouse_servers.execute(clickhouse_url, f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(clickhouse_url)._replace(path=f"/{name}"))
    clickhouse_servers.execute(clickhouse_url, f"DROP DATABASE {name}")


@pytest.fixture
def environment(postgres_url: str, clickhouse_database: str) -> Mapping[str, str]:
    return {"DATABASE_URL": postgres_url, "CLICKHOUSE_URL": clickhouse_database}


def _columns(url: str) -> list[str]:
    query = "SELECT table, name, type FROM system.columns WHERE database = currentDatabase() ORDER BY table, name"
    return clickhouse_servers.execute(url, query).splitlines()


def _started(url: str) -> int:
    try:
        return int(clickhouse_servers.execute(url, "SELECT uniqExact(name) FROM elasticdash_migrations"))
    except clickhouse_servers.ServerRefusedError:
        return 0


def _folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


def test_empty_stores_become_current_and_stay_so(environment: Mapping[str, str], tmp_path: Path):
    before = migrating.migrate(environment, "--status")
    plan = migrating.migrate(environment, "--plan")
    assert (before.exit_code, before.result["outcome"]) == (16, "pending")
    of_postgres = [f"postgres {file.name[:4]}" for file in sorted((metadata.MIGRATIONS / "versions").glob("*.py"))]
    assert plan.result["pending"] == [*of_postgres, *(f"clickhouse {name}" for name in FILES)]
    assert "CREATE TABLE IF NOT EXISTS" in plan.shown
    assert _columns(environment["CLICKHOUSE_URL"]) == []

    first = migrating.migrate(environment, "--report", str(tmp_path / "report"))
    second = migrating.migrate(environment)

    assert first.result["applied"] == plan.result["pending"]
    assert json.loads((tmp_path / "report").read_text())["applied"] == first.result["applied"]
    assert (second.exit_code, second.result["outcome"], second.result["applied"]) == (0, "done", [])
    after = migrating.migrate(environment, "--status")
    assert after.exit_code == 0
    assert [store["pending"] for store in after.result["stores"]] == [[], []]


@pytest.mark.parametrize(("target", "store"), [("postgres", "postgres"), ("clickhouse", "clickhouse")])
def test_one_store_can_be_migrated_alone(environment: Mapping[str, str], target: str, store: str):
    answer = migrating.migrate(environment, target)

    assert answer.exit_code == 0
    assert {name.split()[0] for name in answer.result["applied"]} == {store}


@pytest.mark.slow
def test_a_kill_anywhere_is_made_good_by_the_next_run(environment: Mapping[str, str], clickhouse_url: str):
    url = environment["CLICKHOUSE_URL"]
    for seconds in (0.1, 0.3):
        process = migrating.start(environment)
        time.sleep(seconds)
        process.kill()
        process.join()
    # Every migration is listed when it starts: each run is killed while the next statement runs.
    for started in range(1, len(FILES) + 1):
        process = migrating.start(environment)
        while process.is_alive() and _started(url) < started:
            time.sleep(0.002)
        process.kill()
        process.join()

    answer = migrating.migrate(environment)

    assert answer.exit_code == 0, answer.shown
    assert migrating.migrate(environment, "--status").exit_code == 0
    clickhouse_servers.execute(clickhouse_url, "CREATE DATABASE clean")
    clean = urlunsplit(urlsplit(clickhouse_url)._replace(path="/clean"))
    assert migrating.migrate({**environment, "CLICKHOUSE_URL": clean}).exit_code == 0
    assert _columns(url) == _columns(clean)
    clickhouse_servers.execute(clickhouse_url, "DROP DATABASE clean")


def test_a_run_waits_for_another_and_gives_up_in_time(environment: Mapping[str, str]):
    number = locks.lock_number("migrations")
    with postgres_servers.held(environment["DATABASE_URL"], f"SELECT pg_advisory_lock({number})"):
        answer = migrating.migrate(environment, "--wait", "0.6")

    assert (answer.exit_code, answer.result["outcome"]) == (11, "locked")
    assert answer.result["can_be_retried"]
    assert "Waiting for another migration" in answer.shown
    assert migrating.migrate(environment).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "exit_code", "outcome", "words"),
    [
        pytest.param(
            {"DATABASE_URL": "postgresql://u:canary@127.0.0.1:1/d"}, 12, "unreachable", "", id="Postgres away"
        ),
        pytest.param({"CLICKHOUSE_URL": "http://u:canary@127.0.0.1:1/d"}, 12, "unreachable", "", id="ClickHouse"),
        pytest.param({"DATABASE_URL": "", "CLICKHOUSE_URL": ""}, 15, "configuration", "CLICKHOUSE_URL", id="nothing"),
        pytest.param({"DATABASE_URL": "mysql://u:canary@h/d"}, 15, "configuration", "postgresql://", id="other"),
    ],
)
def test_what_cannot_be_reached_or_understood(
    environment: Mapping[str, str], changes: Mapping[str, str], exit_code: int, outcome: str, words: str
):
    answer = migrating.migrate({**environment, **changes})

    assert (answer.exit_code, answer.result["outcome"]) == (exit_code, outcome)
    assert words in answer.result["message"]
    assert answer.result["hint"]
    assert "canary" not in answer.shown


def test_a_pooler_without_sessions_needs_a_direct_url(environment: Mapping[str, str]):
    pooled = {**environment, "DATABASE_URL": environment["DATABASE_URL"] + "?pgbouncer=true"}

    refused = migrating.migrate(pooled, "postgres")
    direct = migrating.migrate({**pooled, "DIRECT_URL": environment["DATABASE_URL"]}, "postgres")

    assert (refused.exit_code, direct.exit_code) == (15, 0)
    assert "DIRECT_URL" in refused.result["message"]


def test_a_failed_statement_is_named_and_tried_again_once_mended(environment: Mapping[str, str], tmp_path: Path):
    folder = _folder(tmp_path)
    broken = folder / "clickhouse" / "0900_break.sql"
    broken.write_text("CREATE TABLE {database}.broken {on_cluster} (a NoSuchType) ENGINE = Memory")
    changed = {**environment, "ELASTICDASH_MIGRATIONS_DIR": str(folder)}

    failed = migrating.migrate(changed)
    broken.write_text("CREATE TABLE {database}.mended {on_cluster} (a String) ENGINE = Memory")
    mended = migrating.migrate(changed)

    assert (failed.exit_code, failed.result["outcome"]) == (10, "failed_statement")
    assert "NoSuchType" in failed.result["statement"]
    assert "0900_break" in failed.result["message"]
    assert (mended.exit_code, mended.result["applied"]) == (0, ["clickhouse 0900_break"])


def test_a_failed_postgres_migration_leaves_nothing(environment: Mapping[str, str], tmp_path: Path):
    folder = _folder(tmp_path)
    broken = folder / "postgres" / "versions" / "0900_break.py"
    head = f"from alembic import op\nrevision = '0900'\ndown_revision = {metadata.REVISION!r}\n"
    broken.write_text(f"{head}\ndef upgrade():\n    op.execute('ALTER TABLE nowhere ADD COLUMN a int')\n")

    failed = migrating.migrate({**environment, "ELASTICDASH_MIGRATIONS_DIR": str(folder)}, "postgres")

    assert (failed.exit_code, failed.result["outcome"]) == (10, "failed_statement")
    assert "ALTER TABLE nowhere" in failed.result["statement"]
    assert (
        postgres_servers.fetch(environment["DATABASE_URL"], "SELECT * FROM pg_tables WHERE schemaname = 'public'") == []
    )


def test_a_changed_file_is_refused(environment: Mapping[str, str], tmp_path: Path):
    folder = _folder(tmp_path)
    assert migrating.migrate(environment).exit_code == 0
    file = folder / "clickhouse" / f"{FILES[0]}.sql"
    file.write_text(file.read_text() + "\n-- changed")
    changed = {**environment, "ELASTICDASH_MIGRATIONS_DIR": str(folder)}

    answers = [migrating.migrate(changed), migrating.migrate(changed, "--status")]

    assert [answer.exit_code for answer in answers] == [14, 14]
    assert FILES[0] in answers[0].result["message"]


@pytest.mark.parametrize("store", ["postgres", "clickhouse"])
def test_a_newer_schema_is_left_alone(environment: Mapping[str, str], store: str):
    assert migrating.migrate(environment).exit_code == 0
    if store == "postgres":
        postgres_servers.run(environment["DATABASE_URL"], "UPDATE alembic_version SET version_num = '9999'")
    else:
        clickhouse_servers.execute(
            environment["CLICKHOUSE_URL"],
            "INSERT INTO elasticdash_migrations (name, checksum, started_at, finished_at) VALUES ('9999', '', 1, 1)",
        )

    answers = [migrating.migrate(environment), migrating.migrate(environment, "--status")]

    assert [answer.exit_code for answer in answers] == [13, 13]
    assert "9999" in answers[0].result["message"]


def test_a_database_of_langfuse_is_not_touched(environment: Mapping[str, str]):
    url = environment["CLICKHOUSE_URL"]
    clickhouse_servers.execute(url, "CREATE TABLE traces (id String) ENGINE = MergeTree ORDER BY id")

    answer = migrating.migrate(environment)

    assert (answer.exit_code, answer.result["outcome"]) == (15, "configuration")
    assert "import v3" in answer.result["hint"]
    assert _columns(url) == ["traces\tid\tString"]


def test_a_schema_named_in_the_url_is_created(environment: Mapping[str, str]):
    url = environment["DATABASE_URL"] + "?schema=logger"

    answers = [migrating.migrate({"DATABASE_URL": url}, "postgres", *flags) for flags in ((), (), ("--status",))]

    assert [answer.exit_code for answer in answers] == [0, 0, 0]
    tables = postgres_servers.fetch(
        environment["DATABASE_URL"], "SELECT schemaname FROM pg_tables WHERE tablename = 'projects'"
    )
    assert tables == [{"schemaname": "logger"}]


def test_the_backends_user_is_made_when_it_is_named(environment: Mapping[str, str], clickhouse_database: str):
    names = {"ELASTICDASH_BACKEND_CLICKHOUSE_USER": "beside", "ELASTICDASH_BACKEND_CLICKHOUSE_PASSWORD": "its-password"}
    parts = urlsplit(clickhouse_database)
    url = urlunsplit(parts._replace(netloc=f"beside:its-password@{parts.hostname}:{parts.port}"))

    done = migrating.migrate({**environment, **names})

    assert (done.exit_code, "its-password" in str(done.result)) == (0, False)
    assert clickhouse_servers.execute(url, "SELECT count() FROM traces") == "0\n"
    with pytest.raises(clickhouse_servers.ServerRefusedError, match="497"):
        clickhouse_servers.execute(url, "SELECT count() FROM scores")
