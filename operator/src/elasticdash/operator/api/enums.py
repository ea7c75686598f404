"""The words that fields and the status may hold."""

from enum import StrEnum


class Profile(StrEnum):
    """What an instance is for."""

    DEV = "dev"
    STANDARD = "standard"
    PRODUCTION = "production"


class DeletionPolicy(StrEnum):
    """What becomes of data when the resource is deleted."""

    RETAIN = "Retain"
    DELETE = "Delete"


class PullPolicy(StrEnum):
    """When the kubelet fetches an image."""

    ALWAYS = "Always"
    IF_NOT_PRESENT = "IfNotPresent"
    NEVER = "Never"


class SslMode(StrEnum):
    """libpq's sslmode."""

    DISABLE = "disable"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


class RedisMode(StrEnum):
    """How Redis is laid out."""

    SINGLE = "Single"
    SENTINEL = "Sentinel"
    CLUSTER = "Cluster"


class WebScaling(StrEnum):
    """Who sets the number of web pods; Auto is HPA, and None in profile dev."""

    AUTO = "Auto"
    HPA = "HPA"
    NONE = "None"


class WorkerScaling(StrEnum):
    """Who sets the number of workers; Auto is KEDA where its API exists, else Builtin, and None in profile dev."""

    AUTO = "Auto"
    KEDA = "KEDA"
    BUILTIN = "Builtin"
    HPA = "HPA"
    NONE = "None"


class MigrationMode(StrEnum):
    """Whether a migration waits for a person."""

    AUTO = "Auto"
    MANUAL = "Manual"


class ServiceType(StrEnum):
    """Type of the Service in front of web."""

    CLUSTER_IP = "ClusterIP"
    NODE_PORT = "NodePort"
    LOAD_BALANCER = "LoadBalancer"


class IssuerKind(StrEnum):
    """cert-manager's kinds of issuers."""

    ISSUER = "Issuer"
    CLUSTER_ISSUER = "ClusterIssuer"


class WhenAvailable(StrEnum):
    """Auto makes the object where its API exists."""

    AUTO = "Auto"
    OFF = "Off"


class LogLevel(StrEnum):
    """Least severe log shown."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """Shape of a log line."""

    JSON = "json"
    CONSOLE = "console"


class RotationClass(StrEnum):
    """What can be rotated."""

    POSTGRES = "postgres"
    CLICKHOUSE = "clickhouse"
    REDIS = "redis"
    SALT = "salt"
    SESSION_SECRET = "session-secret"
    ENCRYPTION_KEY = "encryption-key"
    PROJECT_KEYS = "project-keys"


class Phase(StrEnum):
    """One word for an instance, made from its conditions."""

    PENDING = "Pending"
    PREFLIGHT = "Preflight"
    MIGRATING = "Migrating"
    PROGRESSING = "Progressing"
    READY = "Ready"
    DEGRADED = "Degraded"
    PAUSED = "Paused"
    BLOCKED = "Blocked"
    DELETING = "Deleting"


class ConditionType(StrEnum):
    """What a condition is about."""

    SPEC_VALID = "SpecValid"
    STORES_READY = "StoresReady"
    SECRETS_READY = "SecretsReady"
    MIGRATIONS_APPLIED = "MigrationsApplied"
    WEB_READY = "WebReady"
    WORKERS_READY = "WorkersReady"
    AUTOSCALING_ACTIVE = "AutoscalingActive"
    QUEUE_HEALTHY = "QueueHealthy"
    ROTATION_READY = "RotationReady"
    UPGRADE_PROGRESSING = "UpgradeProgressing"
    PAUSED = "Paused"
    RECONCILE_SUCCEEDED = "ReconcileSucceeded"
    READY = "Ready"


class Reason(StrEnum):
    """Why a condition is as it is."""

    VALID = "Valid"
    CONFLICTING_FIELDS = "ConflictingFields"
    UNSUPPORTED_VERSION = "UnsupportedVersion"
    REACHABLE = "Reachable"
    STARTING = "Starting"
    AUTH_FAILED = "AuthFailed"
    TLS_FAILED = "TLSFailed"
    VERSION_TOO_OLD = "VersionTooOld"
    UNREACHABLE = "Unreachable"
    CHECK_FAILED = "CheckFailed"
    GENERATED = "Generated"
    MISSING = "Missing"
    UP_TO_DATE = "UpToDate"
    WAITING = "Waiting"
    RUNNING = "Running"
    LOCK_HELD = "LockHeld"
    FAILED = "Failed"
    TIMED_OUT = "TimedOut"
    AWAITING_APPROVAL = "AwaitingApproval"
    DOWNGRADE_REFUSED = "DowngradeRefused"
    RETARGET_BLOCKED = "RetargetBlocked"
    OWNED_BY_OTHER = "OwnedByOther"
    AVAILABLE = "Available"
    ROLLING = "Rolling"
    CRASH_LOOP = "CrashLoop"
    IMAGE_PULL = "ImagePull"
    UNSCHEDULABLE = "Unschedulable"
    QUOTA_EXCEEDED = "QuotaExceeded"
    UPGRADE_BLOCKED = "UpgradeBlocked"
    KEDA = "KEDA"
    HPA = "HPA"
    BUILTIN = "Builtin"
    DISABLED = "Disabled"
    METRIC_UNAVAILABLE = "MetricUnavailable"
    AT_MAX = "AtMax"
    CONNECTIONS_EXHAUSTED = "ConnectionsExhausted"
    WITHIN_TARGET = "WithinTarget"
    BACKLOGGED = "Backlogged"
    STUCK = "Stuck"
    UNKNOWN = "Unknown"
    IDLE = "Idle"
    IN_PROGRESS = "InProgress"
    BLOCKED = "Blocked"
    STORE_REJECTED = "StoreRejected"
    BY_USER = "ByUser"
    NOT_PAUSED = "NotPaused"
    SUCCEEDED = "Succeeded"
    CONFLICT = "Conflict"
    FORBIDDEN = "Forbidden"
    API_ERROR = "ApiError"
    ALL_COMPONENTS_READY = "AllComponentsReady"
    DELIVERED = "Delivered"
    LOGGER_NOT_FOUND = "LoggerNotFound"
    LOGGER_NOT_READY = "LoggerNotReady"
