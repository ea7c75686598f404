"""Names, people, versions, levels and times of a span: for each field an ordered list of keys, the first wins."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from elasticdash.shared.domain import environment
from elasticdash.shared.otel import attribute_values, view
from elasticdash.shared.otel.export import AttributeValue
from elasticdash.shared.otel.view import SpanView

_COMPATIBLE = tuple(
    f"elasticdash.{owner}.metadata.{brand}_"
    for owner in ("observation", "trace")
    for brand in ("elasticdash", "langfuse")
)
USER_KEYS = (
    "elasticdash.user.id",
    "user.id",
    *(prefix + "user_id" for prefix in _COMPATIBLE),
    "ai.telemetry.metadata.userId",
)
SESSION_KEYS = (
    "elasticdash.session.id",
    "session.id",
    *(prefix + "session_id" for prefix in _COMPATIBLE),
    "ai.telemetry.metadata.sessionId",
)
# Agents number their own conversations: good for want of a session, but it must not replace the one of the root.
CONVERSATION_KEYS = ("gen_ai.conversation.id",)
TAG_KEYS = (
    "elasticdash.trace.tags",
    "elasticdash.tags",
    *(prefix + "tags" for prefix in _COMPATIBLE),
    "ai.telemetry.metadata.tags",
    "tag.tags",
)
PUBLIC_KEYS = ("elasticdash.trace.public", "elasticdash.public")
TRACE_NAME_KEYS = ("elasticdash.trace.name",)
VERSION_KEYS = ("elasticdash.version",)
RELEASE_KEYS = ("elasticdash.release",)
LEVEL_KEYS = ("elasticdash.observation.level",)
_IS_APP_ROOT, _AS_ROOT = "elasticdash.internal.is_app_root", "elasticdash.internal.as_root"
APP_ROOT_KEYS = (_IS_APP_ROOT, _AS_ROOT)
STATUS_MESSAGE_KEYS = ("elasticdash.observation.status_message",)
DELEGATION_KEYS = ("gen_ai.operation.name", "openinference.span.kind")
ENVIRONMENT_KEYS = ("elasticdash.environment", "deployment.environment.name", "deployment.environment")
MODEL_KEYS = (
    "elasticdash.observation.model.name",
    "gen_ai.response.model",
    "ai.model.id",
    "gen_ai.request.model",
    "llm.response.model",
    "llm.model_name",
    "embedding.model_name",
    "model",
)
_PROMPT_NAME_KEYS = ("elasticdash.observation.prompt.name", "elasticdash.prompt.name")
_LINKED_PROMPT_KEYS = ("ai.telemetry.metadata.elasticdashPrompt", "ai.telemetry.metadata.langfusePrompt")
PROMPT_KEYS = (*_PROMPT_NAME_KEYS, *_LINKED_PROMPT_KEYS)
_COMPLETION_START_KEY = "elasticdash.observation.completion_start_time"
_FIRST_CHUNK_KEYS = ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk")
COMPLETION_START_KEYS = (_COMPLETION_START_KEY, *_FIRST_CHUNK_KEYS)
_LEVELS = {
    **dict.fromkeys(("DEBUG", "TRACE", "VERBOSE"), "DEBUG"),
    **dict.fromkeys(("DEFAULT", "INFO", "LOG", "NOTICE", "OK", "SUCCESS"), "DEFAULT"),
    **dict.fromkeys(("WARNING", "WARN"), "WARNING"),
    **dict.fromkeys(("ERROR", "FATAL", "CRITICAL"), "ERROR"),
}
_LIVEKIT_DEBUG_SPANS = frozenset(
    ("llm_node", "tts_node", "llm_request_run", "tts_request_run", "eou_detection", "user_speaking", "agent_speaking")
)
_GENKIT_NAME = "genkit:name"
_NAME_KEYS = ("gen_ai.tool.name", _GENKIT_NAME, "logfire.msg", "ai.toolCall.name")
NAMING_KEYS = (*_NAME_KEYS, "ai.operationId")
GENKIT_MODEL_KEYS = (_GENKIT_NAME,)
_STATUS_ERROR = 2
_MAX_PROMPT_VERSION = 0xFFFF
# Whoever delegates reports the sum of the calls below it: those count, the sum does not.
_DELEGATING_OPERATIONS = ("invoke_agent", "agent_step")


def name(seen: SpanView) -> str:
    """The observation's name."""
    attributes = seen.attributes
    found = view.first_text(attributes, _NAME_KEYS)
    if found is not None:
        return found
    operation = view.first_text(attributes, ("ai.operationId",))
    if operation is None:
        return seen.span.name
    function = view.first_text(attributes, ("ai.telemetry.functionId",))
    return operation if function is None else f"{function}:{operation}"


def tags(seen: SpanView) -> list[str]:
    """Tags in the order sent, each once; from a list, JSON text of one, a comma list or a single text."""
    value = view.first(seen.attributes, TAG_KEYS)
    if value is None:
        return []
    members: Sequence[object] | None = view.parsed_list(value)
    if members is None:
        members = value.split(",") if isinstance(value, str) else [value]
    texts = (view.text_of(cast("AttributeValue", member)).strip() for member in members)
    return list(dict.fromkeys(text for text in texts if text))


def is_public(seen: SpanView) -> bool | None:
    """Whether the trace is public; None when the span does not say."""
    value = view.first(seen.attributes, PUBLIC_KEYS)
    return None if value is None else is_true(value)


def is_true(value: AttributeValue) -> bool:
    """True for true and "true"."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def is_app_root(seen: SpanView) -> bool:
    """Whether the SDK says that the span is the outermost of its application."""
    return is_true(seen.attributes.get(_IS_APP_ROOT))


def is_local_root(seen: SpanView) -> bool:
    """Whether the span speaks for its trace like a root, although it has a parent elsewhere."""
    return is_app_root(seen) or is_true(seen.attributes.get(_AS_ROOT))


def stated_environment(seen: SpanView) -> tuple[str | None, bool]:
    """The environment, None when not said, and whether the span itself says it (and not its resource)."""
    attributes, resource = seen.attributes, seen.origin.resource
    for key in ENVIRONMENT_KEYS:
        if value := attributes.get(key):
            return environment.normalise(value), True
        if value := resource.get(key):
            return environment.normalise(value), False
    return None, False


def resource_environment(resource: Mapping[str, AttributeValue]) -> str | None:
    """The environment a resource says for all its spans."""
    stated = next((value for key in ENVIRONMENT_KEYS if (value := resource.get(key))), None)
    return None if stated is None else environment.normalise(stated)


def level(seen: SpanView) -> str:
    """Severity: as stated, else by status."""
    stated = view.first(seen.attributes, LEVEL_KEYS)
    if isinstance(stated, str) and (known := _LEVELS.get(stated.upper())) is not None:
        return known
    if seen.span.status_code == _STATUS_ERROR:
        return "ERROR"
    if seen.scope_name == "livekit-agents" and seen.span.name in _LIVEKIT_DEBUG_SPANS:
        return "DEBUG"
    return "DEFAULT"


def is_delegating(seen: SpanView) -> bool:
    """Whether the span repeats model and usage of the calls below it."""
    if seen.attributes.get("gen_ai.operation.name") in _DELEGATING_OPERATIONS:
        return True
    # OpenInference's agents add up their children's tokens, and then name no model.
    return seen.attributes.get("openinference.span.kind") == "AGENT" and model(seen) is None


def model(seen: SpanView) -> str | None:
    """The model's name; None for a span that only repeats its children's."""
    found = view.first_text(seen.attributes, MODEL_KEYS)
    if found is None and seen.attributes.get("genkit:metadata:subtype") in ("model", "background-model"):
        return view.first_text(seen.attributes, GENKIT_MODEL_KEYS)
    return found


def prompt(seen: SpanView) -> tuple[str | None, int | None]:
    """Name and version of the prompt; only both together name one."""
    attributes = seen.attributes
    prompt_name = view.first_text(attributes, _PROMPT_NAME_KEYS)
    version = view.first(attributes, ("elasticdash.observation.prompt.version", "elasticdash.prompt.version"))
    if prompt_name is None and "ai" in seen.families:
        linked = view.first(attributes, _LINKED_PROMPT_KEYS)
        found = view.parsed_object(linked) or {}
        prompt_name = view.text_of(found.get("name")) or None
        number = view.count(found.get("version"))
    else:
        number = view.count(version)
    if prompt_name is None or number is None or not 0 <= number <= _MAX_PROMPT_VERSION:
        return None, None
    return prompt_name, number


def completion_start_us(seen: SpanView, start_us: int) -> int | None:
    """When the first token came, in microseconds since the epoch."""
    stated = seen.attributes.get(_COMPLETION_START_KEY)
    if isinstance(stated, str) and stated:
        return _instant_us(stated)
    if "ai" not in seen.families:
        return None
    delay_ms = view.first(seen.attributes, _FIRST_CHUNK_KEYS)
    if isinstance(delay_ms, bool) or not isinstance(delay_ms, int | float) or not 0 <= delay_ms < 1e12:
        return None
    return start_us + math.ceil(delay_ms) * 1000


def _instant_us(text: str) -> int | None:
    """Of an ISO 8601 text, which JavaScript sends with quotes around it (and some once more)."""
    for _ in range(2):
        if text.startswith('"'):
            inner = view.parsed(text)
            text = inner if isinstance(inner, str) else ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since_epoch = moment - datetime(1970, 1, 1, tzinfo=UTC)
    micros = (since_epoch.days * 86_400 + since_epoch.seconds) * 1_000_000 + since_epoch.microseconds
    return micros if 0 <= micros <= attribute_values.MAX_TIME_NS // 1000 else None
