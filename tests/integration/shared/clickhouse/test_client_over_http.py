"""The client on a server: what each refusal means, lost connections, tokens, users that may only read, no secrets."""

import asyncio
import traceback
from collections.abc import Generator
from urllib.parse import urlsplit

import pytest

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import merging
from elasticdash.shared.clickhouse.client import ClickHouse, dsn_of
from elasticdash.shared.clickhouse.query import ProjectQuery, QueryLimits, SystemStatement
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.migrate import clickhouse as clickhouse_migrations
from support import clickhouse_faults
from support.clickhouse import MIGRATIONS
from support.clickhouse_faults import Faults
from support.servers import clickhouse as servers
from support.servers.clickhouse import ClickHouseServer

SECRET_TEXT = "what-a-user-sent"
COUNT = "SELECT count() AS n FROM numbered"
CREATE = """
CREATE TABLE numbered (a UInt64, CONSTRAINT small CHECK a < 1000) ENGINE = MergeTree ORDER BY a
SETTINGS non_replicated_deduplication_window = 100
"""


@pytest.fixture(scope="module")
def server() -> Generator[ClickHouseServer]:
    with servers.running() as running:
        servers.execute(running.url, CREATE)
        yield running


@pytest.fixture
def table(server: ClickHouseServer) -> str:
    servers.execute(server.url, "TRUNCATE TABLE numbered")
    return "numbered"


@pytest.fixture
def faults(server: ClickHouseServer) -> Generator[Faults]:
    with clickhouse_faults.between(server.url) as spoiled:
        yield spoiled


@pytest.fixture
def client(faults: Faults) -> Generator[ClickHouse]:
    opened = ClickHouse(faults.url)
    yield opened
    opened.close()


async def count(client: ClickHouse) -> int:
    [row] = await client.fetch_system(SystemStatement("count", COUNT))
    return row["n"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *((code, errors.UnavailableError) for code in (202, 242, 243, 252, 439, 516)),
        *((code, errors.StoreMismatchError) for code in (16, 53, 60, 164, 497)),
        (241, errors.QueryTooHeavyError),
        *((code, errors.ElasticDashError) for code in (6, 27, 117, 469)),
    ],
)
async def test_each_refusal_of_an_insert_has_its_meaning(
    client: ClickHouse, faults: Faults, table: str, code: int, expected: type[Exception]
):
    faults.next_inserts = [code]

    with pytest.raises(errors.ElasticDashError) as raised:
        await client.insert(table, ["a"], [[1]])

    assert type(raised.value) is expected
    assert len(faults.seen) == 1


@pytest.mark.parametrize("fault", ["lost_answer", "lost_request", 159, 209, 210, 319, 425, 999])
async def test_an_insert_without_an_answer_is_tried_again_and_stored_once(
    client: ClickHouse, faults: Faults, table: str, fault: clickhouse_faults.Fault
):
    faults.next_inserts = [fault, fault]

    await client.insert(table, ["a"], [[1, 2]])
    await client.insert(table, ["a"], [[1, 2]])

    tokens = [arguments["insert_deduplication_token"] for arguments in faults.seen]
    assert await count(client) == 4
    assert len({token for [token] in tokens}) == 2
    assert all(arguments["async_insert"] == ["0"] for arguments in faults.seen)


async def test_an_insert_gives_up_when_no_answer_comes(client: ClickHouse, faults: Faults, table: str):
    faults.next_inserts = ["lost_request"] * 20

    with pytest.raises(errors.UnavailableError):
        await client.insert(table, ["a"], [[1]])


async def test_the_engine_says_what_is_wrong_with_an_insert(client: ClickHouse, table: str):
    with pytest.raises(errors.StoreMismatchError):
        await client.insert(table, ["b"], [[1]])
    with pytest.raises(errors.StoreMismatchError):
        await client.insert("nowhere", ["a"], [[1]])
    with pytest.raises(errors.ElasticDashError) as raised:
        await client.insert(table, ["a"], [[1000]])

    assert type(raised.value) is errors.ElasticDashError


async def test_a_new_column_is_found_without_a_restart(server: ClickHouseServer, client: ClickHouse, table: str):
    await client.insert(table, ["a"], [[1]])
    servers.execute(server.url, "ALTER TABLE numbered ADD COLUMN b UInt8")

    with pytest.raises(errors.StoreMismatchError):
        await client.insert(table, ["a", "b"], [[1], [1]])
    await client.insert(table, ["a", "b"], [[1], [1]])

    servers.execute(server.url, "ALTER TABLE numbered DROP COLUMN b")
    assert await count(client) == 2


@pytest.mark.parametrize(
    ("sql", "limits"),
    [
        ("SELECT sleepEachRow(1) FROM numbers(5) SETTINGS max_block_size = 1", QueryLimits(max_execution_seconds=1)),
        ("SELECT groupArray(number) FROM numbers(10000000)", QueryLimits(max_memory_bytes=1_000_000)),
    ],
    ids=["time", "memory"],
)
async def test_a_read_past_its_limits_is_too_heavy(server: ClickHouseServer, sql: str, limits: QueryLimits):
    client = ClickHouse(server.url, limits=limits)

    with pytest.raises(errors.QueryTooHeavyError):
        await client.fetch_system(SystemStatement("heavy", sql))

    client.close()


async def test_a_read_cannot_write(client: ClickHouse, table: str):
    with pytest.raises(errors.StoreMismatchError):
        await client.fetch_system(SystemStatement("write", f"INSERT INTO {table} VALUES (1)"))


async def test_a_user_that_may_only_read_reads(server: ClickHouseServer, table: str):
    reader = ClickHouse(server.reader_url, limits=QueryLimits(5, 10_000_000))

    assert await count(reader) == 0
    with pytest.raises(errors.StoreMismatchError):
        await reader.insert(table, ["a"], [[1]])

    reader.close()


async def test_a_client_outlives_its_server(server: ClickHouseServer, table: str):
    client = ClickHouse(server.url, pool_size=2)
    await client.insert(table, ["a"], [[1]])

    server.kill()
    with pytest.raises(errors.UnavailableError):
        await count(client)
    with pytest.raises(errors.UnavailableError):
        await client.insert(table, ["a"], [[1]])
    early = ClickHouse(server.url)
    with pytest.raises(errors.UnavailableError):
        await count(early)
    server.start()

    assert [await count(client), await count(early)] == [1, 1]
    client.close()
    early.close()


async def test_more_callers_than_connections_wait_for_each_other(server: ClickHouseServer):
    client = ClickHouse(server.url, pool_size=2)
    slow = SystemStatement("slow", "SELECT sleep(0.05) AS n")

    answers = await asyncio.gather(*(client.fetch_system(slow) for _ in range(12)))

    assert len(answers) == 12
    client.close()


async def test_many_long_ids_travel(server: ClickHouseServer, scope: ProjectScope):
    client = ClickHouse(server.url)
    await clickhouse_migrations.migrate(client, MIGRATIONS)

    assert await merging.fetch_live_traces(client, scope, [f"{number:0800}" for number in range(1000)]) == {}

    client.close()


@pytest.mark.parametrize("is_running", [True, False], ids=["refused", "unreachable"])
async def test_errors_say_no_secret_and_nothing_of_the_query(
    server: ClickHouseServer, scope: ProjectScope, is_running: bool
):
    url = server.url if is_running else server.url.replace(str(server.port), "1")
    client = ClickHouse(url)
    query = ProjectQuery(
        "broken",
        "SELECT toUInt8({said:String}) FROM traces WHERE project_id = {project_id:String}",
        {"said": SECRET_TEXT},
    )

    with pytest.raises(errors.ElasticDashError) as raised:
        await client.fetch(scope, query)

    text = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert all(secret not in text for secret in (servers.PASSWORD, urlsplit(server.url).password or "", SECRET_TEXT))
    client.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://host:8123", "http://us%40er:p%3Aw%2Fd@host:8123/events"),
        ("https://host", "https://us%40er:p%3Aw%2Fd@host/events"),
        ("http://a:b@host:8123/other", "http://a:b@host:8123/other"),
    ],
    ids=["separate", "tls", "in-url"],
)
def test_an_address_is_made_of_separate_settings(url: str, expected: str):
    assert dsn_of(url, "us@er", "p:w/d", "events") == expected


@pytest.mark.parametrize("url", ["clickhouse://host:9000", "host:8123", "http://"])
def test_what_is_no_http_address_is_refused_at_the_start(url: str):
    with pytest.raises(errors.ConfigurationError):
        ClickHouse(url)
