"""What the API takes and says about media."""

import base64
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from elasticdash.shared.postgres.media import MediaContent, MediaPlace
from elasticdash.web.wire import SentTimestamp, Text, Timestamp, WireModel

_SHA256_BYTES = 32
_OF_TRACES = ("input", "output", "metadata")
_OF_ITEMS = ("input", "expectedOutput", "metadata")
# RFC 6838, section 4.2; without parameters.
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}", re.IGNORECASE)


def _media_type(value: str) -> str:
    if not _TYPE.fullmatch(value):
        raise ValueError("must be a media type, like image/png")
    return value


def _digest(value: str) -> str:
    try:
        is_digest = base64.b64encode(base64.b64decode(value, validate=True)).decode() == value
    except ValueError:
        is_digest = False
    if not is_digest or len(base64.b64decode(value)) != _SHA256_BYTES:
        raise ValueError("must be a SHA-256 digest in base64")
    return value


Id = Annotated[Text, Field(min_length=1, max_length=1000)]


class UploadUrlRequest(WireModel):
    """A file that belongs to a trace or one of its observations, or to an item of a dataset that need not exist yet."""

    trace_id: Id | None = None
    observation_id: Id | None = None
    dataset_id: Id | None = None
    dataset_item_id: Id | None = None
    content_type: Annotated[str, AfterValidator(_media_type)]
    content_length: Annotated[int, Field(ge=1, lt=2**63)]
    sha256_hash: Annotated[str, AfterValidator(_digest)]
    field: Literal["input", "output", "metadata", "expectedOutput"]

    @model_validator(mode="after")
    def _belongs_to_one(self) -> "UploadUrlRequest":
        of_trace = self.trace_id is not None
        of_item = self.dataset_id is not None and self.dataset_item_id is not None
        is_mixed = of_trace == of_item or (of_item and self.observation_id is not None)
        if is_mixed or (of_trace and not self.dataset_id == self.dataset_item_id is None):
            raise ValueError("either traceId, or datasetId and datasetItemId must be given")
        if self.field not in (_OF_TRACES if of_trace else _OF_ITEMS):
            raise ValueError(f"field must be one of {', '.join(_OF_TRACES if of_trace else _OF_ITEMS)}")
        return self

    def content(self) -> MediaContent:
        """What the file is."""
        return MediaContent(self.content_type, self.content_length, self.sha256_hash)

    def place(self) -> MediaPlace:
        """What it belongs to."""
        return MediaPlace(
            field=self.field,
            trace_id=self.trace_id,
            observation_id=self.observation_id,
            dataset_id=self.dataset_id,
            dataset_item_id=self.dataset_item_id,
        )


class UploadUrlResponse(WireModel):
    """Where the file is to be sent with PUT; null when it is here already."""

    media_id: str
    upload_url: str | None


class PatchMediaRequest(WireModel):
    """How an upload ended, as the client saw it."""

    uploaded_at: SentTimestamp
    upload_http_status: Annotated[int, Field(ge=0, le=999)]


class PatchMediaResponse(WireModel):
    """That it was noted."""

    message: Literal["OK"] = "OK"


class MediaResponse(WireModel):
    """A file that has arrived; who has `url` may read it until `urlExpiry`."""

    media_id: str
    content_type: str
    content_length: int
    uploaded_at: Timestamp
    url: str
    url_expiry: Timestamp
