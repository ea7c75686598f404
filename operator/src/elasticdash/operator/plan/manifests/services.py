"""Services, and the identities that pods have."""

from collections.abc import Sequence

from elasticdash.operator.naming import kinds, labels, names
from elasticdash.operator.plan import objects
from elasticdash.operator.plan.environment import OPERATIONS_PORT, WEB_PORT, WORKER_PORT
from elasticdash.operator.plan.manifests.blueprint import MIGRATION, WEB, WORKER, Blueprint
from elasticdash.operator.plan.observed import Manifest


def services(blueprint: Blueprint) -> Sequence[Manifest]:
    """Web's Service, and those of the ports that ask for no key, which stay inside whatever web's type is."""
    exposure = blueprint.spec.exposure.service
    web = _service(blueprint, names.web(blueprint.name), WEB, ("http", WEB_PORT), exposure.type.value)
    return [
        objects.annotated(web, exposure.annotations),
        _service(blueprint, names.web_operations(blueprint.name), WEB, ("operations", OPERATIONS_PORT), "ClusterIP"),
        _service(blueprint, names.worker(blueprint.name), WORKER, ("operations", WORKER_PORT), "ClusterIP"),
    ]


def service_accounts(blueprint: Blueprint) -> Sequence[Manifest]:
    """One identity for each of web, workers and migrations; none may ask the cluster's API anything."""
    accounts = (
        (names.web(blueprint.name), WEB),
        (names.worker(blueprint.name), WORKER),
        (names.migration(blueprint.name), MIGRATION),
    )
    body = {"automountServiceAccountToken": False}
    return [
        objects.annotated(
            objects.child(blueprint.instance, kinds.SERVICE_ACCOUNT, name, component, body),
            blueprint.spec.service_account.annotations,
        )
        for name, component in accounts
    ]


def _service(blueprint: Blueprint, name: str, component: str, port: tuple[str, int], service_type: str) -> Manifest:
    port_name, number = port
    body = {
        "spec": {
            "type": service_type,
            "selector": labels.selector_of(blueprint.name, component),
            "ports": [{"name": port_name, "port": number, "targetPort": port_name, "protocol": "TCP"}],
        }
    }
    return objects.child(blueprint.instance, kinds.SERVICE, name, component, body)
