"""Where the queue is, from the settings."""

from collections.abc import Sequence

from pydantic import SecretStr

from elasticdash.shared import errors
from elasticdash.shared.queue.connection import Address, Login, RedisConfig, Sentinels, Tls
from elasticdash.shared.queue.lanes import QueueKeys
from elasticdash.shared.settings.redis import RedisSettings

_DEFAULT_SENTINEL_PORT = 26379


def redis_config(settings: RedisSettings) -> RedisConfig:
    """The server the settings name; ConfigurationError when they name none, or two."""
    if settings.cluster_enabled and settings.sentinel_enabled:
        raise errors.ConfigurationError("REDIS_CLUSTER_ENABLED and REDIS_SENTINEL_ENABLED can't both be true")
    login = Login(settings.username, _text(settings.auth))
    tls = _tls(settings)
    if settings.cluster_enabled:
        nodes = _addresses("REDIS_CLUSTER_NODES", settings.cluster_nodes, settings.port)
        return RedisConfig(cluster_nodes=nodes, login=login, tls=tls)
    if settings.sentinel_enabled:
        return RedisConfig(sentinels=_sentinels(settings), login=login, database=settings.database, tls=tls)
    if settings.url is not None:
        return RedisConfig(url=settings.url.get_secret_value(), tls=tls)
    if settings.host is None:
        raise errors.ConfigurationError("No Redis is given: set REDIS_HOST, or REDIS_CONNECTION_STRING")
    return RedisConfig(address=Address(settings.host, settings.port), login=login, database=settings.database, tls=tls)


def queue_keys(settings: RedisSettings) -> QueueKeys:
    """Names of the queue's streams there."""
    return QueueKeys(settings.key_prefix)


def is_configured(settings: RedisSettings) -> bool:
    """Whether the settings name a server at all."""
    return bool(settings.url or settings.host or settings.cluster_enabled or settings.sentinel_enabled)


def _sentinels(settings: RedisSettings) -> Sentinels:
    if not settings.sentinel_master_name:
        raise errors.ConfigurationError("REDIS_SENTINEL_ENABLED needs REDIS_SENTINEL_MASTER_NAME")
    return Sentinels(
        _addresses("REDIS_SENTINEL_NODES", settings.sentinel_nodes, _DEFAULT_SENTINEL_PORT),
        settings.sentinel_master_name,
        Login(settings.sentinel_username, _text(settings.sentinel_password)),
    )


def _tls(settings: RedisSettings) -> Tls | None:
    is_by_url = settings.url is not None and settings.url.get_secret_value().startswith("rediss:")
    if not settings.tls_enabled and not is_by_url:
        return None
    if settings.url is not None and not is_by_url:
        raise errors.ConfigurationError("REDIS_TLS_ENABLED needs a REDIS_CONNECTION_STRING that begins with rediss://")
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise errors.ConfigurationError("REDIS_TLS_CERT_PATH and REDIS_TLS_KEY_PATH need each other")
    return Tls(
        authority_file=settings.tls_ca,
        certificate_file=settings.tls_cert,
        key_file=settings.tls_key,
        key_password=_text(settings.tls_key_passphrase),
        verify=settings.tls_reject_unauthorized,
    )


def _addresses(name: str, text: str, default_port: int) -> Sequence[Address]:
    """Addresses in `host:port,host:port`."""
    addresses: list[Address] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        host, separator, port = part.rpartition(":")
        if separator and not port.isdigit():
            raise errors.ConfigurationError(f"{name} has no port in {part!r}: write host:port,host:port")
        addresses.append(Address(host, int(port)) if separator else Address(part, default_port))
    if not addresses:
        raise errors.ConfigurationError(f"{name} is empty: write host:port,host:port")
    return addresses


def _text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
