"""People in a metadata store, and browsers in which they are signed in."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import cast

import httpx

from elasticdash.shared import ids
from elasticdash.shared.blobs.media_folder import MediaFolder
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.models.organization_memberships import OrganizationMembershipRow
from elasticdash.shared.postgres.models.users import UserRow
from elasticdash.shared.security import hash_password
from elasticdash.web.app import create_app
from elasticdash.web.auth.authenticator import Authenticator
from elasticdash.web.auth.oidc.rules import SignInRules
from elasticdash.web.ingest.acceptor import Acceptor
from elasticdash.web.media.files import MediaFiles
from elasticdash.web.services import Services
from support import metadata

PASSWORD = "correct horse battery staple"
_PASSWORD_HASH = hash_password(PASSWORD)


@dataclass(frozen=True, slots=True)
class Web:
    """The whole web service on a real metadata store, without a socket."""

    database: Database
    services: Services

    def browser(self, address: str = "192.0.2.1", base_url: str = "http://localhost:3000") -> httpx.AsyncClient:
        """A client with cookies of its own, at a network address."""
        transport = httpx.ASGITransport(create_app(self.services), client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url=base_url)


@asynccontextmanager
async def opened(
    folder: Path,
    clickhouse: ClickHouse | None = None,
    rules: SignInRules = SignInRules(),  # noqa: B008 it is frozen
) -> AsyncGenerator[Web]:
    """The service with the projects alpha and beta of one organization; no engine unless given."""
    async with metadata.opened(folder) as database:
        for wanted in (metadata.ALPHA, metadata.BETA):
            await metadata.provision(database, wanted)
        services = Services(
            database=database,
            clickhouse=cast(ClickHouse, clickhouse),
            authenticator=Authenticator(database, metadata.HASHER),
            acceptor=cast(Acceptor, None),
            blobs=cast(BlobStore, None),
            media=MediaFiles(MediaFolder(folder / "files"), metadata.KEYS.sessions),
            keys=metadata.KEYS,
            sign_in=rules,
        )
        yield Web(database, services)


async def add_user(database: Database, email: str, roles: dict[str, Role]) -> str:
    """A person with a role in each of these organizations; returns their id."""
    now = datetime.now(UTC)
    user = UserRow(
        id=ids.new_id(), email=email.lower(), name=None, password_hash=_PASSWORD_HASH, created_at=now, updated_at=now
    )
    async with database.writing() as session:
        session.add(user)
        await session.flush()
        for org_id, role in roles.items():
            session.add(
                OrganizationMembershipRow(
                    id=ids.new_id(), org_id=org_id, user_id=user.id, role=role, created_at=now, updated_at=now
                )
            )
    return user.id


async def sign_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> dict[str, str]:
    """Sign a client in; returns the headers that its changes need from then on."""
    origin = {"origin": str(client.base_url).rstrip("/")}
    response = await client.post("/api/ui/session", json={"email": email, "password": password}, headers=origin)
    assert response.status_code == HTTPStatus.NO_CONTENT, response.text
    session = (await client.get("/api/ui/session")).json()
    return {**origin, "x-csrf-token": session["signedIn"]["csrfToken"]}
