"""The operator's chart: what it refuses, what it grants, what it makes."""

import json
from typing import Any

import pytest
import yaml
from helm_python import Chart, HelmRenderError, HelmValuesError
from helm_python.chart import lint

from elasticdash.operator.documents import chart_values
from elasticdash.operator.naming import kinds, labels
from elasticdash.operator.settings import OperatorSettings
from support.operator import chart

_DOCUMENT = yaml.safe_load((chart.CHART / "Chart.yaml").read_text())


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"replica": 1}, "replica"),
        ({"replicas": 0}, "replicas"),
        ({"replicas": "2"}, "replicas"),
        ({"image": {"digest": "latest"}}, "digest"),
        ({"image": {"tags": "1"}}, "tags"),
        ({"image": {"pullPolicy": "Sometimes"}}, "pullPolicy"),
        ({"instanceImages": {"mysql": "mysql:8"}}, "mysql"),
        ({"watchNamespaces": ["Team A"]}, "watchNamespaces"),
        ({"watchNamespaces": "team-a"}, "watchNamespaces"),
        ({"log": {"level": "loud"}}, "level"),
        ({"metrics": {"serviceMonitor": {"interval": "often"}}}, "interval"),
        ({"test": {"logger": "Obs"}}, "logger"),
        ({"resyncSeconds": 0}, "resyncSeconds"),
        ({"imagePullSecrets": [{"name": "mirror"}]}, "imagePullSecrets"),
    ],
)
def test_values_that_mean_nothing_are_refused(values: dict[str, Any], named: str) -> None:
    with Chart.load(chart.CHART) as loaded, pytest.raises(HelmValuesError, match=named):
        loaded.validate_schema(values)


def test_a_service_monitor_without_its_service_is_refused() -> None:
    with pytest.raises(HelmRenderError, match="needs the Service"):
        chart.objects({"metrics": {"service": False, "serviceMonitor": {"create": True}}})


@pytest.mark.parametrize("values", chart.CASES.values(), ids=chart.CASES)
def test_lint_finds_nothing(values: dict[str, Any]) -> None:
    report = lint(chart.CHART, values, strict=True)

    assert report["errors"] == []
    assert [message for message in report["messages"] if message["severity"] >= 2] == []


@pytest.mark.parametrize("values", chart.CASES.values(), ids=chart.CASES)
def test_no_rule_has_a_wildcard_and_none_is_cluster_wide_for_named_namespaces(values: dict[str, Any]) -> None:
    made = chart.objects(values)

    for role in [each for each in made if each["kind"] in ("Role", "ClusterRole")]:
        for rule in role["rules"]:
            assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
    if values.get("watchNamespaces"):
        assert [each["metadata"]["name"] for each in made if each["kind"].startswith("Cluster")] == []


@pytest.mark.parametrize("values", chart.CASES.values(), ids=chart.CASES)
def test_pods_meet_the_restricted_standard(values: dict[str, Any]) -> None:
    made = chart.objects(values)
    pods = [each["spec"]["template"]["spec"] for each in made if each["kind"] == "Deployment"]
    pods += [each["spec"] for each in made if each["kind"] == "Pod"]

    assert len(pods) == 2
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_definitions_are_the_generated_ones_and_stay_when_the_chart_goes() -> None:
    made = [each for each in chart.objects({}) if each["kind"] == "CustomResourceDefinition"]

    assert len(made) == 2
    for definition in made:
        plain = yaml.safe_load((chart.ROOT / "crds" / f"{definition['spec']['names']['plural']}.yaml").read_text())
        assert definition["spec"] == plain["spec"]
        assert definition["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert not [each for each in chart.objects({"crds": {"install": False}}) if each["kind"] == made[0]["kind"]]


def test_the_operator_reads_every_variable_it_is_given() -> None:
    (deployment,) = [each for each in chart.objects(chart.CASES["air-gap"]) if each["kind"] == "Deployment"]
    given = [each["name"] for each in deployment["spec"]["template"]["spec"]["containers"][0]["env"]]

    assert given
    for name in given:
        assert name.removeprefix("ELASTICDASH_OPERATOR_").lower() in OperatorSettings.model_fields, name


@pytest.mark.parametrize("values", chart.CASES.values(), ids=chart.CASES)
def test_pods_have_the_name_that_network_policies_let_in(values: dict[str, Any]) -> None:
    (deployment,) = [each for each in chart.objects(values) if each["kind"] == "Deployment"]

    assert deployment["spec"]["template"]["metadata"]["labels"][labels.NAME] == "elasticdash-operator"


@pytest.mark.parametrize(
    ("release", "name"), [("elasticdash", "elasticdash-operator"), ("my-operator", "my-operator"), ("a", "a-operator")]
)
def test_objects_are_named_after_the_release(release: str, name: str) -> None:
    (deployment,) = [each for each in chart.objects({}, release=release) if each["kind"] == "Deployment"]

    assert deployment["metadata"]["name"] == name


def test_the_schema_is_in_step_with_the_model() -> None:
    assert (chart.CHART / "values.schema.json").read_text() == chart_values.schema()


def test_the_values_file_holds_every_value_at_its_default() -> None:
    defaults = json.loads(chart_values.Values().model_dump_json(by_alias=True, exclude={"global_"}))

    assert yaml.safe_load((chart.CHART / "values.yaml").read_text()) == defaults


@pytest.mark.parametrize("case", chart.CASES)
def test_the_chart_makes_what_its_golden_says(case: str) -> None:
    assert chart.golden(chart.CASES[case]) == (chart.GOLDENS / f"{case}.yaml").read_text()


@pytest.mark.parametrize("case", chart.CASES)
def test_each_value_in_a_golden_makes_a_difference(case: str) -> None:
    whole = chart.objects(chart.CASES[case])

    for key in chart.CASES[case]:
        without = {name: value for name, value in chart.CASES[case].items() if name != key}
        assert chart.objects(without) != whole, key


def _plural(kind: str) -> str:
    name = kind.lower()
    return name[:-1] + "ies" if name.endswith("y") else f"{name}es" if name.endswith("s") else f"{name}s"


@pytest.mark.parametrize("case", ["default", "namespaced"])
@pytest.mark.parametrize("kind", sorted(value for name, value in vars(kinds).items() if name.isupper()))
def test_the_operator_may_make_and_change_every_kind_it_makes(case: str, kind: str) -> None:
    api_version, name = kinds.split(kind)
    group = api_version.rpartition("/")[0]
    roles = [each for each in chart.objects(chart.CASES[case]) if each["kind"] in ("Role", "ClusterRole")]

    verbs = [
        set(rule["verbs"])
        for role in roles
        for rule in role["rules"]
        if group in rule["apiGroups"] and _plural(name) in rule["resources"]
    ]

    assert verbs
    for granted in verbs:
        assert {"list", "create", "patch"} <= granted
