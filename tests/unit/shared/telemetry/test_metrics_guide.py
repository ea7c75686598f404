"""The guide for those who run it lists every metric of ours, as it is, and no other."""

from pathlib import Path

from elasticdash.shared.telemetry import metrics

GUIDE = Path(__file__).parents[4] / "docs/guides/operations.md"


def test_guide_lists_exactly_the_metrics_there_are():
    families = [family for family in metrics.REGISTRY.collect() if family.name.startswith("elasticdash_")]
    names = [family.name + ("_total" if family.type == "counter" else "") for family in families]
    expected = [
        f"| `{name}` | {family.type} | {family.documentation} |" for name, family in zip(names, families, strict=True)
    ]

    rows = [line for line in GUIDE.read_text().splitlines() if line.startswith("| `elasticdash_")]

    assert rows == expected
