"""Every row of the contract's table of credentials, and how long a key is remembered."""

import base64
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import bcrypt
import pytest
from sqlalchemy import text

from elasticdash.shared import errors
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import api_keys
from elasticdash.shared.postgres.api_keys import NewApiKey
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.security import SecretHasher, langfuse_fast_hash
from elasticdash.web.auth.authenticator import Authenticator
from elasticdash.web.auth.principal import OrganizationKeyError
from support import metadata
from support.servers.postgres import Databases
from support.web import ALPHA, BETA, basic

SCOPE = ProjectScope(ProjectId("alpha"))
BEARER_ALPHA = {"Authorization": "Bearer pk-lf-a"}
WRONG_PAIR = "Invalid credentials. Confirm that you've configured the correct host."
WRONG_PUBLIC = "Invalid public key. Confirm that you've configured the correct host."
WRONG_HEADER = "Invalid authorization header"


class Clock:
    """A time that moves only when told to."""

    def __init__(self) -> None:
        self.now = metadata.NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
async def database(tmp_path: Path, postgres_or_none: Databases | None) -> AsyncGenerator[Database]:
    async with metadata.opened(tmp_path, postgres_or_none) as database:
        await metadata.provision(database, metadata.ALPHA)
        await metadata.provision(database, metadata.BETA)
        yield database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authenticator(database: Database, clock: Clock) -> Authenticator:
    return Authenticator(database, metadata.HASHER, clock)


def _encoded(text_: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text_.encode()).decode()}


async def _execute(database: Database, sql: str) -> None:
    async with database.writing() as session:
        await session.execute(text(sql))


async def _break_store(database: Database) -> None:
    await _execute(database, "ALTER TABLE api_keys RENAME TO api_keys_away")


async def _add_key(database: Database, *, expires_at: datetime | None = None) -> str:
    async with database.writing() as session:
        new = NewApiKey("pk-lf-new", "sk-lf-new", expires_at=expires_at)
        return await api_keys.create(session, SCOPE, metadata.HASHER, new, metadata.change())


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({}, "No authorization header", id="none"),
        pytest.param({"authorization": ""}, "No authorization header", id="empty"),
        pytest.param({"authorization": "Digest abc"}, WRONG_HEADER, id="other scheme"),
        pytest.param({"authorization": "Basic"}, WRONG_HEADER, id="nothing after Basic"),
        pytest.param({"authorization": "Bearer "}, WRONG_HEADER, id="nothing after Bearer"),
        pytest.param({"authorization": "Basic %%%"}, WRONG_HEADER, id="not base64"),
        pytest.param({"authorization": "Basic /////w=="}, WRONG_HEADER, id="not UTF-8"),
        pytest.param(_encoded("pk-lf-a"), WRONG_HEADER, id="no secret"),
        pytest.param(_encoded("pk-lf-a:"), WRONG_HEADER, id="empty secret"),
        pytest.param(_encoded(":sk-lf-a"), WRONG_HEADER, id="empty public key"),
        pytest.param(basic("pk-lf-x", "sk-lf-a"), WRONG_PAIR, id="unknown public key"),
        pytest.param(basic("pk-lf-a", "sk-lf-x"), WRONG_PAIR, id="wrong secret"),
        pytest.param(basic("pk-lf-a", "sk-ed-b"), WRONG_PAIR, id="secret of another key"),
        pytest.param(basic("PK-LF-A", "sk-lf-a"), WRONG_PAIR, id="other case"),
        pytest.param({"authorization": "Bearer pk-lf-x"}, WRONG_PUBLIC, id="unknown public key as bearer"),
        pytest.param({"authorization": "Bearer sk-lf-a"}, WRONG_PUBLIC, id="secret as bearer"),
    ],
)
async def test_refused(authenticator: Authenticator, headers: dict[str, str], message: str):
    headers = {name.lower(): value for name, value in headers.items()}

    with pytest.raises(errors.AuthenticationError) as refused:
        await authenticator.authenticate(headers)

    assert str(refused.value) == message


async def _principal(authenticator: Authenticator, headers: dict[str, str]):
    return await authenticator.authenticate({name.lower(): value for name, value in headers.items()})


async def _is_accepted(authenticator: Authenticator, headers: dict[str, str]) -> bool:
    try:
        await _principal(authenticator, headers)
    except errors.AuthenticationError:
        return False
    return True


async def test_expired_key_is_refused_also_when_it_expires_in_memory(
    authenticator: Authenticator, database: Database, clock: Clock
):
    await _add_key(database, expires_at=metadata.NOW + timedelta(seconds=5))
    headers = basic("pk-lf-new", "sk-lf-new")

    assert await _is_accepted(authenticator, headers)
    clock.advance(5)

    assert not await _is_accepted(authenticator, headers)
    assert not await _is_accepted(authenticator, {"authorization": "Bearer pk-lf-new"})


async def test_key_of_a_deleted_project_is_refused(authenticator: Authenticator, database: Database):
    await _execute(database, "UPDATE projects SET deleted_at = '2026-01-01 00:00:00.000000' WHERE id = 'alpha'")

    assert not await _is_accepted(authenticator, ALPHA)
    assert await _is_accepted(authenticator, BETA)


async def test_organization_key_reaches_no_project(authenticator: Authenticator, database: Database):
    await _execute(
        database, "UPDATE api_keys SET project_id = NULL, organization_id = 'org' WHERE public_key='pk-lf-a'"
    )

    with pytest.raises(OrganizationKeyError, match="insufficient permissions"):
        await _principal(authenticator, ALPHA)
    with pytest.raises(errors.AuthenticationError, match="Cannot use organization key with bearer auth"):
        await _principal(authenticator, BEARER_ALPHA)


async def test_unknown_key_while_the_store_is_away_is_unavailable(authenticator: Authenticator, database: Database):
    await _break_store(database)

    with pytest.raises(errors.UnavailableError):
        await _principal(authenticator, ALPHA)


async def test_known_key_works_while_the_store_is_away_for_ten_seconds(
    authenticator: Authenticator, database: Database, clock: Clock
):
    await _principal(authenticator, ALPHA)
    await _break_store(database)
    clock.advance(9)

    assert await _is_accepted(authenticator, ALPHA)
    assert not await _is_accepted(authenticator, basic("pk-lf-a", "sk-lf-x"))
    clock.advance(1)
    with pytest.raises(errors.UnavailableError):
        await _principal(authenticator, ALPHA)


async def test_use_does_not_prolong_the_memory(authenticator: Authenticator, database: Database, clock: Clock):
    await _principal(authenticator, ALPHA)
    await _execute(database, "DELETE FROM api_keys WHERE public_key = 'pk-lf-a'")

    accepted: list[bool] = []
    for _ in range(4):
        clock.advance(3)
        accepted.append(await _is_accepted(authenticator, ALPHA))

    assert accepted == [True, True, True, False]


async def test_revoked_key_is_refused_at_once_where_it_was_revoked(authenticator: Authenticator, database: Database):
    api_key_id = await _add_key(database)
    headers = basic("pk-lf-new", "sk-lf-new")
    assert await _is_accepted(authenticator, headers)

    async with database.writing() as session:
        revoked = await api_keys.delete(session, SCOPE, api_key_id, metadata.change())
    assert revoked is not None
    authenticator.forget(revoked)

    assert not await _is_accepted(authenticator, headers)


async def test_key_of_another_project_cannot_be_revoked(authenticator: Authenticator, database: Database):
    api_key_id = await _add_key(database)

    async with database.writing() as session:
        other = ProjectScope(ProjectId("beta"))
        assert await api_keys.delete(session, other, api_key_id, metadata.change()) is None

    assert await _is_accepted(authenticator, basic("pk-lf-new", "sk-lf-new"))


async def test_new_key_works_at_once_after_it_was_refused(authenticator: Authenticator, database: Database):
    headers = basic("pk-lf-new", "sk-lf-new")
    assert not await _is_accepted(authenticator, headers)

    await _add_key(database)

    assert await _is_accepted(authenticator, headers)


@pytest.mark.parametrize(
    ("headers", "project_id", "access"),
    [
        pytest.param(ALPHA, "alpha", "project", id="langfuse pair"),
        pytest.param(BETA, "beta", "project", id="elasticdash pair"),
        pytest.param(BEARER_ALPHA, "alpha", "scores", id="public key"),
        pytest.param(_encoded("pk-lf-a:sk-lf-a:more"), "alpha", "project", id="more parts"),
        pytest.param({"authorization": "basic cGstbGYtYTpzay1sZi1h"}, "alpha", "project", id="lower case scheme"),
        pytest.param({"authorization": "Basic cGstZWQtYjpzay1lZC1i"}, "beta", "project", id="no padding"),
    ],
)
async def test_accepted(authenticator: Authenticator, headers: dict[str, str], project_id: str, access: str):
    principal = await _principal(authenticator, headers)

    assert (principal.scope.project_id, principal.access) == (project_id, access)


async def test_legacy_values_without_prefix_are_accepted(authenticator: Authenticator, database: Database):
    legacy = replace(metadata.ALPHA, public_key="customer key", secret_key="hunter2")
    await metadata.provision(database, legacy)

    assert (await _principal(authenticator, basic("customer key", "hunter2"))).public_key == "customer key"


@pytest.mark.parametrize(
    "imported",
    [langfuse_fast_hash("sk-lf-a", "salt"), bcrypt.hashpw(b"sk-lf-a", bcrypt.gensalt(4)).decode()],
    ids=["fast hash", "bcrypt"],
)
async def test_imported_key_is_verified_and_kept_under_the_pepper(database: Database, clock: Clock, imported: str):
    await _execute(
        database,
        f"UPDATE api_keys SET secret_hash = NULL, fast_hashed_secret_key = '{imported}' WHERE note IS NOT NULL",
    )
    authenticator = Authenticator(database, replace(metadata.HASHER, langfuse_salts=["salt"]), clock)

    assert not await _is_accepted(authenticator, basic("pk-lf-a", "sk-lf-x"))
    assert await _is_accepted(authenticator, ALPHA)

    async with database.reading() as session:
        key = await api_keys.find(session, "pk-lf-a")
    assert key is not None
    assert key.imported_hash is None
    assert metadata.HASHER.is_current("sk-lf-a", key.secret_hash)


async def test_key_under_the_previous_pepper_moves_to_the_new_one(database: Database, clock: Clock):
    rotated = SecretHasher("new pepper", metadata.HASHER.pepper)

    assert await _is_accepted(Authenticator(database, rotated, clock), ALPHA)

    assert await _is_accepted(Authenticator(database, SecretHasher("new pepper"), clock), ALPHA)
    assert not await _is_accepted(Authenticator(database, metadata.HASHER, clock), ALPHA)


async def test_last_use_is_recorded_at_most_every_five_minutes(
    authenticator: Authenticator, database: Database, clock: Clock
):
    async def last_used_at() -> datetime | None:
        async with database.reading() as session:
            key = await api_keys.find(session, "pk-lf-a")
        assert key is not None
        return key.last_used_at

    await _principal(authenticator, ALPHA)
    clock.advance(299)
    await _principal(authenticator, ALPHA)
    assert await last_used_at() == metadata.NOW

    clock.advance(2)
    await _principal(authenticator, ALPHA)
    assert await last_used_at() == metadata.NOW + timedelta(seconds=301)
