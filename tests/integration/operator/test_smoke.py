"""What `helm test` runs, against a running Logger."""

import pytest
from pydantic import SecretStr

from elasticdash.operator import smoke
from elasticdash.shared import errors
from support.server import RunningServer, get_json


def _settings(server: RunningServer, secret_key: str, timeout_seconds: float) -> smoke.SmokeSettings:
    return smoke.SmokeSettings(
        url=server.url,
        public_key=server.public_key,
        secret_key=SecretStr(secret_key),
        timeout_seconds=timeout_seconds,
    )


def test_wrong_keys_are_told_when_time_is_up(server: RunningServer) -> None:
    with pytest.raises(errors.UnavailableError, match=r"to be accepted.* answered 401"):
        smoke.round_trip(_settings(server, "sk-lf-wrong", 1))


def test_nobody_there_is_told_when_time_is_up() -> None:
    settings = smoke.SmokeSettings(
        url="http://127.0.0.1:9", public_key="pk", secret_key=SecretStr("sk"), timeout_seconds=0.5
    )

    with pytest.raises(errors.UnavailableError, match="gave no answer"):
        smoke.round_trip(settings)


def test_a_trace_is_sent_and_read_back(server: RunningServer) -> None:
    trace_id = smoke.round_trip(_settings(server, server.secret_key, 60))

    with server.client() as client:
        assert get_json(client, f"/traces/{trace_id}")["name"] == "helm test"
