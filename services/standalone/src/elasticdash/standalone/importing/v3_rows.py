"""Shows rows of a Langfuse v3 ClickHouse as its API shows them, so that both become events by the same rules.

Texts stay texts: whatever an input, output or metadata value holds is stored here as it was stored there.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import msgspec

_RENAMED = {"provided_model_name": "model"}


def api_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row by the API's field names; empty values are absent, times are ISO 8601 in UTC, costs decimal texts."""
    shown = {_camel(_RENAMED.get(name, name)): _shown(value) for name, value in row.items() if not _is_empty(value)}
    if shown.get("modelParameters"):
        shown["modelParameters"] = _parsed(shown["modelParameters"])
    if shown.get("longStringValue"):
        shown["stringValue"] = shown["longStringValue"]
    return shown


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _shown(part) for key, part in cast(Mapping[str, Any], value).items()}
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | Mapping | list) and not value)


def _parsed(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
