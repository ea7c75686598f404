"""The ElasticDash Backend's ClickHouse user on the engine behind HTTP."""

import asyncio
from dataclasses import replace
from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from elasticdash.shared.clickhouse import backend_access
from elasticdash.shared.clickhouse.backend_access import BackendUser
from elasticdash.shared.clickhouse.client import ClickHouse

USER = BackendUser("backend", "password:of/the@backend")


@pytest.fixture(scope="session")
def backend_url(http_clickhouse: ClickHouse, clickhouse_url: str) -> str:
    """The migrated database, as the Backend's user."""
    parts = urlsplit(clickhouse_url)
    user = replace(USER, database=parts.path.removeprefix("/"))
    asyncio.run(backend_access.ensure(http_clickhouse, user))
    netloc = f"{user.name}:{quote(user.password, safe='')}@{parts.hostname}:{parts.port}"
    return urlunsplit(parts._replace(netloc=netloc))
