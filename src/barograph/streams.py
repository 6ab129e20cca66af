"""What the windows of a timeline say together: evidence of drift column by column, and a state to go on from."""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from barograph.checks import Check
from barograph.codec import decode, encode, read_file
from barograph.conditions import NoDrift
from barograph.errors import FormatError, MergeError, ParameterError
from barograph.metric import label
from barograph.metrics.drift.cells import Cells, Comparison
from barograph.metrics.drift.psi import PSI
from barograph.profile import Profile
from barograph.results import Finding, Labels, Spec, Status, Stream, Timeline, Value, Verdict
from barograph.run import Case
from barograph.sequential import Detector, Evidence
from barograph.stream_cells import StreamCells, Variation, natural_variation, stream_cells
from barograph.types import Floats

AT_LEAST = 0.1
TEXT_AT_MOST = 1000

EVIDENCE = Spec(
    name="drift_evidence",
    title="Evidence of drift over windows",
    group="drift",
    help="Decimal logarithm of the e-value for drift that all windows up to this one give together.",
    direction="lower",
    reference="required",
)


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    """What is kept of a column: the start of the window in which its evidence began, and of that in which it was enough
    (empty before), how large the change is since then, and the state of its evidence."""

    column: str
    view: str
    since: str
    detected: str
    size: float | None
    evidence: dict[str, Any]

    def __post_init__(self) -> None:
        if max(map(len, (self.since, self.detected))) > TEXT_AT_MOST or not math.isfinite(self.size or 0.0):
            raise ValueError("no start of a window, or no size")


class _Saved(msgspec.Struct):
    state: str = ""


class State(msgspec.Struct, forbid_unknown_fields=True):
    """What is kept of a stream. `last` is the start of its last window."""

    baseline: str | None = None
    last: str = ""
    columns: list[_Kept] = []


@dataclass
class _Watched:
    """A column with its check and cells, and what its windows said."""

    labels: Labels
    check: Check
    cells: StreamCells
    variation: Variation
    since: str = ""
    detected: str = ""
    size: float | None = None
    values: list[Value | None] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        return self.cells.column, self.cells.view

    @property
    def rows(self) -> Floats:
        """Those of the reference in each cell, as many as would be known from independent ones."""
        return self.cells.reference / self.variation.effect


def streams(
    windows: Sequence[tuple[str, Case | None]], reference: Profile, alpha: float, before: State
) -> tuple[list[Stream], str]:
    """The evidence over windows in order of time, each with its start, for every column that a calibrated check of
    drift is about; and the state after the last, from which later windows can go on.

    Windows of time that the state `before` them already has are not counted again.

    Raises `FormatError` where a column's state is damaged.
    """
    kept = {(column.column, column.view): column for column in before.columns}
    watched = _watched((case for _, case in windows if case), reference)
    states = []
    for each in watched:
        known = kept.get(each.key)
        states.append(Evidence.from_state(known.evidence) if known else Evidence.empty(each.cells.reference.size))
        if known:
            each.since, each.detected, each.size = known.since, known.detected, known.size
    detector = Detector([each.rows for each in watched], [each.cells.ordered for each in watched], alpha, states)
    last = before.last
    for start, case in windows:
        known_already = not start.isdecimal() and start <= before.last
        _count(detector, watched, start, None if case is None or known_already else case.current, reference)
        last = max(last, start) if not start.isdecimal() else ""
    for each, now in zip(watched, detector.states(), strict=True):
        kept[each.key] = _Kept(*each.key, each.since, each.detected, each.size, dict(now.to_state()))
    after = State(reference.baseline_id, last, list(kept.values()))
    return [_stream(each, alpha, len(watched)) for each in watched], _written(after) if kept else ""


def resumed(timeline: Timeline | str | Path | None, reference: Profile | None, reset: Iterable[str] = ()) -> State:
    """The state in a timeline, or in the file of its JSON, without that of columns to `reset`; a first one of none.

    Raises `FormatError` where there is none or it is damaged, `MergeError` where it is of another reference,
    `ParameterError` for a column that it does not have.
    """
    forgotten = {reset} if isinstance(reset, str) else set(reset)
    state = _saved(timeline, reference)
    if unknown := sorted(forgotten - {kept.column for kept in state.columns}):
        known = ", ".join(sorted({kept.column for kept in state.columns})[:20]) or "none: give `resume`"
        raise ParameterError(f"there is no evidence about {unknown[0]!r} to reset; columns with some are {known}")
    state.columns = [kept for kept in state.columns if kept.column not in forgotten]
    return state


def _saved(timeline: Timeline | str | Path | None, reference: Profile | None) -> State:
    if timeline is None or reference is None:
        return State()
    if isinstance(timeline, Timeline):
        state = timeline.state
    else:
        try:
            state = msgspec.json.decode(read_file(timeline), type=_Saved).state
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FormatError(f"{timeline} is no timeline's JSON: {error}") from error
    if not state:
        raise FormatError("the timeline to resume has no state: it was made without a reference")
    return _read(state, reference)


def described(reference: Profile) -> str:
    """What streams take for granted, for a reader."""
    said = "Evidence over windows takes windows as independent of each other"
    if reference.windows is None:
        return f"{said}, and their rows: where days differ by nature, it grows without anything being wrong."
    return f"{said}; rows count for less by as much as the {len(reference.windows)} windows of the reference vary."


def _watched(cases: Iterable[Case], reference: Profile) -> list[_Watched]:
    """The columns and views that calibrated checks of drift judge, each with the check of PSI where there is one."""
    checks: dict[tuple[str, str], Check] = {}
    for case in cases:
        for check, value in case.jobs:
            if not isinstance(check.condition, NoDrift) or not isinstance(check.metric, Comparison):
                continue
            if not value.labels.keys() <= {"column", "view"} or "column" not in value.labels:
                continue
            key = value.labels["column"], value.labels.get("view", "value")
            if key not in checks or (isinstance(check.metric, PSI) and not isinstance(checks[key].metric, PSI)):
                checks[key] = check
    found = []
    for (column, view), check in checks.items():
        cells = stream_cells(reference, column, view)
        if cells is not None:
            variation = natural_variation(reference.windows, cells)
            found.append(_Watched(label(column, view), check, cells, variation))
    return found


def _count(detector: Detector, watched: list[_Watched], start: str, window: Profile | None, reference: Profile) -> None:
    """Count a window in, or a gap."""
    counts = np.zeros((len(watched), max((each.cells.reference.size for each in watched), default=0)))
    effects = np.ones(len(watched))
    for at, each in enumerate(watched if window is not None else ()):
        assert window is not None
        found = each.cells.counts(window)
        if found is not None:
            counts[at, : found.size] = found
            effects[at] = each.variation.design_effect(window, reference.windows)
    seen, idle = counts.sum(axis=1) > 0, detector.n_windows == detector.began
    evidence = detector.update(counts, effects) / math.log(10) if watched else np.zeros(0)
    thresholds = detector.thresholds / math.log(10)
    for at, each in enumerate(watched):
        if not seen[at]:
            each.values.append(None)
            continue
        if idle[at] and not each.detected:
            each.since = start
        if detector.detected[at] is not None:
            each.detected = each.detected or start
            size = _size(detector.recent(at), each.rows, each.variation.effect)
            each.size = each.size if size is None else size
        n = int(counts[at].sum())
        each.values.append(Value(float(evidence[at]), n=n, threshold=float(thresholds[at])))


def _size(counts: Floats, reference: Floats, effect: float) -> float | None:
    """PSI less what it is in the mean of as many rows when nothing has changed; `None` of no rows.

    Both sides are effective rows: what varies by nature does so in one direction, all others are quieter by `effect`.
    """
    n, m = float(counts.sum()), float(reference.sum())
    if n <= 0:
        return None
    psi = float(PSI().statistic(counts, reference, Cells(counts.astype(np.int64), reference.astype(np.int64))))
    return max(0.0, psi - (1 + (counts.size - 2) / effect) * (1 / n + 1 / m))


def _stream(each: _Watched, alpha: float, n_columns: int) -> Stream:
    condition = each.check.condition
    own = isinstance(each.check.metric, PSI) and isinstance(condition, NoDrift)
    at_least = condition.at_least if own and isinstance(condition, NoDrift) else AT_LEAST
    known = [value for value in each.values if value is not None]
    status: Status = "unknown" if not known else "pass"
    finding: Finding = "no evidence" if known else ""
    reason = "the windows show no drift" if known else "no window has the column"
    if each.detected:
        material = each.size is not None and each.size > at_least
        finding, status = ("drift", each.check.severity) if material else ("real but small", "pass")
        reason = f"drift began about {each.since} and was found in the window from {each.detected}; "
        reason += f"its PSI is {each.size or 0.0:.3g}, and {at_least:g} matters"
    verdict = Verdict(
        status,
        EVIDENCE.name,
        f"no drift over the windows (alpha {alpha:g}, {n_columns} together)",
        known[-1].value if known else None,
        known[-1].threshold if known else None,
        labels=each.labels,
        severity=each.check.severity,
        reason=reason,
        finding=finding,
    )
    since = each.since if each.detected else None
    return Stream(EVIDENCE, verdict, each.values, each.labels, since, each.detected or None, each.size)


def _written(state: State) -> str:
    return b64encode(encode("stream", msgspec.to_builtins(state, builtin_types=(bytes,)))).decode()


def _read(state: str, reference: Profile) -> State:
    try:
        read = msgspec.convert(decode("stream", b64decode(state, validate=True), "the state of a stream"), State)
    except (ValueError, TypeError) as error:  # msgspec's errors and those of base64 are ValueErrors
        raise FormatError(f"the state of a stream is damaged: {error}") from error
    if read.baseline != reference.baseline_id:
        raise MergeError(
            f"the state is of a stream against baseline {read.baseline}, the reference is {reference.baseline_id}; "
            "start the stream anew, or give the reference it began with"
        )
    return read
