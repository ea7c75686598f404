"""What happens over an instance's life: first start, migrations, upgrades, rotation."""

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from elasticdash.operator.api import types
from elasticdash.operator.api.enums import MigrationMode, RotationClass
from elasticdash.operator.api.types import (
    Duration,
    Model,
    Resources,
    Rule,
    SecretKeyRef,
    SecretRef,
    SubdomainName,
    Text,
)

ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
MigrationIdentity = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9a-f]{8,64}$")]
RetentionDays = Annotated[int, Field(ge=3, le=36_500)]
_SHORTEST_ROTATION = "1h"


class Organization(Model):
    """The first organization."""

    id: ExternalId = Field(default="default", description="Id")
    name: Text = Field(default="default", description="Name")


class Project(Model):
    """The first project."""

    id: ExternalId = Field(default="default", description="Id")
    name: Text = Field(default="default", description="Name")
    retention_days: RetentionDays | None = Field(default=None, description="Days traces are kept; unset: for ever")


class AdminUser(Model):
    """The first user, who may do everything."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] = Field(
        default="admin@localhost", description="E-mail"
    )
    name: Text | None = Field(default=None, description="Name")
    password_ref: SecretKeyRef | None = Field(
        default=None, description="Key with the password; unset: one is made, in <name>-generated"
    )


class Bootstrap(Model):
    """What the first start creates."""

    organization: Organization = Field(default_factory=Organization, description="Organization")
    project: Project = Field(default_factory=Project, description="Project")
    admin_user: AdminUser = Field(default_factory=AdminUser, description="Admin")
    keys_secret_name: SubdomainName | None = Field(
        default=None, description="Secret that receives host, public and secret key of the project; unset: <name>-keys"
    )


class Rotation(Model):
    """Regular replacement of credentials."""

    cel_rules: ClassVar = (
        Rule(
            "has(self.every) == (size(self.classes) > 0)",
            "every and classes are given together",
            {"secrets": {"rotation": {"every": "720h"}}},
        ),
        Rule(
            f"!has(self.every) || duration(self.every) >= duration('{_SHORTEST_ROTATION}')",
            f"every is at least {_SHORTEST_ROTATION}",
            {"secrets": {"rotation": {"every": "10m", "classes": ["salt"]}}},
        ),
        Rule(
            "duration(self.maxRollTime) >= duration('1m')",
            "maxRollTime is at least 1m",
            {"secrets": {"rotation": {"maxRollTime": "10s"}}},
        ),
    )

    every: Duration | None = Field(default=None, description="Time between rotations; unset: only by annotation")
    classes: Annotated[list[RotationClass], Field(max_length=8)] = Field(
        default_factory=list[RotationClass],
        description="What is rotated then",
        json_schema_extra={"x-kubernetes-list-type": "set"},
    )
    overlap: Duration = Field(
        default=timedelta(hours=24), description="How long a project's old API key works beside the new one"
    )
    max_roll_time: Duration = Field(
        default=timedelta(minutes=15),
        description="Longest wait for pods with the new credential; then the old one stays",
    )


class Secrets(Model):
    """Where secrets come from, and when they change."""

    existing_ref: SecretRef | None = Field(
        default=None, description="Secret whose keys are used in place of what would be generated (<name>-generated)"
    )
    rotation: Rotation = Field(default_factory=Rotation, description="Replacement of credentials")


class Migrations(Model):
    """How the stores' schemas are brought up to date before a version starts."""

    cel_rules: ClassVar = (
        Rule(
            "!has(self.approvedIdentity) || self.mode == 'Manual'",
            "approvedIdentity goes with mode Manual",
            {"migrations": {"approvedIdentity": "0123abcd"}},
        ),
        Rule(
            "duration(self.timeout) >= duration('1m') && duration(self.timeout) <= duration('168h')",
            "timeout is between 1m and 168h",
            {"migrations": {"timeout": "30s"}},
        ),
    )

    mode: MigrationMode = Field(default=MigrationMode.AUTO, description="Manual waits for approvedIdentity")
    approved_identity: MigrationIdentity | None = Field(
        default=None, description="The status.migrations.pendingIdentity that may run; mode Manual"
    )
    allow_retarget: MigrationIdentity | None = Field(
        default=None, description="The status.migrations.pendingIdentity that may run on other stores than before"
    )
    timeout: Duration = Field(default=timedelta(minutes=30), description="Longest run of one store's migration")
    resources: Resources = Field(
        default_factory=lambda: types.resources("100m", "256Mi", "512Mi"), description="Resources of its Job"
    )


class Upgrade(Model):
    """How a new version replaces the old one."""

    cel_rules: ClassVar = (
        Rule(
            "duration(self.progressDeadline) >= duration('1m') && duration(self.progressDeadline) <= duration('24h')",
            "progressDeadline is between 1m and 24h",
            {"upgrade": {"progressDeadline": "30s"}},
        ),
    )

    progress_deadline: Duration = Field(
        default=timedelta(minutes=10), description="Longest wait for one more pod of the new version to become ready"
    )
