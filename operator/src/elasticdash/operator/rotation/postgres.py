"""Two logins at Postgres that take turns, under an owner that holds everything and never logs in."""

import base64
import hashlib
import hmac
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
from typing_extensions import override

from elasticdash.operator.rotation.credentials import Credentials
from elasticdash.operator.rotation.stores import StoreLogins, StoreRejectedError
from elasticdash.shared import errors

_TIMEOUT_SECONDS = 10.0
# Ownership changes need each table for a moment; a rotation tries again rather than hold up writes behind a long one.
_LOCK_TIMEOUT = "2s"
_ITERATIONS = 4096
_SUFFIXES = ("_a", "_b")
_OWNER_SUFFIX = "_owner"


class PostgresLogins(StoreLogins):
    """The logins of one database. `admin_url` is of a login that may create roles; `database` is where the data is."""

    def __init__(self, admin_url: str, database_url: str) -> None:
        # The administrator's login at the place the processes go to.
        admin, data = urlsplit(admin_url), urlsplit(database_url)
        self._url = urlunsplit(admin._replace(path=data.path or admin.path))
        self._admin = unquote(admin.username or "")

    @override
    def following(self, present: Credentials, password: str) -> Credentials:
        """The login whose turn is next."""
        base = present.user
        for suffix in _SUFFIXES:
            base = base.removesuffix(suffix)
        is_first = present.user.endswith(_SUFFIXES[0])
        return Credentials(base + _SUFFIXES[1 if is_first else 0], password)

    @override
    async def prepare(self, following: Credentials, previous: Credentials) -> None:
        """Make the next login work beside the present one; at the first time, give what it owns to the owner.

        StoreRejectedError, with everything as it was, when the server refuses.
        """
        if previous.user == self._admin:
            raise StoreRejectedError(
                "The instance logs in as the administrator of adminRef: give it a login of its own"
            )
        owner = _base(following.user) + _OWNER_SUFFIX
        async with _connected(self._url) as connection:
            database = _quoted(await connection.fetchval("SELECT current_database()"))
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
                await self._ensure_role(connection, owner, "NOLOGIN")
                await connection.execute(f"GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {database} TO {_quoted(owner)}")
                await self._take_over(connection, owner, previous.user)
                secret = f"LOGIN PASSWORD '{scram_verifier(following.password)}'"
                await self._ensure_role(connection, following.user, secret)
                for login in (previous.user, following.user):
                    await connection.execute(f"GRANT {_quoted(owner)} TO {_quoted(login)}")
                    await connection.execute(
                        f"ALTER ROLE {_quoted(login)} IN DATABASE {database} SET role = {_literal(owner)}"
                    )

    @override
    async def count_users(self, previous: Credentials) -> int:
        """How many sessions the old login has."""
        async with _connected(self._url) as connection:
            counted = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1"
            return int(await connection.fetchval(counted, previous.user))

    @override
    async def revoke(self, following: Credentials, previous: Credentials) -> None:
        """The old login may log in no more. `following` is what must go on working."""
        if previous.user in (self._admin, following.user):
            raise StoreRejectedError(f"The login {previous.user!r} is needed: it stays")
        async with _connected(self._url) as connection:
            await connection.execute(f"ALTER ROLE {_quoted(previous.user)} NOLOGIN PASSWORD NULL")

    async def _take_over(self, connection: Any, owner: str, login: str) -> None:
        """Everything the login owns belongs to the owner; nothing happens when it owns nothing."""
        owned = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid"
            " WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o' AND r.rolname = $1)",
            login,
        )
        if owned:
            # To give something away one must be both.
            for role in (owner, login):
                await connection.execute(f"GRANT {_quoted(role)} TO CURRENT_USER")
            await connection.execute(f"REASSIGN OWNED BY {_quoted(login)} TO {_quoted(owner)}")

    async def _ensure_role(self, connection: Any, name: str, options: str) -> None:
        is_there = await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name)
        await connection.execute(f"{'ALTER' if is_there else 'CREATE'} ROLE {_quoted(name)} {options}")


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """What Postgres keeps of a password, so that the password itself is in no statement and no log.

    Source: https://www.postgresql.org/docs/current/catalog-pg-authid.html
    """
    salt = salt or os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored = base64.b64encode(hashlib.sha256(client_key).digest()).decode()
    server = base64.b64encode(server_key).decode()
    return f"SCRAM-SHA-256${_ITERATIONS}:{base64.b64encode(salt).decode()}${stored}:{server}"


@asynccontextmanager
async def _connected(url: str) -> AsyncGenerator[Any]:
    """A connection until the block ends; UnavailableError or StoreRejectedError for what goes wrong in it."""
    try:
        # The driver ships no types.
        connection = await cast(Any, asyncpg).connect(url, timeout=_TIMEOUT_SECONDS)
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise StoreRejectedError(f"Postgres refuses the login of adminRef: {error}") from error
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise errors.UnavailableError(f"Postgres can't be reached as adminRef says: {error}") from error
    try:
        yield connection
    except (asyncpg.LockNotAvailableError, asyncpg.PostgresConnectionError, OSError, TimeoutError) as error:
        raise errors.UnavailableError(f"Postgres could not do it now: {error}") from error
    except asyncpg.PostgresError as error:
        raise StoreRejectedError(f"Postgres refuses: {error}") from error
    finally:
        await connection.close()


def _base(user: str) -> str:
    for suffix in _SUFFIXES:
        user = user.removesuffix(suffix)
    return user


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _literal(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
