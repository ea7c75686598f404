"""JSON values of the metadata store as texts that pages show."""

import json
from typing import Any


def text_of(value: Any) -> str | None:
    """A text as it is, other JSON as its text; None for null."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
