"""Who is over- and underestimated most: numpy on the raw rows, same-law data, ties, and what cannot be told."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats.contingency import association

from barograph import Baseline, Profile, Report, Schema
from barograph.errors import ParameterError
from barograph.metrics.performance import ErrorBias
from barograph.results import Bars, Table

SCHEMA = Schema(target="y", prediction="p", task="regression")
GROUPS = ("underestimated", "majority", "overestimated")


def rows(seed: int, n: int = 500, biased: bool = False) -> pl.DataFrame:
    """A regression that says too much of Ulm and of large x where it is `biased`."""
    rng = np.random.default_rng(seed)
    city = rng.choice(["Ulm", "Bonn", "Trier"], n)
    x, y = rng.normal(50, 10, n), rng.normal(100, 5, n)
    wrong = (rng.normal(size=n) + 3 * (city == "Ulm") + (x - 50) / 5) if biased else rng.normal(size=n)
    return pl.DataFrame({"city": city, "x": x, "flag": rng.random(n) < 0.5, "y": y, "p": y + wrong}).with_columns(
        x=pl.when(pl.int_range(n) % 17 == 0).then(None).otherwise("x")
    )


def groups_of(frame: pl.DataFrame, by: pl.DataFrame, share: float = 0.05) -> dict[str, pl.DataFrame]:
    """The rows beyond the quantiles of the errors of others."""
    error, others = ((f["p"] - f["y"]).to_numpy() for f in (frame, by))
    low, high = np.quantile(others, [share, 1 - share])
    masks = (error <= low, (error > low) & (error < high), error >= high)
    return {name: frame.filter(pl.Series(mask)) for name, mask in zip(GROUPS, masks, strict=True)}


def table_of(result, side: str) -> tuple[Table, dict[str, list]]:
    table = next(f for f in result.figures if isinstance(f, Table) and f.title == f"Error bias, {side}")
    return table, {row[0]: row[1:] for row in table.rows}


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_the_table_is_numpys_on_the_rows(share: float) -> None:
    now, before = rows(1, biased=True), rows(2, biased=True)
    result = Report([ErrorBias(share=share)]).run(now, before, schema=SCHEMA).results[0]
    for side, frame in (("reference", before), ("current", now)):
        told = groups_of(frame, before, share)
        table, found = table_of(result, side)
        assert table.columns[1:4] == [f"{name} (n {part.height:,})" for name, part in told.items()]
        means = [part["x"].mean() for part in told.values()]
        assert found["x"][:3] == pytest.approx(means)
        width = frame["x"].max() - frame["x"].min()
        assert found["x"][3] == pytest.approx(abs(means[2] - means[0]) / width)
        for at, part in enumerate(told.values()):
            counts = dict(part["city"].value_counts().iter_rows())
            label = found["city"][at].split()[0]
            assert counts[label] == max(counts.values())
            assert found["city"][at] == f"{label} ({counts[label] / part.height:.0%})"
        ulm = {name: {c: (part["city"] == c).mean() for c in ("Ulm", "Bonn", "Trier")} for name, part in told.items()}
        tvd = sum(abs(ulm["overestimated"][c] - ulm["underestimated"][c]) for c in ulm["majority"]) / 2
        assert found["city"][3] == pytest.approx(tvd)


def test_the_value_is_cramers_v_of_groups_and_cells() -> None:
    now, before = rows(3, 2000, biased=True), rows(4, 500)
    run = Report([ErrorBias()]).run(now, before, schema=SCHEMA)
    told = groups_of(now, before)
    counts = np.array([[(part["city"] == c).sum() for c in ("Ulm", "Bonn", "Trier")] for part in told.values()])
    n, plain = counts.sum(), association(counts, method="cramer")
    square = max(plain**2 * 2 - 4 / (n - 1), 0)
    assert run.value("error_bias", column="city") == pytest.approx(np.sqrt(square / (3 - 4 / (n - 1) - 1)))
    order = [v.labels["column"] for v in run.results[0].values]
    assert set(order[:2]) == {"city", "x"} and order[2] == "flag"
    assert {f.labels["column"] for f in run.results[0].figures if isinstance(f, Bars)} >= {"city", "x"}
    bars = next(f for f in run.results[0].figures if isinstance(f, Bars) and f.labels["column"] == "city")
    assert bars.series["overestimated"][bars.cells.index("Ulm")] == pytest.approx(
        (told["overestimated"]["city"] == "Ulm").mean()
    )


def test_no_bias_is_about_zero_however_few_rows() -> None:
    """The uncorrected V of 60 rows in 3 x 10 cells is about 0.4 without any bias."""
    found = [Report([ErrorBias("x")]).run(rows(i, 60), schema=SCHEMA).value("error_bias") for i in range(30)]
    assert np.mean([v for v in found if v is not None]) < 0.15
    many = Report([ErrorBias()]).run(rows(99, 5000), schema=SCHEMA).results[0]
    assert all(value.value < 0.05 for value in many.values)


def test_a_model_that_is_mostly_right_has_no_tails_of_right_rows() -> None:
    """With `<=` and `>=` at the quantiles, of 97 % of errors that are 0 all are in both tails."""
    error = np.zeros(1000)
    error[:20], error[20:30] = -5.0, 7.0
    data = {"x": np.arange(1000.0), "y": np.zeros(1000), "p": error}
    table, found = table_of(Report([ErrorBias()]).run(data, schema=SCHEMA).results[0], "current")
    assert table.columns[1:4] == ["underestimated (n 20)", "majority (n 970)", "overestimated (n 10)"]
    assert found["x"][:3] == pytest.approx([9.5, 514.5, 24.5])


def test_groups_merge_and_are_told_by_segment() -> None:
    base = Baseline.of(rows(5, biased=True), schema=SCHEMA, needs=ErrorBias().needs)
    a, b = rows(6, 300), rows(7, 700, biased=True)
    whole = ErrorBias().compute(Profile.of(pl.concat([a, b]), base), base.profile)
    merged = ErrorBias().compute(Profile.of(a, base) + Profile.of(b, base), base.profile)
    assert [v.value for v in merged.values] == pytest.approx([v.value for v in whole.values])
    run = Report([ErrorBias()], by="city").run(b, rows(5, biased=True), schema=SCHEMA)
    assert run.value("error_bias", column="x", segment="Ulm") is not None


def test_times_truths_and_what_is_missing() -> None:
    data = rows(8, 200).with_columns(
        when=pl.datetime(2026, 1, 1) + pl.duration(hours=pl.int_range(200)),
        y=pl.when(pl.int_range(200) < 10).then(None).otherwise("y"),
        empty=pl.lit(None, pl.String), constant=pl.lit(1.0), odd=pl.Series([np.inf, np.nan] * 100),
    )  # fmt: skip
    schema = SCHEMA.replace(kinds={"when": "datetime", "odd": "numeric"})
    result = Report([ErrorBias()]).run(data, schema=schema).results[0]
    _, found = table_of(result, "current")
    assert found["when"][1].startswith("2026-01-0") and found["flag"][1].split()[0] in ("true", "false")
    values = {v.labels["column"]: v for v in result.values}
    assert values["constant"].value is None and "one cell" in values["constant"].note
    assert values["empty"].value is None and "only 0 rows" in values["empty"].note and found["odd"][0] is None
    assert "10 rows without an error are left out" in result.note


def test_what_cannot_be_said() -> None:
    assert (
        Report([ErrorBias()]).run({"x": [1, 2], "y": [0, 1]}, schema=Schema(target="y")).results[0].status == "unknown"
    )
    alone = ErrorBias().compute(Profile.of(rows(9), schema=SCHEMA), None)
    assert alone.status == "unknown" and "run it on rows" in alone.note
    few = Report([ErrorBias()]).run(rows(10).head(0), rows(10), schema=SCHEMA).results[0]
    assert all(v.value is None and v.note for v in few.values)
    constant = rows(11).with_columns(p=pl.col("y") + 1)
    exact = Report([ErrorBias()]).run(constant.with_columns(y=0.0, p=1.0), schema=SCHEMA).results[0]
    assert all(v.value is None for v in exact.values) and "one group" in exact.values[0].note
    for wrong in (0, 0.5, -1, True):
        with pytest.raises(ParameterError, match="tail"):
            ErrorBias(share=wrong)  # type: ignore[arg-type]
    weighted = Report([ErrorBias()]).run(rows(12).with_columns(w=1.0), schema=SCHEMA.replace(weight="w")).results[0]
    assert "weights play no part" in weighted.note
