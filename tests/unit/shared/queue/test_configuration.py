"""From settings to a server: every form, and what contradicts itself."""

from typing import Any

import pytest

from elasticdash.shared import errors
from elasticdash.shared.queue import configuration
from elasticdash.shared.queue.connection import Address
from elasticdash.shared.settings.redis import RedisSettings


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> RedisSettings:
    """Settings read from these variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return RedisSettings()


def test_parts(monkeypatch: pytest.MonkeyPatch):
    config = configuration.redis_config(
        settings(monkeypatch, REDIS_HOST="r", REDIS_PORT="7000", REDIS_AUTH="s", REDIS_USERNAME="u", REDIS_DB="2")
    )

    assert (config.address, config.database) == (Address("r", 7000), 2)
    assert (config.login.username, config.login.password, config.tls) == ("u", "s", None)


@pytest.mark.parametrize("name", ["REDIS_CONNECTION_STRING", "REDIS_URL"])
def test_a_url_wins_over_parts(monkeypatch: pytest.MonkeyPatch, name: str):
    config = configuration.redis_config(settings(monkeypatch, **{name: "redis://r:1/0", "REDIS_HOST": "other"}))

    assert (config.url, config.address) == ("redis://r:1/0", None)


@pytest.mark.parametrize("suffix", ["", "_PATH"])
def test_both_spellings_of_tls_files(monkeypatch: pytest.MonkeyPatch, suffix: str):
    files: dict[str, str] = {f"REDIS_TLS_{kind}{suffix}": f"/{kind}" for kind in ("CA", "CERT", "KEY")}

    config = configuration.redis_config(
        settings(monkeypatch, REDIS_HOST="r", REDIS_TLS_ENABLED="true", REDIS_TLS_KEY_PASSPHRASE="x", **files)
    )

    tls = config.tls
    assert tls is not None
    assert (tls.authority_file, tls.certificate_file, tls.key_file) == ("/CA", "/CERT", "/KEY")
    assert (tls.key_password, tls.verify) == ("x", True)


def test_a_cluster(monkeypatch: pytest.MonkeyPatch):
    config = configuration.redis_config(
        settings(monkeypatch, REDIS_CLUSTER_ENABLED="true", REDIS_CLUSTER_NODES="a:7001, b:7002,c")
    )

    assert config.cluster_nodes == [Address("a", 7001), Address("b", 7002), Address("c", 6379)]


def test_sentinels(monkeypatch: pytest.MonkeyPatch):
    config = configuration.redis_config(
        settings(
            monkeypatch,
            REDIS_SENTINEL_ENABLED="true",
            REDIS_SENTINEL_NODES="a:1,b",
            REDIS_SENTINEL_MASTER_NAME="m",
            REDIS_SENTINEL_PASSWORD="p",
        )
    )

    assert config.sentinels is not None
    assert config.sentinels.addresses == [Address("a", 1), Address("b", 26379)]
    assert (config.sentinels.primary_name, config.sentinels.login.password) == ("m", "p")


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "REDIS_HOST"),
        ({"REDIS_CLUSTER_ENABLED": "true", "REDIS_SENTINEL_ENABLED": "true"}, "both"),
        ({"REDIS_CLUSTER_ENABLED": "true"}, "REDIS_CLUSTER_NODES"),
        ({"REDIS_CLUSTER_ENABLED": "true", "REDIS_CLUSTER_NODES": "a:b"}, "REDIS_CLUSTER_NODES"),
        ({"REDIS_SENTINEL_ENABLED": "true", "REDIS_SENTINEL_NODES": "a"}, "REDIS_SENTINEL_MASTER_NAME"),
        ({"REDIS_HOST": "r", "REDIS_TLS_ENABLED": "true", "REDIS_TLS_CERT": "/c"}, "REDIS_TLS_KEY_PATH"),
        ({"REDIS_URL": "redis://r", "REDIS_TLS_ENABLED": "true"}, "rediss://"),
    ],
    ids=["nothing", "two kinds", "no nodes", "no port", "no name", "half a certificate", "a plain url with tls"],
)
def test_what_contradicts_itself_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, Any], named: str
):
    with pytest.raises(errors.ConfigurationError, match=named):
        configuration.redis_config(settings(monkeypatch, **variables))


def test_a_secret_is_in_no_representation(monkeypatch: pytest.MonkeyPatch):
    config = configuration.redis_config(settings(monkeypatch, REDIS_URL="redis://:hidden@r/0"))

    assert "hidden" not in repr(config)
