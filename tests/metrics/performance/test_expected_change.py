"""What a column's change would cost: importance weights on the raw rows, and labels that come later."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Profile, Report, Schema
from barograph.learning import OUTCOMES_AT_MOST
from barograph.metrics.performance import ExpectedLossChange, ExpectedPredictionChange
from barograph.needs import of_reference
from barograph.results import Table
from barograph.summaries.cuts import MISSING

SCORED = Schema(target="y", score="s", positive="1", task="classification")
NUMBERS = Schema(target="y", prediction="p", task="regression")


def scored(seed: int, n: int = 4000, shift: float = 0.0, odds: float = 0.5) -> pl.DataFrame:
    """The target depends on x and city; the score knows x less well beyond 1, and nothing of the city."""
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, n)
    city = np.where(rng.random(n) < odds, "Ulm", rng.choice(["Bonn", "Köln"], n))
    p = 1 / (1 + np.exp(1 - np.minimum(x, 1) - (city == "Ulm")))
    y = (rng.random(n) < p).astype(int)
    s = 1 / (1 + np.exp(1 - x))
    gaps = np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 4, n))
    return pl.DataFrame({"x": x, "city": city, "rooms": gaps, "y": y, "s": s})


def loss(rows: pl.DataFrame) -> pl.DataFrame:
    y, s = pl.col("y"), pl.col("s").clip(1e-15, 1 - 1e-15)
    return rows.with_columns(loss=-(y * s.log() + (1 - y) * (1 - s).log()))


def weighted_by_hand(then: pl.DataFrame, now: pl.DataFrame, what: str) -> float:
    """Row by row: the weight of a reference's row is the ratio of the shares of its cell."""
    p, q = (side.group_by("cell").agg(n=pl.len()).with_columns(share=pl.col("n") / pl.sum("n")) for side in (then, now))
    ratio = p.join(q, on="cell", how="left", nulls_equal=True, suffix="_now").with_columns(
        w=pl.col("share_now").fill_null(0) / pl.col("share")
    )
    rows = then.join(ratio, on="cell", nulls_equal=True)
    return float(rows.select((pl.col(what) * pl.col("w")).mean() - pl.col(what).mean()).item())


def expected(now: object, then: object, schema: Schema = SCORED, column: str | None = None) -> dict:
    run = Report([ExpectedLossChange(column)]).run(now, then, schema=schema)
    return {v.labels["column"]: v for v in run.results[0].values}


def cut_of(baseline: Baseline, column: str):
    need = next(need for need in baseline.profile.summaries if of_reference(need))
    return baseline.profile.summaries[need].cuts[need.columns.index(column)]


@pytest.mark.parametrize("column", ["x", "city", "rooms", "s"])
def test_it_is_importance_weighting_of_the_rows(column):
    then, now = loss(scored(0)), loss(scored(1, shift=0.4, odds=0.3))
    baseline = Baseline.of(then.drop("loss"), schema=SCORED)
    cut = cut_of(baseline, column)
    edges = None if cut.edges is None else cut.edges.tolist()

    def celled(rows: pl.DataFrame) -> pl.DataFrame:
        value = pl.col(column)
        if edges is None:
            return rows.with_columns(cell=value)
        cell = sum((value > edge).cast(pl.Int64) for edge in edges)
        return rows.with_columns(cell=pl.when(value.is_nan()).then(MISSING).otherwise(cell))

    found = expected(Profile.of(now.drop("loss", "y"), baseline), baseline)[column]
    assert found.value == pytest.approx(weighted_by_hand(celled(then), celled(now), "loss"), abs=1e-12)
    assert found.labels["of"] == "log loss"


def test_absolute_error_and_error_rate():
    rng = np.random.default_rng(2)
    then = pl.DataFrame({"kind": rng.choice(["a", "b", "c"], 3000), "y": rng.normal(size=3000)})
    then = then.with_columns(p=pl.col("y") + pl.col("kind").replace_strict({"a": 0.1, "b": 1.0, "c": -3.0}))
    now = then.head(700).with_columns(kind=pl.Series(rng.choice(["a", "c"], 700)))
    cells = [side.with_columns(cell="kind", loss=(pl.col("y") - pl.col("p")).abs()) for side in (then, now)]
    found = expected(now, then, NUMBERS)["kind"]
    assert found.value == pytest.approx(weighted_by_hand(*cells, "loss"))
    assert found.labels["of"] == "absolute error"
    said = Schema(target="y", prediction="p", positive="1")
    classes = [
        side.select(
            cell="kind", kind="kind", y=(pl.col("y") > 0).cast(pl.Int64), p=(pl.col("p") > 0).cast(pl.Int64)
        ).with_columns(loss=(pl.col("y") != pl.col("p")).cast(pl.Float64))
        for side in (then, now)
    ]
    found = expected(classes[1].drop("cell", "loss"), classes[0].drop("cell", "loss"), said)["kind"]
    assert found.value == pytest.approx(weighted_by_hand(*classes, "loss"))
    assert found.labels["of"] == "error rate"


def test_several_classes_and_weights_and_truths():
    rng = np.random.default_rng(3)
    n = 2000
    then = pl.DataFrame({"good": rng.random(n) < 0.7, "y": rng.choice(list("abc"), n), "w": rng.exponential(size=n)})
    then = then.with_columns(p=pl.when("good").then("y").otherwise(pl.lit("a")))
    now = then.filter(~pl.col("good") | (pl.int_range(pl.len()) % 3 == 0))
    found = expected(now, then, Schema(target="y", prediction="p", weight="w"))
    wrong = then.filter(~pl.col("good")).select(((pl.col("y") != "a") * pl.col("w")).sum() / pl.col("w").sum()).item()
    assert found["good"].value == pytest.approx(wrong * (then["good"].mean() - now["good"].mean()))
    assert found["p"].value is not None


def test_what_is_expected_comes_true_where_the_target_depends_on_the_inputs_as_it_did():
    then = scored(10, 20_000)
    before = loss(then)["loss"].mean()
    for seed, shift, odds, column in ((11, 0.5, 0.5, "x"), (12, -0.5, 0.5, "x"), (13, 0.0, 0.2, "city")):
        now = scored(seed, 20_000, shift, odds)
        found = expected(now.drop("y"), then)[column]
        losses = loss(now)["loss"]
        came = losses.mean() - before
        assert abs(came) > 0.01
        error = np.hypot(found.se, losses.std() / np.sqrt(losses.len()))
        assert abs(found.value - came) < 3 * error, (seed, found.value, came, error)


def test_the_standard_error_is_that_of_many_draws():
    draws = []
    for seed in range(40):
        found = expected(scored(seed, 1000, 0.3).drop("y"), scored(1000 + seed, 1000))["x"]
        draws.append((found.value, found.se))
    values, errors = np.array(draws).T
    assert 0.7 < values.std(ddof=1) / errors.mean() < 1.4


def test_nothing_has_changed():
    then = scored(4)
    found = expected(then, then)
    assert all(v.value == pytest.approx(0, abs=1e-12) and v.se > 0 for v in found.values())


def test_the_table_is_ranked_and_tells_the_confusion():
    then, now = scored(5), scored(6, shift=0.4, odds=0.3)
    result = Report([ExpectedLossChange()]).run(now.drop("y"), then, schema=SCORED).results[0]
    (table,) = result.figures
    assert isinstance(table, Table)
    changes = [abs(row[table.columns.index("change")]) for row in table.rows]
    assert changes == sorted(changes, reverse=True) and "depends on the inputs as it did" in result.note
    row = dict(zip(table.columns, next(row for row in table.rows if row[0] == "city"), strict=True))
    said = then.with_columns(cell="city", said=(pl.col("s") >= 0.5).cast(pl.Float64)).with_columns(
        tp=pl.col("said") * pl.col("y"), right=(pl.col("said") == pl.col("y")).cast(pl.Float64)
    )
    after = {
        what: said[what].mean() + weighted_by_hand(said, now.with_columns(cell="city"), what)
        for what in ("tp", "said", "y", "right")
    }
    assert row["accuracy"] == pytest.approx(after["right"])
    assert row["precision"] == pytest.approx(after["tp"] / after["said"])
    assert row["recall"] == pytest.approx(after["tp"] / after["y"])


def test_what_the_reference_never_saw_is_not_guessed():
    then, now = scored(7), scored(8)
    few = now.with_columns(city=pl.when(pl.int_range(pl.len()) < 400).then(pl.lit("Rom")).otherwise("city"))
    found = expected(few, then)["city"]
    assert found.value is not None
    assert found.note.startswith("10.0%")
    many = now.with_columns(city=pl.lit("Rom"), x=pl.col("x") + 3)
    found = expected(many, then)
    assert found["city"].value is None and "100.0% of the rows" in found["city"].note
    assert found["x"].value is None and found["rooms"].value is not None


def test_nothing_to_say_it_from():
    then, now = scored(9, 500), scored(10, 500)
    found = expected(now.drop("x"), then)
    assert found["x"].value is None and found["x"].note == "no values in the current rows"
    assert expected(now.with_columns(x=pl.lit(None, pl.Float64)), then)["x"].value is None
    assert expected(now.head(0), then)["x"].value is None
    unlabelled = then.with_columns(y=pl.lit(None, pl.Int64))
    assert expected(now, unlabelled, SCORED.replace(classes=("0", "1")))["x"].value is None
    plain = Report([ExpectedLossChange()]).run(now, then, schema=Schema()).results[0]
    assert plain.status == "unknown" and "target" in plain.note
    alone = Report([ExpectedLossChange()]).run(now, schema=SCORED).results[0]
    assert alone.status == "unknown" and "reference" in alone.note
    lean = Baseline.of(then, schema=SCORED, needs=lambda schema: ExpectedLossChange("x").needs(schema))
    found = expected(Profile.of(now, lean), lean)
    assert found["x"].value == expected(now, then)["x"].value and found["city"].value is None
    bare = Baseline.of(then, schema=SCORED, needs=lambda schema: [])
    result = Report([ExpectedLossChange()]).run(Profile.of(now, bare), bare).results[0]
    assert result.status == "unknown" and "freeze it again" in result.note


def test_only_the_baseline_keeps_outcomes():
    then = scored(11, 500)
    baseline = Baseline.of(then, schema=SCORED)
    assert any(map(of_reference, baseline.profile.summaries))
    assert not any(map(of_reference, Profile.of(then, baseline).summaries))
    again = Baseline.from_bytes(baseline.to_bytes())
    now = Profile.of(scored(12, 500, 0.3), baseline)
    assert expected(now, again) == expected(now, baseline)
    both = now + now
    assert expected(both, baseline)["x"].value == pytest.approx(expected(now, baseline)["x"].value)


def test_a_foreign_file_may_hold_other_cells_and_measures():
    then = scored(13, 500)
    body = Baseline.of(then, schema=SCORED).profile.body()
    for change in ({"measures": list("abcdef")}, {"mean": None}):
        made = msgspec.to_builtins(body)
        for at, (need, state) in enumerate(body["summaries"]):
            if need["label"] == "reference":
                size = len(state["mean"]) // 8
                new = {"mean": np.full(size, np.inf).tobytes()} if "mean" in change else change
                made["summaries"][at] = [need, {**state, **new}]
            else:
                made["summaries"][at] = [need, state]
        baseline = Baseline(Profile.from_body({**body, "summaries": made["summaries"]}))
        result = Report([ExpectedLossChange()]).run(Profile.of(then, baseline), baseline).results[0]
        assert result.status == "unknown" and all(v.value is None for v in result.values)


def test_of_a_large_reference_a_choice_of_rows_is_measured():
    n = OUTCOMES_AT_MOST + 60_000
    then = scored(14, n)
    baseline = Baseline.of(then, schema=SCORED)
    need = next(need for need in baseline.profile.summaries if of_reference(need))
    kept = baseline.profile.summaries[need].n_rows
    assert abs(kept - OUTCOMES_AT_MOST) < 1500
    now = scored(15, 20_000, 0.5).drop("y")
    found = expected(Profile.of(now, baseline), baseline)["x"]
    whole = loss(then)
    edges = cut_of(baseline, "x").edges.tolist()
    cells = [side.with_columns(cell=sum((pl.col("x") > e).cast(pl.Int64) for e in edges)) for side in (whole, now)]
    assert found.value == pytest.approx(weighted_by_hand(*cells, "loss"), abs=3 * found.se)


def test_the_mean_prediction_is_weighted_likewise():
    then, now = scored(16), scored(17, shift=0.4, odds=0.3)
    cells = [side.with_columns(cell="city") for side in (then, now)]
    unlabelled = Schema(score="s", positive="1", task="classification")
    run = Report([ExpectedPredictionChange()]).run(now.drop("y"), then.drop("y"), schema=unlabelled)
    found = {v.labels["column"]: v for v in run.results[0].values}
    assert found["city"].value == pytest.approx(weighted_by_hand(*cells, "s"), abs=1e-12)
    assert found["city"].labels["of"] == "mean score"
    came = now["s"].mean() - then["s"].mean()
    assert abs(found["s"].value - came) < 0.01 < abs(came)
    numbers = then.rename({"s": "p"}), now.rename({"s": "p"})
    run = Report([ExpectedPredictionChange("city")]).run(numbers[1], numbers[0], schema=NUMBERS)
    assert run.value("expected_prediction_change", column="city", of="mean prediction") == pytest.approx(
        found["city"].value
    )
    said = [side.with_columns(p=(pl.col("s") > 0.5).cast(pl.Float64)) for side in cells]
    schema = Schema(target="y", prediction="p", positive="1", task="classification")
    run = Report([ExpectedPredictionChange("city")]).run(
        said[1].drop("s", "cell"), said[0].drop("s", "cell"), schema=schema
    )
    value = run.value("expected_prediction_change", column="city", of="predicted rate")
    assert value == pytest.approx(weighted_by_hand(*said, "p"))
