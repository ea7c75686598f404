"""Prices of each project, as they are at the moment a batch is processed."""

from elasticdash.shared.domain import pricing
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.model_prices import tokenisers
from elasticdash.shared.model_prices.catalogues import Catalogues
from elasticdash.shared.postgres import priced_models
from elasticdash.shared.postgres.engine import Database


class Pricers:
    """Builds a project's catalogue when its models changed, and keeps it until they change again."""

    def __init__(self, database: Database, catalogues: Catalogues) -> None:
        self._database = database
        self._catalogues = catalogues
        self._known: dict[ProjectScope, tuple[priced_models.State, Pricer]] = {}

    async def of(self, scope: ProjectScope) -> Pricer:
        """What prices the project's observations now; one short query when nothing changed."""
        async with self._database.reading() as session:
            state = await priced_models.state(session, scope)
            known = self._known.get(scope)
            if known and known[0] == state:
                return known[1]
            definitions = await priced_models.definitions(session, scope)
        catalogue = self._catalogues.for_project(definitions)
        price = pricing.pricer(catalogue, tokenisers.count_tokens)
        self._known[scope] = (state, price)
        return price
