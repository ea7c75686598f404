"""Finds where an instance's web is and how its administrator asks it."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from elasticdash.operator.cluster import observe
from elasticdash.operator.naming import labels, names
from elasticdash.operator.plan import connections, environment, secrets
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Instance, Observed
from elasticdash.operator.projects.reconcile import LoggerAccess, Objects


class AccessFinder:
    """Reads instances; `service_url` has places for {service}, {namespace} and {port}."""

    def __init__(self, objects: Objects, service_url: str) -> None:
        self._objects = objects
        self._service_url = service_url

    async def __call__(self, namespace: str, name: str) -> LoggerAccess | None:
        """The access to an instance; None while it is missing, not understood, or no web pod is ready."""
        manifest = await self._objects.find(labels.API_VERSION, observe.KIND, namespace, name)
        instance = observe.instance_from_manifest(manifest) if manifest else None
        if not isinstance(instance, Instance) or not instance.status.web.ready:
            return None
        observed = Observed(instance, datetime.now(UTC), secrets=await self._secrets(instance))
        admin_key = connections.value_of(observed, secrets.source_of(observed, secrets.ADMIN_API_KEY))
        if admin_key is None:
            return None
        url = self._service_url.format(service=names.web(name), namespace=namespace, port=environment.WEB_PORT)
        return LoggerAccess(url, instance.spec.url or secrets.internal_url(observed), admin_key)

    async def _secrets(self, instance: Instance) -> Mapping[str, Mapping[str, str]]:
        given = instance.spec.secrets.existing_ref
        wanted = [names.generated_secret(instance.name), *([given.name] if given else [])]
        found: dict[str, Mapping[str, str]] = {}
        for name in wanted:
            secret = await self._objects.find("v1", "Secret", instance.namespace, name)
            if secret is not None:
                data = facts.part(secret, "data").items()
                found[name] = {key: base64.b64decode(str(value)).decode() for key, value in data}
        return found
