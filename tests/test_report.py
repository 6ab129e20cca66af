"""`Report` as people call it: what they write by hand, files by path, labels that come later."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from barograph import Baseline, Check, Profile, Report, Schema, lt, no_drift
from barograph.errors import ParameterError, SchemaError
from barograph.metrics.drift import PSI
from barograph.metrics.quality import UnseenShare


def rows(seed: int = 0, n: int = 300) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return {
        "x": rng.normal(size=n),
        "c": rng.choice(["a", "b"], n),
        "y": y,
        "p": np.where(rng.uniform(size=n) < 0.2, 1 - y, y),
    }


LABELLED = Schema(target="y", prediction="p")


def test_kinds_may_be_plain_text() -> None:
    run = Report(["data_drift"]).run({"x": [1, 2] * 20}, {"x": [1, 2] * 20}, schema=Schema(kinds={"x": "categorical"}))  # type: ignore[dict-item]
    assert run.passed


@pytest.mark.parametrize(
    "wrong",
    [{"kinds": {"x": "number"}}, {"task": "clasification"}, {"target": "y", "prediction": "y"}],
    ids=str,
)
def test_a_wrong_schema_fails_when_it_is_made(wrong: dict[str, object]) -> None:
    with pytest.raises(SchemaError):
        Schema(**wrong)


def test_one_name_where_several_may_stand() -> None:
    assert Schema(ignore="id", segments="shop").ignore == ("id",)  # type: ignore[arg-type]


@pytest.mark.parametrize("target", [[True, False], ["True", "False"], ["true", "false"], [1, 0], [1.0, 0.0]], ids=str)
@pytest.mark.parametrize("prediction", [[True, False], ["True", "False"], [1, 0]], ids=str)
def test_a_class_may_be_spelt_differently_on_either_side(target: list[object], prediction: list[object]) -> None:
    data = {"y": target * 50, "p": prediction * 50}
    run = Report(["classification"]).run(data, data, schema=LABELLED)
    assert run.value("accuracy") == 1.0
    assert run.value("recall") == 1.0
    mixed = {"y": [1, 0] * 50, "p": prediction * 50}
    assert Report(["classification"]).run(mixed, data, schema=LABELLED).value("accuracy") == 1.0
    same = Report(["target_drift", "data_quality"]).run(mixed, data, schema=LABELLED)
    assert {v.value for v in same.find("psi")} == {0.0}, "drift tells classes apart as performance does"
    assert Report(["target_drift"]).run({**data, "y": [1, 1] * 50}, data, schema=LABELLED).status == "fail"


def test_a_positive_class_that_is_none_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"'yes'.*'No', 'Yes'"):
        Profile.of(
            {"y": ["Yes", "No"] * 5, "p": ["Yes", "No"] * 5}, schema=Schema(target="y", prediction="p", positive="yes")
        )


def test_a_timestamp_stored_as_text() -> None:
    frame = pd.DataFrame({"when": [f"2024-01-{day:02} 10:00" for day in range(1, 29)] * 5, "x": range(140)})
    schema = Schema(timestamp="when")
    run = Report().run(frame, frame, schema=schema)
    assert run.passed
    assert run.current.start == "2024-01-01T10:00:00+00:00"
    assert len(Report(["data_quality"]).timeline(frame, frame, every="7d", schema=schema).windows) >= 4
    unreadable = frame.assign(when="01/02/2024")
    assert Report(["data_quality"]).run(unreadable, frame, schema=schema).current.start is None


def test_labels_that_come_later() -> None:
    """Without labels the default report speaks of the rest, says that it waits, and does not fail for it."""
    unlabelled = {k: v for k, v in rows(1).items() if k != "y"}
    none_yet = {**rows(1), "y": [None] * 300}
    for current in (unlabelled, none_yet):
        run = Report().run(current, rows(), schema=LABELLED)
        assert run.passed, [v for v in run.verdicts if v.status != "pass"]
        assert any("No labels in column 'y'" in note for note in run.notes)
        assert Report(["data_drift"]).run(current, rows(), schema=LABELLED).passed
        assert Report(["classification"]).run(current, rows(), schema=LABELLED).status == "unknown"
    assert not any("No labels" in note for note in Report().run(rows(1), rows(), schema=LABELLED).notes)


def test_what_is_a_number_by_its_role_is_one_before_any_has_come() -> None:
    """A column of nulls only, or of numbers as text, is categorical; a score or a number to be predicted is not."""
    none: list[object] = [None] * 300
    scored = {"y": rows()["y"], "s": np.linspace(0, 1, 300)}
    for early in (none, [str(s) for s in scored["s"]]):
        base = Baseline.of({**scored, "s": early}, schema=Schema(target="y", score="s"))
        assert base.schema.kinds["s"] == "numeric"
        assert Report().run(scored, base).value("psi", column="s") is None if early is none else True
    predicted = {"y": none, "p": np.linspace(0, 99.5, 300)}
    base = Baseline.of(predicted, schema=Schema(target="y", prediction="p"))
    assert (base.schema.task, base.schema.kinds["y"]) == ("regression", "numeric")
    assert Report().run({**predicted, "y": predicted["p"] + 1}, base).value("mae") == pytest.approx(1)
    with pytest.raises(SchemaError, match="'s' is a score, and its kind is categorical"):
        Schema(score="s", kinds={"s": "categorical"})


def test_rows_are_counted_once_whatever_the_columns() -> None:
    """Whylogs 13: "observations" were cells (20,000 of 10,000 rows), and a statistic stood where p was 0."""
    data = {"a": np.arange(1000), "b": np.arange(1000)}
    run = Report(["data_drift"]).run({"a": data["a"] + 5000, "b": data["b"]}, data)
    assert (run.current.n_rows, run.reference.n_rows) == (1000, 1000)  # type: ignore[union-attr]
    (value,) = (v for v in run.find("ks") if v.labels["column"] == "a")
    assert value.value == 1.0
    assert value.p_value is not None and value.p_value < 1e-12


def test_no_features_at_all() -> None:
    data = {"y": [True, False] * 50, "p": [True, False] * 50}
    assert Report().run(data, data, schema=LABELLED).passed


def test_very_many_labels() -> None:
    """Over 10,000 labels rare and unseen ones cannot be told apart: no number, no pass for it, and a note."""
    data = {"m": [f"m{i}" for i in range(12_000)], "c": ["a", "b"] * 6000}
    run = Report().run(data, data)
    assert run.passed
    assert run.value("unseen_share", column="m") is None
    assert run.verdict("unseen_share", column="m") is None
    assert any("to judge: m (or too many labels)" in note for note in run.notes)
    alone = Report().run({"m": data["m"]}, {"m": data["m"]})
    assert alone.verdict("unseen_share").status == "unknown"
    assert not [v for v in alone.verdicts if v.status == "fail"]


def test_paths_of_profiles_and_baselines(tmp_path: Path) -> None:
    baseline = Baseline.of(rows(), schema=LABELLED)
    baseline.write(tmp_path / "frozen")
    Profile.of(rows(1), baseline).write(tmp_path / "now")
    run = Report().run(tmp_path / "now", str(tmp_path / "frozen"))
    assert run.as_dict()["verdicts"] == Report().run(rows(1), baseline).as_dict()["verdicts"]


def test_a_schema_that_contradicts_the_baseline_is_refused() -> None:
    baseline = Baseline.of(rows(), schema=LABELLED)
    assert Report().run(rows(1), baseline, schema=LABELLED).results
    for other in (Schema(target="c"), LABELLED.replace(threshold=0.2), LABELLED.replace(kinds={"x": "categorical"})):
        with pytest.raises(SchemaError, match="was frozen with"):
            Report().run(rows(1), baseline, schema=other)
    with pytest.raises(ParameterError, match="brings its own schema"):
        Profile.of(rows(1), baseline, schema=LABELLED)


def test_a_check_of_a_column_that_nobody_has() -> None:
    with pytest.raises(ParameterError, match="'xx'; the columns are 'x', 'c'"):
        Report([Check(PSI("xx"), lt(1))]).run(rows(), rows())


def test_the_name_of_a_reference_is_no_part_of_its_hash() -> None:
    assert Baseline.of({"x": [1.0, 2.0]}, name="a").id == Baseline.of({"x": [1.0, 2.0]}, name="b").id


def test_a_failing_statistic_is_a_verdict_and_the_report_survives() -> None:
    class Broken(PSI):
        def statistic(self, current, reference, cells):  # type: ignore[no-untyped-def]
            if current.ndim > 1:
                raise FloatingPointError("on draws")
            return super().statistic(current, reference, cells)

    run = Report([Check(Broken(), no_drift(0)), Check(UnseenShare(), no_drift())]).run(rows(1), rows())
    assert {v.status for v in run.verdicts} == {"error", "pass"}


def test_profiles_that_were_added_share_nothing() -> None:
    one = Profile.of({"x": [1.0]})
    total = sum([one])
    total.add(next(iter(__import__("barograph.frame", fromlist=["x"]).open_rows({"x": [2.0]}).batches())))
    assert one.get("counts", "x").n_rows == 1
    with pytest.raises(TypeError):
        one + 1


def test_the_positive_class_is_named() -> None:
    run = Report().run(rows(1), rows(), schema=LABELLED)
    assert "The positive class is '1'." in run.notes


def test_gaps_are_shown_and_long_ones_as_one() -> None:
    days = ["2024-01-01", "2024-01-02", "2024-01-04", "1970-01-01"]
    frame = pd.DataFrame({"when": pd.to_datetime(days * 20), "x": range(80)})
    made = Report(["data_quality"]).timeline(frame, every="1d", schema=Schema(timestamp="when"))
    assert [window.n_rows for window in made.windows] == [20, 0, 20, 20, 0, 20]
    assert made.windows[1].start == "1970-01-02T00:00:00+00:00"
    assert made.windows[1].end == made.windows[2].start


def test_scores_at_the_end_of_float64_warn_nobody_and_are_written() -> None:
    baseline = Baseline.of(
        {"p": np.linspace(0, 1, 100), "y": np.arange(100) % 2 == 0}, schema=Schema(target="y", score="p")
    )
    run = Report().run(Profile.of({"p": [0.5, 1.7e308] * 20, "y": [True] * 40}, baseline), baseline)
    json.dumps(run.as_dict(), allow_nan=False)
    assert run.value("score_distribution") is None
