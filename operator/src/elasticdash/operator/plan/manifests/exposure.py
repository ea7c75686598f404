"""Ways to web from outside the cluster."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from elasticdash.operator.api.enums import IssuerKind
from elasticdash.operator.api.exposure import Gateway, Ingress, IngressTls
from elasticdash.operator.naming import kinds, names
from elasticdash.operator.plan import objects
from elasticdash.operator.plan.environment import WEB_PORT
from elasticdash.operator.plan.manifests.blueprint import WEB, Blueprint
from elasticdash.operator.plan.observed import Manifest

_ISSUER_ANNOTATIONS = {
    IssuerKind.ISSUER: "cert-manager.io/issuer",
    IssuerKind.CLUSTER_ISSUER: "cert-manager.io/cluster-issuer",
}
# What web takes at most; ingress-nginx refuses more than 1 MiB unless it is told, and others pass this over.
_BODY_SIZE = {"nginx.ingress.kubernetes.io/proxy-body-size": "16m"}


def exposure(blueprint: Blueprint) -> Sequence[Manifest]:
    """An Ingress, an HTTPRoute where its API is served, or nothing."""
    wanted = blueprint.spec.exposure
    found: list[Manifest] = []
    if wanted.ingress:
        found.append(_ingress(blueprint, wanted.ingress))
    if wanted.gateway and blueprint.serves(kinds.HTTP_ROUTE):
        found.append(_http_route(blueprint, wanted.gateway))
    return found


def _ingress(blueprint: Blueprint, ingress: Ingress) -> Manifest:
    hosts = _hosts(blueprint, ingress.hosts)
    backend = {"service": {"name": names.web(blueprint.name), "port": {"name": "http"}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    body = {
        "spec": {
            **({"ingressClassName": ingress.class_name} if ingress.class_name else {}),
            "rules": [{"host": host, "http": {"paths": [path]}} for host in hosts],
            **(
                {"tls": [{"hosts": list(hosts), "secretName": _certificate(blueprint, ingress.tls)}]}
                if ingress.tls
                else {}
            ),
        }
    }
    manifest = objects.child(blueprint.instance, kinds.INGRESS, names.web(blueprint.name), WEB, body)
    issuer = ingress.tls.issuer_ref if ingress.tls else None
    issued = {_ISSUER_ANNOTATIONS[issuer.kind]: issuer.name} if issuer else {}
    return objects.annotated(manifest, {**_BODY_SIZE, **issued, **ingress.annotations})


def _http_route(blueprint: Blueprint, gateway: Gateway) -> Manifest:
    parents = [
        {
            "name": parent.name,
            **({"namespace": parent.namespace} if parent.namespace else {}),
            **({"sectionName": parent.section_name} if parent.section_name else {}),
        }
        for parent in gateway.parent_refs
    ]
    match = {"path": {"type": "PathPrefix", "value": "/"}}
    backend = {"name": names.web(blueprint.name), "port": WEB_PORT}
    body = {
        "spec": {
            "parentRefs": parents,
            "hostnames": list(_hosts(blueprint, gateway.hostnames)),
            "rules": [{"matches": [match], "backendRefs": [backend]}],
        }
    }
    return objects.child(blueprint.instance, kinds.HTTP_ROUTE, names.web(blueprint.name), WEB, body)


def _hosts(blueprint: Blueprint, given: Sequence[str]) -> Sequence[str]:
    if given:
        return given
    host = urlsplit(blueprint.spec.url or "").hostname
    return [host] if host else []


def _certificate(blueprint: Blueprint, tls: IngressTls) -> str:
    return tls.secret_name or f"{blueprint.name}-tls"
