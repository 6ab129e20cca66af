"""Every test by its old name: no change passes, a known break fails, an improvement passes, and conditions are obeyed.

The originals failed 70 of 100 columns of the same law, and classifiers that had become better.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from barograph.compat.evidently import ColumnMapping, TestSuite, tests
from barograph.compat.evidently.tests import CLASSES, RECIPES, approx, generate_column_tests
from barograph.errors import ParameterError

Frame = pd.DataFrame
Change = Callable[[Frame], Frame]


def batch(n: int, seed: int) -> Frame:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, n)
    truth = (x + rng.normal(0, 1, n) > 0).astype(int)
    return pd.DataFrame({
        "x": x, "y": pd.Series(rng.normal(0, 1, n)).where(rng.random(n) > 0.04), "grade": rng.choice(list("abc"), n),
        "zip": rng.integers(10_000, 20_000, n).astype(str), "unit": "kg", "key": rng.choice(10**6, n, replace=False),
        "target": truth, "prediction": (x > 0).astype(int),
    })  # fmt: skip


def scored(n: int, seed: int) -> Frame:
    frame = batch(n, seed)
    return frame.assign(prediction=1 / (1 + np.exp(-frame["x"])))


def numbers(n: int, seed: int) -> Frame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(0, 1, n), "prediction": rng.normal(50, 10, n)})
    return frame.assign(target=frame["prediction"] + rng.normal(0, 2, n))


def lists(n: int, seed: int) -> Frame:
    """Twenty items for each user, of which those with a small number are liked and often shown first."""
    rng = np.random.default_rng(seed)
    users = n // 5
    items = np.stack([rng.permutation(60)[:20] for _ in range(users)])
    liked = rng.random(items.shape) < np.where(items < 15, 0.6, 0.1)
    score = 0.4 * liked + 0.3 * (items < 15) + rng.random(items.shape)
    user = np.repeat(np.arange(users), 20)
    return pd.DataFrame({"user_id": user, "item_id": items.ravel(), "prediction": score.ravel(),
                         "target": liked.ravel().astype(int)})  # fmt: skip


def vectors(n: int, seed: int) -> Frame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"x": rng.normal(size=n), "e": list(rng.normal(size=(n, 8)))})


MAPPINGS = {lists: {"task": "recsys"}, numbers: {"task": "regression"}}


def run(made: list[Any], reference: Frame | None, current: Frame, rows: Any = batch) -> dict[str, Any]:
    suite = TestSuite(tests=made)
    mapping = ColumnMapping(**MAPPINGS.get(rows, {}))
    suite.run(reference_data=reference, current_data=current, column_mapping=mapping)
    return suite.as_dict()


def put(**columns: Any) -> Change:
    return lambda frame: frame.assign(**columns)


def gone(column: str, share: int = 3) -> Change:
    return lambda frame: frame.assign(**{column: frame[column].where(np.arange(len(frame)) % share > 0)})


def shuffled(column: str) -> Change:
    return lambda frame: frame.assign(**{column: frame[column].sample(frac=1, random_state=1).to_numpy()})


def twice(**columns: Any) -> Change:
    return lambda frame: pd.concat([frame, frame.assign(**columns)], ignore_index=True)


def empty_rows(frame: Frame) -> Frame:
    return frame.astype(object).where(pd.Series(np.arange(len(frame)) % 10 > 0), None)


def flipped(column: str) -> Any:
    return lambda frame: 1 - frame[column]


def noisier(factor: float) -> Change:
    return lambda frame: frame.assign(target=frame["prediction"] + factor * (frame["target"] - frame["prediction"]))


def best_first(frame: Frame) -> Frame:
    return frame.assign(prediction=frame["prediction"] + 5 * frame["target"])


def same_for_all(frame: Frame) -> Frame:
    return frame.assign(prediction=-1.0 * frame["item_id"])


def rare_first(frame: Frame) -> Frame:
    return frame.assign(prediction=1.0 * frame["item_id"])


COMPLETE = put(y=lambda frame: frame["y"].fillna(0.0))
PERFECT = put(prediction=lambda frame: frame["target"])
MOVED, FAR, LOW = put(x=lambda f: f["x"] + 1), put(x=lambda f: f["x"] + 10), put(x=lambda f: f["x"] - 10)
BLANK = put(grade=lambda f: f["grade"].where(np.arange(len(f)) % 9 > 0, ""))
OTHER = put(grade=lambda f: f["grade"].where(np.arange(len(f)) % 4 > 0, "z"))
MOSTLY = put(grade=lambda f: f["grade"].where(np.arange(len(f)) % 2 > 0, "a"))
FEW = put(zip=lambda f: [str(10_000 + i % 5) for i in range(len(f))])
ALL_MOVED = put(x=lambda f: f["x"] + 1, y=lambda f: f["y"] + 1, grade="a", key=1, zip="10000")


class Case(NamedTuple):
    """A test: its parameters, what must fail, and what is better and must pass."""

    given: dict[str, Any]
    broken: Change
    better: Change | None = None
    rows: Callable[[int, int], Frame] = batch


X, GRADE, ZIP = {"column_name": "x"}, {"column_name": "grade"}, {"column_name": "zip"}
CASES: dict[str, Case] = {
    "TestNumberOfRows": Case({}, lambda f: f.head(0)),
    "TestNumberOfColumns": Case({}, lambda f: f.drop(columns="grade")),
    "TestColumnsType": Case({}, put(x=lambda f: f["x"].astype(str) + "a")),
    **{
        name: Case({}, gone("x"), COMPLETE)
        for name in (
            "TestNumberOfMissingValues", "TestShareOfMissingValues", "TestNumberOfColumnsWithMissingValues",
            "TestShareOfColumnsWithMissingValues", "TestNumberOfRowsWithMissingValues",
            "TestShareOfRowsWithMissingValues",
        )
    },
    "TestNumberOfConstantColumns": Case({}, put(x=1.0), put(unit=lambda f: f["grade"])),
    "TestNumberOfEmptyColumns": Case({}, put(x=None)),
    "TestNumberOfEmptyRows": Case({}, empty_rows),
    "TestNumberOfDuplicatedRows": Case({}, twice()),
    "TestNumberOfDifferentMissingValues": Case({}, BLANK, COMPLETE),
    "TestColumnNumberOfDifferentMissingValues": Case({"column_name": "grade"}, BLANK),
    "TestNumberOfDuplicatedColumns": Case({}, put(key=lambda f: f["x"])),
    "TestColumnNumberOfMissingValues": Case({"column_name": "y"}, gone("y"), COMPLETE),
    "TestColumnShareOfMissingValues": Case({"column_name": "y"}, gone("y"), COMPLETE),
    "TestColumnAllConstantValues": Case({"column_name": "unit"}, put(unit=lambda f: f["grade"])),
    "TestColumnAllUniqueValues": Case({"column_name": "key"}, twice()),
    "TestColumnRegExp": Case({**ZIP, "reg_exp": "[0-9]{5}$"}, put(zip=lambda f: "D" + f["zip"])),
    "TestConflictTarget": Case({}, twice(target=flipped("target"))),
    "TestConflictPrediction": Case({}, twice(prediction=flipped("prediction"))),
    "TestTargetPredictionCorrelation": Case({}, shuffled("prediction"), PERFECT),
    "TestHighlyCorrelatedColumns": Case({}, put(y=lambda f: f["x"])),
    "TestTargetFeaturesCorrelations": Case({}, put(x=lambda f: 1.0 * f["target"])),
    "TestPredictionFeaturesCorrelations": Case({}, put(x=0.0)),
    "TestCorrelationChanges": Case({}, put(y=lambda f: -f["x"])),
    "TestMostCommonValueShare": Case(GRADE, MOSTLY),
    "TestNumberOfUniqueValues": Case(ZIP, FEW),
    "TestUniqueValuesShare": Case(ZIP, FEW),
    "TestColumnValueMin": Case(X, LOW, MOVED),
    "TestColumnValueMax": Case(X, FAR, LOW),
    "TestColumnValueMean": Case(X, MOVED),
    "TestColumnValueMedian": Case(X, MOVED),
    "TestColumnValueStd": Case(X, put(x=lambda f: 3 * f["x"])),
    "TestColumnQuantile": Case({**X, "quantile": 0.25}, MOVED),
    "TestMeanInNSigmas": Case(X, MOVED),
    "TestValueRange": Case(X, FAR),
    "TestNumberOfOutRangeValues": Case(X, FAR),
    "TestShareOfOutRangeValues": Case({**X, "left": -6, "right": 6}, FAR),
    "TestValueList": Case(GRADE, OTHER),
    "TestNumberOfOutListValues": Case(GRADE, OTHER),
    "TestShareOfOutListValues": Case({**GRADE, "values": ["a", "b", "c"]}, OTHER),
    "TestCategoryShare": Case({**GRADE, "category": "a"}, MOSTLY),
    "TestCategoryCount": Case({**GRADE, "category": "a"}, MOSTLY),
    "TestColumnDrift": Case(X, MOVED),
    "TestShareOfDriftedColumns": Case({}, ALL_MOVED),
    "TestNumberOfDriftedColumns": Case({}, ALL_MOVED),
    "TestEmbeddingsDrift": Case({"embeddings_name": "e"}, put(e=lambda f: list(np.stack(f["e"]) + 1)), rows=vectors),
    **{
        name: Case({}, shuffled("prediction"), PERFECT)
        for name in (
            "TestAccuracyScore", "TestPrecisionScore", "TestRecallScore", "TestF1Score", "TestTPR", "TestTNR",
            "TestFPR", "TestFNR",
        )
    },
    **{
        f"Test{rate}ByClass": Case({"label": 0}, shuffled("prediction"), PERFECT)
        for rate in ("Precision", "Recall", "F1")
    },
    "TestRocAuc": Case({}, shuffled("prediction"), put(prediction=lambda f: 0.1 + 0.8 * f["target"]), scored),
    "TestLogLoss": Case({}, shuffled("prediction"), put(prediction=lambda f: 0.1 + 0.8 * f["target"]), scored),
    **{
        f"TestValue{name}": Case({}, noisier(3), noisier(0.3), numbers)
        for name in ("MAE", "RMSE", "MAPE", "AbsMaxError", "R2Score")
    },
    "TestValueMeanError": Case({}, put(target=lambda f: f["target"] + 1), noisier(0.3), numbers),
    **{
        f"Test{name}": Case({"k": 5}, shuffled("prediction"), best_first, lists)
        for name in ("PrecisionTopK", "RecallTopK", "FBetaTopK", "MAPK", "MARK", "NDCGK", "HitRateK", "MRRK")
    },
    **{
        f"Test{name}": Case({"k": 5}, change, rows=lists)
        for name, change in (
            ("Novelty", rare_first), ("Diversity", same_for_all), ("Serendipity", same_for_all),
            ("Personalization", same_for_all), ("ARP", rare_first), ("Coverage", same_for_all),
            ("GiniIndex", same_for_all), ("ScoreEntropy", put(prediction=lambda f: f["prediction"] ** 4)),
        )
    },
}  # fmt: skip


def test_no_class_is_without_a_case() -> None:
    assert set(CASES) == set(RECIPES)


@pytest.mark.parametrize("name", CASES)
def test_no_change_passes_a_break_fails_and_better_passes(name: str) -> None:
    case = CASES[name]
    made = [CLASSES[name](**case.given)]
    reference, same = case.rows(1500, 1), case.rows(1200, 2)
    statuses = {}
    for what, current in (
        ("reference", reference), ("same", same), ("broken", case.broken(same)),
        ("better", case.better(same) if case.better else same),
    ):  # fmt: skip
        told = run(made, reference, current, case.rows)["tests"]
        assert len(told) == 1
        assert {"name", "status", "description", "group", "parameters"} <= set(told[0])
        statuses[what] = told[0]["status"]
    assert statuses == {"reference": "SUCCESS", "same": "SUCCESS", "broken": "FAIL", "better": "SUCCESS"}


@pytest.mark.parametrize("rows", [batch, scored, numbers, lists, vectors])
def test_conditions_of_the_user_at_their_edge(rows: Any) -> None:
    names = [name for name, case in CASES.items() if case.rows is rows]
    reference, current = rows(300, 3), rows(200, 4)
    plain = run([CLASSES[n](**CASES[n].given) for n in names], reference, current, rows)["tests"]
    values = [told["parameters"]["value"] for told in plain]
    assert None not in values
    expected = {"eq": "SUCCESS", "not_eq": "FAIL", "gte": "SUCCESS", "gt": "FAIL", "lte": "SUCCESS", "lt": "FAIL",
                "is_in": "SUCCESS", "not_in": "FAIL"}  # fmt: skip
    for condition, status in expected.items():
        operands = [[value, 1e9] if condition.endswith("in") else value for value in values]
        made = [CLASSES[n](**CASES[n].given, **{condition: o}) for n, o in zip(names, operands, strict=True)]
        told = run(made, reference, current, rows)["tests"]
        assert {t["name"] for t in told if t["status"] != status} == set(), condition
        warned = [CLASSES[n](**CASES[n].given, is_critical=False, eq=1e9) for n in names]
        assert {t["status"] for t in run(warned, reference, current, rows)["tests"]} == {"WARNING"}


@pytest.mark.parametrize("name", CASES)
def test_nothing_passes_unseen(name: str) -> None:
    """No rows, or the columns gone."""
    case = CASES[name]
    reference = case.rows(300, 1)
    made = [CLASSES[name](**case.given), CLASSES[name](**case.given, gte=-1e9)]
    told = run(made, reference, reference.head(0), case.rows)
    assert told["summary"]["all_passed"] is False
    statuses = {t["status"] for t in told["tests"]}
    assert statuses <= {"SKIPPED", "ERROR"} or name == "TestNumberOfRows"
    if "column_name" in case.given:
        column = case.given["column_name"]
        statuses = {t["status"] for t in run(made, reference, reference.drop(columns=column), case.rows)["tests"]}
        assert statuses <= {"SKIPPED", "ERROR", "FAIL"}
        nowhere = CLASSES[name](**{**case.given, "column_name": "nowhere"})
        told = run([nowhere], reference, reference, case.rows)["tests"][0]
        assert told["status"] == "ERROR"
        assert "nowhere" in told["description"]


@pytest.mark.parametrize("name", ["TestRocAuc", "TestTNR", "TestFPR"])
def test_one_class_is_no_pass_of_what_it_cannot_say(name: str) -> None:
    case = CASES[name]
    reference = case.rows(300, 1)
    current = case.rows(300, 2).assign(target=1, prediction=1)
    told = run([CLASSES[name](**case.given), CLASSES[name](gte=0)], reference, current, case.rows)["tests"]
    assert {t["status"] for t in told} == {"SKIPPED"}


def test_the_keys_that_people_read() -> None:
    reference = batch(300, 1)
    told = run(
        [tests.TestNumberOfRows(gt=100), tests.TestColumnValueMax("x", lt=0), tests.TestRocAuc()], reference, reference
    )
    assert [t["status"] for t in told["tests"]] == ["SUCCESS", "FAIL", "SKIPPED"]
    assert [t["name"] for t in told["tests"]] == ["Number of Rows", "Max Value", "ROC AUC Score"]
    assert told["tests"][1]["parameters"]["column_name"] == "x"
    assert told["tests"][1]["parameters"]["value"] == reference["x"].max()
    assert "lt=0" in told["tests"][1]["description"]
    summary = {key: told["summary"][key] for key in ("all_passed", "total_tests", "success_tests", "failed_tests")}
    assert summary == {"all_passed": False, "total_tests": 3, "success_tests": 1, "failed_tests": 1}
    assert told["summary"]["by_status"] == {"SUCCESS": 1, "FAIL": 1, "SKIPPED": 1}


def test_counts_are_those_of_the_rows() -> None:
    frame = batch(400, 5)
    made = {
        "TestNumberOfMissingValues": ({}, int(frame.isna().sum().sum())),
        "TestColumnNumberOfMissingValues": ({"column_name": "y"}, int(frame["y"].isna().sum())),
        "TestNumberOfRowsWithMissingValues": ({}, int(frame.isna().any(axis=1).sum())),
        "TestShareOfColumnsWithMissingValues": ({}, 1 / frame.shape[1]),
        "TestColumnRegExp": ({"column_name": "zip", "reg_exp": "1[0-4]"},
                             int((~frame["zip"].str.match("1[0-4]")).sum())),
        "TestNumberOfOutRangeValues": ({"column_name": "x", "left": -1, "right": 1},
                                       int((~frame["x"].between(-1, 1)).sum())),
        "TestNumberOfOutListValues": ({"column_name": "grade", "values": ["a"]}, int((frame["grade"] != "a").sum())),
        "TestCategoryCount": ({"column_name": "grade", "category": "b"}, int((frame["grade"] == "b").sum())),
        "TestNumberOfDifferentMissingValues": ({}, 1),
        "TestColumnNumberOfDifferentMissingValues": ({"column_name": "y"}, 1),
        "TestNumberOfDuplicatedColumns": ({}, 0),
        "TestNumberOfUniqueValues": ({"column_name": "zip"}, frame["zip"].nunique()),
        "TestColumnQuantile": ({"column_name": "x", "quantile": 0.9}, frame["x"].quantile(0.9)),
    }  # fmt: skip
    told = run([CLASSES[n](**given, gte=0) for n, (given, _) in made.items()], None, frame)["tests"]
    found = {name: t["parameters"]["value"] for name, t in zip(made, told, strict=True)}
    assert found == {name: pytest.approx(expected, rel=1e-9) for name, (_, expected) in made.items()}


def test_a_tolerance() -> None:
    assert approx(10, relative=0.1).tolerance == 1.0
    assert approx(10, absolute=0.5).tolerance == 0.5
    assert approx(0).tolerance == 1e-12
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0]})  # the mean is 2
    expected = {"eq": "SUCCESS", "not_eq": "FAIL", "lt": "FAIL", "gt": "FAIL", "lte": "SUCCESS", "gte": "SUCCESS"}
    for condition, status in expected.items():
        for value in (1.9, 2.1):
            test = tests.TestColumnValueMean("x", **{condition: approx(value, absolute=0.1)})
            assert run([test], None, frame)["tests"][0]["status"] == status, (condition, value)
    with pytest.raises(ParameterError, match="0 or more"):
        approx(1, relative=-0.1)


def test_a_test_for_each_column() -> None:
    reference, current = batch(1500, 1), batch(1200, 2)
    mapping = {t["parameters"]["column_name"] for t in run(
        [tests.TestAllColumnsShareOfMissingValues()], reference, current)["tests"]}  # fmt: skip
    assert mapping >= {"x", "y", "grade", "zip", "unit", "key"}
    for name, change, column in (
        ("TestNumColumnsOutOfRangeValues", FAR, "x"), ("TestCatColumnsOutOfListValues", OTHER, "grade"),
        ("TestNumColumnsMeanInNSigmas", MOVED, "x"), ("TestAllFeaturesValueDrift", MOVED, "x"),
        ("TestAllColumnsMostCommonValueShare", MOSTLY, "grade"), ("TestAllColumnsShareOfMissingValues", gone("x"), "x"),
    ):  # fmt: skip
        left = ["zip"] if name == "TestCatColumnsOutOfListValues" else []
        sides = [frame.drop(columns=left) for frame in (reference, current)]
        assert run([CLASSES[name]()], *sides)["summary"]["all_passed"] is True, name
        told = run([CLASSES[name]()], sides[0], change(sides[1]))["tests"]
        assert [t["parameters"]["column_name"] for t in told if t["status"] == "FAIL"] == [column], name
        only = run([CLASSES[name](columns=[column])], sides[0], sides[1])["tests"]
        assert [t["parameters"]["column_name"] for t in only] == [column]
    custom = run([tests.TestCustomFeaturesValueDrift({"x": "ks", "y": 0.1})], reference, MOVED(current))["tests"]
    assert [t["status"] for t in custom] == ["FAIL", "SUCCESS"]
    made = [
        generate_column_tests(tests.TestColumnValueMean, columns="num", parameters={"lt": 1e6}),
        generate_column_tests(tests.TestColumnShareOfMissingValues, columns=["x", "y"]),
    ]
    told = run(made, reference, current)["tests"]
    assert {t["parameters"]["column_name"] for t in told} == {"x", "y", "key"}
    with pytest.raises(ParameterError, match="no test of one column"):
        generate_column_tests(tests.TestNumberOfRows)
    with pytest.raises(ParameterError, match="one of all"):
        generate_column_tests(tests.TestColumnValueMean, columns="some")


@pytest.mark.parametrize("rows", [batch, numbers])
def test_presets_say_more_than_nothing_without_a_reference(rows: Any) -> None:
    from barograph.compat.evidently import test_preset

    name = "RegressionTestPreset" if rows is numbers else "BinaryClassificationTestPreset"
    told = run([getattr(test_preset, name)()], None, rows(500, 1), rows)["tests"]
    by_name = {t["name"]: t["status"] for t in told}
    assert "FAIL" not in by_name.values()
    assert sum(status == "SUCCESS" for status in by_name.values()) >= len(by_name) - 1


def test_presets_of_scores_and_of_lists() -> None:
    from barograph.compat.evidently import test_preset

    for preset, rows in (
        (test_preset.BinaryClassificationTopKTestPreset(k=100), scored), (test_preset.RecsysTestPreset(k=5), lists)
    ):  # fmt: skip
        reference, same = rows(1500, 1), rows(1200, 2)
        assert run([preset], reference, same, rows)["summary"]["all_passed"] is True
        assert run([preset], reference, shuffled("prediction")(same), rows)["summary"]["failed_tests"] > 2
    with pytest.raises(ParameterError, match="needs k"):
        test_preset.RecsysTestPreset()


def test_the_highest_k_are_k() -> None:
    """The original took one more."""
    frame = pd.DataFrame({"target": [1, 0, 1, 0, 0, 1, 0, 0, 0, 0], "prediction": np.linspace(0.95, 0.05, 10)})
    told = run([tests.TestPrecisionScore(k=k, gte=0) for k in (1, 2, 3)], None, frame, scored)["tests"]
    assert [t["parameters"]["value"] for t in told] == [1.0, 0.5, pytest.approx(2 / 3)]


def test_what_is_not_taken_says_our_way() -> None:
    with pytest.raises(ParameterError, match="needs column_name"):
        tests.TestColumnValueMin()
    with pytest.raises(ParameterError, match="takes no 'colour'"):
        tests.TestNumberOfRows(colour=1)
    with pytest.raises(ParameterError, match="no test 'TestSomethingElse'"):
        _ = tests.TestSomethingElse
    for wrong in ({"eq": "3"}, {"eq": float("nan")}, {"is_in": []}, {"is_in": "ab"}, {"lt": "x"}):
        with pytest.raises(ParameterError):
            tests.TestNumberOfRows(**wrong)
    with pytest.raises(ParameterError, match="min_rel_score"):
        tests.TestNDCGK(5, min_rel_score=3)
    with pytest.raises(ParameterError, match="one task"):
        run([tests.TestAccuracyScore(), tests.TestValueMAE()], None, batch(50, 1))
