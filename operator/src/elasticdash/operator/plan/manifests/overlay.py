"""Lays a part of a pod template over a whole one, as Kubernetes' strategic merge does."""

from collections.abc import Mapping, Sequence
from typing import cast

from elasticdash.operator.plan.observed import Json, Manifest

# What tells the entries of a list apart; every other list is replaced as a whole.
_IDENTITIES = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "imagePullSecrets": "name",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
    "topologySpreadConstraints": "topologyKey",
}


def merged(base: Manifest, over: Manifest) -> Manifest:
    """`base` with `over` on top: objects key by key, named lists entry by entry, null removes a key."""
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged_value(key, result.get(key), value)
    return result


def _merged_value(key: str, below: Json, value: Json) -> Json:
    if isinstance(value, Mapping):
        return merged(cast("Manifest", below) if isinstance(below, Mapping) else {}, cast("Manifest", value))
    identity = _IDENTITIES.get(key)
    if identity and isinstance(below, list) and isinstance(value, list):
        return _merged_entries(identity, cast("list[Manifest]", below), cast("list[Manifest]", value))
    return value


def _merged_entries(identity: str, below: Sequence[Manifest], over: Sequence[Manifest]) -> Sequence[Manifest]:
    """The entries of `below` in their order, then the new ones of `over` in theirs."""
    laid = {entry.get(identity): entry for entry in over}
    kept = [merged(entry, laid.pop(entry.get(identity), {})) for entry in below]
    return [*kept, *laid.values()]
