"""Fixtures of the contract tests."""

from support.server import server

__all__ = ["server"]
