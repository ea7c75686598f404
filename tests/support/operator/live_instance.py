"""An instance on real stores whose pods are real processes, and everything a client of it does meanwhile."""

import hashlib
import secrets
import threading
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import httpx
from typing_extensions import override

from support.chaos.clients import Balancer, Project
from support.kubernetes.api import Api
from support.kubernetes.operator import Instance, Operator
from support.servers import clickhouse as clickhouse_servers
from support.servers import postgres as postgres_servers
from support.servers.redis import RedisOptions, RedisServer
from support.servers.stores import StoreServers

PROJECT = "default"
USER = "logger"
ADMIN_EMAIL = "admin@localhost"
_STORES = "stores"
_ADMINS = "admins"
_PAUSE_SECONDS = 0.25


def values_of(api: Api, namespace: str, secret: str) -> dict[str, str]:
    """A Secret's values by key; empty without it."""
    found = api.find("v1", "Secret", secret, namespace) or {}
    return {key: b64decode(value).decode() for key, value in found.get("data", {}).items()}


@dataclass(frozen=True, slots=True)
class Logins:
    """The stores' addresses, the Logger's first login at each, and the administrators'."""

    settings: Mapping[str, str]
    admins: Mapping[str, str]
    redis: RedisServer

    def make_secrets(self, api: Api, namespace: str) -> None:
        """Put them where `specification` says."""
        for name, values in ((_STORES, self.settings), (_ADMINS, self.admins)):
            metadata = {"name": name, "namespace": namespace}
            api.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(values)})


def specification() -> dict[str, Any]:
    """One web and one worker on these stores, replaced as quickly as a test's Service notices."""
    hook = {"lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}
    quick = {"name": "ELASTICDASH_HTTP_DRAIN_DELAY_SECONDS", "value": "1"}
    template = {"spec": {"containers": [{"name": "web", **hook, "env": [quick]}]}}
    return {
        "storesFrom": {"secretRef": {"name": _STORES}},
        "stores": {
            store: {"adminRef": {"name": _ADMINS, "key": store}} for store in ("postgres", "clickhouse", "redis")
        },
        "web": {"replicas": 1, "autoscaling": {"mode": "None"}, "podTemplate": template},
        "worker": {"replicas": 1, "autoscaling": {"mode": "None"}},
        "secrets": {"rotation": {"overlap": "1s"}},
    }


@contextmanager
def logins(stores: StoreServers, folder: Path) -> Generator[Logins]:
    """A login of the Logger's own at each store, without anything in them; a Redis of its own, that keeps users."""
    mark = secrets.token_hex(4)
    user, database_name, password, admin = f"{USER}_{mark}", f"rotated_{mark}", f"first-{mark}", f"admin-{mark}"
    database = stores.postgres.databases.create()
    postgres_servers.run(
        database,
        f"CREATE ROLE {user} LOGIN PASSWORD '{password}'",
        f"ALTER DATABASE {urlsplit(database).path[1:]} OWNER TO {user}",
    )
    digest = hashlib.sha256(password.encode()).hexdigest()
    for statement in (
        f"CREATE DATABASE {database_name}",
        f"CREATE USER IF NOT EXISTS {user} IDENTIFIED WITH sha256_hash BY '{digest}'",
        f"GRANT ALL ON *.* TO {user}",
    ):
        clickhouse_servers.execute(stores.clickhouse.url, statement)
    users = [f"user default on >{admin} ~* &* +@all", f"user {USER} on >{password} ~* &* +@all"]
    redis = RedisServer(folder / "redis", RedisOptions(password=admin, users=users))
    redis.start()
    settings = {
        "DATABASE_URL": with_login(database, user, password),
        "CLICKHOUSE_URL": f"http://127.0.0.1:{stores.clickhouse.port}",
        "CLICKHOUSE_USER": user,
        "CLICKHOUSE_PASSWORD": password,
        "CLICKHOUSE_DB": database_name,
        "REDIS_CONNECTION_STRING": f"redis://{USER}:{password}@127.0.0.1:{redis.port}/0",
        **stores.s3.settings(),
        "ELASTICDASH_S3_EVENT_UPLOAD_PREFIX": f"{database_name}/",
    }
    admins = {
        "postgres": stores.postgres.databases.admin_url,
        "clickhouse": stores.clickhouse.url,
        "redis": redis.url,
    }
    try:
        yield Logins(settings, admins, redis)
    finally:
        redis.kill()
        clickhouse_servers.execute(stores.clickhouse.url, f"DROP DATABASE {database_name}")
        stores.postgres.databases.drop(database)


def with_login(url: str, user: str, password: str) -> str:
    """The URL for somebody else."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{parts.hostname}:{parts.port}"))


@dataclass
class FollowingBalancer(Balancer):
    """An application that reads its keys again when their Secret changes."""

    keys: Project = field(default=Project(PROJECT, "", ""))

    @override
    def post(self, path: str, project: Project, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        return super().post(path, self.keys, body, headers)

    @override
    def get(self, path: str, project: Project, params: Mapping[str, str | int] | None = None) -> httpx.Response:
        return super().get(path, self.keys, params)

    def follow(self, api: Api, namespace: str) -> Project:
        """The keys that are in the Secret now, used from here on."""
        found = values_of(api, namespace, "obs-keys")
        if found.get("secretKey"):
            self.keys = Project(PROJECT, found["publicKey"], found["secretKey"])
        return self.keys


class Visitors(threading.Thread):
    """Lists traces with the API key and looks at a page with a session, all the time; counts every answer.

    `answers` are by what was asked for, and status or the name of an error.
    """

    def __init__(self, balancer: FollowingBalancer, instance: Instance) -> None:
        super().__init__(name="visitors", daemon=True)
        self.answers: Counter[str] = Counter()
        self._balancer, self._instance = balancer, instance
        self._stop_asked = threading.Event()
        self._browser = httpx.Client(base_url=balancer.urls[0], timeout=15.0)

    def sign_in(self, password: str) -> None:
        """Begin the session."""
        origin = {"origin": str(self._browser.base_url).rstrip("/")}
        body = {"email": ADMIN_EMAIL, "password": password}
        self._browser.post("/api/ui/session", json=body, headers=origin).raise_for_status()

    def run(self) -> None:
        while not self._stop_asked.wait(_PAUSE_SECONDS):
            self._balancer.follow(self._instance.api, self._instance.namespace)
            self._count("list", lambda: self._balancer.get("/api/public/traces", self._balancer.keys, {"limit": 5}))
            self._count("page", self._look)

    def stop(self) -> None:
        """Returns after the last answer."""
        self._stop_asked.set()
        self.join(30)
        self._browser.close()

    def _look(self) -> httpx.Response:
        answer = self._browser.get("/api/ui/session")
        # Somebody who isn't signed in is told so with 200.
        return answer if answer.json().get("signedIn") else httpx.Response(401)

    def _count(self, route: str, ask: Callable[[], httpx.Response]) -> None:
        try:
            self.answers[f"{route} {ask().status_code}"] += 1
        except httpx.TransportError as error:
            self.answers[f"{route} {type(error).__name__}"] += 1


class Killer(threading.Thread):
    """Kills the operator each time its record of a rotation has changed, and starts it again."""

    def __init__(self, instance: Instance, operator: Operator) -> None:
        super().__init__(name="killer", daemon=True)
        self._instance, self._operator = instance, operator
        self._stop_asked = threading.Event()
        self.kills = 0

    def run(self) -> None:
        seen = self._version()
        while not self._stop_asked.wait(_PAUSE_SECONDS):
            present = self._version()
            if present != seen:
                seen = present
                self._operator.process.kill()
                self.kills += 1
                self._operator.process.start()

    def stop(self) -> None:
        """Returns once the operator runs again."""
        self._stop_asked.set()
        self.join(60)

    def _version(self) -> str:
        found = self._instance.api.find("v1", "Secret", "obs-rotation", self._instance.namespace)
        return found["metadata"]["resourceVersion"] if found else ""
