"""What a change would cost: beside the finding, and the first thing by which findings are ranked."""

from __future__ import annotations

import json

import numpy as np
import polars as pl

from barograph import Baseline, Profile, Report, Schema
from barograph.render.outline import outline
from barograph.results import Result, Run, Side, Spec, Value, Verdict

SPEC = Spec("psi", "PSI", "drift", "How far.", direction="lower")
SCHEMA = Schema(target="y", score="s", positive="1", task="classification")


def verdict(column: str, value: float, impact: float | None, status: str = "fail", of: str = "log loss") -> Verdict:
    return Verdict(
        status, "psi", "psi < 0.1", value, 0.1, labels={"column": column}, impact=impact, impact_of=of,
        finding="drift" if status == "fail" else "no evidence",
    )  # fmt: skip


def test_the_costliest_comes_first_and_what_cannot_be_known_before_it():
    verdicts = [
        verdict("far", 9.0, 0.001),
        verdict("dear", 0.2, 0.5),
        verdict("gain", 0.3, -0.1),
        verdict("unknown", 0.4, None),
        verdict("calm", 0.01, 7.0, "pass"),
    ]
    values = [Value(v.value, v.labels) for v in verdicts]
    told = outline(Run("r", Side("now", 10), [Result(SPEC, values=values)], verdicts))
    order = ["unknown", "dear", "gain", "far"]
    assert [c.column for c in told.attention] == order
    assert [c.name for c in told.columns] == [*order, "calm"]
    said = {c.column: c.impact for c in told.checks}
    assert said == {
        "far": "expected log loss +0.001",
        "dear": "expected log loss +0.5",
        "gain": "expected log loss −0.1",
        "unknown": "expected log loss not known",
        "calm": "",
    }
    without = [verdict("near", 0.2, None, of=""), verdict("far", 0.3, None, of="")]
    told = outline(Run("r", Side("now", 10), [Result(SPEC)], without))
    assert [c.column for c in told.attention] == ["far", "near"]
    assert not any(c.impact for c in told.checks)


def rows(seed: int, shift: float = 0.0, odds: float = 0.5, n: int = 4000) -> pl.DataFrame:
    """The model is much worse where x is high, and the same in every city."""
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, n)
    y = (rng.random(n) < np.where(x > 0, 0.9, 0.1)).astype(int)
    city = np.where(rng.random(n) < odds, "Ulm", "Bonn")
    return pl.DataFrame({"city": city, "x": x, "y": y, "s": np.where(x > 0, 0.6, 0.1)})


def test_reports_of_rows_without_labels_tell_and_rank_by_the_cost():
    then, now = rows(0), rows(1, shift=0.5, odds=0.1).with_columns(y=pl.lit(None, pl.Int64))
    for items in ((), ["data_drift"], ["without_target"]):
        run = Report(items).run(now, then, schema=SCHEMA)
        costly, calm = (run.verdict("psi", column=column) for column in ("x", "city"))
        assert costly.status == calm.status == "fail"
        assert calm.value > costly.value and costly.impact > 0.03 > abs(calm.impact)
        assert costly.impact == run.value("expected_loss_change", column="x") and costly.impact_of == "log loss"
        attention = [c.column for c in outline(run).attention if c.column in ("x", "city")]
        assert attention.index("x") < attention.index("city")
        for written in ("html", "text", "markdown", "junit"):
            assert "expected log loss +0." in " ".join(run.render(written).replace("\\", "").split())
        told = json.loads(run.render("json"))
        assert any(v.get("impact") == costly.impact for v in told["verdicts"])


def test_without_outcomes_there_is_no_cost():
    then, now = rows(0).drop("y", "s"), rows(1, odds=0.1).drop("y", "s")
    run = Report(["data_drift"]).run(now, then)
    assert all(v.impact is None and not v.impact_of for v in run.verdicts)
    assert not run.find("expected_loss_change") and "expected" not in outline(run).attention[0].reason.split("; ")[-1]


def test_segments_and_timelines_tell_it_of_all_rows():
    then, now = rows(0), rows(1, shift=0.5)
    run = Report(["data_drift"], by="city").run(now, then, schema=SCHEMA)
    whole = [v for v in run.verdicts if v.metric == "psi" and v.labels == {"column": "x"}]
    assert whole[0].impact > 0.03
    assert all(v.impact is None for v in run.verdicts if "segment" in v.labels)
    assert all("segment" not in v.labels for v in run.find("expected_loss_change"))
    baseline = Baseline.of(then, schema=SCHEMA)
    windows = Report(["data_drift"]).timeline(now, baseline, every=1000).windows
    assert [w.run.verdict("psi", column="x").impact > 0.01 for w in windows] == [True] * 4
    assert Report(["data_drift"]).run(Profile.of(now, baseline), baseline).verdict("psi", column="x").impact > 0.03
