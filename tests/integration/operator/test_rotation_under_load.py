"""Real pods on real stores: credentials are rotated while clients send and read, and nobody notices."""

import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import asyncpg
import httpx
import pytest
import redis

from elasticdash.operator.api.enums import RotationClass
from elasticdash.operator.rotation.keyrings import KEYRINGS
from support.chaos.run import Load
from support.kubernetes import local_node, local_service
from support.kubernetes import operator as operators
from support.kubernetes.api import eventually
from support.kubernetes.cluster import Cluster
from support.kubernetes.operator import Instance, Operator
from support.kubernetes.operator_fixtures import QUICK
from support.operator import live_instance
from support.operator.live_instance import FollowingBalancer, Killer, Logins, Visitors
from support.servers import clickhouse as clickhouse_servers
from support.servers import postgres as postgres_servers
from support.servers.stores import StoreServers

READY_SECONDS = 600
ROTATED_SECONDS = 1200
AWAY_SECONDS = 90
DIAGNOSED_SECONDS = 60
SECONDS_PER_REQUEST = 0.5
READABLE_SECONDS = 60.0
STEADY_SECONDS = 2.0
SHORT = (RotationClass.POSTGRES, RotationClass.CLICKHOUSE, RotationClass.REDIS, RotationClass.PROJECT_KEYS)
FINE = {"batch 207", "otlp 200", "read 200", "read 404"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


@dataclass(frozen=True)
class Live:
    """A ready instance, the operator beside it, and the way to its web."""

    instance: Instance
    operator: Operator
    kubeconfig: Path
    balancer: FollowingBalancer
    logins: Logins

    def secret(self, name: str) -> dict[str, str]:
        """Values of a Secret of the instance."""
        return live_instance.values_of(self.instance.api, self.instance.namespace, name)


@pytest.fixture(scope="module")
def live(kubernetes: Cluster, tmp_path_factory: pytest.TempPathFactory, stores: StoreServers) -> Generator[Live]:
    api, folder = kubernetes.api, tmp_path_factory.mktemp("live")
    operators.install_crds(api)
    with (
        kubernetes.namespace() as namespace,
        local_node.running(api.access, [namespace], folder / "pods"),
        local_service.reached(api.access, namespace, "obs-web") as web,
        live_instance.logins(stores, folder) as logins,
    ):
        logins.make_secrets(api, namespace)
        settings = {**QUICK, "SERVICE_URL": web.url, "IDENTITY": "the-pod-that-restarts"}
        with Operator(kubernetes.kubeconfig, [namespace], folder, settings) as operator:
            instance = Instance(api, namespace)
            instance.apply(**live_instance.specification())
            instance.wait_for_phase("Ready", READY_SECONDS)
            balancer = FollowingBalancer([web.url])
            balancer.follow(api, namespace)
            yield Live(instance, operator, kubernetes.kubeconfig, balancer, logins)


@pytest.fixture(scope="module")
def classes(pytestconfig: pytest.Config) -> Sequence[RotationClass]:
    """Those that are rotated: with `make chaos` all, else those that need one roll at most."""
    return tuple(RotationClass) if pytestconfig.getoption("--chaos-long", default=False) else SHORT


def test_no_client_notices_a_rotation_and_nothing_old_works_after_it(
    live: Live, classes: Sequence[RotationClass]
) -> None:
    before = {name: live.secret(name) for name in ("obs-generated", "obs-keys")}
    put_connection(live)
    load = Load(live.balancer, [live.balancer.keys], 4, SECONDS_PER_REQUEST)
    visitors = Visitors(live.balancer, live.instance)
    visitors.sign_in(before["obs-generated"]["ADMIN_PASSWORD"])
    killer = Killer(live.instance, live.operator)

    for thread in (load, visitors, killer):
        thread.start()
    live.instance.annotate("rotate", ",".join(f"{each}/1" for each in classes))
    eventually(lambda: phases(live.instance), lambda found: found == dict.fromkeys(classes, "Done"), ROTATED_SECONDS)
    for thread in (killer, load, visitors):
        thread.stop()
    verdict = load.verdict(READABLE_SECONDS, STEADY_SECONDS)

    assert not verdict.violations, verdict.summary
    assert set(verdict.answers) <= FINE, verdict.summary
    assert set(visitors.answers) == {"list 200", "page 200"}, visitors.answers
    # Begun, published and gone at least.
    assert killer.kills >= 3 * len(classes)
    assert_nothing_old_works(live, before, classes)


def test_a_store_that_is_away_is_named_and_explained(live: Live) -> None:
    live.logins.redis.kill()

    found = live.instance.wait_for("StoresReady", "Unreachable", AWAY_SECONDS)

    told = diagnosed(live)
    live.logins.redis.start()
    live.instance.wait_for_phase("Ready", READY_SECONDS)
    assert "Redis" in found["message"]
    assert told.returncode == 1
    assert "1. StoresReady: Unreachable since" in told.stdout
    assert f"redis 127.0.0.1:{live.logins.redis.port}: DOWN" in told.stdout
    assert [value for value in live.secret("obs-generated").values() if value in told.stdout] == []
    assert "StoresReady: Unreachable since" not in diagnosed(live).stdout


def diagnosed(live: Live) -> subprocess.CompletedProcess[str]:
    """What `elasticdash-operator diagnose` says."""
    command = [str(Path(sys.executable).with_name("elasticdash-operator")), "diagnose", live.instance.name]
    environment = {"PATH": os.defpath, "KUBECONFIG": str(live.kubeconfig)}
    return subprocess.run(
        [*command, "--namespace", live.instance.namespace],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=DIAGNOSED_SECONDS,
    )


def phases(instance: Instance) -> dict[str, str]:
    """The phase of each class that was asked for."""
    return {each["class"]: each["phase"] for each in instance.get().get("status", {}).get("rotation", [])}


def put_connection(live: Live) -> None:
    """Have something kept under the encryption key."""
    body = {"provider": "kept", "adapter": "openai", "secretKey": "sk-kept"}
    keys = live.balancer.keys
    answer = httpx.put(
        f"{live.balancer.urls[0]}/api/public/llm-connections", json=body, auth=(keys.public_key, keys.secret_key)
    )
    assert answer.status_code == httpx.codes.CREATED, answer.text


def assert_nothing_old_works(
    live: Live, before: Mapping[str, Mapping[str, str]], classes: Sequence[RotationClass]
) -> None:
    settings = live.logins.settings
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        postgres_servers.run(settings["DATABASE_URL"], "SELECT 1")
    login = (settings["CLICKHOUSE_USER"], settings["CLICKHOUSE_PASSWORD"])
    with pytest.raises(clickhouse_servers.ServerRefusedError, match="AUTHENTICATION_FAILED"):
        clickhouse_servers.execute(live_instance.with_login(settings["CLICKHOUSE_URL"], *login), "SELECT 1")
    with (
        cast(Any, redis.Redis).from_url(settings["REDIS_CONNECTION_STRING"]) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
    keys, url = before["obs-keys"], live.balancer.urls[0]
    refused = httpx.get(f"{url}/api/public/traces", auth=(keys["publicKey"], keys["secretKey"]))
    assert refused.status_code == httpx.codes.UNAUTHORIZED
    generated = live.secret("obs-generated")
    for ring in (KEYRINGS[each] for each in classes if each in KEYRINGS):
        assert ring.accepted not in generated
        assert generated[ring.current] != before["obs-generated"][ring.current]
    use = httpx.get(f"{url}/api/admin/keys", headers={"Authorization": f"Bearer {generated['ADMIN_API_KEY']}"}).json()
    assert {kind: each["otherRows"] for kind, each in use.items()} == dict.fromkeys(use, 0)
    assert use["encryption"]["currentRows"] == 1
