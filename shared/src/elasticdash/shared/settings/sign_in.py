"""Settings: how people sign in."""

from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator

from elasticdash.shared.settings.group import SettingsGroup, either


def _oidc(name: str) -> AliasChoices:
    return AliasChoices(f"ELASTICDASH_OIDC_{name}", f"AUTH_CUSTOM_{name}")


class SignInSettings(SettingsGroup):
    """How people sign in: by password, and with an OpenID Connect provider where one is set.

    `AUTH_CUSTOM_…` works in place of `ELASTICDASH_OIDC_…`; [how to set it up](single-sign-on.md).
    """

    public_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("ELASTICDASH_PUBLIC_URL", "NEXTAUTH_URL"),
        description="Where people open the Logger, `https://host[/path]`; needed for signing in with a provider",
    )
    is_provider_only: bool = Field(
        default=False,
        validation_alias=AliasChoices("ELASTICDASH_DISABLE_PASSWORD_SIGN_IN", "AUTH_DISABLE_USERNAME_PASSWORD"),
        description="Whether nobody signs in by password; needs a provider",
    )
    is_sign_up_off: bool = Field(
        default=False,
        validation_alias=AliasChoices("ELASTICDASH_DISABLE_SIGN_UP", "AUTH_DISABLE_SIGNUP"),
        description="Whether a provider lets in only people who were added as members before",
    )
    default_org_id: str | None = Field(
        default=None,
        validation_alias=either("DEFAULT_ORG_ID"),
        description="Organization that people whom a provider lets in for the first time become members of",
    )
    default_org_role: Literal["VIEWER", "MEMBER", "ADMIN", "OWNER"] = Field(
        default="VIEWER", validation_alias=either("DEFAULT_ORG_ROLE"), description="Their role there"
    )
    name: str = Field(
        default="single sign-on", validation_alias=_oidc("NAME"), description="What the button names the provider"
    )
    issuer: str | None = Field(
        default=None,
        validation_alias=_oidc("ISSUER"),
        pattern=r"^https?://[^\s?#]+$",
        description="The provider: `https://…`, where `/.well-known/openid-configuration` is; unset: none",
    )
    client_id: str | None = Field(
        default=None, validation_alias=_oidc("CLIENT_ID"), description="Our id at the provider"
    )
    client_secret: SecretStr | None = Field(
        default=None, validation_alias=_oidc("CLIENT_SECRET"), description="Our secret at the provider"
    )
    scope: str = Field(
        default="openid email profile",
        validation_alias=_oidc("SCOPE"),
        pattern=r"(^|\s)openid(\s|$)",
        description="What is asked for, with spaces between; `openid` is part of it",
    )
    client_auth_method: Literal["client_secret_basic", "client_secret_post"] = Field(
        default="client_secret_basic",
        validation_alias=_oidc("CLIENT_AUTH_METHOD"),
        description="How the secret is sent: client_secret_basic or client_secret_post",
    )
    is_linking_allowed: bool = Field(
        default=False,
        validation_alias=_oidc("ALLOW_ACCOUNT_LINKING"),
        description="Whether who has a password here may sign in with the provider too, by the same verified e-mail",
    )
    allowed_domains: str = Field(
        default="",
        validation_alias=_oidc("ALLOWED_DOMAINS"),
        description="Domains of e-mail addresses that are let in, with commas between; unset: all",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuses a provider that is named in part, and nobody being able to sign in."""
        parts = {"ISSUER": self.issuer, "CLIENT_ID": self.client_id, "CLIENT_SECRET": self.client_secret}
        absent = [f"ELASTICDASH_OIDC_{name}" for name, value in parts.items() if value is None]
        if len(absent) not in (0, len(parts)):
            raise ValueError(f"{' and '.join(absent)} not set beside the rest of the provider: set all three or none")
        if not absent and not (self.public_url or "").startswith(("http://", "https://")):
            raise ValueError(
                "ELASTICDASH_PUBLIC_URL (or NEXTAUTH_URL) is no address: the provider sends people back there"
            )
        if absent and self.is_provider_only:
            raise ValueError("ELASTICDASH_DISABLE_PASSWORD_SIGN_IN without a provider would let nobody in")
        return self
