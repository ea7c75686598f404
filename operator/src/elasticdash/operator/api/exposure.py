"""How an instance is reached, by whom, and what it shows of itself."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from elasticdash.operator.api.enums import IssuerKind, LogFormat, LogLevel, ServiceType, WhenAvailable
from elasticdash.operator.api.types import Annotations, Hostname, Labels, Model, Name, Overlay, Rule, SubdomainName


class Service(Model):
    """The Service in front of web, port 3000."""

    type: ServiceType = Field(default=ServiceType.CLUSTER_IP, description="Type")
    annotations: Annotations = Field(default_factory=dict, description="Annotations")


class IssuerRef(Model):
    """An issuer of cert-manager."""

    name: SubdomainName = Field(description="Name")
    kind: IssuerKind = Field(default=IssuerKind.ISSUER, description="Kind")


class IngressTls(Model):
    """The certificate of an Ingress."""

    cel_rules: ClassVar = (
        Rule(
            "has(self.secretName) || has(self.issuerRef)",
            "tls needs secretName, issuerRef or both",
            {"url": "https://obs.example.com", "exposure": {"ingress": {"tls": {}}}},
        ),
    )

    secret_name: SubdomainName | None = Field(
        default=None, description="Secret with the certificate; unset: <name>-tls, which cert-manager fills"
    )
    issuer_ref: IssuerRef | None = Field(default=None, description="Who issues it")


class Ingress(Model):
    """An Ingress for web."""

    class_name: SubdomainName | None = Field(default=None, description="Class; unset: the cluster's default")
    hosts: Annotated[list[Hostname], Field(max_length=16)] = Field(
        default_factory=list[Hostname], description="Host names; empty: that of url"
    )
    annotations: Annotations = Field(default_factory=dict, description="Annotations")
    tls: IngressTls | None = Field(default=None, description="Certificate; unset: plain HTTP")


class ParentRef(Model):
    """A Gateway."""

    name: SubdomainName = Field(description="Gateway")
    namespace: Name | None = Field(default=None, description="Its namespace; unset: the resource's")
    section_name: SubdomainName | None = Field(default=None, description="Its listener; unset: all")


class Gateway(Model):
    """An HTTPRoute for web."""

    parent_refs: Annotated[list[ParentRef], Field(min_length=1, max_length=8)] = Field(description="Gateways")
    hostnames: Annotated[list[Hostname], Field(max_length=16)] = Field(
        default_factory=list[Hostname], description="Host names; empty: that of url"
    )


class Exposure(Model):
    """Ways to web from outside."""

    service: Service = Field(default_factory=Service, description="The Service in front of web")
    ingress: Ingress | None = Field(default=None, description="An Ingress")
    gateway: Gateway | None = Field(default=None, description="An HTTPRoute of the Gateway API")


class NetworkPolicy(Model):
    """Who may talk to whom: made from the stores' real addresses."""

    enabled: bool = Field(default=True, description="Whether policies are made")
    ingress_from: Annotated[list[Overlay], Field(max_length=32)] = Field(
        default_factory=list[Overlay],
        description="Peers (NetworkPolicyPeer) that may reach web and the bundled object store; empty: all",
    )
    extra_egress: Annotated[list[Overlay], Field(max_length=32)] = Field(
        default_factory=list[Overlay],
        description="Rules (NetworkPolicyEgressRule) web and workers have beside their own",
    )


class Observability(Model):
    """What an instance shows of itself."""

    service_monitor: WhenAvailable = Field(
        default=WhenAvailable.AUTO, description="ServiceMonitor of the Prometheus operator"
    )
    prometheus_rule: WhenAvailable = Field(default=WhenAvailable.AUTO, description="PrometheusRule with alerts")
    dashboard: WhenAvailable = Field(
        default=WhenAvailable.AUTO, description="ConfigMap with a Grafana dashboard, beside the ServiceMonitor"
    )
    labels: Labels = Field(default_factory=dict, description="Labels these objects get, for selectors")
    otlp_endpoint: (
        Annotated[str, StringConstraints(max_length=512, pattern=r"^https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?$")] | None
    ) = Field(default=None, description="OTLP/HTTP receiver of traces about web and workers: http://collector:4318")
    log_level: LogLevel = Field(default=LogLevel.INFO, description="Least severe log shown")
    log_format: LogFormat = Field(default=LogFormat.JSON, description="Shape of a log line")
