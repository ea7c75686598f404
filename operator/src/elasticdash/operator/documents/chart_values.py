"""The chart's values, from which its values.schema.json is made: `make gen`."""

import json
import sys
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from elasticdash.operator.api.enums import LogFormat, LogLevel, PullPolicy

_EMPTY_OR = "^(|{0})$"
_NAME = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"

Name = Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=f"^{_NAME}$")]
OptionalName = Annotated[str, StringConstraints(max_length=253, pattern=_EMPTY_OR.format(_NAME))]
Reference = Annotated[str, StringConstraints(max_length=512, pattern=_EMPTY_OR.format(r"[a-z0-9][A-Za-z0-9._:/@-]*"))]
Strings = dict[str, str]
Object = dict[str, Any]


class _Values(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Image(_Values):
    """The operator's image."""

    registry: Annotated[str, StringConstraints(pattern=_EMPTY_OR.format(r"[a-z0-9][a-z0-9.:/_-]*"))] = ""
    repository: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/-]*$")] = (
        "elasticdash/elasticdash-operator"
    )
    tag: Annotated[str, StringConstraints(pattern=_EMPTY_OR.format(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"))] = ""
    digest: Annotated[str, StringConstraints(pattern=_EMPTY_OR.format("sha256:[0-9a-f]{64}"))] = ""
    pull_policy: PullPolicy = PullPolicy.IF_NOT_PRESENT


class InstanceImages(_Values):
    """Images of what the operator runs."""

    web: Reference = ""
    worker: Reference = ""
    postgres: Reference = ""
    clickhouse: Reference = ""
    redis: Reference = ""
    objectstore: Reference = ""


class Crds(_Values):
    """The resource definitions."""

    install: bool = True


class Rbac(_Values):
    """Roles and bindings."""

    create: bool = True
    aggregate: bool = True


class ServiceAccount(_Values):
    """The operator's identity."""

    create: bool = True
    name: OptionalName = ""
    annotations: Strings = {}


class Log(_Values):
    """The operator's log."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.JSON


class Resources(_Values):
    """The operator's resources."""

    requests: dict[str, str | int] = {"cpu": "50m", "memory": "192Mi"}
    limits: dict[str, str | int] = {"memory": "384Mi"}


class PodDisruptionBudget(_Values):
    """The operator's disruption budget."""

    create: bool = True


class ServiceMonitor(_Values):
    """The operator's ServiceMonitor."""

    create: bool = False
    interval: Annotated[str, StringConstraints(pattern=r"^[0-9]+(ms|s|m|h)$")] = "30s"
    labels: Strings = {}


class Metrics(_Values):
    """The operator's metrics."""

    service: bool = True
    service_monitor: ServiceMonitor = ServiceMonitor()


class Test(_Values):
    """What `helm test` talks to."""

    logger: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$")] = "obs"
    namespace: Annotated[str, StringConstraints(max_length=63, pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$")] = ""
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 120


class Values(_Values):
    """Values of the chart elasticdash-operator."""

    replicas: Annotated[int, Field(ge=1, le=5)] = 2
    image: Image = Image()
    image_pull_secrets: list[Name] = []
    instance_images: InstanceImages = InstanceImages()
    watch_namespaces: list[
        Annotated[str, StringConstraints(max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    ] = []
    crds: Crds = Crds()
    rbac: Rbac = Rbac()
    service_account: ServiceAccount = ServiceAccount()
    resync_seconds: Annotated[float, Field(ge=1, le=600)] = 60
    log: Log = Log()
    resources: Resources = Resources()
    pod_disruption_budget: PodDisruptionBudget = PodDisruptionBudget()
    metrics: Metrics = Metrics()
    pod_annotations: Strings = {}
    pod_labels: Strings = {}
    node_selector: Strings = {}
    tolerations: list[Object] = []
    affinity: Object = {}
    priority_class_name: OptionalName = ""
    test: Test = Test()
    # Helm hands every chart this key.
    global_: Object = Field(default={}, alias="global")


def schema() -> str:
    """The text of values.schema.json."""
    document = Values.model_json_schema(by_alias=True)
    return json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", **document}, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
