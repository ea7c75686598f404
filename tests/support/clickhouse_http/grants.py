"""Users, roles, profiles and grants made by statements: kept beside the engine's data, checked against syntax trees.

Understands what `shared.clickhouse.backend_access` and a rotation of passwords say, in the form the engine's
`formatQuery` gives it, and no more.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from support.clickhouse_http.faults import ServerError

_STATEMENT = re.compile(
    rb"\s*(?:(?:CREATE|ALTER|DROP)\s+(?:USER|ROLE|SETTINGS\s+PROFILE)|GRANT|REVOKE)\b", re.IGNORECASE
)
_NAME = r"`?([\w-]+)`?"
_SETTING = re.compile(r"(\w+) = '?([\w.-]*)'?(?: MAX '?([\w.-]+)'?)?")
_TABLE = re.compile(r"^ *TableIdentifier (\S+)", re.MULTILINE)
_TABLE_FUNCTION = re.compile(r"^ *TableExpression[^\n]*\n *Function (\w+)", re.MULTILINE)
_ALTER = re.compile(r"AlterQuery (\S*) (\S+)")
_COMMAND = re.compile(r"^ *AlterCommand (\w+)", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^ *Assignment (\w+)", re.MULTILINE)
# What every user of a server may see; it shows them only their own tables there.
_OPEN_TABLES = {
    "system.one",
    "system.columns",
    "system.tables",
    "system.databases",
    "system.settings",
    "system.numbers",
}
_READING = {"SelectWithUnionQuery", "DescribeQuery", "ShowTables", "ExistsTableQuery"}


@dataclass
class State:
    """All that statements said, as it is written to disk."""

    # User → SHA-256 of each password, the newest last.
    password_hashes: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    # Who may do everything.
    unbounded: list[str] = field(default_factory=list[str])
    profile_of: dict[str, str] = field(default_factory=dict[str, str])
    roles_of: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    # Profile → setting → (value, most or empty).
    profiles: dict[str, dict[str, list[str]]] = field(default_factory=dict[str, dict[str, list[str]]])
    # Role → "PRIVILEGE database.table" or "PRIVILEGE(column) database.table".
    grants: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def is_access_statement(statement: bytes) -> bool:
    """Whether the engine can't run it because it is about users."""
    return _STATEMENT.match(statement) is not None


class Grants:
    """What statements made of users; survives a kill between any two statements."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._state = State(**json.loads(file.read_text())) if file.exists() else State()

    def run(self, statement: str) -> None:
        """Carry out a statement in `formatQuery`'s form; ServerError when it isn't understood."""
        for pattern, carry_out in _STATEMENTS.items():
            if found := re.fullmatch(pattern, statement.strip(), re.DOTALL):
                carry_out(self._state, *found.groups())
                self._save()
                return
        raise ServerError(48, "NOT_IMPLEMENTED", f"This test server does not emulate {statement!r}")

    def password_hashes(self, user: str) -> Sequence[str]:
        """SHA-256 of each of the user's passwords; empty for nobody."""
        return self._state.password_hashes.get(user, [])

    def is_unbounded(self, user: str) -> bool:
        """Whether the user may do everything."""
        return user in self._state.unbounded

    def settings(self, user: str) -> Mapping[str, str]:
        """The settings of the user's profile."""
        return {name: value for name, (value, _) in self._profile(user).items()}

    def check_settings(self, user: str, asked: Iterable[tuple[str, str]]) -> None:
        """ServerError when a setting goes past what the profile allows."""
        profile = self._profile(user)
        for name, value in asked:
            most = profile.get(name, ["", ""])[1]
            if most and int(value) > int(most):
                said = f"Setting {name} shouldn't be greater than {most}"
                raise ServerError(452, "SETTING_CONSTRAINT_VIOLATION", said)

    def check(self, user: str, tree: str, database: str) -> None:
        """ServerError unless the user may do everything that the syntax tree says."""
        kind = tree.split(maxsplit=1)[0]
        if function := _TABLE_FUNCTION.search(tree):
            raise _denied(user, f"READ ON {function.group(1).upper()}")
        for table in _TABLE.findall(tree):
            self._require(user, "SELECT", _qualified(table, database))
        if kind == "AlterQuery":
            self._check_alter(user, tree, database)
        elif kind not in _READING:
            raise _denied(user, kind)

    def _check_alter(self, user: str, tree: str, database: str) -> None:
        altered = _ALTER.match(tree)
        if altered is None or set(_COMMAND.findall(tree)) != {"UPDATE"}:
            raise _denied(user, "ALTER")
        table = f"{altered.group(1) or database}.{altered.group(2)}"
        for column in _ASSIGNMENT.findall(tree):
            self._require(user, f"ALTER UPDATE({column})", table)

    def _require(self, user: str, privilege: str, table: str) -> None:
        if table in _OPEN_TABLES and privilege == "SELECT":
            return
        held = [grant for role in self._state.roles_of.get(user, []) for grant in self._state.grants.get(role, [])]
        if f"{privilege} {table}" not in held:
            raise _denied(user, f"{privilege} ON {table}")

    def _profile(self, user: str) -> dict[str, list[str]]:
        return self._state.profiles.get(self._state.profile_of.get(user, ""), {})

    def _save(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(asdict(self._state)))
        os.replace(new, self._file)


def _create_profile(state: State, profile: str) -> None:
    state.profiles.setdefault(profile, {})


def _alter_profile(state: State, profile: str, settings: str) -> None:
    state.profiles[profile] = {name: [value, most] for name, value, most in _SETTING.findall(settings)}


def _create_role(state: State, role: str) -> None:
    state.grants.setdefault(role, [])


def _grant(state: State, privileges: str, table: str, role: str) -> None:
    for privilege, columns in re.findall(r"([A-Z ]+?)(?:\(([^)]*)\))?(?:, |$)", privileges):
        said = [f"{privilege}({column})" for column in columns.split(", ")] if columns else [privilege]
        held = state.grants[role]
        held.extend(f"{one} {table}" for one in said if f"{one} {table}" not in held)


def _grant_role(state: State, role: str, user: str) -> None:
    state.roles_of[user] = sorted({*state.roles_of.get(user, []), role})


def _grant_all(state: State, user: str) -> None:
    state.unbounded = sorted({*state.unbounded, user})


def _create_user(state: State, user: str, password_hash: str) -> None:
    state.password_hashes.setdefault(user, [password_hash])


def _alter_user(state: State, user: str, password_hash: str, profile: str) -> None:
    state.password_hashes[user] = [password_hash]
    state.profile_of[user] = profile


def _add_password(state: State, user: str, password_hash: str) -> None:
    _passwords(state, user).append(password_hash)


def _keep_newest_password(state: State, user: str) -> None:
    del _passwords(state, user)[:-1]


def _passwords(state: State, user: str) -> list[str]:
    if user not in state.password_hashes:
        raise ServerError(192, "UNKNOWN_USER", f"There is no user `{user}` in user directories")
    return state.password_hashes[user]


def _default_role(state: State, user: str, role: str) -> None:
    if role not in state.roles_of.get(user, []):
        raise ServerError(512, "SET_NON_GRANTED_ROLE", f"Role {role} should be granted to set default")


_HASH = r"IDENTIFIED WITH sha256_hash BY '([0-9a-f]{64})'"
_STATEMENTS: Mapping[str, Callable[..., None]] = {
    rf"CREATE SETTINGS PROFILE IF NOT EXISTS {_NAME}": _create_profile,
    rf"ALTER SETTINGS PROFILE {_NAME} DROP ALL SETTINGS, DROP ALL PROFILES, ADD SETTINGS? (.+)": _alter_profile,
    rf"CREATE ROLE IF NOT EXISTS {_NAME}": _create_role,
    rf"GRANT ALL ON \*\.\* TO {_NAME}": _grant_all,
    rf"GRANT ([A-Z].+) ON (\S+) TO {_NAME}": _grant,
    rf"GRANT {_NAME} TO {_NAME}": _grant_role,
    rf"CREATE USER IF NOT EXISTS {_NAME} {_HASH}": _create_user,
    rf"ALTER USER {_NAME} {_HASH} DROP ALL SETTINGS, DROP ALL PROFILES, ADD PROFILE {_NAME}": _alter_user,
    rf"ALTER USER {_NAME} DEFAULT ROLE {_NAME}": _default_role,
    rf"ALTER USER {_NAME} ADD {_HASH}": _add_password,
    rf"ALTER USER {_NAME} RESET AUTHENTICATION METHODS TO NEW": _keep_newest_password,
}


def _qualified(table: str, database: str) -> str:
    return table if "." in table else f"{database}.{table}"


def _denied(user: str, missing: str) -> ServerError:
    said = f"{user}: Not enough privileges. To execute this query, it's necessary to have the grant {missing}"
    return ServerError(497, "ACCESS_DENIED", said)
