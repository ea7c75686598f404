"""The settled webhook's settings are refused where they can't work."""

import pytest

from elasticdash.shared import errors
from elasticdash.shared.settings import reading
from elasticdash.shared.settings.settled_webhook import SettledWebhookSettings

URL, SECRET = "ELASTICDASH_SETTLED_WEBHOOK_URL", "ELASTICDASH_SETTLED_WEBHOOK_SECRET"
NETWORKS = "ELASTICDASH_SETTLED_WEBHOOK_ALLOWED_NETWORKS"


@pytest.mark.parametrize(
    "environment",
    [
        {URL: "https://example.com/"},
        {URL: "example.com", SECRET: "s"},
        {URL: "ftp://example.com/", SECRET: "s"},
        {URL: "https://example.com:x/", SECRET: "s"},
        {NETWORKS: "10.0.0.1/8"},
    ],
    ids=["unsigned", "relative", "ftp", "port", "network"],
)
def test_what_can_not_work_is_refused(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(errors.ConfigurationError):
        reading.check(SettledWebhookSettings)


def test_networks_are_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(NETWORKS, "10.0.0.0/8, fd00::/8")

    assert [str(network) for network in SettledWebhookSettings().networks()] == ["10.0.0.0/8", "fd00::/8"]
