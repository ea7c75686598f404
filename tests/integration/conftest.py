"""Fixtures of the tests that talk to a running Logger."""

import secrets
from collections.abc import Generator

import pytest

from support.golden import Golden
from support.server import RunningServer, server
from support.servers.stores import stores

__all__ = ["golden", "server", "stores"]


@pytest.fixture
def golden(server: RunningServer) -> Generator[Golden]:
    """A client whose ids no other case uses."""
    with server.client() as client:
        yield Golden(client, f"g{secrets.token_hex(4)}")
