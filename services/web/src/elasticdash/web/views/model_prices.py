"""What a matched model costs per unit, as observations show it beside their own cost."""

import asyncio
import functools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Protocol

from fastapi import Depends

from elasticdash.shared.clickhouse.rows import ObservationRow
from elasticdash.shared.domain.models import ModelDefinition
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.model_prices import built_in
from elasticdash.shared.postgres import priced_models
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.dependencies import CurrentServices


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """USD per unit in the default tier; None where the model has no price for it."""

    input_usd: Decimal | None = None
    output_usd: Decimal | None = None
    total_usd: Decimal | None = None


NO_PRICE = ModelPrice()


class ModelPrices(Protocol):
    """Finds prices by model id; unknown models are absent."""

    async def __call__(self, scope: ProjectScope, model_ids: Collection[str]) -> Mapping[str, ModelPrice]: ...


def ids_of(rows: Iterable[ObservationRow]) -> Collection[str]:
    """The models that observations were matched to."""
    return {row.model_id for row in rows if row.model_id}


class StoredModelPrices:
    """Prices of the built-in models and of each project's own, as the metadata store holds them now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, scope: ProjectScope, model_ids: Collection[str]) -> Mapping[str, ModelPrice]:
        """Prices by model id; the project's models are read only when an id is not built in."""
        if not model_ids:
            return {}
        known = await asyncio.to_thread(_built_in_prices)
        if all(model_id in known for model_id in model_ids):
            return known
        async with self._database.reading() as session:
            definitions = await priced_models.definitions(session, scope)
        return {**known, **{definition.id: price_of(definition) for definition in definitions}}


def price_of(model: ModelDefinition) -> ModelPrice:
    """What the default tier of a model says about plain input, output and total units."""
    prices = model.default_tier.prices
    return ModelPrice(prices.get("input"), prices.get("output"), prices.get("total"))


async def current_model_prices(services: CurrentServices) -> ModelPrices:
    """The prices of the running application."""
    return StoredModelPrices(services.database)


CurrentModelPrices = Annotated[ModelPrices, Depends(current_model_prices)]


@functools.cache
def _built_in_prices() -> Mapping[str, ModelPrice]:
    """Made once per process: the list is the same for every project."""
    return {id_: price_of(model) for id_, model in built_in.current_models().items()}
