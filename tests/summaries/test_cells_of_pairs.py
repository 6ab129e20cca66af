"""Tables of all pairs of columns, and what is measured in the cells of each: numpy on the raw rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from barograph.errors import FormatError, MergeError
from barograph.summaries import CellMoments, PairCells
from barograph.summaries.cuts import MISSING, OTHER, Cut
from barograph.types import Joint, Measured
from strategies import cuts, joint, measured

ROWS = [
    (-1.0, 2.0, "a", 1.0, 2.0),
    (0.5, None, "never seen", -3.0, 1.0),
    (9.0, 1.0, None, 4.0, 1.0),
    (0.0, float("inf"), "rail", 5.0, 0.5),
    (float("nan"), 1.0, "a", 7.0, 0.0),
]


def test_tables_of_pairs():
    cells = PairCells(cuts())
    cells.update(joint(ROWS))
    numbers, label, other = cells.counts  # (0, 1), (0, 2), (1, 2)
    assert numbers[0, 0] == numbers[3, 0] == numbers[MISSING, 0] == 1
    assert numbers[1, MISSING] == numbers[2, MISSING] == 1
    assert label[0, 0] == label[1, 1] == label[2, OTHER] == label[3, MISSING] == label[MISSING, 0] == 1
    assert (cells.counts.sum(axis=(1, 2)) == 5).all()
    assert other[0, 0] == 2


def test_tables_are_those_of_pandas():
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=5000), rng.integers(0, 4, 5000).astype(float)
    edges = np.quantile(x, [0.25, 0.5, 0.75])
    cells = PairCells([Cut(edges, None, list("abcd")), Cut(np.array([0.0, 1.0, 2.0]), None, list("0123"))])
    for half in (slice(0, 2000), slice(2000, None)):
        cells.update(Joint((x[half], z[half]), len(x[half])))
    want = pd.crosstab(pd.cut(x, [-np.inf, *edges, np.inf]), z)
    assert cells.counts[0, :4, :4].tolist() == want.to_numpy().tolist()


@pytest.mark.parametrize("weighted", [False, True])
def test_moments_of_cells_are_numpys(weighted: bool):
    rng = np.random.default_rng(1)
    n = 3000
    x, error, weight = rng.normal(size=n), 1e9 + rng.normal(size=n), rng.exponential(size=n)
    error[::5] = np.nan
    cut = Cut(np.array([-1.0, 0.0, 1.0]), None, list("abcd"))
    found = CellMoments([cut], ("error",))
    for half in (slice(0, 1000), slice(1000, None)):
        w = weight[half] if weighted else None
        found.update(Measured((x[half],), len(x[half]), {"error": error[half]}, w))
    rows, _, mean, se = found.at("error", 0)
    for cell in range(4):
        here = (np.digitize(x, [-1.0, 0.0, 1.0], right=True) == cell) & np.isfinite(error)
        w = weight[here] if weighted else np.ones(here.sum())
        assert rows[cell] == here.sum()
        assert mean[cell] == pytest.approx(np.average(error[here], weights=w), rel=1e-15)
        variance = np.average((error[here] - np.average(error[here], weights=w)) ** 2, weights=w)
        effective = w.sum() ** 2 / (w**2).sum()
        assert se[cell] == pytest.approx(np.sqrt(variance / (effective - 1)), rel=1e-6)
    assert np.isnan(mean[4:]).all()
    assert np.isnan(se[4:]).all()


def test_a_measure_that_is_not_there_and_a_weight_that_is_not():
    found = CellMoments(cuts(), ("error", "other"))
    found.update(measured(ROWS, weighted=True))
    assert found.n[1].sum() == 0
    assert found.n_rows == 5
    none = Measured(joint(ROWS).columns, 5, {"error": np.ones(5)}, np.full(5, np.nan))
    found = CellMoments(cuts(), ("error",))
    found.update(none)
    assert found.rows.sum() == 15
    assert found.n.sum() == 0


def test_cells_of_others_do_not_merge():
    with pytest.raises(MergeError, match="not the same ones"):
        PairCells(cuts()).merge(PairCells(cuts()[:2]))
    with pytest.raises(MergeError, match="not the same ones"):
        PairCells(cuts()).merge(PairCells([cuts()[2], *cuts()[1:]]))
    with pytest.raises(MergeError, match="2 and 1 measures"):
        CellMoments(cuts(), ("a", "b")).merge(CellMoments(cuts(), ("a",)))


def test_cuts_that_cannot_be():
    ok = Cut(np.array([0.0, 1.0]), None, ["a", "b", "c"]).to_state()
    assert Cut.from_state(ok).to_state() == ok
    edges = np.arange(11.0).tobytes()
    for bad in (
        {"names": ["a"]}, {"names": ["a", "b", 3]}, {"edges": None}, {"keys": b""},
        {"edges": np.array([1.0, 0.0]).tobytes()},
        {"edges": np.array([0.0, np.inf]).tobytes()}, {"edges": edges, "names": ["x"] * 12},
        {"edges": None, "keys": np.array([1, 1, 2], np.uint64).tobytes()},
    ):  # fmt: skip
        with pytest.raises(FormatError):
            Cut.from_state({**ok, **bad})


def test_counts_of_other_rows_are_refused():
    cells = PairCells(cuts())
    cells.update(joint(ROWS))
    with pytest.raises(FormatError, match="not of 6 rows"):
        PairCells.from_state({**cells.to_state(), "n_rows": 6})
    moments = CellMoments(cuts(), ("error", "hit"))
    moments.update(measured(ROWS))
    state = moments.to_state()
    for name, value in (("n_rows", 6), ("measures", ["a", "a"]), ("m2", np.full(72, -1.0).tobytes())):
        with pytest.raises(FormatError):
            CellMoments.from_state({**state, name: value})
