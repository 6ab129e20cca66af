"""What a table's statements give -> the summaries of a profile."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import polars as pl

from barograph import frame, joint
from barograph.baseline import Baseline
from barograph.engines.sql import statements
from barograph.engines.sql.database import Database
from barograph.engines.sql.statements import ABSENT, Cut
from barograph.engines.sql.types import Type
from barograph.errors import SchemaError
from barograph.needs import Need
from barograph.profile import Profile
from barograph.schema import Family, Kind
from barograph.summaries import Bins, Confusion, Counts, Moments, Scores
from barograph.summaries.distinct import EXACT_UP_TO
from barograph.summaries.scores import EPSILON
from barograph.types import Absent, Floats, Ints, Labels, Numbers
from barograph.views import as_classes

# columns that one statement counts: a row store is read once for many, in a column store each is read alone
SETS_AT_MOST = {"postgres": 30, "duckdb": 1}
TIMES = "times"  # beside distinct values: how many rows each stands for
LABELLED = ("counts", "distinct", "topk", "categories")


class Table:
    """A table whose rows are to be counted in the bins of a baseline."""

    def __init__(self, database: Database, table: str, baseline: Baseline, most: int) -> None:
        self.database, self.baseline, self.schema, self.most = database, baseline, baseline.schema, most
        self.source = database.source(table)
        self.types = database.columns(self.source)
        self.left_out: list[str] = []
        self.n_rows = 0

    def answers(self, need: Need) -> bool:
        """Whether a need can be counted in a database."""
        if need.summary == "columns":
            return True
        if need.summary in ("confusion", "scores"):
            return self.schema.weight is None
        if len(need.columns) != 1 or need.summary not in (*LABELLED, "bins", "moments"):
            return False
        kind = self.schema.kinds.get(need.columns[0])
        if kind is None or kind is Kind.EMBEDDING or need.view not in ("value", *_views_of(kind)):
            return False
        if need.summary in ("distinct", "topk"):
            labelled = kind is Kind.TEXT or not kind.ordered
            return self.schema.roles.get(need.columns[0]) != "id" and (labelled or self._few(need.columns[0]))
        return True

    def _few(self, column: str) -> bool:
        """Whether the reference had so few different numbers that each is worth asking for."""
        seen = self.baseline.profile.get("distinct", column)
        return seen is not None and bool(seen.exact)

    def count(self, made: Profile) -> list[str]:
        """Count the rows into a profile of none; gives what could not be counted, and why."""
        cuts = [Cut(c, sort, self._edges(made, c)) for c, sort in self._those(made, ordered=True)]
        self._count_numbers(made, cuts)
        for column, sort in self._those(made, ordered=False):
            self._count_labels(made, column, sort)
        for need in made.summaries:
            if need.summary == "confusion":
                self._count_confusion(made, need)
            elif need.summary == "scores":
                self._count_scores(made, need)
        seen = made.get("columns")
        if seen is not None:
            seen.update({column: (self._family(made, column).value, self.n_rows) for column in self.types})
        made.n_rows = self.n_rows
        return self.left_out

    def _those(self, made: Profile, *, ordered: bool) -> Iterator[tuple[str, Type]]:
        """Columns to count that the table has. Raises `SchemaError` for one that its kind cannot be counted from."""
        for column in made.columns:
            name, sort = self.types.get(column, ("", None))
            kind = self.schema.kinds[column]
            of_numbers = kind.ordered and kind is not Kind.TEXT
            if column not in self.types or of_numbers is not ordered or not made.get("counts", column):
                continue
            if sort is None:
                if ordered:
                    raise SchemaError(f"column {column!r} is of type {name}, which is not counted; cast it in a SELECT")
                self.left_out.append(f"{column!r} of type {name}")
                continue
            stored = sort.family
            if ordered and (stored is Family.STRING or (kind is Kind.DATETIME and stored is not Family.TIME)):
                raise SchemaError(
                    f"column {column!r} is {kind.value} in the baseline and {name} in the database; "
                    "cast it in a SELECT, or freeze the baseline from what the database holds"
                )
            yield column, sort

    def _family(self, made: Profile, column: str) -> Family:
        """How a column is stored; not known of one that holds nothing, as of rows."""
        counts: Counts | None = made.get("counts", column)
        if counts is not None and 0 < self.n_rows == counts.n_null:
            return Family.UNKNOWN
        sort = self.types[column][1]
        return Family.UNSUPPORTED if sort is None else sort.family

    @staticmethod
    def _edges(made: Profile, column: str) -> Floats:
        bins: Bins | None = made.get("bins", column)
        return np.zeros(0) if bins is None else bins.edges

    def _count_numbers(self, made: Profile, cuts: list[Cut]) -> None:
        dialect = self.database.dialect
        most = SETS_AT_MOST[dialect]
        ends: list[Any] = []
        parts = [cuts[at : at + most] for at in range(0, len(cuts), most)]
        for some in parts or [[]]:
            self.n_rows, *more = self.database.rows(statements.extremes(self.source, some, dialect))[0]
            ends += more
        for at, some in enumerate(parts):
            told = np.array(ends[4 * most * at :][: 4 * len(some)], object).reshape(-1, 4)
            scales = [max(abs(low), abs(high)) or 1.0 if low is not None else 1.0 for low, _, high, _ in told]
            spread = self.database.rows(statements.sums(self.source, some, scales, dialect))[0]
            counts = self._cells(some)
            for i, cut in enumerate(some):
                self._fill(made, cut, counts[i], told[i], scales[i], spread[2 * i : 2 * i + 2])
        for cut in cuts:
            if self._few(cut.column):
                self._count_values(made, cut.column, cut.sort)

    def _cells(self, cuts: list[Cut]) -> list[dict[int, int]]:
        """How many rows are in each cell of each column, by the code that `statements.cell` gives it."""
        if self.database.dialect != "duckdb":
            rows = self.database.rows(statements.cells(self.source, cuts, self.database.dialect))
            return [{row[at]: row[-1] for row in rows if row[at] is not None} for at in range(len(cuts))]
        (found,) = self.database.rows(statements.histograms(self.source, cuts))
        told = []
        for at, cut in enumerate(cuts):
            upto, *absent = found[5 * at : 5 * at + 5]
            uppers = [*cut.edges.tolist(), math.inf]
            counts = {cell: n for cell, upper in enumerate(uppers) if (n := (upto or {}).get(upper, 0))}
            told.append(counts | dict(zip(ABSENT.values(), absent, strict=True)))
        return told

    def _fill(
        self, made: Profile, cut: Cut, counts: dict[int, int], ends: Sequence[Any], scale: float, spread: Sequence[Any]
    ) -> None:
        absent = Absent(**{name: counts.get(code, 0) for name, code in ABSENT.items()})
        n = self.n_rows - absent.total
        made.get("counts", cut.column).update(_Sized(n, absent))
        bins: Bins | None = made.get("bins", cut.column)
        if bins is not None:
            bins.counts = np.array([counts.get(at, 0) for at in range(cut.edges.size + 1)], np.int64)
        moments: Moments | None = made.get("moments", cut.column)
        if moments is not None and n:
            low, least, high, most = ends
            found = moments_of(n, float(spread[0]) * scale, float(spread[1]) * scale * scale * n, low + 0.0, high + 0.0)
            if least is not None:
                found.least, found.most = (e if int(float(e)) != e else None for e in (int(least), int(most)))
            made.summaries[Need("moments", (cut.column,))] = found

    def _count_values(self, made: Profile, column: str, sort: Type) -> None:
        """Numbers of which few are different: which, and how often each is there."""
        batch, times = self._distinct([(column, sort)], EXACT_UP_TO + 1)
        if batch.height > EXACT_UP_TO:  # too many to be worth it: their number is not known here
            for summary in ("distinct", "topk"):
                made.summaries.pop(Need(summary, (column,)), None)
            return
        found = frame.weighted_numbers(batch, column, times)
        for summary in ("distinct", "topk"):
            if (one := made.get(summary, column)) is not None:
                one.update(found)

    def _count_labels(self, made: Profile, column: str, sort: Type) -> None:
        kind = self.schema.kinds[column]
        batch, times = self._distinct([(column, sort)], self.most + 1)
        if batch.height > self.most or made.get("distinct", column) is None:
            if batch.height > self.most:
                self.left_out.append(f"{column!r}, which has more than {self.most:,} labels")
            counts = self._missing(column, sort)
            made.get("counts", column).update(counts)
            for need in [n for n in made.summaries if n.columns == (column,) and n.summary != "counts"]:
                del made.summaries[need]
            return
        found = frame.weighted_labels(batch, column, times, boolean=kind is Kind.BOOLEAN)
        if column in (self.schema.target, self.schema.prediction) and kind is not Kind.TEXT:
            found = as_classes(found, self.schema.classes)
        for need, summary in made.summaries.items():
            if need.columns != (column,):
                continue
            if need.view == "value":
                summary.update(found)
            else:
                made.summaries[need] = _seen(summary, frame.row_view(batch, column, need.view), times)

    def _missing(self, column: str, sort: Type) -> Labels:
        """What is not there of a column whose labels are too many to be told."""
        rows = self.database.rows(statements.missing(self.source, column, sort))
        absent = Absent(*rows[0])
        nothing = np.zeros(0, np.uint64)
        there = np.array([self.n_rows - absent.total], np.int64)
        return Labels(nothing, there, lambda _: [], absent)

    def _distinct(self, columns: list[tuple[str, Type]], most: int) -> tuple[pl.DataFrame, Ints]:
        """Different values of columns, together, and how many rows have them."""
        rows = self.database.rows(statements.distinct(self.source, columns, most, self.database.dialect))
        made = {name: _series([row[at] for row in rows], sort) for at, (name, sort) in enumerate(columns)}
        return pl.DataFrame(made), np.array([row[-1] for row in rows], np.int64)

    def _count_confusion(self, made: Profile, need: Need) -> None:
        target, other = need.columns
        if target not in self.types or other not in self.types:
            return
        if other == self.schema.prediction:
            batch, times = self._distinct([(c, self._known(c)) for c in need.columns], self.most + 1)
        else:
            batch, times = self._predicted(target, other)
        weighted = msgspec.structs.replace(self.schema, weight=TIMES)
        found = joint.outcomes(batch.with_columns(pl.Series(TIMES, times)), weighted, need)
        k = len(found.classes)
        flat = np.bincount(found.target * k + found.prediction, found.weight, minlength=k * k)
        sums: Floats = flat.reshape(k, k).astype(np.float64)
        n = int(sums.sum())
        counted = Confusion(found.classes, sums, sums.copy(), n, int(times.sum()) - n)
        made.summaries[need] = made.summaries[need].merge(counted)

    def _predicted(self, target: str, score: str) -> tuple[pl.DataFrame, Ints]:
        """A row for each target and each side of the threshold, with a score of that side; none where there is none."""
        below = float(np.nextafter(self.schema.threshold, -np.inf))
        rows = self._scored(target, score, np.array([below]))
        values = [None if row[1] < 0 else self.schema.threshold if row[1] else below for row in rows]
        batch = pl.DataFrame({target: self._targets(target, rows), score: pl.Series(values, dtype=pl.Float64)})
        return batch, np.array([row[2] for row in rows], np.int64)

    def _scored(self, target: str, score: str, edges: Floats) -> list[Sequence[Any]]:
        cut = Cut(score, self._known(score), edges)
        asked = statements.scores(self.source, cut, (target, self._known(target)), EPSILON, self.database.dialect)
        return self.database.rows(asked)

    def _targets(self, target: str, rows: list[Sequence[Any]]) -> pl.Series:
        return _series([row[0] for row in rows], self._known(target))

    def _known(self, column: str) -> Type:
        name, sort = self.types[column]
        if sort is None:
            raise SchemaError(f"column {column!r} is of type {name}, which is not counted; cast it in a SELECT")
        return sort

    def _count_scores(self, made: Profile, need: Need) -> None:
        target, score = need.columns
        if target not in self.types or score not in self.types:
            return
        summary: Scores = made.summaries[need]
        rows = self._scored(target, score, summary.edges)
        batch = pl.DataFrame({target: self._targets(target, rows)})
        present = frame.row_labels(batch, target).present
        positive = frame.codes(batch, target, (need.label,)) == 0
        cell, n = (np.array([row[at] for row in rows], np.int64) for at in (1, 2))
        sums = np.array([[0.0 if v is None else v for v in row[3:]] for row in rows], np.float64).reshape(-1, 10)
        keep = present & (cell >= 0)
        for chosen, prefix in ((keep & positive, "positive"), (keep & ~positive, "negative")):
            rows_in_cell = np.bincount(cell[chosen], n[chosen], minlength=summary.edges.size + 1).astype(np.float64)
            setattr(summary, prefix, rows_in_cell)
            setattr(summary, f"{prefix}2", rows_in_cell.copy())
        totals: Floats = np.bincount(cell[keep], sums[keep, 0], minlength=summary.edges.size + 1).astype(np.float64)
        summary.total = totals
        yes, no = sums[keep & positive].sum(axis=0), sums[keep & ~positive].sum(axis=0)
        summary.positive_loss, summary.positive_loss2 = -float(yes[1]), float(yes[2])
        summary.logloss, summary.logloss2 = -float(yes[1] + no[3]), float(yes[2] + no[4])
        summary.brier, summary.brier2 = float(yes[5] + no[7]), float(yes[6] + no[8])
        summary.n, summary.n_outside = int(n[keep].sum()), int(sums[keep, 9].sum())
        summary.n_dropped = int(n.sum()) - summary.n


class _Sized(Numbers):
    """So many numbers, which nobody asks for."""

    def __init__(self, n: int, absent: Absent) -> None:
        self.__dict__ |= {"n": n, "absent": absent}

    n: int

    @property
    def size(self) -> int:
        return self.n


def _views_of(kind: Kind) -> tuple[str, ...]:
    if kind is Kind.TEXT:
        return ("length", "letters", "digits", "spaces", "others")
    return ("length",) if kind is Kind.CATEGORICAL else ()


def _seen(summary: Any, values: Floats, times: Ints) -> Any:
    """A view of texts, of which each stands for so many, counted."""
    there = np.isfinite(values)
    values, times = values[there] + 0.0, times[there]
    if isinstance(summary, Bins):
        cell = np.searchsorted(summary.edges, values, side="left")
        return Bins(summary.edges, np.bincount(cell, times, minlength=summary.edges.size + 1).astype(np.int64))
    n = int(times.sum())
    if not n:
        return Moments()
    mean = float(values @ times) / n
    return moments_of(n, mean, float(((values - mean) ** 2) @ times), float(values.min()), float(values.max()))


def moments_of(n: int, mean: float, m2: float, low: float, high: float) -> Moments:
    """Moments from sums that a database rounded its own way: inside the extremes, and nothing of a constant."""
    if low == high:
        return Moments(n, low, 0.0, low, high)
    return Moments(n, min(max(mean, low), high), max(m2, 0.0), low, high)


def _series(values: list[Any], sort: Type) -> pl.Series:
    """Values of a database as a column of the type that the rows would have."""
    if sort.family is Family.STRING:
        return pl.Series([None if v is None else bytes(v).decode("utf-8") for v in values], dtype=pl.String)
    if sort.family is Family.TIME:
        return pl.Series(values, dtype=pl.Int64).cast(pl.Datetime("us")).cast(sort.dtype or pl.Datetime("us"))
    if sort.dtype is None:  # decimals, of the scale that they come in
        return pl.Series(values, dtype=None if any(v is not None for v in values) else pl.Null)
    return pl.Series(values, dtype=sort.dtype)


__all__ = ["Table"]
