"""What is counted of predictions: buckets, values that spoil no sum, exemplars, versions."""

from __future__ import annotations

import decimal
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from barograph import Baseline, Schema
from barograph.errors import ParameterError
from barograph.live import exposition, service, workers
from barograph.live.calls import CURRENT, Call


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_http", [])
    monkeypatch.setattr(service, "_predictions", {})


def regression(values: Any) -> Baseline:
    rows = {"x": list(range(len(values))), "delay": values, "predicted": values}
    return Baseline.of(rows, schema=Schema(target="delay", prediction="predicted", task="regression"))


def test_value_buckets_of_scores() -> None:
    assert service.value_buckets(None) == tuple(i / 10 for i in range(11))
    rows = {"late": [False, True] * 10, "p": [0.1, 0.9] * 10}
    assert service.value_buckets(Baseline.of(rows, schema=Schema(target="late", score="p"))) == service.SCORE_BUCKETS


def test_value_buckets_of_numbers_are_the_baselines_deciles() -> None:
    even = service.value_buckets(regression([float(i) for i in range(-500, 501)]))
    assert even == pytest.approx(tuple(range(-500, 501, 100)), abs=2)
    assert service.value_buckets(regression([7.123456] * 50)) == (7.123,)
    many = service.value_buckets(regression(np.random.default_rng(0).lognormal(0, 3, 5000).tolist()))
    assert len(many) == 11 and all(a < b for a, b in pairwise(many))
    assert all(len(f"{cut:g}") <= 10 for cut in many)


def test_named_buckets_are_among_ours() -> None:
    assert {0.01, 0.05, 0.1, 0.5, 1.0, 5.0} <= set(service.LATENCY_BUCKETS)
    assert list(service.LATENCY_BUCKETS) == sorted(service.LATENCY_BUCKETS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.25, 0.25), (1, 1.0), (np.float32(0.5), 0.5), (np.array(0.5), 0.5), (decimal.Decimal("0.5"), 0.5),
        (math.nan, None), (math.inf, None), (-math.inf, None), (10**400, None), ("0.5", None), ("late", None),
        (b"1", None), (True, None), (None, None), ([0.1, 0.9], None), (np.array([0.1, 0.9]), None), ({}, None),
        ({"a": 0.2, "b": 0.7}, 0.7), ({"a": math.nan, "b": 0.1}, 0.1), (object(), None),
    ],
)  # fmt: skip
def test_number(value: Any, expected: float | None) -> None:
    assert service.number(value) == expected


def test_number_of_a_binary_dict_is_the_positive_classs() -> None:
    assert service.number({"no": 0.9, "yes": 0.1}, "yes") == 0.1
    assert service.number({0: 0.9, 1: 0.1}, "1") == 0.1


def counted(found: service.Predictions) -> dict[str, float]:
    samples = [s for metric in found.metrics for family in metric.collect() for s in family.samples]
    return {s.labels.get("status", s.name): s.value for s in samples if s.name.endswith(("_total", "_count", "_sum"))}


def test_hostile_values_spoil_no_sum() -> None:
    found = service.predictions("1")
    for value in (0.5, math.nan, math.inf, -math.inf, 10**400, "x", 0.25):
        found.logged(None, value, None)
    assert counted(found)["prediction_value_sum"] == 0.75
    assert counted(found)["prediction_value_count"] == 2
    assert counted(found)["ok"] == 7  # a prediction all the same


def test_a_value_of_another_world_leaves_the_sum_of_the_others() -> None:
    found = service.predictions("1")
    for value in (1.7e308, -1e200, 0.25):
        found.logged(None, value, None)
    assert counted(found)["prediction_value_sum"] == 0.25
    assert counted(found)["prediction_value_count"] == 3


def test_a_row_is_a_prediction_where_nothing_else_stands_for_it() -> None:
    found = service.predictions("1")
    found.logged(None, None, "late label")
    assert counted(found)["ok"] == 0
    found.logged("yes", None, None)
    assert counted(found)["ok"] == 1
    call = Call()
    token = CURRENT.set(call)
    found.logged(None, 0.5, "id")
    assert counted(found)["ok"] == 1 and call.logged and call.id == "id"
    call.finished = True  # answered, and not counted as a prediction: now a row of a background task
    found.logged(None, 0.5, "id")
    found.logged(None, 0.5, "id")
    assert counted(found)["ok"] == 2
    CURRENT.reset(token)


def openmetrics() -> str:
    return exposition.render(accept="application/openmetrics-text; version=1.0.0")[0].decode()


@pytest.mark.parametrize("hostile", ["x" * 129, "x" * 10_000, "", "\ud800", 'a"b\\c\nd', "é" * 115, 17])
def test_exemplars_never_raise_in_the_request(hostile: Any) -> None:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    found = service.predictions("1", exemplars=True)
    found.count("ok", 0.02, hostile)
    found.logged(None, 0.5, hostile)
    text = openmetrics()
    shown = {
        s.exemplar.labels["prediction_id"]
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if s.exemplar
    }
    assert len(shown) == (1 if hostile in ("é" * 115, 17) else 0)
    assert counted(found)["prediction_latency_seconds_count"] == 1


def test_a_value_outside_the_baselines_range_bears_the_id_of_its_prediction() -> None:
    """The outermost buckets are what lies beyond the reference: an alarm leads to a row."""
    found = service.predictions("1", regression([float(i) for i in range(101)]), exemplars=True)
    for value, identity in ((50.0, "usual"), (1e6, "far above"), (-7.0, "far below")):
        found.logged(value, None, identity)
    lines = [line for line in openmetrics().splitlines() if line.startswith("prediction_value_bucket")]
    told = {line.split('le="')[1].split('"')[0]: line.partition(" # ")[2] for line in lines if " # " in line}
    assert told["+Inf"].startswith('{prediction_id="far above"} 1e+06')
    assert told["0.0"].startswith('{prediction_id="far below"} -7.0')
    assert len(told) == 3


def test_exemplars_are_off_by_default_and_only_in_openmetrics() -> None:
    service.predictions("1").count("ok", 0.02, "abc")
    assert "abc" not in openmetrics()
    service.predictions("1", exemplars=True).count("ok", 0.02, "abc")
    assert '# {prediction_id="abc"} 0.02' in openmetrics()
    assert b"abc" not in exposition.render()[0]


def test_versions_and_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    first = service.predictions("1", latency=[1, 2])
    assert service.predictions("1", latency=[1, 2]) is first and service.predictions("1") is first
    second = service.predictions("2", regression([1.0, 2.0, 3.0]))
    assert second.value_buckets[0] == 1.0
    text = exposition.render()[0].decode()
    assert text.count("# HELP predictions_total") == 1  # both versions in one family
    assert 'predictions_total{model_version="2",status="error"} 0.0' in text
    assert service.predictions("1", latency=[3]) is not first  # one process: the newest word holds
    monkeypatch.setattr(workers, "folder", lambda: "somewhere")
    with pytest.raises(ParameterError, match="give each model its own version"):
        service.predictions("1", latency=[4])
