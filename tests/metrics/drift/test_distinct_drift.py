"""Numbers of different values, against rows that are dealt out again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import barograph as bg
from barograph.errors import ParameterError
from barograph.metrics.drift import DistinctDrift
from barograph.results import Value

LAWS: dict[str, Any] = {
    "steep": lambda rng, n: rng.geometric(0.2, n),
    "heavy": lambda rng, n: rng.zipf(1.6, n),
    "even": lambda rng, n: rng.integers(0, 400, n),
    "rare": lambda rng, n: rng.choice(3, n, p=[0.6, 0.398, 0.002]),
}


def value(current: Any, reference: Any, metric: DistinctDrift | None = None) -> Value:
    metric = metric or DistinctDrift(("a",))
    sides = [{"a": [f"v{x}" for x in side]} for side in (current, reference)]
    return bg.Report([metric]).run(*sides).results[0].values[0]


def distinct(rows: Any) -> int:
    return len(set(rows.tolist()))


@pytest.mark.parametrize("law", LAWS)
def test_size_and_chance_are_those_of_rows_dealt_again(law: str) -> None:
    rng = np.random.default_rng(7)
    current, reference = LAWS[law](rng, 300), LAWS[law](rng, 700)
    found = value(current, reference)
    both, dealt = np.concatenate([current, reference]), []
    for _ in range(3000):
        rng.shuffle(both)
        dealt.append((distinct(both[:300]), distinct(both[300:])))
    ours, gap = np.mean([a for a, _ in dealt]), np.array([a - b for a, b in dealt])
    away = distinct(current) - distinct(reference) - gap.mean()
    assert found.value is not None
    assert found.p_value is not None
    assert found.value == pytest.approx(abs(away) / ours, rel=0.15, abs=0.01)
    side = (gap >= away + gap.mean()) if away > 0 else (gap <= away + gap.mean())
    assert found.p_value >= min(1.0, 2 * side.mean()) * 0.7 - 0.02  # never much surer than they are


def test_the_reference_itself_and_identities() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=500)
    assert value(rows, rows).value == 0.0
    for n in (30, 300, 3000):  # every row new, whatever the sizes
        told = value(rng.integers(0, 2**60, n), rng.integers(0, 2**60, 600))
        assert told.value == pytest.approx(0.0, abs=1e-6)
        assert told.p_value == pytest.approx(1.0)


@pytest.mark.parametrize("n", [200, 600, 2000])
def test_repeats_and_lost_labels_are_found_at_any_size(n: int) -> None:
    rng = np.random.default_rng(2)
    reference = rng.integers(0, 2**60, 600)
    repeated = value(np.repeat(rng.integers(0, 2**60, n // 2), 2), reference, DistinctDrift(("a",), only="fewer"))
    assert repeated.p_value is not None
    assert repeated.p_value < 1e-6
    assert value(np.repeat(reference[: n // 4], 2), reference, DistinctDrift(("a",), only="more")).value == 0.0
    lost = value(np.zeros(n, int), rng.integers(0, 5, 600))
    assert lost.p_value is not None
    assert lost.p_value < 1e-6
    assert lost.value == pytest.approx(0.8, abs=0.05)


def test_whole_rows_and_more_different_ones_than_are_kept() -> None:
    rng = np.random.default_rng(3)
    sides = [{"a": rng.integers(0, 10**6, n), "b": rng.integers(0, 3, n)} for n in (30_000, 40_000)]
    run = bg.Report([DistinctDrift(), DistinctDrift(only="fewer")]).run(*sides)
    whole = run.results[0].values[0]
    assert "sample" in whole.note
    assert whole.value == pytest.approx(0.0, abs=0.02)
    assert whole.p_value is not None
    assert whole.p_value > 1e-3
    twice = {name: np.concatenate([side[:15_000]] * 2) for name, side in sides[0].items()}
    broken = bg.Report([DistinctDrift(only="fewer")]).run(twice, sides[1]).results[0].values[0]
    assert broken.value is not None
    assert broken.value > 0.2


def test_nothing_is_known_of_nothing() -> None:
    assert value([], [1, 2]).value is None
    assert bg.Report([DistinctDrift(("a",))]).run({"a": ["x"]}, {"a": [None, None]}).results[0].values[0].value is None
    alone = bg.Report([DistinctDrift(("a",))]).run({"a": ["x"]})
    assert alone.results[0].status == "unknown"
    profiled = bg.Baseline.of({"a": ["x", "y"]})
    told = DistinctDrift(("a",)).compute(bg.Profile.of({"a": ["x"]}, profiled), profiled.profile).values[0]
    assert "needs=metric.needs" in told.note
    assert "no column 'b'" in DistinctDrift(("b",)).compute(profiled.profile, profiled.profile).values[0].note
    with pytest.raises(ParameterError, match="both, fewer, more"):
        DistinctDrift(only="less")  # type: ignore[arg-type]
