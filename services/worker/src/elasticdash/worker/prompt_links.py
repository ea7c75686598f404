"""Finds the prompts that observations name."""

import dataclasses
from collections.abc import Sequence

from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import prompts
from elasticdash.shared.postgres.engine import Database


class PromptLinks:
    """Fills in prompt ids; an observation that names an unknown prompt keeps the name and version alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def linked(self, scope: ProjectScope, observations: Sequence[Observation]) -> Sequence[Observation]:
        """The observations in their order, with the id of the prompt each names."""
        named = {link for observation in observations if (link := _link(observation))}
        if not named:
            return observations
        async with self._database.reading() as session:
            ids = await prompts.find_prompt_ids(session, scope, named)
        return [
            dataclasses.replace(observation, prompt_id=ids.get(link)) if (link := _link(observation)) else observation
            for observation in observations
        ]


def _link(observation: Observation) -> tuple[str, int] | None:
    if observation.prompt_name is None or observation.prompt_version is None:
        return None
    return observation.prompt_name, observation.prompt_version
