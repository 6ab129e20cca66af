"""False discoveries: Benjamini and Hochberg's procedure against scipy's, and its promises."""

import numpy as np
import pytest
from scipy.stats import binomtest, false_discovery_control, norm

from barograph import Check, Report, no_drift
from barograph.discoveries import any_discovery, anything, combined, discovery_level, group_levels, window_levels
from barograph.errors import ParameterError
from barograph.metrics.drift import KS, PSI, AndersonDarling, JensenShannon, Wasserstein


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
    small = [0.15] * 8 + [0.0] * 2
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


def test_cauchy_combination_keeps_its_level_for_dependent_tests() -> None:
    rng = np.random.default_rng(11)
    common = rng.normal(size=(200_000, 1))
    for weight in (0.0, 0.7, 1.0):
        z = weight * common + np.sqrt(1 - weight**2) * rng.normal(size=(200_000, 2))
        p = norm.sf(z)
        made = np.array([combined(pair) for pair in p[:60_000].tolist()])
        assert (made <= 0.01).mean() == pytest.approx(0.01, rel=0.25)
    assert combined([1.0, 1.0]) == 1.0
    assert combined([0.0, 1.0]) < 1e-200
    assert combined([0.02]) == pytest.approx(0.02)


def test_families_share_a_rate_as_the_families_found() -> None:
    rng = np.random.default_rng(2)
    quiet = [rng.uniform(size=20).tolist() for _ in range(30)]

    def levels(families: list[list[float]]) -> list[float]:
        return [found["drift"] for found in window_levels([{"drift": family} for family in families], 0.01)]

    assert sum(any(p <= level for p in f) for f, level in zip(quiet, levels(quiet), strict=True)) == 0
    loud = [[1e-9, *family[1:]] for family in quiet]
    found = levels([*loud[:15], *quiet[15:]])
    assert found[0] == pytest.approx(0.005 / 20)  # half of the families have something in them
    assert found[20] == pytest.approx(0.005 / 20)
    assert levels([[], [0.001]]) == [0.01, 0.01]


def test_many_columns_take_nothing_from_performance() -> None:
    rng = np.random.default_rng(5)
    n, alarms = 4_000, 0
    for uniform in rng.uniform(size=(n, 206)):
        tests = {"drift": uniform[:200].tolist(), "performance": uniform[200:].tolist()}
        levels = group_levels(tests, 0.05)
        found = any(p <= levels[group] for group, own in tests.items() for p in own)
        alarms += found
        assert found == (anything(tests) <= 0.05)
    assert binomtest(alarms, n, 0.05).pvalue > 1e-3
    few, many = (group_levels({"drift": [0.5] * k, "performance": [0.4] * 5}, 0.01) for k in (5, 500))
    assert few["performance"] == many["performance"] == 0.001
    assert few["drift"] == 100 * many["drift"]
    assert group_levels({}, 0.01) == {"quality": 0.01, "drift": 0.01, "performance": 0.01}
    assert anything({}) is None


def test_windows_of_a_timeline_share_the_rate() -> None:
    rng = np.random.default_rng(8)
    rows = {"x": rng.normal(size=30_000), "y": rng.normal(size=30_000)}
    reference = {"x": rng.normal(size=20_000), "y": rng.normal(size=20_000)}
    rows["x"][-300:] += 1.0
    timeline = Report([Check(PSI(), no_drift(0.0))]).timeline(rows, reference, every=300)
    runs = [window.run for window in timeline.windows if window.run]
    assert [run.status for run in runs[:-1]] == ["pass"] * 99
    assert runs[-1].finding == "drift"
    assert runs[-1].p_value is not None
    assert runs[-1].p_value < 1e-6
    assert any("all 100 share that rate" in note for note in runs[0].notes)


def test_evidence_beside_finds_a_shift_that_is_too_small_for_cells() -> None:
    rng = np.random.default_rng(4)
    reference, found = {"x": rng.normal(size=100_000)}, {None: 0, AndersonDarling(): 0}
    for _ in range(20):
        current = {"x": rng.normal(0.06, 1, 5_000)}
        for beside in found:
            (verdict,) = Report([Check(PSI(), no_drift(0.1, beside))]).run(current, reference).verdicts
            assert verdict.status == "pass"
            found[beside] += verdict.finding == "real but small"
    assert found[AndersonDarling()] > found[None] + 3
    with pytest.raises(ParameterError, match="ordered columns such as AndersonDarling"):
        no_drift(0.1, beside=PSI())


def test_what_cannot_happen_has_no_part_in_the_rate() -> None:
    """Nothing is absent on either side: there is nothing to test, and the other columns have the whole rate."""
    rng = np.random.default_rng(1)
    sides = ({"x": rng.normal(size=500), "y": rng.normal(size=500)} for _ in range(2))
    run = Report(["data_drift"]).run(*sides)
    assert any("whose 2 calibrated checks" in note for note in run.notes)
    assert {v.status for v in run.verdicts if v.metric == "missing_drift"} == {"pass"}


def test_every_drift_value_says_what_chance_does() -> None:
    rng = np.random.default_rng(6)
    reference, current = ({"x": rng.normal(size=n), "c": rng.choice(list("abc"), n)} for n in (20_000, 2_000))
    run = Report([PSI(), KS(), Wasserstein(), JensenShannon()]).run(current, reference)
    for result in run.results:
        for value in (v for v in result.values if v.value is not None):
            assert value.expected is not None and value.threshold is not None and value.p_value is not None
            assert 0 < value.expected < value.threshold
            assert (value.p_value <= 0.01) == (value.value > value.threshold)
