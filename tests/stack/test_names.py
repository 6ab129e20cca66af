"""The vocabulary against real pages: what is said here of a metric is what a service says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from backfill import pages
from prometheus_client.core import Metric

from barograph.metrics import drift, performance, quality
from barograph.stack import names
from barograph.stack.names import Name


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Metric]]:
    """What a fleet of real processes shows, by the names that PromQL knows."""
    folder: Path = tmp_path_factory.mktemp("spools")
    found: dict[str, list[Metric]] = {}
    endings = {"counter": "_total", "info": "_info"}
    for _, _, page in pages(folder, minutes=45):
        for family in page:
            found.setdefault(family.name + endings.get(family.type, ""), []).append(family)
    return found


@pytest.mark.parametrize("name", names.FIXED, ids=str)
def test_fixed_names(families: dict[str, list[Metric]], name: Name) -> None:
    assert name.name in families, f"no page has it; near are {[n for n in families if n[:15] == name.name[:15]]}"
    labels: set[str] | None = None
    for family in families[name.name]:
        assert (family.type, family.documentation) == (name.kind, name.help)
        for sample in family.samples:
            labels = set(sample.labels) if labels is None else labels & set(sample.labels)
    assert labels is not None
    assert set(name.labels) <= labels
    extra = {"le"} if name.kind == "histogram" else set()
    assert labels - set(name.labels) - extra <= {"name", "metric", "status"}


def test_every_fixed_family_has_a_name(families: dict[str, list[Metric]]) -> None:
    """What is new on the page is named here too, so that somebody thinks of showing it."""
    specs = {names.of(spec).name for spec in (*names.DRIFT, *names.QUALITY, *names.PERFORMANCE)}
    derived = {f"{name}{ending}" for name in specs for ending in ("", "_threshold", "_reference")}
    own = {"up", "ALERTS", names.DRIFTED.name, names.DRIFTED.threshold}
    assert set(families) - derived - own == {name.name for name in names.FIXED}


SHOWN = (
    names.PSI, names.MISSING_DRIFT, names.MISSING, names.OUT_OF_RANGE, names.UNSEEN, names.EMPTY, names.CONSTANT,
    names.CHANGED, names.ROW_COUNT, names.DRIFTED, names.PREDICTED_RATE, names.TARGET_RATE,
)  # fmt: skip


@pytest.mark.parametrize("name", SHOWN, ids=str)
def test_names_of_specs(families: dict[str, list[Metric]], name: Name) -> None:
    assert {family.documentation for family in families[name.name]} == {name.help}
    for family in families[name.name]:
        assert all(set(name.labels) <= set(sample.labels) for sample in family.samples)


def test_thresholds_and_references(families: dict[str, list[Metric]]) -> None:
    assert names.PSI.threshold in families
    assert names.of(performance.Accuracy).reference in families


@pytest.mark.parametrize("package", [drift, quality, performance])
def test_every_metric_of_a_package(package: object) -> None:
    found = names.every(package)
    assert len(found) >= 8
    assert len({spec.name for spec in found}) == len(found)
    for spec in found:
        name = names.of(spec)
        assert (name.title, name.help, name.range) == (spec.title, spec.help, spec.range)
        assert name.name.startswith("barograph_")


def test_a_name_is_its_text() -> None:
    assert f"rate({names.REQUESTS}[5m])" == "rate(http_requests_total[5m])"
    value = names.PREDICTION_VALUE
    assert (value.bucket, value.sum, value.count) == tuple(
        f"prediction_value_{end}" for end in ("bucket", "sum", "count")
    )
