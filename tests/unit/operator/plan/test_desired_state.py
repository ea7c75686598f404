"""What an instance consists of, by profile and by what was found."""

from typing import Any

import pytest

from elasticdash.operator.api.enums import Reason
from elasticdash.operator.naming import kinds, labels
from elasticdash.operator.plan import desired_state, migrations
from elasticdash.operator.plan.manifests.blueprint import Blueprint
from support.operator import looks

ALL = [
    pytest.param(looks.DEV, id="dev"),
    pytest.param(looks.STANDARD, id="standard"),
    pytest.param(looks.PRODUCTION, id="production"),
]


def deployment(name: str, container: str, image: str, **more: Any) -> Any:
    pod = {"spec": {"containers": [{"name": "sidecar", "image": "x"}, {"name": container, "image": image}]}}
    return {"kind": "Deployment", "metadata": {"name": name, **more}, "spec": {"replicas": 7, "template": pod}}


LIVE = (deployment("obs-web", "web", "old-web"), deployment("obs-worker", "worker", "old-worker"))
APPLIED = {"migrations": {"appliedIdentity": "0" * 16}}
# On other stores than any spec here names.
MIGRATED = {"migrations": {"appliedIdentity": "0" * 16, "appliedTarget": "1" * 16}}


@pytest.mark.parametrize("spec", ALL)
def test_web_and_workers_wait_for_the_first_migration(spec: dict[str, Any]) -> None:
    state = desired_state.desired_state(looks.claimed(looks.look(spec)), looks.RELEASE)

    made = {kind for kind, _ in looks.by_key(state)}
    assert "Deployment" not in made
    assert "HorizontalPodAutoscaler" not in made
    assert next(name for kind, name in looks.by_key(state) if kind == "Job").startswith("obs-migrate-postgres-")


def test_nothing_is_decided_while_a_secret_is_missing() -> None:
    state = desired_state.desired_state(looks.look(looks.STANDARD, *LIVE, given={}), looks.RELEASE)

    assert state.migration is None
    assert state.manifests == ()
    assert {("Deployment", "obs-web"), ("Deployment", "obs-worker")} == state.kept


def test_what_runs_keeps_all_it_needs_while_other_stores_are_asked_for() -> None:
    bundled = {"kind": "StatefulSet", "metadata": {"name": "obs-postgres"}}

    state = desired_state.desired_state(looks.look(looks.STANDARD, *LIVE, bundled, status=MIGRATED), looks.RELEASE)

    assert state.migration is not None
    assert state.migration.reason is Reason.RETARGET_BLOCKED
    assert state.manifests == ()
    assert {("Deployment", "obs-web"), ("Deployment", "obs-worker"), ("StatefulSet", "obs-postgres")} == state.kept


def test_a_move_that_is_allowed_migrates_the_new_stores_and_leaves_the_old_ones_in_use() -> None:
    old = {"kind": "StatefulSet", "metadata": {"name": "obs-postgres"}, "status": {"readyReplicas": 1}}
    identity = desired_state.target(Blueprint(looks.look(looks.STANDARD), looks.RELEASE)).identity
    spec = {**looks.STANDARD, "migrations": {"allowRetarget": identity}}
    stores = {"DATABASE_URL": "postgresql://in-use"}

    found = looks.look(
        spec, *LIVE, old, status=MIGRATED, given={"obs-platform": looks.STORES, "obs-connections": stores}
    )
    state = desired_state.desired_state(looks.claimed(found), looks.RELEASE)

    assert {kind for kind, _ in looks.by_key(state)} == {"Secret", "ServiceAccount", "NetworkPolicy", "Job"}
    assert "DATABASE_URL" in looks.by_key(state)["Secret", "obs-connections"]["data"]
    assert ("NetworkPolicy", "obs-web") not in looks.by_key(state)
    assert set(found.children) == state.kept


def test_after_a_move_the_old_stores_go() -> None:
    old = {"kind": "StatefulSet", "metadata": {"name": "obs-postgres"}}

    state = looks.plan(looks.STANDARD, *LIVE, old)

    assert ("StatefulSet", "obs-postgres") not in state.kept | looks.by_key(state).keys()
    assert ("Deployment", "obs-web") in looks.by_key(state)


def test_old_images_run_on_under_the_new_spec_until_the_migration_is_done() -> None:
    found = looks.look({**looks.STANDARD, "version": "9.9.9", "worker": {"concurrency": 7}}, *LIVE, status=APPLIED)

    state = desired_state.desired_state(found, looks.RELEASE)

    assert looks.pod_of(state, "Deployment", "obs-web")["containers"][0]["image"] == "old-web"
    assert looks.pod_of(state, "Deployment", "obs-worker")["containers"][0]["image"] == "old-worker"
    concurrency = looks.variables_of(state, "Deployment", "obs-worker")[
        "ELASTICDASH_INGESTION_QUEUE_PROCESSING_CONCURRENCY"
    ]
    assert concurrency == "7"


def test_a_deployment_deleted_during_a_migration_comes_back_with_the_image_the_status_remembers() -> None:
    status = {**APPLIED, "web": {"image": "old-web"}, "worker": {"image": "old-worker"}}

    state = desired_state.desired_state(looks.look(looks.STANDARD, status=status), looks.RELEASE)

    assert looks.pod_of(state, "Deployment", "obs-web")["containers"][0]["image"] == "old-web"


def test_a_job_that_is_there_is_kept_and_not_applied_again() -> None:
    found = looks.look(looks.STANDARD)
    target = desired_state.target(Blueprint(found, looks.RELEASE))
    name = migrations.job_name("obs", "postgres", target)
    job = {"kind": "Job", "metadata": {"name": name}}

    state = desired_state.desired_state(looks.claimed(looks.look(looks.STANDARD, job)), looks.RELEASE)

    assert ("Job", name) in state.kept
    assert ("Job", name) not in looks.by_key(state)


@pytest.mark.parametrize("spec", ALL)
def test_the_same_facts_give_the_same_objects_in_the_same_order(spec: dict[str, Any]) -> None:
    first = looks.plan(spec, capabilities=looks.EVERY_API)

    assert first == looks.plan(spec, capabilities=sorted(looks.EVERY_API, reverse=True))


@pytest.mark.parametrize("spec", ALL)
def test_every_object_is_labelled_and_named_once(spec: dict[str, Any]) -> None:
    state = looks.plan(spec, capabilities=looks.EVERY_API)

    assert len(looks.by_key(state)) == len(state.manifests)
    for manifest in state.manifests:
        assert labels.of_instance("obs").items() <= manifest["metadata"]["labels"].items()
        assert manifest["metadata"]["namespace"] == "default"


@pytest.mark.parametrize(("policy", "owned"), [("Retain", False), ("Delete", True)])
def test_only_data_outlives_the_instance_and_only_under_retain(policy: str, owned: bool) -> None:
    state = looks.plan({**looks.DEV, "deletionPolicy": policy})

    without_owner = {key for key, each in looks.by_key(state).items() if "ownerReferences" not in each["metadata"]}
    secrets = {("Secret", "obs-generated"), ("Secret", "obs-keys"), ("Secret", "obs-connections")}
    assert without_owner == (set() if owned else secrets)
    claims = looks.by_key(state)["StatefulSet", "obs-postgres"]["spec"]["persistentVolumeClaimRetentionPolicy"]
    assert claims["whenDeleted"] == policy


@pytest.mark.parametrize("spec", ALL)
def test_every_pod_is_restricted(spec: dict[str, Any]) -> None:
    state = looks.plan(
        {**spec, "tls": {"trustedCaRef": {"name": "ca", "key": "ca.crt"}}},
        given={"obs-platform": looks.STORES, "ca": {"ca.crt": "x"}},
    )

    templates = [each["spec"]["template"]["spec"] for each in state.manifests if "template" in each.get("spec", {})]
    assert len(templates) == (6 if spec is looks.DEV else 2)
    for pod in templates:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in [*pod["containers"], *pod.get("initContainers", ())]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_objects_of_other_apis_are_made_only_where_these_are_served() -> None:
    spec = {
        **looks.STANDARD,
        "exposure": {"gateway": {"parentRefs": [{"name": "public"}], "hostnames": ["obs.example.com"]}},
    }

    without = {each["kind"] for each in looks.plan(spec).manifests}
    beside = {each["kind"] for each in looks.plan(spec, capabilities=looks.EVERY_API).manifests}

    assert beside - without == {"HTTPRoute", "ScaledObject", "ServiceMonitor", "PrometheusRule", "ConfigMap"}


def test_the_number_of_pods_is_left_to_the_autoscaler() -> None:
    state = looks.plan(looks.STANDARD)

    assert "replicas" not in looks.by_key(state)["Deployment", "obs-web"]["spec"]
    assert "replicas" not in looks.by_key(state)["Deployment", "obs-worker"]["spec"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"manager": labels.FIELD_MANAGER, "fieldsV1": {"f:spec": {"f:replicas": {}}}}, 7),
        ({"manager": labels.FIELD_MANAGER, "fieldsV1": {"f:spec": {"f:template": {}}}}, None),
        ({"manager": labels.FIELD_MANAGER, "subresource": "scale", "fieldsV1": {"f:spec": {"f:replicas": {}}}}, None),
        ({"manager": "kube-controller-manager", "fieldsV1": {"f:spec": {"f:replicas": {}}}}, None),
    ],
)
def test_pods_stay_as_many_until_the_autoscaler_has_set_their_number(entry: Any, expected: int | None) -> None:
    live = deployment("obs-web", "web", "web", managedFields=[entry])

    state = looks.plan(looks.STANDARD, live)

    assert looks.by_key(state)["Deployment", "obs-web"]["spec"].get("replicas") == expected


def test_keda_that_is_asked_for_and_not_installed_leaves_the_fewest_workers() -> None:
    spec = {**looks.STANDARD, "worker": {"autoscaling": {"mode": "KEDA", "minReplicas": 3}}}

    assert looks.by_key(looks.plan(spec))["Deployment", "obs-worker"]["spec"]["replicas"] == 3
    assert (
        "replicas"
        not in looks.by_key(looks.plan(spec, capabilities={kinds.SCALED_OBJECT}))["Deployment", "obs-worker"]["spec"]
    )
