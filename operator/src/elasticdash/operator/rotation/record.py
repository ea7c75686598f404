"""What is kept of rotations between looks, in a Secret of its own: credentials before and after they are used. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from elasticdash.operator.api.enums import RotationClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One class. `following` and `previous` are credentials as text, empty when there is none.

    `since` is when the present stage was reached, `request` what asked for the rotation, `finished` when the last one
    ended.
    """

    following: str = field(default="", repr=False)
    previous: str = field(default="", repr=False)
    request: str = ""
    since: str = ""
    blocked: str = ""
    finished: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no rotation is under way."""
        return not self.following

    def reached(self, at: datetime, **changes: Any) -> "Record":
        """The record at a new stage."""
        return replace(self, since=at.isoformat(), **changes)


def read(values: Mapping[str, str], rotation_class: RotationClass) -> Record:
    """The record of a class in the Secret's values; empty when there is none, or none that can be read."""
    try:
        found = msgspec.json.decode(values.get(rotation_class.value, "{}"), type=dict[str, str])
        return Record(**found)
    except (msgspec.MsgspecError, TypeError):
        return Record()


def written(values: Mapping[str, str], rotation_class: RotationClass, record: Record) -> dict[str, str]:
    """The Secret's values with this record; without the class when nothing is known of it."""
    others = {key: value for key, value in values.items() if key != rotation_class.value}
    if record.is_empty and not record.finished:
        return others
    return {**others, rotation_class.value: msgspec.json.encode(asdict(record)).decode()}
