"""What the operator measures, in the registry every process of ours shows. Labels have few values each."""

from prometheus_client import Counter, Gauge, Histogram

from elasticdash.shared.telemetry.metrics import REGISTRY

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

RECONCILES = Counter(
    "elasticdash_operator_reconciles_total",
    "Looks at an instance by how they ended",
    ("kind", "outcome"),
    registry=REGISTRY,
)
RECONCILE_SECONDS = Histogram(
    "elasticdash_operator_reconcile_duration_seconds",
    "Time of one look and what it changed",
    ("kind",),
    buckets=_SECONDS,
    registry=REGISTRY,
)
WRITES = Counter(
    "elasticdash_operator_writes_total", "Objects written, by kind and verb", ("kind", "verb"), registry=REGISTRY
)
INSTANCES = Gauge("elasticdash_operator_instances", "Instances by phase", ("phase",), registry=REGISTRY)
IS_LEADER = Gauge("elasticdash_operator_is_leader", "1 in the process that holds the Lease", registry=REGISTRY)
LATENESS = Gauge(
    "elasticdash_operator_oldest_due_seconds", "How late the look that is due longest is", registry=REGISTRY
)
MIGRATIONS = Counter(
    "elasticdash_operator_migrations_total", "Finished migration Jobs", ("store", "outcome"), registry=REGISTRY
)
SCALINGS = Counter(
    "elasticdash_operator_scalings_total", "Changes of the number of workers", ("direction",), registry=REGISTRY
)
