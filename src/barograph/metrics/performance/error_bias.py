"""What the rows are like of which a regression says by far too little or too much."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.joint import error_groups, held, reading
from barograph.metric import Metric
from barograph.metrics.quality.association import cramers_v
from barograph.needs import Need
from barograph.overview import iso
from barograph.profile import Profile
from barograph.results import Bars, Figure, Result, Scalar, Spec, Table, Value
from barograph.schema import Schema
from barograph.summaries import ErrorGroups
from barograph.summaries.cuts import MISSING, OTHER
from barograph.summaries.errorgroups import GROUPS, UNKNOWN
from barograph.types import Floats, Ints

FIGURES_AT_MOST = 20
ROWS_AT_LEAST = 3


@dataclass(frozen=True)
class ErrorBias(Metric):
    """How much each feature tells whether a row is underestimated most, overestimated most, or among the majority.

    The cut-offs of the error, prediction - target, are the quantiles at `share` and 1 - `share` of the reference
    (without one, of the rows themselves), and stay: current rows are underestimated where their error is at or below
    the lower one, overestimated at or above the upper one. A row with the median error is always of the majority, so
    that a model that is mostly right has no tails of rows that are right.

    Value, with the label `column`: Cramer's V of the three groups and the feature's cells (at most ten of about equal
    mass, or the ten most frequent labels and the others), corrected for bias (Bergsma 2013), so that it is about 0
    where the errors have nothing to do with the feature, however few rows and many cells. Range 0 to 1, lower is
    better; unchanged when nothing has changed. No standard error. Of rows: weights play no part.

    The table has, for each side, the mean of a number in each group, or the most common value with its share; and the
    `distance` of the over- from the underestimated: of their means in parts of the range from least to largest value,
    or (labels) their total variation distance. Bars show the cells of the 20 features with the largest values.

    Exact for these cut-offs, which are within the rank error of the quantile summary. Fewer than three rows with an
    error and a value, a feature in one cell, or one group: `None`. Cost: see `ErrorGroups`; up to 100 features, or the
    one named as `column`.

    Cramer (1946); Bergsma (2013).

    >>> from barograph import Report, Schema
    >>> rows = {"city": ["Ulm", *["Bonn"] * 18, "Ulm"], "y": [0.0] * 20, "said": [-9.0, *[0.5] * 18, 7.0]}
    >>> run = Report([ErrorBias(share=0.1)]).run(rows, schema=Schema(target="y", prediction="said", task="regression"))
    >>> round(run.value("error_bias", column="city"), 2)
    0.97
    """

    column: str | None = None
    share: float = 0.05

    spec: ClassVar[Spec] = Spec(
        name="error_bias",
        title="Error bias",
        group="performance",
        help="How much each feature tells who is over- or underestimated most: Cramer's V, bias-corrected.",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if isinstance(self.share, bool) or not 0 < self.share < 0.5:
            raise ParameterError(f"a tail of {self.share!r} cannot be; give a share between 0 and 0.5")

    def needs(self, schema: Schema) -> Iterable[Need]:
        return error_groups(schema, self.share, () if self.column is None else (self.column,))

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        need = next(iter(self.needs(schema)), None)
        if need is None:
            regression = schema.task == "regression" and schema.target and schema.prediction
            why = "no feature with cells: identities, times of rows and texts have none"
            return self.result([], note=why if regression else "it needs a target and a prediction of a number")
        sides: dict[str, tuple[ErrorGroups, Need]] = {}
        for name, profile in (("reference", reference), ("current", current)):
            key = None if profile is None else held(profile.summaries, need)
            if key is not None and profile is not None:
                sides[name] = profile.summaries[key], key
        if "current" not in sides:
            return self.result(
                [],
                note="the profile was made without groups of errors, cut from a reference or from the rows of the "
                "report: run it on rows, or make a Baseline with this metric's needs",
            )
        told = {name: _association(groups, key, need) for name, (groups, key) in sides.items()}
        now, before = told["current"], told.get("reference")
        values = [
            Value(
                _number(now[0][i]),
                {"column": column},
                int(now[1][i]),
                reference=None if before is None else _number(before[0][i]),
                note="" if math.isfinite(now[0][i]) else _why(sides["current"][0], int(now[1][i])),
            )
            for i, column in enumerate(need.columns)
        ]
        order = np.argsort(-np.round(np.nan_to_num(now[0], nan=-1.0), 9), kind="stable").tolist()
        listed = [need.columns[i] for i in order]
        with np.errstate(over="ignore", invalid="ignore"):
            tables: list[Figure] = [
                _table(name, groups, key, listed, schema, dict(zip(need.columns, told[name][0], strict=True)))
                for name, (groups, key) in sides.items()
                if groups.n_rows
            ]
        drawn = [need.columns[i] for i in order if now[0][i] > 0][:FIGURES_AT_MOST]
        bars = [_bars(column, *sides["current"]) for column in drawn]
        return self.result([values[i] for i in order], [*tables, *bars], _note(sides["current"][0], schema))


def _association(groups: ErrorGroups, key: Need, need: Need) -> tuple[Floats, Ints]:
    """Of each column that is asked for: Cramer's V, and the rows it is of."""
    at = [key.columns.index(column) for column in need.columns]
    found = cramers_v(groups.counts[at, :UNKNOWN, :MISSING])
    return np.where(found.n < ROWS_AT_LEAST, np.nan, found.value), found.n


def _why(groups: ErrorGroups, n: int) -> str:
    if n < ROWS_AT_LEAST:
        return f"only {n} rows have an error and a value; at least {ROWS_AT_LEAST} are needed"
    one = int((groups.sizes > 0).sum()) < 2
    return "all rows are of one group" if one else "all values are in one cell"


def _note(groups: ErrorGroups, schema: Schema) -> str:
    unknown = groups.n_rows - int(groups.sizes.sum())
    said = [f"{unknown:,} rows without an error are left out"] if unknown else []
    return "; ".join([*said, "weights play no part"] if schema.weight else said)


def _table(
    side: str, groups: ErrorGroups, key: Need, columns: list[str], schema: Schema, found: dict[str, float]
) -> Table:
    """What each feature is like in each group."""
    heads = [f"{name} (n {n:,})" for name, n in zip(GROUPS, groups.sizes.tolist(), strict=True)]
    rows: list[list[Scalar]] = []
    for column in columns:
        c = key.columns.index(column)
        how = reading(schema, column)
        cells = _means(groups, c, how == "time") if how in ("number", "time") else _modes(groups, c)
        rows.append([column, *cells, _number(found[column])])
    return Table(f"Error bias, {side}", ["feature", *heads, "distance", "Cramer's V"], rows)


def _means(groups: ErrorGroups, c: int, time: bool) -> list[Scalar]:
    n, mean = groups.present[c], groups.mean[c]
    known = [_number(mean[g]) if n[g] else None for g in range(UNKNOWN)]
    under, _, over = known
    width = float(groups.high[c] - groups.low[c])
    distance = None if under is None or over is None or not 0 < width < math.inf else abs(over - under) / width
    shown: list[Scalar] = [None if x is None else iso(x) if time else x for x in known]
    return [*shown, distance]


def _modes(groups: ErrorGroups, c: int) -> list[Scalar]:
    """The most common value of each group with its share; labels that share a cell are no value."""
    counts = groups.counts[c, :UNKNOWN, :MISSING]
    shown: list[Scalar] = []
    for row in counts:
        top = int(row[:OTHER].argmax())
        shown.append(f"{groups.cuts[c].name(top)} ({row[top] / row.sum():.0%})" if row[:OTHER].any() else None)
    under, over = (counts[g] / max(int(counts[g].sum()), 1) for g in (0, UNKNOWN - 1))
    some = counts[0].any() and counts[-1].any()
    return [*shown, float(np.abs(over - under).sum() / 2) if some else None]


def _bars(column: str, groups: ErrorGroups, key: Need) -> Bars:
    """The cells of one feature in each group that has rows."""
    c = key.columns.index(column)
    counts = groups.counts[c, :UNKNOWN]
    filled = np.flatnonzero(counts.any(axis=0))
    series = {name: (row[filled] / row.sum()).tolist() for name, row in zip(GROUPS, counts, strict=True) if row.any()}
    cells = [groups.cuts[c].name(int(x)) for x in filled]
    return Bars(f"{column} by the size of the error", cells, series, None, {"column": column}, column)


def _number(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None
