"""Noise: the laws that closed forms know, and what columns share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, hypergeom

from barograph import calibration
from barograph.calibration import noise
from barograph.metrics.drift import PSI, MissingDrift
from barograph.metrics.drift.cells import Cells

SIZES = [(480, 20_000), (520, 20_000), (5_000, 5_000), (20_000, 600), (1_000_000, 1_000_000)]


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_psi_is_nearly_chi_square(n: int, m: int) -> None:
    """(cells - 1) (1/n + 1/m) and its variance, on both sides of where counts are drawn by their normal law."""
    found = noise(PSI(), Cells(np.full(10, n // 10), np.full(10, m // 10)))
    size = 1 / n + 1 / m
    assert found.expected == pytest.approx(9 * size, rel=0.1)
    assert found.variance == pytest.approx(18 * size**2, rel=0.4)


@pytest.mark.parametrize("n_cells", [2, 3, 7, 10, 30])
@pytest.mark.parametrize("n", [20_000, 2**20])
def test_thresholds_far_out_are_those_of_chi_square(n: int, n_cells: int) -> None:
    shares = np.linspace(1, 3, n_cells)
    counts = np.round(10 * n * shares / shares.sum()).astype(int)
    cells = Cells(np.round(counts / 10).astype(int), counts)
    found = noise(PSI(), cells)
    size = 1 / cells.n_current + 1 / cells.n_reference
    for alpha in (0.01, 1e-3, 5e-5):
        threshold = chi2.isf(alpha, n_cells - 1) * size
        assert found.threshold(alpha) == pytest.approx(threshold, rel=0.03), alpha
        assert found.p_value(threshold) == pytest.approx(alpha, rel=0.25), alpha


@pytest.mark.parametrize(("n", "m", "share"), [(12, 40, 0.5), (50, 5_000, 0.3), (1_000, 100_000, 0.001), (7, 7, 0.2)])
def test_two_cells_are_fishers_exact_test(n: int, m: int, share: float) -> None:
    """Of equal sides the statistic orders the deals as their probabilities do; of others they are summed by hand."""
    ones = round(share * (n + m))
    support = np.arange(max(0, ones - m), min(n, ones) + 1)
    chance = hypergeom.pmf(support, n + m, ones, n)
    for metric in (PSI(), MissingDrift()):
        values = np.array([metric.observed(Cells(*_table(k, n, m, ones))) for k in support])
        for k in support[:: max(1, support.size // 9)]:
            cells = Cells(*_table(k, n, m, ones))
            value = metric.observed(cells)
            beyond = chance[values >= value - 1e-9].sum()
            assert noise(metric, cells).p_value(value) == pytest.approx(
                1.0 if value == 0 else beyond, rel=1e-6, abs=1e-15
            )
        found = noise(metric, Cells(*_table(int(support[0]), n, m, ones)))
        for alpha in (0.2, 0.01, 1e-4):
            assert chance[values > found.threshold(alpha) * (1 + 1e-9)].sum() <= alpha


def _table(k: int, n: int, m: int, ones: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array([k, n - k]), np.array([ones - k, m - ones + k])


THIN = [(10, 200, 100_000, 0.0), (20, 200, 5_000, 0.5), (60, 200, 20_000, 0.5), (5, 100, 1_000, 1.0)]


@pytest.mark.parametrize(("n_cells", "n", "m", "steep"), THIN)
def test_p_values_of_thin_tables_are_those_of_dealing_far_more_often(
    n_cells: int, n: int, m: int, steep: float
) -> None:
    """One in a thousand within 40 %, where the tail's law is all there is to tell."""
    rng = np.random.default_rng(4)
    shares = np.arange(1.0, n_cells + 1) ** -steep
    both = rng.multinomial(n + m, shares / shares.sum())
    dealt = rng.multivariate_hypergeometric(both, n, size=60_000)
    values = PSI().statistic(dealt.astype(float), (both - dealt).astype(float), Cells(both, both))
    for beyond, tolerance in ((0.02, 0.2), (0.001, 0.4)):
        at = np.argsort(values)[-round(beyond * values.size)]
        cells = Cells(dealt[at], both - dealt[at])
        assert noise(PSI(), cells).p_value(PSI().observed(cells)) == pytest.approx(beyond, rel=tolerance)


def test_columns_with_about_the_same_counts_share_their_draws() -> None:
    rng = np.random.default_rng(0)
    reference = [rng.permutation(np.full(10, 2_000) + rng.integers(-2, 3, 10)) for _ in range(50)]
    before = calibration._redrawn.cache_info().misses
    thresholds = [noise(PSI(), Cells(np.full(10, 321), counts)).threshold(0.001) for counts in reference]
    assert calibration._redrawn.cache_info().misses <= before + 2
    assert max(thresholds) <= 1.05 * min(thresholds)


def test_a_cell_that_the_reference_leaves_empty_stays_empty() -> None:
    reference = np.array([0, 4_000, 8_000, 8_000])
    alike = np.frombuffer(calibration.alike(reference.tobytes()), np.int64)
    assert alike[0] == 0
    assert alike[1:] / alike.sum() == pytest.approx(reference[1:] / reference.sum(), rel=0.015)


@pytest.mark.parametrize(("n", "windows"), [(200, 150), (50_000, 150)])
def test_labels_never_seen_are_as_many_as_their_own_error_lets_them_be(n: int, windows: int) -> None:
    """5,000 labels, each window against a reference of its own: 5 % alarm at 5 %, however many rows."""
    from benchmarks.verdict_columns import Labelled

    pairs = Labelled("labels", 5_000, 1.0).draw(n, 100_000, windows, np.random.default_rng(3))
    cells = [pairs.coarse(i) for i in range(windows)]
    values = [PSI().observed(c) for c in cells]
    reached = sum(calibration._drawn(PSI(), c, 400).p_value(v) <= 0.05 for c, v in zip(cells, values, strict=True))
    assert 1 <= reached <= 15  # of 150; the 99.5 % quantile of the binomial
