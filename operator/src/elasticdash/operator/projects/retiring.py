"""Which of a project's API keys are still good beside the one in use, and until when. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from elasticdash.operator.cluster.instance_api import RegisteredKey
from elasticdash.operator.projects.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Retiring:
    """Keys to take away now, and the others with the time their turn comes."""

    revoked: Sequence[RegisteredKey]
    waiting: Mapping[str, datetime]


def retire(
    known: Sequence[RegisteredKey],
    delivery: Delivery,
    expiries: Mapping[str, datetime],
    overlap: timedelta,
    now: datetime,
) -> Retiring:
    """Judge the resource's own keys; `expiries` is what was promised before, by public key.

    A key of which nothing was promised is promised the whole overlap from now: after a lost status it lives longer,
    never shorter.
    """
    in_use = {pair.public_key for pair in (delivery.current, delivery.upcoming) if pair}
    if delivery.current is None:
        # Nothing is delivered: whatever consumers have is all they have.
        return Retiring((), {})
    old = [key for key in known if key.public_key not in in_use]
    until = {key.public_key: expiries.get(key.public_key, now + overlap) for key in old}
    revoked = [key for key in old if until[key.public_key] <= now]
    gone = {key.public_key for key in revoked}
    return Retiring(revoked, {public_key: at for public_key, at in until.items() if public_key not in gone})
