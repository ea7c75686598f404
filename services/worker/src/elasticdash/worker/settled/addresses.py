"""Decides which addresses may be posted to, so that a name can't lead into the network the worker is in."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from elasticdash.shared import errors

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Addresses that carry an IPv4 address, which a gateway may follow: NAT64, 6to4, Teredo.
_CARRIERS: Sequence[Network] = [
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]


async def resolve(host: str, port: int, allowed: Sequence[Network]) -> str:
    """The address to connect to. AccessDeniedError when one of the name is refused, OSError when it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0])) for entry in found]
    refused = [address for address in addresses if not is_allowed(address, allowed)]
    if refused:
        raise errors.AccessDeniedError(f"{str(refused[0])!r} is not public, nor in an allowed network")
    return str(addresses[0])


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether an address is public, or in one of the networks. An IPv4 address in IPv6's clothes counts as itself."""
    actual = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    if any(actual in network for network in allowed):
        return True
    return actual.is_global and not actual.is_multicast and not any(actual in carrier for carrier in _CARRIERS)
