"""Routers of the web service on a real metadata store, without a socket."""

import base64
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import httpx
from fastapi import APIRouter, FastAPI

from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.blobs.media_folder import MediaFolder
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.postgres.engine import Database
from elasticdash.web import error_responses
from elasticdash.web.auth.authenticator import Authenticator
from elasticdash.web.auth.instance_admin import InstanceAdmin
from elasticdash.web.ingest.acceptor import Acceptor
from elasticdash.web.media.files import MediaFiles
from elasticdash.web.services import Services
from support import metadata
from support.servers.postgres import Databases


def basic(public_key: str, secret_key: str) -> dict[str, str]:
    """The header of a key pair."""
    return {"Authorization": "Basic " + base64.b64encode(f"{public_key}:{secret_key}".encode()).decode()}


ALPHA = basic("pk-lf-a", "sk-lf-a")
BETA = basic("pk-ed-b", "sk-ed-b")
ADMIN_KEY = "admin-key-of-the-tests"
ADMIN = {"Authorization": f"Bearer {ADMIN_KEY}"}


def admin_of(organization_id: str) -> dict[str, str]:
    """The administrator's headers to act for an organization."""
    return {**ADMIN, "x-langfuse-admin-api-key": ADMIN_KEY, "x-langfuse-organization-id": organization_id}


@asynccontextmanager
async def opened(
    folder: Path,
    routers: Sequence[APIRouter],
    *,
    clickhouse: ClickHouse | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    postgres: Databases | None = None,
) -> AsyncGenerator[tuple[httpx.AsyncClient, Database]]:
    """A client of an application with these routers, and its store with the projects alpha and beta.

    There is no acceptor, and no engine unless given: what a router doesn't use isn't opened.
    """
    async with metadata.opened(folder, postgres) as database:
        for wanted in (metadata.ALPHA, metadata.BETA):
            await metadata.provision(database, wanted)
        app = FastAPI()
        app.state.services = Services(
            database=database,
            clickhouse=cast(ClickHouse, clickhouse),
            authenticator=Authenticator(database, metadata.HASHER, now),
            acceptor=cast(Acceptor, None),
            blobs=FolderBlobStore(folder / "blobs"),
            media=MediaFiles(MediaFolder(folder / "files"), metadata.KEYS.sessions),
            keys=metadata.KEYS,
            instance_admin=InstanceAdmin(ADMIN_KEY),
        )
        for router in routers:
            app.include_router(router)
        error_responses.add_to(app)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client, database
