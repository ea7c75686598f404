"""The open stores a web service and a worker run on, whichever shape they have."""

from dataclasses import dataclass

from elasticdash.shared.blobs.media_bucket import MediaBucket
from elasticdash.shared.blobs.media_folder import MediaFolder
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.queue.brokers import Broker
from elasticdash.shared.security import Keys


@dataclass(frozen=True, slots=True)
class Stores:
    """Opened by `embedded` or `distributed`, which close them too."""

    database: Database
    clickhouse: ClickHouse
    blobs: BlobStore
    media: MediaFolder | MediaBucket
    broker: Broker
    keys: Keys
