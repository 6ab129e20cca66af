"""What the quality tests share: raw columns with everything that goes wrong, and one value by the public path."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from barograph import Baseline, Profile
from barograph.metric import Metric
from barograph.results import Result, Value

CITIES = ["Ulm", "Köln", "東京", 'a,b\n"c"', ""]


def messy(seed: int, n: int) -> pl.DataFrame:
    """Numbers with nulls, NaN and infinities; few and many whole numbers; labels of any script; text; times."""
    rng = np.random.default_rng(seed)
    x = rng.normal(10, 3, n)
    x[::11], x[3::17], x[5::29] = np.nan, np.inf, -np.inf
    return pl.DataFrame(
        {
            "x": pl.Series(x).scatter(list(range(2, n, 13)), None),
            "few": pl.Series(rng.integers(0, 5, n)).scatter(list(range(0, n, 7)), None),
            "many": rng.integers(0, 10_000, n),
            "city": pl.Series(rng.choice(CITIES, n)).scatter(list(range(1, n, 5)), None),
            "flag": pl.Series(rng.random(n) < 0.25).scatter([0], None),
            "note": [f"Ein längerer Satz über die Lage Nummer {v}" for v in rng.integers(0, 10**9, n)],
            "at": pd.date_range("2024-03-01", periods=n, freq="7min"),
            "row": [f"id-{seed}-{i}" for i in range(n)],
        }
    )  # fmt: skip


def result(metric: Metric, current: Any, reference: Any = None) -> Result:
    """What a metric says of rows, against reference rows if there are any."""
    if reference is None:
        return metric.compute(Profile.of(current), None)
    base = Baseline.of(reference)
    return metric.compute(Profile.of(current, base), base.profile)


def value(metric: Metric, current: Any, reference: Any = None) -> Value:
    (only,) = result(metric, current, reference).values
    return only


def present(rows: pl.DataFrame, column: str) -> pd.Series:
    """The values of a column that are there, as pandas."""
    series = rows[column].drop_nulls().to_pandas()
    return series[np.isfinite(series)] if series.dtype.kind in "fi" else series
