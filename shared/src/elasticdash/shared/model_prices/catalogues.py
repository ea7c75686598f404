"""The built-in models compiled once, and catalogues of projects on top of them."""

from collections.abc import Iterable
from datetime import datetime

from elasticdash.shared.domain import models, models_catalogue
from elasticdash.shared.model_prices import built_in, patterns


class Catalogues:
    """Builds one project's catalogue at a time; holds the built-in models and nothing of a project."""

    def __init__(self, at: datetime) -> None:
        """Takes about a second of reading and compiling. `at` decides between announced and current prices."""
        self.built_in = tuple(built_in.built_in_models(at))
        self._list = models_catalogue.ModelList(self.built_in, patterns.compile_pattern)

    def for_project(self, project_models: Iterable[models.ModelDefinition]) -> models_catalogue.ModelCatalogue:
        """The project's models before the built-in ones. Raises InvalidPatternError for a model never validated."""
        own = models_catalogue.ModelList(project_models, patterns.compile_pattern)
        return models_catalogue.ModelCatalogue(own, self._list)
