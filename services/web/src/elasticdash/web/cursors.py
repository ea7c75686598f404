"""Opaque texts that stand for the last row of a page."""

import base64
from typing import Any

import msgspec

from elasticdash.shared import errors


def encode(value: int | float | str, row_id: str) -> str:
    """The text that asks for what comes after a row."""
    return base64.urlsafe_b64encode(msgspec.json.encode([value, row_id])).decode()


def decode(cursor: str, value_type: type[Any]) -> tuple[Any, str]:
    """Sort value, of a type, and id of the row; InvalidRequestError when the text is no such cursor."""
    try:
        value, row_id = msgspec.json.decode(base64.urlsafe_b64decode(cursor.encode()), type=tuple[value_type, str])
    except ValueError as error:
        raise errors.InvalidRequestError("Invalid cursor") from error
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise errors.InvalidRequestError("Invalid cursor")
    return value, row_id
