"""The cluster the end-to-end tests rely on does what they rely on: containers, names, Services, volumes, logs."""

from collections.abc import Mapping

import pytest

from support.kubernetes.api import Object, eventually
from support.kubernetes.cluster import Cluster

# The node and its images come before it.
pytestmark = pytest.mark.timeout(1800)

ENDED_SECONDS = 180
SERVE = "open('/data/word', 'w').write('kept'); import runpy; runpy.run_module('http.server', run_name='__main__')"
ASK = """
import time, urllib.request
for _ in range(100):
    try:
        print(urllib.request.urlopen("http://server.{namespace}.svc/word", timeout=5).read().decode())
        break
    except OSError as error:
        print(error)
        time.sleep(1)
"""


def make_pod(namespace: str, name: str, image: str, script: str, volumes: list[Object]) -> Object:
    container = {
        "name": "main",
        "image": image,
        "args": ["-c", script],
        "workingDir": "/data",
        "volumeMounts": [{"name": volume["name"], "mountPath": "/data"} for volume in volumes],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    security = {"runAsNonRoot": True, "fsGroup": 10001, "seccompProfile": {"type": "RuntimeDefault"}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "securityContext": security,
            "containers": [container],
            "volumes": volumes,
        },
    }


def make_claim(namespace: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }


def make_service(namespace: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "server", "namespace": namespace},
        "spec": {"selector": {"app": "server"}, "ports": [{"port": 80, "targetPort": 8000}]},
    }


@pytest.mark.capability("The node itself: containers, names, Services, volumes, logs")
def test_a_pod_reads_by_a_services_name_what_another_keeps_on_a_volume(cluster: Cluster, images: Mapping[str, str]):
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    scratch: Object = {"name": "scratch", "emptyDir": {}}
    with cluster.namespace({"pod-security.kubernetes.io/enforce": "restricted"}) as namespace:
        cluster.api.create(make_claim(namespace))
        cluster.api.create(make_service(namespace))
        cluster.api.create(make_pod(namespace, "server", images["sdk"], SERVE, [volume]))

        cluster.api.create(make_pod(namespace, "client", images["sdk"], ASK.format(namespace=namespace), [scratch]))

        ended = eventually(
            lambda: cluster.api.get("v1", "Pod", "client", namespace),
            lambda pod: pod["status"]["phase"] in ("Succeeded", "Failed"),
            ENDED_SECONDS,
        )
        log = cluster.api.request("GET", f"/api/v1/namespaces/{namespace}/pods/client/log").text
    assert ended["status"]["phase"] == "Succeeded", log
    assert log.splitlines()[-1] == "kept"
