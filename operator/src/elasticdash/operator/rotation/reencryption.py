"""The Job that encrypts what an old key still holds with the newest one."""

from collections.abc import Sequence

from elasticdash.operator.naming import kinds, names
from elasticdash.operator.plan import environment, objects
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.environment import whole_seconds
from elasticdash.operator.plan.manifests import pods
from elasticdash.operator.plan.manifests.blueprint import MIGRATION, Blueprint
from elasticdash.operator.plan.manifests.pods import Pod
from elasticdash.operator.plan.observed import Manifest

_TRIES = 3


def job(blueprint: Blueprint, key_id: str) -> Sequence[Manifest]:
    """The Job for the key with this id; nothing while one that failed is still there: it goes, and is made again."""
    name = f"{blueprint.name}-reencrypt-{key_id[:8]}"
    live = blueprint.observed.children.get(("Job", name), {})
    if facts.true_condition(live, "Failed"):
        return ()
    run = {
        "args": ["keys", "reencrypt"],
        "env": environment.as_list(environment.of_worker(blueprint.observed), blueprint.observed),
    }
    resources = blueprint.spec.migrations.resources
    # It reaches Postgres as a migration does, and nothing else.
    pod = Pod(
        component=MIGRATION,
        service_account=names.migration(blueprint.name),
        containers=[pods.container(blueprint, "reencrypt", blueprint.worker_image, resources, run)],
        more={"restartPolicy": "Never"},
    )
    body = {
        "spec": {
            "backoffLimit": _TRIES - 1,
            "activeDeadlineSeconds": whole_seconds(blueprint.spec.migrations.timeout),
            "template": pods.template(blueprint, pod),
        }
    }
    return [objects.child(blueprint.instance, kinds.JOB, name, MIGRATION, body)]
