"""Finds the definition that prices a model name, fast for names seen before."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from elasticdash.shared.domain import models, tiers

MAX_MODEL_NAME_CHARACTERS = 500
_REMEMBERED_NAMES = 4096
# Names that match nothing are asked of one pattern per group instead of one per model.
_GROUP_SIZE = 50


@dataclass(frozen=True, slots=True)
class PricedModel:
    """A definition ready to price with."""

    definition: models.ModelDefinition
    tiers: tiers.TierChooser


_Entry = tuple[models.Matches, PricedModel]


class ModelList:
    """Definitions of one owner. Newest start date first, those without one last, then as given."""

    def __init__(self, definitions: Iterable[models.ModelDefinition], compile_pattern: models.CompilePattern) -> None:
        """Raises InvalidPatternError when a pattern can't be compiled."""
        ordered = sorted(definitions, key=_newest_first)
        self._groups = [
            _group(ordered[start : start + _GROUP_SIZE], compile_pattern)
            for start in range(0, len(ordered), _GROUP_SIZE)
        ]
        self.find = functools.lru_cache(_REMEMBERED_NAMES)(self._find)

    def _find(self, model_name: str) -> PricedModel | None:
        entries = (entry for may_match, group in self._groups if may_match(model_name) for entry in group)
        return next((model for matches, model in entries if matches(model_name)), None)


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


def _group(
    definitions: Sequence[models.ModelDefinition], compile_pattern: models.CompilePattern
) -> tuple[models.Matches, list[_Entry]]:
    entries = [
        (compile_pattern(each.match_pattern), PricedModel(each, tiers.TierChooser(each, compile_pattern)))
        for each in definitions
    ]
    try:
        return compile_pattern("|".join(f"(?:{each.match_pattern})" for each in definitions)), entries
    except models.InvalidPatternError:
        # Together they are too large: each is asked alone.
        return lambda _name: True, entries


def _newest_first(definition: models.ModelDefinition) -> tuple[bool, float]:
    start: datetime | None = definition.start_date
    return (start is None, -start.timestamp() if start else 0.0)
