"""Only public addresses may be posted to, and those of allowed networks."""

import ipaddress

import pytest

from elasticdash.shared import errors
from elasticdash.worker.settled import addresses

REFUSED = [
    "127.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "100.100.100.200",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_public_is_refused(text: str):
    assert not addresses.is_allowed(ipaddress.ip_address(text), [])


@pytest.mark.parametrize("text", ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700:4700::1111"])
def test_public_ones_are_allowed(text: str):
    assert addresses.is_allowed(ipaddress.ip_address(text), [])


@pytest.mark.parametrize("text", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_allowed_networks_are_allowed_and_no_others(text: str):
    allowed = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]

    assert addresses.is_allowed(ipaddress.ip_address(text), allowed)
    assert not addresses.is_allowed(ipaddress.ip_address("192.168.1.1"), allowed)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "::1"])
async def test_every_way_to_write_this_machine_is_refused(host: str):
    with pytest.raises((errors.AccessDeniedError, OSError)):
        await addresses.resolve(host, 80, [])


async def test_a_name_leads_to_its_address():
    allowed = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")]

    assert await addresses.resolve("localhost", 80, allowed) in ("127.0.0.1", "::1")
