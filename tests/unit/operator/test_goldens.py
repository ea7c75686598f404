"""Everything an instance consists of, by profile, against files that were reviewed."""

import re
from pathlib import Path

import pytest

from support.operator import looks, plans

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "operator" / "objects.md"


@pytest.mark.parametrize("case", plans.CASES)
def test_an_instance_consists_of_what_its_golden_says(case: str) -> None:
    assert plans.golden(case) == (plans.GOLDENS / f"{case}.yaml").read_text()


def test_the_guide_names_objects_that_are_made() -> None:
    named = set(re.findall(r"`(obs-[a-z-]*[a-z])`", GUIDE.read_text()))
    made = {name for case in plans.CASES.values() for _, name in looks.by_key(case())}

    assert len(named) >= 12
    assert named <= made


def test_the_guide_names_every_kind_that_is_made() -> None:
    made = {kind for case in plans.CASES.values() for kind, _ in looks.by_key(case())}

    assert [kind for kind in sorted(made) if kind not in GUIDE.read_text()] == []
