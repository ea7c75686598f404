"""The test server is a real Postgres: it survives kills, and its databases know nothing of each other."""

import time

import asyncpg
import pytest

from support.servers import postgres as servers
from support.servers.postgres import Databases


def test_every_database_is_new_and_can_be_copied(postgres: Databases):
    filled = postgres.create()
    servers.run(filled, "CREATE TABLE things (name text)", "INSERT INTO things VALUES ('kept')")

    copied, empty = postgres.create(template_url=filled), postgres.create()

    assert servers.fetch(copied, "SELECT name FROM things") == [{"name": "kept"}]
    assert servers.fetch(empty, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    for url in (filled, copied, empty):
        postgres.drop(url)


def test_what_was_committed_survives_a_kill_and_passwords_are_checked():
    with servers.running() as server:
        url = server.databases.create()
        servers.run(url, "CREATE TABLE things (name text)", "INSERT INTO things VALUES ('kept')")

        server.kill()
        with pytest.raises(OSError, match="Connect"):
            servers.fetch(url, "SELECT 1")
        started = time.monotonic()
        server.start()

        assert servers.fetch(url, "SELECT name FROM things") == [{"name": "kept"}]
        assert time.monotonic() - started < 30
        with pytest.raises(asyncpg.InvalidPasswordError):
            servers.fetch(url.replace(servers.PASSWORD, "wrong"), "SELECT 1")
        assert server.stop() == 0
