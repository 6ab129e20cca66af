"""What a report says and in which order, before any format: verdict, what needs attention, columns by drift, groups.

No metric is named here. A column's drift is read from the verdicts of metrics whose group is drift, its missing values
from the metric whose Spec says that it is them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from barograph.render.anchors import Anchors
from barograph.render.findings import Check, Finding, Number
from barograph.render.numbers import MISSING, apart, number, plural, share
from barograph.render.segments import of_all_rows
from barograph.render.words import ICONS, MEANING, labelled, plain, span
from barograph.results import SEVERITY, Figure, Result, Run, Scalar, Side, Spec, Status, Value, Verdict, worst

GROUPS = {"performance": "Performance", "drift": "Drift", "quality": "Data quality"}


@dataclass
class Column:
    """Everything said about one column. `ratio` is the worst drift value over its threshold: 1 is at the threshold."""

    name: str
    anchor: str
    index: int = 0
    checks: list[Check] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    drift: Check | None = None
    ratio: float | None = None
    missing: Value | None = None

    @property
    def status(self) -> Status:
        """Without a verdict nothing is known: never a pass."""
        return worst([c.status for c in self.checks])


@dataclass(frozen=True)
class Part:
    """One metric's say about the whole data set."""

    result: Result
    numbers: list[Number]
    figures: list[Figure]
    findings: list[Finding]


@dataclass(frozen=True)
class Outline:
    """A run in reading order."""

    run: Run
    checks: list[Check]
    attention: list[Check]
    columns: list[Column]
    groups: dict[str, list[Part]]

    @property
    def findings(self) -> list[Finding]:
        """All lines: those of the whole data set, then those of each column."""
        whole = [f for parts in self.groups.values() for part in parts for f in part.findings]
        return whole + [f for column in self.columns for f in column.findings]

    @property
    def urgent(self) -> list[Finding]:
        """The lines of what needs attention, in that order."""
        lines = {f.check.anchor: f for f in self.findings if f.check}
        return [lines.get(c.anchor) or Finding(c.anchor, None, c) for c in self.attention]

    @property
    def ranked(self) -> list[Column]:
        """The columns whose drift is known."""
        return [c for c in self.columns if c.ratio is not None]


def outline(run: Run) -> Outline:
    """Sorts what a run says into its places. Of a run by segment, columns and groups are those of all rows."""
    specs = {r.spec.name: r.spec for r in run.results}
    whole = of_all_rows(run)
    anchors = Anchors()
    columns = _columns(whole, anchors)
    rows = _rows_behind(run)
    checks = [_check(v, specs, anchors, rows) for v in run.verdicts]
    own = [check for check in checks if "segment" not in check.verdict.labels]
    for check in own:
        if check.column is not None:
            columns[check.column].checks.append(check)
            _drift(columns[check.column], check, specs.get(check.verdict.metric))
    for column in columns.values():
        column.checks.sort(key=lambda c: SEVERITY.index(c.status))
        column.findings = sorted(_paired(column.numbers, column.checks, anchors), key=_weight)
    known = {_without_segment(c) for c in own if c.status != "pass"}
    attention = sorted(
        (c for c in checks if c.status != "pass"),
        key=lambda c: (SEVERITY.index(c.status), _repeats(c, known), *_urgency(c, specs)),
    )
    ordered = sorted(columns.values(), key=_order)
    return Outline(run, checks, attention, ordered, _groups(whole, own, anchors))


def sentence(run: Run) -> str:
    """The verdict in one sentence.

    >>> from barograph.results import Verdict
    >>> sentence(Run("r", Side("today", 10), [], [Verdict("pass", "psi", "psi < 0.1")]))
    'The only check passed.'
    """
    n = len(run.verdicts)
    if n == 0:
        return "Nothing was checked, so nothing is known."
    return tally([v.status for v in run.verdicts], "check")


def tally(statuses: list[Status], noun: str) -> str:
    """How many of each, the worst first.

    >>> tally(["pass", "fail", "pass", "warn"], "check")
    '1 of 4 checks failed, 1 gave a warning, 2 passed.'
    """
    n = len(statuses)
    found = [(s, statuses.count(s)) for s in SEVERITY if s in statuses]
    if len(found) == 1:
        return f"{f'All {plural(n, noun)}' if n > 1 else f'The only {noun}'} {MEANING[found[0][0]]}."
    first, *rest = found
    said = [f"{first[1]:,} of {plural(n, noun)} {MEANING[first[0]]}", *(f"{k:,} {MEANING[s]}" for s, k in rest)]
    return ", ".join(said) + "."


def side_line(side: Side) -> str:
    """One side on one line.

    >>> side_line(Side("today", 1200, "2026-03-01", "2026-03-02"))
    'today, 1,200 rows, 2026-03-01 to 2026-03-02'
    """
    parts = [plain(side.name), plural(side.n_rows, "row"), span(side.start, side.end)]
    if side.baseline:
        parts.append(f"baseline {plain(side.baseline, 80)}")
    return ", ".join(p for p in parts if p)


def missing_share(column: Column) -> str:
    """How much of a column is missing, as a share, or a dash."""
    if column.missing is None or column.missing.value is None:
        return MISSING
    return share(column.missing.value)


def status_word(status: Status) -> str:
    """Icon and word: status is never said by colour alone.

    >>> status_word("fail")
    '✕ fail'
    """
    return f"{ICONS[status]} {status}"


def ratio(value: float | None, threshold: float | None, spec: Spec | None) -> float | None:
    """How near a value is to its threshold, 1 being at it; `None` where that cannot be said.

    >>> ratio(0.05, 0.1, None), ratio(0.05, 0.0, None), ratio(None, 0.1, None)
    (0.5, inf, None)
    """
    if value is None or threshold is None or value != value or threshold != threshold:
        return None
    above, below = abs(value), abs(threshold)
    if spec is not None and spec.direction == "higher":
        above, below = below, above
    if below == 0:
        return float("inf") if above else 0.0
    return above / below


def _columns(run: Run, anchors: Anchors) -> dict[str, Column]:
    columns: dict[str, Column] = {}

    def at(labels: Mapping[str, str]) -> Column | None:
        name = labels.get("column")
        if name is not None and name not in columns:
            columns[name] = Column(name, anchors.of("c", name), len(columns))
        return None if name is None else columns[name]

    for result in run.results:
        for value in result.values:
            if (column := at(value.labels)) is not None:
                column.numbers.append(Number(result, value))
                if result.spec.missing:
                    column.missing = column.missing or value
        for figure in result.figures:
            column = at(figure.labels)
            if column is not None and figure not in column.figures:
                column.figures.append(figure)
    for verdict in run.verdicts:
        at(verdict.labels)
    return columns


def _rows_behind(run: Run) -> dict[object, int]:
    return {_identity(r.spec.name, r.params, v.labels): v.n for r in run.results for v in r.values}


def _identity(name: str, params: Mapping[str, Scalar], labels: Mapping[str, str]) -> object:
    return name, tuple(sorted((k, str(v)) for k, v in params.items())), tuple(sorted(labels.items()))


def _check(verdict: Verdict, specs: dict[str, Spec], anchors: Anchors, rows: dict[object, int]) -> Check:
    spec = specs.get(verdict.metric)
    unit = spec.unit if spec else ""
    value, threshold = apart(verdict.value, verdict.threshold, unit)
    return Check(
        verdict=verdict,
        anchor=anchors.of_value("f", verdict.metric, verdict.params, verdict.labels),
        title=plain(spec.title if spec else verdict.metric),
        where=labelled(verdict.labels, verdict.params, without=("column",)),
        value=value,
        threshold=threshold,
        expected=number(verdict.expected, unit),
        n=rows.get(_identity(verdict.metric, verdict.params, verdict.labels)),
    )


def _paired(numbers: list[Number], checks: list[Check], anchors: Anchors) -> list[Finding]:
    """Each number beside each check of it; checks without a number, and numbers without a check, stand alone."""
    found: list[Finding] = []
    left: dict[object, list[Check]] = {}
    for check in checks:
        verdict = check.verdict
        left.setdefault(_identity(verdict.metric, verdict.params, verdict.labels), []).append(check)
    for entry in numbers:
        name, params, labels = entry.result.spec.name, entry.result.params, entry.value.labels
        own = left.pop(_identity(name, params, labels), [])
        found += [Finding(check.anchor, entry, check) for check in own]
        if not own:
            found.append(Finding(anchors.of_value("f", name, params, labels), entry))
    return found + [Finding(check.anchor, None, check) for alone in left.values() for check in alone]


def _weight(finding: Finding) -> int:
    return SEVERITY.index(finding.status) if finding.status else len(SEVERITY)


def _drift(column: Column, check: Check, spec: Spec | None) -> None:
    """The worst drift verdict speaks for the column; one that knows nothing speaks only when no other does."""
    if spec is None or spec.group != "drift":
        return
    own = ratio(check.verdict.value, check.verdict.threshold, spec)
    if check.status in ("unknown", "error"):
        own = None
    if column.drift is None or (own is not None and (column.ratio is None or own > column.ratio)):
        column.drift, column.ratio = check, own


def _repeats(check: Check, known: set[object]) -> bool:
    """Whether a segment only says what is known of all rows."""
    return "segment" in check.verdict.labels and _without_segment(check) in known


def _without_segment(check: Check) -> object:
    verdict = check.verdict
    return _identity(verdict.metric, verdict.params, {k: v for k, v in verdict.labels.items() if k != "segment"})


def _urgency(check: Check, specs: dict[str, Spec]) -> tuple[int, float, float]:
    """The model's own performance before its inputs, the costliest first, then the farthest from its threshold."""
    spec = specs.get(check.verdict.metric)
    group = list(GROUPS).index(spec.group) if spec else len(GROUPS)
    far = ratio(check.verdict.value, check.verdict.threshold, spec)
    return group, -_cost(check), -(far or 0.0)


def _cost(check: Check) -> float:
    """How much the change would cost, or might gain; what cannot be known, or has no price, could be anything."""
    return float("inf") if check.verdict.impact is None else abs(check.verdict.impact)


def _order(column: Column) -> tuple[bool, bool, float, float, int, int]:
    """Columns that drifted first, by what that costs; then the others by how near they are to it."""
    known, drifted = column.ratio is not None, column.drift is not None and column.drift.status in ("fail", "warn")
    cost = _cost(column.drift) if drifted and column.drift else 0.0
    return not known, not drifted, -cost, -(column.ratio or 0.0), SEVERITY.index(column.status), column.index


def _groups(run: Run, checks: list[Check], anchors: Anchors) -> dict[str, list[Part]]:
    groups: dict[str, list[Part]] = {}
    for group in GROUPS:
        for result in run.results:
            if result.spec.group != group:
                continue
            numbers = [Number(result, v) for v in result.values if "column" not in v.labels]
            figures = [f for f in result.figures if "column" not in f.labels]
            own = [c for c in checks if c.column is None and c.verdict.metric == result.spec.name]
            findings = _paired(numbers, [c for c in own if c.verdict.params == result.params], anchors)
            if not findings and not result.values and result.status != "ok":
                findings = [Finding(anchors.of_value("f", result.spec.name, result.params, {}), result=result)]
            if figures or findings:
                groups.setdefault(group, []).append(Part(result, numbers, figures, findings))
    return groups
