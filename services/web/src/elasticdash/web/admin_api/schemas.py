"""What the admin API takes and says about organizations."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from elasticdash.shared.postgres.organizations import Organization
from elasticdash.shared.postgres.projects import Project
from elasticdash.web.public_api.projects.schemas import ManagedProjectResponse, WantedId
from elasticdash.web.wire import Text, Timestamp, WireModel

Name = Annotated[Text, Field(min_length=1, max_length=200)]


class CreateOrganizationRequest(WireModel):
    """A new organization; with an id of one's own a caller that lost the answer can look for it."""

    id: WantedId | None = None
    name: Name


class UpdateOrganizationRequest(WireModel):
    """What becomes of an organization."""

    name: Name


class OrganizationResponse(WireModel):
    """One organization."""

    id: str
    name: str
    created_at: Timestamp
    updated_at: Timestamp


class OrganizationsResponse(WireModel):
    """Every organization, by name."""

    organizations: list[OrganizationResponse]


class OrganizationWithProjectsResponse(OrganizationResponse):
    """One organization with its projects, by name."""

    projects: list[ManagedProjectResponse]

    @classmethod
    def of(cls, organization: Organization, projects: Sequence[Project]) -> "OrganizationWithProjectsResponse":
        """The organization as the API shows it."""
        return cls(
            id=organization.id,
            name=organization.name,
            created_at=organization.created_at,
            updated_at=organization.updated_at,
            projects=[ManagedProjectResponse.from_project(project) for project in projects],
        )
