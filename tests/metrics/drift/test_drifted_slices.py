"""Where rows moved: the plain tests on raw rows, same-law data, planted slices, and what cannot be told."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import optimize, stats

from barograph import Baseline, Profile, Report, Schema
from barograph.metrics.drift import DriftedSlices
from barograph.needs import Need
from barograph.summaries import SliceMoments
from barograph.summaries.cuts import Cut
from barograph.types import Measured

CITIES, PLANS = ["Ulm", "Köln", "Trier"], ["x", "y", "🦆<b>"]


def rows(seed: int, n: int = 5000, moved: str = "") -> pl.DataFrame:
    """Two columns that go together a little; in `moved` more rows of a city, or of a city that has one of the plans."""
    rng = np.random.default_rng(seed)
    city = rng.choice(CITIES, n, p=[0.5, 0.3, 0.2] if moved != "city" else [0.4, 0.4, 0.2])
    plan = np.where(rng.random(n) < 0.2, np.where(city == "Ulm", "x", "y"), rng.choice(PLANS, n))
    if moved == "pair":  # the shares of either column stay
        swapped = np.flatnonzero(city == "Trier")
        plan = plan.copy()
        took = swapped[plan[swapped] == "y"]
        plan[took] = "x"
        others = np.flatnonzero((city == "Ulm") & (plan == "x"))[: took.size]
        plan[others] = "y"
    age = np.where(rng.random(n) < 0.05, np.nan, rng.normal(40, 10, n))
    return pl.DataFrame({"city": city, "plan": plan, "age": age}).with_columns(pl.col("age").fill_nan(None))


def told(now: pl.DataFrame, before: pl.DataFrame) -> list[str]:
    return [v.labels["slice"] for v in Report([DriftedSlices()]).run(now, before).find("drifted_slices")]


def test_nothing_is_found_where_nothing_changed() -> None:
    rng = np.random.default_rng(12)
    sizes = (2, 4, 6, 7)

    def drawn(n: int) -> Profile:
        first = rng.random(n)  # columns that go together
        either = [np.where(rng.random(n) < 0.3, first, rng.random(n)) for _ in sizes]
        cuts = [Cut(np.arange(k - 1.0), None, [str(i) for i in range(k)]) for k in sizes]
        summary = SliceMoments(cuts)
        cells = tuple(np.floor(k * u**1.5) - 0.5 for k, u in zip(sizes, either, strict=True))
        summary.update(Measured(cells, n, {}))
        columns = ("a", "b", "c", "d")
        return Profile(Schema(kinds=dict.fromkeys(columns, "numeric")), {Need("slicemoments", columns): summary}, n)

    found = [DriftedSlices().compute(drawn(1000), drawn(4000)) for _ in range(200)]
    assert all(result.status == "ok" for result in found)
    assert sum(len(result.values) > 1 for result in found) <= 6
    assert np.mean([result.values[0].p_value < 0.1 for result in found]) < 0.15


def test_numbers_of_one_column_are_those_of_the_z_test() -> None:
    now, before = rows(1, moved="city"), rows(2)
    run = Report([DriftedSlices()]).run(now, before)
    value = next(v for v in run.find("drifted_slices") if v.labels["slice"] == "city: Köln")
    counts = [[f["city"].eq("Köln").sum(), f["city"].ne("Köln").sum()] for f in (now, before)]
    assert value.value == pytest.approx(abs(counts[0][0] - counts[1][0]) / 5000)
    assert value.p_value == pytest.approx(stats.chi2_contingency(counts, correction=False).pvalue)
    assert all("&" not in name for name in told(now, before))


def test_numbers_of_a_pair_are_those_of_two_odds_ratios() -> None:
    now, before = rows(3, moved="pair"), rows(4)
    table = Report([DriftedSlices()]).run(now, before).results[0].figures[0]
    row = next(r for r in table.rows if r[0] == "city: Trier & plan: x")
    log_odds, variance, share = [], 0.0, []
    for f in (now, before):
        a, b = f["city"].eq("Trier"), f["plan"].eq("x")
        cells = np.array([(a & b).sum(), (~a & ~b).sum(), (a & ~b).sum(), (~a & b).sum()]) + 0.5
        log_odds.append(np.log(cells) @ [1, 1, -1, -1])
        variance += (1 / cells).sum()
        share.append((a.mean(), b.mean(), (a & b).mean()))
    z = (log_odds[0] - log_odds[1]) / np.sqrt(variance)
    assert row[7] == pytest.approx(2 * stats.norm.sf(abs(z)))
    p, q, both = share[0]

    def odds(x: float) -> float:
        return np.log(x * (1 - p - q + x) / ((p - x) * (q - x))) - log_odds[1]

    expected = optimize.brentq(odds, 1e-9, min(p, q) - 1e-9)
    assert row[3:7] == [pytest.approx(x) for x in (both, share[1][2], expected, both - expected)]
    assert {name for name in told(now, before) if name != "any"} <= {
        f"city: {city} & plan: {plan}" for city in CITIES for plan in PLANS
    }


def test_merged_parts_are_the_whole_and_what_cannot_be_told() -> None:
    metric, now = DriftedSlices(), rows(1, moved="city")
    baseline = Baseline.of(rows(2), needs=metric.needs)
    parts = Profile.of(now[:1000], baseline) + Profile.of(now[1000:], baseline)
    assert metric.compute(parts, baseline.profile) == metric.compute(Profile.of(now, baseline), baseline.profile)
    assert metric.compute(Profile.of(now[:0], baseline), baseline.profile).status == "unknown"
    assert metric.compute(parts, None).status == "unknown"
    plain = Baseline.of(rows(2))
    assert "made without slices" in metric.compute(Profile.of(now, plain), plain.profile).note
    assert told(now.with_columns(plan=pl.lit("x")), now)[:2] == ["any", "plan: x"]
    assert "city: (missing)" in told(now.drop("city"), now)
