"""What every group of settings shares: read once from the environment, never changed."""

from pydantic import AliasChoices
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class SettingsGroup(BaseSettings):
    """Settings of one part, each a variable of the environment with a type, a default and a description."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True)


def either(name: str) -> AliasChoices:
    """A variable under our prefix, or under Langfuse's."""
    return AliasChoices(f"ELASTICDASH_{name}", f"LANGFUSE_{name}")
