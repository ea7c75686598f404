"""`elasticdash doctor` on real stores, well ones and ones with something in the way."""

import asyncio
import json
import logging
import secrets
import warnings
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import structlog
from typer.testing import CliRunner

from elasticdash.shared.blobs.s3 import S3BlobStore
from elasticdash.standalone.cli import app
from support.server import free_port
from support.servers import clickhouse as clickhouse_servers
from support.servers.clickhouse import READER, READER_PASSWORD
from support.servers.redis import RedisOptions, RedisServer
from support.servers.stores import StoreServers

CANARY = "canary-secret"
CHECKS = {
    "settings": ["complete"],
    "postgres": ["connection", "version", "privileges", "schema", "clock"],
    "clickhouse": ["connection", "version", "privileges", "schema", "clock", "disk"],
    "redis": ["connection", "version", "privileges", "eviction", "clock", "memory"],
    "bucket": ["connection", "privileges", "clock"],
}
LINES = [f"{store} {check}" for store, checks in CHECKS.items() for check in checks]


@dataclass(frozen=True, slots=True)
class Report:
    """The exit code, the lines by `store check`, and everything that was printed."""

    exit_code: int
    outcome: str
    lines: Mapping[str, Mapping[str, str]]
    shown: str

    def at(self, level: str) -> list[str]:
        """The lines of a level, without the disk of the machine that runs the test."""
        return [name for name, line in self.lines.items() if line["level"] == level and name != "clickhouse disk"]


@pytest.fixture(autouse=True)
def logging_as_before() -> Generator[None]:
    """The command logs to where this test's output goes, which ends with it."""
    root, showwarning = logging.getLogger(), warnings.showwarning
    handlers, level = list(root.handlers), root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], warnings.showwarning = handlers, showwarning
    root.setLevel(level)


def examine(servers: StoreServers, changes: Mapping[str, str] | None = None) -> Report:
    answer = CliRunner().invoke(app, ["doctor", "--json"], env={**servers.environment, **(changes or {})})
    result = json.loads(answer.stdout)
    lines = {f"{line['store']} {line['check']}": line for line in result["findings"]}
    return Report(answer.exit_code, result["outcome"], lines, answer.stdout + answer.stderr)


def _wrong_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{CANARY}@{parts.hostname}:{parts.port}"))


@pytest.mark.parametrize(
    ("changes", "failed", "words"),
    [
        pytest.param({"CLICKHOUSE_PASSWORD": CANARY}, "clickhouse connection", "516", id="ClickHouse's password"),
        pytest.param({"CLICKHOUSE_DB": "nowhere"}, "clickhouse connection", "UNKNOWN_DATABASE", id="no database"),
        pytest.param(
            {"CLICKHOUSE_USER": READER, "CLICKHOUSE_PASSWORD": READER_PASSWORD},
            "clickhouse privileges",
            "may not create",
            id="read only",
        ),
        pytest.param(
            {"ELASTICDASH_S3_EVENT_UPLOAD_BUCKET": "nowhere"}, "bucket connection", "NoSuchBucket", id="no bucket"
        ),
        pytest.param(
            {"ELASTICDASH_S3_EVENT_UPLOAD_SECRET_ACCESS_KEY": CANARY}, "bucket connection", "403", id="secret key"
        ),
        pytest.param({"REDIS_AUTH": CANARY}, "redis connection", "AUTH", id="Redis' password"),
        pytest.param({"REDIS_PORT": str(free_port())}, "redis connection", "refused", id="Redis away"),
    ],
)
def test_one_trouble_is_told_and_hides_no_other_store(
    stores: StoreServers, changes: Mapping[str, str], failed: str, words: str
):
    report = examine(stores, changes)

    assert (report.exit_code, report.outcome, report.at("fail")) == (1, "fail", [failed])
    assert words in report.lines[failed]["message"]
    assert report.lines[failed]["remedy"]
    store = failed.split()[0]
    assert [line for line in LINES if not line.startswith(store)] == [
        line for line in report.lines if not line.startswith(store)
    ]
    assert CANARY not in report.shown


def test_a_bucket_of_its_own_for_media_is_looked_at(stores: StoreServers):
    there = examine(stores, {"ELASTICDASH_S3_MEDIA_UPLOAD_BUCKET": stores.s3.config.bucket})
    missing = examine(stores, {"ELASTICDASH_S3_MEDIA_UPLOAD_BUCKET": "nowhere"})

    assert [line for line in there.at("ok") if line.startswith("media")] == [
        "media connection",
        "media privileges",
        "media clock",
    ]
    assert missing.at("fail") == ["media connection"]
    assert "ELASTICDASH_S3_MEDIA_UPLOAD_" in missing.lines["media connection"]["remedy"]


def test_a_wrong_password_of_postgres_is_told_without_it(stores: StoreServers):
    report = examine(stores, {"DATABASE_URL": _wrong_password(stores.database_url)})

    assert report.at("fail") == ["postgres connection"]
    assert "password authentication failed" in report.lines["postgres connection"]["message"]
    assert CANARY not in report.shown


def test_stores_without_tables_are_to_be_migrated(stores: StoreServers, tmp_path: Path):
    name = f"empty_{secrets.token_hex(4)}"
    database = stores.postgres.databases.create()
    clickhouse_servers.execute(stores.clickhouse.url, f"CREATE DATABASE {name}")

    report = examine(stores, {"DATABASE_URL": database, "CLICKHOUSE_DB": name})

    assert report.at("fail") == ["postgres schema", "clickhouse schema"]
    assert "elasticdash migrate postgres" in report.lines["postgres schema"]["remedy"]
    assert "elasticdash migrate clickhouse" in report.lines["clickhouse schema"]["remedy"]
    command = ["doctor", "--before-migration", "--report", str(tmp_path / "report")]
    changes = {**stores.environment, "DATABASE_URL": database, "CLICKHOUSE_DB": name}
    assert CliRunner().invoke(app, command, env=changes).exit_code == 0
    assert json.loads((tmp_path / "report").read_text())["findings"] == []
    stores.postgres.databases.drop(database)
    clickhouse_servers.execute(stores.clickhouse.url, f"DROP DATABASE {name}")


def test_a_missing_setting_is_named_and_stops_no_other_check(stores: StoreServers):
    report = examine(stores, {"REDIS_HOST": "", "SALT": ""})

    assert report.at("fail") == ["settings complete", "redis settings"]
    assert {"REDIS_HOST", "SALT"} <= set(report.lines["settings complete"]["message"].split())
    assert "bucket privileges" in report.at("ok")


@pytest.mark.parametrize(
    ("policy", "level", "exit_code"),
    [("allkeys-lru", "fail", 1), ("volatile-lru", "warn", 0)],
)
def test_a_redis_that_throws_away_is_told(
    stores: StoreServers, tmp_path: Path, policy: str, level: str, exit_code: int
):
    redis = RedisServer(tmp_path, RedisOptions(eviction_policy=policy, max_memory_bytes=64 << 20))
    redis.start()
    try:
        report = examine(stores, {"REDIS_PORT": str(redis.port)})
    finally:
        redis.kill()

    assert (report.exit_code, report.at(level)) == (exit_code, ["redis eviction"])
    assert policy in report.lines["redis eviction"]["message"]


def test_a_redis_that_hangs_is_given_up(stores: StoreServers, tmp_path: Path):
    redis = RedisServer(tmp_path)
    redis.start()
    redis.pause()
    try:
        report = examine(stores, {"REDIS_PORT": str(redis.port)})
    finally:
        redis.resume()
        redis.kill()

    assert report.at("fail") == ["redis connection"]
    assert "clickhouse privileges" in report.at("ok")


def test_all_is_well_and_nothing_is_left_behind(stores: StoreServers):
    report = examine(stores)

    assert (report.exit_code, report.at("fail"), report.at("warn")) == (0, [], []), report.shown
    assert list(report.lines) == LINES
    tables = clickhouse_servers.execute(stores.clickhouse.url, "SELECT name FROM system.tables")
    assert "elasticdash_doctor" not in tables
    with stores.redis.client() as client:
        assert client.keys("*doctor*") == []  # pyright: ignore[reportUnknownMemberType] untyped options
    blobs = S3BlobStore(stores.s3.config)
    assert asyncio.run(blobs.list_keys("doctor/")) == []
    blobs.close()


def test_people_get_lines_with_what_to_do(stores: StoreServers):
    answer = CliRunner().invoke(
        app, ["doctor"], env={**stores.environment, "ELASTICDASH_S3_EVENT_UPLOAD_BUCKET": "nowhere"}
    )

    assert answer.exit_code == 1
    lines = answer.stdout.splitlines()
    assert "ok   redis eviction: maxmemory-policy is noeviction" in lines
    failed = next(number for number, line in enumerate(lines) if line.startswith("fail bucket connection: "))
    assert lines[failed + 1].startswith("     Check the ELASTICDASH_S3_EVENT_UPLOAD_ variables")
