"""What wakes the operator up: the table of Kopf's triggers, which only mark, and the survey that needs none."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import kopf
import structlog

from elasticdash.operator.cluster import observe
from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.naming import kinds, labels
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Manifest
from elasticdash.operator.projects import reconcile as projects
from elasticdash.operator.reconcile import Reconciler
from elasticdash.operator.runtime.loops import Loops
from elasticdash.operator.settings import OperatorSettings
from elasticdash.shared import errors

log = structlog.get_logger()

# The API server ends a watch after this long; what neither ends nor speaks is a broken connection.
_WATCH_SECONDS = 300
_CONNECT_SECONDS = 30
# In sum about ten minutes: a control plane may be replaced meanwhile.
_BACKOFFS = (1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 60, 60, 60, 60, 60, 60, 60)
_OWN_CHILDREN = f"{labels.MANAGED_BY}={labels.FIELD_MANAGER},{labels.INSTANCE}"
# A watch of a kind whose API is taken away would end the process: those are looked at often instead.
_WATCHED = (*(kind for kind in observe.BUILTIN_KINDS if kind != kinds.SECRET), "v1/Pod")


def registry(loops: Loops, reconciler: Reconciler) -> kopf.OperatorRegistry:
    """All triggers. None changes anything: Kopf adds no finalizer or annotation, and an uninstall blocks nothing."""
    found = kopf.OperatorRegistry()

    async def on_instance(body: kopf.Body, **_: Any) -> None:
        loops.mark((observe.KIND, body["metadata"]["namespace"], body["metadata"]["name"]))

    async def on_child(body: kopf.Body, **_: Any) -> None:
        _mark_owner(loops, body)

    async def on_secret(body: kopf.Body, **_: Any) -> None:
        namespace = body["metadata"]["namespace"]
        for name in reconciler.users_of_secret(namespace, body["metadata"]["name"]):
            loops.mark((observe.KIND, namespace, name))
        if body["metadata"].get("labels", {}).get(labels.MANAGED_BY) == labels.FIELD_MANAGER:
            _mark_owner(loops, body)

    async def on_project(body: kopf.Body, **_: Any) -> None:
        loops.mark((projects.KIND, body["metadata"]["namespace"], body["metadata"]["name"]))

    kopf.on.login(registry=found, id="login")(_login)
    for own, handler in ((projects.KIND, on_project), (observe.KIND, on_instance)):
        kopf.on.event(group=labels.GROUP, version=labels.VERSION, kind=own, registry=found, id=own.lower())(handler)
    for kind in _WATCHED:
        group, version, name = _parts(kind)
        kopf.on.event(group=group, version=version, kind=name, registry=found, id=name.lower())(on_child)
    kopf.on.event(group="", version="v1", kind="Secret", registry=found, id="secret")(on_secret)
    return found


def kopf_settings(settings: OperatorSettings) -> kopf.OperatorSettings:
    """Bounded calls and watches, our own names on objects, and no look beyond the served namespaces."""
    found = kopf.OperatorSettings()
    found.persistence.finalizer = f"{labels.GROUP}/operator"
    found.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=labels.GROUP)
    found.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix=labels.GROUP)
    found.posting.enabled = False
    found.peering.standalone = True
    found.scanning.disabled = bool(settings.namespaces)
    found.watching.server_timeout = _WATCH_SECONDS
    found.watching.client_timeout = _WATCH_SECONDS + 10
    found.watching.connect_timeout = _CONNECT_SECONDS
    found.networking.request_timeout = _CONNECT_SECONDS
    found.networking.error_backoffs = _BACKOFFS
    found.execution.default_backoff = 5
    found.process.ultimate_exiting_timeout = 30
    for kind in _WATCHED:
        group, version, name = _parts(kind)
        found.watching.label_selectors[group, version, name] = _OWN_CHILDREN
    return found


async def survey(cluster: Cluster, loops: Loops, settings: OperatorSettings) -> None:
    """Find instances and projects without any watch, again and again: a watch may have fallen silent."""
    while True:
        for namespace in settings.namespaces or (None,):
            with contextlib.suppress(errors.ElasticDashError):
                for kind in (observe.KIND, projects.KIND):
                    for found in await cluster.list_all(labels.API_VERSION, kind, namespace):
                        _mark_unknown(loops, found)
        await asyncio.sleep(settings.resync_seconds)


async def watch(loops: Loops, reconciler: Reconciler, settings: OperatorSettings, stop: asyncio.Event) -> None:
    """Run the triggers until told to stop."""
    await kopf.operator(
        registry=registry(loops, reconciler),
        settings=kopf_settings(settings),
        standalone=True,
        clusterwide=not settings.namespaces,
        namespaces=list(settings.namespaces),
        stop_flag=stop,
    )


def _mark_unknown(loops: Loops, found: Manifest) -> None:
    metadata = found["metadata"]
    key = (found["kind"], metadata["namespace"], metadata["name"])
    # A project that is being deleted waits for us; an instance doesn't.
    is_going = metadata.get("deletionTimestamp") and not metadata.get("finalizers")
    if not loops.knows(key) and not is_going:
        log.info("resource_found", resource=key[0], namespace=key[1], name=key[2])
        loops.mark(key)


def _login(**kwargs: Any) -> kopf.ConnectionInfo | None:
    return kopf.login_with_service_account(**kwargs) or kopf.login_with_kubeconfig(**kwargs)


def _mark_owner(loops: Loops, body: Mapping[str, Any] | Manifest) -> None:
    name = facts.part(body, "metadata", "labels").get(labels.INSTANCE)
    if name:
        loops.mark((observe.KIND, body["metadata"]["namespace"], str(name)))


def _parts(kind: str) -> tuple[str, str, str]:
    api_version, name = kinds.split(kind)
    group, _, version = api_version.rpartition("/")
    return group, version, name
