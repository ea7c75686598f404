"""The user and password that an instance's processes reach a store with, in whatever settings they are. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import msgspec

from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import connections
from elasticdash.operator.plan.observed import Observed

Settings = Mapping[str, str]

# By store: settings that are whole URLs, the user's, the password's, and the user where none is named.
_URLS: Mapping[Store, tuple[str, ...]] = {
    Store.POSTGRES: ("DATABASE_URL", "DIRECT_URL"),
    Store.CLICKHOUSE: (),
    Store.REDIS: ("REDIS_CONNECTION_STRING",),
}
_USER = {
    Store.POSTGRES: "DATABASE_USERNAME",
    Store.CLICKHOUSE: "CLICKHOUSE_USER",
    Store.REDIS: "REDIS_USERNAME",
}
_PASSWORD = {
    Store.POSTGRES: "DATABASE_PASSWORD",
    Store.CLICKHOUSE: "CLICKHOUSE_PASSWORD",
    Store.REDIS: "REDIS_AUTH",
}
_DEFAULT_USER = {Store.POSTGRES: "", Store.CLICKHOUSE: "default", Store.REDIS: "default"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login at a store."""

    user: str
    password: str = field(repr=False)

    def text(self) -> str:
        """As a rotation keeps it."""
        return msgspec.json.encode([self.user, self.password]).decode()


def from_text(text: str) -> Credentials:
    """What `text` made."""
    user, password = msgspec.json.decode(text, type=tuple[str, str])
    return Credentials(user, password)


def settings_of(observed: Observed, store: Store) -> Settings:
    """A store's settings with the values they have now."""
    found = {
        name: connections.value_of(observed, source)
        for name, source in connections.of_store(observed, store).settings.items()
    }
    return {name: value for name, value in found.items() if value is not None}


def present(settings: Settings, store: Store) -> Credentials:
    """The login in a store's settings; an empty password where none is needed."""
    for name in _URLS[store]:
        if settings.get(name):
            parts = urlsplit(settings[name])
            return Credentials(unquote(parts.username or "") or _DEFAULT_USER[store], unquote(parts.password or ""))
    return Credentials(settings.get(_USER[store]) or _DEFAULT_USER[store], settings.get(_PASSWORD[store], ""))


def replaced(settings: Settings, store: Store, login: Credentials) -> Settings:
    """The settings with another login; everything else as it is."""
    urls = {name: _with_login(settings[name], login) for name in _URLS[store] if settings.get(name)}
    if urls:
        return {**settings, **urls}
    return {**settings, _USER[store]: login.user, _PASSWORD[store]: login.password}


def _with_login(url: str, login: Credentials) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    # A Redis URL names the default user by not naming one, which older servers need.
    user = "" if parts.scheme.startswith("redis") and login.user == "default" else quote(login.user, safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(login.password, safe='')}@{place}"))
