"""Lists that instrumentations flatten into numbered keys (`gen_ai.prompt.0.role`), put together again."""

from collections.abc import Mapping
from typing import Any, cast

from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.otel.export import AttributeValue

_MAX_INDEX = 10_000
_MAX_PARTS = 16
# Names that would reach into objects of a JavaScript reader.
_FORBIDDEN = frozenset(("__proto__", "constructor", "prototype"))


class _Node(dict[str, Any]):
    """Made from numbered keys, and not a map that was sent as one value."""


def rebuilt(attributes: Mapping[str, AttributeValue], prefix: str) -> list[JsonValue]:
    """The list under `prefix` (which ends with a dot), by rising index without gaps; empty if there is none.

    Numbers above 10,000 and forbidden names are left out, with all that is below them.
    """
    tree = _Node()
    for key, value in attributes.items():
        if key.startswith(prefix):
            _insert(tree, key[len(prefix) :].split(".", _MAX_PARTS), value)
    items = {name: value for name, value in tree.items() if _is_index(name)}
    return [_unwrapped(_listed(items[name])) for name in sorted(items, key=int)]


def _insert(tree: _Node, path: list[str], value: AttributeValue) -> None:
    if any(part in _FORBIDDEN or (part.isdecimal() and not _is_index(part)) for part in path):
        return
    node = tree
    for part in path[:-1]:
        child = node.setdefault(part, _Node())
        if not isinstance(child, _Node):
            return
        node = child
    node.setdefault(path[-1], value)


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) <= 5 and int(name) <= _MAX_INDEX


def _listed(node: Any) -> Any:
    """The node with maps of numbers as lists."""
    if not isinstance(node, _Node):
        return node
    members = {name: _listed(child) for name, child in node.items()}
    if members and all(_is_index(name) for name in members):
        return [members[name] for name in sorted(members, key=int)]
    return members


def _unwrapped(item: JsonValue) -> JsonValue:
    """OpenInference puts every message into a map of its own."""
    message: Any = cast("dict[str, Any]", item).get("message") if isinstance(item, dict) else None
    return item if message is None else message
