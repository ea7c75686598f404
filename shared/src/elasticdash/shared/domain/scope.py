"""The proof, passed to every read and write, that the caller may touch one project."""

from dataclasses import dataclass

from elasticdash.shared.ids import ProjectId


@dataclass(frozen=True, slots=True)
class ProjectScope:
    """One project a caller was authorised for. Only `web.auth` and the job decoder make these."""

    project_id: ProjectId
