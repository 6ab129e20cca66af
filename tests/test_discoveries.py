"""False discoveries: Benjamini and Hochberg's procedure against scipy's, and its promises."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from barograph import Check, Report, no_drift
from barograph.discoveries import any_discovery, discovery_level
from barograph.metrics.drift import PSI


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("alpha", [0.01, 0.2])
def test_the_level_finds_what_scipy_finds(seed: int, alpha: float) -> None:
    rng = np.random.default_rng(seed)
    p_values = np.concatenate([rng.uniform(size=30), rng.uniform(size=seed) ** 6])
    found = p_values <= discovery_level(p_values, alpha) * (1 + 1e-12)
    assert found.tolist() == (false_discovery_control(p_values) <= alpha).tolist()
    assert (any_discovery(p_values) <= alpha) == found.any()
    assert any_discovery(p_values) == pytest.approx(false_discovery_control(p_values).min())


def test_nothing_asked() -> None:
    assert discovery_level([], 0.01) == 0.01
    assert any_discovery([]) is None


def test_a_small_shift_is_found_beside_large_ones_and_not_alone() -> None:
    """What has changed for certain in other columns is evidence that something has changed here too."""

    def rows(seed: int, shifts: list[float]) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(seed)
        return {f"x{i}": rng.normal(shift, 1, 2000) for i, shift in enumerate(shifts)}

    report = Report([Check(PSI(), no_drift(0.0))], alpha=0.01)
    small = [0.16] * 8 + [0.0] * 2
    alone = report.run(rows(1, [*small, *[0.0] * 10]), rows(2, [0.0] * 20))
    beside = report.run(rows(1, [*small, *[2.0] * 10]), rows(2, [0.0] * 20))
    n_alone, n_beside = (
        sum(v.status == "fail" for v in run.verdicts if int(v.labels["column"][1:]) < 8) for run in (alone, beside)
    )
    assert n_beside > n_alone
    assert all(v.p_value is not None and v.expected is not None for v in beside.verdicts)


def test_verdicts_tell_what_is_small_from_what_is_not_there() -> None:
    rng = np.random.default_rng(5)
    n = 200_000
    reference = {"still": rng.normal(size=n), "nudged": rng.normal(size=n), "moved": rng.normal(size=n)}
    current = {"still": rng.normal(size=n), "nudged": rng.normal(0.05, 1, n), "moved": rng.normal(1, 1, n)}
    run = Report([Check(PSI(), no_drift(0.1))]).run(current, reference)
    assert {v.labels["column"]: (v.status, v.finding) for v in run.verdicts} == {
        "still": ("pass", "no evidence"), "nudged": ("pass", "real but small"), "moved": ("fail", "drift"),
    }  # fmt: skip
