"""Columns of a batch -> numpy arrays with a meaning (`Numbers`, `Labels`), never a Python loop over values."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
import polars_hash as plh

from barograph.errors import InputError
from barograph.frame.text import NA_MARKERS, family_of, instants, label_text, seconds, strings
from barograph.frame.words import WORD, text_view
from barograph.schema import Family
from barograph.types import Absent, Floats, Ints, Keys, Labels, Numbers, Strings, Words
from barograph.unsorted import MANY, UnsortedLabels, counted, differ, runs, sample, tally, unsorted

LABEL_LENGTH = 256
_KEPT_LENGTH = 200
_CLIPPED = re.compile(r".{200}…#([0-9a-f]{16})", re.DOTALL)
_EXACT = 2**53
COUNTED_FROM, SPAN = 1024, 1 << 16  # integers so many and so close, or as close as they are many, are counted by value
TALLIED_FROM = 4096  # labels, from which a table of 65,536 places is worth its while
_BEYOND_UINT63 = np.uint64(0x9E3779B97F4A7C15)
_AS_INTEGER = np.uint64(0xD1B54A32D192ED03)
_TRUTH = {"1": "true", "true": "true", "yes": "true", "t": "true"}
_TRUTH |= {"0": "false", "false": "false", "no": "false", "f": "false"}


def column_of(batch: pl.DataFrame, column: str) -> pl.Series:
    """The column, or an `InputError` naming those there are."""
    try:
        return batch.get_column(column)
    except pl.exceptions.ColumnNotFoundError:
        there = ", ".join(repr(c) for c in batch.columns[:20])
        raise InputError(f"these rows have no column {column!r}; they have {there}") from None


def family(batch: pl.DataFrame, column: str) -> Family:
    """Family of a column in this batch; `UNKNOWN` where every value is null."""
    series = column_of(batch, column)
    if len(series) and series.null_count() == len(series):
        return Family.UNKNOWN
    return family_of(series.dtype)


def numbers(batch: pl.DataFrame, column: str, view: str = "value", *, time: bool = False) -> Numbers:
    """A column as finite float64 values, ascending if asked for, shape `(n_present,)`, and counts of all else.

    Booleans are 0 and 1; dates and datetimes seconds since 1970 UTC; durations seconds; times of day seconds since
    midnight. Strings are read as numbers: markers of absence ("", "NA", "null", "-", ...) are null, "nan" is NaN,
    what cannot be read is invalid. -0.0 becomes 0.0.

    Parameters
    ----------
    view
        `"value"`; `"seconds"` (same as `time=True`); or a view of the text that a value reads as (see `words`).
    time
        The column is promised to be a time: strings are read as ISO 8601, and what is no time is invalid.

    Cost: of 65,536 values or more next to nothing: what is asked of them costs a pass each, and no sort.

    >>> found = numbers(pl.DataFrame({"x": [3.0, None, 1.0, float("nan")]}), "x")
    >>> found.values, found.absent
    (array([1., 3.]), Absent(n_null=1, n_nan=1, n_pos_inf=0, n_neg_inf=0, n_invalid=0))
    """
    series = column_of(batch, column)
    if view not in ("value", "seconds"):
        text = label_text(series)
        return _ints(text.str.len_chars()) if view == "length" else _floats(text_view(text, view))
    if time or view == "seconds":
        return _times(series)
    if series.dtype.is_integer() or series.dtype == pl.Boolean:
        return _ints(series)
    as_float, n_invalid = _as_floats(series)
    found = _floats(as_float)
    if not n_invalid:
        return found
    return found.with_absent(replace(found.absent, n_null=found.absent.n_null - n_invalid, n_invalid=n_invalid))


def beyond(batch: pl.DataFrame, column: str, low: float, high: float) -> npt.NDArray[np.intp]:
    """Positions of the rows whose finite number is below `low` or above `high`, ascending.

    >>> beyond(pl.DataFrame({"x": [0.5, 7.0, None, -1.0]}), "x", 0.0, 1.0)
    array([1, 3])
    """
    values = _as_floats(column_of(batch, column))[0].to_numpy()  # null becomes NaN
    return np.flatnonzero(np.isfinite(values) & ((values < low) | (values > high)))


def _as_floats(series: pl.Series) -> tuple[pl.Series, int]:
    """Any column as Float32 or Float64 in row order, null where unreadable, and how many were unreadable."""
    dtype = series.dtype
    if dtype in (pl.Float32, pl.Float64):
        return series, 0
    if dtype in (pl.Date, pl.Datetime, pl.Duration, pl.Time):
        return seconds(series), 0
    if dtype.is_nested():  # a vector is no number
        nothing = pl.Series(series.name, [None], dtype=pl.Float64).new_from_index(0, len(series))
        return nothing, len(series) - series.null_count()
    if family_of(dtype) is not Family.STRING:
        return series.cast(pl.Float64), 0
    text = strings(series).str.strip_chars()
    text = text.set(text.is_in(NA_MARKERS), None)
    found = text.cast(pl.Float64, strict=False)
    return found, found.null_count() - text.null_count()


def _floats(series: pl.Series, absent: Absent | None = None) -> Numbers:
    """Floats as `Numbers`; `absent` says what is left out where that is known better than from the floats."""
    n_null = series.null_count()
    raw = (series.drop_nulls() if n_null else series).to_numpy()
    if raw.size >= MANY:
        return _many_floats(raw, n_null, absent)
    values = np.sort(raw)
    # sorted: -inf, finite, +inf, NaN; four lookups count what a pass over the values would
    low = int(np.searchsorted(values, -np.inf, side="right"))
    high = int(np.searchsorted(values, np.inf, side="left"))
    nan = int(np.searchsorted(values, np.nan, side="left"))
    finite = values[low:high].astype(np.float64, copy=False)
    np.add(finite, 0.0, out=finite)  # -0.0 -> 0.0
    return Numbers(finite, absent or Absent(n_null, values.size - nan, nan - high, low))


def _many_floats(raw: npt.NDArray[np.floating], n_null: int, absent: Absent | None) -> Numbers:
    finite = np.isfinite(raw)
    found = Absent(n_null)
    if not finite.all():
        n_nan, n_low = int(np.isnan(raw).sum()), int((raw == -np.inf).sum())
        n_high = raw.size - int(finite.sum()) - n_nan - n_low
        found, raw = Absent(n_null, n_nan, n_high, n_low), raw[finite]
    rows = raw.astype(np.float64, copy=False)
    if rows.size < MANY:
        return Numbers(np.sort(rows) + 0.0, absent or found)
    return unsorted(rows, absent or found)


def _times(series: pl.Series) -> Numbers:
    moments = seconds(instants(series))
    n_null = series.null_count()
    return _floats(moments, Absent(n_null=n_null, n_invalid=moments.null_count() - n_null))


def _ints(series: pl.Series) -> Numbers:
    absent = Absent(n_null=series.null_count())
    present = series.drop_nulls() if absent.n_null else series
    if present.dtype == pl.Boolean:
        present = present.cast(pl.UInt8)
    if present.dtype in (pl.Int128, pl.UInt128):
        return _huge_sorted(present, absent)
    raw = present.to_numpy()
    if raw.size >= COUNTED_FROM:
        low, high = int(raw.min()), int(raw.max())
        if high - low < max(raw.size, SPAN):
            return _counted_ints(raw, low, absent)
        if raw.size >= MANY and max(abs(low), abs(high)) <= _EXACT:
            return unsorted(raw.astype(np.float64), absent)
    values = np.sort(raw, kind="stable" if raw.itemsize <= 2 else None)  # "stable" is a radix sort for 8 and 16 bits
    finite = values.astype(np.float64)
    if values.size and (int(values[-1]) > _EXACT or int(values[0]) < -_EXACT):
        return Numbers(finite, absent, _int_keys(runs(values)[0]), (int(values[0]), int(values[-1])))
    return Numbers(finite, absent)


def _counted_ints(raw: npt.NDArray[np.integer], low: int, absent: Absent) -> Numbers:
    """Integers that lie close together: how often each is there, without a sort."""
    wide = raw if raw.itemsize == 8 else raw.astype(np.int64)
    times = np.bincount((wide - wide.dtype.type(low)).astype(np.intp, copy=False))
    there = np.flatnonzero(times)
    distinct, counts = there.astype(wide.dtype) + wide.dtype.type(low), times[there]
    ends = int(distinct[0]), int(distinct[-1])
    finite = distinct.astype(np.float64)
    if ends[1] > _EXACT or ends[0] < -_EXACT:
        return Numbers(np.repeat(finite, counts), absent, _int_keys(distinct), ends)
    return counted(finite, counts, absent)


def _huge_sorted(present: pl.Series, absent: Absent) -> Numbers:
    if not len(present):
        return Numbers(np.zeros(0), absent)
    low, high = int(present.min()), int(present.max())  # type: ignore[arg-type]
    for dtype, least, most in ((pl.Int64, -(2**63), 2**63 - 1), (pl.UInt64, 0, 2**64 - 1)):
        if least <= low and high <= most:
            return _ints(present.cast(dtype)).with_absent(absent)
    distinct = present.unique()
    fits = distinct.is_between(-(2**63), 2**63 - 1)
    small = distinct.filter(fits).cast(pl.Int64).to_numpy()
    keys = np.concatenate([_int_keys(small), _hashes(distinct.filter(~fits).cast(pl.String))])
    return Numbers(np.sort(present.cast(pl.Float64).to_numpy()), absent, keys)


def _mix(bits: Keys) -> Keys:
    """The finaliser of splitmix64 (Steele, Lea & Flood 2014): a bijection on 64 bits."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def number_keys(distinct: Floats) -> Keys:
    """64-bit keys of distinct finite floats, shape `(n,)`: their bits, mixed; no two floats share a key.

    >>> bool(number_keys(np.array([0.0]))[0] == number_keys(np.array([-0.0]))[0])
    True
    """
    return _mix((np.asarray(distinct, np.float64) + 0.0).view(np.uint64))


def _int_keys(distinct: npt.NDArray[np.integer]) -> Keys:
    """Keys of distinct integers: those of the same float where float64 is exact, else of the integer itself."""
    signed = np.issubdtype(distinct.dtype, np.signedinteger)
    whole = distinct.astype(np.int64).view(np.uint64) if signed else distinct.astype(np.uint64)
    beyond = whole ^ _AS_INTEGER
    if not signed:  # above 2**63 the bits of a uint64 are those of a negative int64
        beyond = np.where(whole >> np.uint64(63) == 1, whole ^ _BEYOND_UINT63, beyond)
    exact = (distinct <= _EXACT) & (distinct >= -_EXACT) if signed else distinct <= _EXACT
    return np.where(exact, number_keys(distinct.astype(np.float64)), _mix(beyond))


def _hashes(text: pl.Series) -> Keys:
    """XXH3-64 of the UTF-8 of each string; nulls are not allowed."""
    hashed = text.alias("text").to_frame().select(plh.col("text").nchash.xxh3_64())
    return hashed.get_column("text").to_numpy()


def keys_of(values: Strings) -> Keys:
    """The 64-bit keys that `labels` gives these strings, shape `(n,)`; of a clipped label, the key it carries.

    >>> [hex(k) for k in keys_of(["rail", ""])]
    ['0x...', '0x2d06800538d394c2']
    """
    keys = _hashes(pl.Series("text", values, dtype=pl.String)).copy()
    for at, value in enumerate(values):
        if len(value) > _KEPT_LENGTH and (clipped := _CLIPPED.fullmatch(value)):
            keys[at] = int(clipped[1], 16)
    return keys


def clip_label(text: str, key: int) -> str:
    """Labels of more than 256 characters become their first 200, "…#" and the 16 hex digits of their key.

    >>> clip_label("short", 1), len(clip_label("x" * 1000, 1))
    ('short', 218)
    """
    return text if len(text) <= LABEL_LENGTH else f"{text[:_KEPT_LENGTH]}…#{int(key):016x}"


def labels(batch: pl.DataFrame, column: str, boolean: bool = False) -> Labels:
    """A column as hashed labels: distinct keys ascending, and how often each occurs.

    What counts as the same label is written at `label_text`. NaN and infinities of a float column are no labels and are
    counted apart; the empty string is one. With `boolean`, 0, 1, "true", "false", "yes", "no", "t" and "f" (in any
    case) become "true" and "false", and anything else is invalid. Cost: about 10 ms for 1M strings.
    """
    series = column_of(batch, column)
    text = _truth(label_text(series)) if boolean else label_text(series)
    absent = _label_absent(series, text)
    there = text.is_not_null() if text.null_count() else None
    hashes = _hashes(text if there is None else text.drop_nulls())

    def texts(rows: Ints, keys: Keys) -> Strings:
        """Labels of some of the rows that have one: the text of the whole column is not kept."""
        at = rows if there is None else np.flatnonzero(there.to_numpy())[rows]
        few = series[at]
        found = (_truth(label_text(few)) if boolean else label_text(few)).to_list()
        return [clip_label(value, int(key)) for value, key in zip(found, keys, strict=True)]

    if hashes.size >= MANY and differ(sample(hashes)):
        return UnsortedLabels(hashes, texts, absent)
    if hashes.size >= TALLIED_FROM:
        keys, counts, rows = tally(hashes)
    else:
        order = np.argsort(hashes)
        keys, counts = runs(hashes[order])
        rows = order[np.cumsum(counts) - counts]

    def resolve(wanted: Keys) -> Strings:
        wanted = np.asarray(wanted, np.uint64)
        if wanted.size == 0:
            return []
        near = np.minimum(np.searchsorted(keys, wanted), max(keys.size - 1, 0))
        if not keys.size or (keys[near] != wanted).any():
            raise KeyError(f"some of {wanted.size} keys are not in this column")
        return texts(rows[near], wanted)

    return Labels(keys, counts, resolve, absent)


def _truth(text: pl.Series) -> pl.Series:
    return text.str.to_lowercase().replace_strict(_TRUTH, default=None, return_dtype=pl.String)


def _label_absent(series: pl.Series, text: pl.Series) -> Absent:
    n_null = series.null_count()
    missing = text.null_count() - n_null
    if not missing:
        return Absent(n_null=n_null)
    if not series.dtype.is_float():
        return Absent(n_null=n_null, n_invalid=missing)
    n_nan, n_inf = int(series.is_nan().sum()), int(series.is_infinite().sum())
    n_low = int((series == float("-inf")).sum()) if n_inf else 0
    return Absent(n_null, n_nan, n_inf - n_low, n_low, missing - n_nan - n_inf)


def words(batch: pl.DataFrame, column: str) -> Words:
    """The words of each text in lower case, hashed. A word is a run of letters, digits and inner apostrophes.

    >>> words(pl.DataFrame({"note": ["It's late.", None, "..."]}), "note").lengths.tolist()
    [2, 0]
    """
    series = column_of(batch, column)
    text = label_text(series)
    found = text.drop_nulls().str.to_lowercase().str.extract_all(WORD)
    lengths = found.list.len().to_numpy().astype(np.int64)
    keys = _hashes(found.filter(pl.Series(lengths > 0)).explode()) if lengths.sum() else np.zeros(0, np.uint64)
    return Words(keys, lengths, _label_absent(series, text))


def class_labels(batch: pl.DataFrame, column: str, most: int = 200) -> tuple[str, ...]:
    """The distinct class labels of a column, sorted.

    Raises `InputError` where there are more than `most`.
    """
    found = labels(batch, column)
    if found.keys.size > most:
        raise InputError(
            f"column {column!r} has {found.keys.size:,} distinct labels, and at most {most} can be classes; "
            'for a number to predict say task="regression", else name another target'
        )
    return tuple(sorted(found.resolve(found.keys)))


__all__ = [
    "class_labels", "clip_label", "column_of", "family", "keys_of", "labels", "number_keys", "numbers",
]  # fmt: skip
