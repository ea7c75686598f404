"""What the API says about projects."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from typing_extensions import override

from elasticdash.shared.postgres.projects import Project, ProjectFields
from elasticdash.web.wire import STORABLE, Text, Timestamp, WireModel

Name = Annotated[Text, Field(min_length=3, max_length=60)]
# Chosen by the caller, so that asking again finds the same one.
WantedId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


def _object(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ValueError("must be an object, or the JSON text of one") from error


def _retention(value: int) -> int:
    if 0 < value < _MIN_RETENTION_DAYS:
        raise ValueError(f"must be 0 for no limit, or {_MIN_RETENTION_DAYS} days or more")
    return value


_MIN_RETENTION_DAYS = 3
_MAX_RETENTION_DAYS = 36_500
Metadata = Annotated[dict[str, Any], BeforeValidator(_object), STORABLE]
Retention = Annotated[int, Field(ge=0, le=_MAX_RETENTION_DAYS), AfterValidator(_retention)]


class OrganizationResponse(WireModel):
    """Who owns a project."""

    id: str
    name: str


class ProjectResponse(WireModel):
    """A project; `retentionDays` is absent when traces are kept forever."""

    id: str
    name: str
    organization: OrganizationResponse
    metadata: dict[str, Any]
    retention_days: int | None = None

    @classmethod
    def from_project(cls, project: Project) -> "ProjectResponse":
        """The project as the API shows it."""
        return cls(
            id=project.id,
            name=project.name,
            organization=OrganizationResponse(id=project.organization_id, name=project.organization_name),
            metadata=dict(project.metadata),
            retention_days=project.retention_days,
        )


class ProjectsResponse(WireModel):
    """The projects a key reaches: always one."""

    data: list[ProjectResponse]


class CreateProjectRequest(WireModel):
    """A new project. `retention` is in days, 0 keeps everything."""

    id: WantedId | None = None
    name: Name
    metadata: Metadata | None = None
    retention: Retention

    def fields(self) -> ProjectFields:
        """The same for the store."""
        return ProjectFields(self.name, self.metadata or {}, self.retention or None)


class UpdateProjectRequest(WireModel):
    """What becomes of a project; metadata and retention stay when they are not given."""

    name: Name
    metadata: Metadata | None = None
    retention: Retention | None = None

    def fields(self, present: Project) -> ProjectFields:
        """The same for the store, where the project is as `present`."""
        return ProjectFields(
            name=self.name,
            metadata=present.metadata if self.metadata is None else self.metadata,
            retention_days=present.retention_days if self.retention is None else self.retention or None,
        )


class ManagedProjectResponse(ProjectResponse):
    """A project as its organization sees it."""

    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    @override
    def from_project(cls, project: Project) -> "ManagedProjectResponse":
        """The project as the API shows it."""
        shown = ProjectResponse.from_project(project)
        return cls(**dict(shown), created_at=project.created_at, updated_at=project.updated_at)


class ManagedProjectsResponse(WireModel):
    """The projects of an organization, by name."""

    projects: list[ManagedProjectResponse]


class ProjectDeletedResponse(WireModel):
    """Its keys are gone, its traces will be."""

    success: bool = True
    message: str = "Project deletion has been initiated: its traces are erased by the worker"
