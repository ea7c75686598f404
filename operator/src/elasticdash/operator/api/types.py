"""The small types that the resources are made of, and the rules that stand beside fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, ClassVar, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

Json = Any

RULES = "x-kubernetes-validations"

_DURATION = re.compile(r"([0-9]+)(ms|s|m|h)")
_DURATION_PATTERN = r"^([0-9]+(ms|s|m|h))+$"
_QUANTITY_PATTERN = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"
_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


@dataclass(frozen=True)
class Rule:
    """A CEL rule, what the API server says when it is broken, and a spec that breaks it.

    `rejected` is laid over the smallest valid spec (`before`, where it is given, is laid over it for the state before
    an update).
    """

    cel: str
    message: str
    rejected: Mapping[str, Json] = field(repr=False)
    before: Mapping[str, Json] | None = field(default=None, repr=False)

    def as_schema(self) -> dict[str, Json]:
        """The entry of `x-kubernetes-validations`."""
        return {"rule": self.cel, "message": self.message}


class Model(BaseModel):
    """Base of everything in a resource: immutable, camelCase outside, silent about fields of a newer version."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)

    cel_rules: ClassVar[tuple[Rule, ...]] = ()

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler(core_schema)
        if cls.cel_rules:
            handler.resolve_ref_schema(schema)[RULES] = [rule.as_schema() for rule in cls.cel_rules]
        return schema


def duration_from_text(text: object) -> object:
    """A timedelta from text like 90s or 1h30m; raises ValueError for other text, returns what is no text as it is."""
    if not isinstance(text, str):
        return text
    if not re.fullmatch(_DURATION_PATTERN, text):
        raise ValueError("A duration looks like 90s, 5m or 1h30m")
    return timedelta(milliseconds=sum(int(count) * _UNITS_MS[unit] for count, unit in _DURATION.findall(text)))


def text_from_duration(duration: timedelta) -> str:
    """The shortest text of one unit: 90s, 5m, 24h."""
    milliseconds = round(duration.total_seconds() * 1000)
    for unit in ("h", "m", "s"):
        if milliseconds % _UNITS_MS[unit] == 0 and milliseconds:
            return f"{milliseconds // _UNITS_MS[unit]}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"


def _text_from_quantity(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Duration = Annotated[
    timedelta,
    BeforeValidator(duration_from_text),
    PlainSerializer(text_from_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _DURATION_PATTERN, "minLength": 2, "maxLength": 16}),
]

Quantity = Annotated[
    str,
    BeforeValidator(_text_from_quantity),
    WithJsonSchema(
        {
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "x-kubernetes-int-or-string": True,
            "pattern": _QUANTITY_PATTERN,
            "maxLength": 20,
        }
    ),
]

Name = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
SubdomainName = Annotated[
    str, StringConstraints(min_length=1, max_length=253, pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
]
Hostname = Annotated[
    str, StringConstraints(min_length=1, max_length=253, pattern=r"^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Port = Annotated[int, Field(ge=1, le=65535)]
Replicas = Annotated[int, Field(ge=0, le=1000)]
Annotations = Annotated[dict[str, Annotated[str, StringConstraints(max_length=4096)]], Field(max_length=64)]
Labels = Annotated[dict[str, Annotated[str, StringConstraints(max_length=63)]], Field(max_length=64)]

_OBJECT = WithJsonSchema({"type": "object", "x-kubernetes-preserve-unknown-fields": True})

# A part of a Kubernetes object that the API server judges when it is applied; its schema is not repeated here.
Overlay = Annotated[dict[str, Any], _OBJECT]


class SecretKeyRef(Model):
    """One key of a Secret in the resource's namespace."""

    name: SubdomainName = Field(description="Secret")
    key: Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")] = Field(
        description="Key in it"
    )


class SecretRef(Model):
    """A Secret in the resource's namespace."""

    name: SubdomainName = Field(description="Secret")


class Resources(Model):
    """What a container asks for and may use."""

    requests: Annotated[dict[str, Quantity], Field(max_length=8)] = Field(
        default_factory=dict, description="Asked for: cpu, memory, …"
    )
    limits: Annotated[dict[str, Quantity], Field(max_length=8)] = Field(
        default_factory=dict, description="At most: cpu, memory, …"
    )


def resources(cpu: str, memory: str, memory_limit: str) -> Resources:
    """Resources with a CPU request and no CPU limit, which would only throttle."""
    return Resources(requests={"cpu": cpu, "memory": memory}, limits={"memory": memory_limit})


def merged(base: Mapping[str, Json], over: Mapping[str, Json]) -> dict[str, Json]:
    """`base` with `over` laid over it, objects key by key and everything else replaced (RFC 7386)."""
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below: Json = result.get(key)
            base_object = cast("dict[str, Json]", below) if isinstance(below, dict) else {}
            result[key] = merged(base_object, cast("dict[str, Json]", value))
        else:
            result[key] = value
    return result
