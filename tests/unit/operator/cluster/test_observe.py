"""Understanding a resource: specifications of another version, Secrets it refers to, and people's annotations."""

from typing import Any

import pytest

from elasticdash.operator import reconcile
from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.status import LoggerStatus
from elasticdash.operator.cluster import observe
from elasticdash.operator.cluster.observe import InvalidSpec
from elasticdash.operator.plan.observed import Instance


def manifest(spec: dict[str, Any], annotations: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    metadata = {"name": "obs", "namespace": "prod", "uid": "u", "generation": 1, "annotations": annotations or {}}
    return {"kind": "ElasticDashLogger", "metadata": metadata, "spec": spec, **more}


def instance(found: Instance | InvalidSpec) -> Instance:
    assert isinstance(found, Instance)
    return found


def test_a_word_of_a_newer_version_is_named_and_its_value_is_not():
    found = observe.instance_from_manifest(manifest({"profile": "gigantic-canary"}))

    assert isinstance(found, InvalidSpec)
    assert "profile" in found.message
    assert "canary" not in found.message


def test_a_status_that_cannot_be_understood_is_none_yet():
    found = observe.instance_from_manifest(manifest({"profile": "dev"}, status={"conditions": "none"}))

    assert instance(found).status == LoggerStatus()


def test_every_secret_of_a_specification_is_found_however_deep():
    spec = LoggerSpec.model_validate(
        {
            "storesFrom": {"secretRef": {"name": "stores"}},
            "stores": {
                "postgres": {"urlRef": {"name": "pg", "key": "url"}},
                "redis": {
                    "mode": "Sentinel",
                    "nodes": ["a:26379"],
                    "sentinel": {"masterName": "m", "passwordRef": {"name": "sentinel", "key": "p"}},
                },
            },
            "secrets": {"existingRef": {"name": "own"}},
            "tls": {"trustedCaRef": {"name": "authorities", "key": "ca.crt"}},
        }
    )

    assert observe.referenced_secrets(spec) == {"stores", "pg", "sentinel", "own", "authorities"}


@pytest.mark.parametrize(
    ("spec", "annotations", "is_paused"),
    [
        ({}, {}, False),
        ({}, {"elasticdash.io/paused": "false"}, False),
        ({}, {"elasticdash.io/paused": "true"}, True),
        ({}, {"elasticdash.io/paused": "True"}, True),
        ({"paused": True}, {}, True),
    ],
)
def test_pausing_is_a_field_or_an_annotation(spec: dict[str, Any], annotations: dict[str, str], is_paused: bool):
    found = observe.instance_from_manifest(manifest({"profile": "dev", **spec}, annotations))

    assert reconcile.is_paused(instance(found)) is is_paused
