"""Ways to web from outside."""

from typing import Any

import pytest

from support.operator import looks

BODY_SIZE = {"nginx.ingress.kubernetes.io/proxy-body-size": "16m"}
ROUTE = "gateway.networking.k8s.io/v1/HTTPRoute"


def exposed(exposure: dict[str, Any], **more: Any) -> dict[tuple[str, str], Any]:
    return looks.by_key(looks.plan({**looks.STANDARD, "exposure": exposure, **more}, capabilities={ROUTE}))


def test_nothing_leads_outside_unless_it_is_asked_for() -> None:
    found = exposed({})

    assert found["Service", "obs-web"]["spec"]["type"] == "ClusterIP"
    assert not [kind for kind, _ in found if kind in ("Ingress", "HTTPRoute")]


@pytest.mark.parametrize(
    ("ingress", "url", "hosts"),
    [
        ({}, "https://obs.example.com:8443", ["obs.example.com"]),
        ({"hosts": ["a.example.com", "b.example.com"]}, "https://obs.example.com", ["a.example.com", "b.example.com"]),
        ({"hosts": ["a.example.com"]}, None, ["a.example.com"]),
    ],
)
def test_an_ingress_has_its_hosts_or_that_of_the_url(ingress: Any, url: str | None, hosts: list[str]) -> None:
    found = exposed({"ingress": ingress}, **({"url": url} if url else {}))["Ingress", "obs-web"]["spec"]

    assert [rule["host"] for rule in found["rules"]] == hosts
    assert "tls" not in found


@pytest.mark.parametrize(
    ("tls", "secret", "annotations"),
    [
        ({"secretName": "cert"}, "cert", {}),
        ({"issuerRef": {"name": "le"}}, "obs-tls", {"cert-manager.io/issuer": "le"}),
        (
            {"secretName": "cert", "issuerRef": {"name": "le", "kind": "ClusterIssuer"}},
            "cert",
            {"cert-manager.io/cluster-issuer": "le"},
        ),
    ],
)
def test_an_ingress_has_the_certificate_that_is_given_or_issued(tls: Any, secret: str, annotations: Any) -> None:
    found = exposed({"ingress": {"tls": tls}}, url="https://obs.example.com")["Ingress", "obs-web"]

    assert found["spec"]["tls"] == [{"hosts": ["obs.example.com"], "secretName": secret}]
    assert found["metadata"]["annotations"] == {**BODY_SIZE, **annotations}


def test_an_ingress_lets_the_largest_request_through_unless_it_is_told_otherwise() -> None:
    def size(**annotations: str) -> str:
        found = exposed({"ingress": {"hosts": ["a.example.com"], "annotations": annotations}})
        return found["Ingress", "obs-web"]["metadata"]["annotations"][next(iter(BODY_SIZE))]

    assert size() == "16m"
    assert size(**dict.fromkeys(BODY_SIZE, "1m")) == "1m"


def test_a_route_hangs_at_its_gateways() -> None:
    gateway = {"parentRefs": [{"name": "public", "namespace": "edge", "sectionName": "https"}, {"name": "own"}]}

    route = exposed({"gateway": gateway}, url="https://obs.example.com")["HTTPRoute", "obs-web"]["spec"]

    assert route["parentRefs"] == [{"name": "public", "namespace": "edge", "sectionName": "https"}, {"name": "own"}]
    assert route["hostnames"] == ["obs.example.com"]
    assert route["rules"][0]["backendRefs"] == [{"name": "obs-web", "port": 3000}]


def test_ports_without_keys_stay_inside_whatever_the_type_of_the_service() -> None:
    found = exposed({"service": {"type": "LoadBalancer", "annotations": {"lb": "internal"}}})

    services = {name: each["spec"] for (kind, name), each in found.items() if kind == "Service"}
    assert services["obs-web"]["type"] == "LoadBalancer"
    assert [port["port"] for port in services["obs-web"]["ports"]] == [3000]
    assert found["Service", "obs-web"]["metadata"]["annotations"] == {"lb": "internal"}
    assert services["obs-web-operations"]["type"] == services["obs-worker"]["type"] == "ClusterIP"
