"""The laws of every summary: what `barograph.summaries` lists is found, fed and held to all of them."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import itertools
import math
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.errors import FormatError, MergeError
from barograph.summaries import SUMMARIES
from strategies import KINDS, Kind, Rows, encoded, restored

EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
SIZES = (0, 1, 2, 1000)
FEW = settings(max_examples=25)


def at_size(kind: Kind, n: int, seed: int = 0) -> Rows:
    return kind.rows(np.random.default_rng([seed, n]), n)


def seen(state: dict[str, Any]) -> dict[str, Any]:
    """A state with its packed floats as lists, so that they can be compared with a tolerance."""
    return {name: np.frombuffer(v, "<f8").tolist() if isinstance(v, bytes) else v for name, v in state.items()}


def assert_same(kind: Kind, left: Any, right: Any, rows: Rows) -> None:
    """States equal for what is exact; floats within 1e-12; sketches both within their bound."""
    if kind.check is not None:
        kind.check(left, rows)
        kind.check(right, rows)
        return
    a, b = left.to_state(), right.to_state()
    assert a.keys() == b.keys()
    if kind.scale is None:
        for name in a.keys() - set(kind.loose):
            assert a[name] == b[name], name
        return
    scale = kind.scale(a)
    a, b = seen(a), seen(b)
    for name in a.keys() - set(kind.loose):
        if isinstance(a[name], (float, list)) and name not in ("classes", "cuts", "measures"):
            np.testing.assert_allclose(a[name], b[name], rtol=1e-12, atol=1e-12 * scale.get(name, 0.0), err_msg=name)
        else:
            assert a[name] == b[name], name


def test_every_summary_is_fed():
    """A new summary has a Kind in tests/strategies.py, or its laws would pass without being tried."""
    assert {kind.cls for kind in KINDS.values()} == set(SUMMARIES.values())
    assert {name: cls.__name__.lower() for name, cls in SUMMARIES.items()} == {name: name for name in SUMMARIES}


@EVERY
@FEW
@given(data=st.data())
def test_empty_is_the_identity(kind: Kind, data: st.DataObject):
    """Nothing added, on either side, changes nothing."""
    summary = kind.feed(data.draw(kind.many))
    before = encoded(summary)
    assert encoded(summary.merge(kind.make())) == before
    assert encoded(kind.make().merge(summary)) == before
    assert encoded(kind.feed([], into=copy.deepcopy(summary))) == before


@EVERY
@FEW
@given(data=st.data())
def test_merge_is_commutative(kind: Kind, data: st.DataObject):
    """Which side comes first leaves no trace, not even in the bytes."""
    a, b = kind.feed(data.draw(kind.many)), kind.feed(data.draw(kind.many))
    assert encoded(a.merge(b)) == encoded(b.merge(a))


@EVERY
@FEW
@given(data=st.data())
def test_merge_is_associative(kind: Kind, data: st.DataObject):
    """Three parts give the same in either grouping."""
    rows = [data.draw(kind.many) for _ in range(3)]
    a, b, c = (kind.feed(part) for part in rows)
    assert_same(kind, a.merge(b).merge(c), a.merge(b.merge(c)), [*itertools.chain(*rows)])


@EVERY
@FEW
@given(data=st.data())
def test_batches_and_parts_agree(kind: Kind, data: st.DataObject):
    """One batch of all rows, two batches after one another, and two parts merged say the same."""
    a, b = data.draw(kind.many), data.draw(kind.many)
    merged = kind.feed(a).merge(kind.feed(b))
    in_turn = kind.feed(b, into=kind.feed(a))
    assert_same(kind, merged, in_turn, a + b)
    assert_same(kind, merged, kind.feed(a + b), a + b)
    if kind.check is None and kind.scale is None:
        assert encoded(merged) == encoded(in_turn)


@EVERY
def test_a_thousand_parts_agree(kind: Kind):
    """The whole in one batch and in 200 parts of 0 to 9 rows, merged in a tree, say the same."""
    rng = np.random.default_rng(5)
    parts = [kind.rows(rng, int(n)) for n in rng.integers(0, 10, 200)]
    rows = [*itertools.chain(*parts)]
    summaries = [kind.feed(part) for part in parts]
    while len(summaries) > 1:
        odd = summaries[len(summaries) & ~1 :]
        summaries = [a.merge(b) for a, b in zip(summaries[::2], summaries[1::2], strict=False)] + odd
    assert_same(kind, summaries[0], kind.feed(rows), rows)


@EVERY
@pytest.mark.parametrize("n", SIZES)
def test_merge_changes_neither_operand(kind: Kind, n: int):
    """Operands stay as they were, also when the merged one or they themselves go on."""
    rows = at_size(kind, n)
    a, b = kind.feed(rows), kind.feed(at_size(kind, n, 1))
    before = encoded(a), encoded(b)
    merged = a.merge(b)
    assert (encoded(a), encoded(b)) == before
    after = encoded(merged)
    kind.feed(at_size(kind, 900, 2), into=merged)
    assert (encoded(a), encoded(b)) == before
    merged = a.merge(b)
    kind.feed(at_size(kind, 900, 3), into=a)
    kind.feed(at_size(kind, 900, 4), into=b)
    assert encoded(merged) == after


@EVERY
@pytest.mark.parametrize("n", SIZES)
def test_merge_with_itself(kind: Kind, n: int):
    """A summary merged with itself says what its rows twice would."""
    rows = at_size(kind, n)
    summary = kind.feed(rows)
    assert_same(kind, summary.merge(summary), kind.feed(rows).merge(kind.feed(rows)), rows + rows)


@EVERY
@pytest.mark.parametrize("n", [1, 2, 1000])
def test_update_neither_keeps_nor_changes_the_arrays(kind: Kind, n: int):
    """The caller's arrays are read, never written, and may be overwritten afterwards."""
    batch = kind.batch(at_size(kind, n))
    fields = vars(batch) if dataclasses.is_dataclass(batch) else {}
    arrays = {name: array for name, array in fields.items() if isinstance(array, np.ndarray)}
    originals = {name: array.copy() for name, array in arrays.items()}
    for array in arrays.values():
        array.flags.writeable = False
    for summary in (kind.make(), kind.feed(at_size(kind, 3, 1))):
        summary.update(batch)
        for name, array in arrays.items():
            assert array.tobytes() == originals[name].tobytes(), name
        before = encoded(summary)
        cached = [array for array in vars(batch).values() if isinstance(array, np.ndarray)] if fields else []
        kept = [array.copy() for array in cached]
        for array in cached:
            array.flags.writeable = True
            array.view(np.uint8)[...] = 1
        assert encoded(summary) == before
        for array, copied in zip(cached, kept, strict=True):
            array[...] = copied


@EVERY
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("copied", [restored, lambda s: pickle.loads(pickle.dumps(s)), copy.deepcopy, copy.copy])
def test_copies_are_the_same_and_go_on_the_same(kind: Kind, n: int, copied: Any):
    """After the wire, pickling or copying: same state, and the same after more rows and a merge."""
    summary = kind.feed(at_size(kind, n))
    other = copied(summary)
    assert type(other) is type(summary)
    assert encoded(other) == encoded(summary)
    if copied is copy.copy:
        return
    more, third = at_size(kind, 700, 1), kind.feed(at_size(kind, 50, 2))
    assert encoded(kind.feed(more, into=other)) == encoded(kind.feed(more, into=summary))
    assert encoded(other.merge(third)) == encoded(summary.merge(third))
    assert encoded(third.merge(other)) == encoded(third.merge(summary))


@EVERY
@FEW
@given(data=st.data())
def test_wire_round_trip(kind: Kind, data: st.DataObject):
    """Any rows: what was written is what is read."""
    summary = kind.feed(data.draw(kind.many))
    assert encoded(restored(summary)) == encoded(summary)


@EVERY
def test_state_is_plain(kind: Kind):
    """A state holds dicts, lists, numbers, text and bytes; no numpy, nothing that JSON or msgpack cannot know."""

    def plain(value: Any) -> bool:
        if isinstance(value, dict):
            return all(type(k) is str and plain(v) for k, v in value.items())
        if isinstance(value, list):
            return all(map(plain, value))
        return value is None or type(value) in (int, float, str, bytes, bool)

    assert plain(kind.feed(at_size(kind, 1000)).to_state())
    assert plain(kind.make().to_state())


@pytest.mark.parametrize(
    "kind", [k for k in KINDS.values() if k.unlike], ids=[k.name for k in KINDS.values() if k.unlike]
)
def test_unlike_parameters_refuse(kind: Kind):
    """Neither side is silently taken for the other, and the message names both."""
    assert kind.unlike is not None
    mine, theirs = kind.feed(at_size(kind, 9)), kind.unlike()
    for a, b in ((mine, theirs), (theirs, mine), (kind.make(), kind.unlike())):
        before = encoded(a), encoded(b)
        with pytest.raises(MergeError, match=r"\d+.* and .*\d+|not the same"):
            a.merge(b)
        assert (encoded(a), encoded(b)) == before


# --- states that nobody wrote ----------------------------------------------------------------------------------------

JUNK = st.sampled_from(
    [None, True, -1, 0, 3, 2**53 + 1, 2**63, 10**400, -1.5, 0.5, math.nan, math.inf, -math.inf, "", "x", b"", b"\0" * 8,
     b"\xff" * 8, b"\x7f" * 7, [], [[]], [None], ["x"], [b"\xff" * 8], {}, {"x": -1}, {"x": {"y": -1}}, {3: 4}]
)  # fmt: skip


def places(state: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a state something can be dropped or replaced."""
    inner = state.items() if isinstance(state, dict) else enumerate(state) if isinstance(state, list) else ()
    found = [path] if path else []
    for key, value in itertools.islice(inner, 30):
        found += places(value, (*path, key))
    return found


def bent(raw: bytes, data: st.DataObject) -> bytes:
    """Bytes cut short, too long, or with one byte changed."""
    at, byte = data.draw(st.integers(0, max(len(raw) - 1, 0))), data.draw(st.integers(0, 255))
    return data.draw(
        st.sampled_from([raw[:-1], raw[:-8], raw + b"\0" * 8, raw + raw[:8], raw[:at] + bytes([byte]) + raw[at + 1 :]])
    )


def equal(a: Any, b: Any) -> bool:
    """Equal, NaN to NaN, bool never to int."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a == b or (a != a and b != b)


def read_all(summary: Any) -> None:
    """Ask every reading that there is."""
    for name, value in vars(type(summary)).items():
        if isinstance(value, property):
            getattr(summary, name)
    for name in ("quantile", "bounds"):
        if callable(getattr(summary, name, None)):
            getattr(summary, name)(0.3)
    if hasattr(summary, "items"):
        summary.items()


@EVERY
@settings(max_examples=80)
@given(data=st.data())
def test_mutilated_states_are_refused_or_sound(kind: Kind, data: st.DataObject):
    """A state with a field replaced is refused with FormatError, or is one that says just what was written."""
    state = msgspec.msgpack.decode(encoded(kind.feed(at_size(kind, data.draw(st.sampled_from([0, 2, 30, 1000]))))))
    path = data.draw(st.sampled_from(places(state)))
    into = state
    for key in path[:-1]:
        into = into[key]
    old = into[path[-1]]
    bend = isinstance(old, bytes) and data.draw(st.booleans())
    into[path[-1]] = bent(old, data) if bend else data.draw(JUNK)
    try:
        summary = kind.cls.from_state(state)
    except FormatError as error:
        assert str(error)  # noqa: PT017
        return
    assert equal(summary.to_state(), state)
    read_all(summary)
    kind.feed(at_size(kind, 5, 1), into=summary)
    encoded(summary.merge(summary))


@EVERY
@pytest.mark.parametrize("n", SIZES)
def test_states_with_a_field_missing_are_refused(kind: Kind, n: int):
    """No field has a default when it is read back: what is absent is not the same as empty."""
    state = dict(kind.feed(at_size(kind, n)).to_state())
    for name in state:
        with pytest.raises(FormatError, match=name):
            kind.cls.from_state({k: v for k, v in state.items() if k != name})


@EVERY
@pytest.mark.parametrize("state", [None, [], "x", b"x", 3, {}, {"x": 1}, {1: 2}])
def test_what_is_no_state_is_refused(kind: Kind, state: Any):
    """Whatever the file holds in a state's place."""
    with pytest.raises(FormatError):
        kind.cls.from_state(state)


@EVERY
def test_negative_counts_are_refused(kind: Kind):
    """No count and no array of counts may be negative."""
    state = dict(kind.feed(at_size(kind, 100)).to_state())
    for name, value in state.items():
        negative: Any = None
        if type(value) is int and name not in ("low", "high"):  # these are values, not counts
            negative = -1
        elif name == "counts":
            negative = np.full(len(value) // 8, -1, "<i8").tobytes()
        elif name in ("weights", "squares", "positive", "negative", "positive2", "negative2"):
            negative = np.full(len(value) // 8, -1.0, "<f8").tobytes()
        if negative:
            with pytest.raises(FormatError, match=name):
                kind.cls.from_state({**state, name: negative})


# --- the same rows, the same bytes -----------------------------------------------------------------------------------


def digests() -> list[str]:
    """Of each kind: a hash over its bytes after three batches and a merge."""
    found = []
    for kind in KINDS.values():
        summary = kind.feed(at_size(kind, 1000))
        kind.feed(at_size(kind, 300, 1), into=summary)
        merged = kind.feed(at_size(kind, 2, 2)).merge(summary)
        found.append(f"{kind.name} {hashlib.sha256(encoded(merged)).hexdigest()}")
    return found


def test_the_same_batches_give_the_same_bytes():
    """Twice here, and in processes with other string hashes."""
    here = digests()
    assert digests() == here
    program = "from laws.test_summaries import digests; print('\\n'.join(digests()))"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "77")
    ]
    for process in running:
        output, _ = process.communicate(timeout=60)
        assert output.split("\n")[:-1] == here
