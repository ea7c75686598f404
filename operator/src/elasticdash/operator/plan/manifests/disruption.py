"""How many pods a drained node may take at once."""

from collections.abc import Sequence

from elasticdash.operator.naming import kinds, labels, names
from elasticdash.operator.plan import objects, profiles
from elasticdash.operator.plan.manifests.blueprint import WEB, WORKER, Blueprint
from elasticdash.operator.plan.observed import Manifest


def budgets(blueprint: Blueprint) -> Sequence[Manifest]:
    """One at a time, of components with at least two pods: a budget for a single pod would only block drains."""
    spec = blueprint.spec
    fewest = (
        (names.web(blueprint.name), WEB, profiles.fewest_web_pods(spec)),
        (names.worker(blueprint.name), WORKER, profiles.fewest_workers(spec, blueprint.observed.capabilities)),
    )
    return [_budget(blueprint, name, component) for name, component, count in fewest if count >= 2]


def _budget(blueprint: Blueprint, name: str, component: str) -> Manifest:
    body = {
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": labels.selector_of(blueprint.name, component)},
        }
    }
    return objects.child(blueprint.instance, kinds.POD_DISRUPTION_BUDGET, name, component, body)
