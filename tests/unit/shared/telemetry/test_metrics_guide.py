"""The guides for those who run it list every metric of ours, as it is, and no other."""

from pathlib import Path

import pytest

from elasticdash.operator.runtime import metrics as operator_metrics
from elasticdash.shared.telemetry import metrics

GUIDES = Path(__file__).parents[4] / "docs/guides"
OPERATOR = "elasticdash_operator_"

# To name one of the operator's is to have them all in the registry.
assert operator_metrics.RECONCILES


@pytest.mark.parametrize(("guide", "is_operator"), [("operations.md", False), ("operator/troubleshooting.md", True)])
def test_guide_lists_exactly_the_metrics_there_are(guide: str, is_operator: bool):
    ours = [family for family in metrics.REGISTRY.collect() if family.name.startswith("elasticdash_")]
    families = [family for family in ours if family.name.startswith(OPERATOR) is is_operator]
    names = [family.name + ("_total" if family.type == "counter" else "") for family in families]
    expected = [
        f"| `{name}` | {family.type} | {family.documentation} |" for name, family in zip(names, families, strict=True)
    ]

    rows = [line for line in (GUIDES / guide).read_text().splitlines() if line.startswith("| `elasticdash_")]

    assert rows == expected
