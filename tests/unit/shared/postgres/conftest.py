"""The store every test of this folder runs on."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from elasticdash.shared.postgres.engine import Database
from support import metadata
from support.servers.postgres import Databases


@pytest.fixture
async def database(tmp_path: Path, postgres_or_none: Databases | None) -> AsyncGenerator[Database]:
    async with metadata.opened(tmp_path, postgres_or_none) as database:
        yield database
