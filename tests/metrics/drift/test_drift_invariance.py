"""What may not change a drift metric: the order of rows, how they are split, the unit of a column."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from drift_oracle import value
from hypothesis import given
from hypothesis import strategies as st

from barograph import Baseline, Profile
from barograph.metrics import drift
from barograph.metrics.drift.rows import RowComparison
from barograph.needs import default_needs

METRICS = [getattr(drift, name) for name in drift.__all__]
SCALE_FREE = [drift.KS, drift.PSI, drift.JensenShannon, drift.TotalVariation, drift.Hellinger, drift.ChiSquare]


def rows(seed: int, n: int, shift: float) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, n)
    return pl.DataFrame(
        {
            "x": pl.Series(np.where(x > 2, np.nan, x)),
            "whole": rng.integers(0, 30, n),
            "city": rng.choice(["Ulm", "Bonn", "Kiel", "Köln"], n, p=[0.4, 0.3, 0.2, 0.1]),
            "flag": rng.random(n) < 0.3,
        }
    )


REFERENCE = rows(0, 3000, 0.0)


def everything(schema):
    """What profiles hold by default, and what the metrics ask for beside that."""
    yield from default_needs(schema, anchored=True)
    for metric in METRICS:
        yield from metric().needs(schema)


BASE = Baseline.of(REFERENCE, needs=everything)
CURRENT = rows(1, 900, 0.3)


def said(metric, profile: Profile) -> list[tuple[object, ...]]:
    found = metric().compute(profile, BASE.profile).values
    return [(v.labels, v.n, near(v.value), near(v.p_value)) for v in found]


def near(number: float | None) -> object:
    return None if number is None else pytest.approx(number, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_rows_in_any_order_and_any_split(metric):
    whole = said(metric, Profile.of(CURRENT, BASE))
    shuffled = CURRENT.sample(fraction=1.0, shuffle=True, seed=5)
    parts = [shuffled.slice(0, 1), shuffled.slice(1, 400), shuffled.slice(401, 499)]
    profiles = [Profile.of(part, BASE) for part in parts]
    merged = sum(reversed(profiles))
    assert said(metric, merged) == whole
    assert said(metric, Profile.of(parts, BASE)) == whole


@pytest.mark.parametrize("metric", METRICS)
def test_a_profile_from_a_file_says_the_same(metric, tmp_path):
    profile = Profile.of(CURRENT, BASE)
    profile.write(tmp_path / "p")
    assert said(metric, Profile.read(tmp_path / "p")) == said(metric, profile)


@pytest.mark.parametrize("metric", [m for m in METRICS if not issubclass(m, RowComparison)])
def test_the_reference_against_itself_is_at_zero(metric):
    for found in metric().compute(BASE.profile, BASE.profile).values:
        assert found.value == pytest.approx(0.0, abs=1e-7), found


@pytest.mark.parametrize("metric", SCALE_FREE)
@given(power=st.integers(-40, 40))
def test_the_unit_does_not_matter(metric, power):
    # powers of two: scaling is exact, so the cells are the same
    rng = np.random.default_rng(2)
    reference, current, scale = rng.normal(size=600), rng.normal(0.5, 1, 300), 2.0**power
    found, scaled = (value(metric("x"), reference * s, current * s) for s in (1.0, scale))
    assert scaled.value == pytest.approx(found.value, rel=1e-12)
    assert scaled.p_value == found.p_value


@pytest.mark.parametrize("metric", SCALE_FREE)
def test_a_change_of_units_moves_next_to_nothing(metric):
    rng = np.random.default_rng(3)
    reference, current = rng.normal(20, 5, 5000), rng.normal(23, 5, 2000)
    celsius, fahrenheit = (value(metric("x"), *(f(x) for x in (reference, current))).value
                           for f in (lambda x: x, lambda x: x * 9 / 5 + 32))  # fmt: skip
    assert fahrenheit == pytest.approx(celsius, rel=1e-6)


def test_no_reference_is_unknown():
    for metric in METRICS:
        assert metric().compute(Profile.of(CURRENT, BASE), None).status == "unknown"


def test_no_rows_are_unknown():
    for metric in METRICS:
        result = metric().compute(Profile.of(CURRENT.clear(), BASE), BASE.profile)
        assert result.status == "unknown"
        assert all(v.value is None and v.note for v in result.values)
