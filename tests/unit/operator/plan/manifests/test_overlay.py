"""A part of a pod template over a whole one."""

from typing import Any

import pytest

from elasticdash.operator.plan.manifests import overlay
from support.operator import looks


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({"a": 1, "b": {"c": 2}}, {"b": {"d": 3}}, {"a": 1, "b": {"c": 2, "d": 3}}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": "text"}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"command": ["a"]}, {"command": ["b", "c"]}, {"command": ["b", "c"]}),
        ({"tolerations": [{"key": "a"}]}, {"tolerations": [{"key": "b"}]}, {"tolerations": [{"key": "b"}]}),
        (
            {"containers": [{"name": "web", "image": "x", "env": [{"name": "A", "value": "1"}]}]},
            {"containers": [{"name": "proxy"}, {"name": "web", "env": [{"name": "A", "value": "2"}, {"name": "B"}]}]},
            {
                "containers": [
                    {"name": "web", "image": "x", "env": [{"name": "A", "value": "2"}, {"name": "B"}]},
                    {"name": "proxy"},
                ]
            },
        ),
        (
            {"volumeMounts": [{"mountPath": "/tmp", "name": "tmp"}]},
            {"volumeMounts": [{"mountPath": "/tmp", "name": "own"}]},
            {"volumeMounts": [{"mountPath": "/tmp", "name": "own"}]},
        ),
    ],
)
def test_objects_merge_and_named_entries_meet(base: Any, over: Any, expected: Any) -> None:
    assert overlay.merged(base, over) == expected


def test_the_pod_template_of_the_spec_is_laid_over_last() -> None:
    sidecar = {"name": "proxy", "image": "proxy:1"}
    own = {"metadata": {"labels": {"team": "a"}}, "spec": {"priorityClassName": "high", "containers": [sidecar]}}
    spec = {**looks.STANDARD, "scheduling": {"priorityClassName": "low"}, "web": {"podTemplate": own}}

    state = looks.plan(spec)

    web = looks.by_key(state)["Deployment", "obs-web"]["spec"]["template"]
    assert web["metadata"]["labels"]["team"] == "a"
    assert web["spec"]["priorityClassName"] == "high"
    assert [container["name"] for container in web["spec"]["containers"]] == ["web", "proxy"]
    assert looks.pod_of(state, "Deployment", "obs-worker")["priorityClassName"] == "low"
