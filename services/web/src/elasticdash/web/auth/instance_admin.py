"""The administrator of the whole instance: whoever has its admin API key."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from elasticdash.shared import errors

ACTOR_ID = "ADMIN_API_KEY"
ORGANIZATION_HEADER = "x-langfuse-organization-id"
PROJECT_HEADER = "x-langfuse-project-id"
# Says that `Authorization` holds the admin key and no project's public key.
_CLAIM_HEADER = "x-langfuse-admin-api-key"


@dataclass(frozen=True, slots=True)
class InstanceAdmin:
    """Checks the admin API key; without one, nobody is the administrator."""

    key: str | None = field(default=None, repr=False)

    def require(self, headers: Mapping[str, str]) -> None:
        """Nothing for `Authorization: Bearer` with the admin key.

        AuthenticationError otherwise; AccessDeniedError where no admin key is set.
        """
        scheme, _, sent = headers.get("authorization", "").partition(" ")
        if not sent:
            raise errors.AuthenticationError("No authorization header")
        self._require(sent.strip() if scheme.lower() == "bearer" else "")

    def is_claimed(self, headers: Mapping[str, str]) -> bool:
        """Whether a request to an organization's or a project's route says it comes from the administrator."""
        return _CLAIM_HEADER in headers

    def require_acting_for(self, headers: Mapping[str, str], owner_header: str) -> str:
        """The id in `owner_header`, for a request with the admin key in both places.

        Errors as of `require`; InvalidRequestError without the id.
        """
        self.require(headers)
        self._require(headers.get(_CLAIM_HEADER, ""))
        owner_id = headers.get(owner_header, "")
        if not owner_id:
            raise errors.InvalidRequestError(f"The header {owner_header} is missing: it says for whom you act")
        return owner_id

    def _require(self, sent: str) -> None:
        if not self.key:
            raise errors.AccessDeniedError("The admin API is off: set ADMIN_API_KEY")
        if not hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), self.key.encode()):
            raise errors.AuthenticationError("Invalid admin API key")
