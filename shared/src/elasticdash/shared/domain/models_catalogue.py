"""Finds the definition that prices a model name, fast for names seen before."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from elasticdash.shared.domain import models, tiers

MAX_MODEL_NAME_CHARACTERS = 500
_REMEMBERED_NAMES = 4096


@dataclass(frozen=True, slots=True)
class PricedModel:
    """A definition ready to price with."""

    definition: models.ModelDefinition
    tiers: tiers.TierChooser


class ModelList:
    """Definitions of one owner. Newest start date first, those without one last, then as given."""

    def __init__(self, definitions: Iterable[models.ModelDefinition], compile_pattern: models.CompilePattern) -> None:
        """Raises InvalidPatternError when a pattern can't be compiled."""
        self._entries = [
            (compile_pattern(each.match_pattern), PricedModel(each, tiers.TierChooser(each, compile_pattern)))
            for each in sorted(definitions, key=_newest_first)
        ]
        self.find = functools.lru_cache(_REMEMBERED_NAMES)(self._find)

    def _find(self, model_name: str) -> PricedModel | None:
        return next((model for matches, model in self._entries if matches(model_name)), None)


class ModelCatalogue:
    """What one project's observations are priced by: its own models, then the built-in ones.

    A new catalogue is made when the project's models change; the built-in list, with its memory of names, is shared.
    A start date orders the models; it is not compared with the observation's time.
    Source: Langfuse v4.16, packages/shared/src/server/ingestion/modelMatch.ts.
    """

    def __init__(self, project_models: ModelList, built_in: ModelList) -> None:
        self._project_models = project_models
        self._built_in = built_in

    def find(self, model_name: str) -> PricedModel | None:
        """The first model whose pattern is found in the name; None for unknown and for overlong names."""
        if len(model_name) > MAX_MODEL_NAME_CHARACTERS:
            return None
        return self._project_models.find(model_name) or self._built_in.find(model_name)


def _newest_first(definition: models.ModelDefinition) -> tuple[bool, float]:
    start: datetime | None = definition.start_date
    return (start is None, -start.timestamp() if start else 0.0)
