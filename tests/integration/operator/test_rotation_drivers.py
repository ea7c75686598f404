"""Two credentials at a time, at a real Postgres and a real Redis; ClickHouse's statements at its own parser."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
import redis
from redis.exceptions import AuthenticationError, ResponseError

from elasticdash.operator.rotation.clickhouse import ClickHouseLogins
from elasticdash.operator.rotation.credentials import Credentials
from elasticdash.operator.rotation.postgres import PostgresLogins
from elasticdash.operator.rotation.redis import RedisLogins
from elasticdash.operator.rotation.stores import StoreRejectedError
from elasticdash.shared import errors
from support.server import free_port
from support.servers import origin
from support.servers import postgres as postgres_server
from support.servers.origin import DebianProgram
from support.servers.postgres import Databases
from support.servers.process import ServerProcess

FIRST = Credentials("logger", "first-password")


def at(url: str, login: Credentials) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{login.user}:{login.password}@{place}"))


@pytest.fixture
def database(postgres: Databases) -> Generator[str]:
    """A database that the first login made its tables in."""
    url = postgres.create()
    name = urlsplit(url).path[1:]
    role = f"{FIRST.user}_{name}"
    postgres_server.run(
        url, f"CREATE ROLE {role} LOGIN PASSWORD '{FIRST.password}'", f"ALTER DATABASE {name} OWNER TO {role}"
    )
    postgres_server.run(
        at(url, Credentials(role, FIRST.password)),
        "CREATE TABLE kept (id int PRIMARY KEY)",
        "INSERT INTO kept VALUES (1)",
    )
    yield url
    postgres.drop(url)


def first_of(url: str) -> Credentials:
    return Credentials(f"{FIRST.user}_{urlsplit(url).path[1:]}", FIRST.password)


def is_let_in(url: str, login: Credentials) -> bool:
    try:
        postgres_server.run(at(url, login), "SELECT 1")
    except asyncpg.InvalidAuthorizationSpecificationError:
        return False
    return True


async def test_postgres_administrator_is_never_rotated(database: str):
    parts = urlsplit(database)
    admin = Credentials(str(parts.username), str(parts.password))

    with pytest.raises(StoreRejectedError, match="give it a login of its own"):
        await PostgresLogins(database, database).prepare(Credentials("x_a", "p"), admin)


async def test_postgres_wrong_administrator_changes_nothing(database: str):
    logins = PostgresLogins(at(database, Credentials("tester", "wrong")), database)
    following = logins.following(first_of(database), "second-password")

    with pytest.raises(StoreRejectedError):
        await logins.prepare(following, first_of(database))

    assert is_let_in(database, first_of(database))
    assert not is_let_in(database, following)


async def test_postgres_that_is_away_is_asked_again_later():
    logins = PostgresLogins("postgresql://admin:a@127.0.0.1:9/x", "postgresql://logger:a@127.0.0.1:9/x")

    with pytest.raises(errors.UnavailableError):
        await logins.count_users(FIRST)


async def test_postgres_waits_for_no_long_transaction(database: str):
    logins = PostgresLogins(database, database)
    following = logins.following(first_of(database), "second-password")

    holding = postgres_server.held(database, "BEGIN; LOCK TABLE kept IN ACCESS SHARE MODE")
    with holding, pytest.raises(errors.UnavailableError):
        await logins.prepare(following, first_of(database))

    assert is_let_in(database, first_of(database))
    assert not is_let_in(database, following)


async def test_postgres_logins_take_turns_and_objects_belong_to_none(database: str):
    logins = PostgresLogins(database, database)
    first = first_of(database)
    second = logins.following(first, "second-password")

    for _ in range(2):
        await logins.prepare(second, first)
    both = is_let_in(database, first), is_let_in(database, second)
    postgres_server.run(at(database, second), "CREATE TABLE by_second (id int)", "INSERT INTO kept VALUES (2)")
    postgres_server.run(at(database, first), "CREATE TABLE by_first (id int)", "INSERT INTO by_second VALUES (1)")
    await logins.revoke(second, first)
    third = logins.following(second, "third-password")
    await logins.prepare(third, second)
    postgres_server.run(at(database, third), "ALTER TABLE by_second ADD COLUMN more int", "DROP TABLE by_first")
    for _ in range(2):
        await logins.revoke(third, second)
    fourth = logins.following(third, "fourth-password")
    await logins.prepare(fourth, third)
    owners = postgres_server.fetch(database, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")

    assert both == (True, True)
    assert [is_let_in(database, login) for login in (first, second, third)] == [False, False, True]
    assert (second.user, third.user, fourth.user) == (f"{first.user}_a", f"{first.user}_b", f"{first.user}_a")
    assert owners == [{"tableowner": f"{first.user}_owner"}]


async def test_postgres_counts_sessions_of_the_old_login(database: str):
    logins = PostgresLogins(database, database)
    first = first_of(database)
    await logins.prepare(logins.following(first, "second-password"), first)
    connection = await cast(Any, asyncpg).connect(at(database, first))
    in_use = await logins.count_users(first)
    await connection.close()
    for _ in range(50):
        if not await logins.count_users(first):
            break
        await asyncio.sleep(0.1)

    assert in_use == 1
    assert await logins.count_users(first) == 0


@pytest.fixture
def redis_server(tmp_path: Path) -> Generator[str]:
    """A Redis with an administrator, whose users are kept in a file."""
    users, port = tmp_path / "users.acl", free_port()
    users.write_text("user default on >first-password ~* &* +@all\nuser admin on >admin-password ~* &* +@all\n")
    program = str(origin.program(DebianProgram("redis-server", "redis-server")))
    process = ServerProcess(
        [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--aclfile", str(users)],
        is_ready=lambda: redis_lets_in(f"127.0.0.1:{port}", "first-password"),
        log_file=tmp_path / "redis.log",
    )
    process.start()
    yield f"127.0.0.1:{port}"
    process.kill()


def redis_lets_in(place: str, password: str) -> bool:
    with cast(Any, redis.Redis).from_url(f"redis://:{password}@{place}/0") as client:
        try:
            return bool(client.ping())
        except (AuthenticationError, ResponseError):
            return False


async def test_redis_refuses_a_wrong_administrator(redis_server: str):
    logins = RedisLogins(f"redis://admin:wrong@{redis_server}/0")

    with pytest.raises(StoreRejectedError):
        await logins.prepare(Credentials("default", "second-password"), Credentials("default", "first-password"))

    assert redis_lets_in(redis_server, "first-password")


async def test_redis_without_a_password_has_nothing_to_rotate():
    with pytest.raises(StoreRejectedError, match="no password"):
        await RedisLogins("redis://127.0.0.1:9").prepare(Credentials("default", "new"), Credentials("default", ""))


async def test_redis_refusals_tell_no_password(redis_server: str):
    logins = RedisLogins(f"redis://admin:admin-password@{redis_server}/0")

    with pytest.raises(StoreRejectedError) as refused:
        await logins.prepare(Credentials("no such user", "second-password"), Credentials("no such user", "x"))

    assert "second-password" not in str(refused.value)


async def test_redis_takes_two_passwords_then_one(redis_server: str, tmp_path: Path):
    logins = RedisLogins(f"redis://admin:admin-password@{redis_server}/0")
    old = Credentials("default", "first-password")
    new = logins.following(old, "second-password")

    for _ in range(2):
        await logins.prepare(new, old)
    both = redis_lets_in(redis_server, old.password), redis_lets_in(redis_server, new.password)
    for _ in range(2):
        await logins.revoke(new, old)

    assert both == (True, True)
    assert not redis_lets_in(redis_server, old.password)
    assert redis_lets_in(redis_server, new.password)
    # The server would read this at its next start.
    assert "first-password" not in (tmp_path / "users.acl").read_text()
    assert (tmp_path / "users.acl").read_text().count("user default") == 1


@pytest.mark.parametrize("cluster", [None, "main"])
def test_clickhouse_understands_what_it_is_told(cluster: str | None):
    logins = ClickHouseLogins("http://admin:a@localhost", cluster)
    login = Credentials("logger", "second-password")
    statements = [logins.add_statement(login), logins.reset_statement(login)]
    # The engine in a process parses users' statements and writes them out again; it lets nobody carry them out.
    program = (
        "import json, sys, chdb\n"
        "for each in json.load(sys.stdin):\n"
        '    quoted = each.replace("\'", "\'\'")\n'
        "    print(chdb.query(f\"SELECT formatQuerySingleLine('{quoted}')\", 'TabSeparatedRaw'), end='')\n"
    )

    command = [sys.executable, "-c", program]
    done = subprocess.run(command, input=json.dumps(statements), capture_output=True, text=True, check=True, timeout=60)

    place = f" ON CLUSTER {cluster}" if cluster else ""
    digest = hashlib.sha256(b"second-password").hexdigest()
    assert done.stdout.splitlines() == [
        f"ALTER USER logger{place} ADD IDENTIFIED WITH sha256_hash BY '{digest}'",
        f"ALTER USER logger{place} RESET AUTHENTICATION METHODS TO NEW",
    ]


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (403, "Code: 516. DB::Exception: admin: Authentication failed", StoreRejectedError),
        (500, "Code: 497. DB::Exception: Not enough privileges", StoreRejectedError),
        (500, "Code: 159. DB::Exception: Timeout exceeded", errors.UnavailableError),
        (503, "", errors.UnavailableError),
    ],
)
async def test_clickhouse_refusals_and_outages_are_told_apart(status: int, text: str, kind: type[Exception]):
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=text))
    logins = ClickHouseLogins("http://admin:a@localhost:8123", None, transport)

    with pytest.raises(kind):
        await logins.prepare(Credentials("logger", "new"), Credentials("logger", "old"))


async def test_clickhouse_adds_the_new_method_then_keeps_only_it():
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content.decode())
        return httpx.Response(200)

    logins = ClickHouseLogins("http://admin:a@localhost:8123", None, httpx.MockTransport(answer))
    new, old = Credentials("logger", "new"), Credentials("logger", "old")

    await logins.prepare(new, old)
    await logins.revoke(new, old)

    assert [statement.split("`")[2].split(" BY ")[0] for statement in sent] == [
        " ADD IDENTIFIED WITH sha256_hash",
        " ADD IDENTIFIED WITH sha256_hash",
        " RESET AUTHENTICATION METHODS TO NEW",
    ]
