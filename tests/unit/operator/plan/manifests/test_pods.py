"""What is in the pods of web, workers and migrations."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from elasticdash.operator.naming import labels
from support.operator import looks

REPOSITORY = Path(__file__).parents[5]
CA = {"tls": {"trustedCaRef": {"name": "ca", "key": "ca.crt"}}}
HASH = labels.CONFIG_HASH


def annotations(state: Any, name: str) -> dict[str, str]:
    return looks.by_key(state)["Deployment", name]["spec"]["template"]["metadata"]["annotations"]


def hashes(given: Mapping[str, Mapping[str, str]], spec: Any = looks.STANDARD) -> tuple[str, str]:
    state = looks.plan(spec, given=given)
    return annotations(state, "obs-web")[HASH], annotations(state, "obs-worker")[HASH]


@pytest.mark.parametrize("name", ["obs-web", "obs-worker"])
@pytest.mark.parametrize("spec", [looks.DEV, looks.STANDARD])
def test_every_variable_means_something_to_the_product(spec: dict[str, Any], name: str) -> None:
    guide = (REPOSITORY / "docs" / "guides" / "settings.md").read_text()
    known = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", guide, re.MULTILINE))

    variables = set(looks.variables_of(looks.plan(spec), "Deployment", name))

    assert variables <= known


def test_no_secret_is_written_into_a_pod() -> None:
    state = looks.plan(looks.DEV)

    values = {
        value for name in ("obs-web", "obs-worker") for value in looks.variables_of(state, "Deployment", name).values()
    }
    assert not [value for value in values if re.search(r"[0-9a-f]{48}|://", value)]


def test_only_a_secret_that_is_used_restarts_pods() -> None:
    stores = {"obs-platform": looks.STORES}
    before = hashes(stores)

    assert hashes({"obs-platform": {**looks.STORES, "UNRELATED": "x"}}) == before
    changed = hashes({"obs-platform": {**looks.STORES, "CLICKHOUSE_PASSWORD": "new"}})
    assert changed[0] != before[0]
    assert changed[1] != before[1]


def test_what_only_web_uses_restarts_only_web() -> None:
    before = looks.look(looks.STANDARD).secrets["obs-generated"]
    web, worker = hashes({"obs-platform": looks.STORES, "obs-generated": before})

    changed = hashes({"obs-platform": looks.STORES, "obs-generated": {**before, "NEXTAUTH_SECRET": "n" * 48}})

    assert changed[0] != web
    assert changed[1] == worker


def test_new_keys_of_the_first_project_restart_nothing() -> None:
    before = looks.look(looks.STANDARD).secrets
    keys = {**before["obs-keys"], "secretKey": "sk-lf-new"}

    assert hashes({**before, "obs-keys": keys}) == hashes(dict(before))


@pytest.mark.parametrize(
    "more",
    [
        {"env": [{"name": "OWN", "valueFrom": {"secretKeyRef": {"name": "mine", "key": "a"}}}]},
        {"envFrom": [{"secretRef": {"name": "mine"}}]},
        {"tls": {"trustedCaRef": {"name": "mine", "key": "a"}}},
    ],
)
def test_secrets_the_spec_refers_to_restart_pods_too(more: dict[str, Any]) -> None:
    spec = {**looks.STANDARD, **more}

    assert hashes({"obs-platform": looks.STORES, "mine": {"a": "1"}}, spec) != hashes(
        {"obs-platform": looks.STORES, "mine": {"a": "2"}}, spec
    )


def test_keys_of_a_rotation_are_passed_on_while_they_are_there() -> None:
    rotated = {
        "ELASTICDASH_PREVIOUS_SALT": "p",
        "ELASTICDASH_ACCEPTED_SESSION_SECRETS": "s",
        "ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS": "e",
    }

    during = looks.plan(looks.STANDARD, given={"obs-platform": looks.STORES, "obs-generated": rotated})
    after = looks.plan(looks.STANDARD)

    assert rotated.keys() <= looks.variables_of(during, "Deployment", "obs-web").keys()
    assert not rotated.keys() & looks.variables_of(after, "Deployment", "obs-web").keys()


def test_variables_of_the_spec_go_before_ours() -> None:
    spec = {
        **looks.STANDARD,
        "env": [{"name": "ELASTICDASH_LOG_LEVEL", "value": "debug"}, {"name": "OWN", "value": "1"}],
    }

    entries = looks.pod_of(looks.plan(spec), "Deployment", "obs-worker")["containers"][0]["env"]

    assert [entry["value"] for entry in entries if entry["name"] == "ELASTICDASH_LOG_LEVEL"] == ["debug"]
    assert entries[-1] == {"name": "OWN", "value": "1"}


@pytest.mark.parametrize("drain", ["30s", "10m"])
def test_workers_are_given_their_drain_and_more(drain: str) -> None:
    seconds = {"30s": 30, "10m": 600}[drain]

    state = looks.plan({**looks.STANDARD, "worker": {"drainTimeout": drain}})

    assert looks.variables_of(state, "Deployment", "obs-worker")["ELASTICDASH_DRAIN_TIMEOUT_SECONDS"] == str(seconds)
    assert looks.pod_of(state, "Deployment", "obs-worker")["terminationGracePeriodSeconds"] > seconds


def test_web_is_given_more_time_than_its_stop_takes() -> None:
    state = looks.plan(looks.STANDARD)

    variables, pod = looks.variables_of(state, "Deployment", "obs-web"), looks.pod_of(state, "Deployment", "obs-web")
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    delay = int(variables["ELASTICDASH_HTTP_DRAIN_DELAY_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] > pause + delay + int(variables["ELASTICDASH_DRAIN_TIMEOUT_SECONDS"])


def test_probes_ask_the_process_for_life_and_its_stores_for_readiness() -> None:
    probes = {"startupTimeout": "3m", "period": "20s", "timeout": "2s", "failureThreshold": 5}

    web = looks.pod_of(looks.plan({**looks.STANDARD, "web": {"probes": probes}}), "Deployment", "obs-web")[
        "containers"
    ][0]

    assert web["livenessProbe"]["httpGet"]["path"] == "/api/public/health"
    assert web["readinessProbe"]["httpGet"]["path"] == "/api/public/ready"
    assert web["livenessProbe"]["periodSeconds"] == 20
    assert web["readinessProbe"]["failureThreshold"] == 5
    assert web["startupProbe"]["periodSeconds"] * web["startupProbe"]["failureThreshold"] == 180


@pytest.mark.parametrize(("profile", "on_hosts"), [("standard", "ScheduleAnyway"), ("production", "DoNotSchedule")])
def test_pods_are_spread_and_in_production_never_crowd_on_one_host(profile: str, on_hosts: str) -> None:
    pod = looks.pod_of(looks.plan({**looks.PRODUCTION, "profile": profile}), "Deployment", "obs-web")

    zone, host = pod["topologySpreadConstraints"]
    assert (zone["topologyKey"], zone["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "ScheduleAnyway")
    assert (host["topologyKey"], host["whenUnsatisfiable"]) == ("kubernetes.io/hostname", on_hosts)


def test_given_authorities_stand_beside_those_of_the_system() -> None:
    given = {"obs-platform": looks.STORES, "ca": {"ca.crt": "PEM"}}

    state = looks.plan({**looks.STANDARD, **CA}, given=given)

    for name in ("obs-web", "obs-worker"):
        pod = looks.pod_of(state, "Deployment", name)
        assert [container["name"] for container in pod["initContainers"]] == ["trust"]
        assert "/etc/ssl/certs/ca-certificates.crt" in pod["initContainers"][0]["command"][-1]
        variables = looks.variables_of(state, "Deployment", name)
        assert variables["SSL_CERT_FILE"] == variables["REDIS_TLS_CA_PATH"] == "/etc/elasticdash/trust/ca.crt"


def test_a_restart_is_asked_for_by_annotation() -> None:
    state = looks.plan(looks.STANDARD, annotations={labels.RESTART_AT: "now"})

    assert annotations(state, "obs-web")[labels.RESTART_AT] == "now"
    assert annotations(state, "obs-worker")[labels.RESTART_AT] == "now"
