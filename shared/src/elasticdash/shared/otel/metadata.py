"""What is left of a span's attributes, and what its sender called metadata."""

import zlib
from collections.abc import Mapping, Sequence

from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.otel import input_output, scalars, view
from elasticdash.shared.otel.export import AttributeValue, Origin
from elasticdash.shared.otel.view import OriginView, Shape, SpanView

ATTRIBUTES, RESOURCE, SCOPE = "attributes", "resourceAttributes", "scope"
_RESERVED = frozenset((ATTRIBUTES, RESOURCE, SCOPE))
_OWN_SCOPES = ("elasticdash-sdk", "langfuse-sdk")
_OF_TRACE = "elasticdash.trace.metadata"
_OF_OBSERVATION = "elasticdash.observation.metadata"
_OF_BOTH = ("elasticdash.metadata", "ai.telemetry.metadata")
_WHOLE_KEYS = frozenset((*_OF_BOTH, _OF_TRACE, _OF_OBSERVATION))
_STARTS = tuple(f"{key}." for key in _WHOLE_KEYS)
_CONSUMED = frozenset(
    key.removeprefix(f"{prefix}.")
    for key in (*scalars.USER_KEYS, *scalars.SESSION_KEYS, *scalars.TAG_KEYS)
    for prefix in (_OF_TRACE, _OF_OBSERVATION)
    if key.startswith(f"{prefix}.")
)
_CONSUMED_OF_VERCEL = frozenset(("userId", "sessionId", "tags", "langfusePrompt", "elasticdashPrompt"))
_ROUTES = ("http.route", f"{_OF_TRACE}.http.route", f"{_OF_OBSERVATION}.http.route")
_ROUTE_FAMILIES = ("http", "elasticdash")
_FIRST_ENCODING_MAJOR = 5


def origin_view(origin: Origin, sdk_name: str, sdk_version: str) -> OriginView:
    """What all spans of the origin share; the SDK is the one that the request names."""
    sent = origin.resource_attributes
    resource = view.shape_of(sent.keys(), has_events=False).own_vocabulary(sent)
    resource_text = view.json_text(resource)
    scope_text = view.json_text(
        {"name": origin.scope_name, "version": origin.scope_version, "attributes": origin.scope_attributes}
    )
    is_python = resource.get("telemetry.sdk.language") == "python"
    is_own_python = is_python and origin.scope_name.startswith(_OWN_SCOPES)
    return OriginView(
        origin=origin,
        resource=resource,
        resource_text=resource_text,
        scope_text=scope_text,
        checksum=zlib.crc32(scope_text.encode(), zlib.crc32(resource_text.encode())),
        has_encoded_metadata=(is_own_python and _major(origin.scope_version) >= _FIRST_ENCODING_MAJOR)
        or (sdk_name == "python" and _major(sdk_version) >= _FIRST_ENCODING_MAJOR),
        is_early_python_sdk=is_own_python and _version(origin.scope_version) < (3, 4),
        environment=scalars.resource_environment(resource),
        version=view.first_text(resource, ("service.version",)),
        release=view.first_text(resource, ("elasticdash.release",)),
    )


def left_keys(shape: Shape) -> Sequence[str]:
    """The keys of attributes that have no column of their own: all but input and output."""
    own_columns, prefixes = input_output.KEYS, input_output.KEY_PREFIXES
    return [key for key in shape.keys if key not in own_columns and not key.startswith(prefixes)]


def attributes_text(seen: SpanView, keys: Sequence[str]) -> str:
    """The attributes under these keys: a JSON object of flat dotted keys and texts.

    The ElasticDash Backend asks for `http.target` where instrumentations write `http.route`.
    """
    attributes = seen.attributes
    left = {key: value if isinstance(value := attributes[key], str) else view.text_of(value) for key in keys}
    if not seen.families.isdisjoint(_ROUTE_FAMILIES) and "http.target" not in left:
        route = view.first_text(attributes, _ROUTES)
        if route is not None:
            left["http.target"] = route
    return view.json_text(left)


def says_any(shape: Shape) -> bool:
    """Whether spans of this shape may hold metadata of a trace or an observation."""
    return shape.has_any(_WHOLE_KEYS) or shape.has_prefix(_STARTS)


def said_of_observation(seen: SpanView) -> dict[str, str]:
    """What the sender said about the observation or its whole trace, as texts."""
    stated = {**of_trace(seen), **_stated(seen, (_OF_OBSERVATION,))}
    return {key: view.text_of(value) for key, value in stated.items()}


def of_observation(seen: SpanView, said: Mapping[str, str], attributes: str) -> dict[str, str]:
    """All metadata of the observation, as texts: what the sender said, exceptions, then our three reserved keys."""
    found = dict(said)
    if seen.span.events:
        for key, value in exception(seen).items():
            found.setdefault(key, value)
    found[ATTRIBUTES] = attributes
    found[RESOURCE] = seen.origin.resource_text
    found[SCOPE] = seen.origin.scope_text
    return found


def of_trace(seen: SpanView) -> dict[str, JsonValue]:
    """What the sender said about the whole trace, with the meaning of JSON texts where the SDK encodes all."""
    return _stated(seen, (*_OF_BOTH, _OF_TRACE))


def reserved(seen: SpanView, attributes: str) -> dict[str, JsonValue]:
    """Our three keys, for the trace of a root."""
    return {ATTRIBUTES: attributes, RESOURCE: seen.origin.resource_text, SCOPE: seen.origin.scope_text}


def exception(seen: SpanView) -> Mapping[str, str]:
    """Type, message and stack of the last recorded exception; empty if there is none."""
    for event in reversed(seen.span.events):
        if event.name == "exception":
            return {key: view.text_of(value) for key, value in event.attributes.items() if key.startswith("exception.")}
    return {}


def _stated(seen: SpanView, prefixes: Sequence[str]) -> dict[str, JsonValue]:
    """Metadata under the prefixes, later ones win, a key of its own wins over the same key in an object."""
    found: dict[str, JsonValue] = {}
    for prefix in prefixes:
        whole = seen.attributes.get(prefix)
        if whole is not None and whole != "":
            found.update(_members(whole))
    starts = tuple(f"{prefix}." for prefix in prefixes)
    for key, value in seen.attributes.items():
        if not key.startswith(starts):
            continue
        prefix = next(prefix for prefix in prefixes if key.startswith(f"{prefix}."))
        name = key[len(prefix) + 1 :]
        if name not in (_CONSUMED_OF_VERCEL if prefix == "ai.telemetry.metadata" else _CONSUMED):
            found[name] = _meaning(value) if seen.origin.has_encoded_metadata else value
    if "http.target" not in found and "http.route" in found:
        found["http.target"] = found["http.route"]
    return {name: value for name, value in found.items() if name and name not in _RESERVED}


def _members(whole: AttributeValue) -> Mapping[str, JsonValue]:
    """An object's members; anything else under the key `metadata`, as the batch endpoint keeps it."""
    members = view.parsed_object(whole)
    return {"metadata": whole} if members is None else members


def _meaning(value: AttributeValue) -> JsonValue:
    meant = view.parsed(value)
    return value if meant is None and value != "null" else meant


def _major(version: str) -> int:
    return _version(version)[0]


def _version(version: str) -> tuple[int, int]:
    """Major and minor, 0 for what is not a number."""
    parts = [*version.removeprefix("v").split("."), "", ""][:2]
    major, minor = (int(part) if part.isascii() and part.isdecimal() and len(part) < 9 else 0 for part in parts)
    return major, minor
