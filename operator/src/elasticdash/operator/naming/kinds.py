"""The kinds of objects this operator makes, as "group/version/Kind"; core kinds have no group."""

CONFIG_MAP = "v1/ConfigMap"
SECRET = "v1/Secret"
SERVICE = "v1/Service"
SERVICE_ACCOUNT = "v1/ServiceAccount"
DEPLOYMENT = "apps/v1/Deployment"
STATEFUL_SET = "apps/v1/StatefulSet"
JOB = "batch/v1/Job"
POD_DISRUPTION_BUDGET = "policy/v1/PodDisruptionBudget"
HORIZONTAL_POD_AUTOSCALER = "autoscaling/v2/HorizontalPodAutoscaler"
NETWORK_POLICY = "networking.k8s.io/v1/NetworkPolicy"
INGRESS = "networking.k8s.io/v1/Ingress"

# Served only where their project is installed.
HTTP_ROUTE = "gateway.networking.k8s.io/v1/HTTPRoute"
SCALED_OBJECT = "keda.sh/v1alpha1/ScaledObject"
SERVICE_MONITOR = "monitoring.coreos.com/v1/ServiceMonitor"
PROMETHEUS_RULE = "monitoring.coreos.com/v1/PrometheusRule"


def split(kind: str) -> tuple[str, str]:
    """`apiVersion` and `kind` of an object of this kind."""
    api_version, _, name = kind.rpartition("/")
    return api_version, name
