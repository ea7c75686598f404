"""Every leaf of a spec does something: another value changes what is decided, or the list below says why not."""

from collections.abc import Iterator

import pytest

from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.project import ProjectSpec
from support.operator import mutations, project_life, scenarios
from support.operator.mutations import Leaf
from support.operator.scenarios import Scenario

# Fields that nothing planned depends on, with the module that goes by them while credentials are replaced.
ELSEWHERE = {
    "secrets.rotation.overlap": "rotation/rotator.py",
    "secrets.rotation.maxRollTime": "rotation/rotator.py",
    **{
        f"stores.{store}.adminRef.{part}": "rotation/administrators.py"
        for store in ("postgres", "clickhouse", "redis")
        for part in ("name", "key")
    },
}
LEAVES = mutations.leaves(LoggerSpec)
PROJECT_LEAVES = mutations.leaves(ProjectSpec)
PROJECT = {"loggerRef": {"name": "obs"}, "keys": {"rotation": {"every": "720h"}}}


def _differences(leaf: Leaf) -> Iterator[bool]:
    """Whether a mutant is decided otherwise, for every mutant of the leaf in every scenario."""
    for scenario in scenarios.SCENARIOS.values():
        spec = scenarios.complete(scenario.spec)
        before = None
        for mutant in mutations.mutants(spec, leaf, _more(leaf, scenario)):
            before = before or scenario.decisions(spec)
            yield scenario.decisions(mutant) != before


def _more(leaf: Leaf, scenario: Scenario) -> tuple[str, ...]:
    """Values that only the scenario knows."""
    return (scenario.identity(),) if leaf.name in ("migrations.approvedIdentity", "migrations.allowRetarget") else ()


@pytest.mark.parametrize("leaf", LEAVES, ids=[leaf.name for leaf in LEAVES])
def test_another_value_changes_what_is_decided(leaf: Leaf) -> None:
    differences = list(_differences(leaf)) if leaf.name in ELSEWHERE else _differences(leaf)

    if leaf.name in ELSEWHERE:
        assert True not in differences, "it does something here: take it off the list"
    else:
        assert any(differences), "no scenario has it, or nothing depends on it"


def test_the_list_names_fields_that_there_are() -> None:
    assert ELSEWHERE.keys() <= {leaf.name for leaf in LEAVES}


@pytest.mark.parametrize("leaf", PROJECT_LEAVES, ids=[leaf.name for leaf in PROJECT_LEAVES])
async def test_another_value_changes_what_becomes_of_a_project(leaf: Leaf) -> None:
    spec = ProjectSpec.model_validate(PROJECT).model_dump(mode="json", by_alias=True, exclude_none=True)

    before = await project_life.record(spec)

    assert await project_life.record(spec) == before
    lives = [await project_life.record(mutant) for mutant in mutations.mutants(spec, leaf)]
    assert any(life != before for life in lives)
