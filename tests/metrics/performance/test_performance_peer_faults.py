"""Faults seen in other tools, each with the case that shows it: not ours."""

from __future__ import annotations

import numpy as np
import pytest
from performance_rows import binary, numbers, only, profile, values

from barograph import Baseline, Check, Profile, Report, Schema, close_to_reference
from barograph.errors import SchemaError
from barograph.metrics.performance import MAE, MAPE, Accuracy, Precision, PredictedRate, Recall
from barograph.needs import performance_needs

LABELLED = Schema(target="y", prediction="said")
ERRORS = Schema(target="y", prediction="said", task="regression")


def test_a_class_that_is_absent_from_the_batch_raises_nothing():
    reference = {"y": ["a", "b", "c"] * 20, "said": ["a", "b", "b"] * 20}
    base = Baseline.of(reference, schema=LABELLED, needs=performance_needs)
    current = Profile.of({"y": ["a", "b"] * 9, "said": ["a", "b"] * 9}, base)
    assert only(Accuracy(), current, base.profile).value == 1.0
    assert values(Recall(), current, base.profile)["c"].note == "not in the target"
    named = Schema(target="y", prediction="said", classes=("a", "b", "c", "d"))
    assert values(Precision(), profile(reference, named))["d"].note == "never predicted"


def test_running_leaves_the_users_rows_as_they_are():
    rng = np.random.default_rng(0)
    rows = {**binary(rng, 60), "x": rng.normal(size=60)}
    before = {name: values_.copy() for name, values_ in rows.items()}
    Report(["classification"]).run(rows, schema=Schema(target="y", score="p"))
    assert list(rows) == list(before)
    assert all((rows[name] == before[name]).all() for name in rows)


def test_labels_of_other_types_are_the_same_classes():
    current = profile({"y": ["1", "0", "1", "0"], "said": [1, 0, 0, 0]}, LABELLED)
    assert only(Accuracy(), current).value == 0.75
    assert only(Recall(), current).value == 0.5


def test_identical_rows_with_zeros_among_the_targets_pass():
    rng = np.random.default_rng(1)
    rows = {"y": np.round(rng.normal(size=400)), "said": rng.normal(size=400)}
    check = Check(MAPE(), close_to_reference(relative=0.1))
    run = Report([check]).run(current=rows, reference=rows, schema=ERRORS)
    (value,) = run.find("mape")
    assert run.passed
    assert value.value == value.reference < 10


def test_profiles_with_other_classes_merge():
    one = profile({"y": ["a", "b"], "said": ["a", "a"]}, LABELLED)
    two = profile({"y": ["b", "c", "c"], "said": ["b", "c", "a"]}, LABELLED)
    for merged in (one + two, two + one):
        assert only(Accuracy(), merged).value == 3 / 5
        assert only(Accuracy(), Profile.from_bytes(merged.to_bytes())).value == 3 / 5


@pytest.mark.parametrize("absent", [None, float("nan")])
def test_what_is_absent_is_left_out_and_told(absent):
    rows = {"y": [1.5, absent, 3.0], "said": [1.0, 2.0, 3.0]}
    value = only(MAE(), profile(rows, ERRORS))
    assert (value.value, value.n) == (0.25, 2)
    assert value.note == "1 row without a target or prediction is left out"
    texts = {"y": ["a", None, "b"], "said": ["a", "a", "b"]}
    assert only(Accuracy(), profile(texts, LABELLED)).value == 1.0


def test_performance_survives_its_way_through_a_file(tmp_path):
    path = tmp_path / "day.profile"
    profile(numbers(np.random.default_rng(2), 50), ERRORS).write(path)
    assert (
        only(MAE(), Profile.read(path)).value
        == only(MAE(), profile(numbers(np.random.default_rng(2), 50), ERRORS)).value
    )


def test_a_misspelt_column_is_named():
    with pytest.raises(SchemaError, match="'sayd'"):
        profile({"y": [1, 0], "said": [1, 0]}, Schema(target="y", prediction="sayd"))


def test_top_k_of_a_report_marks_k_rows():
    rows = {"y": [1, 0, 1, 0, 0, 1, 0, 0, 0, 0], "p": [0.95, 0.9, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]}
    for k, precision in ((1, 1.0), (2, 1 / 2), (3, 2 / 3)):
        run = Report([Precision(k=k), PredictedRate(k=k)]).run(rows, schema=Schema(target="y", score="p"))
        assert run.value("precision") == pytest.approx(precision)
        assert run.value("predicted_rate") == k / 10
