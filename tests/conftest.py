"""Fixtures of every test."""

from support.clickhouse import (
    clickhouse,
    clickhouse_url,
    embedded_clickhouse,
    http_clickhouse,
    pytest_generate_tests,
    scope,
)

__all__ = ["clickhouse", "clickhouse_url", "embedded_clickhouse", "http_clickhouse", "pytest_generate_tests", "scope"]

from hypothesis import settings

# The same examples at every run: a run that fails can be repeated, and one that passes too.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
