"""Columns -> Numbers and Labels: every dtype, every frame library, the same answers."""

# ruff: noqa: DTZ001 - columns without a time zone are part of what is tested
from __future__ import annotations

import datetime as dt
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from barograph.errors import InputError, ParameterError
from barograph.frame import (
    class_labels,
    classified,
    clip_label,
    family,
    keys_of,
    labels,
    number_keys,
    numbers,
    open_rows,
    regressed,
    scored,
)  # fmt: skip
from barograph.schema import Family, label_of
from barograph.types import Absent

FLOATS = [2.5, -1.0, None, 2.5, -0.0, 7.0]
WHOLE = [3, 1, 2, 3, 3, -4]
WORDS = ["b", "a", None, "b", "", "é"]
FLAGS = [True, False, True, True, False, False]
MOMENTS = [dt.datetime(2024, 1, 1, 0, 0, s) for s in (5, 1, 2, 3, 4, 4)]


def plain() -> dict[str, list]:
    return {"x": FLOATS, "n": WHOLE, "s": WORDS, "f": FLAGS, "t": MOMENTS}


MAKERS = {
    "polars": lambda: pl.DataFrame(plain()),
    "lazy": lambda: pl.DataFrame(plain()).lazy(),
    "pandas": lambda: pd.DataFrame(plain()).astype({"x": "Float64"}),
    "pandas object": lambda: pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in plain().items()}),
    "pandas arrow": lambda: pa.table(plain()).to_pandas(types_mapper=pd.ArrowDtype),
    "pandas nullable": lambda: pd.DataFrame(plain()).convert_dtypes(),
    "pyarrow table": lambda: pa.table(plain()),
    "record batch": lambda: pa.record_batch(plain()),
    "reader": lambda: pa.table(plain()).to_reader(max_chunksize=6),
    "duckdb": lambda: duckdb.from_arrow(pa.table(plain())),
    "dict": plain,
    "dict of arrays": lambda: plain() | {"n": np.array(WHOLE), "f": np.array(FLAGS)},
    "list of dicts": lambda: [dict(zip(plain(), row, strict=True)) for row in zip(*plain().values(), strict=True)],
    "generator": lambda: (f for f in [pl.DataFrame(plain())]),
    "list of frames": lambda: [pd.DataFrame(plain()).astype({"x": "Float64"})],
}


@pytest.fixture(params=MAKERS)
def batch(request):
    return next(open_rows(MAKERS[request.param]()).batches())


def test_same_numbers_from_every_library(batch):
    found = numbers(batch, "x")
    assert found.values.tolist() == [-1.0, 0.0, 2.5, 2.5, 7.0]
    assert not np.signbit(found.values[1])
    assert found.absent == Absent(n_null=1)
    assert numbers(batch, "n").values.tolist() == [-4, 1, 2, 3, 3, 3]
    assert numbers(batch, "f").values.tolist() == [0, 0, 0, 1, 1, 1]
    assert numbers(batch, "t").values.tolist() == [1704067200.0 + s for s in (1, 2, 3, 4, 4, 5)]


def test_same_labels_from_every_library(batch):
    found = labels(batch, "s")
    assert found.absent == Absent(n_null=1)
    assert dict(zip(found.resolve(found.keys), found.counts.tolist(), strict=True)) == {"b": 2, "a": 1, "": 1, "é": 1}
    for column, expected in (("n", {"-4", "1", "2", "3"}), ("f", {"true", "false"}), ("x", {"2.5", "-1", "0", "7"})):
        got = labels(batch, column)
        assert set(got.resolve(got.keys)) == expected
        assert np.array_equal(np.sort(keys_of(sorted(expected))), got.keys)
    assert family(batch, "t") is Family.TIME


@pytest.mark.parametrize(
    ("dtype", "values", "expected_family", "expected_numbers", "expected_labels"),
    [
        *[(t, [3, None, 1], Family.NUMBER, [1, 3], {"1", "3"}) for t in
          (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128)],
        *[(t, [2.0, None, 0.5], Family.NUMBER, [0.5, 2], {"0.5", "2"}) for t in (pl.Float16, pl.Float32, pl.Float64)],
        (pl.Decimal(10, 2), [Decimal("1.50"), Decimal("100"), None], Family.NUMBER, [1.5, 100], {"1.5", "100"}),
        (pl.Boolean, [True, None, False], Family.BOOLEAN, [0, 1], {"true", "false"}),
        (pl.Date, [dt.date(1970, 1, 2)], Family.TIME, [86400], {"1970-01-02"}),
        *[(pl.Datetime(u), [dt.datetime(1970, 1, 1, 0, 0, 1, 500_000)], Family.TIME, [1.5],
           {"1970-01-01 00:00:01.500000"}) for u in ("ms", "us", "ns")],
        *[(pl.Datetime(u), [dt.datetime(1970, 1, 1, 0, 0, 1)], Family.TIME, [1], {"1970-01-01 00:00:01"})
          for u in ("ms", "us", "ns")],
        (pl.Time, [dt.time(1, 0, 1)], Family.NUMBER, [3601], {"01:00:01"}),
        *[(pl.Duration(u), [dt.timedelta(seconds=90)], Family.NUMBER, [90], {"90"}) for u in ("ms", "us", "ns")],
        (pl.String, ["1", "x", None], Family.STRING, [1], {"1", "x"}),
        (pl.Categorical, ["1", "x", None], Family.STRING, [1], {"1", "x"}),
        (pl.Enum(["x", "1"]), ["1", "x", None], Family.STRING, [1], {"1", "x"}),
        (pl.Binary, [b"1", b"\xff\x00", None], Family.STRING, [1], {"1", "ff00"}),
        (pl.Null, [None, None], Family.UNKNOWN, [], set()),
    ],
)  # fmt: skip
def test_fate_of_every_dtype(dtype, values, expected_family, expected_numbers, expected_labels):
    batch = pl.DataFrame({"x": pl.Series(values, dtype=dtype)})
    rows = open_rows(batch)
    assert rows.families["x"] is expected_family
    assert family(batch, "x") is expected_family
    assert numbers(batch, "x").values.tolist() == expected_numbers
    assert numbers(batch, "x").n_rows == len(values) == labels(batch, "x").n_rows
    found = labels(batch, "x")
    assert set(found.resolve(found.keys)) == expected_labels


@pytest.mark.parametrize("dtype", [pl.List(pl.String), pl.Array(pl.Date, 1), pl.Struct({"a": pl.Int64}), pl.Object])
def test_nested_columns_are_skipped(dtype):
    frame = pl.DataFrame([pl.Series("a", [1]), pl.Series("bad", [], dtype=dtype).extend_constant(None, 1)
                          if dtype != pl.Object else pl.Series("bad", [object()])])  # fmt: skip
    rows = open_rows(frame)
    assert rows.columns == ("a",)
    assert list(rows.skipped) == ["bad"]
    assert rows.traits()["bad"].family is Family.UNSUPPORTED
    assert next(rows.batches()).columns == ["a"]
    with pytest.raises(InputError, match="bad"):
        open_rows(frame.select("bad"))


def test_labels_of_floats_agree_with_label_of():
    values = [1e-5, 1.5e-7, 1e16, 1e22, 1e200, -0.0, 0.1 + 0.2, 123456789.0, 5e-324, -2.5, 1e15 + 0.5, 2.0**63, 2.0**70]
    batch = pl.DataFrame({"x": [*values, float("nan"), float("inf"), float("-inf"), None]})
    found = labels(batch, "x")
    assert set(found.resolve(found.keys)) == {label_of(v) for v in values}
    assert found.absent == Absent(1, 1, 1, 1)


def test_labels_of_times_agree_with_label_of():
    moment = dt.datetime(2024, 3, 1, 10, 0, 0, 1500)
    for value in (moment, moment.replace(microsecond=0), moment.replace(tzinfo=dt.UTC), moment.date(), moment.time()):
        batch = pl.DataFrame({"x": [value]})
        found = labels(batch, "x")
        assert found.resolve(found.keys) == [str(value)]


def test_absent_counts_of_floats():
    batch = pl.DataFrame({"x": [None, float("nan"), float("inf"), float("inf"), float("-inf"), 1.0, float("nan")]})
    assert numbers(batch, "x").absent == Absent(n_null=1, n_nan=2, n_pos_inf=2, n_neg_inf=1)
    assert numbers(batch.with_columns(pl.col("x").cast(pl.Float32)), "x").absent.total == 6


def test_strings_asked_as_numbers():
    batch = pl.DataFrame({"x": ["1", " 2.5 ", "abc", "", "NA", "nan", "inf", None, "1e3"]})
    found = numbers(batch, "x")
    assert found.values.tolist() == [1, 2.5, 1000]
    assert found.absent == Absent(n_null=3, n_nan=1, n_pos_inf=1, n_invalid=1)


def test_strings_asked_as_times():
    texts = ["2024-01-01", "2024-01-01T01:00:00", "2024-01-01 01:00", "2024-01-01T02:00:00+01:00",
             "2024-01-01T00:00:00.5Z", "2024-01-01 03:00:00-0200", "12", "2024-13-01", "x", None]  # fmt: skip
    found = numbers(pl.DataFrame({"t": texts}), "t", time=True)
    start = 1704067200.0
    assert found.values.tolist() == [start, start + 0.5, start + 3600, start + 3600, start + 3600, start + 5 * 3600]
    assert found.absent == Absent(n_null=1, n_invalid=3)
    assert numbers(pl.DataFrame({"t": [1, 2, None]}), "t", time=True).absent == Absent(n_null=1, n_invalid=2)


def test_zones_are_instants():
    naive = pl.DataFrame({"t": [dt.datetime(2024, 7, 1, 12)]})
    berlin = naive.select(pl.col("t").dt.replace_time_zone("Europe/Berlin"))
    assert numbers(naive, "t").values - numbers(berlin, "t").values == 7200
    found = labels(berlin, "t")
    assert found.resolve(found.keys) == ["2024-07-01 10:00:00+00:00"]


def test_text_views():
    batch = pl.DataFrame({"s": ["ab 1", "", "!?", None, "éß"]})
    assert numbers(batch, "s", "length").values.tolist() == [0, 2, 2, 4]
    assert numbers(batch, "s", "letters").values.tolist() == [0, 0.5, 1]
    assert numbers(batch, "s", "letters").absent == Absent(n_null=2)
    assert numbers(batch, "s", "digits").values.tolist() == [0, 0, 0.25]
    assert numbers(batch, "s", "spaces").values.tolist() == [0, 0, 0.25]
    assert numbers(batch, "s", "others").values.tolist() == [0, 0, 1]
    assert numbers(pl.DataFrame({"s": [12, None]}), "s", "length").values.tolist() == [2]
    with pytest.raises(ParameterError, match="length"):
        numbers(batch, "s", "colour")


@pytest.mark.parametrize("dtype", [pl.Int64, pl.UInt64, pl.Int128, pl.UInt128])
def test_large_integers_keep_their_identities(dtype):
    values = [2**53, 2**53 + 1, 2**53 + 2, 5, 5, 0]
    found = numbers(pl.DataFrame({"x": pl.Series(values, dtype=dtype)}), "x")
    assert found.keys is not None
    assert np.unique(found.keys).size == 5
    small = number_keys(np.array([0.0, 5.0, 2.0**53]))
    assert np.isin(small, found.keys).all()
    other = numbers(pl.DataFrame({"x": pl.Series([2**53 + 1], dtype=pl.Int64)}), "x").keys
    assert np.isin(other, found.keys).all()


def test_integers_of_any_size():
    batch = next(open_rows({"x": [2**70, 2**70 + 1, 1, None], "y": [2**200, -(2**200), 10**400, 1]}).batches())
    found = numbers(batch, "x")
    assert np.unique(found.keys).size == 3
    assert numbers(batch, "y").absent.n_pos_inf == 1
    top = numbers(pl.DataFrame({"x": pl.Series([2**64 - 1, 2**64 - 2], dtype=pl.UInt64)}), "x")
    negative = numbers(pl.DataFrame({"x": [-(2**63), -1]}), "x")
    assert np.unique(np.concatenate([top.keys, negative.keys])).size == 4


def test_long_labels_never_look_alike():
    long = ["x" * 5000 + end for end in "ab"]
    found = labels(pl.DataFrame({"s": [*long, "short"]}), "s")
    texts = found.resolve(found.keys)
    assert len(set(texts)) == 3
    assert max(map(len, texts)) == 218
    assert np.array_equal(keys_of(texts), found.keys)
    assert clip_label("y" * 256, 1) == "y" * 256


def test_resolve_gives_the_asked_order_and_refuses_strangers():
    found = labels(pl.DataFrame({"s": ["a", None, "b", "a"]}), "s")
    wanted = keys_of(["b", "a", "b"])
    assert found.resolve(wanted) == ["b", "a", "b"]
    assert found.resolve(wanted[:0]) == []
    with pytest.raises(KeyError):
        found.resolve(keys_of(["zzz"]))


def test_booleans_in_many_spellings():
    words = ["0", "1", "true", "false", "True", "False", "yes", "no", "t", "f", "maybe", "2", None]
    found = labels(pl.DataFrame({"s": words}), "s", boolean=True)
    assert dict(zip(found.resolve(found.keys), found.counts.tolist(), strict=True)) == {"true": 5, "false": 5}
    assert found.absent == Absent(n_null=1, n_invalid=2)
    found = labels(pl.DataFrame({"s": [0.0, 1.0, 0.5, float("nan")]}), "s", boolean=True)
    assert found.counts.tolist() == [1, 1]
    assert found.absent == Absent(n_nan=1, n_invalid=1)


def test_all_null_column_is_unknown():
    batch = pl.DataFrame({"x": pl.Series([None, None], dtype=pl.Float64)})
    assert family(batch, "x") is Family.UNKNOWN
    with pytest.raises(InputError, match="'x'"):
        family(batch, "y")


@pytest.mark.parametrize("dtype", [pl.Float64, pl.Int64, pl.String, pl.Boolean, pl.Datetime("us"), pl.Null, pl.Int128])
def test_no_rows(dtype):
    batch = pl.DataFrame(schema={"x": dtype, "y": pl.Float64})
    assert numbers(batch, "x").values.size == 0
    assert labels(batch, "x").keys.size == 0
    assert numbers(batch, "x", "length").n_rows == 0
    assert classified(batch, "x", "y", ("0", "1"), None).target.size == 0
    assert class_labels(batch, "x") == ()


def test_classified_codes_drops_and_weights():
    batch = pl.DataFrame(
        {"y": [1.0, 0.0, None, float("nan"), 1.0, 7.0], "p": ["1", "0", "1", "1", None, "1"], "w": [1.0, 2, 3, 4, 5, 6]}
    )
    found = classified(batch, "y", "p", ("0", "1"), "w")
    assert found.target.tolist() == [1, 0]
    assert found.prediction.tolist() == [1, 0]
    assert found.weight.tolist() == [1, 2]
    assert found.n_dropped == 4
    assert classified(batch, "y", "p", (), None).n_dropped == 6
    no_weight = batch.with_columns(w=pl.Series([None, 1.0, 1, 1, 1, 1]))
    assert classified(no_weight, "y", "p", ("0", "1"), "w").n_dropped == 5


def test_prediction_from_a_score():
    batch = pl.DataFrame({"y": ["n", "y", "n", "y"], "s": [0.5, 0.49, None, float("inf")]})
    found = classified(batch, "y", None, ("y", "n"), None, score="s", positive="y")
    assert found.prediction.tolist() == [0, 1]
    assert found.n_dropped == 2
    with pytest.raises(ParameterError, match="two classes"):
        classified(batch, "y", None, ("a", "b", "y"), None, score="s", positive="y")
    with pytest.raises(ParameterError, match="score"):
        classified(batch, "y", None, ("y", "n"), None)


@pytest.mark.parametrize("bad", [-1.0, float("inf"), float("nan")])
def test_impossible_weights(bad):
    batch = pl.DataFrame({"y": [1, 0], "p": [0.1, 0.2], "w": [bad, 1.0]})
    for call in (
        lambda: classified(batch, "y", "y", ("0", "1"), "w"),
        lambda: scored(batch, "y", "p", "1", "w"),
        lambda: regressed(batch, "y", "p", "w"),
    ):
        with pytest.raises(InputError, match="1 of 2 weights in column 'w'"):
            call()


def test_scored_and_regressed_drop_what_is_not_finite():
    nan, inf = float("nan"), float("inf")
    batch = pl.DataFrame({"y": [True, False, None, True], "s": [0.1, inf, 0.3, 0.4], "r": [1.0, nan, 2, 3]})
    found = scored(batch, "y", "s", "true", None)
    assert found.positive.tolist() == [True, True]
    assert found.score.tolist() == [0.1, 0.4]
    assert found.n_dropped == 2
    both = regressed(batch, "r", "s", None)
    assert both.prediction.tolist() == [0.1, 0.3, 0.4]
    assert both.n_dropped == 1


def test_too_many_classes():
    assert class_labels(pl.DataFrame({"y": [2.0, 10.0, 2.0]}), "y") == ("10", "2")
    with pytest.raises(InputError, match=r"1,000 distinct.*regression"):
        class_labels(pl.DataFrame({"y": range(1000)}), "y")


def test_traits_of_a_sample():
    frame = pl.DataFrame({"i": range(50_000), "c": ["a", None] * 25_000, "t": ["some words that go on"] * 50_000})
    traits = open_rows(frame).traits()
    assert traits["i"].n_sampled == 10_000
    assert traits["i"].whole
    assert traits["c"].n_distinct == 1
    assert traits["t"].word_share == 1
    assert traits["t"].mean_length == 21
