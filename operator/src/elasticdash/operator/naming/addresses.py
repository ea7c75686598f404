"""Hosts and ports in the forms that settings hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {
    "http": 8123,
    "https": 8443,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
}


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """One TCP endpoint. An empty host is any."""

    host: str
    port: int


def in_url(url: str, default_port: int | None = None) -> Sequence[Address]:
    """The endpoints of a URL, which may name several hosts; empty when it can't be understood."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ()
    port = default_port or _PORTS.get(parts.scheme.partition("+")[0])
    hosts = parts.netloc.rpartition("@")[2]
    if not hosts or port is None:
        return ()
    return in_list(hosts, port)


def in_list(text: str, default_port: int) -> Sequence[Address]:
    """The endpoints of `host:port,host`."""
    return tuple(_address(part.strip(), default_port) for part in text.split(",") if part.strip())


def _address(text: str, default_port: int) -> Address:
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return Address(host, port_from(rest.removeprefix(":"), default_port))
    host, _, port = text.partition(":")
    return Address(host, port_from(port, default_port))


def port_from(text: str, default_port: int) -> int:
    """The port that a text holds, the default where it holds none."""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 65536 else default_port
