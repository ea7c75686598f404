"""A small cluster in which credentials are rotated: Secrets, Deployments, pods with what they started with, stores."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from typing_extensions import override

from elasticdash.operator.api.status import LoggerStatus, RotationStatus, VersionStatus
from elasticdash.operator.cluster.instance_api import InstanceApi, KeyPair, KeyUse, RegisteredKey
from elasticdash.operator.naming import labels
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import environment
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.observed import Manifest, Observed
from elasticdash.operator.rotation import credentials
from elasticdash.operator.rotation.credentials import Credentials
from elasticdash.operator.rotation.keyrings import KEYRINGS
from elasticdash.operator.rotation.rotator import Rotator
from elasticdash.operator.rotation.stores import StoreLogins
from support.operator import looks

ADMIN = {"POSTGRES": "postgresql://admin:a@pg/logger", "CLICKHOUSE": "http://admin:a@ch", "REDIS": "redis://admin:a@r"}
SPEC: dict[str, Any] = {
    **looks.STANDARD,
    "stores": {
        "postgres": {"adminRef": {"name": "obs-admin", "key": "POSTGRES"}},
        "clickhouse": {"adminRef": {"name": "obs-admin", "key": "CLICKHOUSE"}},
        "redis": {"adminRef": {"name": "obs-admin", "key": "REDIS"}},
    },
}
COMPONENTS = ("web", "worker")
STORES = (Store.POSTGRES, Store.CLICKHOUSE, Store.REDIS)


_VERSION = VersionStatus(desired="1", running="1")


@cache
def _first_look() -> Observed:
    return looks.look(SPEC, given={"obs-platform": looks.STORES, "obs-admin": ADMIN})


class KilledError(Exception):
    """The operator ended here."""


@dataclass(frozen=True)
class Pod:
    """A process: the template it was made from, and the secrets it was started with."""

    component: str
    config_hash: str
    logins: Mapping[Store, str]
    rings: Mapping[str, tuple[str, tuple[str, ...]]]


@dataclass
class World:
    """Everything outside of the operator. `budget` counts down its calls; at 0 it is killed before or after one."""

    now: datetime = looks.NOW
    values: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    children: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])
    templates: dict[str, str] = field(default_factory=dict[str, str])
    pods: list[Pod] = field(default_factory=list[Pod])
    accepted: dict[Store, set[str]] = field(default_factory=dict[Store, set[str]])
    rows: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    keys: dict[str, str] = field(default_factory=dict[str, str])
    statuses: list[RotationStatus] = field(default_factory=list[RotationStatus])
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    budget: int = 10_000

    def __post_init__(self) -> None:
        found = _first_look()
        self.values = {name: dict(values) for name, values in found.secrets.items()}
        self._numbers = iter(range(10_000))
        observed = self.observed()
        for store in STORES:
            self.accepted[store] = {_login(observed, store)}
        self.keys = {self.values["obs-keys"]["publicKey"]: "1"}
        self.templates = self._hashes(observed)
        self.pods = [self._pod(component) for component in COMPONENTS for _ in range(2)]
        self.rows = {ring.counted_as: set() for ring in KEYRINGS.values()}
        self.write_rows()

    def observed(self) -> Observed:
        """What one look finds."""
        found = _first_look()
        status = LoggerStatus(version=_VERSION, rotation=list(self.statuses))
        children = {**self.children, **{("Deployment", f"obs-{each}"): self._deployment(each) for each in COMPONENTS}}
        instance = replace(found.instance, status=status, annotations=dict(self.annotations))
        secrets = {name: dict(values) for name, values in self.values.items()}
        pods = tuple(_pod_manifest(pod) for pod in self.pods)
        return replace(found, instance=instance, observed_at=self.now, children=children, secrets=secrets, pods=pods)

    async def look(self) -> None:
        """One look of the operator; KilledError when its budget ends in it."""
        rotator = Rotator(self, looks.RELEASE, lambda _, store: Logins(self, store), lambda _: self.api(), self._random)
        stepped = await rotator.step(self.observed())
        self._spend()
        self.templates = self._hashes(self.observed())
        for manifest in stepped.manifests:
            if manifest["kind"] == "Job":
                self._reencrypt()
        self._spend()
        self.statuses = list(stepped.statuses)

    def roll_one(self) -> None:
        """One pod of an older template gives way to one of the present template."""
        for index, pod in enumerate(self.pods):
            if pod.config_hash != self.templates[pod.component]:
                self.pods.append(self._pod(pod.component))
                # It begins to work at once, while the old one still does.
                self.write_rows()
                self.check()
                del self.pods[index]
                break

    def write_rows(self) -> None:
        """Every pod keeps something under its newest keys, and keeps used rows under them."""
        for ring in KEYRINGS.values():
            for pod in self.pods:
                if ring.counted_as in pod.rings:
                    self.rows[ring.counted_as].add(pod.rings[ring.counted_as][0])

    def use_rows(self) -> None:
        """What is kept is used by one pod, which keeps it anew; not what only a Job does."""
        for kind in ("salt", "session"):
            self.rows[kind] = {[pod for pod in self.pods if kind in pod.rings][-1].rings[kind][0]}

    def check(self) -> None:
        """No process is locked out, and none finds a row it can't open."""
        for pod in self.pods:
            for store, login in pod.logins.items():
                assert login in self.accepted[store], f"{store} refuses a running {pod.component}"
            for kind, (current, others) in pod.rings.items():
                assert self.rows[kind] <= {current, *others}, f"a running {pod.component} misses a {kind} key"
        assert self.values["obs-keys"]["publicKey"] in self.keys, "the delivered API key does not work"

    async def apply(self, manifest: Manifest, /) -> Manifest:
        """The API server: keeps a Secret."""
        self._spend()
        name = manifest["metadata"]["name"]
        self.values[name] = {key: base64.b64decode(each).decode() for key, each in manifest.get("data", {}).items()}
        self.children[facts.key_of(manifest)] = manifest
        self._spend()
        return manifest

    def api(self) -> InstanceApi:
        """The instance's web."""
        return cast(InstanceApi, Api(self))

    def spend(self) -> None:
        """One call out of the operator's budget."""
        self._spend()

    def _spend(self) -> None:
        if self.budget <= 0:
            raise KilledError
        self.budget -= 1

    def _random(self, size: int) -> str:
        return f"{next(self._numbers):0{2 * size}}"

    def _reencrypt(self) -> None:
        self.rows["encryption"] = {self.pods[-1].rings["encryption"][0]}

    def _hashes(self, observed: Observed) -> dict[str, str]:
        web, worker = environment.of_web(observed), environment.of_worker(observed)
        return {
            "web": environment.hash_of_secrets(web, observed),
            "worker": environment.hash_of_secrets(worker, observed),
        }

    def _pod(self, component: str) -> Pod:
        observed = self.observed()
        generated = self.values["obs-generated"]
        rings = {
            ring.counted_as: (generated[ring.current], tuple(filter(None, [generated.get(ring.accepted, "")])))
            for ring in KEYRINGS.values()
            # Workers sign nobody in.
            if component == "web" or ring.counted_as != "session"
        }
        logins = {store: _login(observed, store) for store in STORES}
        return Pod(component, self.templates[component], logins, rings)

    def _deployment(self, component: str) -> Manifest:
        own = [pod for pod in self.pods if pod.component == component]
        updated = [pod for pod in own if pod.config_hash == self.templates.get(component)]
        annotations = {labels.CONFIG_HASH: self.templates.get(component, "")}
        return {
            "kind": "Deployment",
            "metadata": {"name": f"obs-{component}", "generation": 1},
            "spec": {"replicas": 2, "template": {"metadata": {"annotations": annotations}}},
            "status": {
                "observedGeneration": 1,
                "replicas": len(own),
                "readyReplicas": len(own),
                "updatedReplicas": len(updated),
            },
        }


class Logins(StoreLogins):
    """A store's logins, as far as a rotation sees them."""

    def __init__(self, world: World, store: Store) -> None:
        self._world = world
        self._store = store

    @override
    def following(self, present: Credentials, password: str) -> Credentials:
        return Credentials(present.user, password)

    @override
    async def prepare(self, following: Credentials, previous: Credentials) -> None:
        self._world.spend()
        self._world.accepted[self._store].add(following.text())
        self._world.spend()

    @override
    async def count_users(self, previous: Credentials) -> int:
        return [pod.logins[self._store] for pod in self._world.pods].count(previous.text())

    @override
    async def revoke(self, following: Credentials, previous: Credentials) -> None:
        self._world.spend()
        self._world.accepted[self._store] = {following.text()}
        self._world.spend()


class Api:
    """The instance's web, as far as a rotation asks it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def read_key_use(self) -> Mapping[str, KeyUse]:
        web = next(pod for pod in self._world.pods if pod.component == "web")
        return {kind: KeyUse("id", 0, len(self._world.rows[kind] - {web.rings[kind][0]})) for kind in self._world.rows}

    async def register_key(self, _organization: str, _project: str, pair: KeyPair, _note: str) -> None:
        self._world.spend()
        self._world.keys[pair.public_key] = pair.public_key
        self._world.spend()

    async def list_keys(self, _organization: str, _project: str) -> Sequence[RegisteredKey]:
        return [RegisteredKey(id_, public_key, "") for public_key, id_ in self._world.keys.items()]

    async def revoke_key(self, _organization: str, _project: str, key_id: str) -> None:
        self._world.spend()
        self._world.keys = {public_key: id_ for public_key, id_ in self._world.keys.items() if id_ != key_id}
        self._world.spend()


def _login(observed: Observed, store: Store) -> str:
    return credentials.present(credentials.settings_of(observed, store), store).text()


def _pod_manifest(pod: Pod) -> Manifest:
    return {
        "kind": "Pod",
        "metadata": {
            "labels": {labels.COMPONENT: pod.component},
            "annotations": {labels.CONFIG_HASH: pod.config_hash},
        },
        "status": {"phase": "Running"},
    }


async def finish(world: World, at_most: int = 60) -> None:
    """Let everything go its way until two looks change nothing."""
    quiet = 0
    for _ in range(at_most):
        world.budget = 10_000
        before = (dict(world.values), list(world.statuses), list(world.pods))
        await world.look()
        world.check()
        while any(pod.config_hash != world.templates[pod.component] for pod in world.pods):
            world.roll_one()
            world.check()
        world.write_rows()
        world.use_rows()
        world.check()
        world.now += timedelta(minutes=1)
        quiet = quiet + 1 if before == (world.values, world.statuses, world.pods) else 0
        if quiet == 2:
            break
