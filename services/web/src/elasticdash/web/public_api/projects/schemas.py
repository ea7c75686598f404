"""What the API says about projects."""

from typing import Any

from elasticdash.shared.postgres.projects import Project
from elasticdash.web.wire import WireModel


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
