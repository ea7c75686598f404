"""The stores of a Langfuse v3 installation, as far as an import reads them: tables and a little data.

Columns and their types are those that research describes; everything else an installation has is left out.
"""

import hashlib
import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import bcrypt
import msgspec

from support.servers import clickhouse, postgres

SALT = "salt-of-the-old-installation"
PUBLIC_KEY = "pk-lf-old"
SECRET_KEY = "sk-lf-old-secret"
# Langfuse has only a slow hash of a key that was not used since it has fast ones.
UNUSED_PUBLIC_KEY = "pk-lf-unused"
PROJECT_ID = "old-project"
ORGANIZATION_ID = "old-organization"
DELETED_PROJECT_ID = "old-project-that-was-deleted"

_TIMES = "created_at timestamp(3) NOT NULL DEFAULT now(), updated_at timestamp(3) NOT NULL DEFAULT now()"
_POSTGRES = f"""
CREATE TABLE organizations (id text PRIMARY KEY, name text NOT NULL, metadata jsonb, {_TIMES});
CREATE TABLE projects (id text PRIMARY KEY, org_id text NOT NULL, name text NOT NULL, retention_days int,
    metadata jsonb, deleted_at timestamp(3), {_TIMES});
CREATE TABLE users (id text PRIMARY KEY, name text, email text UNIQUE, password text, {_TIMES});
CREATE TABLE organization_memberships (id text PRIMARY KEY, org_id text NOT NULL, user_id text NOT NULL,
    role text NOT NULL, {_TIMES});
CREATE TABLE api_keys (id text PRIMARY KEY, created_at timestamp(3) NOT NULL DEFAULT now(), note text,
    public_key text UNIQUE NOT NULL, hashed_secret_key text UNIQUE NOT NULL, display_secret_key text NOT NULL,
    last_used_at timestamp(3), expires_at timestamp(3), project_id text, organization_id text,
    fast_hashed_secret_key text UNIQUE, scope text NOT NULL DEFAULT 'PROJECT');
CREATE TABLE score_configs (id text PRIMARY KEY, project_id text NOT NULL, name text NOT NULL, data_type text NOT NULL,
    is_archived boolean NOT NULL DEFAULT false, min_value double precision, max_value double precision,
    categories jsonb, description text, {_TIMES});
CREATE TABLE models (id text PRIMARY KEY, project_id text, model_name text NOT NULL, match_pattern text NOT NULL,
    start_date timestamp(3), unit text, tokenizer_id text, tokenizer_config jsonb, {_TIMES});
CREATE TABLE prices (id text PRIMARY KEY, model_id text NOT NULL, usage_type text NOT NULL,
    price numeric(65, 30) NOT NULL, {_TIMES});
CREATE TABLE prompts (id text PRIMARY KEY, project_id text NOT NULL, created_by text NOT NULL, prompt jsonb NOT NULL,
    name text NOT NULL, version int NOT NULL, type text NOT NULL DEFAULT 'text', is_active boolean,
    config jsonb NOT NULL DEFAULT '{{}}', tags text[] NOT NULL DEFAULT '{{}}', labels text[] NOT NULL DEFAULT '{{}}',
    commit_message text, {_TIMES});
CREATE TABLE trace_sessions (id text NOT NULL, project_id text NOT NULL, bookmarked boolean NOT NULL DEFAULT false,
    public boolean NOT NULL DEFAULT false, environment text NOT NULL DEFAULT 'default', {_TIMES},
    PRIMARY KEY (id, project_id));
"""
_STAMPS = """created_at DateTime64(3) DEFAULT now(), updated_at DateTime64(3) DEFAULT now(), event_ts DateTime64(3),
    is_deleted UInt8"""
_ENGINE = "ENGINE = ReplacingMergeTree(event_ts, is_deleted)"
_CLICKHOUSE: Sequence[str] = (
    f"""CREATE TABLE traces (id String, timestamp DateTime64(3), name String, user_id Nullable(String),
    metadata Map(LowCardinality(String), String), release Nullable(String), version Nullable(String),
    project_id String, environment LowCardinality(String) DEFAULT 'default', public Bool, bookmarked Bool,
    tags Array(String), input Nullable(String), output Nullable(String), session_id Nullable(String), {_STAMPS})
    {_ENGINE} ORDER BY (project_id, toDate(timestamp), id)""",
    f"""CREATE TABLE observations (id String, trace_id String, project_id String,
    environment LowCardinality(String) DEFAULT 'default', type LowCardinality(String),
    parent_observation_id Nullable(String), start_time DateTime64(3), end_time Nullable(DateTime64(3)), name String,
    metadata Map(LowCardinality(String), String), level LowCardinality(String), status_message Nullable(String),
    version Nullable(String), input Nullable(String), output Nullable(String), provided_model_name Nullable(String),
    internal_model_id Nullable(String), model_parameters Nullable(String),
    provided_usage_details Map(LowCardinality(String), UInt64), usage_details Map(LowCardinality(String), UInt64),
    provided_cost_details Map(LowCardinality(String), Decimal64(12)),
    cost_details Map(LowCardinality(String), Decimal64(12)), total_cost Nullable(Decimal64(12)),
    completion_start_time Nullable(DateTime64(3)), prompt_id Nullable(String), prompt_name Nullable(String),
    prompt_version Nullable(UInt16), {_STAMPS})
    {_ENGINE} ORDER BY (project_id, type, toDate(start_time), id)""",
    f"""CREATE TABLE scores (id String, timestamp DateTime64(3), project_id String,
    environment LowCardinality(String) DEFAULT 'default', trace_id Nullable(String), session_id Nullable(String),
    observation_id Nullable(String), name String, value Float64, source String, comment Nullable(String),
    metadata Map(LowCardinality(String), String), author_user_id Nullable(String), config_id Nullable(String),
    data_type String, string_value Nullable(String), queue_id Nullable(String), {_STAMPS})
    {_ENGINE} ORDER BY (project_id, toDate(timestamp), name, id)""",
)


@contextmanager
def clickhouse_database(url: str) -> Generator[str]:
    """URL of a database of its own on a server, dropped afterwards."""
    name = f"langfuse_{secrets.token_hex(4)}"
    clickhouse.execute(url, f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    clickhouse.execute(url, f"DROP DATABASE {name}")


def fill_postgres(url: str) -> None:
    """An organization, two projects of which one was deleted, a user, two keys, and what a project defines."""
    postgres.run(url, _POSTGRES)
    fast_hash = hashlib.sha256(SECRET_KEY.encode() + hashlib.sha256(SALT.encode()).hexdigest().encode()).hexdigest()
    slow_hash = bcrypt.hashpw(SECRET_KEY.encode(), bcrypt.gensalt(11)).decode()
    postgres.run(
        url,
        f"INSERT INTO organizations (id, name) VALUES ('{ORGANIZATION_ID}', 'Old')",
        f"""INSERT INTO projects (id, org_id, name, retention_days)
            VALUES ('{PROJECT_ID}', '{ORGANIZATION_ID}', 'P', 30)""",
        f"""INSERT INTO projects (id, org_id, name, deleted_at)
            VALUES ('{DELETED_PROJECT_ID}', '{ORGANIZATION_ID}', 'Gone', now())""",
        "INSERT INTO users (id, name, email, password) VALUES ('old-user', 'Ada', 'ada@example.org', NULL)",
        f"""INSERT INTO organization_memberships (id, org_id, user_id, role)
            VALUES ('m', '{ORGANIZATION_ID}', 'old-user', 'OWNER')""",
        f"""INSERT INTO api_keys (id, public_key, hashed_secret_key, display_secret_key, project_id,
            fast_hashed_secret_key)
            VALUES ('k', '{PUBLIC_KEY}', 'slow', 'sk-lf-...cret', '{PROJECT_ID}', '{fast_hash}'),
                   ('u', '{UNUSED_PUBLIC_KEY}', '{slow_hash}', 'sk-lf-...cret', '{PROJECT_ID}', NULL)""",
        f"""INSERT INTO score_configs (id, project_id, name, data_type, min_value, max_value)
            VALUES ('old-config', '{PROJECT_ID}', 'quality', 'NUMERIC', 0, 1)""",
        f"""INSERT INTO models (id, project_id, model_name, match_pattern, unit)
            VALUES ('old-model', '{PROJECT_ID}', 'ours', '(?i)^(ours)$', 'TOKENS'),
                   ('theirs', NULL, 'gpt', 'gpt', NULL)""",
        "INSERT INTO prices (id, model_id, usage_type, price) VALUES ('p', 'old-model', 'input', 0.001)",
        f"""INSERT INTO prompts (id, project_id, created_by, prompt, name, version, labels)
            VALUES ('old-prompt', '{PROJECT_ID}', 'API', '"hello"', 'greeting', 3, '{{production}}')""",
        f"INSERT INTO trace_sessions (id, project_id, bookmarked) VALUES ('old-session', '{PROJECT_ID}', true)",
    )


def fill_clickhouse(url: str, trace_count: int) -> None:
    """Traces over some days, each in two versions, with a span, a generation and a score; one deleted trace."""
    for statement in _CLICKHOUSE:
        clickhouse.execute(url, statement)
    numbers = range(trace_count)
    _insert(url, "traces", [_trace(number, version) for number in numbers for version in (0, 1)])
    _insert(url, "traces", [{**_trace(trace_count, 1), "is_deleted": 1}])
    _insert(url, "observations", [row for number in numbers for row in _observations(number)])
    _insert(url, "scores", [_score(number) for number in numbers])


def _trace(number: int, version: int) -> dict[str, Any]:
    return {
        "id": f"old-{number}", "timestamp": _time(number), "name": f"chat v{version}", "user_id": "u",
        "session_id": "old-session", "metadata": {"plain": "text", "nested": '{"a": 1}'}, "project_id": PROJECT_ID,
        "tags": ["x", "y"], "input": '{"question": 1}', "output": "123", "public": True,
        "event_ts": f"2026-01-20 00:00:0{version}.000", "updated_at": f"2026-01-20 00:00:0{version}.000",
    }  # fmt: skip


def _observations(number: int) -> Sequence[dict[str, Any]]:
    common = {
        "trace_id": f"old-{number}", "project_id": PROJECT_ID, "start_time": _time(number), "end_time": _time(number),
        "level": "DEFAULT", "event_ts": _time(number),
    }  # fmt: skip
    generation = {
        "id": f"old-{number}-generation", "type": "GENERATION", "name": "answer", "provided_model_name": "ours",
        "parent_observation_id": f"old-{number}-span", "model_parameters": '{"temperature": 0.5}', "input": "[1, 2]",
        "usage_details": {"input": 10, "output": 5, "total": 15}, "prompt_name": "greeting", "prompt_version": 3,
        "cost_details": {"input": "0.010000000001", "total": "0.010000000001"}, "total_cost": "0.010000000001",
    }  # fmt: skip
    return [{**common, "id": f"old-{number}-span", "type": "SPAN", "name": "step"}, {**common, **generation}]


def _score(number: int) -> dict[str, Any]:
    return {
        "id": f"old-{number}-score", "timestamp": _time(number), "project_id": PROJECT_ID, "trace_id": f"old-{number}",
        "name": "quality", "value": 0.25, "source": "EVAL", "data_type": "NUMERIC", "config_id": "old-config",
        "event_ts": _time(number),
    }  # fmt: skip


def _time(number: int) -> str:
    return f"2026-01-{10 + number % 5} 12:00:00.{number % 1000:03}"


def _insert(url: str, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    lines = "\n".join(msgspec.json.encode(row).decode() for row in rows)
    clickhouse.execute(url, f"INSERT INTO {table} FORMAT JSONEachRow\n{lines}")
