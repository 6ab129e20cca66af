"""Counts per frozen category, of rare ones and of ones never seen."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.errors import FormatError, MergeError
from barograph.summaries import Categories
from strategies import FROZEN, LABEL, categories, hashed, labels


def of(*batches: list[str | None], complete: bool = True) -> Categories:
    found = categories(complete=complete)
    for batch in batches:
        found.update(labels(batch))
    return found


@given(st.lists(LABEL, max_size=60), st.booleans())
def test_against_a_counter(rows: list[str | None], complete: bool):
    """Each label has its cell, else it is rare where the reference knew it, else unseen; nulls are in none."""
    found = of(rows[::2], rows[1::2], complete=complete)
    truth = Counter(v for v in rows if v is not None)
    assert dict(zip(found.names, found.counts.tolist(), strict=True)) == {name: truth[name] for name in FROZEN}
    others = {v: n for v, n in truth.items() if v not in FROZEN}
    rare = sum(n for v, n in others.items() if v in ("b", "1") or not complete)
    assert (found.n_rare, found.n_unseen) == (rare, sum(others.values()) - rare)
    assert found.n == sum(truth.values()) == found.cells.sum()
    assert found.cells.tolist() == [*found.counts.tolist(), *found.buckets.tolist(), found.n_unseen]
    assert found.buckets.sum() == rare


def test_unseen_labels_are_shown_by_example():
    """Of labels never seen at most five are kept by name, in order, the most frequent of a batch."""
    found = of(["new"] * 3 + ["a", "b"])
    assert (found.n_unseen, found.examples) == (3, ["new"])
    found.update(labels([f"x{i}" for i in range(9) for _ in range(i + 1)]))
    assert found.examples == ["new", "x4", "x5", "x6", "x7"]
    assert found.n_unseen == 3 + 45


def test_an_incomplete_list_of_rare_labels_calls_nothing_unseen():
    """Where the reference's rare labels are not all known, an unknown one may be one of them."""
    found = of(["never", "b"], complete=False)
    assert (found.n_rare, found.n_unseen, found.examples) == (2, 0, [])


def test_no_categories_at_all():
    """A column whose reference was empty: everything is unseen."""
    found = Categories(np.zeros(0, np.uint64), [])
    found.update(labels(["a", "b", "a", None]))
    assert (found.n_unseen, found.n, found.examples, found.n_rare) == (3, 3, ["a", "b"], 0)
    assert found.cells[-1] == 3


def test_keys_at_both_ends():
    """The smallest and the largest hash are found; their neighbours are not."""
    keys = np.array([0, 2**64 - 1], np.uint64)
    found = Categories(keys, ["low", "high"])
    names = {0: "low", 1: "one", 2**64 - 2: "less", 2**64 - 1: "high"}
    batch = labels([])
    batch = type(batch)(
        np.array(list(names), np.uint64), np.array([1, 2, 3, 4]), lambda ks: [names[k] for k in ks.tolist()]
    )
    found.update(batch)
    assert (found.counts.tolist(), found.n_unseen, found.examples) == ([1, 4], 5, ["less", "one"])


@pytest.mark.parametrize("other", [categories(["a"]), categories(complete=False), categories([*FROZEN[:3], "other"])])
def test_unlike_categories_refuse(other: Categories):
    """Other names, or another meaning of "rare"."""
    with pytest.raises(MergeError, match=r"4 and \d categories, not the same"):
        of(["a"]).merge(other)


def test_keys_must_ascend_strictly():
    """Duplicate or unsorted hashes would lose counts in silence, also where only the last bits differ."""
    state = of(["a"]).to_state()
    near = np.array([2**63, 2**63 + 1, 2**63 + 2, 2**63 + 3], "<u8")
    Categories.from_state({**state, "keys": near.tobytes()})
    for keys in (near[::-1], near[[0, 0, 1, 2]], near[[1, 0, 2, 3]]):
        with pytest.raises(FormatError, match="ascending"):
            Categories.from_state({**state, "keys": keys.tobytes()})
    with pytest.raises(FormatError, match="examples"):
        Categories.from_state({**state, "examples": list("abcdef")})


def test_names_stand_beside_their_keys():
    """The helper of the tests and the summary agree on the order."""
    assert [hashed(name) for name in categories().names] == categories().keys.tolist()
