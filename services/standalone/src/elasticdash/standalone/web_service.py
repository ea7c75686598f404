"""Puts the web service together on open stores."""

import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager

from elasticdash.shared.backlog import BacklogWatch
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.score_rules import ScoreConfigRule
from elasticdash.shared.otel.decode import DecodeLimits
from elasticdash.shared.postgres import score_configs
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.queue.sending import Sender
from elasticdash.shared.schemas import jobs
from elasticdash.shared.schemas.ingestion import BatchLimits
from elasticdash.shared.settings.ingestion import IngestionSettings
from elasticdash.shared.settings.media import MediaSettings
from elasticdash.shared.settings.model import Settings
from elasticdash.shared.settings.security import SecuritySettings
from elasticdash.standalone import sign_in
from elasticdash.standalone.stores import Stores
from elasticdash.web.admission.gate import Gate
from elasticdash.web.admission.intake import Intake, IntakeLimits
from elasticdash.web.admission.lanes import LaneChooser
from elasticdash.web.admission.pressure import Pressure, PressureLimits
from elasticdash.web.admission.rates import RateLimiter
from elasticdash.web.auth.authenticator import Authenticator
from elasticdash.web.auth.instance_admin import InstanceAdmin
from elasticdash.web.ingest.acceptor import AcceptLimits, Acceptor, FindScoreConfigs
from elasticdash.web.ingest.group_commit import GroupCommit, StoredObject
from elasticdash.web.media.files import MediaFiles, MediaRules
from elasticdash.web.services import Services


@asynccontextmanager
async def opened(stores: Stores, settings: Settings, gate: Gate) -> AsyncGenerator[Services]:
    """What the web application needs, until the block ends; requests accepted by then are durable."""
    sender = Sender(stores.broker)

    async def hand_over(stored: StoredObject) -> None:
        lane = gate.lanes.lane_of(stored.project_id, stored.size_bytes)
        await sender.enqueue(jobs.ProcessRawBatch(stored.key), lane)

    commit = GroupCommit(stores.blobs, hand_over)
    try:
        yield Services(
            database=stores.database,
            clickhouse=stores.clickhouse,
            authenticator=Authenticator(stores.database, stores.keys.hasher),
            acceptor=Acceptor(
                commit,
                _score_config_rules(stores.database),
                _accept_limits(settings.ingestion),
                now_us=lambda: time.time_ns() // 1000,
                count_events=gate.count_events,
            ),
            keys=stores.keys,
            instance_admin=InstanceAdmin(_admin_key(settings.security)),
            sign_in=sign_in.rules(settings.sign_in),
            gate=gate,
            blobs=stores.blobs,
            media=MediaFiles(stores.media, stores.keys.sessions, _media_rules(settings.media)),
        )
    finally:
        await commit.close()


def gate(settings: Settings, backlog: BacklogWatch, free_disk_percent: Callable[[], float] | None = None) -> Gate:
    """What refuses requests, by the settings; the disk counts where accepted events are kept on it."""
    rates, bounds = settings.rate_limits, settings.ingestion
    return Gate(
        RateLimiter(
            {
                "ingestion": rates.ingestion,
                "ingestion-events": rates.ingestion_events,
                "public-api": rates.public_api,
                "public-api-metrics": rates.metrics,
                "prompts": rates.prompts,
            },
            rates.by_project,
        ),
        Intake(IntakeLimits(bounds.max_in_flight_bytes, bounds.max_requests, bounds.project_share)),
        Pressure(
            PressureLimits(bounds.max_backlog_age_seconds, bounds.max_backlog_batches, bounds.min_free_disk_percent),
            backlog=lambda: backlog.latest,
            free_disk_percent=free_disk_percent,
        ),
        LaneChooser(bounds.project_share, lambda: backlog.latest),
    )


def _admin_key(settings: SecuritySettings) -> str | None:
    return settings.admin_api_key.get_secret_value() if settings.admin_api_key else None


def _score_config_rules(database: Database) -> FindScoreConfigs:
    async def find(scope: ProjectScope, config_ids: Collection[str]) -> Mapping[str, ScoreConfigRule]:
        async with database.reading() as session:
            return await score_configs.find_rules(session, scope, config_ids)

    return find


def _media_rules(settings: MediaSettings) -> MediaRules:
    return MediaRules(
        max_content_bytes=settings.max_content_bytes,
        upload_url_seconds=settings.upload_url_seconds,
        download_url_seconds=settings.download_url_seconds,
        public_url=settings.public_url,
    )


def _accept_limits(settings: IngestionSettings) -> AcceptLimits:
    return AcceptLimits(
        max_body_bytes=settings.max_body_bytes,
        max_unpacked_bytes=settings.max_unpacked_bytes,
        batch=BatchLimits(max_events=settings.max_events, max_depth=settings.max_depth),
        decode=DecodeLimits(max_depth=settings.max_depth),
    )
