"""How values look on the wire of the public API: names, times, lists and booleans in queries."""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_TIME_RULE = "must be an ISO 8601 date and time with a zone, like 2026-01-31T12:00:00Z"


class WireModel(BaseModel):
    """A body or its part: camelCase outside, snake_case inside; unknown keys are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


def timestamp_text(value: datetime) -> str:
    """UTC with milliseconds: `2026-01-31T12:00:00.000Z`; finer digits are cut, years have four."""
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def parsed_timestamp(value: Any) -> datetime:
    """The time a text says, cut to microseconds. ValueError without zone, without time, or with a space for the T."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(_TIME_RULE)
    minutes, seconds, fraction, zone = found.groups()
    microseconds = (fraction or "0")[:6].ljust(6, "0")
    try:
        return datetime.fromisoformat(f"{minutes}{seconds or ':00'}.{microseconds}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(_TIME_RULE) from error


def _unset_if_empty(value: Any) -> Any:
    return None if value == "" else value


def _split(value: Any) -> Any:
    """Repeated keys as they are; one value is taken apart at its commas."""
    if not isinstance(value, list):
        return value
    sent = cast(list[Any], value)  # what a query holds for a repeated key
    if len(sent) == 1 and isinstance(sent[0], str):
        return [part for part in sent[0].split(",") if part]
    return sent


def _boolean(value: Any) -> Any:
    if value in (None, "", True, False):
        return None if value == "" else value
    if value not in ("true", "false"):
        raise ValueError("must be true or false")
    return value == "true"


def _storable_json(value: Any) -> Any:
    """A text or JSON every store and client takes: no NaN, no infinity, no NUL, no half of a surrogate pair."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError) as error:
        raise ValueError("must be JSON without NaN, infinite numbers or broken characters") from error
    # Escaped backslashes go first: the text backslash-u0000 is not a NUL.
    if "\\u0000" in text.replace("\\\\", ""):
        raise ValueError("must not contain NUL characters")
    return value


_DATE_TIME_SCHEMA = WithJsonSchema({"type": "string", "format": "date-time"})

Timestamp = Annotated[datetime, PlainSerializer(timestamp_text, return_type=str), _DATE_TIME_SCHEMA]
# A time in a body or a query.
SentTimestamp = Annotated[datetime, BeforeValidator(parsed_timestamp), _DATE_TIME_SCHEMA]
# What a body holds and a store keeps.
STORABLE = AfterValidator(_storable_json)
Text = Annotated[str, STORABLE]
StoredJson = Annotated[Any, STORABLE]
# A query value may be sent empty, which means: not sent.
EMPTY_IS_UNSET = BeforeValidator(_unset_if_empty)
OptionalText = Annotated[str | None, EMPTY_IS_UNSET]
OptionalTimestamp = Annotated[SentTimestamp | None, EMPTY_IS_UNSET]
OptionalBoolean = Annotated[bool | None, BeforeValidator(_boolean)]
# A list in a query: repeated key, one comma-joined value, or one value.
TextList = Annotated[list[str], BeforeValidator(_split)]
