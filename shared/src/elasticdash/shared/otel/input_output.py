"""Where a span's input and output are: an ordered table of conventions; each side takes the first that has it."""

from collections.abc import Callable, Sequence

from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.otel import view
from elasticdash.shared.otel.conventions import gen_ai, genkit, google_adk, indexed, logfire, vercel_ai
from elasticdash.shared.otel.view import Shape, SpanView

Find = Callable[[SpanView], JsonValue]
Source = tuple[Find, Find]
TRACE_KEYS = ("elasticdash.trace.input", "elasticdash.trace.output")


def sources(shape: Shape) -> Sequence[Source]:
    """Where spans of this shape may have their input and output, in the order of the table."""
    return [(find_input, find_output) for family, find_input, find_output in _SOURCES if family in shape.families]


def of(seen: SpanView, sources: Sequence[Source]) -> tuple[str | None, str | None]:
    """Input and output as texts exactly as sent (JSON text for what was not text), None for nothing."""
    found_input: str | None = None
    found_output: str | None = None
    for find_input, find_output in sources:
        if found_input is None:
            found_input = _text(find_input(seen))
        if found_output is None:
            found_output = _text(find_output(seen))
        if found_input is not None and found_output is not None:
            break
    return found_input, found_output


def of_trace(seen: SpanView) -> tuple[str | None, str | None]:
    """Input and output that the span states for its whole trace."""
    found_input, found_output = (_text(seen.attributes.get(key)) for key in TRACE_KEYS)
    return found_input, found_output


def _text(value: JsonValue) -> str | None:
    """Empty texts, `null` and empty containers say nothing."""
    if isinstance(value, str):
        return None if value in ("", "null") else value
    return None if value is None or value == [] else view.text_of(value)


def _either(*keys: str) -> Find:
    return lambda seen: view.first(seen.attributes, keys)


def _nothing(_: SpanView) -> JsonValue:
    return None


def _list_under(prefix: str) -> Find:
    return lambda seen: indexed.rebuilt(seen.attributes, prefix)


_FLUE_UNITS = ("turn", "tool", "task", "workflow", "operation")
_FLUE_INPUTS = tuple(f"flue.{unit}.{name}" for unit in _FLUE_UNITS for name in ("input", "arguments"))
_FLUE_OUTPUTS = tuple(f"flue.{unit}.{name}" for unit in _FLUE_UNITS for name in ("output", "result"))

# Family that must be there, input, output. Source of the order: Langfuse v4.16 OtelIngestionProcessor.
_SOURCES: Sequence[tuple[str, Find, Find]] = (
    ("elasticdash", _either("elasticdash.observation.input"), _either("elasticdash.observation.output")),
    ("genkit:input", genkit.input_value, _nothing),
    ("genkit:output", _nothing, genkit.output_value),
    ("ai", vercel_ai.input_value, vercel_ai.output_value),
    ("flue", _either(*_FLUE_INPUTS), _either(*_FLUE_OUTPUTS)),
    (view.EVENTS, gen_ai.details_input, gen_ai.details_output),
    (view.EVENTS, gen_ai.event_input, gen_ai.event_output),
    (view.EVENTS, gen_ai.content_input, gen_ai.content_output),
    ("gcp", google_adk.input_value, google_adk.output_value),
    ("prompt", _either("prompt"), _nothing),
    ("all_messages_events", _nothing, _either("all_messages_events")),
    (
        "lk",
        _either("lk.input_text", "lk.user_transcript", "lk.chat_ctx"),
        _either("lk.function_tool.output", "lk.response.text"),
    ),
    ("events", logfire.input_value, logfire.output_value),
    ("mlflow", _either("mlflow.spanInputs"), _either("mlflow.spanOutputs")),
    ("traceloop", _either("traceloop.entity.input"), _either("traceloop.entity.output")),
    ("input", _either("input.value", "input"), _nothing),
    ("output", _nothing, _either("output.value", "output")),
    ("pydantic_ai", _either("pydantic_ai.all_messages"), _either("pydantic_ai.final_result")),
    ("final_result", _nothing, _either("final_result")),
    ("tool_arguments", _either("tool_arguments"), _nothing),
    ("tool_response", _nothing, _either("tool_response")),
    ("gen_ai", gen_ai.indexed_input, gen_ai.indexed_output),
    ("llm", _list_under("llm.input_messages."), _list_under("llm.output_messages.")),
    ("gen_ai", gen_ai.messages_input, gen_ai.messages_output),
)

# Attributes that may hold input or output, whichever won: these have their own columns and are not metadata too.
KEYS = frozenset(
    (
        "elasticdash.observation.input",
        "elasticdash.observation.output",
        *TRACE_KEYS,
        "genkit:input",
        "genkit:output",
        *("ai.prompt.messages", "ai.prompt", "ai.toolCall.args", "ai.toolCall.result"),
        *(f"ai.{stage}.{what}" for stage in ("response", "result") for what in ("text", "object", "toolCalls")),
        *_FLUE_INPUTS,
        *_FLUE_OUTPUTS,
        *(f"gcp.vertex.agent.{name}" for name in ("llm_request", "llm_response", "tool_call_args", "tool_response")),
        *("prompt", "all_messages_events", "events"),
        *("lk.input_text", "lk.user_transcript", "lk.chat_ctx", "lk.function_tool.output", "lk.response.text"),
        *("mlflow.spanInputs", "mlflow.spanOutputs", "traceloop.entity.input", "traceloop.entity.output"),
        *("input.value", "output.value", "input", "output"),
        *("pydantic_ai.all_messages", "pydantic_ai.final_result", "final_result", "tool_arguments", "tool_response"),
        *("gen_ai.prompt", "gen_ai.completion", "gen_ai.input.messages", "gen_ai.output.messages"),
        *("gen_ai.system_instructions", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result"),
    )
)
KEY_PREFIXES = ("gen_ai.prompt.", "gen_ai.completion.", "llm.input_messages.", "llm.output_messages.")
