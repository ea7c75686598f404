"""What a person may do in an organization and in its projects."""

from enum import StrEnum


class Role(StrEnum):
    """A membership's role, from the least to the most."""

    NONE = "NONE"
    VIEWER = "VIEWER"
    MEMBER = "MEMBER"
    ADMIN = "ADMIN"
    OWNER = "OWNER"

    def reaches(self, least: "Role") -> bool:
        """Whether this role may do what `least` may."""
        return _RANK[self] >= _RANK[least]


_RANK = {role: rank for rank, role in enumerate(Role)}
