"""The store every test of this folder runs on."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from elasticdash.shared.postgres.engine import Database
from support import metadata


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    async with metadata.opened(tmp_path) as database:
        yield database
