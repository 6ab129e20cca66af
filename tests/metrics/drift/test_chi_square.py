"""Chi-square against scipy's test of homogeneity; its rate of false alarms is in `test_tables.py`."""

from __future__ import annotations

import numpy as np
import pytest
from drift_oracle import label_cells, value
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from barograph import Check, Report, no_drift
from barograph.metrics.drift import ChiSquare, GTest

LETTERS = np.array(list("abcdefgh"))


@pytest.mark.parametrize(("n", "m"), [(500, 500), (1000, 200), (200, 1000), (5000, 50)])
def test_scipys_two_sample_test(n, m):
    rng = np.random.default_rng(n + m)
    reference, current = rng.choice(LETTERS[:4], n), rng.choice(LETTERS[:4], m, p=[0.4, 0.3, 0.2, 0.1])
    table = np.array(label_cells(list(reference), list(current)))
    truth = chi2_contingency(table, correction=False)
    found = value(ChiSquare("x"), reference, current)
    assert found.value == pytest.approx(truth.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(truth.pvalue, rel=1e-9)


sides = st.lists(st.sampled_from("aaaaaabbbbcdefgh"), min_size=1, max_size=200)


@given(sides, sides)
def test_thin_tables_keep_all_their_cells_and_claim_no_law(reference, current):
    table = np.array(label_cells(reference, current))
    found = value(ChiSquare("x"), reference, current)
    if table.shape[1] < 2:
        assert (found.value, found.p_value) == (0.0, 1.0)
        return
    truth = chi2_contingency(table, correction=False)
    assert found.value == pytest.approx(truth.statistic, rel=1e-9, abs=1e-9)
    smaller = truth.expected_freq[np.argmin(table.sum(axis=1))]
    if np.mean(smaller < 5) <= 0.2 and smaller.min() >= 1:
        assert found.p_value == pytest.approx(truth.pvalue, rel=1e-9, abs=1e-12)
    else:
        assert found.p_value is None


@pytest.mark.parametrize("metric", [ChiSquare, GTest])
@pytest.mark.parametrize(
    ("law", "broken"),
    [
        (lambda rng, n: rng.integers(0, 40, n).astype(str), lambda rng, n: rng.integers(0, 5, n).astype(str)),
        (lambda rng, n: rng.integers(0, 40, n).astype(str), lambda rng, n: (40 + rng.integers(0, 20, n)).astype(str)),
        (lambda rng, n: rng.random(n) < 0.005, lambda rng, n: rng.random(n) < 0.4),
        (lambda rng, n: rng.normal(size=n), lambda rng, n: rng.normal(3, 1, n)),
    ],
    ids=["fewer labels", "new labels", "a rare flag", "numbers"],
)
@pytest.mark.parametrize("n", [20, 45])
def test_few_rows_are_tested_by_dealing_them_out(metric, law, broken, n):
    """Whylogs 10: of nothing in common the statistic was 0 and p 1. So it was here, while thin
    cells were pooled until one was left."""
    report = Report([Check(metric(), no_drift(0.0))])
    found = {"same": [], "broken": []}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        reference = {"x": law(rng, 2000)}
        for name, draw in (("same", law), ("broken", broken)):
            found[name].append(report.run({"x": draw(rng, n)}, reference).verdicts[0].status)
    assert found["broken"].count("fail") >= 19
    assert found["same"].count("fail") <= 2  # 0.2 expected


def test_an_unseen_category_is_finite():
    # whylogs 10: a category that the reference lacks gave infinity
    found = value(ChiSquare("x"), ["a"] * 90 + ["b"] * 10, ["a"] * 50 + ["new"] * 50)
    assert np.isfinite(found.value)
    assert found.p_value < 1e-9


def test_disjoint_identities_are_not_the_same():
    found = value(ChiSquare("x"), [f"r{i}" for i in range(1000)], [f"c{i}" for i in range(1000)])
    assert found.value > 100
    assert found.p_value is None  # over 256 labels: no chi-square law
