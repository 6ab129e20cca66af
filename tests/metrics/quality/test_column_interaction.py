"""Tables of two columns: those of pandas, on both sides, whichever column comes first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from barograph import Report
from barograph.errors import ParameterError
from barograph.metrics.quality import ColumnInteraction


def rows(seed: int, n: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    data = pd.DataFrame({"x": x, "size": np.digitize(x, [-1, 1]), "city": rng.choice(["Ulm", "Bonn"], n)})
    data["noise"] = rng.normal(size=n)
    return data


@pytest.mark.parametrize(("a", "b"), [("size", "city"), ("city", "size")])
def test_tables_are_those_of_pandas(a, b):
    current, reference = rows(0), rows(1, 300)
    figures = Report([ColumnInteraction(a, b)]).run(current, reference).results[0].figures
    assert [f.title for f in figures] == [f"{a} and {b}, reference", f"{a} and {b}, current"]
    for figure, side in zip(figures, (reference, current), strict=True):
        want = pd.crosstab(side[a].astype(str), side[b].astype(str), normalize=True)
        got = pd.DataFrame(figure.values, index=figure.rows, columns=figure.columns)
        pd.testing.assert_frame_equal(got.sort_index().sort_index(axis=1), want, check_names=False)


def test_the_pairs_that_go_together_most_are_drawn():
    figures = Report([ColumnInteraction(most=1)]).run(rows(2)).results[0].figures
    assert [f.labels for f in figures] == [{"column": "size", "other": "x"}]
    assert np.sum(figures[0].values) == pytest.approx(1.0)


def test_nothing_to_draw():
    for data in ({"x": [1, 2]}, {"x": [], "z": []}, {"x": [1] * 9, "z": [2] * 9}):
        result = Report([ColumnInteraction()]).run(pd.DataFrame(data, dtype=float)).results[0]
        assert (result.status, result.figures) == ("unknown", [])
        assert result.note
    for wrong in ({"column": "x"}, {"column": "x", "other": "x"}, {"most": 0}):
        with pytest.raises(ParameterError):
            ColumnInteraction(**wrong)
