"""Whether this process still does its work: from what is due and not done, not from being able to answer."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from aiohttp import web

from elasticdash.operator.runtime import metrics
from elasticdash.shared.telemetry import metrics as registry


@dataclass(slots=True)
class Progress:
    """When the next look at each thing is due. A look that fails is a look: the process lives, the cluster may not."""

    clock: Callable[[], float] = time.monotonic
    _due_at: dict[Hashable, float] = field(default_factory=dict[Hashable, float])

    def due(self, key: Hashable) -> None:
        """A look is due now, unless one was due before."""
        now = self.clock()
        self._due_at[key] = min(self._due_at.get(key, now), now)

    def done(self, key: Hashable, next_in_seconds: float) -> None:
        """A look has ended, well or not; the next is due after so many seconds."""
        self._due_at[key] = self.clock() + next_in_seconds

    def forget(self, key: Hashable) -> None:
        """Nothing is due any more."""
        self._due_at.pop(key, None)

    def lateness_seconds(self) -> float:
        """How late the latest look is; 0 when none is."""
        now = self.clock()
        return max((now - due_at for due_at in self._due_at.values()), default=0.0) if self._due_at else 0.0


def app(progress: Progress, stalled_seconds: float) -> web.Application:
    """`/healthz`: 500 when a look is later than that; `/readyz`: the process is up; `/metrics`."""

    async def healthz(_request: web.Request) -> web.Response:
        late = max(0.0, progress.lateness_seconds())
        return web.json_response({"oldest_due_seconds": round(late, 1)}, status=500 if late > stalled_seconds else 200)

    async def readyz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ready"})

    async def show_metrics(_request: web.Request) -> web.Response:
        metrics.LATENESS.set(max(0.0, progress.lateness_seconds()))
        return web.Response(body=registry.render(), headers={"Content-Type": registry.CONTENT_TYPE})

    application = web.Application()
    application.add_routes(
        [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", show_metrics)]
    )
    return application


async def serve(progress: Progress, stalled_seconds: float, host: str, port: int) -> web.AppRunner:
    """A listening server; `cleanup()` closes it."""
    runner = web.AppRunner(app(progress, stalled_seconds), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner
