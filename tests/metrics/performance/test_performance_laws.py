"""What holds for every performance metric: errors of the right size, merging, purity, needs."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from performance_rows import ROLES, baseline, binary, holds, numbers, only, schema_of
from sklearn import metrics as sk

from barograph import Profile, Schema
from barograph.metrics import performance
from barograph.metrics.performance import F1, MAE, R2, AveragePrecision, LogLoss, Precision, Recall, RocAuc
from barograph.needs import default_needs

METRICS = [getattr(performance, name)() for name in performance.__all__]
# biased in small samples by their nature, and not normal
ROUGH = {"calibration_error", "class_separation"}
FLIGHTS = Path(__file__).parents[3] / "examples" / "flights.parquet"


def scores_of_draws(law, n, weighted, draws=120):
    """How many standard errors each value of samples of one law lies from the value of very many rows."""
    rng = np.random.default_rng(n)
    base = baseline(law(rng, 5000, weighted), schema_of(law, weighted))
    many = 200_000
    truth = Profile.of(law(rng, many, weighted), base)
    metrics = [m for m in METRICS if m.spec.name != "confusion_matrix"]
    if law is binary:
        metrics += [Precision(threshold=0.33), Recall(threshold=0.72)]
    found = defaultdict(list)
    for _ in range(draws):
        current = Profile.of(law(rng, n, weighted), base)
        for metric in metrics:
            for value in metric.compute(current, truth).values:
                if value.se is not None and value.reference is not None:
                    away = (value.value - value.reference) / math.hypot(value.se, value.reference_se)
                    found[metric.spec.name, str(metric.params), str(value.labels)].append(away)
    return found


@pytest.mark.parametrize("law", [*ROLES])
@pytest.mark.parametrize(("n", "weighted"), [(300, False), (600, True)])
def test_standard_errors_are_of_the_right_size(law, n, weighted):
    found = scores_of_draws(law, n, weighted)
    assert len(found) >= (8 if law is numbers else 10)
    for key, away in found.items():
        low, high = (0.6, 1.4) if key[0] in ROUGH else (0.7, 1.32)  # 120 draws: 0.8 to 1.25, and their own noise
        assert low < np.std(away) < high, (key, np.std(away))
        if key[0] not in ROUGH:
            assert abs(np.mean(away)) < 0.5, (key, np.mean(away))


def close(a, b):
    assert [v.labels for v in a.values] == [v.labels for v in b.values]
    for x, y in zip(a.values, b.values, strict=True):
        assert x.n == y.n
        assert x.note == y.note
        for name in ("value", "se", "low", "high"):
            first, second = getattr(x, name), getattr(y, name)
            assert first == second or first == pytest.approx(second, rel=1e-9, abs=1e-12), (a.spec.name, name)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("law", [*ROLES])
def test_two_profiles_say_what_one_of_all_rows_says(law, weighted):
    rng = np.random.default_rng(4)
    base = baseline(law(rng, 500, weighted), schema_of(law, weighted))
    a, b = law(rng, 90, weighted), law(rng, 40, weighted)
    both = {column: np.concatenate([a[column], b[column]]) for column in a}
    merged, whole = Profile.of(a, base) + Profile.of(b, base), Profile.of(both, base)
    for metric in METRICS:
        close(metric.compute(merged, None), metric.compute(whole, None))
        back = Profile.from_bytes(whole.to_bytes())
        assert metric.compute(back, base.profile) == metric.compute(whole, base.profile)


@pytest.mark.parametrize("law", [*ROLES])
@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.spec.name)
def test_a_profile_of_its_needs_is_enough(law, metric):
    rows = law(np.random.default_rng(5), 80)
    schema = schema_of(law)
    narrow = Profile.of(rows, schema=schema, needs=metric.needs)
    if narrow.summaries:
        if set(narrow.summaries) <= set(default_needs(narrow.schema, anchored=False)):
            assert metric.compute(narrow, None) == metric.compute(Profile.of(rows, schema=schema), None)
        else:
            assert "made without" in metric.compute(Profile.of(rows, schema=schema), None).note
        assert metric.compute(narrow, None).status == "ok"
        bare = Profile.of(rows, schema=schema, needs=lambda _: ())
        assert "made without" in metric.compute(bare, None).note
        assert metric.compute(narrow, bare) == metric.compute(narrow, None)


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.spec.name)
def test_specs_are_whole(metric):
    assert metric.spec.group == "performance"
    assert metric.spec.reference in ("optional", "required")
    assert metric.spec.help.endswith(".")
    assert metric.params == {}


@pytest.mark.parametrize("law", [*ROLES])
def test_values_lie_in_their_range_and_are_finite(law):
    rng = np.random.default_rng(6)
    base = baseline(law(rng, 200), schema_of(law))
    for n in (1, 2, 3, 10):
        current = Profile.of(law(rng, n), base)
        for metric in METRICS:
            bottom, top = metric.spec.range
            low, high = -math.inf if bottom is None else bottom, math.inf if top is None else top
            for value in metric.compute(current, base.profile).values:
                assert value.value is not None or value.note
                for number in (value.value, value.low, value.high, value.reference):
                    assert number is None or (low <= number <= high and math.isfinite(number)), metric
                for number in (value.se, value.reference_se):
                    assert number is None or (number >= 0 and math.isfinite(number)), metric


@pytest.mark.skipif(not FLIGHTS.exists(), reason="the examples are not beside the tests")
def test_flights():
    frame = pl.read_parquet(FLIGHTS).with_columns(pl.col("ts").dt.month().alias("month"))
    march = frame.filter(pl.col("month") == 3)
    rates = march.group_by("hour").agg(pl.col("late").mean().alias("p"))
    line = np.polyfit(march["distance"], march["air_time"], 1)
    frame = frame.join(rates, on="hour", how="left").with_columns(pl.col("p").fill_null(0.5))
    frame = frame.with_columns(said=line[0] * pl.col("distance") + line[1])
    late, timed = ["late", "p"], ["air_time", "said"]
    march, july = (frame.filter(pl.col("month") == month) for month in (3, 7))
    base = baseline(march.select(late), Schema(target="late", score="p"))
    now = Profile.of(july.select(late), base)
    y, p = july["late"].to_numpy(), july["p"].to_numpy()
    assert holds(only(RocAuc(), now, base.profile), sk.roc_auc_score(y, p))
    assert holds(only(AveragePrecision(), now, base.profile), sk.average_precision_score(y, p))
    assert only(F1(threshold=0.25), now).value == pytest.approx(sk.f1_score(y, p >= 0.25))
    assert only(LogLoss(), now).value == pytest.approx(sk.log_loss(y, p))
    base = baseline(march.select(timed), Schema(target="air_time", prediction="said", task="regression"))
    now = Profile.of(july.select(timed), base)
    truth = sk.mean_absolute_error(july["air_time"], july["said"])
    value = only(MAE(), now, base.profile)
    assert value.value == pytest.approx(truth)
    assert abs(value.value - value.reference) > 5 * value.se


def test_r2_has_the_error_of_heavy_tails():
    rng = np.random.default_rng(9)
    schema = schema_of(numbers)

    def drawn():
        y = rng.exponential(size=400)
        rows = {"y": y, "said": y + rng.laplace(scale=0.5, size=400)}
        return only(R2(), Profile.of(rows, schema=schema, needs=R2().needs))

    pairs = [(drawn(), drawn()) for _ in range(150)]
    away = [(a.value - b.value) / math.hypot(a.se, b.se) for a, b in pairs]
    assert 0.75 < np.std(away) < 1.3
