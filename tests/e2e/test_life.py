"""What happens to an instance in real containers: scaling, rotation, failed and good upgrades, deletion."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from support.kubernetes import application
from support.kubernetes.api import eventually
from support.kubernetes.operator import Instance
from support.servers import origin

READY_SECONDS = 900
STEP_SECONDS = 600
BATCHES = 200
# A crowded machine starts Python slowly; that is not what is judged here.
PATIENT = {"probes": {"startupTimeout": "15m"}}
SPEC: dict[str, Any] = {
    "profile": "dev",
    "upgrade": {"progressDeadline": "30m"},
    "web": PATIENT,
    "worker": PATIENT,
}

pytestmark = pytest.mark.timeout(3000)


@pytest.fixture
def ready(instance: Instance) -> Instance:
    """The instance, ready as `SPEC` says."""
    instance.apply(**SPEC)
    instance.wait_for_phase("Ready", READY_SECONDS)
    return instance


def changed(images: Mapping[str, str], *names: str) -> dict[str, dict[str, Any]]:
    """Web's and worker's part of a specification that takes these images."""
    if missing := [name for name in names if name not in images]:
        origin.skip(f"TEST_IMAGES names no {', '.join(missing)}")
    return {name.split("-")[0]: {**PATIENT, "image": {"repository": repository(images[name])}} for name in names}


def repository(reference: str) -> str:
    """The path in an image's reference."""
    return reference.split("/", 1)[1].rsplit(":", 1)[0]


def running_images(instance: Instance) -> set[str]:
    """What ready pods of web and workers run."""
    found: set[str] = set()
    for component in ("web", "worker"):
        selector = f"app.kubernetes.io/instance={instance.name},app.kubernetes.io/component={component}"
        for pod in instance.api.list("v1", "Pod", instance.namespace, labelSelector=selector):
            if "deletionTimestamp" not in pod["metadata"]:
                found.add(pod["spec"]["containers"][0]["image"])
    return found


@pytest.mark.capability("Scaling on the queue, down without loss")
def test_workers_are_added_for_a_backlog_and_taken_away_without_losing_it(ready: Instance, images: Mapping[str, str]):
    quick = {"scaleUp": {"period": "5s"}, "scaleDown": {"window": "20s", "period": "5s", "percent": 100}}
    scaling = {"mode": "Builtin", "minReplicas": 1, "maxReplicas": 3, "targetQueueItems": 20, "behavior": quick}
    ready.apply(**{**SPEC, "worker": {**PATIENT, "autoscaling": scaling}})
    ready.wait_for("AutoscalingActive", "Builtin", STEP_SECONDS)
    ready.wait_for_phase("Ready", STEP_SECONDS)
    worker = ready.child("apps/v1", "Deployment", "worker")
    assert worker is not None
    # Nobody works while the batches come.
    ready.annotate("paused", "true")
    ready.wait_for("Paused", "ByUser")
    ready.api.merge(worker, {"spec": {"replicas": 0}}, "scale")
    eventually(lambda: ready.api.get("apps/v1", "Deployment", "obs-worker", ready.namespace)["status"],
               lambda status: not status.get("replicas"), STEP_SECONDS)  # fmt: skip

    sent = application.run(ready, images["sdk"], "burst", application.burst(BATCHES))
    ready.annotate("paused", None)

    def replicas() -> int:
        return ready.api.get("apps/v1", "Deployment", "obs-worker", ready.namespace)["spec"]["replicas"]

    eventually(replicas, lambda count: count == 3, STEP_SECONDS)
    lost = application.run(ready, images["sdk"], "reading", application.reading(sent))
    eventually(replicas, lambda count: count == 1, STEP_SECONDS)
    assert (len(sent), lost) == (BATCHES, [])


@pytest.mark.capability("Rotation of the encryption key, with a Job that encrypts anew")
def test_an_encryption_key_is_rotated_under_traffic(ready: Instance, images: Mapping[str, str]):
    assert application.run(ready, images["sdk"], "keeper", application.KEEP_A_SECRET) == 201
    before = secret_of(ready, "obs-generated")["ENCRYPTION_KEY"]
    application.traffic(ready, images["sdk"], "traffic")

    ready.annotate("rotate", "encryption-key/1")

    eventually(ready.get, lambda found: phase_of_rotation(found, "encryption-key") == "Done", READY_SECONDS)
    report = application.finish(ready, "traffic")
    assert report["sent"] > 0
    assert (report["failed"], report["lost"]) == ([], [])
    after = secret_of(ready, "obs-generated")
    assert after["ENCRYPTION_KEY"] != before
    assert "ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS" not in after


@pytest.mark.capability("Rotation of a store's password")
def test_the_bundled_redis_gets_another_password_under_traffic(ready: Instance, images: Mapping[str, str]):
    before = secret_of(ready, "obs-connections")["REDIS_CONNECTION_STRING"]
    application.traffic(ready, images["sdk"], "traffic-of-redis")

    ready.annotate("rotate", "redis/1")

    eventually(ready.get, lambda found: phase_of_rotation(found, "redis") == "Done", READY_SECONDS)
    report = application.finish(ready, "traffic-of-redis")
    after = secret_of(ready, "obs-connections")["REDIS_CONNECTION_STRING"]
    # Others may not talk to it.
    own = {"app.kubernetes.io/instance": ready.name, "app.kubernetes.io/component": "migration"}
    answers = [
        application.run(ready, images["sdk"], f"redis-{name}", application.login_at_redis(url), own)
        for name, url in (("old", before), ("new", after))
    ]
    assert report["sent"] > 0
    assert (report["failed"], report["lost"]) == ([], [])
    assert [answer.split()[0] for answer in answers] == ["-WRONGPASS", "+OK"]


@pytest.mark.capability("A failed migration stops at the gate")
def test_a_failed_migration_leaves_the_old_version_serving(ready: Instance, images: Mapping[str, str]):
    parts = changed(images, "web-broken")
    before = running_images(ready)
    application.traffic(ready, images["sdk"], "traffic-of-failure")

    ready.apply(**{**SPEC, "version": "0.1.1", **parts})

    failed = ready.wait_for("MigrationsApplied", "Failed", STEP_SECONDS)
    report = application.finish(ready, "traffic-of-failure")
    assert "nowhere_at_all" in failed["message"]
    assert running_images(ready) == before
    assert (report["failed"], report["lost"]) == ([], [])
    assert ready.get()["status"]["version"]["running"] == "0.1.0"


@pytest.mark.capability("Upgrade without a failed request")
def test_an_upgrade_rolls_out_after_its_migration_and_no_request_fails(ready: Instance, images: Mapping[str, str]):
    parts = changed(images, "web-next", "worker-next")
    application.traffic(ready, images["sdk"], "traffic-of-upgrade")

    ready.apply(**{**SPEC, "version": "0.2.0", **parts})

    def runs(found: Any) -> bool:
        return found["status"]["version"].get("running") == "0.2.0"

    status = eventually(ready.get, runs, READY_SECONDS)["status"]
    report = application.finish(ready, "traffic-of-upgrade")
    assert status["version"]["previous"] == "0.1.0"
    assert running_images(ready) == {images["web-next"], images["worker-next"]}
    assert (report["failed"], report["lost"]) == ([], [])


@pytest.mark.capability("Deletion policies")
def test_deletion_keeps_data_or_removes_it_as_its_policy_says(instance: Instance, images: Mapping[str, str]):
    present: dict[str, Any] = instance.get()["spec"]
    (kept,) = application.run(instance, images["sdk"], "last", application.burst(1))
    assert application.run(instance, images["sdk"], "seen", application.reading([kept])) == []

    instance.delete()
    eventually(lambda: remains(instance), lambda kinds: kinds <= {"Secret", "PersistentVolumeClaim"}, STEP_SECONDS)
    assert remains(instance) == {"Secret", "PersistentVolumeClaim"}
    wanted = {name: present[name] for name in ("version", "web", "worker") if name in present}
    instance.apply(profile="dev", deletionPolicy="Delete", **wanted)
    instance.wait_for_phase("Ready", READY_SECONDS)
    lost = application.run(instance, images["sdk"], "again", application.reading([kept]))
    instance.delete()

    assert lost == []
    eventually(lambda: remains(instance), lambda kinds: kinds == set(), STEP_SECONDS)


def remains(instance: Instance) -> set[str]:
    """Kinds of what is there of the instance."""
    selector = f"app.kubernetes.io/instance={instance.name}"
    claims = instance.api.list("v1", "PersistentVolumeClaim", instance.namespace, labelSelector=selector)
    pods = instance.api.list("v1", "Pod", instance.namespace, labelSelector=selector)
    return {each["kind"] for each in (*claims, *pods)} | {kind for kind, _ in instance.children()}


def phase_of_rotation(found: Any, rotation_class: str) -> str:
    statuses = found.get("status", {}).get("rotation", [])
    return next((each["phase"] for each in statuses if each["class"] == rotation_class), "")


def secret_of(instance: Instance, name: str) -> dict[str, str]:
    data = instance.api.get("v1", "Secret", name, instance.namespace)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}
