"""Kubernetes manifests, as far as they can be judged without a cluster: structure, names, sizes, and kustomize."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from stacks import BASELINE, binary, folder_of, has

from barograph.errors import ParameterError
from barograph.stack.contents import rule_files
from barograph.stack.dashboards import dashboards
from barograph.stack.kubernetes import CONFIG_MAP_AT_MOST, object_name
from barograph.stack.settings import Settings

DNS = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
TARGETS = ("churn.models:8000", "fraud:http", "a-very-long-name-of-a-service-that-goes-on-and-on-and-on.namespace:m")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("kubernetes") / "stack"
    return folder_of(at, format="kubernetes", targets=TARGETS, baseline=BASELINE)


@pytest.fixture(scope="module")
def objects(folder: Path) -> dict[str, Any]:
    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.yaml"))]
    return {f"{one['kind']}/{one.get('metadata', {}).get('name', '')}": one for one in found}


def of(objects: dict[str, Any], kind: str) -> list[Any]:
    return [one for one in objects.values() if one["kind"] == kind]


def test_names_and_labels_are_such_that_kubernetes_takes_them(objects: dict[str, Any]) -> None:
    for name, found in objects.items():
        if found["kind"] == "Kustomization":
            continue
        assert found["apiVersion"] == ("v1" if found["kind"] == "ConfigMap" else "monitoring.coreos.com/v1"), name
        assert DNS.fullmatch(found["metadata"]["name"]), name
        for key, value in found["metadata"]["labels"].items():
            assert LABEL.fullmatch(value), value
            assert LABEL.fullmatch(key.rpartition("/")[2]), key
    assert len(objects) == 1 + 3 + 2 + len(dashboards())


def test_rules_are_those_of_the_files_and_have_only_fields_of_the_crd(objects: dict[str, Any]) -> None:
    held = of(objects, "PrometheusRule")
    made = rule_files(Settings(format="kubernetes", baseline=BASELINE))
    assert {one["metadata"]["name"]: one["spec"] for one in held} == {object_name(name): made[name] for name in made}
    for one in held:
        names = [group["name"] for group in one["spec"]["groups"]]
        assert len(set(names)) == len(names), "groups are a map by name in the CRD"
        for group in one["spec"]["groups"]:
            assert set(group) <= {"name", "interval", "limit", "labels", "query_offset", "rules"}
            for rule in group["rules"]:
                known = {"alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"}
                assert set(rule) <= known
                assert isinstance(rule["expr"], str)
                strings = [*rule.get("labels", {}).values(), *rule.get("annotations", {}).values()]
                assert all(isinstance(value, str) for value in strings)


def test_the_rules_in_the_objects_are_accepted_by_promtool(objects: dict[str, Any], tmp_path: Path) -> None:
    for one in of(objects, "PrometheusRule"):
        path = tmp_path / f"{one['metadata']['name']}.yml"
        path.write_text(yaml.safe_dump(one["spec"]))
        done = subprocess.run([binary("promtool"), "check", "rules", path], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_services_are_selected_as_they_were_named(objects: dict[str, Any]) -> None:
    churn, fraud = (objects[f"ServiceMonitor/ml-api-{name}"]["spec"] for name in ("churn-models-8000", "fraud-http"))
    assert churn["selector"] == {"matchLabels": {"app.kubernetes.io/name": "churn"}}
    assert churn["namespaceSelector"] == {"matchNames": ["models"]}
    assert fraud["namespaceSelector"] == {"any": True}
    (one,), (other,) = churn["endpoints"], fraud["endpoints"]
    assert (one["targetPort"], other["port"]) == (8000, "http")
    assert "port" not in one
    for endpoint in (one, other):
        assert endpoint["path"] == "/metrics"
        assert endpoint["relabelings"] == [{"action": "replace", "targetLabel": "job", "replacement": "ml-api"}]


def test_different_services_are_different_objects(tmp_path: Path) -> None:
    targets = (
        "a-b.c:80",
        "a.b-c:80",
        "a:b-c",
        "a-b:c",
        "a.b:c",
        "a--b.c:d",
        "a.b--c:d",
        *(f"{'x' * 60}{i}.{'y' * 60}:80" for i in range(3)),
    )
    folder = folder_of(tmp_path / "stack", format="kubernetes", targets=targets)
    held = list((folder / "servicemonitors").iterdir())
    assert len(held) == len(targets)
    assert all(len(path.stem) <= 63 for path in held)


def test_without_targets_a_label_says_what_is_scraped(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "stack", format="kubernetes")
    spec = yaml.safe_load((folder / "servicemonitors" / "ml-api.yaml").read_text())["spec"]
    assert spec["selector"] == {"matchLabels": {"barograph-scrape": "true"}}
    assert "barograph-scrape=true" in (folder / "README.md").read_text()


def test_dashboards_are_whole_and_small_enough(objects: dict[str, Any]) -> None:
    held: dict[str, Any] = {}
    for one in of(objects, "ConfigMap"):
        assert one["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert sum(len(text.encode()) for text in one["data"].values()) < CONFIG_MAP_AT_MOST
        held |= {file: json.loads(text) for file, text in one["data"].items()}
    assert held == dashboards()


def test_the_kustomization_names_every_manifest(folder: Path, objects: dict[str, Any]) -> None:
    held = {str(path.relative_to(folder)) for path in folder.rglob("*.yaml")} - {"kustomization.yaml"}
    assert set(objects["Kustomization/"]["resources"]) == held


def test_kustomize_builds_it(folder: Path) -> None:
    if not has("kubectl"):
        pytest.skip("kubectl is not there")
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    built = list(yaml.safe_load_all(done.stdout))
    assert all(one["metadata"]["namespace"] == "monitoring" for one in built)
    assert all(one["metadata"]["labels"]["release"] == "kube-prometheus-stack" for one in built)
    rules = {one["metadata"]["name"]: one["spec"] for one in built if one["kind"] == "PrometheusRule"}
    made = rule_files(Settings(format="kubernetes", baseline=BASELINE))
    assert rules == {object_name(name): groups for name, groups in made.items()}


@pytest.mark.parametrize(
    "target", ["churn", "churn:", ":80", "churn:0", "churn:70000", "Churn:80", "a.b.c:80", "a b:80", "x:80\n", "-a:80",
               "a/b:80", "a:b:80", "churn:HTTP", "churn:abcdefghijklmnopq", 'a"}:80', "{{x}}:80", "..:80"],
)  # fmt: skip
def test_hostile_services_are_refused(target: str) -> None:
    with pytest.raises(ParameterError, match="is no service"):
        Settings(format="kubernetes", targets=(target,))


@pytest.mark.parametrize("file", ["service.json", "A B.json", "x" * 300 + ".json", "barograph.yml", "é.json"])
def test_any_file_name_becomes_a_name_of_kubernetes(file: str) -> None:
    assert DNS.fullmatch(object_name(file))
