"""Code that was written for Evidently, with only its imports changed: on pandas, with numbers of ours behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import barograph as bg
from barograph.compat import evidently
from barograph.compat.evidently import drift, metric_preset, metrics, test_preset
from barograph.compat.evidently.metric_preset import (
    ClassificationPreset,
    DataDriftPreset,
    DataQualityPreset,
    RegressionPreset,
    TargetDriftPreset,
)
from barograph.compat.evidently.pipeline.column_mapping import ColumnMapping
from barograph.compat.evidently.report import Report
from barograph.compat.evidently.test_preset import DataStabilityTestPreset
from barograph.compat.evidently.test_suite import TestSuite
from barograph.errors import ParameterError, SchemaError

FEATURES = ["feature_1", "feature_2", "feature_3"]


def rows(n: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.normal(shift * (name == "feature_1"), 1, n) for name in FEATURES})
    frame["category"] = rng.choice(list("abc"), n)
    frame["target"] = (frame["feature_1"] + rng.normal(0, 1, n) > 0).astype(int)
    frame["prediction"] = (frame["feature_1"] > 0).astype(int)
    return frame


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """Through a CSV, as people have them."""
    folder = tmp_path_factory.mktemp("csv")
    for name, frame in {"reference": rows(1500, 1), "same": rows(1200, 2), "moved": rows(1200, 3, 1.0)}.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return {path.stem: pd.read_csv(path) for path in folder.glob("*.csv")}


def mapping() -> ColumnMapping:
    made = ColumnMapping()
    made.target = "target"
    made.prediction = "prediction"
    made.numerical_features = FEATURES
    made.categorical_features = ["category"]
    return made


def report(presets: list[Any], frames: dict[str, pd.DataFrame], current: str) -> Report:
    made = Report(metrics=presets)
    made.run(reference_data=frames["reference"], current_data=frames[current], column_mapping=mapping())
    return made


@pytest.mark.parametrize(("current", "drifted"), [("same", False), ("moved", True)])
def test_data_drift(frames: dict[str, pd.DataFrame], current: str, drifted: bool) -> None:
    found = report([DataDriftPreset()], frames, current).as_dict()["metrics"]
    assert found[0]["result"]["dataset_drift"] is drifted
    assert found[0]["result"]["number_of_columns"] == 6
    of_one = found[1]["result"]["drift_by_columns"]["feature_1"]
    assert of_one["drift_detected"] is drifted
    ours = bg.Report([bg.Check(drift.METHODS["psi"].metric("feature_1"), bg.lt(1))])
    run = ours.run(frames[current], frames["reference"])
    assert of_one["drift_score"] == run.value("psi", column="feature_1")


def test_every_preset_and_what_it_writes(frames: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    made = report(
        [DataDriftPreset(), TargetDriftPreset(), ClassificationPreset(), DataQualityPreset()], frames, "moved"
    )
    found = {entry["metric"]: entry["result"] for entry in made.as_dict()["metrics"]}
    assert set(found["TargetDriftPreset"]["drift_by_columns"]) == {"target", "prediction"}
    accuracy = float((frames["moved"]["target"] == frames["moved"]["prediction"]).mean())
    assert found["ClassificationQualityMetric"]["current"]["accuracy"] == pytest.approx(accuracy)
    assert found["DatasetSummaryMetric"]["current"]["row_count"] == 1200
    made.save_html(tmp_path / "new" / "folder" / "report.html")
    made.save_json(tmp_path / "other" / "report.json")
    assert "feature_1" in (tmp_path / "new" / "folder" / "report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "other" / "report.json").read_text())["metrics"] == json.loads(made.json())["metrics"]
    assert made.show()._repr_html_().startswith("<iframe")
    assert made.ours.value("accuracy") == pytest.approx(accuracy)


def test_regression(frames: dict[str, pd.DataFrame]) -> None:
    rng = np.random.default_rng(0)
    numbers = {name: f.assign(prediction=f["feature_2"], target=f["feature_2"] + rng.normal(0, 1, len(f)))
               for name, f in frames.items()}  # fmt: skip
    found = report([RegressionPreset()], numbers, "same").as_dict()["metrics"][0]["result"]
    error = numbers["same"]["prediction"] - numbers["same"]["target"]
    assert found["current"]["mean_abs_error"] == pytest.approx(float(error.abs().mean()))
    assert found["current"]["mean_error"] == pytest.approx(float(error.mean()))
    assert found["reference"]["rmse"] > 0


SCORED = ("BinaryClassificationTopKTestPreset", "RecsysTestPreset")  # on rows of their own


@pytest.mark.parametrize("name", [n for n in vars(test_preset) if n.endswith("TestPreset") and n not in SCORED])
def test_a_suite_passes_what_has_not_changed_and_fails_what_has(name: str, frames: dict[str, pd.DataFrame]) -> None:
    """The original's stability suite failed 20 of 20 on data of the same law, and classifiers that had improved."""
    of_numbers = name == "RegressionTestPreset"
    given = {n: f.assign(prediction=f["feature_1"] * 1.0, target=f["feature_1"] ** 2 + f["feature_2"])
             for n, f in frames.items()} if of_numbers else frames  # fmt: skip
    broken = {
        **given,
        "broken": given["moved"].assign(
            prediction=given["moved"]["prediction"].sample(frac=1, random_state=1).to_numpy(),
            feature_3=given["moved"]["feature_3"].where(given["moved"].index % 5 > 0),
        ),
    }
    passed = {}
    for current in ("reference", "same", "broken"):
        suite = TestSuite(tests=[getattr(test_preset, name)()])
        suite.run(reference_data=given["reference"], current_data=broken[current], column_mapping=mapping())
        told = suite.as_dict()
        assert told["summary"]["total_tests"] == len(told["tests"]) > 0
        passed[current] = told["summary"]["all_passed"]
        assert bool(suite) is passed[current]
    assert passed == {"reference": True, "same": True, "broken": False}


def test_improvement_passes(frames: dict[str, pd.DataFrame]) -> None:
    better = frames["same"].assign(prediction=frames["same"]["target"])
    suite = TestSuite(tests=[test_preset.BinaryClassificationTestPreset()])
    suite.run(reference_data=frames["reference"], current_data=better, column_mapping=mapping())
    assert suite.as_dict()["summary"]["all_passed"] is True


@pytest.mark.parametrize("method", drift.METHODS)
def test_every_method_by_its_name(method: str, frames: dict[str, pd.DataFrame]) -> None:
    column = "target" if method in ("z", "fisher_exact") else "feature_1"
    verdicts = []
    for current in ("same", "moved"):
        made = report([metrics.ColumnDriftMetric(column, stattest=method)], frames, current)
        verdicts.append(made.as_dict()["metrics"][0]["result"]["drift_detected"])
    assert verdicts == [False, True]


def test_probabilities_and_columns_of_probabilities(frames: dict[str, pd.DataFrame]) -> None:
    scored = {n: f.assign(prediction=1 / (1 + np.exp(-f["feature_1"]))) for n, f in frames.items()}
    found = report([ClassificationPreset()], scored, "same").as_dict()["metrics"][0]["result"]["current"]
    assert found["accuracy"] is not None
    assert found["roc_auc"] == pytest.approx(0.85, abs=0.05)


@pytest.mark.parametrize("current", ["same", "moved"])
def test_two_metrics_of_one_report_agree_on_the_drift(frames: dict[str, pd.DataFrame], current: str) -> None:
    """Evidently #676 and 5.1 j: the summary of the columns and their table differed in the same report."""
    names = (metrics.DatasetDriftMetric(), metrics.DataDriftTable(), DataDriftPreset())
    said = [entry["result"] for entry in report(list(names), frames, current).as_dict()["metrics"]]
    known = [{k: r[k] for k in ("dataset_drift", "number_of_drifted_columns") if k in r} for r in said]
    assert len({str(one) for one in known if one}) == 1
    assert sum("dataset_drift" in one for one in known) >= 2


@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow"])
def test_the_types_of_pandas_3_say_what_plain_ones_say(frames: dict[str, pd.DataFrame], backend: Any) -> None:
    """Evidently 5.1 l: Int64, Float64 and boolean were unknown columns, without drift and without a word."""
    plain = report([DataDriftPreset(), ClassificationPreset()], frames, "moved").as_dict()["metrics"]
    typed = {name: frame.convert_dtypes(dtype_backend=backend) for name, frame in frames.items()}
    assert report([DataDriftPreset(), ClassificationPreset()], typed, "moved").as_dict()["metrics"] == plain


def test_mistakes_say_what_to_do(frames: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(ParameterError, match="not run yet"):
        Report(metrics=[DataDriftPreset()]).as_dict()
    with pytest.raises(ParameterError, match="give reference_data"):
        Report(metrics=[DataDriftPreset()]).run(reference_data=None, current_data=frames["same"])
    with pytest.raises(ParameterError, match="make two"):
        report([ClassificationPreset(), RegressionPreset()], frames, "same")
    with pytest.raises(ParameterError, match="no drift method 'nonsense'"):
        metrics.ColumnDriftMetric("feature_1", stattest="nonsense")
    with pytest.raises(SchemaError, match="'nowhere'"):
        Report(metrics=[DataQualityPreset()]).run(
            reference_data=None, current_data=frames["same"], column_mapping=ColumnMapping(target="nowhere")
        )
    for name in ("Dashboard", "NoSuchThing"):
        with pytest.raises(ParameterError, match=name):
            getattr(evidently, name)
    with pytest.raises(ParameterError, match="made of metrics"):
        Report(metrics=["data_drift"])  # type: ignore[list-item]
    with pytest.raises(ParameterError, match=r"\.ours"):
        report([DataQualityPreset()], frames, "same").as_dataframe()


def test_presets_are_found_by_the_package() -> None:
    assert evidently.DataDriftPreset is metric_preset.DataDriftPreset
    assert evidently.DataStabilityTestPreset is DataStabilityTestPreset
    assert evidently.ColumnDriftMetric is metrics.ColumnDriftMetric
