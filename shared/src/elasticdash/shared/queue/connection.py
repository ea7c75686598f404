"""Clients of Redis or Valkey: one server, a primary behind sentinels, or a cluster; every socket has a time-out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from elasticdash.shared import errors

Client: TypeAlias = "Redis | RedisCluster"

# What a call to a server that is away, restarting or full raises; uvloop's word for a connection that closed between
# two commands is a RuntimeError.
UNREACHABLE = (RedisError, OSError, RuntimeError)
# What a server that answers raises, for example because its memory is full.
REFUSED = (ResponseError,)

OLDEST_MAJOR_VERSION = 7
_CLIENT_NAME = "elasticdash"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to a server; without a password nobody in particular."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Tls:
    """How connections are encrypted. Files are paths of PEM files; without an authority the system's are trusted."""

    authority_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    key_password: str | None = field(default=None, repr=False)
    verify: bool = True
    check_hostname: bool = True


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Sentinels that know which server is the primary now."""

    addresses: Sequence[Address]
    primary_name: str
    login: Login = Login()


@dataclass(frozen=True, slots=True)
class RedisConfig:
    """Where the queue is: a URL, an address, sentinels, or nodes of a cluster; exactly one of them."""

    url: str | None = field(default=None, repr=False)
    address: Address | None = None
    sentinels: Sentinels | None = None
    cluster_nodes: Sequence[Address] = ()
    login: Login = Login()
    database: int = 0
    tls: Tls | None = None


def connect(config: RedisConfig, timeout_seconds: float) -> Client:
    """A client that waits so long for a connection and for each answer, and tries nothing twice by itself."""
    options: dict[str, Any] = {**_socket_options(timeout_seconds), **_tls_options(config.tls)}
    if config.url is not None:
        return Redis.from_url(config.url, **options)  # pyright: ignore[reportUnknownMemberType] untyped options
    options |= _login_options(config.login) | {"ssl": config.tls is not None}
    if config.cluster_nodes:
        nodes = [ClusterNode(node.host, node.port) for node in config.cluster_nodes]
        # Once more, as a cluster names another node by an error.
        options["retry"] = Retry(NoBackoff(), 1)
        return RedisCluster(startup_nodes=nodes, **options)
    if config.sentinels is not None:
        return _primary(config.sentinels, options | {"db": config.database})
    if config.address is None:
        raise errors.ConfigurationError("No Redis is given: set REDIS_HOST, or REDIS_CONNECTION_STRING")
    return Redis(host=config.address.host, port=config.address.port, db=config.database, **options)


async def check_server(redis: Client) -> None:
    """ConfigurationError when the server is too old, or set up to throw streams away when its memory is full."""
    try:
        info = await server_info(redis)
    except NoPermissionError:
        return
    version = str(info.get("redis_version", ""))
    if int(version.partition(".")[0] or 0) < OLDEST_MAJOR_VERSION:
        raise errors.ConfigurationError(f"Redis {version} is too old: 7 or newer is needed, or Valkey")
    check_eviction(info)


def check_eviction(info: Mapping[str, Any]) -> None:
    """ConfigurationError when a server with these facts would throw streams away."""
    policy = str(info.get("maxmemory_policy", ""))
    if policy.startswith("allkeys"):
        raise errors.ConfigurationError(
            f"Redis would throw away queued work when its memory is full: its maxmemory-policy is {policy!r},"
            " set it to noeviction (redis.conf, or CONFIG SET maxmemory-policy noeviction)"
        )


async def server_info(redis: Client) -> Mapping[str, Any]:
    """Facts of the server; of a cluster those of one node, as they share their configuration."""
    return await redis.info(**await _one_node(redis))  # pyright: ignore[reportUnknownMemberType] untyped options


async def server_time(redis: Client) -> float:
    """The clock of the server, of a cluster that of one node, in POSIX seconds."""
    seconds, microseconds = await redis.time(**await _one_node(redis))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] untyped
    return float(seconds) + float(microseconds) / 1e6


async def _one_node(redis: Client) -> dict[str, Any]:
    if not isinstance(redis, RedisCluster):
        return {}
    await redis.initialize()
    return {"target_nodes": redis.get_default_node()}


def _primary(sentinels: Sentinels, options: Mapping[str, Any]) -> Redis:
    login = _login_options(sentinels.login)
    transport = {name: value for name, value in options.items() if name not in ("username", "password", "db")}
    addresses = [(address.host, address.port) for address in sentinels.addresses]
    watching = Sentinel(addresses, sentinel_kwargs={**transport, **login}, **options)
    return watching.master_for(sentinels.primary_name)  # pyright: ignore[reportUnknownMemberType] untyped options


def _socket_options(timeout_seconds: float) -> dict[str, Any]:
    return {
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "client_name": _CLIENT_NAME,
    }


def _login_options(login: Login) -> dict[str, Any]:
    return {"username": login.username, "password": login.password}


def _tls_options(tls: Tls | None) -> dict[str, Any]:
    if tls is None:
        return {}
    return {
        "ssl_ca_certs": tls.authority_file,
        "ssl_certfile": tls.certificate_file,
        "ssl_keyfile": tls.key_file,
        "ssl_password": tls.key_password,
        "ssl_cert_reqs": "required" if tls.verify else "none",
        "ssl_check_hostname": tls.verify and tls.check_hostname,
    }
