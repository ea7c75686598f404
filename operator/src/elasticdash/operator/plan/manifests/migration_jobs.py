"""The Jobs that bring the stores' schemas up to date."""

from collections.abc import Mapping

from elasticdash.operator.naming import kinds, names
from elasticdash.operator.plan import environment, job_reports, migrations, objects
from elasticdash.operator.plan.environment import whole_seconds
from elasticdash.operator.plan.manifests import pods
from elasticdash.operator.plan.manifests.blueprint import MIGRATION, Blueprint
from elasticdash.operator.plan.manifests.pods import Pod
from elasticdash.operator.plan.migrations import Target
from elasticdash.operator.plan.observed import Manifest

# The runs of one Job wait for another migration; what may pass by itself is tried this often before the Job gives up.
_TRIES = 3
_WAIT_SECONDS = 300
_REPORT = ["--report", "/dev/termination-log"]
# Exit codes of `elasticdash migrate` (docs/guides/migrations.md) that another try can't mend.
_FINAL_EXIT_CODES = [10, 13, 14, 15]


def migration(blueprint: Blueprint, store: str, target: Target, annotations: Mapping[str, str]) -> Manifest:
    """The Job that migrates one store: it looks first whether all stores can be used, then runs.

    What both say goes into their termination messages, from where it reaches the instance's status.
    """
    spec, observed = blueprint.spec, blueprint.observed
    checked = {**environment.of_worker(observed), **environment.of_migration(observed)}
    look = ["doctor", "--before-migration", *_REPORT]
    run = ["migrate", store, "--wait", str(_WAIT_SECONDS), *_REPORT]
    resources = spec.migrations.resources
    preflight = {"args": look, "env": environment.as_list(checked, observed)}
    migrate = {"args": run, "env": environment.as_list(environment.of_migration(observed), observed)}
    pod = Pod(
        component=MIGRATION,
        service_account=names.migration(blueprint.name),
        init_containers=[pods.container(blueprint, job_reports.PREFLIGHT, target.image, resources, preflight)],
        containers=[pods.container(blueprint, job_reports.MIGRATE, target.image, resources, migrate)],
        more={"restartPolicy": "Never"},
    )
    body = {
        "spec": {
            "backoffLimit": _TRIES - 1,
            "activeDeadlineSeconds": whole_seconds(spec.migrations.timeout),
            "podFailurePolicy": {"rules": _failure_rules()},
            "template": pods.template(blueprint, pod),
        }
    }
    name = migrations.job_name(blueprint.name, store, target)
    return objects.annotated(objects.child(blueprint.instance, kinds.JOB, name, MIGRATION, body), annotations)


def _failure_rules() -> list[Manifest]:
    migrated = {"containerName": job_reports.MIGRATE, "operator": "In", "values": _FINAL_EXIT_CODES}
    # What a check finds is told at once; the operator makes the Job anew after a while.
    checked = {"containerName": job_reports.PREFLIGHT, "operator": "NotIn", "values": [0]}
    return [
        {"action": "FailJob", "onExitCodes": migrated},
        {"action": "FailJob", "onExitCodes": checked},
        # A drained node is no fault of the migration.
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
    ]
