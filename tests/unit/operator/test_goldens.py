"""Everything an instance consists of, by profile, against files that were reviewed."""

import pytest

from support.operator import plans


@pytest.mark.parametrize("case", plans.CASES)
def test_an_instance_consists_of_what_its_golden_says(case: str) -> None:
    assert plans.golden(case) == (plans.GOLDENS / f"{case}.yaml").read_text()
