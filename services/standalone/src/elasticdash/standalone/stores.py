"""The open stores a web service and a worker run on, whichever shape they have."""

from dataclasses import dataclass

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
    broker: Broker
    keys: Keys
