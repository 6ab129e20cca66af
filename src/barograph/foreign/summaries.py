"""What our summaries can hold of a whylogs column."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from barograph import frame
from barograph.foreign.columns import Distribution, WhylogsColumn
from barograph.needs import Need
from barograph.schema import Family, Kind, Traits
from barograph.sketched import labels_of
from barograph.summaries import Columns, Counts, Distinct, Moments, Quantiles, TopK
from barograph.types import Numbers

CAPACITY = 1024  # the largest map that whylogs makes
REHASHED = "whylogs hashes values in another way, and its distinct counts cannot be compared with ours"

Reasons = dict[tuple[str, str], str]


class Summaries:
    """The summaries of one column, by kind."""

    def __init__(self, column: WhylogsColumn) -> None:
        self.column = column
        self.n_rows = column.n_rows

    @property
    def n_numbers(self) -> int:
        """Values that were numbers."""
        return self.column.types["integral"] + self.column.types["fractional"]

    @property
    def family(self) -> Family:
        """What most of the values were; unknown of nulls and of objects, which may be anything."""
        types = self.column.types
        found = {
            Family.NUMBER: self.n_numbers,
            Family.STRING: types["string"],
            Family.BOOLEAN: types["boolean"],
            Family.UNKNOWN: types["object"] + types["tensor"],
        }
        best = max(found, key=lambda family: found[family])
        return best if found[best] else Family.UNKNOWN

    def traits(self) -> Traits:
        """What inference of kinds looks at."""
        objects = self.column.types["object"] + self.column.types["tensor"]
        family = Family.UNSUPPORTED if self.family is Family.UNKNOWN and objects else self.family
        distinct = self.column.cardinality
        n_distinct = 0 if distinct is None else round(min(distinct.estimate, 2.0**53))
        return Traits(family, self.n_rows, n_distinct, whole=self.column.types["fractional"] == 0)

    def labels(self) -> list[str]:
        """Labels that were seen, as far as they are kept."""
        return (
            [] if self.column.frequent is None else [self._label(item.value) for item in self.column.frequent.items()]
        )

    def of_kind(self, name: str, kind: Kind) -> tuple[dict[Need, Any], Reasons]:
        """The summaries of the column as one of a kind, and why others are lacking."""
        names = (name,)
        found: dict[Need, Any] = {Need("counts", names): self._counts(kind)}
        reasons: Reasons = {}
        if kind in (Kind.NUMERIC, Kind.DATETIME):
            found |= self._of_numbers(name, self.column.distribution, "value", reasons)
            top = self._top_numbers(reasons, name)
        elif kind is Kind.TEXT:
            top = None
        else:
            top = self._truths() if kind is Kind.BOOLEAN else self._top_labels(reasons, name)
        lengths = self.column.ranges.get("string_length")
        if kind in (Kind.TEXT, Kind.CATEGORICAL) and lengths is not None:
            made = self._of_numbers(name, lengths.distribution, "length", {})
            found |= {need: summary for need, summary in made.items() if kind is Kind.TEXT or need.summary == "moments"}
        if kind is Kind.TEXT:
            reasons["bins", name] = f"the whylogs profile holds {'only the lengths' if lengths else 'nothing'} of texts"
        if top is not None:
            found[Need("topk", names)] = top
        if top is not None and top.exact:
            found[Need("distinct", names)] = _distinct(top)
        else:
            reasons["distinct", name] = REHASHED
        return found, reasons

    @staticmethod
    def columns(seen: Columns) -> dict[Need, Any]:
        """Which columns there were."""
        return {Need("columns"): seen}

    def _counts(self, kind: Kind) -> Counts:
        """Rows and what is not a value; whylogs counts the NaN of frames among the nulls, and infinities by no sign."""
        counts, types = self.column.counts, self.column.types
        null, nan, inf = counts["null"], counts["nan"], counts["inf"]
        kll = self.column.distribution
        apart = kll is not None and nan > 0 and kll.n == self.n_numbers + types["boolean"] - nan  # of rows one by one
        if types["string"]:  # of strings the two are one
            nan = 0
        elif not apart:
            null = max(null - nan, 0)
        strange = types["object"] + types["tensor"]
        if kind in (Kind.NUMERIC, Kind.DATETIME):
            strange += types["string"]
        elif kind is Kind.BOOLEAN:
            strange += types["string"] + self.n_numbers
        else:
            inf, strange = (0 if self.family is Family.STRING else inf), 0
        return Counts(max(self.n_rows, null + nan + inf + strange), null, nan, inf, 0, strange)

    def _of_numbers(self, name: str, held: Distribution | None, view: str, reasons: Reasons) -> dict[Need, Any]:
        why = "the whylogs profile holds no distribution of this column"
        if held is None:
            reasons |= {("bins", name): why, ("quantiles", name): why, ("moments", name): why}
            return {}
        quantiles = held.kll.summary()
        names = (name,)
        if quantiles.n == 0:
            return {Need("quantiles", names, view): quantiles, Need("moments", names, view): Moments()}
        moments = _moments(held, quantiles)
        if moments is None:
            reasons["moments", name] = "an infinite value spoilt the mean that whylogs keeps"
            reasons["bins", name] = reasons["moments", name]
            return {Need("quantiles", names, view): quantiles}
        return {Need("quantiles", names, view): quantiles, Need("moments", names, view): moments}

    def _top_numbers(self, reasons: Reasons, name: str) -> TopK | None:
        """Frequent numbers, where all were whole: of fractions whylogs keeps six decimals only."""
        frequent, held = self.column.frequent, self.column.distribution
        if held is not None and held.kll.exact:  # every value is still there
            top = TopK(CAPACITY)
            top.update(Numbers(held.kll.summary().weighted()[0]))
            return top
        types = self.column.types
        try:
            values = np.array([float(int(n)) for n in frequent.names]) if frequent is not None else None
        except (ValueError, OverflowError):
            values = None
        if frequent is None or values is None or types["fractional"] or types["boolean"] or values.size > CAPACITY:
            reasons["topk", name] = "whylogs keeps frequent items of whole numbers only"
            return None
        keys, inverse = np.unique((values + 0.0).view(np.uint64), return_inverse=True)
        counts = np.zeros(keys.size, np.int64)
        np.add.at(counts, inverse, np.asarray(frequent.counts, np.int64))  # beyond 2**53 some are one float
        return TopK(CAPACITY, keys, counts, None, frequent.offset)

    def _top_labels(self, reasons: Reasons, name: str) -> TopK | None:
        frequent = self.column.frequent
        if frequent is None or len(frequent.names) > CAPACITY or self.column.types["fractional"]:
            why = "the whylogs profile holds no labels of this column"
            reasons |= {("categories", name): why, ("topk", name): why}
            return None
        if not frequent.exact:
            kept = f"{len(frequent.names):,} frequent ones" if frequent.offset else "the first 128 characters"
            reasons["categories", name] = f"of the labels of this column the whylogs profile holds only {kept}"
        error = frequent.offset if frequent.exact else max(1, frequent.offset)
        return _labelled([self._label(label) for label in frequent.names], np.asarray(frequent.counts, np.int64), error)

    def _truths(self) -> TopK:
        n, true = self.column.types["boolean"], min(self.column.counts["true"], self.column.types["boolean"])
        return _labelled(["false", "true"], np.array([n - true, true]), 0)

    def _label(self, item: str) -> str:
        """Booleans are `True` there and `true` here."""
        return item.lower() if self.family is Family.BOOLEAN else item


def _distinct(top: TopK) -> Distinct:
    """The distinct values, where all of them are known."""
    distinct = Distinct()
    if top.names is None:
        distinct.update(Numbers(np.sort(top.keys.view(np.float64))))
    else:
        distinct.update(labels_of(top))
    return distinct


def _labelled(names: list[str], counts: Any, error: int) -> TopK:
    keys = frame.keys_of(names)
    order = [i for i in np.argsort(keys, kind="stable").tolist() if counts[i]]
    return TopK(CAPACITY, keys[order], counts[order], [names[i] for i in order], error)


def _moments(held: Distribution, quantiles: Quantiles) -> Moments | None:
    """As whylogs counted them; of what an infinite value spoilt anew, where every value is still there."""
    mean, m2 = held.mean, held.m2
    if quantiles.n != held.n or not (math.isfinite(mean) and math.isfinite(m2) and m2 >= 0):
        if not held.kll.exact:
            return None
        fresh = Moments()
        fresh.update(Numbers(quantiles.weighted()[0]))
        return fresh
    return Moments(quantiles.n, min(max(mean, quantiles.low), quantiles.high), m2, quantiles.low, quantiles.high)
