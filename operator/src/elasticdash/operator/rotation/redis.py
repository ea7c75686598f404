"""Two passwords of one Redis user, for the time of a change."""

import contextlib
from typing import Any

import redis.asyncio
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError
from typing_extensions import override

from elasticdash.operator.rotation.credentials import Credentials
from elasticdash.operator.rotation.stores import StoreLogins, StoreRejectedError
from elasticdash.shared import errors

_TIMEOUT_SECONDS = 5.0


class RedisLogins(StoreLogins):
    """The user at one server. `admin_url` is of a user that may change users."""

    def __init__(self, admin_url: str) -> None:
        self._url = admin_url

    @override
    def following(self, present: Credentials, password: str) -> Credentials:
        """The same user with another password."""
        return Credentials(present.user, password)

    @override
    async def prepare(self, following: Credentials, previous: Credentials) -> None:
        """Add the new password, and keep it over a restart of the server."""
        if not previous.password:
            raise StoreRejectedError(f"Redis asks user {previous.user!r} for no password: there is nothing to rotate")
        await self._change(following.user, f">{following.password}")

    @override
    async def count_users(self, previous: Credentials) -> int:
        """Redis can't tell by which password somebody came: the pods are the proof."""
        return 0

    @override
    async def revoke(self, following: Credentials, previous: Credentials) -> None:
        """Take the old password away, and keep that over a restart of the server."""
        if following == previous:
            raise StoreRejectedError("The old password is the new one: it stays")
        await self._change(previous.user, f"<{previous.password}")

    async def _change(self, user: str, rule: str) -> None:
        client: Any = redis.asyncio.Redis.from_url(self._url, socket_timeout=_TIMEOUT_SECONDS)  # pyright: ignore[reportUnknownMemberType]
        try:
            await _set(client, user, rule)
            await _persist(client)
        except (AuthenticationError, NoPermissionError) as error:
            raise StoreRejectedError(f"Redis refuses the administrator: {error}") from error
        except ResponseError as error:
            # What it says repeats the rule, and that holds the password.
            said = str(error).replace(rule, rule[0] + "***")
            raise StoreRejectedError(f"Redis refuses: {said}") from None
        except (RedisError, OSError, TimeoutError) as error:
            raise errors.UnavailableError(f"Redis can't be reached as administrator: {error}") from error
        finally:
            await client.aclose()


async def _set(client: Any, user: str, rule: str) -> None:
    try:
        await client.execute_command("ACL", "SETUSER", user, rule)
    except ResponseError as error:
        # A password that is gone can't be taken away: that is what was wanted.
        if not (rule.startswith("<") and "does not exist" in str(error)):
            raise


async def _persist(client: Any) -> None:
    """Without this a restart of the server would bring the old password back, and nothing else."""
    with contextlib.suppress(ResponseError):
        await client.execute_command("ACL", "SAVE")
        return
    await client.execute_command("CONFIG", "REWRITE")
