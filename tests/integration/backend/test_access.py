"""The Backend's ClickHouse user can do what the Backend does, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import backend_access
from elasticdash.shared.clickhouse.backend_access import BackendUser
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from support.backend import USER
from support.servers import clickhouse as servers

ACCESS_DENIED, CONSTRAINT = "Code: 497", "Code: 452"


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("SELECT count() FROM scores", ACCESS_DENIED),
        ("SELECT count() FROM event_log", ACCESS_DENIED),
        ("SELECT count() FROM traces WHERE id IN (SELECT entity_id FROM event_log)", ACCESS_DENIED),
        ("SELECT count() FROM system.users", ACCESS_DENIED),
        ("SELECT count() FROM default.traces", ACCESS_DENIED),
        ("SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", ACCESS_DENIED),
        ("INSERT INTO traces (id) VALUES ('x')", ACCESS_DENIED),
        ("ALTER TABLE traces UPDATE name = 'x' WHERE id = 'x'", ACCESS_DENIED),
        ("ALTER TABLE traces UPDATE is_deleted = 1 WHERE id IN (SELECT entity_id FROM event_log)", ACCESS_DENIED),
        ("ALTER TABLE observations UPDATE metadata = map() WHERE id = 'x'", ACCESS_DENIED),
        ("ALTER TABLE scores UPDATE comment = 'x' WHERE id = 'x'", ACCESS_DENIED),
        ("ALTER TABLE traces DELETE WHERE id = 'x'", ACCESS_DENIED),
        ("ALTER TABLE traces DROP COLUMN input", ACCESS_DENIED),
        ("DELETE FROM traces WHERE id = 'x'", ACCESS_DENIED),
        ("TRUNCATE TABLE traces", ACCESS_DENIED),
        ("DROP TABLE traces", ACCESS_DENIED),
        ("CREATE TABLE mine (a UInt8) ENGINE = Memory", ACCESS_DENIED),
        ("GRANT SELECT ON *.* TO backend", ACCESS_DENIED),
        ("SELECT 1 SETTINGS max_memory_usage = 100000000000", CONSTRAINT),
        ("SELECT 1 SETTINGS max_execution_time = 3600", CONSTRAINT),
    ],
)
def test_everything_else_is_refused(backend_url: str, statement: str, refusal: str):
    with pytest.raises(servers.ServerRefusedError, match=refusal):
        servers.execute(backend_url, statement)


def test_its_profile_reads_final_and_updates_lightly(backend_url: str):
    names = ("final", "alter_update_mode", "mutations_sync", "max_threads", "max_memory_usage")
    columns = ", ".join(f"getSetting('{name}')" for name in names)

    answer = servers.execute(backend_url, f"SELECT {columns}")

    limits = USER.limits
    assert answer.strip().split("\t") == [
        *("true", "lightweight", "1"),
        *(str(limits.max_threads), str(limits.max_memory_bytes)),
    ]


def test_an_update_leaves_no_mutation(backend_url: str, clickhouse_url: str):
    servers.execute(backend_url, "ALTER TABLE traces UPDATE is_deleted = 1 WHERE id = 'nobody'")

    assert servers.execute(clickhouse_url, "SELECT count() FROM system.mutations WHERE NOT is_done") == "0\n"


async def test_a_new_password_replaces_the_old_one(http_clickhouse: ClickHouse, backend_url: str):
    renewed = replace(USER, name="rotated", database=urlsplit(backend_url).path[1:])
    await backend_access.ensure(http_clickhouse, renewed)
    await backend_access.ensure(http_clickhouse, replace(renewed, password="another"))

    def url(password: str) -> str:
        parts = urlsplit(backend_url)
        netloc = f"rotated:{quote(password, safe='')}@{parts.hostname}:{parts.port}"
        return urlunsplit(parts._replace(netloc=netloc))

    assert servers.execute(url("another"), "SELECT count() >= 0 FROM traces") == "1\n"
    with pytest.raises(servers.ServerRefusedError, match="516"):
        servers.execute(url(USER.password), "SELECT 1")


async def test_who_may_not_manage_users_is_told(backend_url: str):
    client = ClickHouse(backend_url)

    with pytest.raises(errors.StoreMismatchError):
        await backend_access.ensure(client, USER)

    client.close()


@pytest.mark.parametrize("cluster", [None, "logger"], ids=["node", "cluster"])
async def test_clickhouse_understands_every_statement(clickhouse: ClickHouse, cluster: str | None):
    for statement in backend_access.statements(replace(USER, database="events"), cluster):
        asked = SystemStatement("format", "SELECT formatQuery({said:String}) AS text", {"said": statement})

        [row] = await clickhouse.fetch_system(asked)

        assert ("ON CLUSTER" in row["text"]) == (cluster is not None)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: BackendUser("a`; DROP TABLE traces", "secret-of-the-backend"),
        lambda: BackendUser("", "secret-of-the-backend"),
        lambda: BackendUser("backend", ""),
    ],
    ids=["name", "no-name", "no-password"],
)
def test_a_wrong_user_is_refused_without_its_password(wrong: Callable[[], BackendUser]):
    with pytest.raises(errors.ConfigurationError) as raised:
        wrong()

    assert "secret-of-the-backend" not in str(raised.value)
    assert USER.password not in repr(USER)
