"""`Segments`: every row is in exactly one segment, merging loses none, and no column can fill memory."""

import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Profile, Schema, codec
from barograph.errors import FormatError, InputError, MergeError, ParameterError, SchemaError
from barograph.segments import OTHER, Segments, segment_name

BY_SHOP = Schema(segments="shop", kinds={"shop": "categorical", "x": "numeric"})  # type: ignore[arg-type, dict-item]


def rows(rng: np.random.Generator, n: int, shops: int = 5) -> pl.DataFrame:
    shop = [None if i == 0 else f"shop {i}" for i in rng.integers(0, shops, n)]
    return pl.DataFrame({"shop": pl.Series(shop, dtype=pl.String), "x": rng.normal(size=n)})


def sizes(segments: Segments) -> dict[str, int]:
    return {segment_name(key): part.n_rows for key, part in segments.parts.items()}


def counts(segments: Segments) -> dict[str, object]:
    """All that is exact: rows, nulls and cells of every part."""
    return {
        segment_name(key): (
            part.n_rows,
            part.get("counts", "x"),
            part.get("topk", "shop").items(),
            None if (bins := part.get("bins", "x")) is None else bins.counts.tolist(),
        )
        for key, part in segments.parts.items()
        if part.n_rows
    }


def test_each_segment_is_the_profile_of_its_rows() -> None:
    frame = rows(np.random.default_rng(1), 2000)
    base = Baseline.of(frame, schema=BY_SHOP)
    made = Segments.of(frame, base)
    assert base.segments is not None
    for segments in (made, base.segments):
        assert segments.keys[0] != OTHER
        for (shop,), part in segments.parts.items():
            own = Profile.of(frame.filter(pl.col("shop").eq_missing(pl.lit(shop))), base)
            assert part.n_rows == own.n_rows > 0
            for need, summary in own.summaries.items():
                assert part.summaries[need].to_state() == summary.to_state(), need


def test_the_whole_is_the_sum_of_its_segments() -> None:
    frame = rows(np.random.default_rng(2), 3000, shops=80)
    segments = Segments.of(frame, Baseline.of(frame, schema=BY_SHOP))
    assert len(segments.parts) == 51
    assert sum(part.n_rows for part in segments.parts.values()) == segments.n_rows == 3000
    total = sum(segments.parts.values())
    assert isinstance(total, Profile)
    for need in (("counts", "x"), ("counts", "shop"), ("bins", "x"), ("categories", "shop"), ("columns",)):
        assert total.get(*need).to_state() == segments.whole.get(*need).to_state()
    assert total.get("moments", "x").mean == pytest.approx(segments.whole.get("moments", "x").mean, rel=1e-12)


@pytest.mark.parametrize("sizes_", [(0, 0, 0), (1, 0, 2), (1, 1, 1), (2, 1000, 1), (300, 300, 300)], ids=str)
@pytest.mark.parametrize("anchored", [True, False], ids=["against a baseline", "without one"])
def test_merging_is_a_commutative_monoid(sizes_: tuple[int, ...], anchored: bool) -> None:
    rng = np.random.default_rng(3)
    parts = [rows(rng, n) for n in sizes_]
    base = Baseline.of(rows(rng, 500), schema=BY_SHOP) if anchored else None
    a, b, c = (Segments.of(part, base, schema=None if base else BY_SHOP) for part in parts)
    whole = Segments.of(pl.concat(parts), base, schema=None if base else BY_SHOP)
    assert counts((a + b) + c) == counts(a + (b + c)) == counts(c + a + b) == counts(whole) == counts(sum([a, b, c]))  # type: ignore[arg-type]
    assert counts(a.blank() + a) == counts(a + a.blank()) == counts(a)
    again = Segments.from_bytes((a + b).to_bytes())
    assert again.to_bytes() == (a + b).to_bytes()
    assert (set(again.keys), again.most) == ({*a.keys, *b.keys}, 50)
    assert (again.by, again.baseline_id) == (("shop",), a.baseline_id)


def test_merging_drops_neither_side() -> None:
    """Three rows and five rows of one segment are eight, and the largest value is the larger one."""
    a = Segments.of({"k": ["a"] * 3, "x": [1.0, 2.0, 3.0]}, schema=Schema(segments="k"))
    b = Segments.of({"k": ["a"] * 5, "x": [7.0, 8.0, 9.0, 10.0, 11.0]}, schema=Schema(segments="k"))
    for merged in (a.merge(b), b.merge(a)):
        part = merged.parts[("a",)]
        assert part.n_rows == 8
        assert (part.get("moments", "x").minimum, part.get("moments", "x").maximum) == (1.0, 11.0)


def test_rows_with_a_null_key_are_a_segment() -> None:
    """Seven rows, four of them without a key: none vanishes, and null is not the text "null"."""
    keys = ["a", None, "a", None, None, "null", None]
    segments = Segments.of({"k": keys, "x": list(range(7))}, schema=Schema(segments="k"))
    assert sizes(segments) == {"(null)": 4, "a": 2, "null": 1}
    assert segments.n_rows == 7
    assert sizes(Segments.from_bytes(segments.to_bytes())) == sizes(segments)


def test_numbers_are_told_by_their_value() -> None:
    """An integer column of one day and a float column with holes of the next have the same segments."""
    monday = Segments.of({"k": [1, 2, 2], "x": [1, 1, 1]}, schema=Schema(segments="k"))
    tuesday = Segments.of({"k": [1.0, float("nan"), 3.0], "x": [1, 1, 1]}, schema=Schema(segments="k"))
    assert sizes(monday + tuesday) == {"2": 2, "1": 2, "(null)": 1, "3": 1}


def test_several_columns() -> None:
    data = {"a": ["x", "x", None, "x, y", None], "b": [1, 1, 1, None, None], "v": [1, 2, 3, 4, 5]}
    segments = Segments.of(data, schema=Schema(segments=("a", "b")))
    assert segments.by == ("a", "b")
    assert sizes(segments) == {"x, 1": 2, '"x, y", (null)': 1, "(null), 1": 1, "(null), (null)": 1}
    assert segments.parts[(None, None)].get("moments", "v").mean == 5


def test_names_are_never_the_same_for_two_keys() -> None:
    odd = [None, "", "(null)", "(other)", '""', '"(null)"', "null", "a, b", "a", "b", "\n"]
    keys = [OTHER, *((a,) for a in odd), *((a, b) for a in odd for b in odd)]
    one, two = [k for k in keys if len(k) < 2], [k for k in keys if len(k) != 1]
    for told in (one, two):
        assert len({segment_name(key) for key in told}) == len(told)


def test_ten_thousand_keys_are_bounded() -> None:
    rng = np.random.default_rng(4)
    frame = pl.DataFrame(
        {"k": np.concatenate([np.arange(10_000), np.repeat(np.arange(100), 20)]), "x": rng.normal(size=12_000)}
    )
    base = Baseline.of(frame, schema=Schema(segments="k"))
    today = Segments.of(frame, base)
    assert len(today.parts) == 51
    assert sizes(today)["(other)"] == 12_000 - 50 * 21
    assert sizes(today) == sizes(Segments.of(frame, schema=Schema(segments="k")))
    assert len((today + today).parts) == 51
    assert today.n_rows == 12_000


def test_the_most_frequent_of_the_reference_have_their_own() -> None:
    base = Baseline.of({"k": ["a"] * 5 + ["b"] * 3, "x": range(8)}, schema=Schema(segments="k"))
    today = Segments.of({"k": ["b"] + ["new"] * 9, "x": range(10)}, base)
    assert sizes(today) == {"b": 1, "(other)": 9}
    assert today.parts[OTHER].get("topk", "k").items() == [("new", 9)]


def test_without_a_baseline_the_cap_holds_after_merging() -> None:
    a, b = (
        Segments.of({"k": [k for k in keys for _ in range(n)]}, schema=Schema(segments="k"), most=2)
        for keys, n in (("ab", 2), ("cd", 3))
    )
    merged = a + b
    assert sizes(merged) == {"c": 3, "d": 3, "(other)": 4} == sizes(b + a)
    assert sum(part.n_rows for part in merged.parts.values()) == merged.n_rows == 10


def test_huge_keys_are_cut_and_stay_apart() -> None:
    long = "x" * 1_000_000
    data = {"k": [long + "a", long + "b", long + "a"], "x": [1, 2, 3]}
    segments = Segments.of(data, schema=Schema(segments="k"))
    assert [part.n_rows for part in segments.parts.values()] == [2, 1]
    assert all(key[0] is not None and len(key[0]) < 300 for key in segments.keys)
    assert len(segments.to_bytes()) < 50_000
    again = segments.blank()
    again.add(pl.DataFrame(data))
    assert sizes(again) == sizes(segments)


def test_a_stream_is_read_once_and_empty_rows_have_no_segments() -> None:
    stream = (pl.DataFrame({"k": [k], "x": [1.0]}) for k in "aab")
    assert sizes(Segments.of(stream, schema=Schema(segments="k"))) == {"a": 2, "b": 1}
    empty = Segments.of(pl.DataFrame({"k": [], "x": []}, schema={"k": pl.String, "x": pl.Float64}), schema=BY_K)
    assert (empty.parts, empty.keys, empty.n_rows) == ({}, (), 0)
    assert Segments.from_bytes(empty.to_bytes()).parts == {}


BY_K = Schema(segments="k")


def test_what_cannot_be_told_apart_is_refused() -> None:
    data = {"k": ["a", "b"], "x": [1, 2]}
    base = Baseline.of(data, schema=BY_K)
    with pytest.raises(SchemaError, match="shop"):
        Segments.of(data, schema=Schema(segments="shop"))
    with pytest.raises(SchemaError, match="segments"):
        Segments.of(data)
    with pytest.raises(SchemaError, match=r"'k'.*the rows have 'x'"):
        Segments.of({"x": [1]}, base)
    with pytest.raises(InputError, match="'k'"):
        base.segments.blank().add(pl.DataFrame({"x": [1]}))  # type: ignore[union-attr]
    with pytest.raises(SchemaError, match="'l'"):
        Segments.of({"l": [[1], [2]], "x": [1, 2]}, schema=Schema(segments="l"))
    with pytest.raises(ParameterError, match="frozen without segments"):
        Segments.of(data, Baseline.of(data))
    with pytest.raises(ParameterError, match="leave the schema out"):
        Segments.of(data, base, schema=BY_K)
    for most in (0, 1001, True, "x"):
        with pytest.raises(ParameterError, match="1 to 1000"):
            Segments.of(data, schema=BY_K, most=most)  # type: ignore[arg-type]
    with pytest.raises(MergeError, match="by k and by x"):
        Segments.of(data, schema=BY_K).merge(Segments.of(data, schema=Schema(segments="x")))
    with pytest.raises(MergeError, match="baseline"):
        Segments.of(data, schema=BY_K).merge(Segments.of(data, base))


def test_a_baseline_keeps_its_segments_and_one_without_is_as_before() -> None:
    data = {"k": ["a", "b", "a"], "x": [1, 2, 3]}
    base = Baseline.of(data, schema=BY_K)
    again = Baseline.from_bytes(base.to_bytes())
    assert again.id == base.id and again.segments is not None and base.segments is not None
    assert again.segments.to_bytes() == base.segments.to_bytes()
    assert {part.baseline_id for part in again.segments.parts.values()} == {base.id}
    assert Baseline.of(data).segments is None
    assert "segments" not in codec.decode("baseline", Baseline.of(data).to_bytes())


def damaged(change: str) -> bytes:
    base = Baseline.of({"k": ["a", "b", "a"], "x": [1, 2, 3]}, schema=BY_K)
    assert base.segments is not None
    body = codec.decode("segments", base.segments.to_bytes())
    key, n, summaries = body["parts"][0]
    changes = {
        "no whole": lambda: body.pop("whole"),
        "whole is text": lambda: body.update(whole="x"),
        "unlisted": lambda: body.update(parts=[[["z"], n, summaries], *body["parts"][1:]]),
        "twice": lambda: body.update(parts=[body["parts"][0]] * 2),
        "listed twice": lambda: body.update(keys=[["a"], ["a"]]),
        "wrong width": lambda: body.update(keys=[["a", "b"]]),
        "an empty key": lambda: body.update(keys=[[]]),
        "too many": lambda: body.update(keys=[[str(i)] for i in range(2000)]),
        "no cap": lambda: body.update(most=10**9),
        "rows": lambda: body.update(parts=[[key, n + 1, summaries], *body["parts"][1:]]),
        "negative": lambda: body.update(parts=[[key, -1, summaries], *body["parts"][1:]]),
        "no number": lambda: body.update(parts=[[key, "2", summaries], *body["parts"][1:]]),
        "lost": lambda: body.update(parts=body["parts"][1:]),
        "a number as key": lambda: body.update(keys=[[1]]),
        "broken summary": lambda: body.update(parts=[[key, n, [[{"summary": "nothing"}, {}]]], *body["parts"][1:]]),
        "summaries are text": lambda: body.update(parts=[[key, n, "x"], *body["parts"][1:]]),
        "an extra field": lambda: body.update(more=1),
        "no segments in the schema": lambda: body["whole"]["schema"].pop("segments"),
    }  # fmt: skip
    changes[change]()
    return codec.encode("segments", body)


@pytest.mark.parametrize(
    "change",
    ["no whole", "whole is text", "unlisted", "twice", "listed twice", "wrong width", "an empty key", "too many",
     "no cap", "rows", "negative", "no number", "lost", "a number as key", "broken summary", "summaries are text",
     "an extra field", "no segments in the schema"],
)  # fmt: skip
def test_damaged_files_are_refused(change: str) -> None:
    with pytest.raises(FormatError):
        Segments.from_bytes(damaged(change), "march.segments")


def test_other_files_are_no_segments() -> None:
    profile = Profile.of({"x": [1]})
    with pytest.raises(FormatError, match="holds a profile where segments are needed"):
        Segments.from_bytes(profile.to_bytes())
    with pytest.raises(FormatError):
        Segments.from_bytes(codec.encode("segments", [1, 2]))
    data = Segments.of({"k": ["a"], "x": [1]}, schema=BY_K).to_bytes()
    for cut in range(0, len(data), 97):
        with pytest.raises(FormatError):
            Segments.from_bytes(data[:cut])
