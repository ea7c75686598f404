"""Fixtures of every test."""

from support.backend import backend_url
from support.clickhouse import (
    clickhouse,
    clickhouse_url,
    embedded_clickhouse,
    http_clickhouse,
    pytest_addoption,
    pytest_generate_tests,
    scope,
)
from support.metadata import postgres_or_none
from support.servers.postgres import postgres, postgres_url

__all__ = [
    "backend_url",
    "clickhouse",
    "clickhouse_url",
    "embedded_clickhouse",
    "http_clickhouse",
    "postgres",
    "postgres_or_none",
    "postgres_url",
    "pytest_addoption",
    "pytest_generate_tests",
    "scope",
]

from hypothesis import settings

# The same examples at every run: a run that fails can be repeated, and one that passes too.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
