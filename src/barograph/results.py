"""The narrow waist: what a metric says, as data. Metrics make these, verdicts judge them, renderers draw them.

Spec      what a metric is: name, title, unit, direction
Value     one number with its labels, its bounds (the error of the summary it was read from), its sampling
          error and the rows behind it
Figure    data for a picture, never a drawing: Bars, Lines, Heat, Table
Result    a metric's values and figures
Verdict   one value held against one condition
Segment   one of the groups of rows that a report tells apart
Run       everything one report says; Timeline a Run for each window
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

Direction = Literal["lower", "higher", "zero", "none"]
Group = Literal["quality", "drift", "performance"]
Status = Literal["pass", "warn", "fail", "unknown", "error"]
Unit = Literal["", "ratio", "rows", "columns", "seconds"]
Finding = Literal["", "no evidence", "real but small", "drift"]
FINDINGS: tuple[Finding, ...] = ("drift", "real but small", "no evidence")
Labels: TypeAlias = dict[str, str]
Scalar: TypeAlias = str | int | float | bool | None


class Spec(msgspec.Struct, frozen=True):
    """What a metric is, for every output.

    `direction` is where better lies (`"lower"`, `"higher"`, `"zero"`, or `"none"`); `range` the values it can take,
    `None` where open; `reference` whether it compares; `group` the folder it lives in; `missing` says that it is the
    share of missing values, which reports show beside each column's name.
    """

    name: str
    title: str
    group: Group
    help: str
    unit: Unit = ""
    direction: Direction = "none"
    range: tuple[float | None, float | None] = (None, None)
    reference: Literal["none", "optional", "required"] = "none"
    missing: bool = False


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """One number.

    `value` is `None` where it cannot be known, and `note` says why. `low <= truth on all rows <= high` bounds the error
    of the summary the number was read from (both `None` where it is exact up to rounding). `se` is the sampling
    standard error, `p_value` the chance of at least this value when nothing has changed. `n` counts the rows behind it.
    `reference` is the same number on the reference, where there is one, and `reference_se` its sampling error. `dummy`
    is what predictions that know nothing of the rows would get on them. Of a share, `count` is how many there are of
    `total` (the `n` rows, where that is not said). Of a drift metric `expected` is its mean when nothing has changed,
    and `threshold` what it then exceeds at the rate of false alarms of the run; what matters is for a check to say.
    """

    value: float | None
    labels: Labels = {}
    n: int = 0
    low: float | None = None
    high: float | None = None
    se: float | None = None
    p_value: float | None = None
    reference: float | None = None
    reference_se: float | None = None
    note: str = ""
    dummy: float | None = None
    count: int | None = None
    total: int | None = None
    expected: float | None = None
    threshold: float | None = None


class Bars(msgspec.Struct, frozen=True, tag="bars"):
    """Shares per cell, one list a series, e.g. reference and current. `edges` (one more than cells) where ordered.

    Numbers other than shares (a metric by segment) have a `y_title` of their own, without the word.
    """

    title: str
    cells: list[str]
    series: dict[str, list[float]]
    edges: list[float] | None = None
    labels: Labels = {}
    x_title: str = ""
    y_title: str = "share"


class Line(msgspec.Struct, frozen=True):
    """One curve; gaps are `None`."""

    name: str
    x: list[float]
    y: list[float | None]


class Lines(msgspec.Struct, frozen=True, tag="lines"):
    """Curves over one axis, e.g. ROC. `diagonal` asks for the line of no skill (ROC) or perfection (calibration)."""

    title: str
    lines: list[Line]
    x_title: str
    y_title: str
    labels: Labels = {}
    diagonal: bool = False


class Heat(msgspec.Struct, frozen=True, tag="heat"):
    """A matrix, e.g. confusion: `values[row][column]`, `None` where not known.

    `middle` is the value where two colours part, such as 0 for correlations; without it one colour grows from 0.
    """

    title: str
    rows: list[str]
    columns: list[str]
    values: list[list[float | None]]
    x_title: str
    y_title: str
    labels: Labels = {}
    middle: float | None = None


class Table(msgspec.Struct, frozen=True, tag="table"):
    """Rows of cells under named columns."""

    title: str
    columns: list[str]
    rows: list[list[Scalar]]
    labels: Labels = {}


Figure: TypeAlias = Bars | Lines | Heat | Table


class Result(msgspec.Struct, frozen=True):
    """What one metric says. `status` is `ok`, `unknown` (nothing to say it from; `note` says why) or `error`.

    `params` are the parameters that differ from the metric's defaults: part of its identity.
    """

    spec: Spec
    params: dict[str, Scalar] = {}
    values: list[Value] = []
    figures: list[Figure] = []
    status: Literal["ok", "unknown", "error"] = "ok"
    note: str = ""


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value held against one condition.

    `threshold` is the number it was held against after calibration, `expected` the value to expect when nothing has
    changed, `p_value` the chance of at least this value then, `reason` one sentence for people. `finding` says what a
    calibrated condition found: nothing beyond noise, something beyond noise that is too small to matter, or drift.
    """

    status: Status
    metric: str
    condition: str
    value: float | None = None
    threshold: float | None = None
    expected: float | None = None
    labels: Labels = {}
    params: dict[str, Scalar] = {}
    severity: Literal["warn", "fail"] = "fail"
    reason: str = ""
    p_value: float | None = None
    finding: Finding = ""


class Side(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was compared: a name, its rows, its time range as ISO 8601, its baseline's hash."""

    name: str
    n_rows: int
    start: str | None = None
    end: str | None = None
    baseline: str | None = None


class Segment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One segment of a run: its `name` is the label `segment` of its values and verdicts.

    `keys` are its values by column, `None` where the column is null, or its condition by its own name; none at all for
    the rows that share one segment.
    `n_reference` are the rows of the same segment of the reference. `status` is the worst verdict on it; it is
    `unknown` where nothing was judged, and `note` says why.
    """

    name: str
    n_rows: int
    keys: dict[str, str | None] = {}
    n_reference: int | None = None
    status: Status = "unknown"
    note: str = ""


class Run(msgspec.Struct, frozen=True):
    """Everything one report says about one batch or window.

    Of a report by segment, values and verdicts without the label `segment` are of all rows. `alpha` is the rate of
    false alarms that its calibrated checks share, `p_value` the chance that anything at all is found when nothing has
    changed; `None` where no check is calibrated.
    """

    title: str
    current: Side
    results: list[Result]
    verdicts: list[Verdict]
    reference: Side | None = None
    notes: list[str] = []
    created: str = ""
    version: str = ""
    segments: list[Segment] = []
    alpha: float | None = None
    p_value: float | None = None

    @property
    def finding(self) -> Finding:
        """What all calibrated checks together found: drift, what is real but small, no evidence; empty without any."""
        found = {v.finding for v in self.verdicts}
        return next((f for f in FINDINGS if f in found), "")

    @property
    def status(self) -> Status:
        """The worst that was found: `error`, `fail`, `unknown`, `warn`, else `pass`. No verdict at all is `unknown`."""
        return worst([v.status for v in self.verdicts])

    @property
    def passed(self) -> bool:
        """Whether there is at least one verdict, and every one is a pass or a warning."""
        return bool(self.verdicts) and all(v.status in ("pass", "warn") for v in self.verdicts)

    def summary(self) -> dict[str, Any]:
        """Counts of verdicts by status, and whether all passed."""
        counts: dict[str, int] = {s: sum(v.status == s for v in self.verdicts) for s in SEVERITY}
        return {"status": self.status, "all_passed": self.passed, "n_checks": len(self.verdicts), **counts}

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, dicts and numbers, with a `summary` on top; NaN-free, so strict JSON."""
        return {"summary": self.summary(), **msgspec.to_builtins(self)}

    def value(self, metric: str, **labels: str) -> float | None:
        """The number of one metric, e.g. `run.value("psi", column="age")`; of all rows unless a `segment` is named.

        Raises `KeyError` naming what there is.
        """
        found = self.narrowed(metric, **labels)
        if len(found) != 1:
            there = sorted(
                {f"{r.spec.name}{v.labels}" for r in self.results for v in r.values if r.spec.name == metric}
            )
            known = there or sorted({r.spec.name for r in self.results})
            raise KeyError(f"{len(found)} values of {metric!r} with {labels}; there are {', '.join(known[:20])}")
        return found[0].value

    def find(self, metric: str, **labels: str) -> list[Value]:
        """All values of a metric whose labels and parameters include the given ones."""
        found: dict[tuple[tuple[str, str], ...], Value] = {}
        for result in self.results:
            for value in result.values if result.spec.name == metric else ():
                identity = {**{k: str(p) for k, p in result.params.items()}, **value.labels}
                if labels.items() <= identity.items():
                    found.setdefault(tuple(sorted(identity.items())), value)
        return list(found.values())

    def narrowed(self, metric: str, **labels: str) -> list[Value]:
        """What `find` finds, without the values of segments unless a `segment` is named."""
        return [v for v in self.find(metric, **labels) if "segment" in labels or "segment" not in v.labels]

    def verdict(self, metric: str, **labels: str) -> Verdict | None:
        """The worst verdict on a metric's values with these labels; `None` where nothing judged them."""
        mine = [v for v in self.verdicts if v.metric == metric and labels.items() <= v.labels.items()]
        return min(mine, key=lambda v: SEVERITY.index(v.status), default=None)


class Window(msgspec.Struct, frozen=True):
    """One window of a timeline: `start <= timestamp < end` (ISO 8601), or rows `start` to `end`; no run is a gap."""

    start: str
    end: str
    n_rows: int
    run: Run | None = None


class Timeline(msgspec.Struct, frozen=True):
    """The same report over window after window."""

    title: str
    every: str
    windows: list[Window]
    reference: Side | None = None
    notes: list[str] = []
    created: str = ""
    version: str = ""

    @property
    def status(self) -> Status:
        """The worst of all windows; gaps are no verdict."""
        return worst([w.run.status for w in self.windows if w.run])

    @property
    def passed(self) -> bool:
        """Whether there is at least one window with rows, and every such window passed."""
        runs = [w.run for w in self.windows if w.run]
        return bool(runs) and all(run.passed for run in runs)

    def series(self, metric: str, **labels: str) -> list[float | None]:
        """One number a window (of all rows unless a `segment` is named), `None` where nothing is known."""
        found = [w.run.narrowed(metric, **labels) if w.run else [] for w in self.windows]
        return [values[0].value if len(values) == 1 else None for values in found]

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, dicts and numbers."""
        counts: dict[str, int] = {s: sum(w.run.status == s for w in self.windows if w.run) for s in SEVERITY}
        summary = {"status": self.status, "all_passed": self.passed, "n_windows": len(self.windows), **counts}
        return {"summary": summary, **msgspec.to_builtins(self)}


SEVERITY: tuple[Status, ...] = ("error", "fail", "unknown", "warn", "pass")


def worst(statuses: list[Status]) -> Status:
    """The first in `SEVERITY` that occurs; `unknown` when there is none.

    >>> worst(["pass", "warn", "unknown"])
    'unknown'
    """
    return next((s for s in SEVERITY if s in statuses), "unknown")
