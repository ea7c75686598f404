"""Resources for tests of the CRDs: the smallest valid ones, and for every rule one that breaks it."""

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from elasticdash.operator.api import logger, project, types
from elasticdash.operator.naming import labels

SMALLEST: dict[str, dict[str, Any]] = {
    "ElasticDashLogger": {"profile": "dev"},
    "ElasticDashProject": {"loggerRef": {"name": "obs"}},
}
_KEY = {"name": "stores", "key": "value"}
_DIGEST = "sha256:" + "0123456789abcdef" * 4

# Specs that must be accepted, laid over the smallest.
GOOD: dict[str, dict[str, Any]] = {
    "dev": {},
    "dev with one store of its own": {"stores": {"clickhouse": {"url": "http://clickhouse:8123", "user": "logger"}}},
    "dev with volumes": {"stores": {"bundled": {"storageClass": "fast", "sizes": {"clickhouse": "50Gi"}}}},
    "dev that rotates what it can": {"secrets": {"rotation": {"every": "720h", "classes": ["salt", "redis"]}}},
    "stores that are rotated": {
        "profile": "standard",
        "storesFrom": {"secretRef": {"name": "stores"}},
        "stores": {name: {"adminRef": _KEY} for name in ("postgres", "clickhouse", "redis")},
        "secrets": {"rotation": {"every": "720h", "classes": ["postgres", "clickhouse", "redis"]}},
    },
    "standard from one Secret": {"profile": "standard", "storesFrom": {"secretRef": {"name": "stores"}}},
    "standard from fields": {
        "profile": "standard",
        "stores": {
            "postgres": {"host": "db:5432", "database": "logger", "user": "logger", "passwordRef": _KEY},
            "clickhouse": {"url": "https://clickhouse.example.com:8443", "user": "logger", "passwordRef": _KEY},
            "redis": {"mode": "Sentinel", "nodes": ["a:26379", "b:26379"], "sentinel": {"masterName": "main"}},
            "objectStorage": {"s3": {"bucket": "events", "region": "eu-central-1"}},
        },
    },
    "production": {
        "profile": "production",
        "version": "1.2",
        "storesFrom": {"secretRef": {"name": "stores"}},
        "url": "https://logger.example.com",
        "web": {
            "image": {"digest": _DIGEST},
            "autoscaling": {"minReplicas": 3, "behavior": {"scaleDown": {"window": "10m"}}},
            "podTemplate": {"spec": {"containers": [{"name": "web", "env": [{"name": "A", "value": "b"}]}]}},
        },
        "worker": {"image": {"digest": _DIGEST}, "autoscaling": {"mode": "KEDA", "scaleToZero": True}},
        "exposure": {"ingress": {"tls": {"issuerRef": {"name": "public", "kind": "ClusterIssuer"}}}},
        "networkPolicy": {"ingressFrom": [{"namespaceSelector": {"matchLabels": {"a": "b"}}}]},
        "env": [{"name": "TZ", "value": "UTC"}, {"name": "A", "valueFrom": {"secretKeyRef": _KEY}}],
    },
}
_ROOTS: dict[str, type[types.Model]] = {"ElasticDashLogger": logger.Logger, "ElasticDashProject": project.Project}


@dataclass(frozen=True)
class Broken:
    """A rule, an object that breaks it and, for rules about a change, the object before."""

    kind: str
    model: str
    rule: types.Rule
    rejected: dict[str, Any]
    before: dict[str, Any] | None

    @property
    def id(self) -> str:
        """Name of the test's case."""
        return f"{self.model}: {self.rule.message[:60]}"


def resource(kind: str, name: str = "obs", **parts: Any) -> dict[str, Any]:
    """The smallest object of `kind` with `parts` (spec, metadata) laid over it."""
    smallest = {
        "apiVersion": labels.API_VERSION,
        "kind": kind,
        "metadata": {"name": name},
        "spec": SMALLEST[kind],
    }
    return types.merged(smallest, parts)


def broken_rules() -> Iterator[Broken]:
    """Every rule of both kinds, once for each model it stands at."""
    for kind, root in _ROOTS.items():
        for model in dict.fromkeys(_models_below(root)):
            for rule in model.cel_rules:
                at_root = model is root
                rejected = rule.rejected if at_root else {"spec": rule.rejected}
                before = None if rule.before is None else resource(kind, spec=dict(rule.before))
                yield Broken(kind, model.__name__, rule, resource(kind, **rejected), before)


def _models_below(model: type[types.Model]) -> Iterator[type[types.Model]]:
    yield model
    for field in model.model_fields.values():
        for found in _models_in(field.annotation):
            yield from _models_below(found)


def _models_in(annotation: Any) -> Iterator[type[types.Model]]:
    if isinstance(annotation, type) and issubclass(annotation, types.Model):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)
