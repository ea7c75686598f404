"""The operator as a process beside a real API server: brought up, kept so, and quiet when nothing is to be done."""

import time
from concurrent.futures import ThreadPoolExecutor

from support.kubernetes.api import ApiError, Object, eventually
from support.kubernetes.operator import Instance, Operator
from support.kubernetes.operator_fixtures import Stage

EXPECTED = {
    ("Deployment", "obs-web"),
    ("Deployment", "obs-worker"),
    ("Secret", "obs-generated"),
    ("Secret", "obs-keys"),
    ("Secret", "obs-connections"),
    ("Service", "obs-web"),
    ("StatefulSet", "obs-clickhouse"),
    ("StatefulSet", "obs-objectstore"),
    ("StatefulSet", "obs-postgres"),
    ("StatefulSet", "obs-redis"),
}
# Longer than it may take to see and undo what somebody changed.
REPAIR_SECONDS = 30
DECIDED_SECONDS = 60
SHARED_STORES = {
    "DATABASE_URL": "postgresql://logger:secret@pg.databases.svc:5432/logger",
    "CLICKHOUSE_URL": "http://clickhouse.databases.svc:8123",
    "REDIS_CONNECTION_STRING": "redis://redis.databases.svc:6379/0",
    "S3_BUCKET": "events",
}


def test_profile_dev_alone_brings_up_everything(instance: Instance, operator: Operator) -> None:
    instance.apply(profile="dev")

    found = instance.wait_for_phase("Ready")

    status = found["status"]
    assert set(instance.children()) >= EXPECTED
    assert status["migrations"]["appliedIdentity"]
    assert [run["store"] for run in status["migrations"]["history"]] == ["clickhouse", "postgres"]
    assert set(status["generatedSecrets"]) == {"obs-generated", "obs-keys", "obs-connections"}
    assert "finalizers" not in found["metadata"]
    # Nothing but a person's own annotations is on the resource.
    assert "annotations" not in found["metadata"]
    eventually(instance.jobs, lambda jobs: jobs == [])
    assert {event["reason"] for event in instance.events()} >= {"AllComponentsReady"}


def test_children_that_were_deleted_or_edited_come_back(ready: Instance) -> None:
    api, before = ready.api, ready.children()
    api.delete(before["Service", "obs-web"])
    api.delete(before["Secret", "obs-connections"])
    web = before["Deployment", "obs-web"]
    container = {"name": "web", "image": "somebody/else:1"}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    api.request(
        "PATCH",
        api.path_of(web),
        json=patch,
        headers={"Content-Type": "application/strategic-merge-patch+json"},
    )

    def is_repaired(children: dict[tuple[str, str], Object]) -> bool:
        return before.keys() <= children.keys() and _image(children["Deployment", "obs-web"]) == _image(web)

    found = eventually(ready.children, is_repaired, REPAIR_SECONDS)

    assert found["Secret", "obs-connections"]["data"] == before["Secret", "obs-connections"]["data"]
    assert found["Secret", "obs-generated"]["data"] == before["Secret", "obs-generated"]["data"]


def test_what_is_no_longer_asked_for_is_pruned(ready: Instance) -> None:
    policies = {key for key in ready.children() if key[0] == "NetworkPolicy"}
    assert policies

    ready.apply(profile="dev", networkPolicy={"enabled": False})

    eventually(ready.children, lambda children: not policies & children.keys(), REPAIR_SECONDS)
    assert set(ready.children()) >= EXPECTED


def test_a_change_of_the_specification_rolls_and_is_ready_again(ready: Instance) -> None:
    ready.apply(profile="dev", web={"replicas": 2}, env=[{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}])

    found = eventually(ready.get, lambda found: found["status"].get("observedGeneration") == 2)
    assert found["metadata"]["generation"] == 2
    ready.wait_for("WebReady", "Available")
    eventually(ready.get, lambda found: found["status"]["web"].get("summary") == "2/2")


def test_an_instance_that_is_as_it_should_be_costs_no_write(stage: Stage, ready: Instance, operator: Operator) -> None:
    audit_log = stage.cluster.audit_log
    # What its last change led to is over.
    eventually(ready.jobs, lambda jobs: jobs == [])
    time.sleep(5)
    looks, since = operator.metric("elasticdash_operator_reconciles_total"), audit_log.size()

    # As many looks as in six minutes of the usual pace.
    eventually(lambda: operator.metric("elasticdash_operator_reconciles_total"), lambda now: now - looks >= 6)

    requests = audit_log.requests(user_agent="elasticdash-operator", since=since)
    writes = [each for each in requests if each.verb not in ("get", "list", "watch") and each.resource != "leases"]
    assert requests
    assert writes == []


def test_pausing_leaves_everything_as_it_is_until_it_ends(ready: Instance) -> None:
    service = ready.children()["Service", "obs-web"]
    ready.annotate("paused", "true")
    ready.wait_for_phase("Paused")
    ready.api.delete(service)
    time.sleep(5)
    assert ("Service", "obs-web") not in ready.children()

    ready.annotate("paused", None)

    eventually(ready.children, lambda children: ("Service", "obs-web") in children)
    ready.wait_for_phase("Ready")
    assert ready.condition("Paused")["status"] == "False"


def test_restarting_changes_only_the_pod_templates(ready: Instance) -> None:
    before = ready.children()["Deployment", "obs-web"]["metadata"]["generation"]

    ready.annotate("restart-at", "2026-01-01T00:00:00Z")

    found = eventually(
        lambda: ready.children()["Deployment", "obs-web"], lambda found: found["metadata"]["generation"] > before
    )
    assert found["spec"]["template"]["metadata"]["annotations"]["elasticdash.io/restart-at"] == "2026-01-01T00:00:00Z"


def test_an_api_that_is_installed_later_is_used_without_a_restart(ready: Instance) -> None:
    crd = _crd("monitoring.coreos.com", "ServiceMonitor", "servicemonitors")
    monitors = ("monitoring.coreos.com/v1", "ServiceMonitor", ready.namespace)
    try:
        ready.api.apply(crd)

        found = eventually(lambda: _served(ready, *monitors), lambda found: found != [], 60)
    finally:
        ready.api.delete(crd)

    assert {each["metadata"]["labels"]["app.kubernetes.io/instance"] for each in found} == {"obs"}
    ready.wait_for_phase("Ready")


def test_deleting_keeps_the_data_unless_told_otherwise(ready: Instance) -> None:
    secrets = {key for key in ready.children() if key[0] == "Secret"}
    ready.delete()

    left = eventually(ready.children, lambda children: not any(kind == "Deployment" for kind, _ in children))
    left = eventually(ready.children, lambda children: children.keys() == secrets)
    volumes = ready.api.list("v1", "PersistentVolumeClaim", ready.namespace)
    assert len(volumes) == 4
    assert not any("deletionTimestamp" in volume["metadata"] for volume in volumes)
    passwords = left["Secret", "obs-generated"]["data"]

    ready.apply(profile="dev", deletionPolicy="Delete")
    ready.wait_for_phase("Ready")
    assert ready.children()["Secret", "obs-generated"]["data"] == passwords
    ready.delete()

    eventually(ready.children, lambda children: children == {})
    eventually(lambda: ready.api.list("v1", "PersistentVolumeClaim", ready.namespace), _all_are_going)


def _image(deployment: Object) -> str:
    return deployment["spec"]["template"]["spec"]["containers"][0]["image"]


def _all_are_going(volumes: list[Object]) -> bool:
    return all("deletionTimestamp" in volume["metadata"] for volume in volumes)


def _served(instance: Instance, api_version: str, kind: str, namespace: str) -> list[Object]:
    try:
        return instance.api.list(api_version, kind, namespace)
    except (LookupError, ApiError):
        # It takes a moment until it is served.
        return []


def _crd(group: str, kind: str, plural: str) -> Object:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
    }


def test_an_instance_on_anothers_stores_waits_until_that_is_gone(ready: Instance, operator: Operator) -> None:
    assert operator.process.is_running
    own = ready.children()["Secret", "obs-connections"]["data"]
    metadata = {"name": "borrowed", "namespace": ready.namespace}
    ready.api.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": own})
    second = Instance(ready.api, ready.namespace, "second")
    second.apply(storesFrom={"secretRef": {"name": "borrowed"}})

    refused = second.wait_for("MigrationsApplied", "OwnedByOther")

    assert f"{ready.namespace}/obs" in refused["message"]
    assert second.get()["status"]["phase"] == "Blocked"
    assert [kind for kind, _ in second.children() if kind == "Deployment"] == []
    ready.delete()
    second.wait_for("MigrationsApplied", "UpToDate")
    second.delete()


def test_of_two_instances_made_at_once_on_the_same_stores_one_has_them(place: str, operator: Operator, stage: Stage):
    assert operator.process.is_running
    api = stage.cluster.api
    metadata = {"name": "shared", "namespace": place}
    api.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": SHARED_STORES})
    both = [Instance(api, place, name) for name in ("first", "second")]
    with ThreadPoolExecutor(len(both)) as makers:
        list(makers.map(lambda each: each.apply(storesFrom={"secretRef": {"name": "shared"}}), both))

    def reasons() -> dict[str, Instance]:
        return {each.condition("MigrationsApplied").get("reason", ""): each for each in both}

    ended = eventually(reasons, lambda found: found.keys() == {"UpToDate", "OwnedByOther"}, DECIDED_SECONDS)

    winner, loser = ended["UpToDate"], ended["OwnedByOther"]
    assert f"{place}/{winner.name}" in loser.condition("MigrationsApplied")["message"]
    assert loser.get()["status"]["phase"] == "Blocked"
    assert [kind for kind, _ in loser.children() if kind == "Deployment"] == []
    assert loser.get()["status"]["migrations"].get("history", []) == []
    for each in both:
        each.delete()
