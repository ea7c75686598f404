"""The real engine, once per test run; every test has a project of its own in it.

`clickhouse` is the engine in this process, or with `--engine http` the one behind HTTP, on the path of production. In
modules marked `both_engines` every test runs with both.
"""

import asyncio
import itertools
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.migrate import clickhouse as clickhouse_migrations
from elasticdash.shared.migrate.clickhouse import Placement
from support.servers.clickhouse import clickhouse_url

__all__ = ["clickhouse_url"]

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "clickhouse"
ENGINES = ("embedded", "http")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def clickhouse(request: pytest.FixtureRequest) -> ClickHouse:
    """A migrated engine."""
    kind = getattr(request, "param", request.config.getoption("--engine"))
    return request.getfixturevalue(f"{kind}_clickhouse")


@pytest.fixture(scope="session")
def embedded_clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Generator[ClickHouse]:
    """The migrated engine in this process. One folder for all: a process can open only one."""
    engine = ClickHouse(f"chdb:///{tmp_path_factory.mktemp('clickhouse')}")
    asyncio.run(clickhouse_migrations.migrate(engine, MIGRATIONS))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def http_clickhouse(clickhouse_url: str) -> Generator[ClickHouse]:
    """The migrated engine behind HTTP, in a database that is not the default one."""
    engine = ClickHouse(clickhouse_url)
    asyncio.run(
        clickhouse_migrations.migrate(engine, MIGRATIONS, Placement(urlsplit(clickhouse_url).path.removeprefix("/")))
    )
    yield engine
    engine.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--engine http` runs everything over HTTP."""
    parser.addoption("--engine", choices=ENGINES, default="embedded", help="what `clickhouse` is in unmarked modules")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the tests of modules marked `both_engines` over both."""
    if "clickhouse" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_engines"):
        metafunc.parametrize("clickhouse", ENGINES, indirect=True, scope="session")


@pytest.fixture
def scope() -> ProjectScope:
    """A project that no other test knows."""
    return new_scope()


def new_scope() -> ProjectScope:
    """The scope of a project that nothing is stored of yet."""
    return ProjectScope(ProjectId(f"project-{next(_numbers)}"))
