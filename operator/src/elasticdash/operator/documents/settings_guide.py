"""Renders docs/guides/operator/settings.md from the operator's settings: `make gen` writes it, a test compares it."""

import sys
from collections.abc import Mapping
from typing import Final

from pydantic.fields import FieldInfo

from elasticdash.operator.settings import OperatorSettings

PREFIX: Final = str(OperatorSettings.model_config.get("env_prefix"))
# What the chart sets, by the value it comes from; the other settings are for an operator started without the chart.
FROM_CHART: Final[Mapping[str, str]] = {
    "namespaces": "`watchNamespaces`",
    "namespace": "the release's namespace",
    "identity": "the pod's name",
    "lease_name": "the release's name",
    "resync_seconds": "`resyncSeconds`",
    "images": "`instanceImages`",
    "log_level": "`log.level`",
    "log_format": "`log.format`",
}
_COMPUTED = {"namespace": "that of its service account", "identity": "host name, process id and a random part"}
_HEAD = """# Settings of the operator

Variables of the operator's own process, made from the code (`make gen`). How an instance is set up stands in its
resource: [fields.md](fields.md).

| variable | default | the chart takes it from | meaning |
|---|---|---|---|
"""


def render() -> str:
    """The page."""
    return _HEAD + "".join(_row(name, field) for name, field in OperatorSettings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    given = FROM_CHART.get(name, "")
    return f"| `{PREFIX}{name.upper()}` | {_COMPUTED.get(name) or _default(field)} | {given} | {field.description} |\n"


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    return f"`{default}`" if default else ""


if __name__ == "__main__":
    sys.stdout.write(render())
