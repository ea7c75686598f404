"""Renders docs/guides/settings.md from the settings themselves: `make gen` writes it, a test compares it."""

import inspect
import sys

from pydantic import AliasChoices, BaseModel, SecretStr
from pydantic.fields import FieldInfo

from elasticdash.shared.settings import model

_HEAD = """# Settings

Every setting is an environment variable; `LANGFUSE_` works in place of `ELASTICDASH_`. This page is generated from
the code (`make gen`).
"""


def render() -> str:
    """The page."""
    parts = [_HEAD]
    for group in model.groups():
        parts.append(
            f"\n## {_title(group)}\n\n{inspect.getdoc(group)}\n\n| variable | default | meaning |\n|---|---|---|\n"
        )
        parts += [_row(field) for field in group.model_fields.values() if field.validation_alias]
    return "".join(parts)


def _title(group: type[BaseModel]) -> str:
    name = group.__name__.removesuffix("Settings")
    titles = {
        "Init": "First start",
        "Http": "HTTP",
        "SignIn": "Signing in",
        "RateLimit": "Rate limits",
        "BlobStore": "Blob store",
        "SettledWebhook": "Settled webhook",
    }
    return titles.get(name, name)


def _row(field: FieldInfo) -> str:
    alias = field.validation_alias
    name = str(alias.choices[0]) if isinstance(alias, AliasChoices) else str(alias)
    default = "" if field.default in (None, "", {}, SecretStr("")) else f"`{field.default}`"
    if name.endswith("_DIR"):
        default = "`migrations/` of the checkout"
    return f"| `{name}` | {default} | {field.description} |\n"


if __name__ == "__main__":
    sys.stdout.write(render())
