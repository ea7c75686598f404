"""One task per resource: it waits until the resource is marked or its time has come, and looks at it."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog

from elasticdash.operator.runtime import metrics
from elasticdash.operator.runtime.health import Progress
from elasticdash.shared import errors
from elasticdash.shared.telemetry.logs import describe_error

log = structlog.get_logger()

# Kind, namespace and name.
Key: TypeAlias = tuple[str, str, str]
# Looks once; the most seconds until the next look, None for the usual time. GoneError: the resource doesn't exist.
Look: TypeAlias = Callable[[str, str], Awaitable[float | None]]

# What follows one change within this time is seen in one look.
_GATHER_SECONDS = 0.3
_CONFLICT_SECONDS = 1.0
_LONGEST_BACKOFF_SECONDS = 60.0
# A look is a few dozen bounded calls; one that takes longer is broken off and begun again.
_LOOK_SECONDS = 240.0
_JITTER = 0.2


class GoneError(errors.NotFoundError):
    """The resource itself doesn't exist any more."""


@dataclass(slots=True)
class _Loop:
    is_marked: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    task: asyncio.Task[None] | None = None


class Loops:
    """The tasks of all resources. A mark is never lost: one that comes during a look leads to another."""

    def __init__(self, looks: Mapping[str, Look], progress: Progress, resync_seconds: float) -> None:
        self._looks = looks
        self._progress = progress
        self._resync_seconds = resync_seconds
        self._loops: dict[Key, _Loop] = {}

    def mark(self, key: Key) -> None:
        """Something about the resource may have changed; an unknown one gets its task."""
        loop = self._loops.get(key)
        if loop is None:
            loop = self._loops[key] = _Loop()
            loop.task = asyncio.create_task(self._run(key, loop), name=f"loop of {'/'.join(key)}")
        self._progress.due(key)
        loop.is_marked.set()

    def knows(self, key: Key) -> bool:
        """Whether the resource has a task."""
        return key in self._loops

    async def close(self) -> None:
        """End all tasks where they are; another process goes on from what the cluster then is."""
        tasks = [loop.task for loop in self._loops.values() if loop.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: Key, loop: _Loop) -> None:
        pause = 0.0
        while True:
            if pause:
                # A failed look is repeated no sooner, whatever is marked meanwhile.
                is_backing_off = loop.failures > 0
                await (asyncio.sleep(pause) if is_backing_off else self._marked(loop, pause))
            await asyncio.sleep(_GATHER_SECONDS)
            loop.is_marked.clear()
            try:
                pause = await self._look(key, loop)
            except GoneError:
                if loop.is_marked.is_set():
                    continue
                self._loops.pop(key, None)
                self._progress.forget(key)
                return
            self._progress.done(key, pause + _GATHER_SECONDS)
            if loop.is_marked.is_set():
                self._progress.due(key)

    async def _marked(self, loop: _Loop, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await loop.is_marked.wait()
        except TimeoutError:
            return

    async def _look(self, key: Key, loop: _Loop) -> float:
        """Seconds until the next look."""
        kind, namespace, name = key
        outcome = "ok"
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                wanted = await self._looks[kind](namespace, name)
            loop.failures = 0
            usual = self._resync_seconds * random.uniform(1 - _JITTER, 1 + _JITTER)
            return min(wanted or usual, usual)
        except GoneError:
            outcome = "gone"
            raise
        except errors.ConflictError as error:
            outcome = "conflict"
            loop.failures += 1
            log.info("reconcile_conflict", resource=kind, namespace=namespace, name=name, error=str(error))
            return _CONFLICT_SECONDS
        except (errors.ElasticDashError, TimeoutError) as error:
            outcome = "failed"
            log.warning("reconcile_failed", resource=kind, namespace=namespace, name=name, error=str(error))
            return self._backoff(loop)
        except Exception as error:  # noqa: BLE001 the loop of a resource outlives whatever its look runs into
            outcome = "unexpected"
            log.error("unexpected_error", resource=kind, namespace=namespace, name=name, **describe_error(error))
            return self._backoff(loop)
        finally:
            metrics.RECONCILES.labels(kind, outcome).inc()
            metrics.RECONCILE_SECONDS.labels(kind).observe(asyncio.get_running_loop().time() - started)

    def _backoff(self, loop: _Loop) -> float:
        loop.failures += 1
        return min(2.0 ** (loop.failures - 1), _LONGEST_BACKOFF_SECONDS)
