"""Performance in the cells of each feature: pandas and scikit-learn on the raw rows; calm about small cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from barograph import Baseline, Check, Profile, Report, Schema, close_to_reference
from barograph.errors import ParameterError
from barograph.metrics.performance import (
    BiasByFeature,
    ErrorByFeature,
    PerformanceByFeature,
    PredictionByFeature,
    TargetByFeature,
)
from barograph.results import Bars, Lines, Table

BINARY = Schema(target="y", prediction="p", score="s", positive="1")
NUMBERS = Schema(target="y", prediction="p", task="regression")


def binary(seed: int, n: int = 1500, flip: float = 0.0) -> pd.DataFrame:
    """A classifier that is right in 80 of 100 rows, in Ulm in `flip` fewer."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"age": rng.normal(40, 10, n), "city": rng.choice(["Ulm", "Bonn", "Köln"], n)})
    data["y"] = rng.integers(0, 2, n)
    right = rng.random(n) < np.where(data["city"] == "Ulm", 0.8 - flip, 0.8)
    data["p"] = np.where(right, data["y"], 1 - data["y"])
    data["s"] = np.clip(0.5 + (data["p"] - 0.5) * rng.random(n), 0.01, 0.99)
    data.loc[::9, "age"] = np.nan
    return data


def numbers(seed: int, n: int = 1500) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"x": rng.normal(size=n), "rooms": rng.integers(1, 5, n), "kind": rng.choice(["a", "b"], n)})
    data["y"] = 1e9 + 3 * data["x"] + rng.normal(size=n)
    data["p"] = data["y"] + rng.normal(size=n) + np.where(data["kind"] == "a", 1.0, 0.0)
    return data


def cells(metric, current, reference=None, schema=None, column="city"):
    result = Report([metric]).run(current, reference, schema=schema).results[0]
    return {v.labels["cell"]: v for v in result.values if v.labels["column"] == column}


@pytest.mark.parametrize(
    ("of", "oracle"), [("accuracy", sk.accuracy_score), ("precision", sk.precision_score), ("recall", sk.recall_score)]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_shares_are_sklearns(of, oracle, weighted):
    data = binary(0)
    data["w"] = np.random.default_rng(1).exponential(size=len(data))
    schema = BINARY.replace(weight="w") if weighted else BINARY
    data = data if weighted else data.drop(columns="w")
    found = cells(PerformanceByFeature(of=of), data, schema=schema)
    for city, part in data.groupby("city"):
        want = oracle(part["y"], part["p"], sample_weight=part["w"] if weighted else None)
        assert found[city].value == pytest.approx(want)
        rows = {"accuracy": len(part), "precision": part["p"].sum(), "recall": part["y"].sum()}[of]
        assert weighted or found[city].n == rows


def test_the_macro_average_of_three_classes_is_sklearns():
    rng = np.random.default_rng(2)
    y = rng.choice(list("abc"), 900)
    data = pd.DataFrame(
        {"city": rng.choice(["Ulm", "Bonn"], 900), "y": y, "p": np.where(rng.random(900) < 0.7, y, "b")}
    )
    data.loc[::7, "p"] = None
    schema = Schema(target="y", prediction="p")
    for of, oracle in (("precision", sk.precision_score), ("recall", sk.recall_score)):
        found = cells(PerformanceByFeature(of=of), data, schema=schema)
        for city, part in data.dropna().groupby("city"):
            assert found[city].value == pytest.approx(oracle(part["y"], part["p"], average="macro"))
    right = cells(PerformanceByFeature(), data, schema=schema)["Ulm"]
    ulm = data[data["city"] == "Ulm"].dropna()
    assert right.value == pytest.approx((ulm["y"] == ulm["p"]).mean())


def test_errors_and_bias_are_the_plain_formulas_far_from_zero():
    data = numbers(3)
    error = data["p"] - data["y"]
    for kind, part in error.groupby(data["kind"]):
        mae, rmse = (cells(ErrorByFeature(of=of), data, schema=NUMBERS, column="kind")[kind] for of in ("mae", "rmse"))
        assert mae.value == pytest.approx(part.abs().mean())
        assert mae.se == pytest.approx(part.abs().std() / np.sqrt(len(part)))
        assert rmse.value == pytest.approx(np.sqrt((part**2).mean()))
        assert cells(BiasByFeature(), data, schema=NUMBERS, column="kind")[kind].value == pytest.approx(part.mean())
    rooms = cells(TargetByFeature(), data, schema=NUMBERS, column="rooms")
    assert set(rooms) == {"1", "2", "3", "4"}
    assert rooms["3"].value == pytest.approx(data.loc[data["rooms"] == 3, "y"].mean(), rel=1e-15)
    assert rooms["3"].se == pytest.approx(data.loc[data["rooms"] == 3, "y"].sem(), rel=1e-6)


def test_losses_of_a_score():
    data = binary(4)
    loss, brier = (cells(ErrorByFeature(of=of), data, schema=BINARY) for of in ("log_loss", "brier"))
    ulm = data[data["city"] == "Ulm"]
    assert loss["Ulm"].value == pytest.approx(sk.log_loss(ulm["y"], ulm["s"]))
    assert brier["Ulm"].value == pytest.approx(sk.brier_score_loss(ulm["y"], ulm["s"]))


def test_rates_of_target_and_prediction():
    data = binary(5)
    ulm = data[data["city"] == "Ulm"]
    assert cells(TargetByFeature(), data, schema=BINARY)["Ulm"].value == pytest.approx(ulm["y"].mean())
    assert cells(PredictionByFeature(), data, schema=BINARY)["Ulm"].value == pytest.approx(ulm["p"].mean())
    scored = Schema(target="y", score="s", positive="1")
    unlabelled = data.drop(columns="p").assign(y=None)
    base = Baseline.of(data.drop(columns="p"), schema=scored, needs=PredictionByFeature().needs)
    result = PredictionByFeature("city").compute(Profile.of(unlabelled, base), base.profile)
    found = {v.labels["cell"]: v.value for v in result.values}
    assert found["Ulm"] == pytest.approx(ulm["s"].mean())  # no label is needed


def test_cells_of_numbers_and_the_missing_ones():
    data = binary(6)
    found = cells(PerformanceByFeature("age"), data, schema=BINARY, column="age")
    assert len(found) == 11
    missing = data[data["age"].isna()]
    assert found["(missing)"].value == pytest.approx((missing["y"] == missing["p"]).mean())
    assert sum(v.n for v in found.values()) == len(data)
    figure = Report([PerformanceByFeature("city")]).run(data, schema=BINARY).results[0].figures[0]
    assert isinstance(figure, Bars)
    tables = Report([TargetByFeature("kind")]).run(numbers(6), schema=NUMBERS).results[0].figures
    assert isinstance(tables[0], Table)
    lines = Report([TargetByFeature("x")]).run(numbers(6), schema=NUMBERS).results[0].figures
    assert isinstance(lines[0], Lines)
    assert len(lines[0].lines[0].x) == 10


def test_the_cell_that_got_worse_comes_first():
    run = Report([PerformanceByFeature()]).run(binary(7, flip=0.2), binary(8), schema=BINARY)
    first = run.results[0].values[0]
    assert first.labels == {"column": "city", "cell": "Ulm", "of": "accuracy"}
    assert first.reference - first.value == pytest.approx(0.2, abs=0.06)


def test_few_rows_are_not_alarming():
    """A label of two rows, both wrong, is not first, and its error says how little is known."""
    data = binary(9, flip=0.2)
    data.loc[:1, "city"] = "Rom"
    data.loc[:1, "p"] = 1 - data.loc[:1, "y"]
    result = Report([PerformanceByFeature()]).run(data, schema=BINARY).results[0]
    assert result.values[0].labels["cell"] == "Ulm"
    rome = next(v for v in result.values if v.labels["cell"] == "Rom")
    assert (rome.value, rome.n) == (0.0, 2)
    assert rome.se == pytest.approx(np.sqrt(0.25 * 0.75 / 4))


def test_a_check_holds_under_no_change_and_an_improvement_passes():
    check = Check(PerformanceByFeature(), close_to_reference(absolute=0.02))
    report = Report([check], alpha=0.05)
    failed = [report.run(binary(2 * s, 400), binary(2 * s + 1, 4000), schema=BINARY).status for s in range(40)]
    assert failed.count("fail") <= 7
    assert report.run(binary(1), binary(2, flip=0.3), schema=BINARY).passed
    assert report.run(binary(1, flip=0.3), binary(2), schema=BINARY).status == "fail"


def test_merged_parts_say_what_the_whole_says():
    base = Baseline.of(numbers(10), schema=NUMBERS, needs=ErrorByFeature().needs)
    data = numbers(11)
    whole = ErrorByFeature().compute(Profile.of(data, base), base.profile)
    merged = ErrorByFeature().compute(sum(Profile.of(data.iloc[i::5], base) for i in range(5)), base.profile)
    for a, b in zip(whole.values, merged.values, strict=True):
        assert a.labels == b.labels
        assert a.value == pytest.approx(b.value, rel=1e-12)


@pytest.mark.parametrize(
    "metric", [PerformanceByFeature(), ErrorByFeature(), BiasByFeature(), TargetByFeature(), PredictionByFeature()]
)
def test_nothing_to_say_is_said(metric):
    for schema, data in (
        (None, {"x": [1, 2, 3]}),
        (BINARY, {"y": [1, 0], "p": [1, 1], "s": [0.1, 0.4]}),
        (BINARY, {k: v[:0] for k, v in binary(0).items()}),
    ):
        result = Report([metric]).run(pd.DataFrame(data), schema=schema).results[0]
        assert result.status == "unknown"
        assert result.note
    plain = Profile.of(binary(0), schema=BINARY)
    assert metric.compute(plain, None).note


def test_impossible_parameters():
    for make in (
        lambda: PerformanceByFeature(of="mae"),
        lambda: ErrorByFeature(of="accuracy"),
        lambda: TargetByFeature(cells=0),
    ):
        with pytest.raises(ParameterError):
            make()


@pytest.mark.parametrize("distinct", [8, 3000])
def test_neighbours_far_from_zero_have_names_of_their_own(distinct):
    """In five digits all cells of such a column would be one."""
    data = binary(7, n=3000)
    data["id"] = 1_000_000_000.0 + np.random.default_rng(1).integers(0, distinct, len(data))
    found = cells(PerformanceByFeature(of="accuracy"), data, schema=BINARY, column="id")
    assert len(found) == min(distinct, 10)
    if distinct == 8:
        truth = (data["y"] == data["p"]).groupby(data["id"]).mean()
        assert {name: v.value for name, v in found.items()} == pytest.approx(
            {f"{value:.0f}": share for value, share in truth.items()}
        )
