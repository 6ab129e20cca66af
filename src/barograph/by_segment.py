"""One run over all rows and over each segment of them, every segment held against the same segment of the reference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

import msgspec

from barograph.checks import Check
from barograph.conditions import MIN_ROWS
from barograph.discoveries import Levels, Tests, anything, group_levels
from barograph.metric import Metric
from barograph.presets import Item
from barograph.profile import Profile
from barograph.results import (
    Bars,
    Direction,
    Group,
    Labels,
    Result,
    Run,
    Segment,
    Value,
    Verdict,
    worst,
)
from barograph.run import ALPHA, Case, computed, fineprint
from barograph.segments import OTHER, By, Key, Segments, by_text, segment_name

SHOWN_AT_MOST = 30


class _Part(NamedTuple):
    """A segment with what was computed of it; nothing where it has no rows now."""

    segment: Segment
    case: Case | None = None
    judged: bool = False


def evaluate_segments(
    items: Callable[[Profile], list[Item]],
    current: Segments,
    reference: Segments | None = None,
    *,
    alpha: float = ALPHA,
    title: str = "Report",
) -> Run:
    """Compute every metric on all rows and on each segment, judge, and roll up.

    `items` says what is asked of a profile. Values and verdicts of a segment have the label `segment`. `alpha` is the
    chance that any calibrated check of the run fails when nothing has changed: all rows and all segments share it.

    A segment with fewer than 10 rows on either side, without rows now, or unknown to the reference is not judged: its
    status is `unknown` and its note says why. What a larger segment has too few values for is said in its note, and not
    held against the run, for the same check of all rows judges it. Counts of columns are judged of all rows only.

    Raises `MergeError` where the two were counted against different baselines.
    """
    cases = computed_segments(items, current, reference)
    return cases.run(alpha, group_levels(cases.tests, alpha), title)


def computed_segments(
    items: Callable[[Profile], list[Item]], current: Segments, reference: Segments | None = None
) -> SegmentCases:
    """Compute every metric on all rows and on each segment, and list what is to be judged. Raises `MergeError`."""
    case = computed(items(current.whole), current.whole, reference.whole if reference else None)
    parts = [_part(key, items, current, reference) for key in _keys(current, reference)]
    return SegmentCases(current, reference, case, parts)


class SegmentCases(NamedTuple):
    """What was computed of all rows and of each segment, to be judged at one level."""

    current: Segments
    reference: Segments | None
    whole: Case
    parts: list[_Part]

    @property
    def tests(self) -> Tests:
        """The p-values that share the rate of false alarms, by the group of their metric."""
        found: dict[Group, list[float]] = {}
        for case in [self.whole, *(part.case for part in self.parts if part.case and part.judged)]:
            for group, p_values in case.tests.items():
                found.setdefault(group, []).extend(p_values)
        return found

    def run(self, alpha: float, levels: Levels, title: str, n_windows: int = 0) -> Run:
        """What is found where each p-value is held to its level; see `Case.run`."""
        verdicts, tests = self.whole.judged(levels), self.tests
        told = [_Told(part, part.case.judged(levels) if part.case and part.judged else []) for part in self.parts]
        said = _said(self.current, self.reference, self.parts)
        return Run(
            title=title,
            current=self.current.side(),
            results=[_drawn(result) for result in _joined(self.whole, verdicts, told, levels["drift"])],
            verdicts=[*verdicts, *(v for one in told for v in one.verdicts)],
            reference=self.reference.side() if self.reference else None,
            notes=[*said, *self.whole.notes(), *fineprint(self.whole, alpha, tests, n_windows)],
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            version=version("barograph"),
            segments=[one.segment for one in told],
            alpha=alpha if tests else None,
            p_value=anything(tests),
        )


def narrowed(profile: Profile) -> Profile:
    """A segment's profile without the columns that it is told by, which say nothing inside it."""
    schema = profile.schema
    kept = {c: kind for c, kind in schema.kinds.items() if c not in schema.segment_columns or c in schema.roles}
    made = Profile(schema.replace(kinds=kept), profile.summaries, profile.n_rows, profile.baseline_id, profile.name)
    made.windows = profile.windows
    return made


def _keys(current: Segments, reference: Segments | None) -> list[Key]:
    known = dict.fromkeys([*current.keys, *(reference.keys if reference else ()), OTHER])
    asked = {(name,) for name in current.by} if isinstance(current.by, dict) else set()
    return [key for key in known if key in asked or key in current.parts or (reference and key in reference.parts)]


def _keys_of(key: Key, by: By) -> dict[str, str | None]:
    """The value of a segment in each column, or its condition by name; nothing for what no value or condition tells."""
    if isinstance(by, dict):
        return {name: by[name] for name in key if name is not None}
    return dict(zip(by, key, strict=bool(key)))


def _part(key: Key, items: Callable[[Profile], list[Item]], current: Segments, reference: Segments | None) -> _Part:
    now, then = current.part(key), reference.part(key) if reference else None
    segment = Segment(segment_name(key), now.n_rows, _keys_of(key, current.by), then.n_rows if then else None)
    note = _unjudged(segment)
    if not now.n_rows:
        return _Part(msgspec.structs.replace(segment, note=note))
    ours = narrowed(now)
    case = computed([_of_rows(item) for item in items(ours)], ours, narrowed(then) if then else None)
    return _Part(msgspec.structs.replace(segment, note=note), case, judged=not note)


def _of_rows(item: Item) -> Item:
    """How many columns are empty, constant or changed is a matter of the table, and judged once: in few rows a column
    is easily constant, and no condition on a count of columns knows noise."""
    return item.metric if isinstance(item, Check) and item.metric.spec.unit == "columns" else item


def _unjudged(segment: Segment) -> str:
    """Why nothing of a segment can be judged; empty where it can."""
    if not segment.n_rows:
        return "no rows now"
    if segment.n_reference == 0:
        return "not in the reference"
    least = min(segment.n_rows, segment.n_rows if segment.n_reference is None else segment.n_reference)
    return f"too few rows to judge: at least {MIN_ROWS} are needed on either side" if least < MIN_ROWS else ""


class _Told:
    """A segment's verdicts, labelled with its name; those that its rows are too few for are in its note instead."""

    def __init__(self, part: _Part, verdicts: list[Verdict]) -> None:
        name = part.segment.name
        self.part = part
        self.rolled = part.case.drifted_share(verdicts) if part.case else None
        self.verdicts = [
            msgspec.structs.replace(v, labels={**v.labels, "segment": name}) for v in verdicts if v.status != "unknown"
        ]
        note = part.segment.note
        unknown = list(dict.fromkeys(_about(v) for v in verdicts if v.status == "unknown"))
        if unknown:
            more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
            note = f"cannot be judged: {', '.join(unknown[:5])}{more}"
        status = worst([v.status for v in verdicts])
        self.segment = msgspec.structs.replace(part.segment, status=status, note=note)


def _about(verdict: Verdict) -> str:
    return f"{verdict.metric} of {verdict.labels['column']}" if "column" in verdict.labels else verdict.metric


def _joined(whole: Case, verdicts: list[Verdict], told: list[_Told], level: float) -> list[Result]:
    """One result a metric: the values of all rows, then those of each segment."""
    found = _with_roll_up(whole, whole.drifted_share(verdicts), level)
    for one in told:
        if one.part.case is not None:
            for metric, result in _with_roll_up(one.part.case, one.rolled, level).items():
                labelled = _labelled(result, one)
                found[metric] = _both(found[metric], labelled) if metric in found else labelled
    return list(found.values())


def _with_roll_up(case: Case, rolled: Result | None, level: float) -> dict[Metric | None, Result]:
    found: dict[Metric | None, Result] = dict(case.calibrated(level).items())
    if rolled is not None:
        found[None] = rolled
    return found


def _labelled(result: Result, told: _Told) -> Result:
    """A segment's result. Its pictures are kept where something did not pass: nobody looks at those of 50 segments."""
    name = told.segment.name
    values = [msgspec.structs.replace(v, labels={**v.labels, "segment": name}) for v in result.values]
    if not values and result.status != "ok":
        values = [Value(None, {"segment": name}, told.segment.n_rows, note=result.note)]
    concerned = {v.labels.get("column") for v in told.verdicts if v.status != "pass"}
    figures = [
        msgspec.structs.replace(f, labels={**f.labels, "segment": name})
        for f in result.figures
        if f.labels.get("column") in concerned
    ]
    return msgspec.structs.replace(result, values=values, figures=figures)


def _both(a: Result, b: Result) -> Result:
    statuses = {a.status, b.status}
    status = "error" if "error" in statuses else "ok" if "ok" in statuses else "unknown"
    return msgspec.structs.replace(
        a, values=[*a.values, *b.values], figures=[*a.figures, *b.figures], status=status, note=a.note or b.note
    )


def _drawn(result: Result) -> Result:
    """With a picture of the number by segment, the worst first, where it is one number about the rows as a whole."""
    if result.spec.group == "quality":  # of rows and columns, which the list of segments and the notes tell
        return result
    groups: dict[tuple[tuple[str, str], ...], list[Value]] = {}
    for value in result.values:
        about = tuple((k, v) for k, v in value.labels.items() if k != "segment")
        if value.value is not None and all(name == "average" for name, _ in about):
            groups.setdefault(about, []).append(value)
    pictures = [_by_segment(result, dict(about), values) for about, values in groups.items() if len(values) > 2]
    return msgspec.structs.replace(result, figures=[*result.figures, *pictures]) if pictures else result


def _by_segment(result: Result, about: Labels, values: list[Value]) -> Bars:
    """All rows, then the worst segments, each with its number of rows."""
    whole = [value for value in values if "segment" not in value.labels]
    told = [value for value in values if "segment" in value.labels]
    ordered = sorted(told, key=lambda value: _badness(value, result.spec.direction), reverse=True)
    shown = [*whole, *ordered[:SHOWN_AT_MOST]]
    extent = f", the worst {SHOWN_AT_MOST} of {len(told)}" if len(told) > SHOWN_AT_MOST else ""
    cells = [f"{v.labels.get('segment', '(all rows)')} (n {v.n:,})" for v in shown]
    series = {"current": [v.value for v in shown if v.value is not None]}
    against = [v.reference for v in shown if v.reference is not None]
    if len(against) == len(shown):
        series = {"reference": against, **series}
    title = f"{result.spec.title} by segment{extent}"
    return Bars(title, cells, series, labels=about, x_title="segment", y_title=result.spec.title)


def _badness(value: Value, direction: Direction) -> float:
    """The larger, the worse; where no direction is better, how far it is from the reference."""
    x = value.value or 0.0
    if direction == "none":
        return abs(x - value.reference) if value.reference is not None else -value.n
    return {"higher": -x, "lower": x, "zero": abs(x)}[direction]


def _said(current: Segments, reference: Segments | None, parts: list[_Part]) -> list[str]:
    """How rows were told apart, and which segments came and went."""
    by = by_text(current.by) if isinstance(current.by, dict) else " and ".join(current.by)
    notes = [f"By {by}: {_plural(len(parts))}. Rows of all segments are judged together as well."]
    notes += _shared(current) if isinstance(current.by, dict) else _others(current, reference)
    gone = [p.segment.name for p in parts if not p.segment.n_rows and p.segment.n_reference]
    new = [p.segment.name for p in parts if p.segment.n_rows and p.segment.n_reference == 0 and p.segment.keys]
    few = [p.segment.name for p in parts if p.case and not p.judged and p.segment.n_reference != 0]
    for which, said in ((gone, "in the reference, and without rows now"), (new, "not in the reference"),
                        (few, "not judged, for too few rows")):  # fmt: skip
        if which:
            notes.append(f"{_plural(len(which))} {said}: {_listed(which)}.")
    return notes


def _shared(current: Segments) -> list[str]:
    """Which rows are in several segments of named conditions, and which in none of them."""
    unknown, rest = segment_name((None,)), segment_name(OTHER)
    n = sum(part.n_rows for part in current.parts.values())
    more = f"; {n:,} in all, of {current.n_rows:,} rows" if n > current.n_rows else ""
    said = f"A row is in each segment whose condition it holds, so segments may share rows{more}."
    return [f"{said} In {unknown} are rows of which some condition cannot be told, in {rest} those that hold none."]


def _others(current: Segments, reference: Segments | None) -> list[str]:
    """Who shares the last segment, and which of them the reference does not have at all."""
    rest = current.parts.get(OTHER)
    if rest is None:
        return []
    own = len((reference or current).keys)
    of = "the reference" if reference else "these rows"
    shared = f"{rest.n_rows:,} rows share {segment_name(OTHER)}"
    notes = [f"The {own} most frequent of {of} have a segment of their own; {shared}."]
    if reference is not None and len(current.by) == 1:
        (column,) = current.by
        now, then = rest.get("topk", column), reference.part(OTHER).get("topk", column)
        if now is not None and then is not None and then.exact:
            known = {value for value, _ in then.items()}
            new = [f"{_text(value)} ({n:,} rows)" for value, n in now.items() if value not in known]
            if new:
                notes.append(f"Not in the reference, and therefore in {segment_name(OTHER)}: {_listed(new)}.")
    return notes


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _plural(n: int) -> str:
    return f"{n} segment{'' if n == 1 else 's'}"


def _listed(names: list[str], most: int = 10) -> str:
    shown = [name if len(name) <= 60 else f"{name[:59]}…" for name in names[:most]]
    return ", ".join(shown) + (f" and {len(names) - most} more" if len(names) > most else "")
