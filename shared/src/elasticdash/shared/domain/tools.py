"""Finds tools in what went into a model and calls of tools in what came out, in the shapes providers use."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from elasticdash.shared.domain.record import record

_MAX_DEPTH = 8
# Every sign holds one of the hints: most texts hold none, and two searches tell.
_DEFINITION_HINTS = ('"tools"', "unction")
_CALL_HINTS = ("tool", "unction")
_DEFINITION_SIGNS = ('"tools"', '"functions"', '"function"', "unctionDeclarations", "unction_declarations")
_CALL_SIGNS = ("tool_call", "toolCall", "tool_use", "tool-call", "functionCall", "function_call")
_SCHEMA_KEYS = ("parameters", "input_schema", "inputSchema", "parametersJsonSchema")
# Where an answer keeps its messages and their parts.
_CARRIERS = ("choices", "message", "messages", "content", "parts", "candidates", "output", "generations")
_CALL_LISTS = ("tool_calls", "toolCalls")
_CALL_TYPES = frozenset(("tool_use", "tool-call", "tool_call", "function_call"))

_Object = Mapping[str, Any]


@record()
class Tools:
    """Definitions by name as JSON texts {description, parameters}; calls in order as JSON texts
    {id, name, arguments, type, index}, and their names."""

    definitions: Mapping[str, str]
    calls: Sequence[str]
    call_names: Sequence[str]


_NONE = Tools({}, (), ())


def extract(input_text: str | None, output_text: str | None) -> Tools:
    """The tools offered in the input and called in the output. Text is only parsed when it may hold some."""
    offered = _parsed(input_text, _DEFINITION_HINTS, _DEFINITION_SIGNS)
    answered = _parsed(output_text, _CALL_HINTS, _CALL_SIGNS)
    if offered is None and answered is None:
        return _NONE
    try:
        return _tools(offered, answered)
    except RecursionError:
        return _NONE


def _tools(offered: Any, answered: Any) -> Tools:
    calls = list(_unique(_calls(answered, 0)))
    return Tools(
        # OpenAI's responses repeat the tools that were offered.
        {**dict(_definitions(answered)), **dict(_definitions(offered))},
        [_call_text(call, index) for index, call in enumerate(calls)],
        [call.name for call in calls if call.name],
    )


@dataclass(frozen=True, slots=True)
class _Call:
    id: str
    name: str
    arguments: str
    type: str


def _parsed(text: str | None, hints: tuple[str, str], signs: Sequence[str]) -> Any:
    if text is None or text[:1] not in ("{", "[") or not (hints[0] in text or hints[1] in text):
        return None
    for sign in signs:
        if sign in text:
            return _decoded(text)
    return None


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _definitions(offered: Any) -> Iterator[tuple[str, str]]:
    for holder in _objects([offered] if isinstance(offered, Mapping) else offered):
        for key in ("tools", "functions"):
            for tool in _objects(holder.get(key)):
                yield from _definition(tool)
        config = holder.get("config")
        if isinstance(config, Mapping):
            for tool in _objects(cast("_Object", config).get("tools")):
                yield from _definition(tool)
        # LangChain hands tools over as messages.
        content = holder.get("content")
        if holder.get("role") == "tool" and isinstance(content, Mapping):
            yield from _definition(cast("_Object", content))


def _definition(tool: _Object) -> Iterator[tuple[str, str]]:
    for key in ("functionDeclarations", "function_declarations"):
        for declared in _objects(tool.get(key)):
            yield from _definition(declared)
    inner = tool.get("function")
    described: _Object = cast("_Object", inner) if isinstance(inner, Mapping) else tool
    name = described.get("name")
    if isinstance(name, str) and name:
        schema = next((described[key] for key in _SCHEMA_KEYS if described.get(key) is not None), None)
        yield name, _json({"description": described.get("description"), "parameters": schema})


def _calls(node: Any, depth: int) -> Iterator[_Call]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(node, list):
        for item in cast("list[Any]", node):
            yield from _calls(item, depth + 1)
        return
    if not isinstance(node, Mapping):
        return
    found = cast("_Object", node)
    if (call := _call_of(found)) is not None:
        yield call
        return
    for key in _CALL_LISTS:
        for item in _objects(found.get(key)):
            if (call := _listed_call(item)) is not None:
                yield call
    for key in _CARRIERS:
        if isinstance(found.get(key), Mapping | list):
            yield from _calls(found[key], depth + 1)


def _call_of(part: _Object) -> _Call | None:
    """The call that this part of an answer is."""
    if part.get("type") in _CALL_TYPES:
        return _listed_call(part)
    for key in ("functionCall", "function_call"):
        inner = part.get(key)
        if isinstance(inner, Mapping):
            return _listed_call(cast("_Object", inner))
    return None


def _listed_call(item: _Object) -> _Call | None:
    inner = item.get("function")
    described: _Object = {**item, **cast("_Object", inner)} if isinstance(inner, Mapping) else item
    name = _first(described, ("name", "toolName"))
    if not isinstance(name, str):
        return None
    arguments = _first(described, ("arguments", "args", "input"))
    return _Call(
        id=str(_first(described, ("id", "call_id", "toolCallId")) or ""),
        name=name,
        arguments=arguments if isinstance(arguments, str) else _json({} if arguments is None else arguments),
        type=str(item.get("type") or "function"),
    )


def _unique(calls: Iterator[_Call]) -> Iterator[_Call]:
    """Without repetitions of an id: some frameworks report a call in two shapes."""
    seen: set[str] = set()
    for call in calls:
        if call.id and call.id in seen:
            continue
        seen.add(call.id)
        yield call


def _call_text(call: _Call, index: int) -> str:
    return _json({"id": call.id, "name": call.name, "arguments": call.arguments, "type": call.type, "index": index})


def _first(item: _Object, keys: Sequence[str]) -> Any:
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _objects(value: Any) -> list[_Object]:
    members = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("_Object", member) for member in members if isinstance(member, Mapping)]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
