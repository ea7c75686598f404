"""Network policies: everything is denied but what an instance needs, computed from where its stores really are."""

import ipaddress
from collections.abc import Sequence

from elasticdash.operator.naming import addresses, kinds, labels, names
from elasticdash.operator.naming.addresses import Address
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import bundled, connections, objects
from elasticdash.operator.plan.environment import OPERATIONS_PORT, WEB_PORT, WORKER_PORT
from elasticdash.operator.plan.manifests.blueprint import MIGRATION, WEB, WORKER, Blueprint
from elasticdash.operator.plan.observed import Manifest

# What charts call the pods that read metrics and the queue's state; they may be in any namespace.
_WATCHERS = ["alloy", "keda-operator", "opentelemetry-collector", "prometheus", "vmagent"]
_OPERATOR = "elasticdash-operator"
_NAMESPACE = "kubernetes.io/metadata.name"


def policies(blueprint: Blueprint) -> Sequence[Manifest]:
    """One for each component, none where they are turned off."""
    if not blueprint.spec.network_policy.enabled:
        return ()
    name, egress = blueprint.name, [*_egress(blueprint), *_to_named(blueprint)]
    into_worker = [_rule("from", [_operator(blueprint), _watchers()], WORKER_PORT)]
    return [
        _policy(blueprint, names.web(name), WEB, _into_web(blueprint), egress),
        _policy(blueprint, names.worker(name), WORKER, into_worker, egress),
        *policies_for_move(blueprint),
    ]


def policies_for_move(blueprint: Blueprint) -> Sequence[Manifest]:
    """Those of migrations and of bundled stores."""
    if not blueprint.spec.network_policy.enabled:
        return ()
    brought = [each.store for each in connections.of_stores(blueprint.observed).values() if each.is_bundled]
    return [
        _policy(blueprint, names.migration(blueprint.name), MIGRATION, [], _egress(blueprint)),
        *(
            _policy(blueprint, names.store(blueprint.name, store), store.value, [_into_store(blueprint, store)], [])
            for store in brought
        ),
    ]


def _into_web(blueprint: Blueprint) -> Sequence[Manifest]:
    given = blueprint.spec.network_policy.ingress_from
    # The API asks everyone for a key; whom else to keep out only the spec can say.
    peers = [*given, _operator(blueprint)] if given else []
    return [
        _rule("from", peers, WEB_PORT),
        _rule("from", [_operator(blueprint), _watchers()], OPERATIONS_PORT),
    ]


def _into_store(blueprint: Blueprint, store: Store) -> Manifest:
    own = [
        {"podSelector": {"matchLabels": labels.selector_of(blueprint.name, component)}}
        for component in (WEB, WORKER, MIGRATION)
    ]
    given = blueprint.spec.network_policy.ingress_from
    if store is Store.OBJECT_STORE and not given:
        # SDKs send it the files of traces themselves; every request is signed.
        return _rule("from", [], bundled.PORTS[store])
    callers = given if store is Store.OBJECT_STORE else []
    return _rule("from", [*own, *callers, _operator(blueprint)], bundled.PORTS[store])


def _egress(blueprint: Blueprint) -> Sequence[Manifest]:
    dns = {"ports": [{"protocol": protocol, "port": 53} for protocol in ("TCP", "UDP")]}
    return [dns, *_to_stores(blueprint), *blueprint.spec.network_policy.extra_egress]


def _to_stores(blueprint: Blueprint) -> Sequence[Manifest]:
    rules: list[Manifest] = []
    for store, connection in connections.of_stores(blueprint.observed).items():
        if connection.is_bundled:
            own = {"podSelector": {"matchLabels": labels.selector_of(blueprint.name, store.value)}}
            rules.append(_rule("to", [own], bundled.PORTS[store]))
        else:
            rules += [_to_address(address) for address in connection.endpoints]
    return rules


def _to_named(blueprint: Blueprint) -> Sequence[Manifest]:
    """Where the spec leads beside the stores in so many words: a receiver of traces, a webhook in a variable."""
    urls = [blueprint.spec.observability.otlp_endpoint, *(variable.value for variable in blueprint.spec.env)]
    return [
        _to_address(address)
        for url in urls
        if url and url.startswith(("http://", "https://"))
        for address in addresses.in_url(url, 443 if url.startswith("https:") else 80)
    ]


def _to_address(address: Address) -> Manifest:
    peer = _peer(address.host)
    return _rule("to", [peer] if peer else [], address.port)


def _peer(host: str) -> Manifest | None:
    """Who a host is: pods of a namespace, an address, or anybody where only DNS knows."""
    try:
        network = ipaddress.ip_network(host)
    except ValueError:
        parts = host.split(".")
        if len(parts) == 1 and host:
            return {"podSelector": {}}
        is_service = len(parts) == 2 or "svc" in parts[2:3]
        return {"namespaceSelector": {"matchLabels": {_NAMESPACE: parts[1]}}} if is_service and host else None
    return {"ipBlock": {"cidr": str(network)}}


def _operator(blueprint: Blueprint) -> Manifest:
    namespace = blueprint.release.operator_namespace
    return {
        "namespaceSelector": {"matchLabels": {_NAMESPACE: namespace}} if namespace else {},
        "podSelector": {"matchLabels": {labels.NAME: _OPERATOR}},
    }


def _watchers() -> Manifest:
    expression = {"key": labels.NAME, "operator": "In", "values": _WATCHERS}
    return {"namespaceSelector": {}, "podSelector": {"matchExpressions": [expression]}}


def _rule(direction: str, peers: Sequence[Manifest], port: int) -> Manifest:
    """Traffic on one port; no peers mean anybody."""
    ports = [{"protocol": "TCP", "port": port}]
    return {direction: list(peers), "ports": ports} if peers else {"ports": ports}


def _policy(
    blueprint: Blueprint, name: str, component: str, ingress: Sequence[Manifest], egress: Sequence[Manifest]
) -> Manifest:
    body = {
        "spec": {
            "podSelector": {"matchLabels": labels.selector_of(blueprint.name, component)},
            "policyTypes": ["Ingress", "Egress"],
            # Left out where there are none: what is named here and not below is denied.
            **({"ingress": list(ingress)} if ingress else {}),
            **({"egress": list(egress)} if egress else {}),
        }
    }
    return objects.child(blueprint.instance, kinds.NETWORK_POLICY, name, component, body)
