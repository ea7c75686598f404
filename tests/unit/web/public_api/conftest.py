"""The routes that a module of tests names, served in this process over a store of its own."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter

from elasticdash.shared.postgres.engine import Database
from support import web
from support.servers.postgres import Databases


@pytest.fixture
async def opened(
    tmp_path: Path, postgres_or_none: Databases | None, routers: list[APIRouter]
) -> AsyncGenerator[tuple[httpx.AsyncClient, Database]]:
    """A client of `routers`, which each module gives, and their metadata store."""
    async with web.opened(tmp_path, routers, postgres=postgres_or_none) as opened:
        yield opened


@pytest.fixture
def client(opened: tuple[httpx.AsyncClient, Database]) -> httpx.AsyncClient:
    return opened[0]


@pytest.fixture
def database(opened: tuple[httpx.AsyncClient, Database]) -> Database:
    return opened[1]
