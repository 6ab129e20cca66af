"""whylogs' files: read as whylogs reads them, and never trusted."""

from __future__ import annotations

import json
import math
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import barograph as bg
from barograph.errors import BarographError, FormatError
from barograph.foreign import WhylogsProfile, read
from barograph.foreign.frequent import FrequentItems
from barograph.foreign.hll import Hll
from barograph.foreign.kll import Kll
from whylogs_bytes import FILES, coupons, frequent, kll, number, v0, v0_column, v1

EXPECTED = sorted(path.stem for path in FILES.glob("*.json"))


def same(got: object, wanted: object, relative: float = 0.0) -> bool:
    if wanted is None or (isinstance(wanted, float) and math.isnan(wanted)):
        return got is None or (isinstance(got, float) and math.isnan(got))
    if isinstance(wanted, list):
        return sorted([i.value, i.est, i.lower, i.upper] for i in got) == sorted(wanted)
    return got == wanted or math.isclose(got, wanted, rel_tol=relative)


@pytest.mark.parametrize("name", EXPECTED)
def test_files_say_what_whylogs_says(name: str) -> None:
    """Counts, types, quantiles, frequent items exactly; moments up to rounding; cardinalities and bounds to 1e-9."""
    profile = read(FILES / f"{name}.bin")
    assert isinstance(profile, WhylogsProfile) and profile.skipped == ()
    expected = json.loads((FILES / f"{name}.json").read_text())
    assert set(profile.columns) == set(expected)
    for column, metrics in expected.items():
        got = profile.columns[column].readings()
        wanted = {f"{metric}/{key}": v for metric, values in metrics.items() for key, v in values.items()}
        assert set(got) == set(wanted)
        for key, value in wanted.items():
            loose = 1e-9 if key.startswith("cardinality") else 1e-14 if key.endswith(("mean", "stddev")) else 0.0
            assert same(got[key], value, loose), (column, key, got[key], value)


def test_segment_with_trailing_bytes() -> None:
    profile = bg.read(FILES / "seg.bin")
    assert dict(profile.segment) == {"g": "a"} and set(profile.columns) == {"g", "v"}
    assert profile.n_rows == profile.columns["v"].n_rows > 0
    assert profile.created.startswith("20")


def test_read_tells_by_content(tmp_path) -> None:
    base = bg.Baseline.of({"age": [1, 2, 3]})
    base.write(tmp_path / "a.bin")
    base.profile.write(tmp_path / "b.bin")
    assert isinstance(bg.read(tmp_path / "a.bin"), bg.Baseline)
    assert isinstance(bg.read(tmp_path / "b.bin"), bg.Profile)
    (tmp_path / "c.bin").write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(FormatError, match=r"c\.bin is no profile of Barograph or whylogs"):
        bg.read(tmp_path / "c.bin")
    with pytest.raises(FormatError, match="cannot be read"):
        bg.read(tmp_path / "none.bin")
    (tmp_path / "d.bin").write_bytes(b"")
    with pytest.raises(FormatError):
        bg.read(tmp_path / "d.bin")


def test_a_read_only_file_is_read(tmp_path) -> None:
    """whylogs opens it for writing, and fails."""
    path = tmp_path / "only.bin"
    path.write_bytes((FILES / "n1.bin").read_bytes())
    path.chmod(0o444)
    assert bg.read(path).n_rows == 1


def test_version_0() -> None:
    values = np.arange(1.0, 101.0)
    held = v0_column(
        n=110, types={1: 10, 2: 0, 3: 100}, mean=50.5, m2=float(((values - 50.5) ** 2).sum()),
        histogram=kll([values], k=256, ints=5, item="f"), items=frequent({"1": 1, "2": 1}, offset=3, total=100),
        hll=coupons(range(7)),
    )  # fmt: skip
    profile = WhylogsProfile.from_bytes(v0({"x": held}, performance=True), "old.bin")
    column = profile.columns["x"]
    assert (column.n_rows, column.counts["null"], column.counts["true"], column.types["integral"]) == (110, 10, 3, 100)
    assert column.distribution.kll.quantile(0.5) == 51.0
    assert column.distribution.std == pytest.approx(values.std(ddof=1))
    assert column.frequent.offset == 3 and round(column.cardinality.estimate) == 7
    assert profile.skipped == ("performance metrics",) and profile.dataset_time == "2020-09-13T12:26:40+00:00"
    doubles = v0({"x": held.replace(kll([values], 256, 5, "f"), kll([values], 256, 6))})
    with pytest.raises(FormatError):  # lengths no longer fit
        WhylogsProfile.from_bytes(doubles)


@pytest.mark.parametrize(("ints", "item", "hint"), [(6, "d", "<f8"), (5, "d", "<f8"), (5, "f", "<f4"), (5, "d", "<f4")])
def test_kll_preambles(ints: int, item: str, hint: str) -> None:
    sketch = Kll.parse(memoryview(kll([[3.0, 1.0], [2.0, 5.0]], ints=ints, item=item)), hint)
    assert sketch.n == 6 and not sketch.exact
    assert sketch.weighted()[0].tolist() == [1, 2, 3, 5] and sketch.weighted()[1].tolist() == [1, 2, 1, 2]
    assert sketch.quantiles(np.array([0.0, 0.2, 0.5, 0.9, 1.0])).tolist() == [1, 2, 3, 5, 5]


def test_hll_of_all_widths_and_merged() -> None:
    """The same registers in 4, 6 and 8 bits, with exceptions; merged sketches against the number of values."""
    rng = np.random.default_rng(3)
    ranks = np.minimum(rng.geometric(0.5, 40_000), 62)
    addresses = rng.integers(0, 2**26, 40_000)
    registers = np.zeros(4096, np.int64)
    np.maximum.at(registers, addresses % 4096, ranks)
    least = int(registers.min())
    beyond = np.flatnonzero(registers - least >= 15)
    nibbles = np.minimum(registers - least, 15).astype(np.uint8)
    exceptions = (registers[beyond] << 26 | beyond).astype("<u4").tobytes()
    bits = (registers[:, None] >> np.arange(6) & 1).astype(np.uint8).reshape(-1)
    packed = [
        (0, least, len(beyond), (nibbles[::2] | nibbles[1::2] << 4).tobytes() + exceptions),
        (1, 0, 0, np.packbits(bits, bitorder="little").tobytes() + b"\0"),
        (2, 0, 0, registers.astype(np.uint8).tobytes()),
    ]
    found = []
    for sort, cur_min, aux, payload in packed:
        head = bytes([10, 1, 7, 12, 0, 8 | 16, cur_min, 2 | sort << 2]) + struct.pack("<dddII", 0, 0, 0, 0, aux)
        found.append(Hll.parse(memoryview(head + payload)))
        assert (found[-1].registers == registers).all()
    assert found[0].estimate == pytest.approx(40_000, rel=0.05)
    half = Hll(12, None, Hll(12, (ranks[:20_000] << 26) | addresses[:20_000])._folded(12))
    other = Hll(12, (ranks[20_000:] << 26) | addresses[20_000:])
    assert (half.merge(other).registers == registers).all()
    low, high = found[0].bounds
    assert low < found[0].estimate < high
    assert Hll().merge(found[0]) is found[0] and found[0].merge(Hll()) is found[0]
    small = found[0].merge(Hll(10, np.array([1 << 26])))
    assert small.registers.size == 1024 and small.estimate == pytest.approx(40_000, rel=0.12)


def test_hll_of_few_values_is_all_but_exact() -> None:
    a, b = Hll.parse(memoryview(coupons(range(5)))), Hll.parse(memoryview(coupons(range(3, 9))))
    assert a.merge(b).estimate == pytest.approx(9, rel=1e-6)
    many = Hll(12, np.arange(380) | 1 << 26)
    assert many.registers is None and many.merge(Hll(12, np.arange(380, 500) | 1 << 26)).registers is not None


def test_merging() -> None:
    """Counts add, frequent items keep their bounds, quantiles their error; nothing is lost on either side."""
    one = read(FILES / "n5k.bin")
    both = sum([one, one])
    assert both.n_rows == 2 * one.n_rows and both.name == one.name
    for name, column in both.columns.items():
        single = one.columns[name]
        assert column.counts == {sort: 2 * n for sort, n in single.counts.items()}
        assert column.types == {sort: 2 * n for sort, n in single.types.items()}
        if single.distribution is not None and single.distribution.n:
            assert column.distribution.mean == pytest.approx(single.distribution.mean)
            assert column.distribution.m2 == pytest.approx(2 * single.distribution.m2)
            values, weights = single.distribution.kll.weighted()
            for q in (0.1, 0.5, 0.9):
                at = column.distribution.kll.quantile(q)
                below, upto = (weights[mask].sum() / weights.sum() for mask in (values < at, values <= at))
                assert below - 0.006 <= q <= upto + 0.006
        assert column.cardinality.estimate == pytest.approx(single.cardinality.estimate, rel=0.04)
    assert both.columns["s"].frequent.items()[0][:2] == ("v1", 3890)
    other = WhylogsProfile.from_bytes(v1({"new": {"counts/n": 4}}))
    assert set((one + other).columns) == {*one.columns, "new"} and (one + other).columns["new"].n_rows == 4


def test_frequent_items_overflow_keeps_the_bound() -> None:
    rng = np.random.default_rng(1)
    truth: dict[str, int] = {}
    merged = FrequentItems(lg_max=4)
    for _ in range(30):
        counts = {f"k{i}": int(n) for i, n in enumerate(rng.zipf(1.5, 10) % 50 + 1)}
        counts = {f"k{rng.zipf(1.6) % 80}{name}": n for name, n in counts.items()}
        for name, n in counts.items():
            truth[name] = truth.get(name, 0) + n
        merged = merged.merge(FrequentItems(tuple(counts), tuple(counts.values()), 0, sum(counts.values()), 4))
    assert merged.offset and len(merged.names) <= 12 and merged.total == sum(truth.values())
    for item in merged.items():
        assert item.lower <= truth[item.value] <= item.upper
    assert all(n <= merged.offset for name, n in truth.items() if name not in merged.names)


def test_unknown_metrics_are_skipped_and_said() -> None:
    """whylogs refuses the whole file."""
    parts = {"counts/n": 3, "types/string": 3, "embedding/x:counts/n": 7, "udf/score": 1, "condition_count/total": 3}
    profile = WhylogsProfile.from_bytes(v1({"text": {**parts, "condition_count/is_mail": 2}}))
    assert profile.skipped == ("text: embedding", "text: udf")
    assert profile.columns["text"].conditions == {"total": 3, "is_mail": 2}
    assert profile.to_dicts()[0]["condition_count/is_mail"] == 2


def test_unicode_ranges() -> None:
    lengths = {
        "unicode_range/string_length:distribution/kll": (6, kll([[2.0, 4.0]])),
        "unicode_range/digits:counts/n": 2,
    }
    column = WhylogsProfile.from_bytes(v1({"t": {"counts/n": 2, **lengths}})).columns["t"]
    assert column.ranges["string_length"].distribution.kll.quantile(0.0) == 2.0
    assert column.ranges["digits"].n_rows == 2


WHOLE = (FILES / "n100.bin").read_bytes()


def survives(data: bytes) -> None:
    """Either refused in our words, or a profile that everything can be asked of."""
    try:
        profile = WhylogsProfile.from_bytes(data)
    except FormatError:
        return
    profile.to_dicts()
    try:
        bg.Report("data_drift").run(current={"f": [1.0, 2.0]}, reference=profile)
        (profile + profile).profile()
    except BarographError:
        return


@pytest.mark.parametrize("size", [*range(60), *range(60, len(WHOLE) - 1, 997)])
def test_truncated(size: int) -> None:
    with pytest.raises(FormatError):
        WhylogsProfile.from_bytes(WHOLE[:size])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_damaged(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, byte in changes:
        data[at] = byte
    survives(bytes(data))


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_anything(data: bytes) -> None:
    survives(data)
    survives(b"WHY1" + data)


def test_lies() -> None:
    """Each says what does not fit; none allocates what it promises."""
    big = 2**40
    lying_kll = bytearray(kll([[1.0, 2.0]]))
    lying_kll[8:16] = struct.pack("<Q", 2**61)
    many = struct.pack("<8BIIQQ", 4, 1, 10, 10, 10, 0, 0, 0, 2**31, 0, 1, 0)
    lies = [
        b"WHY1" + b"\xff" * 11,
        b"WHY1" + b"\0" + b"\xff\xff\xff\xff\x7f",
        v1({"x": {"counts/n": -1}}),
        v1({"x": {"counts/n": 1.5}}),
        v1({"x": {"counts/n": (6, kll([[1.0, 2.0]]))}}),
        v1({"x": {"distribution/kll": (6, bytes(lying_kll))}}),
        v1({"x": {"distribution/kll": (6, kll([[1.0, math.nan]]))}}),
        v1({"x": {"distribution/kll": (6, kll([[1.0, 2.0]])[:-8])}}),
        v1({"x": {"frequent_items/frequent_strings": (4, frequent({"a": 5}, total=1))}}),
        v1({"x": {"frequent_items/frequent_strings": (4, many)}}),
        v1({"x": {"cardinality/hll": (5, coupons([1, 2])[:-4])}}),
        v1({"x": {"cardinality/hll": (5, bytes([3, 1, 7, 21, 26, 8, 0, 1]) + struct.pack("<I", 2**31))}}),
        v1({"x": {"cardinality/hll": (5, bytes([10, 1, 7, 21, 0, 8, 0, 10]) + bytes(32))}}),
        v0({"x": number(2, 5)}),
        v0({"x": b"\x12\x02\x08\x80"}),
        b"\x0b" * 200,  # groups in groups in groups
        struct.pack("<Q", big),
    ]  # fmt: skip
    tracemalloc.start()
    for data in lies:
        with pytest.raises(FormatError):
            WhylogsProfile.from_bytes(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_columns_in_the_same_bytes_are_refused() -> None:
    sketch = {"distribution/kll": (6, kll([np.arange(100.0)]))}
    assert len(WhylogsProfile.from_bytes(v1({"a": sketch})).columns) == 1
    with pytest.raises(FormatError, match="overlap"):
        WhylogsProfile.from_bytes(v1({"a": sketch, "b": {}}, starts={"b": 0}))
