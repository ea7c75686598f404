"""Everything that may refuse a request whose sender is known, in the order of what it costs."""

from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from elasticdash.shared.settings.rate_limits import Resource
from elasticdash.web.admission.intake import Hold, Intake
from elasticdash.web.admission.lanes import LaneChooser
from elasticdash.web.admission.pressure import Pressure
from elasticdash.web.admission.rates import RateLimiter
from elasticdash.web.auth.principal import Principal

# Where a request's scope carries the headers that tell its limit.
STANDING = "elasticdash.rate_limit_headers"


@dataclass(frozen=True, slots=True)
class Gate:
    """What a deployment without settings lets in is everything. `lanes` says where the accepted waits."""

    rates: RateLimiter = field(default_factory=RateLimiter)
    intake: Intake = field(default_factory=Intake)
    pressure: Pressure = field(default_factory=Pressure)
    lanes: LaneChooser = field(default_factory=LaneChooser)

    def admit(self, scope: MutableMapping[str, Any], principal: Principal, resource: Resource | None) -> None:
        """Count a call of a project; RateLimitedError when it has had its share. The answer tells what is left."""
        if resource is not None:
            standing = self.rates.admit(principal.scope.project_id, resource)
            if standing is not None:
                scope[STANDING] = standing.headers()

    @contextmanager
    def ingesting(
        self, scope: MutableMapping[str, Any], principal: Principal, resource: Resource | None
    ) -> Generator[Hold]:
        """Let a request with events in and hold what it holds; OverloadedError when there is no room."""
        self.admit(scope, principal, resource)
        self.pressure.check()
        with self.intake.entered(principal.scope.project_id) as hold:
            yield hold

    def count_events(self, principal: Principal, count: int) -> None:
        """Count the events a request carries, before they are kept."""
        self.rates.admit(principal.scope.project_id, "ingestion-events", cost=count)
