"""Every metric by its old name, of all versions: a true number, under the key where people read it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_evidently_tests import batch, lists, numbers, scored, vectors

from barograph.compat.evidently import (
    BinaryClassification,
    ColumnMapping,
    DataDefinition,
    Dataset,
    Recsys,
    Regression,
    Report,
    descriptors,
    metric_preset,
    metrics,
    presets,
)
from barograph.compat.evidently.metrics import CLASSES, generate_column_metrics
from barograph.compat.evidently.metrics.data import SHEETS as OF_DATA
from barograph.compat.evidently.metrics.model import SHEETS as OF_MODELS
from barograph.compat.evidently.metrics.newer import SHEETS as OF_NEWER
from barograph.errors import ParameterError

TEXTS = pd.DataFrame({"note": ["It is late. Go!", "please refund me", "No 5", "all fine here, thank you"] * 30})
GIVEN: dict[str, Any] = {
    "column_name": "x", "column": "x", "reg_exp": "1[0-4]", "category": "b", "quantile": 0.9, "values": ["a", "b"],
    "left": -1, "right": 1, "k": 5, "x_column": "x", "y_column": "y", "embeddings_name": "e",
    "text_column_name": "note",
}  # fmt: skip
OF_LABELS = ("ColumnCategoryMetric", "ColumnValueListMetric", "CategoryCount", "InListValueCount", "OutListValueCount")
OF_SCORES = (
    "RocCurve", "PRCurve", "PRTable", "Lift", "ProbDistribution", "ClassSeparation", "RocAuc", "LogLoss",
    "ClassificationQualityMetric",
)  # fmt: skip
MAPPINGS = {"ranking": (lists, "recsys"), "regression": (numbers, "regression"), "classification": (batch, None)}


def mapping(rows: Any, task: str | None) -> ColumnMapping:
    return ColumnMapping(task=task, text_features=["note"] if "note" in rows else None)


def run(made: list[Any], current: Any, reference: Any = None, task: str | None = None) -> list[dict[str, Any]]:
    report = Report(metrics=made)
    report.run(reference_data=reference, current_data=current, column_mapping=mapping(current, task))
    told: list[dict[str, Any]] = report.as_dict()["metrics"]
    assert json.loads(report.json())["metrics"] == json.loads(json.dumps(told))
    return told


def made(name: str) -> Any:
    takes = CLASSES[name].sheet.takes
    given = {n: GIVEN[n] for n, default in takes.items() if default is ...}
    if name in OF_LABELS:
        given["column_name" if "column_name" in given else "column"] = "grade"
    if name == "ColumnRegExpMetric":
        given["column_name"] = "zip"
    if name in ("TextDescriptorsDriftMetric", "TextDescriptorsDistribution"):
        given["column_name"] = "note"
    return CLASSES[name](**given)


def rows(name: str) -> tuple[Any, str | None]:
    if name.startswith(("Embedding", "Text")):
        return (vectors if name.startswith("Embedding") else lambda *_: TEXTS), None
    task = CLASSES[name].sheet.task
    if any(part in name for part in OF_SCORES) and task == "classification":
        return scored, None
    return MAPPINGS.get(task, (batch, None))


@pytest.mark.parametrize("name", [*OF_DATA, *OF_MODELS, *OF_NEWER])
def test_every_name_says_something_of_both_sides(name: str) -> None:
    frame, task = rows(name)
    current, reference = frame(300, 2), frame(400, 1)
    told = run([made(name)], current, reference, task)[0]
    assert told["metric"] == name
    result = told["result"]
    assert set(result) >= {"current", "reference"}
    found = [x for x in result["current"].values() if x not in (None, {}, [])]
    report = Report(metrics=[made(name)])
    report.run(reference_data=reference, current_data=current, column_mapping=mapping(current, task))
    drawn = [figure for r in report.ours.results for figure in r.figures]
    assert found or drawn, result
    assert all(r.status == "ok" for r in report.ours.results), [(r.spec.name, r.note) for r in report.ours.results]


def test_numbers_stand_where_people_read_them() -> None:
    frame, before = batch(300, 2), batch(400, 1)
    of = metrics
    told = [entry["result"] for entry in run([
        of.DatasetMissingValuesMetric(), of.ColumnMissingValuesMetric("y"), of.ColumnSummaryMetric(column_name="x"),
        of.ColumnRegExpMetric("zip", reg_exp="1[0-4]"), of.ColumnCategoryMetric("grade", category="b"),
        of.ColumnValueRangeMetric("x", left=-1, right=1), of.ColumnValueListMetric("grade", values=["a"]),
        of.ColumnQuantileMetric("x", quantile=0.9), of.DatasetSummaryMetric(), of.ConflictTargetMetric(),
    ], frame, before)]  # fmt: skip
    missing = int(frame["y"].isna().sum())
    assert told[0]["current"]["number_of_missing_values"] == missing
    assert told[0]["current"]["share_of_missing_values_by_column"]["y"] == pytest.approx(missing / 300)
    assert told[0]["reference"]["number_of_missing_values"] == int(before["y"].isna().sum())
    assert told[0]["current"]["number_of_rows_with_missing_values"] == missing
    assert told[1]["current"]["number_of_missing_values"] == missing
    assert told[1]["reference"]["share_of_missing_values"] == pytest.approx(before["y"].isna().mean())
    described = frame["x"].describe()
    for key in ("mean", "std", "min", "max"):
        assert told[2]["current"][key] == pytest.approx(described[key])
    matched = int(frame["zip"].str.match("1[0-4]").sum())
    assert told[3]["current"]["number_of_matched"] == matched
    assert told[3]["current"]["number_of_not_matched"] == 300 - matched
    assert told[4]["current"]["category_num"] == int((frame["grade"] == "b").sum())
    assert told[4]["reference"]["category_ratio"] == pytest.approx((before["grade"] == "b").mean())
    assert told[5]["current"]["number_not_in_range"] == int((~frame["x"].between(-1, 1)).sum())
    assert told[6]["current"]["share_not_in_list"] == pytest.approx((frame["grade"] != "a").mean())
    assert told[7]["current"]["value"] == pytest.approx(frame["x"].quantile(0.9))
    assert told[8]["current"]["number_of_columns"] == frame.shape[1]
    assert told[9]["current"]["number_not_stable_target"] == 0


def test_a_column_that_is_not_there_is_said_and_the_rest_is_told() -> None:
    told = run([metrics.ColumnSummaryMetric("nowhere"), metrics.ColumnSummaryMetric("x")], batch(50, 1))
    assert "no column 'nowhere'" in told[0]["result"]["note"]
    assert told[1]["result"]["current"]["mean"] is not None
    assert "note" in run([metrics.ColumnSummaryMetric("nowhere")], batch(50, 1))[0]["result"]


def test_presets_of_scores_lists_and_texts() -> None:
    told = run([metric_preset.RecsysPreset(k=5)], lists(300, 2), lists(400, 1), "recsys")
    assert [entry["metric"] for entry in told][:3] == ["PrecisionTopKMetric", "RecallTopKMetric", "FBetaTopKMetric"]
    assert all(0 < entry["result"]["current"][key] <= 1 for entry, key in
               zip(told, ("precision_at_k", "recall_at_k"), strict=False))  # fmt: skip
    frame = scored(300, 2)
    told = run([metric_preset.ClassificationPreset(k=30)], frame, scored(400, 1))
    best = frame.nlargest(30, "prediction")["target"].mean()
    assert told[0]["result"]["current"]["precision"] == pytest.approx(best, abs=0.02)
    made = [
        descriptors.TextLength(), descriptors.SentenceCount(), descriptors.WordCount(display_name="Words"),
        descriptors.Contains(items=["refund", "fine"]), descriptors.BeginsWith("It"), descriptors.RegExp("[0-9]"),
        descriptors.IncludesWords(words_list=["go", "me"]), descriptors.EndsWith("you"), descriptors.OOV(),
    ]  # fmt: skip
    told = run([metric_preset.TextEvals(column_name="note", descriptors=made)], TEXTS, TEXTS)
    found = {entry["metric"]: entry["result"]["current"]["mean"] for entry in told}
    assert found["TextLength"] == pytest.approx(TEXTS["note"].str.len().mean())
    assert found["Words"] == pytest.approx(np.mean([4, 3, 2, 5]))
    assert {n: found[n] for n in ("Contains", "BeginsWith", "RegExp", "IncludesWords", "EndsWith")} == {
        "Contains": 0.5, "BeginsWith": 0.25, "RegExp": 0.25, "IncludesWords": 0.5, "EndsWith": 0.25,
    }  # fmt: skip
    assert run([metric_preset.TextEvals()], TEXTS, TEXTS)[0]["result"]["current"]
    with pytest.raises(ParameterError, match="column of the rows"):
        _ = descriptors.Sentiment
    with pytest.raises(ParameterError, match="no descriptor"):
        metric_preset.TextEvals(column_name="note", descriptors=["TextLength"])


def test_newer_code_runs() -> None:
    """Current first, results on what `run` gives back."""
    frame, before = batch(300, 2), batch(400, 1)
    of = DataDefinition(
        numerical_columns=["x", "y", "key"], categorical_columns=["grade", "zip", "unit"],
        classification=[BinaryClassification(target="target", prediction_labels="prediction")],
    )  # fmt: skip
    made = [
        presets.DataDriftPreset(), presets.ClassificationPreset(), metrics.MeanValue(column="x"),
        metrics.MissingValueCount(column="y"), metrics.CategoryCount(column="grade", category="a"),
        metrics.OutRangeValueCount(column="x", left=-1, right=1), metrics.RowCount(), metrics.Accuracy(),
        metrics.ValueDrift(column="x"), metrics.DriftedColumnsCount(),
    ]  # fmt: skip
    sides = [Dataset.from_pandas(rows, data_definition=of) for rows in (frame, before)]
    snapshot = Report(made, include_tests=True).run(*sides)
    told = {entry["metric_id"]: entry["value"] for entry in snapshot.dict()["metrics"]}
    assert told["MeanValue"] == pytest.approx(frame["x"].mean())
    n = int(frame["y"].isna().sum())
    assert told["MissingValueCount"] == {"count": n, "share": pytest.approx(n / 300)}
    assert told["CategoryCount"]["count"] == int((frame["grade"] == "a").sum())
    assert told["OutRangeValueCount"]["count"] == int((~frame["x"].between(-1, 1)).sum())
    assert told["RowCount"] == 300
    assert told["Accuracy"] == pytest.approx((frame["target"] == frame["prediction"]).mean())
    assert told["DatasetDriftMetric"]["share_of_drifted_columns"] == 0
    assert {test["status"] for test in snapshot.dict()["tests"]} <= {"SUCCESS", "WARNING"}
    assert Report([metrics.RowCount()]).run(frame).dict()["metrics"][0]["value"] == 300
    for kind, rows in ((Regression(), numbers), (Recsys(), lists)):
        definition = DataDefinition(**{"regression" if rows is numbers else "ranking": [kind]})
        metric = metrics.MAE() if rows is numbers else metrics.NDCG(k=5)
        told = Report([metric]).run(Dataset.from_pandas(rows(300, 1), definition)).dict()["metrics"][0]["value"]
        assert told > 0


def test_what_is_not_there_says_our_way() -> None:
    for name in ("Comment", "RecCasesTable", "SomethingElse"):
        with pytest.raises(ParameterError, match=name):
            getattr(metrics, name)
    with pytest.raises(ParameterError, match="needs column_name"):
        metrics.ColumnSummaryMetric()
    with pytest.raises(ParameterError, match="takes no 'colour'"):
        metrics.ColumnSummaryMetric("x", colour=1)
    with pytest.raises(ParameterError, match="one task"):
        run([metrics.Accuracy(), metrics.MAE()], batch(50, 1))
    each = generate_column_metrics(metrics.ColumnQuantileMetric, columns=["x", "y"], parameters={"quantile": 0.5})
    assert [entry["result"]["column_name"] for entry in run(each, batch(50, 1))] == ["x", "y"]
    with pytest.raises(ParameterError, match="name them"):
        generate_column_metrics(metrics.ColumnSummaryMetric, columns="num")
    with pytest.raises(ParameterError, match="make a report of each"):
        DataDefinition(regression=[Regression()], ranking=[Recsys()]).mapping()
