"""Metrics and checks on two profiles: one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version

import msgspec
import numpy as np

from barograph.chances import chance, weighed
from barograph.checks import Check
from barograph.conditions import MIN_ROWS, Chance, NoDrift, Outcome, PAtLeast
from barograph.discoveries import Levels, Tests, anything, group_levels
from barograph.errors import MergeError
from barograph.metric import Metric
from barograph.metrics.drift.cells import Comparison
from barograph.metrics.performance import ExpectedLossChange
from barograph.needs import Need
from barograph.presets import Item
from barograph.profile import SKETCHED, Profile
from barograph.results import Group, Result, Run, Spec, Status, Value, Verdict
from barograph.schema import Kind, Schema
from barograph.variation import described

ALPHA = 0.01
NAMED_AT_MOST = 5

DRIFTED_SHARE = Spec(
    name="drifted_share",
    title="Share of drifted columns",
    group="drift",
    help="Columns with at least one failed drift check, of all columns that could be judged.",
    unit="ratio",
    direction="lower",
    range=(0.0, 1.0),
    reference="required",
)


def evaluate(
    items: Iterable[Item],
    current: Profile,
    reference: Profile | None = None,
    *,
    alpha: float = ALPHA,
    title: str = "Report",
) -> Run:
    """Compute every metric once, judge its values, and roll up.

    `alpha` is the chance that any calibrated check of the run fails when nothing has changed, however many values they
    judge; where something has, it is the share of what they find that is found by chance (`group_levels`).

    Raises `MergeError` where the profiles were counted against different baselines, saying both.
    """
    case = computed(items, current, reference)
    return case.run(alpha, group_levels(case.tests, alpha), title)


@dataclass(frozen=True)
class Case:
    """The metrics of two profiles, computed once, and what is to be judged of them: `jobs`, and `silent` checks that
    have no value to judge. `unjudged` are columns of which the reference knows too little, `said` notes of whoever
    chose the reference."""

    current: Profile
    reference: Profile | None
    results: dict[Metric, Result]
    jobs: list[tuple[Check, Value]]
    silent: list[Check]
    unjudged: list[str]
    waiting: bool
    said: list[str] = field(default_factory=list)

    @cached_property
    def chances(self) -> list[Chance]:
        """What chance can do to each value to be judged, beside `jobs`."""
        return [chance(check, value, self.current, self.reference) for check, value in self.jobs]

    @cached_property
    def tests(self) -> Tests:
        """The p-values that share the rate of false alarms, by the group of their metric."""
        found: dict[Group, list[float]] = {}
        for (check, _), known in zip(self.jobs, self.chances, strict=True):
            if check.calibrated and known.p_value is not None and not known.idle:
                found.setdefault(check.metric.spec.group, []).append(known.p_value)
        return found

    def judged(self, levels: Levels) -> list[Verdict]:
        """The verdicts, `levels` being the rate of false alarms of each calibrated one."""
        return [
            *(_result_verdict(check, self.results[check.metric]) for check in self.silent),
            *(
                self._priced(check, _judged(check, value, chance, levels[check.metric.spec.group]))
                for (check, value), chance in zip(self.jobs, self.chances, strict=True)
            ),
        ]

    @cached_property
    def costs(self) -> dict[str, Value]:
        """What the change of each column is expected to cost."""
        found = (result.values for metric, result in self.results.items() if isinstance(metric, ExpectedLossChange))
        return {value.labels["column"]: value for values in found for value in values}

    def _priced(self, check: Check, verdict: Verdict) -> Verdict:
        """A verdict of drift with what the change of its column would cost. Two columns together have no price."""
        cost = self.costs.get(verdict.labels.get("column", ""))
        if cost is None or check.metric.spec.group != "drift" or "other" in verdict.labels:
            return verdict
        return msgspec.structs.replace(verdict, impact=cost.value, impact_of=cost.labels["of"])

    def run(self, alpha: float, levels: Levels, title: str, n_windows: int = 0) -> Run:
        """What is found where each p-value is held to its group's level; by chance, a share `alpha` of runs finds any.

        `n_windows` share that rate where the run is one of the windows of a timeline.
        """
        verdicts = self.judged(levels)
        rolled = self.drifted_share(verdicts)
        return Run(
            title=title,
            current=self.current.side(),
            results=[*self.calibrated(levels["drift"]).values(), *([rolled] if rolled else [])],
            verdicts=verdicts,
            reference=self.reference.side() if self.reference else None,
            notes=[*self.notes(), *fineprint(self, alpha, self.tests, n_windows)],
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            version=version("barograph"),
            alpha=alpha if self.tests else None,
            p_value=anything(self.tests),
        )

    def calibrated(self, level: float) -> dict[Metric, Result]:
        """The results, those of drift metrics with what chance does to each of their values, checked or not."""
        return {metric: self._calibrated(metric, result, level) for metric, result in self.results.items()}

    def _calibrated(self, metric: Metric, result: Result, level: float) -> Result:
        if not isinstance(metric, Comparison) or self.reference is None:
            return result
        values = [weighed(metric, value, self.current, self.reference, level) for value in result.values]
        return msgspec.structs.replace(result, values=values)

    def drifted_share(self, verdicts: list[Verdict]) -> Result | None:
        """Roll-up of the drift checks, whatever their condition: of the columns judged, how many drifted."""
        of_drift = {(c.metric.spec.name, str(c.condition)) for c, _ in self.jobs if _of_drift(c)}
        judged = [v for v in verdicts if (v.metric, v.condition) in of_drift and "column" in v.labels]
        judged = [v for v in judged if "other" not in v.labels]  # what two columns do together says of neither alone
        if not judged:
            return None
        columns = {v.labels["column"] for v in judged if v.status in ("pass", "fail", "warn")}
        drifted = sorted({v.labels["column"] for v in judged if v.status in ("fail", "warn")})
        if not columns:
            return Result(DRIFTED_SHARE, values=[Value(None, note="no column was judged")], status="unknown")
        named = ": " + ", ".join(drifted[:NAMED_AT_MOST]) + ("..." if len(drifted) > NAMED_AT_MOST else "")
        note = f"{len(drifted)} of {len(columns)}{named if drifted else ''}"
        return Result(DRIFTED_SHARE, values=[Value(len(drifted) / len(columns), n=len(columns), note=note)])

    def notes(self) -> list[str]:
        """What could not be computed or judged."""
        notes = [*self.said, *(f"{r.spec.name}: {r.note}" for r in self.results.values() if r.status == "error")]
        if self.waiting:
            notes.append(f"No labels in column {self.current.schema.target!r} yet: nothing is said of it.")
        if self.unjudged:
            more = f" and {len(self.unjudged) - 10} more" if len(self.unjudged) > 10 else ""
            shown = ", ".join(self.unjudged[:10]) + more
            notes.append(f"Too few values in the reference to judge: {shown} (or too many labels).")
        known = {} if self.reference is None else self.reference.reasons
        if sketched := {column: why for (sort, column), why in known.items() if sort == SKETCHED}:
            shown = ", ".join(list(sketched)[:10]) + (f" and {len(sketched) - 10} more" if len(sketched) > 10 else "")
            notes.append(f"The reference is read from sketches: of {shown}, {max(sketched.values())}.")
        alone = [c.condition.p for c, v in self.jobs if isinstance(c.condition, PAtLeast) and v.value is not None]
        if alone:
            notes.append(
                f"The {len(alone)} checks of p-values are judged each alone: about {sum(alone):.2g} fail by chance."
            )
        return notes


def computed(items: Iterable[Item], current: Profile, reference: Profile | None) -> Case:
    """Compute every metric once, and list what is to be judged. Raises `MergeError` for different baselines."""
    if reference is not None and current.baseline_id != reference.baseline_id:
        made, of = (f"baseline {i}" if i else "no baseline" for i in (current.baseline_id, reference.baseline_id))
        raise MergeError(
            f"the current profile was made against {made}, the reference is of {of}; profile both against one baseline"
        )
    listed = list(items)
    metrics = dict.fromkeys(item.metric if isinstance(item, Check) else item for item in listed)
    results = {metric: _computed(metric, current, reference) for metric in metrics}
    checks = [item for item in listed if isinstance(item, Check)]
    jobs, unjudged = _jobs(checks, results, reference)
    waiting = not labelled(current)
    if waiting:
        jobs = [job for job in jobs if job[1].labels.get("column") != current.schema.target]
    return Case(current, reference, results, jobs, _silent(checks, jobs), unjudged, waiting)


def fineprint(case: Case, alpha: float, tests: Tests, n_windows: int) -> list[str]:
    """What false alarms are promised, and which class the numbers are about."""
    notes = []
    if n_shared := sum(map(len, tests.values())):
        shared = f"{n_shared} calibrated checks share it"
        if len(tests) > 1:
            shared += f", {' and '.join(sorted(tests))} in equal parts"
        promise = f"At most {alpha:g} of such reports fail by chance alone, whose {shared}."
        if n_windows > 1:
            promise = (
                f"Of the windows that fail, at most {alpha:g} do so by chance alone: all {n_windows} share that rate."
            )
        notes.append(f"{promise} {described(case.current, case.reference)}")
    schema = (case.reference or case.current).schema
    if schema.binary and any(metric.spec.group == "performance" for metric in case.results):
        notes.append(f"The positive class is {schema.positive!r}.")
    return notes


def needed(items: Iterable[Item], schema: Schema) -> Iterator[Need]:
    """What a run of these reads of a profile."""
    yield Need("columns")
    if schema.timestamp:
        yield from (Need("moments", (schema.timestamp,)), Need("quantiles", (schema.timestamp,)))
    for column in schema.profiled:
        yield Need("counts", (column,))
    for column in schema.segment_columns:  # who is among the others
        if schema.kinds.get(column, Kind.TEXT) is not Kind.TEXT:
            yield Need("topk", (column,))
    for item in items:
        metric = item.metric if isinstance(item, Check) else item
        yield from metric.needs(schema)


def labelled(profile: Profile) -> bool:
    """Whether there are labels, where the schema promises some: they often come later than the rows."""
    counts = profile.get("counts", profile.schema.target) if profile.schema.target else None
    return profile.n_rows == 0 or profile.schema.target is None or bool(counts and counts.n_present)


def _computed(metric: Metric, current: Profile, reference: Profile | None) -> Result:
    try:
        # sums of values near the end of float64 overflow, the smallest weights vanish: the result says so, and no
        # warning need
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return metric.compute(current, reference)
    except Exception as error:  # noqa: BLE001 - one failing metric is a result; the report survives
        return Result(metric.spec, metric.params, status="error", note=f"{type(error).__name__}: {error}")


def _jobs(
    checks: list[Check], results: dict[Metric, Result], reference: Profile | None
) -> tuple[list[tuple[Check, Value]], list[str]]:
    """Values to judge, and columns that the reference knows too little of for it."""
    jobs: list[tuple[Check, Value]] = []
    unjudged: dict[str, None] = {}
    for check in checks:
        judged = reference is not None and check.weighs_chance and _reads_values(check, reference)
        against = reference if judged else None
        for value in results[check.metric].values:
            if not check.concerns(value):
                continue
            column = value.labels.get("column")
            if against is not None and column and (_thin(against, column) or _unanswered(check, value, against)):
                unjudged[column] = None
            else:
                jobs.append((check, value))
    return jobs, list(unjudged)


def _reads_values(check: Check, reference: Profile) -> bool:
    """Whether a metric reads values that are present, and not only how many are."""
    return any(need.summary not in ("counts", "columns") for need in check.metric.needs(reference.schema))


def _unanswered(check: Check, value: Value, reference: Profile) -> bool:
    """Whether the reference itself has no answer, so that no current rows could be judged by it."""
    if check.metric.spec.group == "drift" and value.value is None:
        return any((cells, value.labels.get("column")) in reference.reasons for cells in ("bins", "categories"))
    return check.metric.spec.group == "quality" and value.value is None and value.reference is None


def _thin(reference: Profile, column: str) -> bool:
    counts = reference.get("counts", column)
    return counts is not None and bool(counts.n_present < MIN_ROWS)


def _silent(checks: list[Check], jobs: list[tuple[Check, Value]]) -> list[Check]:
    """Checks that judge no value at all: they must not vanish, for what is not there cannot fail."""
    judging = {id(check) for check, _ in jobs}
    return [check for check in checks if id(check) not in judging]


def _result_verdict(check: Check, result: Result) -> Verdict:
    status: Status = "error" if result.status == "error" else "unknown"
    concerned = [value for value in result.values if check.concerns(value)]
    reason = "the reference has too few values to judge any column, or too many labels; ignore such columns"
    if result.values and not concerned:
        reason = f"no value has the labels {check.where}"
    elif not result.values:
        reason = result.note
    return Verdict(
        status,
        result.spec.name,
        str(check.condition),
        params=result.params,
        severity=check.severity,
        reason=reason,
    )


def _judged(check: Check, value: Value, chance: Chance, alpha: float) -> Verdict:
    spec = check.metric.spec
    made = Verdict(
        "unknown",
        spec.name,
        str(check.condition),
        value.value,
        labels=value.labels,
        params=check.metric.params,
        severity=check.severity,
    )
    if chance.error:
        return _with(made, Outcome("error", reason=chance.error))
    if value.value is None:
        return _with(made, Outcome("unknown", reason=value.note or "its value is not known"))
    if check.weighs_chance and value.n < MIN_ROWS:
        return _with(made, Outcome("unknown", reason=f"only {value.n} rows; at least {MIN_ROWS} are needed"))
    try:
        outcome = check.condition.judge(value.value, value, spec, alpha, chance)
    except Exception as error:  # noqa: BLE001 - as above
        outcome = Outcome("error", reason=f"{type(error).__name__}: {error}")
    return _with(
        made, replace(outcome, status="warn") if (outcome.status, check.severity) == ("fail", "warn") else outcome
    )


def _with(verdict: Verdict, outcome: Outcome) -> Verdict:
    return msgspec.structs.replace(
        verdict,
        status=outcome.status,
        threshold=outcome.threshold,
        expected=outcome.expected,
        reason=outcome.reason,
        p_value=outcome.p_value,
        finding=outcome.finding,
    )


def _of_drift(check: Check) -> bool:
    return check.metric.spec.group == "drift" or isinstance(check.condition, NoDrift)
