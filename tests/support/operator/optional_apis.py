"""APIs that other projects install, as far as the operator can tell: kinds that take anything."""

from collections.abc import Generator
from contextlib import contextmanager

from elasticdash.operator.naming import kinds
from support.kubernetes.api import Api, Object
from support.operator import definitions

_PLURALS = {
    kinds.HTTP_ROUTE: "httproutes",
    kinds.SCALED_OBJECT: "scaledobjects",
    kinds.SERVICE_MONITOR: "servicemonitors",
    kinds.PROMETHEUS_RULE: "prometheusrules",
}


@contextmanager
def installed(api: Api) -> Generator[None]:
    """All of them are there, until the end."""
    made = [_definition(kind, plural) for kind, plural in _PLURALS.items()]
    for definition in made:
        api.apply(definition)
    definitions.wait_for(api, [definition["metadata"]["name"] for definition in made])
    yield
    for definition in made:
        api.delete(definition)


def _definition(kind: str, plural: str) -> Object:
    api_version, name = kinds.split(kind)
    group, _, version = api_version.partition("/")
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    # The group of the Gateway API is protected: its definitions need to say who approved them.
    approved = {"api-approved.kubernetes.io": "unapproved, for tests"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}", "annotations": approved},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": name, "plural": plural, "singular": name.lower(), "listKind": f"{name}List"},
            "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
        },
    }
