"""What a profile decides, and who sets the number of pods."""

from collections.abc import Set

from elasticdash.operator.api.enums import Profile, WebScaling, WorkerScaling
from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.naming import kinds


def web_scaling(spec: LoggerSpec) -> WebScaling:
    """HPA or None."""
    mode = spec.web.autoscaling.mode
    if mode is not WebScaling.AUTO:
        return mode
    return WebScaling.NONE if spec.profile is Profile.DEV else WebScaling.HPA


def worker_scaling(spec: LoggerSpec, capabilities: Set[str]) -> WorkerScaling:
    """KEDA, Builtin, HPA or None. Where KEDA is asked for and not installed, the operator keeps the fewest."""
    mode = spec.worker.autoscaling.mode
    if mode is not WorkerScaling.AUTO:
        return mode
    if spec.profile is Profile.DEV:
        return WorkerScaling.NONE
    return WorkerScaling.KEDA if kinds.SCALED_OBJECT in capabilities else WorkerScaling.BUILTIN


def fewest_web_pods(spec: LoggerSpec) -> int:
    """How many there always are."""
    return spec.web.replicas if web_scaling(spec) is WebScaling.NONE else spec.web.autoscaling.min_replicas


def fewest_workers(spec: LoggerSpec, capabilities: Set[str]) -> int:
    """How many there always are."""
    scaling = worker_scaling(spec, capabilities)
    if scaling is WorkerScaling.NONE:
        return spec.worker.replicas
    can_be_none = spec.worker.autoscaling.scale_to_zero and scaling is not WorkerScaling.HPA
    return 0 if can_be_none else spec.worker.autoscaling.min_replicas


def spread_is_required(spec: LoggerSpec) -> bool:
    """Whether pods wait rather than crowd on one host: in production losing a host must not lose a component."""
    return spec.profile is Profile.PRODUCTION
