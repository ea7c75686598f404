"""The proof, passed to every read and write, that the caller may touch one project or one organization."""

from dataclasses import dataclass

from elasticdash.shared.ids import OrganizationId, ProjectId


@dataclass(frozen=True, slots=True)
class ProjectScope:
    """One project a caller was authorised for. Only `web.auth` and the job decoder make these."""

    project_id: ProjectId


@dataclass(frozen=True, slots=True)
class OrganizationScope:
    """One organization a caller was authorised for: its projects and keys, never what the projects hold."""

    organization_id: OrganizationId
