"""Opening anything with rows, and refusing the rest with a reason."""

# ruff: noqa: DTZ001 - columns without a time zone are part of what is tested
from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from barograph.errors import InputError, MissingExtraError
from barograph.frame import BATCH_ROWS, labels, numbers, open_rows, to_pandas, to_polars
from barograph.schema import Family


def only(source) -> pl.DataFrame:
    (batch,) = open_rows(source).batches()
    return batch


PANDAS = {
    "float": (pd.Series([1.5, float("nan")]), [1.5, float("nan")]),
    "f2": (pd.Series(np.array([1.5, 2], "f2")), [1.5, 2.0]),
    "big endian": (pd.Series(np.array([1, 2], ">i4")), [1, 2]),
    "object numbers": (pd.Series([1, None, 2.5, float("nan")], dtype=object), [1.0, None, 2.5, None]),
    "object mixed": (pd.Series([1, "x", None, 2.0, True, float("nan"), pd.NaT, pd.NA], dtype=object),
                     ["1", "x", None, "2", "true", None, None, None]),
    "object decimals": (pd.Series([Decimal("1.5"), None]), [Decimal("1.5"), None]),
    "object dates": (pd.Series([dt.date(2024, 1, 1), None]), [dt.date(2024, 1, 1), None]),
    "object bytes": (pd.Series([b"x", None]), [b"x", None]),
    "str": (pd.Series(["x", None], dtype="str"), ["x", None]),
    "string": (pd.Series(["x", None], dtype="string[python]"), ["x", None]),
    "Int64": (pd.Series([1, None], dtype="Int64"), [1, None]),
    "UInt8": (pd.Series([1, None], dtype="UInt8"), [1, None]),
    "boolean": (pd.Series([True, None], dtype="boolean"), [True, None]),
    "Float32": (pd.Series([1.5, None], dtype="Float32"), [1.5, None]),
    "category": (pd.Series(["b", None, "a", "b"], dtype="category"), ["b", None, "a", "b"]),
    "category of ints": (pd.Series([3, None, 3]).astype("Int64").astype("category"), [3, None, 3]),
    "empty category": (pd.Series([None, None], dtype="category"), [None, None]),
    "cut": (pd.cut(pd.Series([1, 5, None]), [0, 2, 6]), ["(0, 2]", "(2, 6]", None]),
    "datetime": (pd.Series(pd.to_datetime(["2024-01-01", None])), [dt.datetime(2024, 1, 1), None]),
    "datetime s": (pd.Series(np.array(["2024-01-01", "NaT"], "M8[s]")), [dt.datetime(2024, 1, 1), None]),
    "datetime ns": (pd.Series(np.array(["2024-01-01", "NaT"], "M8[ns]")), [dt.datetime(2024, 1, 1), None]),
    "zoned": (pd.Series(pd.to_datetime(["2024-07-01"])).dt.tz_localize("Europe/Berlin"),
              [dt.datetime(2024, 6, 30, 22, tzinfo=dt.UTC)]),
    "timestamps": (pd.Series([pd.Timestamp("2024-01-01"), None], dtype=object), [dt.datetime(2024, 1, 1), None]),
    "timedelta": (pd.Series(pd.to_timedelta(["1s", None])), [dt.timedelta(seconds=1), None]),
    "period": (pd.Series(pd.period_range("2024-01", periods=2, freq="M")),
               [dt.datetime(2024, 1, 1), dt.datetime(2024, 2, 1)]),
    "sparse": (pd.Series(pd.arrays.SparseArray([0, 1, 0])), [0, 1, 0]),
    "arrow ints": (pd.Series([1, None], dtype=pd.ArrowDtype(pa.int8())), [1, None]),
    "arrow words": (pd.Series(["x", None], dtype="string[pyarrow]"), ["x", None]),
    "nulls": (pd.Series([None, None], dtype=object), [None, None]),
    "empty object": (pd.Series([], dtype=object), []),
}  # fmt: skip


@pytest.mark.parametrize("name", PANDAS)
def test_every_pandas_dtype(name):
    series, expected = PANDAS[name]
    frame = pd.DataFrame({"c": series})
    before = frame.copy(deep=True)
    got = only(frame)["c"].to_list()
    assert str(got) == str(expected) or got == expected
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("values", [[["a"], [2]], [{"a": 1}, None], [object(), 1], [1 + 2j, 3j]])
def test_pandas_columns_that_cannot_be_read(values):
    rows = open_rows(pd.DataFrame({"a": [1, 2], "bad": pd.Series(values)}))
    assert rows.columns == ("a",)
    assert list(rows.skipped) == ["bad"]


WITHOUT = """
import sys, json
sys.modules["pyarrow"] = None
import numpy as np, pandas as pd
from barograph.frame import open_rows, numbers, labels
frame = pd.DataFrame({"x": [1.5, float("nan")], "s": ["a", None], "o": pd.Series([1, "b"], dtype=object),
    "c": pd.Series(["u", "v"], dtype="category"), "i": pd.Series([1, None], dtype="Int64"),
    "t": pd.to_datetime(["2024-01-01", None]), "z": pd.to_datetime(["2024-01-01", None]).tz_localize("UTC"),
    "d": pd.to_timedelta(["1s", None]), "b": [True, False]})
(batch,) = open_rows(frame).batches()
out = {}
for c in batch.columns:
    n, l = numbers(batch, c), labels(batch, c)
    out[c] = [n.values.tolist(), repr(n.absent), sorted(l.resolve(l.keys)), repr(l.absent)]
print(json.dumps(out))
"""


def test_pandas_without_pyarrow_gives_the_same():
    results = []
    for code in (WITHOUT, WITHOUT.replace('sys.modules["pyarrow"] = None', "import pyarrow")):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        results.append(json.loads(done.stdout))
    assert results[0] == results[1]
    assert results[0]["x"][1] == "Absent(n_null=0, n_nan=1, n_pos_inf=0, n_neg_inf=0, n_invalid=0)"


def test_import_is_light():
    code = "import sys, barograph.frame; print({'pandas', 'pyarrow', 'scipy', 'yaml', 'rich'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_one_shot_streams():
    table = pa.table({"a": list(range(10)), "l": [["x"]] * 10})
    for source in (table.to_reader(max_chunksize=4), (b for b in table.to_batches(max_chunksize=4))):
        rows = open_rows(source)
        assert not rows.repeatable
        assert rows.n_rows is None
        assert rows.columns == ("a",)
        assert list(rows.skipped) == ["l"]
        assert rows.traits()["a"].n_sampled == 4
        assert sum(b.height for b in rows.batches()) == 10
        with pytest.raises(InputError, match="materialise"):
            rows.batches()
    kept = open_rows(table.to_reader(max_chunksize=4)).materialise()
    assert kept.repeatable
    assert kept.n_rows == 10
    assert kept.materialise() is kept
    assert "l" in kept.skipped


def test_streams_of_unlike_tables():
    rows = open_rows(iter([pl.DataFrame({"a": [1], "b": [1]}), pd.DataFrame({"a": [2.5]}), {"b": [3], "a": ["x"]}]))
    batches = list(rows.batches())
    assert [b.columns for b in batches] == [["a", "b"]] * 3
    assert batches[1]["b"].to_list() == [None]
    with pytest.raises(InputError, match="'new'"):
        list(open_rows([pl.DataFrame({"a": [1]}), pl.DataFrame({"new": [1]})]).batches())


def test_empty_streams():
    empty = pa.schema([("a", pa.int64())]).empty_table().to_reader()
    assert next(open_rows(empty).batches()).schema == {"a": pl.Int64}
    with pytest.raises(InputError, match="at least one table"):
        open_rows(iter([]))


def test_large_frames_come_in_slices():
    frame = pl.DataFrame({"x": pl.int_range(BATCH_ROWS * 2 + 1, eager=True)})
    assert [b.height for b in open_rows(frame).batches()] == [BATCH_ROWS, BATCH_ROWS, 1]
    lazy = list(open_rows(frame.lazy()).batches())
    assert max(b.height for b in lazy) <= BATCH_ROWS
    assert pl.concat(lazy)["x"].is_sorted()


def test_names():
    assert only(pd.DataFrame([[1, 2]])).columns == ["0", "1"]
    assert only({("a", 1): [1]}).columns == ["('a', 1)"]
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(InputError, match="same name: 'a'"):
        open_rows(twice)
    with pytest.raises(InputError, match=r"'1' \(from 1, '1'\)"):
        open_rows({1: [1], "1": [2]})
    with pytest.raises(InputError, match="same name: 'a'"):
        open_rows(pa.table([[1], [2]], names=["a", "a"]))
    with pytest.raises(InputError, match="same name: 'a'"):
        open_rows(pa.table([[1], [2]], names=["a", "a"]).to_reader())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "NoneType has no rows"), (3, "int has no rows"), (b"abc", "bytes has no rows"), ([], "empty list"),
        ({}, "no columns"), (pl.DataFrame(), "no columns"), (pd.DataFrame(), "no columns"), ([1, 2], "int in it"),
        ([{"a": 1}, 3], "row 1 of the list is a int"), ({"a": 1}, "one row of single values"),
        ({"a": [1], "b": [1, 2]}, "'a' has 1 values and 'b' 2"), (iter([{"a": 1}]), "list of dicts"),
        (pd.Series([1]), "to_frame"), ({"a": [["x"]]}, "no column that can be read"), ([{}], "no columns"),
    ],
)  # fmt: skip
def test_refusals(source, message):
    with pytest.raises(InputError, match=message):
        open_rows(source)


def test_lists_keep_nan_among_numbers_only():
    batch = only({"x": [1, float("nan"), None], "y": ["a", float("nan"), None], "z": np.array(["u", "v", "w"])})
    assert numbers(batch, "x").absent.n_nan == 1
    assert labels(batch, "y").absent.n_null == 2
    masked = only({"m": np.ma.array([1.0, 2.0], mask=[True, False])})
    assert masked["m"].to_list() == [None, 2.0]


def test_missing_keys_of_records_are_null():
    assert only([{"a": 1}, {"b": "x"}]).rows() == [(1, None), (None, "x")]


def test_two_thousand_columns():
    rows = open_rows(pd.DataFrame(np.zeros((100, 2000))))
    assert len(rows.columns) == len(rows.traits()) == 2000
    assert rows.families["7"] is Family.NUMBER


def test_rows_pass_through_and_progress_is_silent_without_a_terminal(capsys):
    rows = open_rows({"a": [1]})
    assert open_rows(rows) is rows
    assert next(rows.batches(progress=True)).height == 1
    assert capsys.readouterr().err == ""


def test_progress_bar(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert sum(b.height for b in open_rows({"a": [1, 2]}).batches(progress=True)) == 2


def test_frames_of_results(monkeypatch):
    records = [{"a": 1, "b": None}, {"a": 2.5, "b": "x"}]
    assert to_polars(records)["a"].to_list() == [1, 2.5]
    assert to_pandas(records)["b"].tolist()[1] == "x"
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install pandas"):
        to_pandas(records)


def test_unnamed_columns_keep_their_name():
    for source in ({"": [1]}, pd.DataFrame({"": [1]}), pa.table({"": [1]}), pl.DataFrame({"": [1]})):
        assert only(source).to_dict(as_series=False) == {"": [1]}


def test_text_that_is_no_unicode():
    assert only({"s": ["\ud800x", "a", None]})["s"].to_list() == ["?x", "a", None]
