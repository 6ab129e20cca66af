"""Numbers beside texts: scipy on the raw rows, merged parts, and what cannot be said."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from barograph import Baseline, Profile, Report, Schema
from barograph.errors import ParameterError
from barograph.metrics.quality import Pearson, TextCorrelation
from barograph.results import Heat

SCHEMA = Schema(kinds={"note": "text"})  # type: ignore[dict-item]


def rows(seed: int, n: int = 300, offset: float = 0.0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    k = rng.integers(0, 6, n)
    notes = ["Late again, 5 min! " * many + ("So it goes." if many % 2 else "") for many in k]
    return pl.DataFrame({
        "note": pl.Series(notes).set(pl.Series(rng.random(n) < 0.1), None),
        "days": pl.Series(offset + k + rng.normal(size=n)).set(pl.Series(rng.random(n) < 0.1), None),
        "flag": rng.random(n) < 0.4,
        "city": rng.choice(["Ulm", "Bonn"], n),
    })  # fmt: skip


def described(note: pl.Series) -> dict[str, np.ndarray]:
    letters = note.str.count_matches(r"[\p{L}\s]").cast(pl.Float64)
    length = note.str.len_chars().cast(pl.Float64)
    return {
        "length": length.to_numpy(),
        "words": note.str.count_matches(r"[\p{L}\p{N}]+").cast(pl.Float64).to_numpy(),
        "sentences": note.str.count_matches("[!.]").cast(pl.Float64).to_numpy(),
        "non_letters": ((length - letters) / length.set(length == 0, None)).to_numpy(),
    }


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_it_is_scipys_on_complete_pairs(offset: float) -> None:
    frame = rows(1, offset=offset)
    result = Report([TextCorrelation()]).run(frame, schema=SCHEMA).results[0]
    assert len(result.values) == 8
    for value in result.values:
        x = described(frame["note"])[value.labels["view"]]
        y = frame[value.labels["other"]].cast(pl.Float64).to_numpy()
        both = np.isfinite(x) & np.isfinite(y)
        assert value.n == both.sum()
        assert value.value == pytest.approx(stats.pearsonr(x[both], y[both]).statistic, abs=1e-6 if offset else 1e-10)
    (heat,) = result.figures
    assert isinstance(heat, Heat) and (heat.rows[0], heat.columns) == ("length", ["days", "flag"])


def test_both_sides_merge_and_the_strongest_are_listed() -> None:
    now, then = rows(2), rows(3)
    base = Baseline.of(then, schema=SCHEMA, needs=TextCorrelation().needs)
    whole = TextCorrelation().compute(Profile.of(now, base), base.profile)
    merged = TextCorrelation().compute(Profile.of(now.head(100), base) + Profile.of(now.tail(200), base), base.profile)
    assert [v.value for v in whole.values] == pytest.approx([v.value for v in merged.values], rel=1e-10)
    assert all(v.reference is not None for v in whole.values)
    few = TextCorrelation(pairs=2).compute(Profile.of(now, base), base.profile)
    assert {v.labels["other"] for v in few.values} == {"days"} and "2 strongest of 8" in few.note


def test_it_stands_beside_the_plain_correlations() -> None:
    """The moments of views are apart from those of values, which have no texts."""
    frame = rows(4)
    both = Report([Pearson(), TextCorrelation()]).run(frame, schema=SCHEMA)
    alone = Report([Pearson()]).run(frame, schema=SCHEMA)
    assert both.results[0].values == alone.results[0].values


def test_what_cannot_be_said() -> None:
    frame = rows(5)
    same = frame.with_columns(days=pl.lit(1.0), note=pl.lit("the same text for all"))
    assert all(v.value is None and "vary" in v.note
               for v in Report([TextCorrelation()]).run(same, schema=SCHEMA).results[0].values)  # fmt: skip
    for cut in (frame.select("days", "flag"), frame.select("note"), frame.head(0), frame.head(2)):
        schema = SCHEMA if "note" in cut.columns else None
        result = Report([TextCorrelation()]).run(cut, schema=schema).results[0]
        assert result.status == "unknown" and result.note
    assert "no text" in Report([TextCorrelation("days")]).run(frame, schema=SCHEMA).results[0].note
    assert "needs" in TextCorrelation().compute(Profile.of(frame, schema=SCHEMA), None).note
    with pytest.raises(ParameterError, match="pairs"):
        TextCorrelation(pairs=0)
