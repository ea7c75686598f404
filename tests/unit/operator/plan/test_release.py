"""Which images run, and from which registry."""

from typing import Any

import pytest

from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.plan import release
from elasticdash.operator.plan.release import Release
from support.operator import looks

DIGEST = "sha256:" + "a" * 64


def images(found: Release, spec: dict[str, Any]) -> dict[str, str]:
    asked = LoggerSpec.model_validate(spec)
    return {
        "web": found.product_image("web", asked.image, asked.web.image, asked.version or found.version),
        "worker": found.product_image("worker", asked.image, asked.worker.image, asked.version or found.version),
        **{name: found.store_image(name, asked.image) for name in ("postgres", "clickhouse", "redis", "objectstore")},
    }


def test_a_registry_of_ones_own_replaces_every_registry() -> None:
    found = images(release.shipped({}), {"image": {"registry": "mirror.example.com:5000/hub"}})

    assert all(image.startswith("mirror.example.com:5000/hub/") for image in found.values())
    assert found["postgres"] == "mirror.example.com:5000/hub/library/postgres:17"
    assert found["worker"] == f"mirror.example.com:5000/hub/elasticdash/elasticdash-worker:{release.VERSION}"


def test_no_pod_of_an_instance_runs_an_image_from_elsewhere() -> None:
    spec = {
        **looks.DEV,
        "image": {"registry": "mirror.example.com"},
        "tls": {"trustedCaRef": {"name": "ca", "key": "k"}},
    }

    state = looks.plan(spec, given={"ca": {"k": "PEM"}})

    pods = [each["spec"]["template"]["spec"] for each in state.manifests if "template" in each.get("spec", {})]
    used = {each["image"] for pod in pods for each in [*pod["containers"], *pod.get("initContainers", [])]}
    assert len(used) == 6
    assert all(image.startswith("mirror.example.com/") for image in used)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, f"elasticdash/elasticdash-web:{release.VERSION}"),
        ({"version": "1.2.3"}, "elasticdash/elasticdash-web:1.2.3"),
        ({"web": {"image": {"digest": DIGEST}}}, f"elasticdash/elasticdash-web@{DIGEST}"),
        ({"web": {"image": {"repository": "own/web"}}}, f"own/web:{release.VERSION}"),
    ],
)
def test_version_digest_and_path_of_the_product(spec: dict[str, Any], expected: str) -> None:
    assert images(release.shipped({}), spec)["web"] == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("localhost/test/postgres:x", "localhost/test/postgres:x"),
        ("localhost:5000/postgres", "localhost:5000/postgres"),
        ("postgres", "postgres"),
        ("test/postgres@sha256:" + "b" * 64, "test/postgres@sha256:" + "b" * 64),
    ],
)
def test_settings_of_the_operator_replace_images(reference: str, expected: str) -> None:
    assert images(release.shipped({"postgres": reference}), {})["postgres"] == expected


def test_an_image_of_the_settings_with_a_tag_keeps_it() -> None:
    assert images(release.shipped({"web": "localhost/web:test"}), {"version": "1.2.3"})["web"] == "localhost/web:test"
