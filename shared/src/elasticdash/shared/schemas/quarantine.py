"""What could not be stored, and what should be tried again: notes named after the raw object they are about."""

from collections.abc import Sequence

import msgspec

FOLDER = "quarantine/"
REPLAY_FOLDER = "replay/"


class Quarantined(msgspec.Struct, frozen=True):
    """Rows of a raw object that were refused, by their positions in it; None: the whole object."""

    key: str
    observations: Sequence[int] | None
    events: Sequence[int] | None
    error: str
    message: str


def note_key(raw_key: str, note_id: str) -> str:
    """Where a note about a raw object lies; the id is a ULID."""
    return f"{FOLDER}{raw_key}.{note_id}.json"


def replay_key(key: str) -> str:
    """Where a note lies once its raw object should be processed again."""
    return REPLAY_FOLDER + key.removeprefix(FOLDER)


def id_of(key: str) -> str:
    """The id of a note, from either place."""
    return key.split(".")[-2]


def raw_key_of(key: str) -> str:
    """The raw object a note is about, from either place."""
    return key.removeprefix(FOLDER).removeprefix(REPLAY_FOLDER).rsplit(".", 2)[0]


def encode(note: Quarantined) -> bytes:
    """A note as stored."""
    return msgspec.json.encode(note)


def decode(data: bytes) -> Quarantined:
    """A stored note; ValueError when it is none."""
    return msgspec.json.decode(data, type=Quarantined)
