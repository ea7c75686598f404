"""The cluster the operator's tests rely on does what they rely on."""

import pytest

from support.kubernetes.api import Api, ApiError, Object, eventually
from support.kubernetes.cluster import Cluster
from support.kubernetes.local_node import LocalNode, is_any

READ_CONFIG_MAPS = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}


def make_config_map(namespace: str, name: str, data: dict[str, str] | None = None) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data or {},
    }


def make_pod(script: str, **container: object) -> Object:
    shell = {"name": "main", "image": "example/shell:1", "command": ["/bin/sh", "-c", script]}
    return {"containers": [{**shell, "terminationMessagePolicy": "FallbackToLogsOnError", **container}]}


def make_job(namespace: str, name: str, pod: Object) -> Object:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", **pod}}},
    }


def make_deployment(namespace: str, name: str, pod: Object, replicas: int = 2) -> Object:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def conditions_of(target: Object) -> dict[str, str]:
    return {entry["type"]: entry["status"] for entry in target.get("status", {}).get("conditions", [])}


def ended_job(api: Api, namespace: str, name: str) -> Object:
    return eventually(
        lambda: api.get("batch/v1", "Job", name, namespace),
        lambda job: conditions_of(job).keys() & {"Complete", "Failed"} != set(),
    )


def pods_of(api: Api, namespace: str, selector: str) -> list[Object]:
    return api.list("v1", "Pod", namespace, labelSelector=selector)


def test_a_user_may_do_what_its_rules_say_and_nothing_else(kubernetes: Cluster, namespace: str):
    since = kubernetes.audit_log.size()
    user = kubernetes.user(namespace, [READ_CONFIG_MAPS], user_agent="reader-of-the-test")

    with pytest.raises(ApiError) as refused:
        user.api.create(make_config_map(namespace, "mine"))

    assert (refused.value.status_code, refused.value.reason) == (403, "Forbidden")
    with pytest.raises(ApiError, match="403"):
        user.api.list("v1", "ConfigMap", "default")
    assert [found["metadata"]["name"] for found in user.api.list("v1", "ConfigMap", namespace)] == ["kube-root-ca.crt"]
    requests = kubernetes.audit_log.requests(user=user.name, user_agent="reader-of-the-test", since=since)
    assert [(one.verb, one.resource, one.namespace, one.status_code) for one in requests] == [
        ("create", "configmaps", namespace, 403),
        ("list", "configmaps", "default", 403),
        ("list", "configmaps", namespace, 200),
    ]


def test_an_apply_keeps_what_another_manager_owns(kubernetes: Cluster, namespace: str):
    kubernetes.api.apply(make_config_map(namespace, "shared", {"a": "1", "b": "1"}), manager="first")
    kubernetes.api.apply(make_config_map(namespace, "shared", {"b": "2"}), manager="second")

    merged = kubernetes.api.apply(make_config_map(namespace, "shared", {}), manager="first")

    assert merged["data"] == {"b": "2"}


def test_a_dependent_goes_with_its_owner(kubernetes: Cluster, namespace: str):
    owner = kubernetes.api.create(make_config_map(namespace, "owner"))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    dependent = make_config_map(namespace, "dependent")
    dependent["metadata"]["ownerReferences"] = [reference]
    kubernetes.api.create(dependent)

    kubernetes.api.delete(owner)

    eventually(lambda: kubernetes.api.find("v1", "ConfigMap", "dependent", namespace), lambda found: found is None)


def test_a_failed_job_says_how_its_command_ended(kubernetes: Cluster, namespace: str, local_node: LocalNode):
    script = 'echo starting; echo \'{"outcome": "locked"}\'; exit 11'
    kubernetes.api.create(make_job(namespace, "fails", make_pod(script)))

    job = ended_job(kubernetes.api, namespace, "fails")

    assert conditions_of(job)["Failed"] == "True"
    (pod,) = pods_of(kubernetes.api, namespace, "batch.kubernetes.io/job-name=fails")
    (container,) = pod["status"]["containerStatuses"]
    assert container["state"]["terminated"]["exitCode"] == 11
    assert container["state"]["terminated"]["message"].splitlines()[-1] == '{"outcome": "locked"}'


def test_what_a_command_writes_for_its_end_is_its_message(kubernetes: Cluster, namespace: str, local_node: LocalNode):
    first = {
        "name": "look",
        "image": "example/shell:1",
        "command": ["/bin/sh", "-c", "echo no > /dev/termination-log; exit 3"],
    }
    kubernetes.api.create(make_job(namespace, "says", {**make_pod("true"), "initContainers": [first]}))

    ended_job(kubernetes.api, namespace, "says")

    (pod,) = pods_of(kubernetes.api, namespace, "batch.kubernetes.io/job-name=says")
    (container,) = pod["status"]["initContainerStatuses"]
    assert (container["state"]["terminated"]["exitCode"], container["state"]["terminated"]["message"]) == (3, "no\n")


def test_a_job_waits_for_its_secret_and_runs_with_its_value(kubernetes: Cluster, namespace: str, local_node: LocalNode):
    reference = {"secretKeyRef": {"name": "late", "key": "password"}}
    field = {"fieldRef": {"fieldPath": "metadata.labels['job-name']"}}
    variables = [
        {"name": "PASSWORD", "valueFrom": reference},
        {"name": "JOB", "valueFrom": field},
        {"name": "URL", "value": "scheme://$(PASSWORD)@$(UNKNOWN)/$$(PASSWORD)"},
        {"name": "ABSENT", "valueFrom": {"configMapKeyRef": {"name": "none", "key": "none", "optional": True}}},
    ]
    pod = make_pod('echo "$PASSWORD $JOB $URL ${ABSENT-absent}"', env=variables)
    kubernetes.api.create(make_job(namespace, "waits", pod))
    selector = "batch.kubernetes.io/job-name=waits"
    waiting = eventually(
        lambda: pods_of(kubernetes.api, namespace, selector),
        lambda pods: bool(pods and pods[0]["status"].get("containerStatuses")),
    )
    assert waiting[0]["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "CreateContainerConfigError"

    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "late", "namespace": namespace}}
    kubernetes.api.create({**secret, "stringData": {"password": "p"}})

    assert conditions_of(ended_job(kubernetes.api, namespace, "waits"))["Complete"] == "True"
    assert local_node.logs(waiting[0]["metadata"]["name"]) == "p waits scheme://p@$(UNKNOWN)/$(PASSWORD) absent\n"


def test_pods_of_a_deployment_are_played(kubernetes: Cluster, namespace: str, local_node: LocalNode):
    kubernetes.api.apply(make_deployment(namespace, "web", make_pod("exit 1")))

    deployment = eventually(
        lambda: kubernetes.api.get("apps/v1", "Deployment", "web", namespace),
        lambda found: found.get("status", {}).get("readyReplicas") == 2,
    )

    assert conditions_of(deployment)["Available"] == "True"


def test_an_image_that_is_missing_keeps_a_rollout_waiting(kubernetes: Cluster, namespace: str, local_node: LocalNode):
    local_node.missing_images.add("example/shell:1")

    kubernetes.api.apply(make_deployment(namespace, "web", make_pod("exit 1"), replicas=1))

    pods = eventually(
        lambda: pods_of(kubernetes.api, namespace, "app=web"),
        lambda found: bool(found and found[0]["status"].get("containerStatuses")),
    )
    assert pods[0]["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "ImagePullBackOff"


def test_a_real_pod_is_ready_when_it_answers_and_has_time_to_end(
    kubernetes: Cluster, namespace: str, local_node: LocalNode, tmp_path_factory: pytest.TempPathFactory
):
    local_node.stop()
    folder = tmp_path_factory.mktemp("real")
    node = LocalNode(kubernetes.api.access, [namespace], folder / "pods", runs=is_any)
    script = f"trap 'echo ended >> {folder}/trace; exit 0' TERM; touch {folder}/ready; while :; do sleep 0.05; done"
    probe = {"exec": {"command": ["test", "-e", f"{folder}/ready"]}}
    node.start()
    try:
        kubernetes.api.apply(make_deployment(namespace, "web", make_pod(script, readinessProbe=probe), replicas=1))
        pods = eventually(
            lambda: pods_of(kubernetes.api, namespace, "app=web"),
            lambda found: bool(found and conditions_of(found[0]).get("Ready") == "True"),
        )
        kubernetes.api.apply(make_deployment(namespace, "web", make_pod(script, readinessProbe=probe), replicas=0))
        name = pods[0]["metadata"]["name"]
        eventually(lambda: kubernetes.api.find("v1", "Pod", name, namespace), lambda found: found is None)
    finally:
        node.stop()

    assert (folder / "trace").read_text() == "ended\n"


def test_objects_outlive_a_restart_of_the_api_server(kubernetes: Cluster, namespace: str):
    kubernetes.api.create(make_config_map(namespace, "kept"))

    kubernetes.control_plane.restart_api_server()

    assert kubernetes.api.get("v1", "ConfigMap", "kept", namespace)["metadata"]["name"] == "kept"
