"""Fixtures of every test."""

from support.clickhouse import clickhouse, scope

__all__ = ["clickhouse", "scope"]
