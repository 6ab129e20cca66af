"""Target against prediction: sums of weights per pair, classes joined."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix

from barograph.errors import FormatError
from barograph.summaries import Confusion
from barograph.types import Classified
from strategies import classified, encoded, restored


def of(*batches: list[tuple[str, str, float]], weighted: bool = False) -> Confusion:
    confusion = Confusion()
    for batch in batches:
        confusion.update(classified(batch, weighted))
    return confusion


def rows(seed: int, names: list[str], n: int = 2000) -> list[tuple[str, str, float]]:
    rng = np.random.default_rng(seed)
    pick = np.array(names)[rng.integers(0, len(names), (2, n))]
    return list(zip(pick[0].tolist(), pick[1].tolist(), rng.gamma(2, 1, n).tolist(), strict=True))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_against_sklearn(weighted: bool, seed: int):
    """The matrix is scikit-learn's, rows are targets; batches with other classes are joined."""
    parts = [rows(seed, ["no", "yes"]), rows(seed + 10, ["yes", "maybe"]), rows(seed + 20, ["Ünïcode", "no"], 300)]
    data = [row for part in parts for row in part]
    target, prediction, weight = zip(*data, strict=True)
    confusion = of(*parts, weighted=weighted)
    sample_weight = weight if weighted else None
    want = confusion_matrix(target, prediction, labels=list(confusion.classes), sample_weight=sample_weight)
    np.testing.assert_allclose(confusion.weights, want, rtol=1e-12)
    accuracy = np.trace(confusion.weights) / confusion.weights.sum()
    assert accuracy == pytest.approx(accuracy_score(target, prediction, sample_weight=sample_weight), rel=1e-12)
    squares = confusion_matrix(
        target, prediction, labels=list(confusion.classes), sample_weight=np.square(weight) if weighted else None
    )
    np.testing.assert_allclose(confusion.squares, squares, rtol=1e-12)
    assert confusion.n == len(data)


def test_shrink_is_kish():
    """Effective rows over weight: 1 without weights, (sum w) / (sum w^2) with; 1 of nothing."""
    data = rows(1, ["a", "b"])
    weight = np.array([w for _, _, w in data])
    assert of(data).shrink == 1.0
    assert Confusion().shrink == 1.0
    assert of(data, weighted=True).shrink == pytest.approx(weight.sum() / (weight**2).sum(), rel=1e-12)


def test_dropped_rows_add():
    """Rows without a side are counted, not used."""
    empty = np.zeros(0, np.int64)
    confusion = Confusion()
    for n in (3, 4):
        confusion.update(Classified((), empty, empty, None, n))
    assert (confusion.n, confusion.n_dropped, confusion.classes, confusion.weights.shape) == (0, 7, (), (0, 0))


@pytest.mark.parametrize(
    ("names", "want"),
    [
        (["10", "9", "1"], ("1", "9", "10")),
        (["10", "9", "x"], ("10", "9", "x")),
        (["nan", "10", "9"], ("10", "9", "nan")),
        (["nan", "NaN", "inf", "-inf"], ("-inf", "NaN", "inf", "nan")),
        (["1.0", "1", "01"], ("01", "1", "1.0")),
        (["-inf", "2", "inf", "10"], ("-inf", "2", "10", "inf")),
    ],
)
def test_joined_classes_have_one_order(names: list[str], want: tuple[str, ...]):
    """As numbers where all are, else as text; whichever came first, and "nan" is no number."""
    for order in itertools.permutations(names):
        assert of(*([(name, name, 1.0)] for name in order)).classes == want


def test_one_class_order_however_the_rows_came():
    """Caller's orders ("9", "10") and ("10", "9") in any sequence: update, merge and grouping agree."""

    def batch(*classes: str) -> Classified:
        return Classified(classes, np.array([0, 1]), np.array([0, 0]))

    for orders in itertools.product([("10", "9"), ("9", "10")], repeat=3):
        in_turn, parts = Confusion(), []
        for order in orders:
            in_turn.update(batch(*order))
            part = Confusion()
            part.update(batch(*order))
            parts.append(part)
        left = parts[0].merge(parts[1]).merge(parts[2])
        right = parts[0].merge(parts[1].merge(parts[2]))
        assert encoded(in_turn) == encoded(left) == encoded(right)


def test_the_empty_side_does_not_sort_the_classes():
    """A caller's order stays while all batches have it; an empty one is the identity."""
    confusion = Confusion()
    confusion.update(Classified(("yes", "no"), np.array([0, 1]), np.array([1, 1])))
    assert confusion.classes == ("yes", "no")
    assert confusion.merge(Confusion()).classes == Confusion().merge(confusion).classes == ("yes", "no")
    assert confusion.weights.tolist() == [[0.0, 1.0], [0.0, 1.0]]


def test_other_cells_merge():
    """Different classes on both sides merge, and come back from the wire (whylogs: AttributeError, and lost)."""
    a, b = of([("x", "y", 1.0)] * 2), of([("z", "z", 1.0)] * 3)
    merged = restored(a.merge(b))
    assert merged.classes == ("x", "y", "z")
    assert merged.weights.tolist() == [[0, 2, 0], [0, 0, 0], [0, 0, 3]]


def test_at_lays_out_a_superset():
    """Cells move with their names; those of classes never seen are 0."""
    weights, squares = of([("b", "a", 3.0)], weighted=True).at(("z", "b", "a"))
    assert weights.tolist() == [[0, 0, 0], [0, 0, 3], [0, 0, 0]]
    assert squares[1, 2] == 9


def test_weights_that_overflow_warn_nobody():
    """The squares become infinite, and still come back."""
    confusion = of([("a", "b", 1e200)], weighted=True)
    assert np.isinf(confusion.squares).any()
    assert encoded(restored(confusion)) == encoded(confusion)


@pytest.mark.parametrize(
    "classes", [["a", "a"], ["a", 1], ["a", ["b"]], ["a", {}], [str(i) for i in range(401)], ["a"]]
)
def test_classes_must_be_different_texts(classes: list):
    """Duplicates, numbers, lists, too many, or not as many as there are cells."""
    state = of([("a", "b", 1.0)]).to_state()
    with pytest.raises(FormatError):
        Confusion.from_state({**state, "classes": classes})
    for bad in (-1.0, np.nan):
        with pytest.raises(FormatError, match="weights"):
            Confusion.from_state({**state, "weights": np.full(4, bad).tobytes()})
