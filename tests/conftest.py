"""Fixtures of every test."""

from support.clickhouse import clickhouse, scope
from support.servers.postgres import postgres, postgres_url

__all__ = ["clickhouse", "postgres", "postgres_url", "scope"]

from hypothesis import settings

# The same examples at every run: a run that fails can be repeated, and one that passes too.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
