"""The built-in models compiled once, and catalogues of projects on top of them."""

from collections.abc import Iterable

from elasticdash.shared.domain import models, models_catalogue
from elasticdash.shared.model_prices import patterns


class Catalogues:
    """Builds one project's catalogue at a time; holds the built-in models and nothing of a project."""

    def __init__(self, built_in: Iterable[models.ModelDefinition]) -> None:
        """Compiles these models, which takes a second for all there are."""
        self.built_in = tuple(built_in)
        self._list = models_catalogue.ModelList(self.built_in, patterns.compile_pattern)

    def for_project(self, project_models: Iterable[models.ModelDefinition]) -> models_catalogue.ModelCatalogue:
        """The project's models before the built-in ones. Raises InvalidPatternError for a model never validated."""
        own = models_catalogue.ModelList(project_models, patterns.compile_pattern)
        return models_catalogue.ModelCatalogue(own, self._list)
