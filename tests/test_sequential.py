"""Evidence over a stream of windows: e-values by enumeration, false alarms and delays by simulation, states by law."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import dirichlet_multinomial, norm

from barograph.errors import FormatError
from barograph.sequential import CELLS_AT_MOST, PRIOR, Detector, Evidence, log_weights, tilts

SHARES = np.concatenate([[0.02], np.full(16, 0.98 / 16)])


def shifted(delta: float, scale: float = 1.0) -> np.ndarray:
    """Shares of 16 cells of equal mass and of no value, once a normal column has shifted by `delta` deviations."""
    return np.concatenate([[0.02], 0.98 * np.diff(norm.cdf((norm.ppf(np.linspace(0, 1, 17)) - delta) / scale))])


def run_length(detector: Detector, rng: np.random.Generator, n: int, shares: np.ndarray, most: int) -> int | None:
    """The number of windows up to the first alarm."""
    for at in range(most):
        detector.update(rng.multinomial(n, shares, size=len(detector)).astype(float))
        if any(found is not None for found in detector.detected):
            return at + 1
    return None


@pytest.mark.parametrize("ordered", [True, False])
def test_the_mean_of_an_e_value_is_one(ordered: bool) -> None:
    """Over all counts of a window that there can be, weighed by their probability given the reference and the past."""
    reference, past, n = np.array([2, 7, 4, 1]), np.array([1.0, 3.0, 0.0, 2.0]), 5
    windows = [c for c in itertools.product(range(n + 1), repeat=4) if sum(c) == n]
    law = dirichlet_multinomial(reference + PRIOR + past, n)
    mean = 0.0
    for counts in windows:
        detector = Detector([reference], [ordered], 0.01)
        detector.update(past[None])
        before = np.maximum(detector.states()[0].logs, 0.0)
        detector.update(np.array([counts], float))
        mean = mean + law.pmf(counts) * np.exp(detector.states()[0].logs - before)
    used = np.isfinite(log_weights(4, ordered=ordered))
    assert used.sum() == mean.size - (0 if ordered else 16)
    np.testing.assert_allclose(mean[used], 1.0, rtol=1e-9)
    assert math.isclose(np.exp(log_weights(4, ordered=ordered)).sum(), 1.0)


def test_tilts_are_those_of_a_normal_law() -> None:
    found = tilts(SHARES)
    np.testing.assert_allclose(found[3] * SHARES, shifted(0.1), rtol=1e-9)
    np.testing.assert_allclose(found[-1] * SHARES, shifted(0.0, 1.4), rtol=1e-9)


@pytest.mark.parametrize(("k", "n", "size"), [(1, 50, 100_000), (1, 500, 2000), (20, 500, 100_000), (1, 5000, 100_000)])
def test_false_alarms_are_at_least_a_hundred_windows_apart(k: int, n: int, size: int) -> None:
    """At alpha = 0.01, whatever the windows' size; also against a reference that is itself small."""
    rng, most, n_streams = np.random.default_rng(11), 200, 24 if k == 1 else 6
    lengths = [
        run_length(Detector(rng.multinomial(size, SHARES, size=k), [True] * k, 0.01), rng, n, SHARES, most)
        for _ in range(n_streams)
    ]
    windows, alarms = sum(length or most for length in lengths), sum(length is not None for length in lengths)
    assert windows >= 200 * alarms  # measured: 700 and more


@pytest.mark.parametrize(("delta", "most"), [(0.05, 14), (0.1, 6), (0.2, 2)])
def test_a_shift_is_found_soon(delta: float, most: int) -> None:
    rng, lengths, began = np.random.default_rng(5), [], []
    for _ in range(31):
        detector = Detector([rng.multinomial(100_000, SHARES)], [True], 0.01)
        before = run_length(detector, rng, 500, SHARES, 20)
        lengths.append(run_length(detector, rng, 500, shifted(delta), 100) if before is None else None)
        began.append(int(detector.began[0]) - 20)
    assert lengths.count(None) <= 2
    assert np.median([length for length in lengths if length]) <= most
    assert abs(np.median(began)) <= most / 2


def test_categories_that_trade_places_are_found() -> None:
    """Unordered cells: two frequent labels, a label that vanishes, and labels that were never seen."""
    before = np.array([0.0, 0.3, 0.2, 0.2, 0.2, 0.1, 0.0])
    changes = {"half": [0.0, 0.25, 0.25, 0.2, 0.2, 0.1, 0.0], "gone": [0.0, 0.3, 0.25, 0.25, 0.2, 0.0, 0.0]}
    changes |= {"new": [0.0, 0.3, 0.2, 0.2, 0.2, 0.07, 0.03], "missing": [0.05, 0.25, 0.2, 0.2, 0.2, 0.1, 0.0]}
    rng = np.random.default_rng(2)
    for name, after in changes.items():
        detector = Detector([rng.multinomial(100_000, before)], [False], 0.01)
        assert run_length(detector, rng, 500, before, 20) is None, name
        assert (run_length(detector, rng, 500, np.array(after), 20) or 99) <= 5, name


def test_columns_found_together_share_the_rate() -> None:
    """With j of k columns at k / (j alpha) all j are found, one alone needs k / alpha."""
    rng = np.random.default_rng(3)
    detector = Detector(rng.multinomial(100_000, SHARES, size=4), [True] * 4, 0.01)
    assert detector.thresholds[0] == pytest.approx(math.log(400))
    for _ in range(12):
        detector.update(rng.multinomial(500, shifted(0.2), size=4).astype(float))
    assert detector.thresholds[0] == pytest.approx(math.log(100))
    assert None not in detector.detected


def windows_of(seed: int, n_windows: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([rng.multinomial(300, shifted(0.0 if at < 8 else 0.15), size=2) for at in range(n_windows)])


@pytest.mark.parametrize("cut", [0, 5, 11, 20])
def test_going_on_from_a_state_is_as_if_one_had_never_stopped(cut: int) -> None:
    windows = windows_of(1, 20).astype(float)
    references = [np.random.default_rng(0).multinomial(5000, SHARES), np.array([10, *[900] * 11])]
    windows[:, 1, 12:] = 0
    whole = Detector(references, [True, False], 0.01)
    evidence = [whole.update(window).tolist() for window in windows]
    first = Detector(references, [True, False], 0.01)
    for window in windows[:cut]:
        first.update(window)
    states = [Evidence.from_state(state.to_state()) for state in first.states()]
    second = Detector(references, [True, False], 0.01, states)
    assert [second.update(window).tolist() for window in windows[cut:]] == evidence[cut:]
    assert [s.to_state() for s in second.states()] == [s.to_state() for s in whole.states()]
    alone = Detector(references[1:], [False], 0.01, second.states()[1:])  # narrower: the other column is not there
    assert alone.states()[0].to_state() == second.states()[1].to_state()


def test_nothing_is_learned_of_no_drift_once_it_is_found_and_a_reset_forgets() -> None:
    windows = windows_of(1, 40).astype(float)
    detector = Detector([np.random.default_rng(0).multinomial(5000, SHARES)] * 2, [True] * 2, 0.01)
    for window in windows:
        detector.update(window)
    (state, _) = detector.states()
    assert state.detected is not None
    assert state.learned.sum() == 300 * state.detected
    assert state.recent.sum() == 300 * (state.n_windows - state.began)
    detector.reset(0)
    assert detector.states()[0].to_state() == Evidence.empty(17).to_state()
    assert detector.states()[1].n_windows == 40


def test_no_rows_are_no_evidence() -> None:
    detector = Detector([np.array([0, 50, 50])], [True], 0.01)
    first = detector.update(np.array([[0.0, 20.0, 30.0]]))
    assert detector.update(np.zeros((1, 3))) == first
    assert detector.n_windows.tolist() == [1]


def test_huge_counts_stay_finite() -> None:
    huge = np.array([0, 2**61, 2**61])
    detector = Detector([huge, np.array([0, 1, 1])], [True, False], 0.01)
    for counts in ([0.0, 2.0**61, 2.0**61], [2.0**62, 0.0, 0.0]):
        assert np.isfinite(detector.update(np.array([counts, counts]))).all()
    assert detector.detected == [1, 1]


def test_a_design_effect_divides_the_rows() -> None:
    one, other = (Detector([np.array([0, 500, 500])], [True], 0.01) for _ in range(2))
    halved = one.update(np.array([[0.0, 60.0, 40.0]]), np.array([2.0]))
    assert halved == other.update(np.array([[0.0, 30.0, 20.0]]))


def test_a_state_is_small() -> None:
    state = Evidence.empty(CELLS_AT_MOST).to_state()
    assert sum(len(value) for value in state.values() if isinstance(value, bytes)) < 2000


BROKEN = {
    "learned": [b"", b"x", None, np.full(3, -1.0).tobytes(), np.full(3, np.nan).tobytes(), bytes(8 * 40)],
    "recent": [b"", np.full(3, np.inf).tobytes(), bytes(8)],
    "logs": [b"", 3, np.full(31, np.nan).tobytes()],
    "n_windows": [-1, None, 1.5, True],
    "began": [-1, 2**63, 9],
    "detected": [-1, "x", 9],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BROKEN.items() for value in values])
def test_a_hostile_state_is_refused(name: str, value: object) -> None:
    state = dict(replace(Evidence.empty(3), n_windows=4).to_state())
    assert Evidence.from_state(state).n_windows == 4
    with pytest.raises(FormatError):
        Evidence.from_state({**state, name: value})
    del state[name]
    with pytest.raises(FormatError):
        Evidence.from_state(state)


def test_a_state_of_other_cells_is_refused() -> None:
    with pytest.raises(FormatError, match="3 cells where the reference has 4"):
        Detector([np.array([1, 2, 3, 4])], [True], 0.01, [Evidence.empty(3)])
