"""What every group of settings shares: read once from the environment, never changed."""

from collections.abc import Sequence

from pydantic import AliasChoices
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class SettingsGroup(BaseSettings):
    """Settings of one part, each a variable of the environment with a type, a default and a description."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    def missing(self) -> Sequence[str]:
        """What processes on shared stores can't do without, or can't understand: a sentence with a remedy for each."""
        return ()


def either(name: str) -> AliasChoices:
    """A variable under our prefix, or under Langfuse's."""
    return AliasChoices(f"ELASTICDASH_{name}", f"LANGFUSE_{name}")


def variable(group: type[SettingsGroup], field: str) -> str:
    """The name a setting is documented under."""
    alias = group.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else str(alias)
