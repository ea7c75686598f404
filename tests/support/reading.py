"""Routes that read the engine, called without a socket by a signed-in caller of a given project."""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import cast

import httpx
from fastapi import APIRouter, FastAPI
from starlette.types import Receive, Scope, Send

from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres.engine import Database
from elasticdash.web import error_responses
from elasticdash.web.auth.authenticator import Authenticator
from elasticdash.web.auth.principal import Principal
from elasticdash.web.ingest.acceptor import Acceptor
from elasticdash.web.media.files import MediaFiles
from elasticdash.web.services import Services
from elasticdash.web.views import model_prices
from elasticdash.web.views.model_prices import ModelPrice
from support import metadata


@asynccontextmanager
async def client_of(
    router: APIRouter,
    clickhouse: ClickHouse,
    scope: ProjectScope,
    prices: Mapping[str, ModelPrice] | None = None,
    database: Database | None = None,
) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of one router's routes below /api/public; observations are priced as given.

    Without a database none may be used.
    """

    async def find_prices(_scope: ProjectScope, _model_ids: Collection[str]) -> Mapping[str, ModelPrice]:
        return prices or {}

    app = FastAPI()
    app.state.services = Services(
        database=cast(Database, database),
        clickhouse=clickhouse,
        authenticator=cast(Authenticator, None),
        acceptor=cast(Acceptor, None),
        blobs=cast(BlobStore, None),
        media=cast(MediaFiles, None),
        keys=metadata.KEYS,
    )
    app.include_router(router)
    error_responses.add_to(app)
    app.dependency_overrides[model_prices.current_model_prices] = lambda: find_prices
    principal = Principal(scope, "project", "pk-lf-test", "key")

    async def signed_in(asgi: Scope, receive: Receive, send: Send) -> None:
        asgi.setdefault("state", {})["principal"] = principal
        await app(asgi, receive, send)

    transport = httpx.ASGITransport(signed_in)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/public") as client:
        yield client
