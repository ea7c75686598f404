"""An OTLP trace export, decoded: the same records whatever encoding it came in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from elasticdash.shared.domain.record import record

# Byte values are base64 text, not-a-number and infinities are their names: everything here encodes to JSON.
AttributeValue: TypeAlias = "bool | int | float | str | list[AttributeValue] | dict[str, AttributeValue] | None"
Attributes: TypeAlias = "dict[str, AttributeValue]"


@dataclass(frozen=True, slots=True)
class Origin:
    """What the spans of one instrumentation scope share; they hold it by reference."""

    resource_attributes: Mapping[str, AttributeValue]
    scope_name: str
    scope_version: str
    scope_attributes: Mapping[str, AttributeValue]


@record()
class SpanEvent:
    """Something that happened inside a span. `time_ns` is 0 when it was not said."""

    name: str
    time_ns: int
    attributes: Mapping[str, AttributeValue]


@record()
class Span:
    """A valid span. Times are nanoseconds since the epoch, 0 when not said; `parent_id` is None for a root."""

    trace_id: str
    id: str
    parent_id: str | None
    name: str
    start_ns: int
    end_ns: int
    attributes: Mapping[str, AttributeValue]
    events: Sequence[SpanEvent]
    status_code: int
    status_message: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class RejectedSpan:
    """A span that cannot be stored: its place among all spans of the export, the field and the rule."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Export:
    """The valid spans in the order sent, and the others."""

    spans: list[Span]
    rejected: list[RejectedSpan]


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """Bounds of one span. A span over one of them is rejected, the others of its export are not.

    `max_attributes` counts the span's own attributes, those of each of its events, and its events;
    `max_depth` counts lists and maps inside an attribute; `max_id_length` is in characters.
    """

    max_attributes: int = 10_000
    max_depth: int = 64
    max_id_length: int = 800


@dataclass(frozen=True, slots=True)
class CheckedExport:
    """How many spans of an export are valid, and the others."""

    valid_count: int
    rejected: Sequence[RejectedSpan]
