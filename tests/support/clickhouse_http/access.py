"""Who may ask, and what: access control, which the engine, knowing one user only, leaves to its server.

Two kinds of users: those named at the start, who may do everything or, with `readonly`, read everything; and those
made by statements, whose rights are their grants and who may have several passwords.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.clickhouse_http import grants
from support.clickhouse_http.engine import Engine
from support.clickhouse_http.faults import ServerError
from support.clickhouse_http.grants import Grants
from support.clickhouse_http.request import Credentials, Request

_DEFAULT_USER = "default"
_SETTING_IN_TEXT = re.compile(r"\b(max_\w+)\s*=\s*'?(\d+)")


@dataclass(frozen=True, slots=True)
class User:
    """One user; its settings are set before the request's own, and `readonly` is the engine's own setting."""

    name: str
    password: str = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict[str, str])


class Access:
    """The users of this server."""

    def __init__(self, users: Sequence[User], file: Path) -> None:
        self._users = {user.name: user for user in users}
        self._grants = Grants(file)

    def authenticated(self, credentials: Credentials) -> str:
        """The user's name; ServerError says the same of unknown users and wrong passwords."""
        name = credentials.user or _DEFAULT_USER
        user = self._users.get(name)
        wanted = [_sha256(user.password)] if user else self._grants.password_hashes(name)
        given = _sha256(credentials.password or "")
        if not any(hmac.compare_digest(each, given) for each in wanted):
            if wanted and credentials.password is None:
                raise ServerError(194, "REQUIRED_PASSWORD", f"{name}: Authentication failed: password is required")
            raise ServerError(
                516,
                "AUTHENTICATION_FAILED",
                f"{name}: Authentication failed: password is incorrect, or there is no user with such name.",
            )
        return name

    def preparations(self, name: str, request: Request) -> Sequence[Mapping[str, str]]:
        """Settings that bind this request, group by group."""
        user = self._users.get(name)
        settings = dict(user.settings if user else self._grants.settings(name))
        readonly = settings.pop("readonly", "0")
        if readonly == "0" and request.method == "GET":
            readonly = "2"
        return [settings, {"readonly": readonly}] if readonly != "0" else [settings]

    def check(self, name: str, request: Request, engine: Engine) -> None:
        """ServerError unless the user has been granted all that the statement does."""
        if name in self._users or self._grants.is_unbounded(name):
            return
        statement = request.statement.decode(errors="replace")
        self._grants.check_settings(name, [*request.settings.items(), *_SETTING_IN_TEXT.findall(statement)])
        database = request.database or "default"
        self._grants.check(name, engine.explained(database, statement, request.parameters), database)

    def run(self, name: str, request: Request, engine: Engine) -> None:
        """Carry out a statement about users."""
        user = self._users.get(name)
        if user is None or "readonly" in user.settings:
            raise ServerError(497, "ACCESS_DENIED", f"{name}: Not enough privileges. Access management is needed")
        self._grants.run(engine.formatted(request.statement.decode()))

    @staticmethod
    def is_concerned(request: Request) -> bool:
        """Whether the statement is one for `run`."""
        return grants.is_access_statement(request.statement)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
