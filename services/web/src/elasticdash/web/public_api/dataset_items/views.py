"""Items of datasets as the API shows them, with URLs of the files they refer to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import media
from elasticdash.shared.postgres.media import Media
from elasticdash.shared.postgres.models.datasets import DatasetItemRow
from elasticdash.web.dependencies import CurrentProject, CurrentServices
from elasticdash.web.media.files import MediaFiles
from elasticdash.web.public_api.dataset_items import media_references
from elasticdash.web.public_api.dataset_items.media_references import MediaReference
from elasticdash.web.public_api.dataset_items.schemas import (
    DatasetItemMediaReference,
    DatasetItemResponse,
    ReferredMedia,
)


@dataclass(frozen=True, slots=True)
class ItemViews:
    """Shows items of the caller's project; URLs begin as the request's did."""

    request: Request
    scope: ProjectScope
    files: MediaFiles

    async def of(self, session: AsyncSession, items: Sequence[tuple[DatasetItemRow, str]]) -> list[DatasetItemResponse]:
        """Items with the names of their datasets, in their order."""
        referred = [_references(row) for row, _ in items]
        media_ids = {reference.media_id for of_item in referred for reference in of_item}
        known = await media.find_uploaded(session, self.scope, media_ids)
        now = datetime.now(UTC)
        return [
            DatasetItemResponse.of(
                row, name, [self._shown(one, known[one.media_id], now) for one in of_item if one.media_id in known]
            )
            for (row, name), of_item in zip(items, referred, strict=True)
        ]

    def _shown(self, reference: MediaReference, found: Media, now: datetime) -> DatasetItemMediaReference:
        download = self.files.download_url(self.request, self.scope, found, now)
        return DatasetItemMediaReference(
            field=reference.field,
            reference_string=reference.text,
            json_path=reference.json_path,
            media=ReferredMedia(
                media_id=found.id,
                content_type=found.content.content_type,
                content_length=found.content.length_bytes,
                url=download.url,
                url_expiry=download.expires_at,
            ),
        )


async def item_views(request: Request, project: CurrentProject, services: CurrentServices) -> ItemViews:
    """How the request's items are shown."""
    return ItemViews(request, project, services.media)


CurrentItemViews = Annotated[ItemViews, Depends(item_views)]


def _references(row: DatasetItemRow) -> Sequence[MediaReference]:
    return list(
        media_references.find({"input": row.input, "expectedOutput": row.expected_output, "metadata": row.details})
    )
