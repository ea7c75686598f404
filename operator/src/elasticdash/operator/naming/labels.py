"""The words this operator writes on objects: group, labels, annotations, field manager."""

GROUP = "elasticdash.io"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

FIELD_MANAGER = "elasticdash-operator"
# Owns `replicas` alone, so that leaving the field out of an apply takes nothing back.
SCALING_FIELD_MANAGER = "elasticdash-operator-scaling"
PART_OF = "elasticdash-logger"

NAME = "app.kubernetes.io/name"
INSTANCE = "app.kubernetes.io/instance"
COMPONENT = "app.kubernetes.io/component"
MANAGED_BY = "app.kubernetes.io/managed-by"

CONFIG_HASH = f"{GROUP}/config-hash"
MIGRATION_IDENTITY = f"{GROUP}/migration-identity"
# On the Secret of store settings: the stores whose credentials rotation made, comma-separated.
ROTATED = f"{GROUP}/rotated"

# Annotations a person puts on a custom resource.
PAUSED = f"{GROUP}/paused"
RESTART_AT = f"{GROUP}/restart-at"
RECONCILE_AT = f"{GROUP}/reconcile-at"
RETRY_MIGRATION = f"{GROUP}/retry-migration"
ROTATE = f"{GROUP}/rotate"


def of_instance(name: str) -> dict[str, str]:
    """Labels every child of an instance carries; also the selector its children are listed and pruned by."""
    return {NAME: PART_OF, INSTANCE: name, MANAGED_BY: FIELD_MANAGER}


def of_component(name: str, component: str) -> dict[str, str]:
    """Labels of one component's objects."""
    return {**of_instance(name), COMPONENT: component}


def selector_of(name: str, component: str) -> dict[str, str]:
    """What selects a component's pods; immutable in a Deployment, so never extended."""
    return {INSTANCE: name, COMPONENT: component}
