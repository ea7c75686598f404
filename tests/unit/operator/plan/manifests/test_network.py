"""Who may talk to whom."""

from typing import Any

import pytest

from elasticdash.operator.plan import environment
from support.operator import looks

WEB, WORKER, MIGRATION, FILES = (
    ("NetworkPolicy", "obs-web"),
    ("NetworkPolicy", "obs-worker"),
    ("NetworkPolicy", "obs-migration"),
    ("NetworkPolicy", "obs-objectstore"),
)


def policies(spec: dict[str, Any], **how: Any) -> dict[tuple[str, str], Any]:
    found = looks.by_key(looks.plan(spec, **how))
    return {key: each["spec"] for key, each in found.items() if key[0] == "NetworkPolicy"}


def ports(rule: dict[str, Any]) -> list[int]:
    return [port["port"] for port in rule["ports"]]


def test_turned_off_there_are_none() -> None:
    assert policies({**looks.DEV, "networkPolicy": {"enabled": False}}) == {}


@pytest.mark.parametrize("spec", [looks.DEV, looks.STANDARD])
def test_what_is_not_named_is_denied_both_ways(spec: dict[str, Any]) -> None:
    for policy in policies(spec).values():
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        assert policy["podSelector"]["matchLabels"]["app.kubernetes.io/instance"] == "obs"


def test_a_bundled_database_hears_only_web_workers_migrations_and_the_operator() -> None:
    found = policies(looks.DEV)

    stores = [key for key in found if key not in (WEB, WORKER, MIGRATION, FILES)]
    assert [name for _, name in stores] == ["obs-postgres", "obs-clickhouse", "obs-redis"]
    for key in stores:
        (rule,) = found[key]["ingress"]
        assert [peer["podSelector"]["matchLabels"].get("app.kubernetes.io/component") for peer in rule["from"]] == [
            *("web", "worker", "migration", None)
        ]
        assert rule["from"][-1]["namespaceSelector"]["matchLabels"] == {
            "kubernetes.io/metadata.name": "elasticdash-system"
        }
        assert "egress" not in found[key]


def test_who_may_call_web_may_send_files_to_the_bundled_object_store() -> None:
    peer = {"namespaceSelector": {"matchLabels": {"team": "a"}}}

    (anybody,) = policies(looks.DEV)[FILES]["ingress"]
    (some,) = policies({**looks.DEV, "networkPolicy": {"ingressFrom": [peer]}})[FILES]["ingress"]

    assert ("from" in anybody, ports(anybody), ports(some)) == (False, [9000], [9000])
    assert peer in some["from"]
    assert len(some["from"]) == 5


def test_nobody_may_call_a_migration() -> None:
    assert "ingress" not in policies(looks.DEV)[MIGRATION]


def test_the_ports_without_keys_are_open_to_watchers_and_the_operator_only() -> None:
    found = policies(looks.STANDARD)

    open_to_all = [ports(rule) for policy in found.values() for rule in policy.get("ingress", []) if "from" not in rule]
    assert open_to_all == [[environment.WEB_PORT]]


def test_peers_of_ones_own_close_web_to_all_others_but_the_operator() -> None:
    peer = {"namespaceSelector": {"matchLabels": {"team": "a"}}}

    rule = policies({**looks.STANDARD, "networkPolicy": {"ingressFrom": [peer]}})[WEB]["ingress"][0]

    assert ports(rule) == [3000]
    assert rule["from"][0] == peer
    assert rule["from"][1]["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "elasticdash-operator"}


DATA = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "data"}}}]
OWN_NAMESPACE: list[dict[str, Any]] = [{"podSelector": {}}]


@pytest.mark.parametrize(
    ("host", "peers"),
    [
        ("10.1.2.3", [{"ipBlock": {"cidr": "10.1.2.3/32"}}]),
        ("[2001:db8::1]", [{"ipBlock": {"cidr": "2001:db8::1/128"}}]),
        ("pg", OWN_NAMESPACE),
        ("pg.data", DATA),
        ("pg.data.svc", DATA),
        ("pg.data.svc.cluster.local", DATA),
        ("pg.eu-central-1.rds.amazonaws.com", None),
    ],
)
@pytest.mark.parametrize("policy", [WEB, WORKER, MIGRATION])
def test_the_way_out_leads_to_the_stores_that_are_named(policy: tuple[str, str], host: str, peers: Any) -> None:
    stores = {**looks.STORES, "DATABASE_URL": f"postgresql://u:p@{host}:6543/d"}

    egress = policies(looks.STANDARD, given={"obs-platform": stores})[policy]["egress"]

    (rule,) = [rule for rule in egress if ports(rule) == [6543]]
    assert rule.get("to") == peers


def test_the_way_out_leads_nowhere_else() -> None:
    egress = policies(looks.STANDARD)[WORKER]["egress"]

    assert [ports(rule) for rule in egress] == [[53, 53], [5432], [8443], [6380], [443]]


def test_addresses_in_variables_and_ways_of_ones_own_are_open() -> None:
    extra = {"ports": [{"protocol": "TCP", "port": 4317}]}
    env = [{"name": "WEBHOOK", "value": "https://hooks.example.com/settled"}, {"name": "TZ", "value": "UTC"}]
    spec = {
        **looks.STANDARD,
        "networkPolicy": {"extraEgress": [extra]},
        "observability": {"otlpEndpoint": "http://collector:4318"},
        "env": env,
    }

    found = policies(spec)

    for policy in (WEB, WORKER):
        assert [ports(rule) for rule in found[policy]["egress"]][-3:] == [[4317], [4318], [443]]
    assert [ports(rule) for rule in found[MIGRATION]["egress"]][-1] == [4317]
