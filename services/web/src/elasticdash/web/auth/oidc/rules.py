"""How people sign in, as set up: by password, with a provider, or either."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from elasticdash.shared.postgres.identities import Admission

CALLBACK_PATH = "/api/ui/oidc/callback"


@dataclass(frozen=True, slots=True)
class OidcRules:
    """One OpenID Connect provider. `public_url` is where people open the Logger; no domains: all are allowed."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    scope: str
    client_auth_method: Literal["client_secret_basic", "client_secret_post"]
    allowed_domains: Collection[str]
    admission: Admission

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to."""
        return self.public_url + CALLBACK_PATH

    def allows(self, email: str) -> bool:
        """Whether people with this verified address may sign in."""
        return not self.allowed_domains or email.rpartition("@")[2].lower() in self.allowed_domains


@dataclass(frozen=True, slots=True)
class SignInRules:
    """The ways to sign in; without a provider there is the password."""

    has_passwords: bool = True
    oidc: OidcRules | None = None
