"""The words for what keeps an instance's data."""

from enum import StrEnum
from typing import Final

S3_PREFIX: Final = "ELASTICDASH_S3_EVENT_UPLOAD_"
MEDIA_PREFIX: Final = "ELASTICDASH_S3_MEDIA_UPLOAD_"
# Where SDKs and browsers reach the files of traces, for whom URLs are signed.
MEDIA_EXTERNAL_ENDPOINT: Final = f"{MEDIA_PREFIX}EXTERNAL_ENDPOINT"


class Store(StrEnum):
    """One of them; also the component name of a bundled one."""

    POSTGRES = "postgres"
    CLICKHOUSE = "clickhouse"
    REDIS = "redis"
    OBJECT_STORE = "objectstore"
