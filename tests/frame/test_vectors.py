"""Columns of lists and arrays of numbers: what is read, what is counted, and in which views."""

import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from barograph import Baseline, Profile, Schema
from barograph.frame import dimension_of, norms, open_rows, vectors
from barograph.profile import SkippedColumnsWarning
from barograph.schema import Family, Kind

ROWS = [[3.0, 4.0], [0.0, 1.0], [6.0, 8.0]]
SOURCES = {
    "list of lists": {"e": ROWS},
    "tuples": {"e": [tuple(row) for row in ROWS]},
    "numpy of two dimensions": {"e": np.array(ROWS)},
    "float32": {"e": np.array(ROWS, np.float32)},
    "polars List": pl.DataFrame({"e": ROWS}),
    "polars Array": pl.DataFrame({"e": pl.Series(ROWS, dtype=pl.Array(pl.Float32, 2))}),
    "pandas lists": pd.DataFrame({"e": ROWS}),
    "pandas arrays": pd.DataFrame({"e": [np.array(row) for row in ROWS]}),
    "pyarrow": pa.table({"e": ROWS}),
    "records": [{"e": row} for row in ROWS],
    "whole numbers": {"e": [[3, 4], [0, 1], [6, 8]]},
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_form_of_vectors_is_read(name):
    rows = open_rows(SOURCES[name])
    assert rows.families == {"e": Family.VECTOR}
    assert rows.traits()["e"].dimension == 2
    (batch,) = rows.batches()
    assert vectors(batch, "e", 2).values.tolist() == ROWS
    assert norms(batch, "e").values.tolist() == [1.0, 5.0, 10.0]
    profile = Profile.of(SOURCES[name])
    assert profile.schema.kinds == {"e": Kind.EMBEDDING}
    assert profile.get("distinct", "e").estimate == 3
    assert profile.get("moments", "e", view="norm").maximum == 10.0


def test_files_of_vectors(tmp_path):
    frame = pl.DataFrame({"e": pl.Series(ROWS, dtype=pl.Array(pl.Float32, 2)), "x": [1, 2, 3]})
    frame.write_parquet(tmp_path / "a.parquet")
    frame.with_columns(pl.col("e").cast(pl.List(pl.Float32))).write_ndjson(tmp_path / "a.jsonl")
    for file in ("a.parquet", "a.jsonl"):
        assert Profile.of(tmp_path / file).get("moments", "e", view="norm").maximum == 10.0


def test_what_is_no_vector_is_counted():
    values = [[1.0, 2.0], None, [1.0], [], [math.nan, 1.0], [1.0, None], [math.inf, 0.0], [1e200, 1e200], [0.0, 0.0]]
    batch = pl.DataFrame({"e": values}, strict=False)
    found = vectors(batch, "e", 2)
    assert found.values.tolist() == [[1.0, 2.0], [0.0, 0.0]]
    assert found.rows.tolist() == [0, 8]
    absent = found.absent
    assert (absent.n_null, absent.n_nan, absent.n_pos_inf, absent.n_invalid) == (1, 2, 2, 2)
    assert found.n_rows == norms(batch, "e", 2).n_rows == norms(batch, "e").n_rows == len(values)
    assert dimension_of(batch, "e") == 2
    for other in (
        pl.DataFrame({"e": ["x", None]}),
        pl.DataFrame({"e": [1.5, None]}),
        pl.DataFrame({"e": [None, None]}),
    ):
        counted = vectors(other, "e", 2).absent
        assert counted.n_null + counted.n_invalid == 2


def test_lists_of_ever_another_length_are_skipped_aloud_unless_declared():
    data = {"tags": [[1.0] * (1 + i % 7) for i in range(50)], "x": list(range(50))}
    with pytest.warns(SkippedColumnsWarning, match=r"'tags' \(List\(Float64\)\)"):
        profile = Profile.of(data)
    assert profile.columns == ("x",)
    with pytest.warns(SkippedColumnsWarning):
        base = Baseline.of(data)
    with pytest.warns(SkippedColumnsWarning):
        assert "tags" not in Profile.of(data, base).columns
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        counts = Baseline.of(data, schema=Schema(kinds={"tags": "embedding"})).profile.get("counts", "tags")
    assert counts.n_invalid == 42  # the most frequent length is the dimension, here one number


def test_vectors_in_other_roles_do_not_crash():
    data = {"e": ROWS * 10, "y": [0, 1, 1] * 10}
    for schema in (Schema(kinds={"e": "numeric"}), Schema(kinds={"e": "categorical"}), Schema(kinds={"e": "text"}),
                   Schema(target="e"), Schema(timestamp="e"), Schema(target="y", score="e")):  # fmt: skip
        counts = Baseline.of(data, schema=schema).profile.get("counts", "e")
        assert counts.n_rows == 30


def test_views_are_the_plain_formula():
    rng = np.random.default_rng(2)
    cloud = rng.normal(size=(500, 5)) * [3, 2, 1, 1, 1] + 1
    base = Baseline.of({"e": cloud})
    learned = base.profile.get("embedding", "e", view="vector")
    new = rng.normal(size=(40, 5))
    profile = Profile.of({"e": new}, base)
    cosine = new @ learned.centroid / np.linalg.norm(new, axis=1) / np.linalg.norm(learned.centroid)
    assert profile.get("moments", "e", view="cosine").mean == pytest.approx(cosine.mean(), rel=1e-12)
    assert profile.get("quantiles", "e", view="norm").quantile(0.5) == np.median(np.linalg.norm(new, axis=1))
    np.testing.assert_allclose(learned.axes @ learned.axes.T, np.eye(4), atol=1e-12)
    assert abs(learned.axes[0, 0]) > 0.98  # the direction of the largest variance
    axis = (new - learned.centroid) @ learned.axes[0]
    assert profile.get("moments", "e", view="axis_1").std == pytest.approx(axis.std(ddof=1), rel=1e-12)
    np.testing.assert_allclose(base.profile.get("embedding", "e", view="vector").mean_, cloud.mean(axis=0), rtol=1e-12)
    assert base.profile.get("bins", "e", view="norm").n == 500
    assert 200 < base.profile.get("bins", "e", view="cosine").n < 300  # the rows that nothing was learned from


def test_a_baseline_of_vectors_survives_its_file_and_batches(tmp_path):
    rng = np.random.default_rng(3)
    cloud = rng.normal(size=(6000, 4)).astype(np.float32)
    base = Baseline.of({"e": cloud})
    base.write(tmp_path / "b")
    again = Baseline.read(tmp_path / "b")
    assert again.id == base.id
    assert base.profile.get("bins", "e", view="axis_1").n == 6000 - 2048
    frame = pl.DataFrame({"e": cloud})
    parts = Baseline.of([frame[:1234], frame[1234:]])
    ours, theirs = (b.profile.get("embedding", "e", view="vector") for b in (base, parts))
    np.testing.assert_allclose(ours.centroid, theirs.centroid, atol=1e-12)
    np.testing.assert_allclose(ours.axes, theirs.axes, atol=1e-9)


@pytest.mark.parametrize(
    "cloud",
    [
        np.ones((20, 3)),
        np.zeros((20, 3)),
        np.ones((2, 3)),
        np.full((20, 3), 1e120),
        np.eye(3),
        [None] * 4 + [[1.0, 2.0]],
    ],
    ids=["constant", "zeros", "two rows", "huge", "three rows", "nulls"],
)
def test_odd_references(cloud):
    base = Baseline.of({"e": cloud}, schema=Schema(kinds={"e": "embedding"}))
    profile = Profile.of({"e": cloud}, Baseline.from_bytes(base.to_bytes()))
    assert profile.to_dicts()[0]["kind"] == "embedding"
    assert (profile + profile).n_rows == 2 * len(cloud)
