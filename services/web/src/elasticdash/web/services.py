"""The open stores and rules a request works with."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.lifecycle import Lifecycle
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.security import Keys
from elasticdash.web.admission.gate import Gate
from elasticdash.web.auth.authenticator import Authenticator
from elasticdash.web.auth.instance_admin import InstanceAdmin
from elasticdash.web.auth.oidc.rules import SignInRules
from elasticdash.web.media.files import MediaFiles

if TYPE_CHECKING:
    from elasticdash.web.ingest.acceptor import Acceptor


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the web service needs, opened by whoever runs it."""

    database: Database
    clickhouse: ClickHouse
    authenticator: Authenticator
    acceptor: "Acceptor"
    blobs: BlobStore
    media: MediaFiles
    keys: Keys
    instance_admin: InstanceAdmin = field(default_factory=InstanceAdmin)
    sign_in: SignInRules = field(default_factory=SignInRules)
    gate: Gate = field(default_factory=Gate)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)


def services_of(app: Starlette) -> Services:
    """The services an application was created on."""
    return app.state.services
