"""Which type of observation a span is: an ordered table of conventions, the first that knows wins."""

from collections.abc import Callable, Mapping, Sequence

from elasticdash.shared.domain.observations import ObservationType
from elasticdash.shared.otel.view import Shape, SpanView

Rule = Callable[[SpanView], str | None]

OWN_KEY = "elasticdash.observation.type"
MODEL_KEYS = (
    "elasticdash.observation.model.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "llm.model_name",
    "model",
)
_GENERATION_SIGNS = (
    "elasticdash.observation.model.name",
    "elasticdash.observation.model.parameters",
    "elasticdash.observation.usage_details",
    "elasticdash.observation.cost_details",
    "elasticdash.observation.prompt.name",
)
_OWN_TYPES = {member.value.lower(): member.value for member in ObservationType}
_OPENINFERENCE = {
    "LLM": "GENERATION",
    **{name: name for name in ("CHAIN", "RETRIEVER", "EMBEDDING", "AGENT", "TOOL", "GUARDRAIL", "EVALUATOR")},
}
_GEN_AI = {
    **dict.fromkeys(("chat", "completion", "text_completion", "generate_content", "generate"), "GENERATION"),
    "embeddings": "EMBEDDING",
    "invoke_agent": "AGENT",
    "create_agent": "AGENT",
    "execute_tool": "TOOL",
}
_GENKIT = {
    "model": "GENERATION",
    "background-model": "GENERATION",
    "embedder": "EMBEDDING",
    "tool": "TOOL",
    "tool.v2": "TOOL",
    "retriever": "RETRIEVER",
    "evaluator": "EVALUATOR",
}
_VERCEL_MODEL_CALLS = {
    **dict.fromkeys(
        (
            "ai.generateText.doGenerate",
            "ai.generateObject.doGenerate",
            "ai.streamText.doStream",
            "ai.streamObject.doStream",
        ),
        "GENERATION",
    ),
    "ai.embed.doEmbed": "EMBEDDING",
    "ai.embedMany.doEmbed": "EMBEDDING",
}
_LIVEKIT = {"agent_turn": "AGENT", "start_agent_activity": "AGENT", "function_tool": "TOOL"}


def rules(shape: Shape) -> Sequence[Rule]:
    """The conventions that may know the type of spans of this shape."""
    return [find for family, find in _TABLE if family is None or family in shape.families]


def of(view: SpanView, rules: Sequence[Rule]) -> str:
    """The observation type; SPAN when no convention knows better."""
    for find in rules:
        if (found := find(view)) is not None:
            return found
    return "SPAN"


def _early_python_generation(view: SpanView) -> str | None:
    # The Python SDK up to 3.3 exported generations with the type "span".
    if not view.origin.is_early_python_sdk or view.attributes.get(OWN_KEY) != "span":
        return None
    return "GENERATION" if any(key in view.attributes for key in _GENERATION_SIGNS) else None


def _own(view: SpanView) -> str | None:
    return _lookup(_OWN_TYPES, view, OWN_KEY)


def _openinference(view: SpanView) -> str | None:
    kind = view.attributes.get("openinference.span.kind")
    return _OPENINFERENCE.get(kind.upper()) if isinstance(kind, str) else None


def _gen_ai(view: SpanView) -> str | None:
    return _lookup(_GEN_AI, view, "gen_ai.operation.name")


def _genkit(view: SpanView) -> str | None:
    return _lookup(_GENKIT, view, "genkit:metadata:subtype")


def _vercel_model_call(view: SpanView) -> str | None:
    if not any(key in view.attributes for key in (*MODEL_KEYS, "ai.model.id")):
        return None
    name = view.attributes.get("operation.name")
    by_name = _VERCEL_MODEL_CALLS.get(name.partition(" ")[0]) if isinstance(name, str) else None
    return by_name or _lookup(_VERCEL_MODEL_CALLS, view, "ai.operationId")


def _vercel_tool(view: SpanView) -> str | None:
    name = view.attributes.get("operation.name") or view.attributes.get("ai.operationId")
    return "TOOL" if isinstance(name, str) and name.partition(" ")[0] == "ai.toolCall" else None


def _gen_ai_tool(view: SpanView) -> str | None:
    return _if_any(view, ("gen_ai.tool.name", "gen_ai.tool.call.id"), "TOOL")


def _flue(view: SpanView) -> str | None:
    return _if_any(view, ("flue.tool.name", "flue.tool.call_id"), "TOOL") or _if_any(
        view, ("flue.task.id", "flue.task.agent"), "AGENT"
    )


def _livekit(view: SpanView) -> str | None:
    return _LIVEKIT.get(view.span.name) if view.scope_name == "livekit-agents" else None


def _model(view: SpanView) -> str | None:
    return _if_any(view, MODEL_KEYS, "GENERATION")


def _lookup(types: Mapping[str, str], view: SpanView, key: str) -> str | None:
    value = view.attributes.get(key)
    return types.get(value.lower() if types is _OWN_TYPES else value) if isinstance(value, str) else None


def _if_any(view: SpanView, keys: Sequence[str], found: str) -> str | None:
    return found if any(view.attributes.get(key) for key in keys) else None


# The family whose presence makes asking worthwhile, and the question. Source: Langfuse v4.16 ObservationTypeMapper.
_TABLE: Sequence[tuple[str | None, Rule]] = (
    ("elasticdash", _early_python_generation),
    ("elasticdash", _own),
    ("openinference", _openinference),
    ("gen_ai", _gen_ai),
    ("genkit:metadata:subtype", _genkit),
    ("ai", _vercel_model_call),
    ("ai", _vercel_tool),
    ("gen_ai", _gen_ai_tool),
    ("flue", _flue),
    (None, _livekit),
    (None, _model),
)
