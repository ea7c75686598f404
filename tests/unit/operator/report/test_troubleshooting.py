"""The guide has every condition, every reason and every phase, and none that doesn't exist."""

import re
from pathlib import Path

from elasticdash.operator.api.enums import ConditionType, Phase, Reason
from elasticdash.operator.report.advice import ADVICE

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "operator" / "troubleshooting.md"


def _rows() -> list[str]:
    """The first cells of all tables whose head is a reason or a phase."""
    found: list[str] = []
    for table in re.findall(r"^\| (?:reason|phase) \|.*\n\|[-|]+\n((?:\|.*\n)+)", GUIDE.read_text(), re.MULTILINE):
        for row in table.splitlines():
            found += row.split("|")[1].strip().split(", ")
    return found


def test_every_reason_and_phase_has_a_row_and_every_row_a_reason_or_phase():
    assert set(_rows()) == {*Reason, *Phase}


def test_every_condition_has_a_heading():
    headings = " ".join(re.findall(r"^## (.*)$", GUIDE.read_text(), re.MULTILINE))

    assert [name for name in ConditionType if name not in headings] == []


def test_the_command_gives_the_guides_advice():
    told: dict[tuple[str, str], str] = {}
    for section in re.split(r"^## ", GUIDE.read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        for table in re.findall(r"^\| reason \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE):
            for row in table.splitlines():
                reasons, advice = row.strip("| ").partition("|")[::2]
                told |= {(name, reason): advice.strip() for name in title.split(", ") for reason in reasons.split(", ")}
    of_conditions = {key: advice for key, advice in told.items() if advice and key[0] in set(ConditionType)}

    assert {(name, reason.strip()): advice for (name, reason), advice in of_conditions.items()} == {
        (name, reason): advice for name, advices in ADVICE.items() for reason, advice in advices.items()
    }
