"""The bodies of batch events as clients send them. Unknown keys are ignored; types and lengths are checked.

Attributes are named by the column they fill. Source: Langfuse v4.16 ingestion schemas.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

# The value of a raw field that was not sent.
NOTHING = Raw()
Id = Annotated[str, Meta(min_length=1, max_length=800, pattern=r"^[^\r\x00]*$")]
Name = Annotated[str, Meta(max_length=1000)]
SessionKey = Annotated[str, Meta(pattern=r"^[^\x00]*$")]
PromptVersion = Annotated[int, Meta(ge=0, le=65535)]
OptionalId = Id | UnsetType | None
OptionalName = Name | UnsetType | None
OptionalText = str | UnsetType | None
OptionalCount = int | float | UnsetType | None
ParameterValue = str | int | float | bool | list[str] | dict[str, str] | None
LevelName = Literal["DEBUG", "DEFAULT", "WARNING", "ERROR"]
SourceName = Literal["API", "EVAL", "ANNOTATION"]
DataTypeName = Literal["NUMERIC", "CATEGORICAL", "BOOLEAN", "TEXT", "CORRECTION"]
UnitName = Literal["CHARACTERS", "TOKENS", "SECONDS", "MILLISECONDS", "IMAGES", "REQUESTS"]


class Envelope(Struct, gc=False):
    """What surrounds every body. `timestamp` orders the statements about an entity."""

    id: Id
    timestamp: str
    type: str
    body: Raw = NOTHING


class EnvelopeId(Struct, gc=False):
    """Only the id, to name an event that is otherwise wrong."""

    id: str


class TraceBody(Struct, rename="camel"):
    """Of `trace-create`."""

    id: OptionalId = UNSET
    timestamp_us: OptionalText = field(default=UNSET, name="timestamp")
    name: OptionalName = UNSET
    user_id: OptionalText = UNSET
    session_id: SessionKey | UnsetType | None = UNSET
    release: OptionalText = UNSET
    version: OptionalText = UNSET
    environment: Any = UNSET
    is_public: bool | UnsetType | None = field(default=UNSET, name="public")
    tags: list[str] | UnsetType | None = UNSET
    input: Raw = NOTHING
    output: Raw = NOTHING
    metadata: Raw = NOTHING


class ObservationFields(Struct, rename="camel", kw_only=True):
    """What all observations have."""

    trace_id: OptionalId = UNSET
    parent_observation_id: OptionalText = UNSET
    name: OptionalName = UNSET
    start_time_us: OptionalText = field(default=UNSET, name="startTime")
    level: LevelName | UnsetType | None = UNSET
    status_message: OptionalText = UNSET
    version: OptionalText = UNSET
    environment: Any = UNSET
    input: Raw = NOTHING
    output: Raw = NOTHING
    metadata: Raw = NOTHING


class SpanFields(ObservationFields, rename="camel", kw_only=True):
    """What observations that last have."""

    end_time_us: OptionalText = field(default=UNSET, name="endTime")


class ModelFields(SpanFields, rename="camel", kw_only=True):
    """What observations that may call a model have."""

    completion_start_time_us: OptionalText = field(default=UNSET, name="completionStartTime")
    model: OptionalText = UNSET
    model_parameters: Raw = NOTHING
    usage: Raw = NOTHING
    usage_details: dict[str, Any] | UnsetType | None = UNSET
    cost_details: dict[str, Raw] | UnsetType | None = UNSET
    prompt_name: OptionalText = UNSET
    prompt_version: PromptVersion | UnsetType | None = UNSET


class EventBody(ObservationFields, rename="camel", kw_only=True):
    """Of `event-create`."""

    id: Id


class SpanBody(SpanFields, rename="camel", kw_only=True):
    """Of `span-create` and `span-update`."""

    id: Id


class GenerationBody(ModelFields, rename="camel", kw_only=True):
    """Of `generation-*`, `agent-create` and the others that may call a model."""

    id: Id


class ObservationBody(ModelFields, rename="camel", kw_only=True):
    """Of the old `observation-create` and `observation-update`."""

    id: OptionalId = UNSET
    type: Literal["GENERATION", "SPAN", "EVENT"]


class TokenUsage(Struct, rename="camel"):
    """`usage` of the OpenAI kind; when any of these is there, nothing else of it counts."""

    prompt_tokens: OptionalCount = UNSET
    completion_tokens: OptionalCount = UNSET
    total_tokens: OptionalCount = UNSET


class UnitUsage(Struct, rename="camel"):
    """`usage` of the other kind. `unit` is checked and not kept: reads always answer TOKENS."""

    input: OptionalCount = UNSET
    output: OptionalCount = UNSET
    total: OptionalCount = UNSET
    unit: UnitName | UnsetType | None = UNSET
    input_cost: Raw = NOTHING
    output_cost: Raw = NOTHING
    total_cost: Raw = NOTHING


class ScoreBody(Struct, rename="camel"):
    """Of `score-create`."""

    name: Annotated[str, Meta(min_length=1)]
    value: float | str
    id: OptionalId = UNSET
    timestamp_us: OptionalText = field(default=UNSET, name="timestamp")
    data_type: DataTypeName | UnsetType = UNSET
    trace_id: OptionalText = UNSET
    observation_id: OptionalText = UNSET
    session_id: SessionKey | UnsetType | None = UNSET
    dataset_run_id: OptionalText = UNSET
    source: SourceName | UnsetType | None = UNSET
    comment: OptionalText = UNSET
    config_id: OptionalText = UNSET
    queue_id: OptionalText = UNSET
    author_user_id: OptionalText = UNSET
    execution_trace_id: OptionalText = UNSET
    environment: Any = UNSET
    metadata: Raw = NOTHING


class LogBody(Struct):
    """Of `sdk-log`."""

    log: Raw
