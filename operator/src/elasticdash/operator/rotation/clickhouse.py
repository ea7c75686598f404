"""Two authentication methods of one ClickHouse user, for the time of a change; needs ClickHouse 24.9."""

import hashlib
import re
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx
from typing_extensions import override

from elasticdash.operator.rotation.credentials import Credentials
from elasticdash.operator.rotation.stores import StoreLogins, StoreRejectedError
from elasticdash.shared import errors

_TIMEOUT_SECONDS = 10.0
# Codes of what passes by itself: too many queries, a timeout, a replica that is away, a lost connection.
_COMES_BACK = re.compile(r"Code: (159|160|202|209|210|242|279|319|425|999)\b")


class ClickHouseLogins(StoreLogins):
    """The user at one server, or at every server of a cluster. `admin_url` holds a user that may alter users."""

    def __init__(self, admin_url: str, cluster: str | None, transport: httpx.AsyncBaseTransport | None = None) -> None:
        parts = urlsplit(admin_url)
        self._url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        self._auth = (unquote(parts.username or "default"), unquote(parts.password or ""))
        self._on_cluster = f" ON CLUSTER {_quoted(cluster)}" if cluster else ""
        self._transport = transport

    @override
    def following(self, present: Credentials, password: str) -> Credentials:
        """The same user with another password."""
        return Credentials(present.user, password)

    @override
    async def prepare(self, following: Credentials, previous: Credentials) -> None:
        """Add the new password as the newest method."""
        await self._run(self.add_statement(following))

    @override
    async def count_users(self, previous: Credentials) -> int:
        """Every request over HTTP shows its password anew: the pods are the proof."""
        return 0

    @override
    async def revoke(self, following: Credentials, previous: Credentials) -> None:
        """Keep the new password alone. It is added once more first: only the newest method is kept."""
        await self._run(self.add_statement(following))
        await self._run(self.reset_statement(following))

    def add_statement(self, login: Credentials) -> str:
        """Adds a password by its hash, so that the password itself is in no log."""
        digest = hashlib.sha256(login.password.encode()).hexdigest()
        return f"ALTER USER {_quoted(login.user)}{self._on_cluster} ADD IDENTIFIED WITH sha256_hash BY '{digest}'"

    def reset_statement(self, login: Credentials) -> str:
        """Takes every method away but the newest."""
        return f"ALTER USER {_quoted(login.user)}{self._on_cluster} RESET AUTHENTICATION METHODS TO NEW"

    async def _run(self, statement: str) -> None:
        client = httpx.AsyncClient(auth=self._auth, timeout=_TIMEOUT_SECONDS, transport=self._transport)
        async with client:
            try:
                response = await client.post(self._url, content=statement)
            except httpx.HTTPError as error:
                raise errors.UnavailableError("ClickHouse can't be reached as adminRef says") from error
        if response.is_success:
            return
        said = response.text.strip()[:300]
        if response.status_code in (502, 503, 504) or _COMES_BACK.search(said):
            raise errors.UnavailableError(f"ClickHouse could not do it now: {said}")
        raise StoreRejectedError(f"ClickHouse refuses: {said}")


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"
