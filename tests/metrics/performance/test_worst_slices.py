"""Where a model got worse: Welch's test on raw rows, same-law data, planted slices, and what cannot be told."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from barograph import Baseline, Profile, Report, Schema
from barograph.errors import ParameterError
from barograph.metrics.performance import WorstSlices
from barograph.needs import Need
from barograph.summaries import SliceMoments
from barograph.summaries.cuts import Cut
from barograph.types import Measured

SCHEMA = Schema(target="y", prediction="p", task="regression")
COLUMNS = ("a", "b", "c", "d")


def rows(seed: int, n: int = 4000, worse: str = "") -> pl.DataFrame:
    """A regression with skewed errors; `worse` in a city, or only in that city for one of three plans."""
    rng = np.random.default_rng(seed)
    city, plan = rng.choice(["Ulm", "Köln", "Trier", "🦆<b>"], n), rng.choice(["x", "y", "z"], n)
    error = rng.exponential(size=n)
    bad = {"": np.zeros(n, bool), "city": city == "Köln", "pair": (city == "Köln") & (plan == "y")}[worse]
    error[bad] *= 2
    age = np.where(rng.random(n) < 0.05, np.nan, rng.normal(40, 10, n))
    frame = pl.DataFrame({"city": city, "plan": plan, "age": age, "y": np.zeros(n), "p": error})
    return frame.with_columns(pl.col("age").fill_nan(None))


def profile(rng: np.random.Generator, n: int, loss: str) -> Profile:
    """Rows of four columns of which none has to do with the loss, as counts."""
    cuts = [Cut(np.arange(k - 1.0), None, [str(i) for i in range(k)]) for k in (2, 4, 6, 7)]
    cells = tuple(np.floor(k * rng.random(n) ** power) - 0.5 for k, power in ((2, 3), (4, 1), (6, 2), (7, 1)))
    found = {"skewed": rng.lognormal(0, 1.2, n), "rare": (rng.random(n) < 0.03).astype(float)}[loss]
    summary = SliceMoments(cuts, "absolute")
    summary.update(Measured(cells, n, {"absolute": found}))
    schema = Schema(target="y", prediction="p", task="regression", kinds=dict.fromkeys((*COLUMNS, "y", "p"), "numeric"))
    return Profile(schema, {Need("slicemoments", COLUMNS): summary}, n)


@pytest.mark.parametrize(("loss", "n", "m"), [("skewed", 1000, 4000), ("rare", 4000, 1000)])
def test_nothing_is_found_where_nothing_changed(loss: str, n: int, m: int) -> None:
    rng = np.random.default_rng(11)
    found = [WorstSlices().compute(profile(rng, n, loss), profile(rng, m, loss)) for _ in range(150)]
    assert all(result.status == "ok" and result.figures for result in found)
    assert sum(len(result.values) > 1 for result in found) <= 4


def test_a_bad_category_is_found_alone() -> None:
    run = Report([WorstSlices()]).run(rows(1, worse="city"), rows(2), schema=SCHEMA)
    assert [v.labels["slice"] for v in run.find("worst_slices")] == ["all rows", "city: Köln"]


def test_a_bad_pair_is_found_without_its_columns() -> None:
    run = Report([WorstSlices()]).run(rows(3, worse="pair"), rows(4), schema=SCHEMA)
    assert [v.labels["slice"] for v in run.find("worst_slices")] == ["all rows", "city: Köln & plan: y"]


def test_numbers_are_those_of_the_rows() -> None:
    now, before = rows(5, worse="pair"), rows(6)
    result = Report([WorstSlices()]).run(now, before, schema=SCHEMA).results[0]
    (whole, value), (_, row) = result.values, result.figures[0].rows
    assert (whole.value, whole.reference) == (pytest.approx(now["p"].mean()), pytest.approx(before["p"].mean()))
    assert (whole.se, whole.n) == (pytest.approx(stats.sem(now["p"].to_numpy())), now.height)
    inside = (pl.col("city") == "Köln") & (pl.col("plan") == "y")
    ours, theirs = (f.filter(inside)["p"].to_numpy() for f in (now, before))
    assert (value.value, value.reference) == (pytest.approx(ours.mean()), pytest.approx(theirs.mean()))
    assert (value.se, value.reference_se) == (pytest.approx(stats.sem(ours)), pytest.approx(stats.sem(theirs)))
    assert (value.n, row[2]) == (ours.size, theirs.size)
    adds = ours.size * (ours.mean() - theirs.mean()) / now.height
    assert row[6:8] == [pytest.approx(adds), pytest.approx(adds / (now["p"].mean() - before["p"].mean()))]
    expected = 0.0  # the largest p-value: of the slice, and of its change less that of other rows
    for others in (None, ~inside, (pl.col("city") == "Köln") & ~inside, (pl.col("plan") == "y") & ~inside):
        change, variance, n = moved(now.filter(inside), before.filter(inside))
        if others is not None:
            also, spread, m = moved(now.filter(others), before.filter(others))
            change, variance, n = change - also, variance + spread, min(n, m)
        expected = max(expected, stats.t.sf(change / np.sqrt(variance), n - 1))
    assert value.p_value == pytest.approx(expected, rel=1e-6)


def moved(now: pl.DataFrame, before: pl.DataFrame) -> tuple[float, float, int]:
    a, b = now["p"].to_numpy(), before["p"].to_numpy()
    pooled = np.concatenate([a, b]).var(ddof=1) * (1 / a.size + 1 / b.size)
    return a.mean() - b.mean(), max(stats.sem(a) ** 2 + stats.sem(b) ** 2, pooled), min(a.size, b.size)


def test_what_grew_everywhere_alike_is_in_no_slice() -> None:
    now = rows(7).with_columns(pl.col("p") + 1)
    assert len(Report([WorstSlices()]).run(now, rows(8), schema=SCHEMA).find("worst_slices")) == 1


def test_classes_are_judged_by_the_share_that_is_wrong() -> None:
    rng = np.random.default_rng(9)
    city = rng.choice(["Ulm", "Bonn"], 2000)
    before = pl.DataFrame({"city": city, "y": rng.choice(["a", "b", "c"], 2000)}).with_columns(p="y")
    now = before.with_columns(p=pl.when(pl.col("city") == "Ulm").then(pl.lit("c")).otherwise("y"))
    run = Report([WorstSlices()]).run(now, before, schema=Schema(target="y", prediction="p", task="classification"))
    whole, value = run.find("worst_slices")
    assert whole.value == pytest.approx((now["y"] != now["p"]).mean())
    wrong = now.filter(pl.col("city") == "Ulm").select((pl.col("y") != pl.col("p")).mean()).item()
    assert (value.labels, value.reference) == ({"slice": "city: Ulm"}, 0.0)
    assert value.value == pytest.approx(wrong)


def test_merged_parts_are_the_whole() -> None:
    now, metric = rows(1, worse="city"), WorstSlices()
    baseline = Baseline.of(rows(2), schema=SCHEMA, needs=metric.needs)
    whole = Profile.of(now, baseline)
    parts = Profile.of(now[:1000], baseline) + Profile.from_bytes(Profile.of(now[1000:], baseline).to_bytes())
    (_, one), (_, other) = (metric.compute(p, baseline.profile).values for p in (whole, parts))
    assert (one.labels, one.n) == (other.labels, other.n)
    assert one.value == pytest.approx(other.value, rel=1e-12)


def test_what_cannot_be_told() -> None:
    def said(now: pl.DataFrame, before: pl.DataFrame, metric: WorstSlices | None = None) -> str:
        result = Report([metric or WorstSlices()]).run(now, before, schema=SCHEMA).results[0]
        assert result.status == "unknown"
        return result.note

    assert "no slice has 30 rows" in said(rows(1, n=20), rows(2))
    assert "no slice has 30 rows" in said(rows(1).with_columns(y=pl.lit(None, pl.Float64)), rows(2))
    assert "no feature with cells" in said(rows(1).select("y", "p"), rows(2).select("y", "p"))
    baseline = Baseline.of(rows(2), schema=SCHEMA)
    assert "made without slices" in WorstSlices().compute(Profile.of(rows(1), baseline), baseline.profile).note
    for wrong in ({"columns": ("x",) * 13}, {"columns": "city"}, {"slices": 0}, {"alpha": 0.0}, {"alpha": 1.0}):
        with pytest.raises(ParameterError):
            WorstSlices(**wrong)
    named = Report([WorstSlices(columns=("plan", "age"))]).run(rows(1, worse="city"), rows(2), schema=SCHEMA)
    assert [v.labels for v in named.results[0].values] == [{"slice": "all rows"}]
    gone = Report([WorstSlices()]).run(rows(1, worse="city").drop("plan"), rows(2), schema=SCHEMA)
    assert [v.labels["slice"] for v in gone.find("worst_slices")] == ["all rows", "city: Köln"]


def test_the_preset_judges_slices_and_every_output_escapes_them() -> None:
    report = Report("where")
    bad = "🦆<b>"
    now = rows(1).with_columns(p=pl.when(pl.col("city") == bad).then(pl.col("p") * 2).otherwise("p"))
    run = report.run(now, rows(2), schema=SCHEMA)
    told = {v.labels["slice"]: v.status for v in run.verdicts}
    assert told == {"all rows": "fail", f"city: {bad}": "fail", "any": "pass"}
    for sort in ("html", "text", "markdown", "json", "junit"):
        shown = run.render(sort)
        assert "🦆" in shown
        assert bad not in shown or sort in ("text", "json")
    assert report.run(rows(3), rows(2), schema=SCHEMA).status == "pass"
    assert report.run(rows(3)[:0], rows(2), schema=SCHEMA).status == "unknown"
    assert report.run(rows(3), schema=SCHEMA).status == "unknown"


def test_more_features_than_are_sliced_by_are_said() -> None:
    now, before = (rows(seed).with_columns(**{f"x{i}": pl.col("age") + i for i in range(12)}) for seed in (1, 2))
    note = Report([WorstSlices()]).run(now, before, schema=SCHEMA).results[0].note
    assert "of 15 features the first 12" in note
