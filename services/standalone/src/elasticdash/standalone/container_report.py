"""What a command leaves in the file that Kubernetes keeps when its container ends: JSON of bounded size."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Of each container Kubernetes keeps this much.
MAX_BYTES = 4096
_SHORTEST = 40


def write(path: Path, report: Mapping[str, Any]) -> None:
    """Write the report; its lists lose their last items and its texts their ends until it fits."""
    path.write_text(fitted(report))


def fitted(report: Mapping[str, Any]) -> str:
    """The JSON of a report in at most MAX_BYTES bytes."""
    kept = dict(report)
    text = json.dumps(kept)
    while len(text) > MAX_BYTES:
        longest = max(kept, key=lambda name: len(json.dumps(kept[name])))
        if len(kept[longest]) <= (1 if isinstance(kept[longest], list) else _SHORTEST):
            kept.pop(longest)
        elif isinstance(kept[longest], list):
            kept[longest] = kept[longest][:-1]
        else:
            kept[longest] = kept[longest][: len(kept[longest]) * 3 // 4] + " …"
        text = json.dumps(kept)
    return text
