"""What deployments set and nothing here reads is named once, so that nobody believes in it."""

import pytest

from elasticdash.shared.settings import ecosystem


@pytest.mark.parametrize(
    "name",
    [
        "NEXTAUTH_COOKIE_DOMAIN",
        "TELEMETRY_ENABLED",
        "AUTH_GOOGLE_CLIENT_ID",
        "LANGFUSE_CACHE_PROMPT_ENABLED",
        "ELASTICDASH_INGESTION_MAX_EVENT",
    ],
)
def test_a_name_without_meaning_is_listed(name: str):
    assert ecosystem.without_meaning({name: "1"}, {"PORT"}) == [name]


@pytest.mark.parametrize("name", ["PATH", "PORT", "HOSTNAME", "ELASTICDASH_PUBLIC_KEY", "LANGFUSE_BASE_URL"])
def test_others_are_not(name: str):
    assert ecosystem.without_meaning({name: "1", "NEXTAUTH_COOKIE_DOMAIN": ""}, {"PORT"}) == []


def test_what_is_read_is_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANGFUSE_INGESTION_MAX_EVENTS", "7")
    monkeypatch.setenv("LANGFUSE_INGESTION_MAX_EVENT", "7")

    found = ecosystem.set_without_meaning()

    assert "LANGFUSE_INGESTION_MAX_EVENT" in found
    assert "LANGFUSE_INGESTION_MAX_EVENTS" not in found
