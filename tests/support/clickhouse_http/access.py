"""Who may ask, and what: access control, which the engine, knowing one user only, leaves to its server."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from support.clickhouse_http.faults import ServerError
from support.clickhouse_http.request import Credentials, Request

_DEFAULT_USER = "default"


@dataclass(frozen=True, slots=True)
class User:
    """One user; its settings are set before the request's own, and `readonly` is the engine's own setting."""

    name: str
    password: str
    settings: Mapping[str, str] = field(default_factory=dict[str, str])


class Access:
    """The users of this server."""

    def __init__(self, users: Sequence[User]) -> None:
        self._users = {user.name: user for user in users}

    def authenticated(self, credentials: Credentials) -> User:
        """The user; ServerError says the same of unknown users and wrong passwords."""
        name = credentials.user or _DEFAULT_USER
        user = self._users.get(name)
        password = credentials.password or ""
        if user is None or not hmac.compare_digest(user.password.encode(), password.encode()):
            if user is not None and credentials.password is None:
                raise ServerError(194, "REQUIRED_PASSWORD", f"{name}: Authentication failed: password is required")
            raise ServerError(
                516,
                "AUTHENTICATION_FAILED",
                f"{name}: Authentication failed: password is incorrect, or there is no user with such name.",
            )
        return user

    def preparations(self, user: User, request: Request) -> Sequence[Mapping[str, str]]:
        """Settings that bind this request, group by group."""
        readonly = user.settings.get("readonly", "0")
        if readonly == "0" and request.method == "GET":
            readonly = "2"
        settings = {name: value for name, value in user.settings.items() if name != "readonly"}
        return [settings, {"readonly": readonly}] if readonly != "0" else [settings]
