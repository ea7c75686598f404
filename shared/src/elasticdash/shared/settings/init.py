"""Settings: what the first start creates."""

from pydantic import Field, SecretStr

from elasticdash.shared.settings.group import SettingsGroup, either


class InitSettings(SettingsGroup):
    """What the first start creates. Unset: an organization and project named "default", generated keys, one admin."""

    org_id: str | None = Field(default=None, validation_alias=either("INIT_ORG_ID"), description="Organization id")
    org_name: str | None = Field(
        default=None, validation_alias=either("INIT_ORG_NAME"), description="Organization name"
    )
    project_id: str | None = Field(default=None, validation_alias=either("INIT_PROJECT_ID"), description="Project id")
    project_name: str | None = Field(
        default=None, validation_alias=either("INIT_PROJECT_NAME"), description="Project name"
    )
    project_retention_days: int | None = Field(
        default=None,
        validation_alias=either("INIT_PROJECT_RETENTION"),
        ge=3,
        description="Days traces are kept; unset: forever",
    )
    project_public_key: str | None = Field(
        default=None, validation_alias=either("INIT_PROJECT_PUBLIC_KEY"), description="Public API key"
    )
    project_secret_key: SecretStr | None = Field(
        default=None, validation_alias=either("INIT_PROJECT_SECRET_KEY"), description="Secret API key"
    )
    user_email: str | None = Field(
        default=None, validation_alias=either("INIT_USER_EMAIL"), description="Admin's e-mail"
    )
    user_name: str | None = Field(default=None, validation_alias=either("INIT_USER_NAME"), description="Admin's name")
    user_password: SecretStr | None = Field(
        default=None, validation_alias=either("INIT_USER_PASSWORD"), description="Admin's password; unset: generated"
    )
