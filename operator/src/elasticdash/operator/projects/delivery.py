"""The Secret a project's API key is delivered in: what it holds now and next. Pure."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from elasticdash.operator.cluster.instance_api import KeyPair
from elasticdash.operator.naming import labels
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Manifest

HOST: Final = "host"
PUBLIC_KEY: Final = "publicKey"
SECRET_KEY: Final = "secretKey"
# The next pair is here first: nobody reads it before web knows it, and no stop in between loses it.
NEXT_PUBLIC_KEY: Final = "nextPublicKey"
NEXT_SECRET_KEY: Final = "nextSecretKey"

_MADE = f"{labels.GROUP}/key-made"
_REQUEST = f"{labels.GROUP}/key-requested-by"
_BYTES = 24

RandomSource = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A Secret's content. `made` is when the key in use was made; `request` the annotation that asked for it."""

    host: str
    current: KeyPair | None = None
    upcoming: KeyPair | None = None
    made: datetime | None = None
    request: str = ""


def read(secret: Manifest | None) -> Delivery:
    """What a Secret holds; empty without one."""
    if secret is None:
        return Delivery("")
    values = {name: base64.b64decode(str(value)).decode() for name, value in facts.part(secret, "data").items()}
    annotations = facts.part(secret, "metadata", "annotations")
    made = str(annotations.get(_MADE) or "")
    return Delivery(
        host=values.get(HOST, ""),
        current=_pair(values, PUBLIC_KEY, SECRET_KEY),
        upcoming=_pair(values, NEXT_PUBLIC_KEY, NEXT_SECRET_KEY),
        made=datetime.fromisoformat(made) if made else None,
        request=str(annotations.get(_REQUEST) or ""),
    )


def is_rotation_due(delivery: Delivery, request: str, every: timedelta | None, now: datetime) -> bool:
    """Whether the key in use is to be replaced: somebody asked anew, or its time is over."""
    if request and request != delivery.request:
        return True
    return every is not None and delivery.made is not None and now - delivery.made >= every


def begun(delivery: Delivery, request: str, random: RandomSource) -> Delivery:
    """With a next pair, unless there is one already."""
    if delivery.upcoming is not None:
        return delivery
    pair = KeyPair(f"pk-lf-{random(_BYTES)}", f"sk-lf-{random(_BYTES)}")
    return replace(delivery, upcoming=pair, request=request or delivery.request)


def completed(delivery: Delivery, now: datetime) -> Delivery:
    """With the next pair, which web knows by now, as the one in use."""
    return replace(delivery, current=delivery.upcoming, upcoming=None, made=now)


def manifest(secret: Manifest, delivery: Delivery) -> Manifest:
    """The Secret with this content; everything else about it as it is."""
    values = {HOST: delivery.host}
    if delivery.current:
        values |= {PUBLIC_KEY: delivery.current.public_key, SECRET_KEY: delivery.current.secret_key}
    if delivery.upcoming:
        values |= {NEXT_PUBLIC_KEY: delivery.upcoming.public_key, NEXT_SECRET_KEY: delivery.upcoming.secret_key}
    made = {_MADE: delivery.made.isoformat()} if delivery.made else {}
    asked = {_REQUEST: delivery.request} if delivery.request else {}
    metadata = secret["metadata"]
    annotations = {**metadata.get("annotations", {}), **made, **asked}
    data = {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}
    return {**secret, "metadata": {**metadata, "annotations": annotations}, "type": "Opaque", "data": data}


def _pair(values: Mapping[str, str], public_key: str, secret_key: str) -> KeyPair | None:
    if not values.get(public_key) or not values.get(secret_key):
        return None
    return KeyPair(values[public_key], values[secret_key])
