"""ElasticDashProject: a project and its API keys, delivered as a Secret."""

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from elasticdash.operator.api.enums import DeletionPolicy
from elasticdash.operator.api.lifecycle import ExternalId, Organization, RetentionDays
from elasticdash.operator.api.status import Condition
from elasticdash.operator.api.types import Duration, Model, Name, Rule, SubdomainName, Text

_Line = Annotated[str, StringConstraints(max_length=1024)]


class LoggerRef(Model):
    """An ElasticDashLogger in the same namespace."""

    name: Name = Field(description="Name")


class KeyRotation(Model):
    """Replacement of the project's API key."""

    cel_rules: ClassVar = (
        Rule(
            "!has(self.every) || duration(self.every) > duration(self.overlap)",
            "every must be longer than overlap",
            {"keys": {"rotation": {"every": "1h", "overlap": "2h"}}},
        ),
    )

    every: Duration | None = Field(default=None, description="Time between new keys; unset: only by annotation")
    overlap: Duration = Field(default=timedelta(hours=24), description="How long the old key works beside the new one")


class Keys(Model):
    """The project's API key and the Secret it is delivered in."""

    secret_name: SubdomainName | None = Field(
        default=None, description="Secret with host, publicKey and secretKey; unset: <name>-keys"
    )
    rotation: KeyRotation = Field(default_factory=KeyRotation, description="Replacement of the key")


class ProjectSpec(Model):
    """What a project should be."""

    cel_rules: ClassVar = (
        Rule(
            "self.loggerRef == oldSelf.loggerRef",
            "loggerRef can't be changed: traces would stay behind",
            {"loggerRef": {"name": "other"}},
            {"loggerRef": {"name": "obs"}},
        ),
        Rule(
            "has(self.projectId) == has(oldSelf.projectId)"
            " && (!has(self.projectId) || self.projectId == oldSelf.projectId)",
            "projectId can't be changed: traces would stay behind",
            {"projectId": "new"},
            {"projectId": "old"},
        ),
    )

    logger_ref: LoggerRef = Field(description="The instance it is in")
    organization: Organization = Field(default_factory=Organization, description="Its organization, made when missing")
    project_id: ExternalId | None = Field(default=None, description="Id; unset: namespace-name of the resource")
    display_name: Text | None = Field(default=None, description="Name; unset: that of the resource")
    retention_days: RetentionDays | None = Field(default=None, description="Days traces are kept; unset: for ever")
    keys: Keys = Field(default_factory=Keys, description="Its API key")
    deletion_policy: DeletionPolicy = Field(
        default=DeletionPolicy.RETAIN,
        description="Retain keeps the project and takes only its keys away; Delete deletes it with its traces",
    )


class ApiKeyStatus(Model):
    """An API key; never its secret."""

    public_key: _Line = Field(description="Public key")
    expires: _Line | None = Field(default=None, description="When it is taken away; absent: it is in use")


class ProjectStatus(Model):
    """What a project is."""

    observed_generation: int | None = Field(default=None, description="metadata.generation this was made from")
    organization_id: _Line | None = Field(default=None, description="Its organization")
    project_id: _Line | None = Field(default=None, description="Its id")
    secret_name: _Line | None = Field(default=None, description="Secret with its key")
    keys: Annotated[list[ApiKeyStatus], Field(max_length=8)] = Field(
        default_factory=list[ApiKeyStatus], description="Its keys, the one in use first"
    )
    last_rotated: _Line | None = Field(default=None, description="When the key in use was made")
    rotated: _Line | None = Field(default=None, description="Value of the rotate annotation that was honoured last")
    conditions: Annotated[list[Condition], Field(max_length=16)] = Field(
        default_factory=list[Condition],
        description="What is true, false or not known",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
    )


class Project(Model):
    """A project in an ElasticDashLogger, with an API key delivered as a Secret."""

    spec: ProjectSpec = Field(description="What it should be")
    status: ProjectStatus = Field(default_factory=ProjectStatus, description="What it is")
