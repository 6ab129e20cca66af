"""Noise: the laws that closed forms know, and what columns share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from barograph import calibration
from barograph.calibration import noise
from barograph.metrics.drift import PSI
from barograph.metrics.drift.cells import Cells

SIZES = [(480, 20_000), (520, 20_000), (5_000, 5_000), (20_000, 600), (1_000_000, 1_000_000)]


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_psi_is_nearly_chi_square(n: int, m: int) -> None:
    """(cells - 1) (1/n + 1/m) and its variance, on both sides of where counts are drawn by their normal law."""
    found = noise(PSI(), Cells(np.full(10, n // 10), np.full(10, m // 10)))
    size = 1 / (2 ** (np.floor(4 * np.log2(n)) / 4)) + 1 / m  # the current side's is rounded down
    assert found.expected == pytest.approx(9 * size, rel=0.15)
    assert found.variance == pytest.approx(18 * size**2, rel=0.5)


@pytest.mark.parametrize("n_cells", [3, 7, 10, 30])
@pytest.mark.parametrize("n", [2**11, 2**20])
def test_thresholds_far_out_are_those_of_chi_square(n: int, n_cells: int) -> None:
    shares = np.linspace(1, 3, n_cells)
    counts = np.round(10 * n * shares / shares.sum()).astype(int)
    cells = Cells(np.round(counts / 10).astype(int), counts)
    found = noise(PSI(), cells)
    size = 1 / 2 ** (np.floor(4 * np.log2(cells.n_current)) / 4) + 1 / cells.n_reference
    for alpha in (0.01, 1e-3, 1e-4):
        assert found.threshold(alpha) == pytest.approx(chi2.isf(alpha, n_cells - 1) * size, rel=0.12), alpha


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
