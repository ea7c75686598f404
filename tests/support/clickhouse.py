"""The real engine in this process, once per test run; every test has a project of its own in it."""

import asyncio
import itertools
from collections.abc import Generator
from pathlib import Path

import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.migrate import migrate_clickhouse

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "clickhouse"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Generator[ClickHouse]:
    """The migrated engine. One folder for all: a process can open only one."""
    engine = ClickHouse(f"chdb:///{tmp_path_factory.mktemp('clickhouse')}")
    asyncio.run(migrate_clickhouse(engine, MIGRATIONS))
    yield engine
    engine.close()


@pytest.fixture
def scope() -> ProjectScope:
    """A project that no other test knows."""
    return new_scope()


def new_scope() -> ProjectScope:
    """The scope of a project that nothing is stored of yet."""
    return ProjectScope(ProjectId(f"project-{next(_numbers)}"))
