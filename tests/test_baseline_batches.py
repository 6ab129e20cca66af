"""A baseline is of all its rows, in however many files and batches they come."""

import numpy as np
import polars as pl
import pytest

from barograph import Baseline


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_several_small_files_are_all_counted(tmp_path, suffix):
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({"x": rng.normal(size=300).round(2), "k": [f"label {i % 7}" for i in range(300)]})
    for i, part in enumerate((frame[:100], frame[100:120], frame[120:])):
        file = tmp_path / f"{i}.{suffix}"
        {"parquet": part.write_parquet, "csv": part.write_csv, "jsonl": part.write_ndjson}[suffix](file)
    parts, whole = Baseline.of(tmp_path).profile, Baseline.of(frame).profile
    assert parts.n_rows == 300
    assert parts.get("moments", "x").mean == pytest.approx(whole.get("moments", "x").mean, rel=1e-12)
    for summary, column in (("bins", "x"), ("topk", "x"), ("categories", "k"), ("topk", "k"), ("distinct", "k")):
        assert parts.get(summary, column).to_state() == whole.get(summary, column).to_state()
