"""Keys that processes check themselves: a setting with the one in use, and one with those accepted beside it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from elasticdash.operator.api.enums import RotationClass
from elasticdash.operator.plan import secrets
from elasticdash.operator.rotation.machine import Stage
from elasticdash.operator.rotation.record import Record

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Keyring:
    """The two settings of one class, and what the product calls it where it counts rows by key."""

    current: str
    accepted: str
    counted_as: str


KEYRINGS: Final[Mapping[RotationClass, Keyring]] = {
    RotationClass.SALT: Keyring(secrets.SALT, secrets.PREVIOUS_SALT, "salt"),
    RotationClass.SESSION_SECRET: Keyring(secrets.SESSION_SECRET, secrets.ACCEPTED_SESSION_SECRETS, "session"),
    RotationClass.ENCRYPTION_KEY: Keyring(secrets.ENCRYPTION_KEY, secrets.ACCEPTED_ENCRYPTION_KEYS, "encryption"),
}


def stage(values: Values, keyring: Keyring, record: Record) -> Stage:
    """How far a rotation is, by what the Secret with the settings holds."""
    if record.is_empty:
        return Stage.NONE
    accepted = values.get(keyring.accepted, "")
    if values.get(keyring.current) == record.following:
        return Stage.PUBLISHED if accepted == record.previous else Stage.DROPPED
    return Stage.ACCEPTED if accepted == record.following else Stage.BEGUN


def accepting(values: Values, keyring: Keyring, record: Record) -> Values:
    """The old key in use, the new one accepted."""
    return {**values, keyring.current: record.previous, keyring.accepted: record.following}


def published(values: Values, keyring: Keyring, record: Record) -> Values:
    """The new key in use, the old one accepted."""
    return {**values, keyring.current: record.following, keyring.accepted: record.previous}


def dropped(values: Values, keyring: Keyring) -> Values:
    """The key in use alone."""
    return {name: value for name, value in values.items() if name != keyring.accepted}
