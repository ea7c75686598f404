"""The variables that web, workers and migrations are started with, and a hash of the secrets among them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from elasticdash.operator.api.types import SecretKeyRef
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import connections, secrets
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Manifest, Observed
from elasticdash.operator.plan.typed_connections import Source

WEB_PORT: Final = 3000
WORKER_PORT: Final = 3030
OPERATIONS_PORT: Final = 9464
# Where the authorities are that the stores' certificates come from, together with the system's.
TRUST_FOLDER: Final = "/etc/elasticdash/trust"
TRUST_FILE: Final = f"{TRUST_FOLDER}/ca.crt"

_INIT = "ELASTICDASH_INIT_"
_EVERYWHERE = (secrets.SALT, secrets.PREVIOUS_SALT, secrets.ENCRYPTION_KEY, secrets.ACCEPTED_ENCRYPTION_KEYS)
_OF_WEB = (secrets.SESSION_SECRET, secrets.ACCEPTED_SESSION_SECRETS, secrets.ADMIN_API_KEY)
_OF_ROTATIONS = (secrets.PREVIOUS_SALT, secrets.ACCEPTED_ENCRYPTION_KEYS, secrets.ACCEPTED_SESSION_SECRETS)


def of_web(observed: Observed) -> Mapping[str, Source]:
    """Variables of web."""
    return {
        **_shared(observed),
        **_generated(observed, *_EVERYWHERE, *_OF_WEB),
        "PORT": str(WEB_PORT),
        "ELASTICDASH_OPERATIONS_PORT": str(OPERATIONS_PORT),
        "ELASTICDASH_OPERATIONS_HOST": "0.0.0.0",
        **_tracing(observed),
        **_first_start(observed),
    }


def of_worker(observed: Observed) -> Mapping[str, Source]:
    """Variables of a worker."""
    worker = observed.instance.spec.worker
    return {
        **_shared(observed),
        **_generated(observed, *_EVERYWHERE),
        "ELASTICDASH_WORKER_PORT": str(WORKER_PORT),
        "ELASTICDASH_INGESTION_QUEUE_PROCESSING_CONCURRENCY": str(worker.concurrency),
        "ELASTICDASH_DRAIN_TIMEOUT_SECONDS": str(whole_seconds(worker.drain_timeout)),
        **_tracing(observed),
    }


def of_migration(observed: Observed) -> Mapping[str, Source]:
    """Variables of a migration, which needs neither the queue nor the bucket."""
    return _shared(observed, stores=(Store.POSTGRES, Store.CLICKHOUSE))


def as_list(variables: Mapping[str, Source], observed: Observed) -> Sequence[Manifest]:
    """The container's `env`: by name, with the spec's own variables going before ours."""
    entries: dict[str, Manifest] = {name: _entry(name, source) for name, source in sorted(variables.items())}
    for variable in observed.instance.spec.env:
        value = {"value": variable.value} if variable.value_from is None else {"valueFrom": variable.value_from}
        entries[variable.name] = {"name": variable.name, **value}
    return list(entries.values())


def hash_of_secrets(variables: Mapping[str, Source], observed: Observed) -> str:
    """Changes when, and only when, the value of a secret does that these processes use."""
    used = {
        name: connections.value_of(observed, source)
        for name, source in variables.items()
        # What the first start creates is there already: another value changes nothing that runs.
        if isinstance(source, SecretKeyRef) and not name.startswith(_INIT)
    }
    trusted = observed.instance.spec.tls.trusted_ca_ref
    given = {**used, **_of_spec(observed), "ca": connections.value_of(observed, trusted) if trusted else None}
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:32]


def whole_seconds(duration: timedelta) -> int:
    """Rounded up, so that a short time is never none."""
    return -(-duration // timedelta(seconds=1))


def _shared(observed: Observed, stores: Sequence[Store] = tuple(Store)) -> dict[str, Source]:
    spec = observed.instance.spec
    settings: dict[str, Source] = {
        "ELASTICDASH_LOG_LEVEL": spec.observability.log_level.value,
        "ELASTICDASH_LOG_FORMAT": spec.observability.log_format.value,
        "ELASTICDASH_DATABASE_MAX_CONNECTIONS": str(spec.stores.postgres.pool_size),
    }
    for store in stores:
        settings.update(connections.of_store(observed, store).settings)
    if spec.tls.trusted_ca_ref:
        settings.update(dict.fromkeys(("SSL_CERT_FILE", "AWS_CA_BUNDLE", "REDIS_TLS_CA_PATH"), TRUST_FILE))
    return settings


def _tracing(observed: Observed) -> Mapping[str, Source]:
    endpoint = observed.instance.spec.observability.otlp_endpoint
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint} if endpoint else {}


def _generated(observed: Observed, *settings: str) -> Mapping[str, Source]:
    """Settings that are keys of the generated Secret; those of a rotation only while they are there."""
    sources = {name: secrets.source_of(observed, name) for name in settings}
    return {
        name: source
        for name, source in sources.items()
        if name not in _OF_ROTATIONS or connections.value_of(observed, source)
    }


def _first_start(observed: Observed) -> Mapping[str, Source]:
    bootstrap = observed.instance.spec.bootstrap
    keys = secrets.keys_secret(observed)
    project, user = bootstrap.project, bootstrap.admin_user
    values: dict[str, Source | None] = {
        "ORG_ID": bootstrap.organization.id,
        "ORG_NAME": bootstrap.organization.name,
        "PROJECT_ID": project.id,
        "PROJECT_NAME": project.name,
        "PROJECT_RETENTION": str(project.retention_days) if project.retention_days else None,
        "PROJECT_PUBLIC_KEY": SecretKeyRef(name=keys, key=secrets.PUBLIC_KEY),
        "PROJECT_SECRET_KEY": SecretKeyRef(name=keys, key=secrets.SECRET_KEY),
        "USER_EMAIL": user.email,
        "USER_NAME": user.name,
        "USER_PASSWORD": user.password_ref or secrets.source_of(observed, secrets.ADMIN_PASSWORD),
    }
    return {_INIT + name: value for name, value in values.items() if value is not None}


def _of_spec(observed: Observed) -> Mapping[str, object]:
    """Values behind `spec.env` and `spec.envFrom`, as far as they are in Secrets."""
    spec = observed.instance.spec
    found: dict[str, object] = {}
    for variable in spec.env:
        reference = facts.part(variable.value_from or {}, "secretKeyRef")
        if reference:
            keys = observed.secrets.get(str(reference.get("name")), {})
            found[f"env {variable.name}"] = keys.get(str(reference.get("key")))
    for number, source in enumerate(spec.env_from):
        reference = facts.part(source, "secretRef")
        if reference:
            found[f"envFrom {number}"] = dict(observed.secrets.get(str(reference.get("name")), {}))
    return found


def _entry(name: str, source: Source) -> Manifest:
    if isinstance(source, str):
        return {"name": name, "value": source}
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": source.name, "key": source.key}}}
