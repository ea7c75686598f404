"""Renders docs/guides/settings.md from the settings themselves: `make gen` writes it, a test compares it."""

import sys
from collections.abc import Iterator

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from elasticdash.standalone import settings

_HEAD = """# Settings

Every setting is an environment variable; `LANGFUSE_` works in place of `ELASTICDASH_`. This page is generated from
the code (`make gen`).
"""


def render() -> str:
    """The page."""
    parts = [_HEAD]
    for group in _groups():
        parts.append(f"\n## {_title(group)}\n\n{group.__doc__}\n\n| variable | default | meaning |\n|---|---|---|\n")
        parts += [_row(field) for field in group.model_fields.values() if field.validation_alias]
    return "".join(parts)


def _groups() -> Iterator[type[BaseModel]]:
    for field in settings.Settings.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield field.annotation
    yield settings.Settings


def _title(group: type[BaseModel]) -> str:
    name = group.__name__.removesuffix("Settings")
    return {"Init": "First start", "": "Process"}.get(name, name)


def _row(field: FieldInfo) -> str:
    alias = field.validation_alias
    name = str(alias.choices[0]) if isinstance(alias, AliasChoices) else str(alias)
    default = "" if field.default is None else f"`{field.default}`"
    if name.endswith("_DIR"):
        default = "`migrations/` of the checkout"
    return f"| `{name}` | {default} | {field.description} |\n"


if __name__ == "__main__":
    sys.stdout.write(render())
