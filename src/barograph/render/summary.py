"""The report in a few plain sentences, for readers who will not look at a table: what was compared, what is wrong and
how bad, what is not known, and what to do next. Nothing is said here that no verdict says."""

from __future__ import annotations

from collections.abc import Sequence

from barograph.render.findings import Check
from barograph.render.numbers import plural
from barograph.render.outline import GROUPS, Outline, ratio
from barograph.render.words import plain, span
from barograph.results import Side, Spec

_MOST_NAMES = 3


def summary(told: Outline) -> list[str]:
    """Two to four sentences.

    >>> from barograph.render.outline import outline
    >>> from barograph.results import Run
    >>> for words in summary(outline(Run("r", Side("today", 10), [], []))): print(words)
    10 rows of “today” were looked at alone: there is no reference.
    Next: add a check or a preset to the report; without one, nothing says what is good enough.
    """
    specs = {r.spec.name: r.spec for r in told.run.results}
    wrong = [c for c in told.attention if c.status in ("fail", "warn")]
    silent = [c for c in told.attention if c.status in ("unknown", "error")]
    found = f"{_found(told, [c for c in wrong if c.segment is None], specs)} {_segments(told, wrong)}".strip()
    return [words for words in (_compared(told), found, _unknown(silent), _next(told, specs)) if words]


def _compared(told: Outline) -> str:
    current, reference = told.run.current, told.run.reference
    if reference is None:
        return f"{_side(current)} {_were(current.n_rows)} looked at alone: there is no reference."
    return f"{_side(current)} {_were(current.n_rows)} compared with {_side(reference)}."


def _side(side: Side) -> str:
    when = span(side.start, side.end)
    return f"{plural(side.n_rows, 'row')} of “{plain(side.name, 60)}”{f' ({when})' if when else ''}"


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def _found(told: Outline, wrong: list[Check], specs: dict[str, Spec]) -> str:
    """What is wrong in the model's results, in its inputs, and in the data, in this order."""
    if not told.checks:
        return ""
    if not wrong:
        judged = any(c.status == "pass" and c.segment is None for c in told.checks)
        of = " of all rows together" if told.run.segments else ""
        return f"Nothing that could be judged{of} is out of bounds." if judged else ""
    said = []
    for group in [*GROUPS, ""]:
        own = [c for c in wrong if _group(c, specs) == group]
        if own:
            said.append(_drifted(told, own, specs) if group == "drift" else _listed(group, own, specs))
    return " ".join(said)


def _segments(told: Outline, wrong: list[Check]) -> str:
    """Which groups of rows have something wrong, the most urgent first."""
    names = list(dict.fromkeys(c.segment for c in wrong if c.segment is not None))
    if not names:
        return ""
    verb = "is" if len(names) == 1 else "are"
    return f"{len(names):,} of {plural(len(told.run.segments), 'segment')} {verb} out of bounds: {_names(names)}."


def _group(check: Check, specs: dict[str, Spec]) -> str:
    spec = specs.get(check.verdict.metric)
    return spec.group if spec else ""


def _drifted(told: Outline, own: list[Check], specs: dict[str, Spec]) -> str:
    """Columns that moved, not checks that failed: a column that moved by two measures moved once."""
    names = list(dict.fromkeys(c.column for c in own if c.column is not None))
    if not names:
        return _listed("drift", own, specs)
    far = next((c for c in told.columns if c.name in names and c.ratio is not None), None)
    how = ""
    if far is not None and far.ratio is not None and 1.05 <= far.ratio < float("inf"):
        times = f"{far.ratio:.1f}" if far.ratio < 10 else f"{far.ratio:.0f}"
        how = f"; “{plain(far.name, 40)}” is the farthest out, at {times} times its limit"
    failed = {c.column for c in own if c.status == "fail"}
    moved = [c.name for c in told.columns if c.name in failed]
    near = [c.name for c in told.columns if c.name in names and c.name not in failed]
    of = plural(len(told.columns), "column")
    if not moved:
        return f"{len(near):,} of {of} {'is' if len(near) == 1 else 'are'} worth a look: {_names(near)}{how}."
    more = f" {len(near):,} more {'is' if len(near) == 1 else 'are'} worth a look." if near else ""
    looks = "looks" if len(moved) == 1 else "look"
    return f"{len(moved):,} of {of} {looks} different from before: {_names(moved)}{how}.{more}"


def _listed(group: str, own: list[Check], specs: dict[str, Spec]) -> str:
    first = own[0]
    title = {"performance": "The model’s results", "quality": "The data"}.get(group, "The inputs")
    where = f" of “{plain(first.column, 40)}”" if first.column is not None else ""
    limit = "" if first.verdict.threshold is None else f", where the limit is {first.threshold}"
    more = f", and {plural(len(own) - 1, 'more finding')}" if len(own) > 1 else ""
    far = ratio(first.verdict.value, first.verdict.threshold, specs.get(first.verdict.metric))
    bad = "far out of bounds" if far is not None and 2 <= far < float("inf") else "out of bounds"
    if all(c.status == "warn" for c in own):
        bad = "worth a look"
    return f"{title} are {bad}: {first.title}{where} is {first.value}{limit}{more}."


def _unknown(silent: list[Check]) -> str:
    if not silent:
        return ""
    names = list(dict.fromkeys(c.column for c in silent if c.column is not None))
    about = f", about {_names(names)}" if names else ""
    reason = plain(silent[0].verdict.reason.rstrip("."), 160)
    why = f" (first: {reason})" if reason else ""
    them = "it is" if len(silent) == 1 else "they are"
    return f"{plural(len(silent), 'question')} could not be answered{about}{why}; {them} not known to be fine."


def _next(told: Outline, specs: dict[str, Spec]) -> str:
    """The first thing to do: broken checks hide everything else, results come before inputs."""
    if not told.checks:
        return "Next: add a check or a preset to the report; without one, nothing says what is good enough."
    broken = [c for c in told.attention if c.status == "error"]
    failed = {_group(c, specs) for c in told.attention if c.status == "fail"}
    measured = any(_group(c, specs) == "performance" and c.status != "unknown" for c in told.checks)
    if broken:
        return "Next: repair what could not be computed; until then this report is not complete."
    if "performance" in failed:
        also = " Begin with the columns that changed." if "drift" in failed else ""
        return f"Next: find out why the model does worse before relying on its answers.{also}"
    if failed & {"drift", "quality", ""}:
        judged = "" if measured else " Whether the model does worse is not known: its results were not checked."
        return f"Next: ask where these data come from and what changed there.{judged}"
    if any(c.status == "unknown" for c in told.attention):
        return "Next: supply what was missing, so that every question gets an answer."
    return "Next: look at the warnings when there is time." if told.attention else "Nothing needs to be done."


def _names(names: Sequence[str]) -> str:
    shown = [f"“{plain(name, 40)}”" for name in names[:_MOST_NAMES]]
    left = len(names) - len(shown)
    if left:
        return f"{', '.join(shown)} and {left:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
