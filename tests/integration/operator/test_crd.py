"""The resource definitions on a real API server: what it takes, what it adds, what it refuses and how it says so."""

import secrets
from collections.abc import Generator, Mapping
from http import HTTPStatus
from typing import Any

import pytest

from elasticdash.operator.api import logger, project
from elasticdash.operator.documents import crd
from elasticdash.operator.naming import labels
from support.kubernetes.api import ApiError, Object
from support.kubernetes.cluster import Cluster
from support.operator import crd_examples, definitions, scenarios
from support.operator.crd_examples import Broken
from support.operator.scenarios import Scenario

LOGGER = "ElasticDashLogger"
PROJECT = "ElasticDashProject"


@pytest.fixture(scope="module")
def place(kubernetes: Cluster) -> Generator[str]:
    """A namespace where both kinds are known."""
    definitions.install(kubernetes.api)
    with kubernetes.namespace() as name:
        yield name


@pytest.fixture
def name() -> str:
    """A name that no other object of the namespace has."""
    return f"obs-{secrets.token_hex(4)}"


def _in(place: str, resource: Object, name: str | None = None) -> Object:
    metadata = {**resource["metadata"], "namespace": place}
    return {**resource, "metadata": {**metadata, "name": name} if name else metadata}


def _create(cluster: Cluster, place: str, name: str, kind: str = LOGGER, **parts: Any) -> Object:
    return cluster.api.create(_in(place, crd_examples.resource(kind, **parts), name))


def _url(cluster: Cluster, resource: Object, subresource: str) -> str:
    return f"{cluster.api.path_of(resource)}/{subresource}"


def _write(cluster: Cluster, place: str, broken: Broken, name: str) -> None:
    """Make the object that breaks the rule, out of the one before where the rule is about a change."""
    if broken.before is None:
        cluster.api.create(_in(place, broken.rejected))
    else:
        cluster.api.merge(_in(place, broken.rejected, name), {"spec": broken.rejected["spec"]})


@pytest.mark.parametrize("broken", list(crd_examples.broken_rules()), ids=lambda broken: broken.id)
def test_what_breaks_a_rule_is_refused_with_its_message(
    kubernetes: Cluster, place: str, name: str, broken: Broken
) -> None:
    if broken.before is not None:
        kubernetes.api.create(_in(place, broken.before, name))

    with pytest.raises(ApiError) as refused:
        _write(kubernetes, place, broken, name)

    assert refused.value.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert broken.rule.message in refused.value.message


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"profile": "huge"}, "spec.profile"),
        ({"version": "latest"}, "spec.version"),
        ({"url": "obs.example.com"}, "spec.url"),
        ({"url": "https://obs.example.com/path"}, "spec.url"),
        ({"worker": {"drainTimeout": "30"}}, "spec.worker.drainTimeout"),
        ({"worker": {"replicas": -1}}, "spec.worker.replicas"),
        ({"web": {"image": {"digest": "sha256:abc"}}}, "spec.web.image.digest"),
        ({"web": {"resources": {"requests": {"cpu": "much"}}}}, "spec.web.resources.requests.cpu"),
        ({"stores": {"clickhouse": {"url": "http://user:password@host:8123"}}}, "spec.stores.clickhouse.url"),
        ({"stores": {"postgres": {"urlRef": {"name": "stores"}}}}, "spec.stores.postgres.urlRef.key"),
        ({"secrets": {"rotation": {"every": "2h", "classes": ["everything"]}}}, "spec.secrets.rotation.classes"),
        ({"secrets": {"rotation": {"every": "2h", "classes": ["salt", "salt"]}}}, "spec.secrets.rotation.classes"),
        ({"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}, "spec.env"),
        ({"env": [{"name": "A B", "value": "1"}]}, "spec.env[0].name"),
    ],
)
def test_a_value_of_the_wrong_shape_is_refused_by_its_field(
    kubernetes: Cluster, place: str, name: str, spec: dict[str, Any], field: str
) -> None:
    with pytest.raises(ApiError) as refused:
        _create(kubernetes, place, name, spec=spec)

    assert refused.value.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert field in refused.value.message


def test_a_misspelt_field_is_refused_where_strictness_is_asked_for(kubernetes: Cluster, place: str) -> None:
    resource = _in(place, crd_examples.resource(LOGGER, spec={"workers": {"replicas": 2}}))
    path = kubernetes.api.collection(labels.API_VERSION, LOGGER, place)

    with pytest.raises(ApiError, match="unknown field"):
        kubernetes.api.request("POST", path, json=resource, params={"fieldValidation": "Strict"})


@pytest.mark.parametrize("definition", crd.definitions(), ids=lambda each: each["spec"]["names"]["kind"])
def test_the_server_finds_the_schemas_structural_and_the_rules_cheap(
    kubernetes: Cluster, place: str, definition: Mapping[str, Any]
) -> None:
    served = kubernetes.api.get("apiextensions.k8s.io/v1", definition["kind"], definition["metadata"]["name"])

    conditions = {each["type"]: each["status"] for each in served["status"]["conditions"]}
    assert conditions["Established"] == "True"
    assert conditions.get("NonStructuralSchema", "False") == "False"


@pytest.mark.parametrize(
    ("kind", "model"), [(LOGGER, logger.LoggerSpec), (PROJECT, project.ProjectSpec)], ids=[LOGGER, PROJECT]
)
def test_the_server_adds_the_defaults_that_the_models_have(
    kubernetes: Cluster, place: str, name: str, kind: str, model: type[logger.LoggerSpec] | type[project.ProjectSpec]
) -> None:
    created = _create(kubernetes, place, name, kind)

    expected = model.model_validate(crd_examples.SMALLEST[kind])
    assert created["spec"] == expected.model_dump(mode="json", by_alias=True, exclude_none=True)


@pytest.mark.parametrize("spec", crd_examples.GOOD.values(), ids=crd_examples.GOOD)
def test_good_specs_are_taken_and_read_as_they_were_meant(
    kubernetes: Cluster, place: str, name: str, spec: dict[str, Any]
) -> None:
    created = _create(kubernetes, place, name, spec=spec)

    stored = logger.LoggerSpec.model_validate(created["spec"])
    assert stored == logger.LoggerSpec.model_validate(crd_examples.resource(LOGGER, spec=spec)["spec"])


@pytest.mark.parametrize("scenario", scenarios.SCENARIOS.values(), ids=scenarios.SCENARIOS)
def test_what_fields_are_tried_in_could_be(kubernetes: Cluster, place: str, name: str, scenario: Scenario) -> None:
    created = _create(kubernetes, place, name, spec={"profile": "standard", **scenario.spec})

    assert created["spec"] == scenarios.complete(scenario.spec)


def test_the_scale_subresource_is_of_the_workers(kubernetes: Cluster, place: str, name: str) -> None:
    created = _create(kubernetes, place, name)
    status = {"worker": {"replicas": 2, "selector": "app.kubernetes.io/component=worker"}}
    kubernetes.api.merge(created, {"status": status}, "status")

    scale = kubernetes.api.request("GET", _url(kubernetes, created, "scale")).json()
    scale["spec"]["replicas"] = 5
    kubernetes.api.request("PUT", _url(kubernetes, created, "scale"), json=scale)

    assert scale["status"] == {"replicas": 2, "selector": "app.kubernetes.io/component=worker"}
    assert kubernetes.api.get(labels.API_VERSION, LOGGER, name, place)["spec"]["worker"]["replicas"] == 5


def test_status_is_written_apart_from_the_spec(kubernetes: Cluster, place: str, name: str) -> None:
    created = _create(kubernetes, place, name)

    kubernetes.api.merge(created, {"status": {"phase": "Ready"}})
    kubernetes.api.merge(created, {"spec": {"paused": True}, "status": {"phase": "Paused"}}, "status")

    stored = kubernetes.api.get(labels.API_VERSION, LOGGER, name, place)
    assert stored["status"]["phase"] == "Paused"
    assert stored["spec"]["paused"] is False


def test_conditions_are_one_for_each_type(kubernetes: Cluster, place: str, name: str) -> None:
    created = _create(kubernetes, place, name)
    condition = {"type": "Ready", "status": "True", "reason": "Valid", "lastTransitionTime": "2026-01-01T00:00:00Z"}

    with pytest.raises(ApiError, match="Duplicate value"):
        kubernetes.api.merge(created, {"status": {"conditions": [condition, condition]}}, "status")


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (LOGGER, ["Name", "Version", "Ready", "Phase", "Web", "Workers", "Queue", "Migration", "URL", "Age"]),
        (PROJECT, ["Name", "Logger", "Project", "Secret", "Ready", "Age"]),
    ],
)
def test_kubectl_shows_one_line_that_says_how_it_is(
    kubernetes: Cluster, place: str, kind: str, columns: list[str]
) -> None:
    path = kubernetes.api.collection(labels.API_VERSION, kind, place)

    table = kubernetes.api.request("GET", path, headers={"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"})

    assert [column["name"] for column in table.json()["columnDefinitions"]] == columns
