"""Slices of single columns and pairs, against polars."""

import numpy as np
import polars as pl
import pytest
from tests.strategies import cuts, hashed, measured

from barograph.errors import FormatError, MergeError
from barograph.summaries import SliceMoments
from barograph.summaries.cuts import Cut
from barograph.summaries.slicemoments import LACKING, OTHERS
from barograph.types import Measured, RowLabels

ROWS = [(-2.0, 0.0, "a", 1.0, 1.0), (0.5, float("nan"), "中文", -1.0, 1.0), (3.0, 1.0, "?", 2.0, 2.0)]


def test_cells_are_those_of_a_group_by():
    rng = np.random.default_rng(4)
    n = 5000
    x, error = rng.normal(size=n), 1e9 + rng.normal(size=n)
    x[::7], error[::5] = np.nan, np.nan
    city = rng.choice(["Ulm", "Köln", "x"], n)
    keys = np.array([hashed(name) for name in ("Ulm", "Köln", "x")], np.uint64)
    column = RowLabels(keys[[["Ulm", "Köln", "x"].index(c) for c in city]], np.ones(n, bool))
    by_city = Cut(None, keys[:2], ["Ulm", "Köln"])
    found = SliceMoments([by_city, Cut(np.array([0.0]), None, ["low", "high"])], "error")
    for part in (slice(0, 1000), slice(1000, None)):
        labels = RowLabels(column.keys[part], column.present[part])
        found.update(Measured((labels, x[part]), len(x[part]), {"error": error[part]}))
    frame = pl.DataFrame({
        "city": [{"Ulm": 0, "Köln": 1}.get(c, OTHERS) for c in city],
        "x": np.where(np.isnan(x), LACKING, x > 0).astype(int),
        "e": error - 1e9,
    }).with_columns(pl.col("e").fill_nan(None))  # fmt: skip
    counted = frame.group_by("city", "x").agg(rows=pl.len(), n=pl.col("e").count(), mean=pl.col("e").mean(),
                                              var=pl.col("e").var(ddof=0))  # fmt: skip
    table = found.table(0, 1)
    assert int((found.rows[table] > 0).sum()) == counted.height == 9
    for row in counted.iter_rows(named=True):
        at = (table, row["city"], row["x"])
        assert (found.rows[at], found.n[at]) == (row["rows"], row["n"])
        assert found.mean[at] - 1e9 == pytest.approx(row["mean"], abs=1e-5)
        assert found.m2[at] / row["n"] == pytest.approx(row["var"], rel=1e-5)
    assert found.rows[found.table(1, 1)].diagonal().tolist() == [
        *(frame["x"].eq(cell).sum() for cell in range(8)),
    ]
    assert [found.name(0, OTHERS), found.name(0, LACKING), found.name(1, 1)] == ["(other)", "(missing)", "high"]


def test_a_measure_that_is_not_there_leaves_the_rows():
    found = SliceMoments(cuts(), "other")
    found.update(measured(ROWS))
    assert found.rows.sum() == 3 * 6
    assert found.n.sum() == 0


def test_what_cannot_be_is_refused():
    with pytest.raises(MergeError, match="'error' and of 'hit'"):
        SliceMoments(cuts(), "error").merge(SliceMoments(cuts(), "hit"))
    found = SliceMoments(cuts(), "error")
    found.update(measured(ROWS))
    state = found.to_state()
    wide = Cut(np.arange(7.0), None, list("abcdefgh")).to_state()
    few = Cut(None, np.arange(7, dtype=np.uint64), list("abcdefg")).to_state()
    for name, value in (
        ("n_rows", 4), ("measure", 3), ("m2", np.full(6 * 64, -1.0).tobytes()), ("n", found.rows.tobytes()[:-8]),
        ("n", (found.rows + 1).tobytes()), ("cuts", [wide] * 3), ("cuts", [few] * 3), ("mean", None),
    ):  # fmt: skip
        with pytest.raises(FormatError):
            SliceMoments.from_state({**state, name: value})
