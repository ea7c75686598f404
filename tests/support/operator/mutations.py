"""Every leaf of a spec, and other values for it: what the test that no field is inert is made of."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema

from elasticdash.operator.api.types import Model
from elasticdash.operator.documents import crd

Path = tuple[str, ...]
ITEM = "[0]"
_BOUNDED = 1_000_000
_MISSING = object()
_TEXTS = (
    *("other", "9.9.9", "other:1234", "other.example.com", "https://other.example.com", "http://other:1234"),
    *("sha256:" + "f" * 64, "0123456789abcdef", "somebody@example.com", "mirror.example.com/other"),
)
_DURATIONS = ("7m", "3h", "33s")
_QUANTITIES = ("3", "3Gi")

# Values of fields whose shape Kubernetes knows and our schema does not.
OVERLAYS: Mapping[str, Any] = {
    "web.podTemplate": {"spec": {"hostname": "other"}},
    "worker.podTemplate": {"spec": {"hostname": "other"}},
    "networkPolicy.ingressFrom": [{"podSelector": {"matchLabels": {"other": "yes"}}}],
    "networkPolicy.extraEgress": [{"ports": [{"port": 1234}]}],
    "scheduling.tolerations": [{"key": "other", "operator": "Exists"}],
    "scheduling.affinity": {"nodeAffinity": {}},
    "scheduling.topologySpread": [{"maxSkew": 3, "topologyKey": "other", "whenUnsatisfiable": "DoNotSchedule"}],
    "env[0].valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}},
    "envFrom": [{"configMapRef": {"name": "other"}}],
}


@dataclass(frozen=True)
class Leaf:
    """A field that holds a value and no fields of its own, with its schema."""

    path: Path
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As in `kubectl explain`: web.autoscaling.mode; `env[0].name` for what stands in a list."""
        return ".".join(self.path).replace(f".{ITEM}", ITEM)


def leaves(model: type[Model]) -> list[Leaf]:
    """Every leaf of a spec."""
    return list(_leaves((), crd.schema_of(model)))


def _leaves(path: Path, schema: Mapping[str, Any]) -> Iterator[Leaf]:
    if "properties" in schema:
        for name, child in schema["properties"].items():
            yield from _leaves((*path, name), child)
    elif "properties" in schema.get("items", {}):
        yield from _leaves((*path, ITEM), schema["items"])
    else:
        yield Leaf(path, schema)


def mutants(spec: Mapping[str, Any], leaf: Leaf, more: tuple[Any, ...] = ()) -> Iterator[dict[str, Any]]:
    """The spec with other values of the leaf that its schema allows, `more` first; none where its object is absent."""
    holder = _holder(spec, leaf.path)
    if holder is None:
        return
    present = holder.get(leaf.path[-1], _MISSING)
    for value in (*more, *_values(leaf, present)):
        if value != present and _is_allowed(value, leaf.schema):
            changed = copy.deepcopy(dict(spec))
            changed_holder = _holder(changed, leaf.path)
            assert changed_holder is not None
            changed_holder[leaf.path[-1]] = value
            yield changed


def _holder(spec: Any, path: Path) -> dict[str, Any] | None:
    found = spec
    for name in path[:-1]:
        found = next(iter(found), None) if name == ITEM else found.get(name)
        if found is None:
            return None
    return found


def _values(leaf: Leaf, present: Any) -> Iterator[Any]:
    schema = leaf.schema
    if leaf.name in OVERLAYS:
        yield OVERLAYS[leaf.name]
    elif "enum" in schema:
        yield from schema["enum"]
    elif schema.get("x-kubernetes-int-or-string"):
        yield from _QUANTITIES
    elif schema["type"] == "boolean":
        yield from (True, False)
    elif schema["type"] == "integer":
        yield from _numbers(schema, present)
    elif schema["type"] == "array":
        yield from ([value] for value in _values(Leaf((), schema["items"]), _MISSING))
    elif schema["type"] == "object":
        yield from ({"other": value} for value in _values(Leaf((), schema["additionalProperties"]), _MISSING))
    else:
        yield from _texts(schema, present)


def _numbers(schema: Mapping[str, Any], present: Any) -> Iterator[int]:
    start = present if isinstance(present, int) else schema["minimum"]
    yield from (start + 1, start - 1, 2 * start + 3, start // 2, schema["minimum"], min(schema["maximum"], _BOUNDED))


def _texts(schema: Mapping[str, Any], present: Any) -> Iterator[str]:
    if schema.get("pattern", "").endswith("(ms|s|m|h))+$"):
        yield from _DURATIONS
        return
    if isinstance(present, str):
        yield f"{present}-b"
    yield from _TEXTS


def _is_allowed(value: Any, schema: Mapping[str, Any]) -> bool:
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        return False
    validator: Any = jsonschema.Draft202012Validator(dict(schema))
    return bool(validator.is_valid(value))
