"""Reads groups of settings and names everything that is wrong with them at once."""

from collections.abc import Iterator, Sequence

from pydantic import AliasChoices, ValidationError

from elasticdash.shared import errors
from elasticdash.shared.settings.group import SettingsGroup, variable


def check(*groups: type[SettingsGroup]) -> None:
    """Nothing when every variable can be understood; else one ConfigurationError for all that can't."""
    _raise([problem for group in groups for problem in _invalid(group)])


def check_complete(*groups: type[SettingsGroup]) -> None:
    """As `check`, and what processes on shared stores need must be there."""
    problems: list[str] = []
    for group in groups:
        invalid = list(_invalid(group))
        problems += invalid or group().missing()
    _raise(problems)


def _raise(problems: Sequence[str]) -> None:
    if problems:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        raise errors.ConfigurationError(f"{len(problems)} settings need attention (docs/guides/settings.md):{lines}")


def _invalid(group: type[SettingsGroup]) -> Iterator[str]:
    try:
        group()
    except ValidationError as error:
        # The given values stay out: some are secret.
        for issue in error.errors(include_input=False, include_url=False, include_context=False):
            yield f"{_name(group, str(issue['loc'][0]) if issue['loc'] else '')}: {issue['msg']}"


def _name(group: type[SettingsGroup], location: str) -> str:
    for name, field in group.model_fields.items():
        alias = field.validation_alias
        if name == location or (isinstance(alias, AliasChoices) and location in alias.choices):
            return variable(group, name)
    return group.__name__
