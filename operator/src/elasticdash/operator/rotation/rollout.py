"""Whether every process runs on the present values, and what goes before a rotation. Pure."""

from elasticdash.operator.naming import labels, names
from elasticdash.operator.plan import environment
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.manifests.blueprint import WEB, WORKER
from elasticdash.operator.plan.observed import Manifest, Observed

_OVER = ("Succeeded", "Failed")


def is_rolled(observed: Observed) -> bool:
    """Whether all pods of web and workers are ready on the present secrets, and none on others is left.

    Once true, only pods with the present values can start: their Deployments have been given those and taken note.
    """
    wanted = {
        WEB: environment.hash_of_secrets(environment.of_web(observed), observed),
        WORKER: environment.hash_of_secrets(environment.of_worker(observed), observed),
    }
    name = observed.instance.name
    deployments = {WEB: names.web(name), WORKER: names.worker(name)}
    return all(
        _has_followed(observed.children.get(("Deployment", deployments[component]), {}), hash_of_secrets)
        and _are_alike(observed, component, hash_of_secrets)
        for component, hash_of_secrets in wanted.items()
    )


def busy(observed: Observed) -> str:
    """What a rotation waits for: a migration that runs, or a version that is being rolled out; empty for nothing."""
    for (kind, name), child in observed.children.items():
        if kind != "Job" or labels.MIGRATION_IDENTITY not in facts.part(child, "metadata", "annotations"):
            continue
        status = facts.part(child, "status")
        if not any(status.get(end) for end in ("succeeded", "completionTime")) and not _has_failed(child):
            return f"the migration {name}"
    version = observed.instance.status.version
    if version.running != version.desired:
        return "the upgrade that is under way" if version.running else "the first start"
    return ""


def _has_failed(job: Manifest) -> bool:
    return bool(facts.true_condition(job, "Failed"))


def _has_followed(deployment: Manifest, hash_of_secrets: str) -> bool:
    metadata, status = facts.part(deployment, "metadata"), facts.part(deployment, "status")
    annotations = facts.part(deployment, "spec", "template", "metadata", "annotations")
    wanted = facts.part(deployment, "spec").get("replicas", 1)
    return bool(
        annotations.get(labels.CONFIG_HASH) == hash_of_secrets
        and status.get("observedGeneration") == metadata.get("generation")
        and (status.get("updatedReplicas") or 0) >= wanted
        and (status.get("readyReplicas") or 0) >= wanted
        and (status.get("replicas") or 0) == (status.get("updatedReplicas") or 0)
    )


def _are_alike(observed: Observed, component: str, hash_of_secrets: str) -> bool:
    return all(
        facts.part(pod, "metadata", "annotations").get(labels.CONFIG_HASH) == hash_of_secrets
        for pod in observed.pods
        if facts.part(pod, "metadata", "labels").get(labels.COMPONENT) == component
        and facts.part(pod, "status").get("phase") not in _OVER
    )
