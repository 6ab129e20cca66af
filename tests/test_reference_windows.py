"""The windows that a baseline keeps: they add up to it, cost little, survive the file, and refuse what is no window."""

import datetime as dt
from functools import reduce

import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Profile, Schema
from barograph.codec import decode, encode
from barograph.errors import FormatError, InputError, ParameterError, SchemaError
from barograph.reference_windows import KEPT

SCHEMA = Schema(timestamp="t", target="y", prediction="p")
START = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)


def rows(n: int = 2400, hours: float = 240.0, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "t": [START + dt.timedelta(hours=hours * i / n) for i in range(n)],
            "x": rng.normal(size=n),
            "k": [f"k{i % 9}" for i in range(n)],
            "y": rng.integers(0, 2, n),
            "p": rng.integers(0, 2, n),
        }
    )


def shuffled(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sample(fraction=1.0, shuffle=True, seed=3)


@pytest.mark.parametrize("order", [pl.DataFrame.clone, shuffled])
def test_windows_are_profiles_of_their_rows_and_add_up_to_the_whole(order):
    frame = order(rows())
    base = Baseline.of(frame, schema=SCHEMA)
    assert (base.windows.every, len(base.windows)) == ("1d", 10)
    assert base.profile.windows is base.windows
    of_day = frame.filter(pl.col("t").dt.date() == dt.date(2024, 5, 3))
    part, alone = base.windows.parts["2024-05-03T00:00:00+00:00"], Profile.of(of_day, base)
    assert part.n_rows == 240
    for need, summary in part.summaries.items():
        assert need.summary in KEPT
        assert summary.to_state() == alone.summaries[need].to_state()
    both = reduce(Profile.merge, base.windows.parts.values())
    for need, summary in both.summaries.items():
        if need.summary != "moments":  # equal up to rounding
            assert summary.to_state() == base.profile.summaries[need].to_state()


def test_windows_of_rows_cross_batches():
    base = Baseline.of(iter([rows(250), rows(250, seed=1), rows(33)]), every=100)
    assert {int(start): part.n_rows for start, part in base.windows.parts.items()} == {
        0: 100, 100: 100, 200: 100, 300: 100, 400: 100, 500: 33,
    }  # fmt: skip


@pytest.mark.parametrize(("hours", "length"), [(5.0, None), (11.0, "1h"), (66.0, "6h"), (240.0, "1d"), (1700.0, "1w")])
def test_the_usual_length_gives_about_ten_windows(hours, length):
    windows = Baseline.of(rows(hours=hours), schema=SCHEMA).windows
    assert (windows and windows.every) == length


def test_nothing_is_kept_where_nothing_is_asked_or_told():
    plain = Baseline.of(rows(), schema=SCHEMA, every=0)
    assert plain.windows is None
    assert plain.profile.windows is None
    assert "windows" not in decode("baseline", plain.to_bytes())
    assert Baseline.of(rows(), every=0).id == Baseline.of(rows(), every=None).id  # no timestamp is known
    assert Baseline.of(rows(), every=1_000_000).windows is None  # one window tells nothing
    assert Baseline.of(rows(), schema=SCHEMA).id != plain.id


def test_one_wrong_time_makes_no_decades_of_windows():
    old = rows(1).with_columns(t=pl.lit(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).cast(rows().schema["t"]))
    windows = Baseline.of(pl.concat([old, rows()]), schema=SCHEMA).windows
    assert (windows.every, len(windows)) == ("1d", 11)


def test_more_than_400_windows_are_refused_or_left_out():
    with pytest.raises(ParameterError, match="more than 400 windows of 5; give a longer"):
        Baseline.of(rows(), every=5)
    scattered = rows(5000).with_columns(t=pl.from_epoch(pl.arange(0, 5000) * 86_400 * 3))
    assert Baseline.of(scattered, schema=SCHEMA).windows is None


@pytest.mark.parametrize(("every", "error"), [("1d", SchemaError), (-1, ParameterError), (True, ParameterError)])
def test_what_is_no_window_is_refused(every, error):
    with pytest.raises(error):
        Baseline.of(rows(), every=every)


def test_a_length_that_is_none_is_refused():
    with pytest.raises(InputError, match="no window length"):
        Baseline.of(rows(), schema=SCHEMA, every="soon")


def test_rows_without_a_time_are_in_no_window():
    frame = rows().with_columns(t=pl.when(pl.arange(0, 2400) % 2 == 0).then("t"))
    base = Baseline.of(frame, schema=SCHEMA)
    assert sum(part.n_rows for part in base.windows.parts.values()) == 1200
    assert Baseline.from_bytes(base.to_bytes()).id == base.id


def test_the_file_has_them_and_says_the_same_again():
    schema = Schema(timestamp="t", target="y", score="x", segments="k")
    frame = rows().with_columns(x=1 / (1 + (-pl.col("x")).exp()))
    for base in (Baseline.of(frame, schema=schema), Baseline.of(frame, every=200)):
        again = Baseline.from_bytes(base.to_bytes())
        assert again.id == base.id
        assert again.to_bytes() == base.to_bytes()
        for start, part in base.windows.parts.items():
            assert again.windows.parts[start].body() == part.body()
        assert again.profile.windows is again.windows


def _broken(change):
    body = decode("baseline", Baseline.of(rows(), schema=SCHEMA).to_bytes())
    change(body["windows"])
    return encode("baseline", body)


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.update(every=0),
        lambda w: w.update(every="soon"),
        lambda w: w.update(every=7),
        lambda w: w.update(more=1),
        lambda w: w.update(needs=w["needs"][1:]),
        lambda w: w.update(parts=w["parts"][:1]),
        lambda w: w.update(parts=w["parts"][::-1]),
        lambda w: w.update(parts=w["parts"] * 50),
        lambda w: w["parts"][0].__setitem__(0, "yesterday"),
        lambda w: w["parts"][0].__setitem__(1, 10**6),
        lambda w: w["parts"][0].__setitem__(1, -1),
        lambda w: w["parts"][0][2].pop(),
        lambda w: w["parts"][0][2][0].update(edges=b"12345678", counts=b"x"),
        lambda w: w["parts"][3][2][0].update(counts=b"\x00" * 8),
    ],
)
def test_hostile_windows_are_refused(change):
    with pytest.raises(FormatError):
        Baseline.from_bytes(_broken(change))
