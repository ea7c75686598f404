"""JSON Schemas that clients send: which ones are taken, and what in a value breaks one."""

import itertools
import json
from collections.abc import Sequence
from typing import Any, cast

import jsonschema_rs

from elasticdash.shared import errors
from elasticdash.shared.errors import FieldIssue

# Every part of a schema may look at every part of a value: this bounds a check to about a second.
_MAX_PARTS = 1000
_MAX_WORK = 200_000_000
_MAX_ISSUES = 10
# What lets references lead elsewhere than they say.
_REBASING = ("$dynamicRef", "$recursiveRef")
_WITH_BARE_IDS = ("draft-03", "draft-04")
_MASK = "the value"


class _RefusedSchemaError(ValueError):
    pass


def require_schema(field: str, schema: Any) -> None:
    """Nothing for a schema that can be checked against; InvalidRequestError that names the field and the rule.

    A schema stands for itself: references lead into its own document and not in circles, expressions need no
    look-around, and all its parts, counted as often as they are referred to, are at most 1000.
    """
    try:
        _count_parts(schema)
        _validator(schema)
    except (ValueError, RecursionError) as error:
        rule = str(error) if isinstance(error, _RefusedSchemaError) else "must be a valid JSON Schema"
        raise errors.InvalidRequestError("Invalid request data", [FieldIssue((field,), rule)]) from error


def issues_of(field: str, schema: Any, value: Any) -> Sequence[FieldIssue]:
    """Where the value breaks a schema that `require_schema` took: up to 10 places, none when it fits."""
    if _count_parts(schema) * len(json.dumps(value)) > _MAX_WORK:
        return [FieldIssue((field,), "is too large to be checked against its schema")]
    validator = _validator(schema)
    if validator.is_valid(value):
        return []
    found = itertools.islice(validator.iter_errors(value), _MAX_ISSUES)
    return [FieldIssue((field, *error.instance_path), error.message) for error in found]


def _validator(schema: Any) -> jsonschema_rs.Validator:
    # Nothing is fetched, and expressions take linear time; messages say no values, which are user data.
    return jsonschema_rs.validator_for(schema, offline=True, pattern_options=jsonschema_rs.RegexOptions(), mask=_MASK)


def _count_parts(schema: Any) -> int:
    """How many objects a schema has once references are followed."""
    if isinstance(schema, dict) and any(draft in str(_member(schema, "$schema")) for draft in _WITH_BARE_IDS):
        raise _RefusedSchemaError("must be of draft 6 or newer")
    known: dict[str, int] = {}
    count = _parts(schema, schema, (), known)
    if count > _MAX_PARTS:
        raise _RefusedSchemaError(f"must not have more than {_MAX_PARTS} parts")
    return count


def _member(schema: Any, name: str) -> Any:
    return cast(dict[str, Any], schema).get(name)


def _parts(part: Any, document: Any, followed: tuple[str, ...], known: dict[str, int]) -> int:
    if isinstance(part, list):
        return sum(_parts(item, document, followed, known) for item in cast(list[Any], part))
    if not isinstance(part, dict):
        return 0
    members = cast(dict[str, Any], part)
    inside = sum(_parts(value, document, followed, known) for value in members.values())
    # A property may be called like a keyword: then it is an object.
    if any(isinstance(members.get(key), str) for key in _REBASING) or (
        part is not document and isinstance(members.get("$id"), str)
    ):
        raise _RefusedSchemaError("must not have dynamic references, nor ids of parts")
    target = members.get("$ref")
    return 1 + inside + (_referred(target, document, followed, known) if isinstance(target, str) else 0)


def _referred(target: str, document: Any, followed: tuple[str, ...], known: dict[str, int]) -> int:
    if target in followed:
        raise _RefusedSchemaError("must not refer to itself")
    if target not in known:
        known[target] = _parts(_at(target, document), document, (*followed, target), known)
    return known[target]


def _at(target: str, document: Any) -> Any:
    """What a JSON pointer of this document leads to."""
    if not target.startswith("#/"):
        raise _RefusedSchemaError("must refer to its own parts only, as #/$defs/name")
    found = document
    for step in target[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict) or name not in found:
            raise _RefusedSchemaError(f"has no part {target!r}")
        found = cast(dict[str, Any], found)[name]
    return found
