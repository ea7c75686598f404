"""Everything that is wrong with the settings is said at once, with what to do and without the values."""

import pytest

from elasticdash.shared import errors
from elasticdash.shared.settings import model, reading
from elasticdash.shared.settings.database import DatabaseSettings
from elasticdash.shared.settings.ingestion import IngestionSettings

COMPLETE = {
    "DATABASE_URL": "postgresql://user:canary-1@host/db",
    "CLICKHOUSE_URL": "http://host:8123",
    "REDIS_HOST": "host",
    "ELASTICDASH_S3_EVENT_UPLOAD_BUCKET": "bucket",
    "SALT": "canary-2",
}


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for group in model.groups():
        for field in group.model_fields.values():
            for name in getattr(field.validation_alias, "choices", ()):
                monkeypatch.delenv(str(name), raising=False)


def _set(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_nothing_set_names_everything_that_is_needed():
    with pytest.raises(errors.ConfigurationError) as raised:
        model.for_shared_stores()

    message = str(raised.value)
    for name in COMPLETE:
        assert f"{name} is not set" in message


@pytest.mark.parametrize("name", COMPLETE)
def test_each_missing_one_is_named_alone(monkeypatch: pytest.MonkeyPatch, name: str):
    _set(monkeypatch, **{key: value for key, value in COMPLETE.items() if key != name})

    with pytest.raises(errors.ConfigurationError, match=f"1 settings need attention.*\n  - {name} is not set"):
        model.for_shared_stores()


def test_every_value_that_cannot_be_understood_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch):
    _set(monkeypatch, **COMPLETE, PORT="canary-3", LANGFUSE_INGESTION_MAX_EVENTS="canary-4")

    with pytest.raises(errors.ConfigurationError) as raised:
        model.for_shared_stores()

    message = str(raised.value)
    assert "2 settings" in message
    assert "PORT: Input should be a valid integer" in message
    assert "ELASTICDASH_INGESTION_MAX_EVENTS: Input should be" in message
    assert "canary" not in message


def test_a_complete_environment_is_read_and_shows_no_secret(monkeypatch: pytest.MonkeyPatch):
    _set(monkeypatch, **COMPLETE)

    settings = model.for_shared_stores()

    assert settings.database.address() == COMPLETE["DATABASE_URL"]
    assert "canary" not in repr(settings)


def test_one_process_needs_nothing():
    assert model.for_one_process().worker.drain_timeout_seconds > 0


def test_names_of_langfuse_mean_the_same(monkeypatch: pytest.MonkeyPatch):
    _set(monkeypatch, LANGFUSE_INGESTION_MAX_EVENTS="7")
    assert IngestionSettings().max_events == 7

    _set(monkeypatch, ELASTICDASH_INGESTION_MAX_EVENTS="8")
    assert IngestionSettings().max_events == 8


def test_the_database_may_come_in_parts(monkeypatch: pytest.MonkeyPatch):
    _set(monkeypatch, DATABASE_HOST="host:5433", DATABASE_USERNAME="ann", DATABASE_PASSWORD="a@b")
    with pytest.raises(errors.ConfigurationError, match="DATABASE_NAME not set beside"):
        reading.check_complete(DatabaseSettings)

    _set(monkeypatch, DATABASE_NAME="db", DATABASE_ARGS="sslmode=require")
    reading.check_complete(DatabaseSettings)

    assert DatabaseSettings().address() == "postgresql://ann:a%40b@host:5433/db?sslmode=require"
