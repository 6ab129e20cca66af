"""Counts beside shares: what a share counts, against pandas, and conditions on it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from barograph import Check, Report, Schema, between, eq, in_rows, lt, lte, no_drift, reference
from barograph.errors import ParameterError
from barograph.metrics import drift, quality
from barograph.render import render

RNG = np.random.default_rng(4)


def rows(n: int, gaps: float = 0.1) -> pd.DataFrame:
    frame = pd.DataFrame({"x": np.round(RNG.normal(size=n), 1), "k": RNG.choice(["a", "b", "c"], n)})
    frame.loc[RNG.random(n) < gaps, "x"] = np.nan
    frame.loc[RNG.random(n) < gaps, "k"] = None
    return frame


def test_every_share_says_its_count():
    frame = rows(700)
    known = frame["x"].dropna()
    truth = {
        quality.MissingShare("x"): frame["x"].isna().sum(),
        quality.MissingCellShare(): frame.isna().sum().sum(),
        quality.IncompleteRowShare(): frame.isna().any(axis=1).sum(),
        quality.EmptyRowShare(): frame.isna().all(axis=1).sum(),
        quality.DuplicatedRowShare(): frame.duplicated().sum(),
        quality.InRangeShare("x", -1.0, 1.0): known.between(-1, 1).sum(),
        quality.InListShare("k", ("a",)): (frame["k"] == "a").sum(),
        quality.TopShare("k"): frame["k"].value_counts().iloc[0],
        quality.ConditionShare("x > 0"): (known > 0).sum(),
        quality.MatchShare("k", "[ab]"): frame["k"].isin(["a", "b"]).sum(),
        quality.AbsentShare("x", "nan"): frame["x"].isna().sum(),
    }
    run = Report(list(truth)).run(current=frame)
    for result, (metric, count) in zip(run.results, truth.items(), strict=True):
        (value,) = result.values
        assert value.count == count, metric
        assert value.count == pytest.approx(value.value * (value.total or value.n))
    assert json.loads(render(run, "json"))["results"][0]["values"][0]["count"] == truth[quality.MissingShare("x")]


def test_conditions_on_counts():
    frame = pd.DataFrame({"x": [1.0, None, None, 4.0, 5.0], "y": [1.0, 2.0, 3.0, 4.0, None]})
    held = [in_rows(eq(2)), in_rows(lte(2)), in_rows(between(1, 3)), in_rows(lt(2)), lt(2)]
    run = Report([Check(quality.MissingShare("x"), condition) for condition in held]).run(current=frame)
    assert [v.status for v in run.verdicts] == ["pass", "pass", "pass", "fail", "pass"]
    failed = run.verdicts[3]
    assert (failed.value, failed.threshold) == (0.4, 0.4)
    assert failed.reason == "2 is not < 2 in rows, of 5"
    cells = Report([Check(quality.MissingCellShare(), in_rows(lte(2)))]).run(current=frame)
    assert cells.verdicts[0].reason == "3 is not <= 2 in rows, of 10"
    assert cells.verdicts[0].threshold == pytest.approx(0.2)


def test_the_reference_is_scaled_to_as_many_rows():
    """Twice the rows with the same share are no more than the reference's; a few more may be allowed."""
    small, large = pd.DataFrame({"x": [None, 1.0] * 50}), pd.DataFrame({"x": [None, 1.0] * 500 + [None] * 3})
    report = Report([Check(quality.MissingShare("x"), in_rows(lte(reference + extra))) for extra in (0, 3)])
    assert [v.status for v in report.run(small, pd.concat([small] * 3)).verdicts] == ["pass", "pass"]
    assert [v.status for v in report.run(large, small).verdicts] == ["fail", "pass"]


def test_what_has_no_count():
    frame = rows(50)
    (verdict,) = Report([Check(quality.Mean("x"), in_rows(lt(5)))]).run(current=frame).verdicts
    assert (verdict.status, verdict.reason) == ("unknown", "mean is no share of rows that were counted")
    (verdict,) = Report([Check(quality.MissingShare("x"), in_rows(lte(5)))]).run(current=frame[:0]).verdicts
    assert verdict.status == "unknown"
    with pytest.raises(ParameterError, match="by a comparison"):
        in_rows(no_drift())
    run = Report([Check(drift.PSI("x"), in_rows(lt(5)))]).run(frame, frame, schema=Schema())
    assert run.verdicts[0].status == "unknown"
