"""Writes the OpenAPI document of the UI's API, from which the UI's types are made: `make gen`."""

import json
import sys

from elasticdash.web import ui_app


def text() -> str:
    """The document as sorted, indented JSON, so that a change shows as a small difference."""
    return json.dumps(ui_app.described_ui_app().openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
