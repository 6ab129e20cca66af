"""What tests draw from: rows, the batches made of them, and one `Kind` for every way a summary is fed."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st

from barograph.summaries import (
    Agreement,
    Bins,
    Categories,
    CellMoments,
    Clock,
    Columns,
    Confusion,
    Counts,
    CrossMoments,
    Density,
    Distinct,
    Embedding,
    ErrorGroups,
    Gaps,
    Holds,
    Incomplete,
    Moments,
    PairCells,
    Quantiles,
    Ranking,
    Recommended,
    Repeats,
    Residuals,
    Sample,
    Scores,
    SliceMoments,
    TopK,
    Types,
    Vocabulary,
)
from barograph.summaries.cuts import Cut
from barograph.summaries.distinct import mix
from barograph.summaries.types import NAMES
from barograph.types import (
    Absent,
    Classified,
    Floats,
    IncompleteRows,
    Joint,
    Judged,
    Keys,
    Labels,
    Matrix,
    Measured,
    Numbers,
    Ranked,
    Records,
    Regressed,
    RowKeys,
    RowLabels,
    Scored,
    Vectors,
    Words,
)

Rows = list[Any]


# --- batches from plain rows -----------------------------------------------------------------------------------------


def numbers(rows: Iterable[float | None]) -> Numbers:
    """A column of floats, None for null; sorted, what is not finite counted apart."""
    given = list(rows)
    present = np.array([v for v in given if v is not None], np.float64)
    absent = Absent(
        n_null=len(given) - present.size,
        n_nan=int(np.isnan(present).sum()),
        n_pos_inf=int((present == np.inf).sum()),
        n_neg_inf=int((present == -np.inf).sum()),
    )
    return Numbers(np.sort(present[np.isfinite(present)]), absent)


def whole(rows: Sequence[int]) -> Numbers:
    """A column of integers that float64 cannot tell apart: identities beside the values."""
    bits = np.array([v % 2**64 for v in set(rows)], np.uint64)
    ends = (min(rows), max(rows)) if rows else None
    return Numbers(np.sort(np.array(rows, np.float64)), keys=np.sort(mix(bits)), ends=ends)


def hashed(label: str) -> int:
    """A 64-bit hash of a label that is the same in every process."""
    return int.from_bytes(hashlib.blake2b(label.encode(), digest_size=8).digest(), "little")


def keys_of(labels_: Iterable[str]) -> Keys:
    """Hashes of labels, ascending."""
    return np.sort(np.array([hashed(label) for label in labels_], np.uint64))


def labels(rows: Iterable[str | None]) -> Labels:
    """A column of labels, None for null."""
    given = list(rows)
    counted = Counter(v for v in given if v is not None)
    names = {hashed(v): v for v in counted}
    keys = np.array(sorted(names), np.uint64)
    counts = np.array([counted[names[k]] for k in keys.tolist()], np.int64)
    return Labels(keys, counts, lambda ks: [names[k] for k in ks.tolist()], Absent(n_null=given.count(None)))


def classified(rows: Sequence[tuple[str, str, float]], weighted: bool = False) -> Classified:
    """Rows of (target, prediction, weight)."""
    classes = tuple(sorted({c for t, p, _ in rows for c in (t, p)}))
    code = {c: i for i, c in enumerate(classes)}
    target, prediction = (np.array([code[row[side]] for row in rows], np.int64) for side in (0, 1))
    return Classified(classes, target, prediction, np.array([r[2] for r in rows], float) if weighted else None)


def scored(rows: Sequence[tuple[bool, float, float]], weighted: bool = False) -> Scored:
    """Rows of (positive, score, weight)."""
    positive, score, weight = (
        np.array([r[i] for r in rows], kind) for i, kind in enumerate((np.bool_, np.float64, np.float64))
    )
    return Scored(positive, score, weight if weighted else None)


def regressed(rows: Sequence[tuple[float, float, float]], weighted: bool = False) -> Regressed:
    """Rows of (target, prediction, weight)."""
    target, prediction, weight = (np.array([r[i] for r in rows], np.float64) for i in range(3))
    return Regressed(target, prediction, weight if weighted else None)


def ranked(rows: Sequence[tuple[str, Sequence[float]]]) -> Ranked:
    """Rows of (user, gains of what was recommended, the best first); items are numbered by their place."""
    lengths = np.array([len(gains) for _, gains in rows], np.int64)
    items = np.concatenate([np.zeros(0, np.int64), *(np.arange(n) for n in lengths)]).astype(np.uint64)
    gains = np.array([gain for _, gains in rows for gain in gains], np.float64)
    return Ranked(np.array([hashed(user) for user, _ in rows], np.uint64), lengths, items, gains)


def vectors(rows: Sequence[tuple[float, float] | None]) -> Vectors:
    """A column of pairs, None for null."""
    at = [i for i, row in enumerate(rows) if row is not None]
    found = np.array([row for row in rows if row is not None], np.float64).reshape(-1, 2)
    return Vectors(found, np.array(at, np.int64), Absent(n_null=len(rows) - len(at)))


def words(rows: Sequence[str | None]) -> Words:
    """A column of texts whose words are their characters, None for null."""
    texts = [row for row in rows if row is not None]
    keys = np.array([hashed(character) for text in texts for character in text], np.uint64)
    return Words(keys, np.array([len(text) for text in texts], np.int64), Absent(n_null=rows.count(None)))


def records(rows: Sequence[tuple[int, int]]) -> Records:
    """Rows of two numbers, each hashed by both."""
    found = np.array(rows, np.uint64).reshape(-1, 2)
    return Records(found, mix(found[:, 0] * np.uint64(1_000_003) + found[:, 1]))


def floats(rows: Sequence[Any], at: int) -> Floats:
    """One place of all rows as floats, None for absent."""
    return np.array([math.nan if row[at] is None else row[at] for row in rows], np.float64)


def matrix(rows: Sequence[Any]) -> Matrix:
    """Rows of three numbers."""
    return Matrix(np.column_stack([floats(rows, at) for at in range(3)]))


def row_labels(rows: Sequence[Any], at: int) -> RowLabels:
    """One place of all rows as labels, None for absent."""
    given = [row[at] for row in rows]
    keys = np.array([0 if v is None else hashed(v) for v in given], np.uint64)
    return RowLabels(keys, np.array([v is not None for v in given], np.bool_))


def joint(rows: Sequence[Any]) -> Joint:
    """Rows of (number, number, label, ...)."""
    return Joint((floats(rows, 0), floats(rows, 1), row_labels(rows, 2)), len(rows))


def cells(rows: Sequence[Any]) -> Joint:
    """Rows of three labels, to be compared with each other."""
    return Joint(tuple(row_labels(rows, side) for side in range(3)), len(rows))


def measured(rows: Sequence[Any], weighted: bool = False) -> Measured:
    """Rows of (number, number, label, error, weight); the error is absent where the first number is above 1."""
    error = np.where(floats(rows, 0) > 1, np.nan, floats(rows, 3))
    measures = {"error": error, "hit": (floats(rows, 3) > 0).astype(float)}
    return Measured(joint(rows).columns, len(rows), measures, floats(rows, 4) if weighted else None)


def judged(rows: Sequence[bool | None]) -> Judged:
    """Whether each row holds, None where it is not known; the numbers of those that do not are examples."""
    n_true, n_null = rows.count(True), rows.count(None)
    broken = tuple(sorted({f"row {at}" for at, held in enumerate(rows) if held is False})[:3])
    return Judged(n_true, len(rows) - n_true - n_null, n_null, 3 if rows else 0, broken)


def row_keys(rows: Sequence[tuple[int, int]]) -> RowKeys:
    """Rows of (what they hold, their outcome)."""
    held, outcomes = (np.array([row[i] for row in rows], np.uint64) for i in (0, 1))
    return RowKeys(mix(held + np.uint64(1)), outcomes)


# --- one row at a time -----------------------------------------------------------------------------------------------

WORDS = ["", "a", "b", "rail", "Ünïcode", "中文", "👩🏽‍💻", "</script>", "nan", "0", "1", "None"]
ANY_FLOAT = st.floats() | st.none() | st.sampled_from([0.0, -0.0, 1.0, 1.0, 5e-324, 1.7e308, -1.7e308])
FINITE = st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float)
LABEL = st.sampled_from(WORDS) | st.none() | st.text(st.characters(codec="utf-8"), max_size=3)
WEIGHT = st.sampled_from([0.0, 0.25, 1.0, 3.0]) | st.floats(0, 100)
SCORE = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 0.5, 0.1, 1 - 1e-16, 1e-300])
SMALL = st.floats(-1e3, 1e3) | st.integers(-2, 2).map(float)
CLASS = st.sampled_from(["no", "yes", "maybe", "1", "10", "9"])


def _mixed(rng: np.random.Generator, n: int) -> Rows:
    """Floats with ties, zeros, nulls and what is not finite."""
    values = np.where(rng.random(n) < 0.3, np.round(rng.normal(0, 3, n)), rng.lognormal(0, 4, n))
    found: Rows = np.where(rng.random(n) < 0.2, 0.0, values).tolist()
    for i, odd in zip(rng.integers(0, max(n, 1), n // 10), rng.integers(0, 4, n // 10), strict=True):
        found[i] = [None, math.nan, math.inf, -math.inf][odd]
    return found


def _words(rng: np.random.Generator, n: int) -> Rows:
    return [None if z % 17 == 0 else WORDS[z] if z < len(WORDS) else f"label {z}" for z in rng.zipf(1.3, n) % 3000]


def _triples(rng: np.random.Generator, n: int) -> Rows:
    """Three columns of a few labels, the last mostly the first."""
    found = [[[None, "a", "b"][i] for i in column] for column in rng.integers(0, 3, (2, n))]
    return [(a, b, a if keep else b) for a, b, keep in zip(*found, rng.random(n) < 0.9, strict=True)]


def _classes(rng: np.random.Generator, n: int) -> Rows:
    names = np.array(["no", "yes", "maybe", "1", "10", "9"])
    weight = rng.gamma(2, 1, n).tolist()
    return list(zip(names[rng.integers(0, 6, n)].tolist(), names[rng.integers(0, 6, n)].tolist(), weight, strict=True))


def _scores(rng: np.random.Generator, n: int) -> Rows:
    score = np.where(rng.random(n) < 0.1, np.round(rng.random(n)), rng.beta(2, 5, n))
    return list(zip((rng.random(n) < score).tolist(), score.tolist(), rng.gamma(2, 1, n).tolist(), strict=True))


def _pairs(rng: np.random.Generator, n: int) -> Rows:
    y = np.where(rng.random(n) < 0.1, 0.0, rng.normal(5, 30, n))
    return list(zip(y.tolist(), (y + rng.normal(0, 2, n)).tolist(), rng.gamma(2, 1, n).tolist(), strict=True))


# --- the ways a summary is fed ---------------------------------------------------------------------------------------

State = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One summary, one sort of rows.

    `rows(rng, n)` draws n rows, `row` is the strategy of one; `batch` makes of rows what `update` takes.
    `unlike` is an empty summary of other parameters. `loose` names state fields that may depend on how rows were
    batched; `scale` gives, for a state, the size against which the rounding of a float field is measured; a kind
    with a `check(summary, rows)` is a sketch, held to that alone.
    """

    name: str
    make: Callable[[], Any]
    row: st.SearchStrategy[Any]
    rows: Callable[[np.random.Generator, int], Rows]
    batch: Callable[[Rows], Any]
    unlike: Callable[[], Any] | None = None
    loose: tuple[str, ...] = ()
    scale: Callable[[State], dict[str, float]] | None = None
    check: Callable[[Any, Rows], None] | None = None

    @property
    def cls(self) -> type[Any]:
        return type(self.make())

    @property
    def many(self) -> st.SearchStrategy[Rows]:
        """Rows: a few of any value, or up to 700 of a seed."""
        seeded = st.builds(
            lambda seed, n: self.rows(np.random.default_rng(seed), n), st.integers(0, 99), st.integers(0, 700)
        )
        return st.lists(self.row, max_size=40) | seeded

    def feed(self, rows: Rows, into: Any = None) -> Any:
        """The summary with one more batch (of Columns: a batch per row, since a batch holds a column once)."""
        summary = self.make() if into is None else into
        for part in [[row] for row in rows] if self.cls is Columns else [rows]:
            summary.update(self.batch(part))
        return summary


def ranks_hold(summary: Quantiles, rows: Rows) -> None:
    """No rank is further off than the summary says; ends and number are exact."""
    values = numbers(rows).values
    assert summary.n == values.size
    if not values.size:
        assert summary.quantile(0.5) is None
        assert summary.bounds(0.5) is None
        return
    assert (summary.low, summary.high) == (values[0], values[-1])
    truth = np.searchsorted(values, values, side="right") / values.size
    assert np.abs(summary.cdf(values) - truth).max() <= summary.rank_error + 1e-12
    for q in (0.0, 0.01, 0.25, 0.5, 0.9, 1.0):
        low, high = summary.bounds(q)
        place = q * (values.size - 1)
        slack = 1e-9 * max(abs(low), abs(high))
        assert low - slack <= values[math.ceil(place - 1e-9)]
        assert values[math.floor(place + 1e-9)] <= high + slack


def tops_hold(summary: TopK, rows: Rows) -> None:
    """Kept values have count <= truth <= count + error, others truth <= error, and nothing is lost below capacity."""
    batch = numbers(rows).values.tolist() if summary.names is None else [v for v in rows if v is not None]
    truth = Counter(batch)
    kept = dict(summary.items())
    assert len(kept) == summary.keys.size <= summary.capacity
    for value, count in kept.items():
        assert 0 < count <= truth[value] <= count + summary.error
    assert all(n <= summary.error for value, n in truth.items() if value not in kept)
    assert sum(kept.values()) + summary.error * len(truth) >= len(batch)
    if len(truth) <= summary.capacity:
        assert summary.exact
        assert kept == truth


def _moments_scale(state: State) -> dict[str, float]:
    size = max(abs(state["low"]), abs(state["high"])) if state["n"] else 0.0
    return {"mean_": size, "m2": state["n"] * size * size}


def _numbered(rng: np.random.Generator, n: int) -> Rows:
    return [(int(a), int(b)) for a, b in rng.integers(0, 60, (n, 2))]


def _embedding_scale(state: State) -> dict[str, float]:
    return {"mean_": 1e3, "m2": state["n"] * 1e6}


def _residuals_scale(state: State) -> dict[str, float]:
    return {"error": state["absolute"], "target_mean": 1e3, "target_m2": state["weight"] * 1e6}


AXES = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])


def _embedding(x: float = 0.5) -> Embedding:
    return Embedding(np.array([x, 0.0]), AXES.copy(), np.ones(3))


def _points(rng: np.random.Generator, n: int) -> Rows:
    return [None if z < 0.1 else (x, y) for z, x, y in zip(rng.random(n), *rng.normal(3, 30, (2, n)), strict=True)]


EDGES = np.array([-100.0, np.nextafter(0.0, -1.0), 0.0, 1.0, 2.5, 100.0])
FROZEN = ["a", "rail", "中文", "0"]
RARE = np.sort((keys_of(["b", "1"]) >> np.uint64(32)).astype(np.uint32))


def categories(names: Sequence[str] = FROZEN, complete: bool = True) -> Categories:
    """An empty `Categories` of these names, "b" and "1" rare."""
    ordered = sorted(names, key=hashed)
    return Categories(keys_of(ordered), ordered, RARE, complete)


def _columns_batch(rows: Rows) -> dict[str, tuple[str, int]]:
    return {column: (family, n) for column, family, n in rows}


def _columns_rows(rng: np.random.Generator, n: int) -> Rows:
    return [(f"c{i % 40}", ["number", "string"][int(f)], int(m)) for i, (f, m) in enumerate(rng.integers(0, 2, (n, 2)))]


def _lists(rng: np.random.Generator, n: int) -> Rows:
    gains = rng.integers(-2, 4, (n, 120)).clip(0).astype(float)
    return [(f"user {rng.integers(0, 5000)}", row[: 1 + rng.zipf(1.5) % 120].tolist()) for row in gains]


_LIST = st.tuples(
    st.sampled_from(WORDS), st.lists(st.sampled_from([0.0, 0.0, 1.0, 3.0, 1e-300, 1e300]), min_size=1, max_size=5)
)


_FEW = st.sampled_from([None, "a", "b"])
_OUTCOME = st.tuples(st.integers(0, 20), st.integers(0, 2))
_COLUMN = st.tuples(st.sampled_from(WORDS), st.sampled_from(["number", "string", "time"]), st.integers(0, 9))
_CLASS_ROW = st.tuples(CLASS, CLASS, WEIGHT)
_SCORE_ROW = st.tuples(st.booleans(), SCORE, WEIGHT)
_PAIR_ROW = st.tuples(SMALL, SMALL, WEIGHT)
_INT = st.integers(-(2**63), 2**63 - 1) | st.integers(2**53, 2**53 + 50)


_CROSS_ROW = st.tuples(*[FINITE | st.none() | st.sampled_from([math.nan, math.inf])] * 3)
_JOINT_ROW = st.tuples(ANY_FLOAT, ANY_FLOAT, LABEL, SMALL, WEIGHT)


def _cross(rng: np.random.Generator, n: int) -> Rows:
    """Three columns, one of them a little of another, with values absent."""
    values = rng.normal(1e3, 1, (n, 3))
    values[:, 2] += values[:, 0]
    values[rng.random((n, 3)) < 0.1] = np.nan
    return [tuple(row) for row in values.tolist()]


def _joints(rng: np.random.Generator, n: int) -> Rows:
    words, pairs = _words(rng, n), _pairs(rng, n)
    return [(x, z, w, e, g) for x, z, w, (_, e, g) in zip(_mixed(rng, n), _mixed(rng, n), words, pairs, strict=True)]


def cuts(at: float = 1.0) -> list[Cut]:
    """Cells of two numbers and a label."""
    names = ["a", "rail", "中文"]
    keys = np.array([hashed(name) for name in names], np.uint64)
    edges = np.array([-1.0, 0.0, at])
    return [Cut(edges, None, ["1", "2", "3", "4"]), Cut(np.zeros(0), None, ["all"]), Cut(None, keys, names)]


def _cross_scale(state: State) -> dict[str, float]:
    n, mean, m2 = state["n_rows"], *(np.frombuffer(state[name], "<f8") for name in ("mean", "m2"))
    size = max(np.abs(mean).max(initial=0.0), math.sqrt(m2.max(initial=0.0)), 1.0)
    return {"mean": size, "m2": n * size * size, "cross": n * size * size}


def _group_scale(state: State) -> dict[str, float]:
    ends = np.abs(np.concatenate([np.frombuffer(state[name], "<f8") for name in ("low", "high")]))
    return {"mean": float(ends[np.isfinite(ends)].max(initial=1.0))}


def _ints(rng: np.random.Generator, n: int) -> Rows:
    return rng.integers(2**53, 2**53 + 2000, n).tolist()


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("agreement", Agreement, st.tuples(_FEW, _FEW, _FEW), _triples, cells),
        Kind("counts", Counts, ANY_FLOAT, _mixed, numbers),
        Kind("counts-labels", Counts, LABEL, _words, labels),
        Kind("columns", Columns, _COLUMN, _columns_rows, _columns_batch),
        Kind("moments", Moments, FINITE, _mixed, numbers, scale=_moments_scale),
        Kind("moments-whole", Moments, _INT, _ints, whole, scale=_moments_scale),
        Kind(
            "quantiles", lambda: Quantiles(k=16), ANY_FLOAT, _mixed, numbers, lambda: Quantiles(k=32), check=ranks_hold,
        ),
        Kind("distinct", Distinct, ANY_FLOAT, _mixed, numbers),
        Kind("distinct-whole", Distinct, _INT, _ints, whole),
        Kind("distinct-labels", Distinct, LABEL, _words, labels),
        Kind(
            "holds", Holds, st.sampled_from([True, False, None]),
            lambda rng, n: [[True, False, None][i] for i in rng.integers(0, 3, n)], judged, loose=("examples",),
        ),
        Kind(
            "incomplete", Incomplete, st.integers(0, 3), lambda rng, n: rng.integers(0, 4, n).tolist(),
            lambda rows: IncompleteRows(len(rows), sum(row > 0 for row in rows), rows.count(3)),
        ),
        Kind(
            "repeats", lambda: Repeats(capacity=8), _OUTCOME,
            lambda rng, n: list(zip(rng.integers(0, 40, n).tolist(), rng.integers(0, 2, n).tolist(), strict=True)),
            row_keys, lambda: Repeats(capacity=9),
        ),
        Kind("topk", lambda: TopK(capacity=8), ANY_FLOAT, _mixed, numbers, lambda: TopK(capacity=9), check=tops_hold),
        Kind("topk-labels", lambda: TopK(capacity=8), LABEL, _words, labels, lambda: TopK(capacity=9), check=tops_hold),
        Kind(
            "embedding", _embedding, st.none() | st.tuples(SMALL, SMALL), _points, vectors,
            lambda: Embedding(np.zeros(3), np.zeros((4, 3)), np.ones(3)), scale=_embedding_scale,
        ),
        Kind(
            "vocabulary", lambda: Vocabulary(keys_of("raб")), LABEL, _words, words,
            lambda: Vocabulary(keys_of("ra"), complete=False),
        ),
        Kind(
            "types", Types, st.sampled_from(NAMES), lambda rng, n: [NAMES[i] for i in rng.integers(0, 7, n)],
            lambda rows: dict(Counter(rows)),
        ),
        Kind("sample", Sample, st.tuples(st.integers(0, 9), st.integers(0, 9)), _numbered, records),
        Kind("clock", Clock, ANY_FLOAT, _mixed, numbers),
        Kind("gaps", Gaps, ANY_FLOAT, _mixed, numbers),
        Kind("bins", lambda: Bins(EDGES.copy()), ANY_FLOAT, _mixed, numbers, lambda: Bins(EDGES[1:].copy())),
        Kind("crossmoments", CrossMoments, _CROSS_ROW, _cross, matrix, scale=_cross_scale),
        Kind("paircells", lambda: PairCells(cuts()), _JOINT_ROW, _joints, joint, lambda: PairCells(cuts(2.0))),
        Kind(
            "cellmoments", lambda: CellMoments(cuts(), ("error", "hit")), _JOINT_ROW, _joints, measured,
            lambda: CellMoments(cuts(), ("error",)), scale=_cross_scale,
        ),
        Kind(
            "cellmoments-weighted", lambda: CellMoments(cuts(), ("error", "hit")), _JOINT_ROW, _joints,
            lambda rows: measured(rows, weighted=True), lambda: CellMoments(cuts(2.0), ("error", "hit")),
            scale=lambda state: {**_cross_scale(state), "m2": 1e12},
        ),
        Kind(
            "errorgroups", lambda: ErrorGroups(np.array([-1.0, 1.0]), cuts()), _JOINT_ROW, _joints, measured,
            lambda: ErrorGroups(np.array([-1.0, 2.0]), cuts()), scale=_group_scale,
        ),
        Kind(
            "slicemoments", lambda: SliceMoments(cuts(), "error"), _JOINT_ROW, _joints, measured,
            lambda: SliceMoments(cuts(2.0), "error"), scale=_cross_scale,
        ),
        Kind("categories", categories, LABEL, _words, labels, lambda: categories(["a"]), loose=("examples",)),
        Kind("categories-part", lambda: categories(complete=False), LABEL, _words, labels, categories),
        Kind("confusion", Confusion, _CLASS_ROW, _classes, classified),
        Kind(
            "confusion-weighted", Confusion, _CLASS_ROW, _classes, lambda rows: classified(rows, weighted=True),
            scale=lambda _: {},
        ),
        Kind("scores", Scores, _SCORE_ROW, _scores, scored, lambda: Scores(np.array([0.5])), scale=lambda _: {}),
        Kind(
            "scores-weighted", lambda: Scores(np.array([0.1, 0.5])), _SCORE_ROW, _scores,
            lambda rows: scored(rows, weighted=True), lambda: Scores(np.array([0.1, 0.6])), scale=lambda _: {},
        ),
        Kind("ranking", Ranking, _LIST, _lists, ranked, scale=lambda _: {}),
        Kind("recommended", Recommended, _LIST, _lists, ranked),
        Kind(
            "residuals", lambda: Residuals(quantiles=Quantiles(k=16)), _PAIR_ROW, _pairs, regressed, Residuals,
            loose=("quantiles",), scale=_residuals_scale,
        ),
        Kind(
            "residuals-weighted", Residuals, _PAIR_ROW, _pairs, lambda rows: regressed(rows, weighted=True),
            lambda: Residuals(quantiles=Quantiles(k=16)), loose=("quantiles",), scale=_residuals_scale,
        ),
        Kind("density", Density, _PAIR_ROW, _pairs, regressed),
        Kind(
            "density-weighted", Density, _PAIR_ROW, _pairs, lambda rows: regressed(rows, weighted=True),
            scale=lambda _: {},
        ),
    )
}  # fmt: skip


def encoded(summary: Any) -> bytes:
    """The bytes of a summary's state: equal states have equal bytes."""
    return msgspec.msgpack.encode(summary.to_state())


def restored(summary: Any) -> Any:
    """The summary after its way through a file."""
    return type(summary).from_state(msgspec.msgpack.decode(encoded(summary)))
