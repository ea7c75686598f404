"""A rotation beside a real API server: Secrets, pods and status, with the operator killed on the way."""

import base64

from support.kubernetes.api import Object, eventually
from support.kubernetes.operator import Instance, Operator

PREVIOUS = "ELASTICDASH_PREVIOUS_SALT"


def rotation(found: Object) -> dict[str, str]:
    statuses = found.get("status", {}).get("rotation", [])
    return {each["class"]: each["phase"] for each in statuses}


def salts(instance: Instance) -> tuple[str, str]:
    data = instance.children()["Secret", "obs-generated"]["data"]
    return tuple(base64.b64decode(data.get(key, "")).decode() for key in ("SALT", PREVIOUS))  # pyright: ignore[reportReturnType]


def test_a_class_that_cannot_be_rotated_says_why(ready: Instance) -> None:
    ready.annotate("rotate", "clickhouse/1")

    found = eventually(ready.get, lambda found: rotation(found).get("clickhouse") == "Blocked")

    [status] = found["status"]["rotation"]
    assert status["message"] == "spec.stores.clickhouse.adminRef is not set"
    assert ("Secret", "obs-rotation") not in ready.children()


def test_a_salt_is_accepted_by_every_pod_before_one_uses_it(ready: Instance, operator: Operator) -> None:
    old, _ = salts(ready)
    ready.annotate("rotate", "salt/1")

    accepted = eventually(lambda: salts(ready), lambda found: found[1] != "")
    operator.process.kill()
    operator.process.start()
    eventually(ready.get, lambda found: rotation(found).get("salt") == "Verifying", 60)

    new, kept = salts(ready)
    assert accepted[0] == old
    assert (new, kept) == (accepted[1], old)
    # Pods that are played answer nothing, so nobody can say who uses the old one: it stays.
    assert new != old
