"""A run as Prometheus series: names from the metrics' own specs, labels made safe, cardinality capped.

    barograph_psi{column="age"} 0.31              the value; its name is `barograph_`, the metric's, and its unit
    barograph_psi_threshold{column="age"} 0.1     what it was held against (absent where there is no single number)
    barograph_check_status{metric="psi",column="age"} 3

One status series a check and not one for each state (OpenMetrics' state set): five times the series would break the
budget of a model with a hundred features. The codes are in the order of severity, so that `max()` means "the worst",
and `barograph_checks{status="..."}` counts the checks in every state, which needs no code. What calibrated checks found
together is `barograph_findings{finding="drift"}`, "real but small" or "no evidence", and `barograph_p_value`.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from prometheus_client.core import Metric

from barograph.results import FINDINGS, SEVERITY, Result, Run, Spec, Status, Value, Verdict
from barograph.run import DRIFTED_SHARE

STATUS_CODES: dict[Status, int] = {status: code for code, status in enumerate(reversed(SEVERITY))}
LABEL_AT_MOST = 100
CLASSES_AT_MOST = 20
TAG = 8
OWN_LABELS = ("average", "view")  # labels whose values come from metrics and not from data
_RESERVED_LABELS = {"le", "quantile", "model", "model_version", "window", "metric", "condition", "job", "instance"}
_RESERVED_ENDINGS = ("_count", "_sum", "_total", "_bucket", "_info", "_created")

CHECK_STATUS = "barograph_check_status"
CHECK_STATUS_HELP = f"Verdict of a check: {', '.join(f'{code} {status}' for status, code in STATUS_CODES.items())}."
FOUND, FOUND_HELP = "barograph_findings", "Calibrated checks by what they found."
P_VALUE, P_VALUE_HELP = "barograph_p_value", "Chance of what all calibrated checks found when nothing has changed."


class Series(NamedTuple):
    """One gauge's sample with the family it belongs to."""

    name: str
    help: str
    labels: dict[str, str]
    value: float


@dataclass
class Group:
    """All series about one column (or one class): exported together or left out together."""

    series: list[Series] = field(default_factory=list)
    urgency: tuple[int, float] = (0, 0.0)


@dataclass(frozen=True)
class Exported:
    """Series of one run, and how many columns or classes had no room."""

    series: list[Series]
    left_out: int


@lru_cache(maxsize=1024)
def metric_name(spec: Spec) -> str:
    """Name of a metric's gauge: prefix, name, unit; never with an ending that Prometheus keeps for other types."""
    if spec == DRIFTED_SHARE:
        return "barograph_drifted_columns_ratio"
    stem = "barograph_" + re.sub(r"[^a-zA-Z0-9_]", "_", spec.name)
    if spec.unit and not stem.endswith(f"_{spec.unit}"):
        return f"{stem}_{spec.unit}"
    return f"{stem}_value" if stem.endswith(_RESERVED_ENDINGS) else stem


@lru_cache(maxsize=1024)
def label_name(name: str) -> str:
    """A label's name that Prometheus takes and that is none of ours."""
    safe = re.sub(r"[^a-zA-Z0-9_]", "_", name)
    return f"of_{safe}" if safe in _RESERVED_LABELS or not safe or safe[0].isdigit() or safe.startswith("__") else safe


@lru_cache(maxsize=8192)
def label_value(text: str, at_most: int = LABEL_AT_MOST) -> str:
    """A label's value from data: printable, clipped, and still distinct from others by a tag of its hash.

    >>> label_value("age"), label_value("a" * 200, 20)
    ('age', 'aaaaaaaaaaa~c2a908d9')
    """
    safe = "".join(c if c.isprintable() else "�" for c in text[: at_most + 1])
    if safe == text and len(text) <= at_most:
        return text
    tag = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:TAG]
    return f"{safe[: at_most - TAG - 1]}~{tag}"


def exported(
    run: Run,
    labels: Mapping[str, str],
    *,
    first: Iterable[str] = (),
    columns_at_most: int = 100,
    series_at_most: int = 2_000,
    every_value: bool = False,
) -> Exported:
    """Series of a run: values, thresholds and verdicts, the most urgent columns first where there is no room for all.

    `first` are columns that come before all others and do not count (prediction, scores, target). Without
    `every_value`, values of quality and drift metrics that no check judges are left out.
    """
    fixed = Group()
    groups: dict[tuple[str, str], Group] = {}
    for key, series, urgency in _all_series(run, dict(labels), every_value):
        group = fixed if key is None else groups.setdefault(key, Group())
        group.series += series
        group.urgency = max(group.urgency, urgency)
    fixed.series += _counts(run, dict(labels))
    sorts = {key: "first" if key[1] in set(first) else key[0] for key in groups}
    room = {"first": len(groups), "class": CLASSES_AT_MOST, "column": columns_at_most}
    order = list(room)
    ranked = sorted(groups, key=lambda key: (order.index(sorts[key]), *(-u for u in groups[key].urgency)))
    kept, left_out = list(fixed.series), 0
    for key in ranked:
        series = groups[key].series
        if room[sorts[key]] and len(kept) + len(series) <= series_at_most:
            kept += series
            room[sorts[key]] -= 1
        else:
            left_out += 1
    return Exported(kept, left_out)


_Row = tuple[tuple[str, str] | None, list[Series], tuple[int, float]]


def _all_series(run: Run, labels: dict[str, str], every_value: bool) -> Iterator[_Row]:
    judged = _judged(run.verdicts)
    specs: dict[str, Spec] = {}
    done: set[tuple[str, str, str]] = set()
    for result in run.results:
        specs[result.spec.name] = result.spec
        for value in result.values:
            key = _identity(result.spec.name, result.params, value.labels)
            if key in done:
                continue
            done.add(key)
            verdicts = judged.pop(key, [])
            if verdicts or every_value or not value.labels or result.spec.group == "performance":
                yield _row(result, value, verdicts, labels)
    for verdicts in judged.values():  # checks that found no value to judge must not vanish
        spec, verdict = specs[verdicts[0].metric], verdicts[0]
        yield _row(Result(spec, verdict.params), Value(None, verdict.labels), verdicts, labels)


def _judged(verdicts: Iterable[Verdict]) -> dict[tuple[str, str, str], list[Verdict]]:
    """Verdicts by the value they are on, one for each condition: the worst (a check without values has no column)."""
    found: dict[tuple[str, str, str], dict[str, Verdict]] = {}
    for verdict in verdicts:
        mine = found.setdefault(_identity(verdict.metric, verdict.params, verdict.labels), {})
        known = mine.setdefault(verdict.condition, verdict)
        if STATUS_CODES[verdict.status] > STATUS_CODES[known.status]:
            mine[verdict.condition] = verdict
    return {key: list(mine.values()) for key, mine in found.items()}


def _row(result: Result, value: Value, verdicts: list[Verdict], labels: dict[str, str]) -> _Row:
    spec, name = result.spec, metric_name(result.spec)
    about = {label_name(k): label_value(str(v)) for k, v in {**result.params, **value.labels}.items()}
    own = {**labels, **about}
    series = [] if value.value is None else [Series(name, spec.help, own, float(value.value))]
    if value.reference is not None and spec.group == "performance":
        series.append(Series(f"{name}_reference", f"On the reference: {spec.help}", own, float(value.reference)))
    urgency = (0, 0.0)
    for number, verdict in enumerate(verdicts):
        # a second check of the same value is told apart by its condition; the usual single one needs no label for it
        where = {"condition": label_value(verdict.condition)} if number else {}
        if verdict.threshold is not None:
            about_it = f"What the value was held against: {spec.help}"
            series.append(Series(f"{name}_threshold", about_it, {**own, **where}, float(verdict.threshold)))
        status = {**labels, "metric": spec.name, **about, **where}
        series.append(Series(CHECK_STATUS, CHECK_STATUS_HELP, status, STATUS_CODES[verdict.status]))
        urgency = max(urgency, _urgency(verdict, spec))
    return _group_key(value.labels), series, urgency


def _identity(metric: str, params: Mapping[str, object], labels: Mapping[str, str]) -> tuple[str, str, str]:
    return metric, repr(sorted(params.items())), repr(sorted(labels.items()))


def _group_key(labels: Mapping[str, str]) -> tuple[str, str] | None:
    """What of the data a value is about; `None` for the whole."""
    if "column" in labels:
        return "column", labels["column"]
    data = sorted((k, v) for k, v in labels.items() if k not in OWN_LABELS)
    return ("class", repr(data)) if data else None


def _urgency(verdict: Verdict, spec: Spec) -> tuple[int, float]:
    """How much a verdict deserves room: failures, then warnings, then what is nearest to its threshold."""
    rank = {"error": 2, "fail": 2, "warn": 1}.get(verdict.status, 0)
    if verdict.value is None or verdict.threshold is None:
        return rank, 0.0
    value, threshold = abs(verdict.value), abs(verdict.threshold)
    near, far = (threshold, value) if spec.direction == "higher" else (value, threshold)
    return rank, near / far if far else (math.inf if near else 1.0)


def _counts(run: Run, labels: dict[str, str]) -> list[Series]:
    """How many checks are in each state, those at 0 too; what they found; and how sure it is that anything changed."""
    told = "Checks by their verdict."
    counts = {status: sum(v.status == status for v in run.verdicts) for status in STATUS_CODES}
    series = [Series("barograph_checks", told, {**labels, "status": s}, n) for s, n in counts.items()]
    if run.p_value is None:
        return series
    found = {finding: sum(v.finding == finding for v in run.verdicts) for finding in FINDINGS}
    series += [Series(FOUND, FOUND_HELP, {**labels, "finding": finding}, n) for finding, n in found.items()]
    return [*series, Series(P_VALUE, P_VALUE_HELP, labels, run.p_value)]


def gauges(series: Iterable[Series]) -> list[Metric]:
    """Families of gauges: each name once, however its samples are scattered."""
    found: dict[str, Metric] = {}
    for name, told, labels, value in series:
        family = found.setdefault(name, Metric(name, told, "gauge"))
        family.add_sample(name, labels, value)
    return list(found.values())
