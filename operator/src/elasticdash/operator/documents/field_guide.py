"""Renders docs/guides/operator/fields.md from the models: `make gen` writes it, `make check` compares it."""

import json
import sys
from collections.abc import Iterator
from typing import cast

from elasticdash.operator.api.types import RULES, Json
from elasticdash.operator.documents import crd

_HEAD = """# Fields

Every field of the two kinds, made from the code (`make gen`). A default that is shown is also in the object: `kubectl
get edl NAME -o yaml`. Rules are checked by the API server, which answers with the text given here.
"""


def render() -> str:
    """The page."""
    return _HEAD + "".join(_kind(definition) for definition in crd.definitions())


def _kind(definition: Json) -> str:
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    names = definition["spec"]["names"]
    parts = [f"\n## {names['kind']}\n\n{schema['description']} Short name `{names['shortNames'][0]}`.\n"]
    spec = schema["properties"]["spec"]
    leaves = {name: child for name, child in spec["properties"].items() if not _is_object(child)}
    parts.append(_table("spec", {**spec, "properties": leaves}))
    parts += [_table(f"spec.{name}", child) for name, child in spec["properties"].items() if _is_object(child)]
    parts.append(_table("status", schema["properties"]["status"]))
    broken = [message for part in ("", "spec", "status") for message in _messages(schema, part)]
    rules = "".join(f"- {message}\n" for message in dict.fromkeys(broken))
    return "".join(parts) + f"\n### Rules of {names['kind']}\n\n{rules}"


def _is_object(schema: Json) -> bool:
    return "properties" in schema


def _table(path: str, schema: Json) -> str:
    rows = "".join(f"| `{name}` | {kind} | {default} | {text} |\n" for name, kind, default, text in _rows("", schema))
    if not rows:
        return ""
    intro = f"\n{schema['description']}.\n" if path.count(".") else ""
    return f"\n### {path}\n{intro}\n| field | type | default | meaning |\n|---|---|---|---|\n{rows}"


def _rows(prefix: str, schema: Json) -> Iterator[tuple[str, str, str, str]]:
    for name, child in cast("dict[str, Json]", schema["properties"]).items():
        field = prefix + name
        required = " (required)" if name in schema.get("required", []) else ""
        if _is_object(child) and _is_secret_key(child):
            yield field, "name, key" + required, "", child["description"]
        elif _is_object(child):
            if "default" not in child:
                yield field, "object" + required, "", child["description"]
            yield from _rows(f"{field}.", child)
        elif _is_object(child.get("items", {})):
            yield field + "[]", "list" + required, "", child["description"]
            yield from _rows(f"{field}[].", child["items"])
        else:
            yield field, _kind_of(child) + required, _default(child), child["description"]


def _is_secret_key(schema: Json) -> bool:
    return set(schema["properties"]) == {"name", "key"}


def _kind_of(schema: Json) -> str:
    if "enum" in schema:
        return " \\| ".join(schema["enum"])
    if "x-kubernetes-int-or-string" in schema:
        return "quantity"
    if schema.get("pattern", "").endswith("(ms|s|m|h))+$"):
        return "duration"
    if schema["type"] == "array":
        return f"list of {_kind_of(schema['items'])}"
    if "additionalProperties" in schema:
        return f"map of {_kind_of(schema['additionalProperties'])}"
    low, high = schema.get("minimum"), schema.get("maximum")
    return f"{schema['type']} {low}–{high}" if low is not None and high is not None else schema["type"]


def _default(schema: Json) -> str:
    default = schema.get("default")
    return "" if default in (None, [], {}, "") else f"`{json.dumps(default).strip(chr(34))}`"


def _messages(schema: Json, part: str) -> Iterator[str]:
    if not part:
        yield from (rule["message"] for rule in schema.get(RULES, []))
        return
    yield from _messages_below(schema["properties"][part], part)


def _messages_below(schema: Json, path: str) -> Iterator[str]:
    yield from (f"`{path}`: {rule['message']}" for rule in schema.get(RULES, []))
    for name, child in cast("dict[str, Json]", schema.get("properties", {})).items():
        yield from _messages_below(child, f"{path}.{name}")
    if isinstance(schema.get("items"), dict):
        yield from _messages_below(schema["items"], path + "[]")


if __name__ == "__main__":
    sys.stdout.write(render())
