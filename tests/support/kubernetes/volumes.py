"""Volumes for claims on a whole node: a folder of the node for each, as a local-path provisioner makes them."""

import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx

from support.kubernetes.api import Api, ApiError, Object
from support.kubernetes.kubeconfig import Access

CLASS = "local"
_ROUND_PAUSE_SECONDS = 0.5
_JOIN_SECONDS = 10.0


class LocalVolumes:
    """The cluster's default storage class. A deleted claim's volume goes too; its folder stays until the node's end."""

    def __init__(self, access: Access, node: str, folder: Path) -> None:
        self._api = Api(access, "elasticdash-tests-volumes")
        self._node = node
        self._folder = folder
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)

    def start(self) -> None:
        """Make the class and begin to serve claims."""
        self._api.apply(
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {
                    "name": CLASS,
                    "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
                },
                "provisioner": "elasticdash.io/tests",
                "reclaimPolicy": "Delete",
                "volumeBindingMode": "Immediate",
            }
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop serving claims."""
        self._stopping.set()
        self._thread.join(_JOIN_SECONDS)
        self._api.close()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            with suppress(ApiError, httpx.HTTPError):
                for claim in self._api.list("v1", "PersistentVolumeClaim"):
                    if claim["status"].get("phase") == "Pending" and claim["spec"].get("storageClassName") == CLASS:
                        self._api.apply(self._volume(claim))
                for volume in self._api.list("v1", "PersistentVolume"):
                    if volume["status"].get("phase") == "Released":
                        self._api.delete(volume)
            time.sleep(_ROUND_PAUSE_SECONDS)

    def _volume(self, claim: Object) -> Object:
        metadata = claim["metadata"]
        folder = self._folder / metadata["uid"]
        folder.mkdir(parents=True, exist_ok=True)
        # Whoever the pod's user is may use it, as with the folders of local-path provisioners.
        folder.chmod(0o777)
        hostname = {"key": "kubernetes.io/hostname", "operator": "In", "values": [self._node]}
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"pv-{metadata['uid']}"},
            "spec": {
                "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
                "accessModes": claim["spec"]["accessModes"],
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": CLASS,
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "namespace": metadata["namespace"],
                    "name": metadata["name"],
                    "uid": metadata["uid"],
                },
                "local": {"path": str(folder)},
                "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [hostname]}]}},
            },
        }
