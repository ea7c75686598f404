"""What to do about a condition's reason; docs/guides/operator/troubleshooting.md says the same, as a test sees to."""

from collections.abc import Mapping
from typing import Final

from elasticdash.operator.api.enums import ConditionType, Reason

_COMPONENT: Final[Mapping[Reason, str]] = {
    Reason.WAITING: "They start after the migrations",
    Reason.ROLLING: "Wait; `kubectl rollout status deployment/obs-web`",
    Reason.CRASH_LOOP: "`kubectl logs --previous`; `OOMKilled`: raise the component's `resources.limits.memory`",
    Reason.IMAGE_PULL: "Check `spec.version`, `spec.image` and its pull secrets",
    Reason.MISSING: "A Secret, a ConfigMap or a key that `env` or `envFrom` names isn't there",
    Reason.UNSCHEDULABLE: "Add nodes, or lower requests and `spec.scheduling`",
    Reason.QUOTA_EXCEEDED: "Raise the namespace's ResourceQuota",
    Reason.UPGRADE_BLOCKED: (
        "No pod of the new kind became ready within `spec.upgrade.progressDeadline`; the old ones serve. "
        "Look at `status.issues`, then mend the specification or put it back"
    ),
}
ADVICE: Final[Mapping[ConditionType, Mapping[Reason, str]]] = {
    ConditionType.SPEC_VALID: {
        Reason.CONFLICTING_FIELDS: (
            "The message names fields and rules. Rules that the API server knows were refused at once; this "
            "is about the rest, for example a field of a newer operator"
        ),
        Reason.UNSUPPORTED_VERSION: "Use an operator that knows this `spec.version`",
    },
    ConditionType.SECRETS_READY: {
        Reason.MISSING: (
            "Make the Secret or the key that the message names, in the instance's namespace. It is seen at once"
        ),
    },
    ConditionType.STORES_READY: {
        Reason.STARTING: "A bundled store isn't ready yet: `kubectl get pods`, `kubectl describe pod`",
        Reason.UNREACHABLE: "Check host, port, DNS and network policies; is the server up?",
        Reason.AUTH_FAILED: (
            "User or password are wrong, or the user lacks a right the message names. In a URL `@ : / ? #` "
            "are percent-encoded"
        ),
        Reason.TLS_FAILED: "Name the authority in `spec.tls.trustedCaRef`, or the host name that is in the certificate",
        Reason.VERSION_TOO_OLD: "Upgrade the server: Postgres 15, ClickHouse 25.8, Redis or Valkey 7",
        Reason.CHECK_FAILED: "The message holds the check and its remedy",
        Reason.UNKNOWN: "Nothing was asked yet: wait until web and workers are ready",
    },
    ConditionType.MIGRATIONS_APPLIED: {
        Reason.WAITING: "Bundled stores are starting, or a setting is missing: see the conditions above",
        Reason.RUNNING: "Wait; the message names the store",
        Reason.CHECK_FAILED: "A store can't be used: see StoresReady. It is tried again every minute",
        Reason.LOCK_HELD: (
            "Another migration runs on this Postgres. It is tried again by itself; nobody else there? Look "
            "for `pg_advisory_lock` in `pg_stat_activity`"
        ),
        Reason.UNREACHABLE: "A store went away meanwhile. It is tried again by itself",
        Reason.FAILED: (
            "Mend what the message and its last statement name, then `kubectl annotate edl obs "
            "elasticdash.io/retry-migration=1` (each time another value). Or put the old `spec.version` back"
        ),
        Reason.TIMED_OUT: (
            "Raise `spec.migrations.timeout`, then retry by the annotation; what was applied stays applied"
        ),
        Reason.AWAITING_APPROVAL: (
            "`spec.migrations.mode` is Manual: set `approvedIdentity` to the identity in the message"
        ),
        Reason.DOWNGRADE_REFUSED: "The schema is that of a newer version. Use that version, or a newer one",
        Reason.OWNED_BY_OTHER: (
            "Another instance, which the message names, has these very stores: give this one databases of its own,"
            " or delete the other"
        ),
        Reason.RETARGET_BLOCKED: (
            "The stores are others than those that were migrated: put the old ones back, or set "
            "`allowRetarget` to the identity in the message when the data was moved. Until then nothing is "
            "touched"
        ),
    },
    ConditionType.WEB_READY: _COMPONENT,
    ConditionType.WORKERS_READY: _COMPONENT,
    ConditionType.AUTOSCALING_ACTIVE: {
        Reason.KEDA: "They set the number of workers",
        Reason.HPA: "They set the number of workers",
        Reason.BUILTIN: "They set the number of workers",
        Reason.DISABLED: "`spec.worker.replicas` sets it",
        Reason.WAITING: "There are no workers yet",
        Reason.METRIC_UNAVAILABLE: (
            "The queue, or with HPA the CPU, can't be read; no worker is taken away. Is Redis up, is KEDA or "
            "the metrics server installed?"
        ),
        Reason.AT_MAX: "Raise `spec.worker.autoscaling.maxReplicas` if the stores bear it",
        Reason.CONNECTIONS_EXHAUSTED: (
            "More workers than `spec.stores.postgres.maxConnections` has room for: raise it, lower "
            "`poolSize`, or use a pooler"
        ),
    },
    ConditionType.QUEUE_HEALTHY: {
        Reason.BACKLOGGED: "Workers are too few or too slow: see AutoscalingActive",
        Reason.STUCK: "Nothing moves: look at the workers' log; does ClickHouse take inserts, has it room?",
        Reason.UNKNOWN: "Web can't say it now: is Redis up?",
    },
    ConditionType.ROTATION_READY: {
        Reason.IN_PROGRESS: "Wait; `status.rotation` says for what",
        Reason.BLOCKED: (
            "The old credential is still in use, or pods with the new one don't become ready. Both work "
            "until then; the message says what it waits for"
        ),
        Reason.STORE_REJECTED: "The store refused the new credential; nothing was changed. Check `adminRef`",
    },
    ConditionType.UPGRADE_PROGRESSING: {
        Reason.IN_PROGRESS: "Wait; the message says for what",
        Reason.UPGRADE_BLOCKED: "The old version runs on. See MigrationsApplied, WebReady and WorkersReady",
    },
    ConditionType.PAUSED: {
        Reason.BY_USER: "Set `spec.paused: false`, or take the annotation `elasticdash.io/paused` away",
    },
    ConditionType.RECONCILE_SUCCEEDED: {
        Reason.CONFLICT: (
            "Somebody else changes the same fields. It is tried again; look who: `kubectl get … --show-managed-fields`"
        ),
        Reason.FORBIDDEN: (
            "The operator lacks the right that the message names: install the chart's roles of this version"
        ),
        Reason.API_ERROR: (
            "The API server refused an object; the message says which and why. Often an overlay (`podTemplate`)"
        ),
    },
}
