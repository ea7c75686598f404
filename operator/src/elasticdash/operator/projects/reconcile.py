"""One look at an ElasticDashProject: its organization, project, key and Secret are made what they should be."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import pydantic

from elasticdash.operator.api.enums import DeletionPolicy
from elasticdash.operator.api.project import ProjectSpec, ProjectStatus
from elasticdash.operator.cluster.instance_api import InstanceApi
from elasticdash.operator.naming import labels, names
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Manifest
from elasticdash.operator.projects import delivery, reporting, retiring
from elasticdash.operator.projects.delivery import Delivery, RandomSource
from elasticdash.operator.projects.reporting import Reason
from elasticdash.operator.runtime.loops import GoneError
from elasticdash.shared import errors

KIND = "ElasticDashProject"
_LOGGER_KIND = "ElasticDashLogger"
_FINALIZER = f"{labels.GROUP}/project"
_FINALIZER_MANAGER = f"{labels.FIELD_MANAGER}-finalizer"
_COMPONENT = "project"
_MAX_ID_CHARACTERS = 64
# A key's last minutes are no longer than this longer.
_LOOK_SECONDS = 30.0


class Objects(Protocol):
    """What is needed of the API server."""

    async def find(self, api_version: str, kind: str, namespace: str | None, name: str, /) -> Manifest | None: ...
    async def create(self, manifest: Manifest, /) -> Manifest: ...
    async def replace(self, manifest: Manifest, /) -> Manifest: ...
    async def apply(self, manifest: Manifest, field_manager: str = ..., /) -> Manifest: ...
    async def apply_status(self, manifest: Manifest, /) -> Manifest: ...


@dataclass(frozen=True, slots=True)
class LoggerAccess:
    """Where an instance's web is, and its admin key; `host` is what consumers are told."""

    url: str
    host: str
    admin_key: str


# By namespace and name of an instance; None while its web can't be asked.
FindAccess = Callable[[str, str], Awaitable[LoggerAccess | None]]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A resource, understood."""

    manifest: Manifest
    spec: ProjectSpec
    status: ProjectStatus

    @property
    def namespace(self) -> str:
        return self.manifest["metadata"]["namespace"]

    @property
    def name(self) -> str:
        return self.manifest["metadata"]["name"]

    @property
    def organization_id(self) -> str:
        return self.spec.organization.id

    @property
    def project_id(self) -> str:
        return self.spec.project_id or f"{self.namespace}-{self.name}".replace(".", "-")[:_MAX_ID_CHARACTERS]

    @property
    def secret_name(self) -> str:
        return self.spec.keys.secret_name or names.keys_secret(self.name)

    @property
    def request(self) -> str:
        return str(facts.part(self.manifest, "metadata", "annotations").get(labels.ROTATE) or "")

    @property
    def note(self) -> str:
        """What web's list of keys says about ours, and tells them from all others."""
        return f"ElasticDashProject {self.manifest['metadata']['uid']}"


class ProjectReconciler:
    """Looks at projects. Everything it goes on from is in the cluster and in web."""

    def __init__(
        self,
        objects: Objects,
        find_access: FindAccess,
        open_api: Callable[[LoggerAccess], InstanceApi],
        random: RandomSource,
        now: Callable[[], datetime],
    ) -> None:
        self._objects = objects
        self._find_access = find_access
        self._open_api = open_api
        self._random = random
        self._now = now

    async def look(self, namespace: str, name: str) -> float | None:
        """Bring one project to what it should be; seconds until the next look. GoneError when it is gone."""
        manifest = await self._objects.find(labels.API_VERSION, KIND, namespace, name)
        if manifest is None:
            raise GoneError(f"{namespace}/{name} is gone")
        try:
            spec = ProjectSpec.model_validate(manifest.get("spec") or {})
        except pydantic.ValidationError as error:
            await self._report(manifest, reporting.invalid(error))
            return None
        wanted = _Wanted(manifest, spec, reporting.status_from_manifest(manifest))
        access = await self._find_access(namespace, spec.logger_ref.name)
        if manifest["metadata"].get("deletionTimestamp"):
            await self._release(wanted, access)
            raise GoneError(f"{namespace}/{name} is gone")
        if access is None:
            waiting = reporting.judged(
                Reason.LOGGER_NOT_READY, f"ElasticDashLogger {spec.logger_ref.name} is not ready"
            )
            await self._report(manifest, waiting)
            return _LOOK_SECONDS
        try:
            await self._serve(wanted, access)
        except (errors.InvalidRequestError, errors.ConflictError, errors.AccessDeniedError) as error:
            await self._report(manifest, reporting.judged(Reason.REFUSED, str(error)))
            return _LOOK_SECONDS
        return _LOOK_SECONDS

    async def _serve(self, wanted: _Wanted, access: LoggerAccess) -> None:
        await self._hold_finalizer(wanted)
        secret = await self._secret(wanted)
        delivered = replace(delivery.read(secret), host=access.host)
        async with self._open_api(access) as api:
            await api.ensure_organization(wanted.organization_id, wanted.spec.organization.name)
            name = wanted.spec.display_name or wanted.name
            await api.ensure_project(wanted.organization_id, wanted.project_id, name, wanted.spec.retention_days)
            delivered = await self._deliver(wanted, api, secret, delivered)
            found = await self._retire(wanted, api, delivered)
        status = reporting.served(found, delivered, (wanted.organization_id, wanted.project_id, wanted.secret_name))
        await self._report(wanted.manifest, status)

    async def _deliver(self, wanted: _Wanted, api: InstanceApi, secret: Manifest, delivered: Delivery) -> Delivery:
        """The Secret with a key that works; a new one is kept before web knows it, and delivered after."""
        every = wanted.spec.keys.rotation.every
        is_due = delivery.is_rotation_due(delivered, wanted.request, every, self._now())
        if delivered.current is None or is_due:
            delivered = delivery.begun(delivered, wanted.request, self._random)
        if delivered != delivery.read(secret):
            secret = await self._objects.replace(delivery.manifest(secret, delivered))
        if delivered.upcoming:
            await api.register_key(wanted.organization_id, wanted.project_id, delivered.upcoming, wanted.note)
            delivered = delivery.completed(delivered, self._now())
            await self._objects.replace(delivery.manifest(secret, delivered))
        elif delivered.current:
            # Somebody may have taken it away.
            await api.register_key(wanted.organization_id, wanted.project_id, delivered.current, wanted.note)
        return delivered

    async def _retire(self, wanted: _Wanted, api: InstanceApi, delivered: Delivery) -> Mapping[str, datetime]:
        known = await api.list_keys(wanted.organization_id, wanted.project_id)
        own = [key for key in known if key.note == wanted.note]
        overlap = wanted.spec.keys.rotation.overlap
        found = retiring.retire(own, delivered, reporting.expiries(wanted.status), overlap, self._now())
        for key in found.revoked:
            await api.revoke_key(wanted.organization_id, wanted.project_id, key.id)
        return found.waiting

    async def _secret(self, wanted: _Wanted) -> Manifest:
        """The Secret, empty when it is new. ConflictError for one that somebody else made."""
        found = await self._objects.find("v1", "Secret", wanted.namespace, wanted.secret_name)
        if found is None:
            return await self._objects.create(_empty_secret(wanted))
        owners = [owner.get("uid") for owner in facts.parts(found, "metadata", "ownerReferences")]
        if wanted.manifest["metadata"]["uid"] not in owners:
            raise errors.ConflictError(f"Secret {wanted.secret_name} belongs to something else")
        return found

    async def _release(self, wanted: _Wanted, access: LoggerAccess | None) -> None:
        """Take away what the resource made in web; where its instance is gone there is nothing left."""
        if _FINALIZER not in wanted.manifest["metadata"].get("finalizers", []):
            return
        logger = await self._objects.find(
            labels.API_VERSION, _LOGGER_KIND, wanted.namespace, wanted.spec.logger_ref.name
        )
        if logger is not None:
            if access is None:
                raise errors.UnavailableError("The project's instance is not ready: its keys can't be taken away yet")
            async with self._open_api(access) as api:
                await self._forget(wanted, api)
        await self._objects.apply(_finalized(wanted.manifest, []), _FINALIZER_MANAGER)

    async def _forget(self, wanted: _Wanted, api: InstanceApi) -> None:
        try:
            known = await api.list_keys(wanted.organization_id, wanted.project_id)
        except errors.NotFoundError:
            return
        for key in known:
            if key.note == wanted.note:
                await api.revoke_key(wanted.organization_id, wanted.project_id, key.id)
        if wanted.spec.deletion_policy is DeletionPolicy.DELETE:
            await api.delete_project(wanted.organization_id, wanted.project_id)

    async def _hold_finalizer(self, wanted: _Wanted) -> None:
        if _FINALIZER not in wanted.manifest["metadata"].get("finalizers", []):
            await self._objects.apply(_finalized(wanted.manifest, [_FINALIZER]), _FINALIZER_MANAGER)

    async def _report(self, manifest: Manifest, made: reporting.Report) -> None:
        before = reporting.status_from_manifest(manifest)
        after = reporting.status(before, made, manifest["metadata"]["generation"], self._now())
        if after == before:
            return
        body = after.model_dump(mode="json", by_alias=True, exclude_none=True)
        metadata = {"name": manifest["metadata"]["name"], "namespace": manifest["metadata"]["namespace"]}
        written = {"apiVersion": labels.API_VERSION, "kind": KIND, "metadata": metadata, "status": body}
        await self._objects.apply_status(written)


def _empty_secret(wanted: _Wanted) -> Manifest:
    metadata = wanted.manifest["metadata"]
    owner = {"apiVersion": labels.API_VERSION, "kind": KIND, "name": wanted.name, "uid": metadata["uid"]}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": wanted.secret_name,
            "namespace": wanted.namespace,
            "labels": {labels.MANAGED_BY: labels.FIELD_MANAGER, labels.COMPONENT: _COMPONENT},
            "ownerReferences": [{**owner, "controller": True}],
        },
        "type": "Opaque",
    }


def _finalized(manifest: Manifest, finalizers: list[str]) -> Manifest:
    metadata = manifest["metadata"]
    identity = {"name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"]}
    return {
        "apiVersion": labels.API_VERSION,
        "kind": KIND,
        "metadata": {**identity, "finalizers": finalizers},
    }
