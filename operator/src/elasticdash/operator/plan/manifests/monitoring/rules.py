"""Alerts about one instance, over the metrics of docs/guides/operations.md."""

from collections.abc import Sequence
from dataclasses import dataclass

from elasticdash.operator.plan.observed import Manifest


@dataclass(frozen=True, slots=True)
class Target:
    """Whose metrics: Prometheus gives every sample the namespace and the Service it was scraped through."""

    namespace: str
    web_service: str
    worker_service: str

    @property
    def web(self) -> str:
        """Label matchers of web's samples."""
        return f'namespace="{self.namespace}",service="{self.web_service}"'

    @property
    def worker(self) -> str:
        """Label matchers of the workers' samples."""
        return f'namespace="{self.namespace}",service="{self.worker_service}"'


def alerts(target: Target, max_oldest_age_seconds: int) -> Sequence[Manifest]:
    """The rules, the most urgent first. Accepted work that waits ten times its target is an alert."""
    return [*_availability(target), *_queue(target, 10 * max_oldest_age_seconds), *_stores(target)]


def _availability(target: Target) -> Sequence[Manifest]:
    failed = f'sum(rate(elasticdash_http_requests_total{{{target.web},status=~"5.."}}[5m]))'
    answered = f"sum(rate(elasticdash_http_requests_total{{{target.web}}}[5m]))"
    return [
        _alert(
            "ElasticDashWebDown",
            f"absent(up{{{target.web}}} == 1)",
            ("2m", "critical"),
            "No web process answers: nothing is accepted and nothing can be read.",
            "Look at the conditions WebReady and StoresReady of the ElasticDashLogger and at the web pods.",
        ),
        _alert(
            "ElasticDashWorkersDown",
            f"absent(up{{{target.worker}}} == 1)",
            ("5m", "critical"),
            "No worker answers: what is accepted is kept, and stored only when one is back.",
            "Look at the condition WorkersReady of the ElasticDashLogger and at the worker pods.",
        ),
        _alert(
            "ElasticDashRequestsFail",
            f"{failed} / {answered} > 0.05",
            ("10m", "warning"),
            "More than 5 % of the requests are answered 5xx.",
            "elasticdash_refused_requests_total says what is refused; the log of web says what fails.",
        ),
    ]


def _queue(target: Target, age_seconds: int) -> Sequence[Manifest]:
    return [
        _alert(
            "ElasticDashBacklogOld",
            f"max(elasticdash_queue_oldest_age_seconds{{{target.web}}}) > {age_seconds}",
            ("5m", "warning"),
            "Accepted events are not stored in time: traces show late.",
            "Compare the workers with spec.worker.autoscaling.max; the workers' log says when storing is paused.",
        ),
        _alert(
            "ElasticDashReferencesNotQueued",
            f"sum(rate(elasticdash_enqueue_failures_total{{{target.web}}}[5m])) > 0",
            ("10m", "warning"),
            "The queue takes no references: accepted events wait for the next sweep.",
            "Look at Redis: memory, connections, its eviction policy must be noeviction.",
        ),
        _alert(
            "ElasticDashSweepsFail",
            f"sum(increase(elasticdash_sweep_failures_total{{{target.worker}}}[15m])) > 3",
            ("0m", "warning"),
            "Looks for unprocessed batches fail.",
            "Run `elasticdash doctor` in a worker pod: it says which store is in the way.",
        ),
    ]


def _stores(target: Target) -> Sequence[Manifest]:
    failed = f"sum(rate(elasticdash_clickhouse_query_errors_total{{{target.worker}}}[5m]))"
    return [
        _alert(
            "ElasticDashClickHouseFails",
            f"{failed} > 0.1",
            ("10m", "warning"),
            "Statements at ClickHouse fail.",
            "Run `elasticdash doctor` in a worker pod: it checks version, rights, schema and disk.",
        ),
    ]


def _alert(name: str, expression: str, urgency: tuple[str, str], summary: str, action: str) -> Manifest:
    duration, severity = urgency
    return {
        "alert": name,
        "expr": expression,
        "for": duration,
        "labels": {"severity": severity},
        "annotations": {"summary": summary, "description": action},
    }
