"""A container's environment, resolved from Secrets, ConfigMaps and the pod's own fields as a kubelet does it."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from support.kubernetes.api import Api, Object

_REFERENCE = re.compile(r"\$(?:\$|\(([A-Za-z_][\w.-]*)\))")


class MissingReferenceError(Exception):
    """A container cannot be made yet: something it reads is not there; says what."""


def of_container(api: Api, pod: Object, container: Object, own_fields: Mapping[str, str]) -> dict[str, str]:
    """Variables by name; MissingReferenceError while a Secret, ConfigMap or key that is not optional is missing.

    `own_fields` are values of the pod's status that its object does not have yet, by field path.
    """
    namespace = pod["metadata"]["namespace"]
    variables: dict[str, str] = {}
    for source in container.get("envFrom", []):
        kind, reference = _source_of(source, {"secretRef": "Secret", "configMapRef": "ConfigMap"})
        content = _content(api, kind, reference, namespace)
        variables |= {source.get("prefix", "") + key: value for key, value in (content or {}).items()}
    for entry in container.get("env", []):
        value = _value_of(api, pod, entry, own_fields)
        if value is not None:
            variables[entry["name"]] = expanded(value, variables) if "value" in entry else value
    return variables


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """The text with `$(NAME)` replaced where the name is known; `$$` is one dollar."""

    def value(match: re.Match[str]) -> str:
        return "$" if match.group(0) == "$$" else variables.get(match.group(1), match.group(0))

    return _REFERENCE.sub(value, text)


def _value_of(api: Api, pod: Object, entry: Object, own_fields: Mapping[str, str]) -> str | None:
    if "valueFrom" not in entry:
        return str(entry.get("value", ""))
    source = entry["valueFrom"]
    if "fieldRef" in source:
        return _field(pod, source["fieldRef"]["fieldPath"], own_fields)
    kind, reference = _source_of(source, {"secretKeyRef": "Secret", "configMapKeyRef": "ConfigMap"})
    content = _content(api, kind, reference, pod["metadata"]["namespace"])
    if content is None or reference["key"] not in content:
        if reference.get("optional"):
            return None
        raise MissingReferenceError(f"couldn't find key {reference['key']} in {kind} {reference['name']}")
    return content[reference["key"]]


def _source_of(source: Object, kinds: Mapping[str, str]) -> tuple[str, Object]:
    for field, kind in kinds.items():
        if field in source:
            return kind, source[field]
    raise NotImplementedError(f"a local node resolves no {sorted(source)}")


def _content(api: Api, kind: str, reference: Object, namespace: str) -> dict[str, str] | None:
    found = api.find("v1", kind, reference["name"], namespace)
    if found is None:
        if reference.get("optional"):
            return None
        raise MissingReferenceError(f'{kind.lower()} "{reference["name"]}" not found')
    data: Mapping[str, str] = found.get("data") or {}
    if kind == "Secret":
        return {key: base64.b64decode(value).decode() for key, value in data.items()}
    return dict(data)


def _field(pod: Object, path: str, own_fields: Mapping[str, str]) -> str:
    if path in own_fields:
        return own_fields[path]
    keyed = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if keyed:
        return str(pod["metadata"].get(keyed.group(1), {}).get(keyed.group(2), ""))
    value: Any = pod
    for part in path.split("."):
        value = value[part]
    return str(value)
