"""Report: what people call. Rows, profiles and baselines go in; runs and timelines that show themselves come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from pathlib import Path

from barograph import frame
from barograph.baseline import Baseline
from barograph.by_segment import SegmentCases, computed_segments
from barograph.checks import Check
from barograph.codec import kind_of, write_file
from barograph.discoveries import group_levels, window_levels
from barograph.errors import ParameterError, SchemaError
from barograph.foreign import MAGIC, WhylogsProfile
from barograph.needs import Needs
from barograph.presets import Item, expected_changes, material, resolve, usual
from barograph.profile import Profile, unanchored
from barograph.profile_windows import ProfileWindows
from barograph.render import format_for, render
from barograph.results import Run, Stream, Timeline, Window
from barograph.run import ALPHA, Case, computed, labelled, needed
from barograph.schema import Schema
from barograph.seasons import check_season, seasonal
from barograph.segments import By, Segments, by_text, check_columns, of_baseline, told_by, unfrozen
from barograph.sketched import frozen
from barograph.streams import described as stream_assumption
from barograph.streams import resumed, streams
from barograph.windows import Windows, profiles


class _Shown:
    """What runs and timelines can do with the renderers; the renderers themselves know only the data."""

    __slots__ = ()

    def render(self, format: str) -> str:  # noqa: A002 - the word people type
        """As `html`, `json`, `markdown`, `junit` or `text`."""
        return render(self, format)  # type: ignore[arg-type]

    def save(self, path: str | Path, format: str | None = None) -> Path:  # noqa: A002
        """Write to a file in the format of its suffix (.html .json .md .xml .txt), making its folder."""
        write_file(path, self.render(format or format_for(path)).encode())
        return Path(path)

    def show(self) -> None:
        """Print as text."""
        print(self.render("text"))

    def __str__(self) -> str:
        return self.render("text")

    def _repr_html_(self) -> str:
        # a frame of its own: the page's style must not leak into a notebook, nor the notebook's into the page
        page = escape(self.render("html"), quote=True)
        return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="width:100%;height:720px;border:0"></iframe>'


class ReportRun(Run, _Shown, frozen=True):
    """A `Run` that can show and save itself."""


class ReportTimeline(Timeline, _Shown, frozen=True):
    """A `Timeline` that can show and save itself."""


def _agree(schema: Schema | None, theirs: Schema) -> None:
    """Whether a schema says nothing else than the reference's: whoever gives one expects it to be used."""
    if schema is None:
        return
    for name in Schema.__struct_fields__:
        wanted, there = getattr(schema, name), getattr(theirs, name)
        if name == "segments":
            wanted, there = told_by(schema), told_by(theirs)
        default = getattr(Schema(), name)
        if name == "kinds":
            there = {column: kind for column, kind in there.items() if column in wanted}
        if wanted not in (default, there) and str(wanted) != str(there):
            raise SchemaError(
                f"the schema's {name} is {wanted!r}, and the reference was frozen with {there!r}; "
                "leave the schema out, or freeze the reference again with it"
            )


def _opened(source: object) -> object:
    """A profile, baseline or segments where a path leads to them; anything else as it is."""
    if not isinstance(source, str | Path) or not Path(source).is_file():
        return source
    with Path(source).open("rb") as file:
        start = file.read(16)
    if start.startswith(MAGIC):
        return WhylogsProfile.read(source)
    kind = kind_of(start)
    readers: dict[str | None, Callable[[str | Path], object]] = {
        "profile": Profile.read,
        "baseline": Baseline.read,
        "segments": Segments.read,
        "windows": ProfileWindows.read,
    }
    return readers[kind](source) if kind in readers else source


class Report:
    """Metrics, checks and presets to be run on rows.

    Parameters
    ----------
    items
        Names of presets (`"data_drift"`, `"target_drift"`, `"data_quality"`, `"data_stability"`, `"classification"`,
        `"regression"`, `"ranking"`), metrics, and checks. None at all: the presets that the schema makes sense of.
    alpha
        The chance that calibrated checks fail when nothing has changed: in one run, over all columns.
    title
        Heads the outputs.
    by
        A column, or several, whose values tell segments of the rows apart; or conditions by the names of their
        segments, `{"long haul": "distance > 1500"}`, which may share rows. The report is then about all rows, and about
        each segment against the same segment of the reference. See `Segments` for how many there are.
    at_least
        What matters, by the name of a metric, in its own unit: `{"psi": 0.2}`. Presets have sizes of their own, listed
        in the guide to verdicts; what is beyond noise and smaller is told as "real but small", and passes.
    season
        `"week"` or `"day"`: rows that lie in one window of the reference are held against its windows at the same place
        of the week or day: a Monday against Mondays, an hour against the same hours. See `seasonal`.

    Raises `ParameterError` for an unknown preset, an impossible alpha or size, a condition or a season that is none.

    >>> rows = {"city": ["Ulm", "Bonn"] * 50, "age": list(range(100))}
    >>> run = Report(["data_drift"]).run(current=rows, reference=rows)
    >>> run.passed, run.value("psi", column="age")
    (True, 0.0)
    """

    def __init__(
        self,
        items: Iterable[str | Item] | str = (),
        *,
        alpha: float = ALPHA,
        title: str = "Barograph report",
        by: Iterable[str] | Mapping[str, str] | str = (),
        at_least: Mapping[str, float] | None = None,
        season: str | None = None,
    ) -> None:
        if not 0 < alpha < 1:
            raise ParameterError(f"alpha is {alpha!r}; it is a chance between 0 and 1, such as 0.01")
        self.items: list[str | Item] = [items] if isinstance(items, str) else list(items)
        resolve(self.items, Schema(), compared=True)  # a wrong name fails here, not after an hour of reading
        self.alpha = alpha
        self.title = title
        self.at_least = material(at_least or {})
        self.by: By = told_by(Schema(segments=by))  # type: ignore[arg-type]
        self.season = check_season(season)
        if self.by and season:
            raise ParameterError("segments have no windows of their own, and no seasons; leave out `by` or `season`")

    def run(
        self, current: object, reference: object = None, *, schema: Schema | None = None, progress: bool = False
    ) -> ReportRun:
        """Compute everything on the current rows, against the reference where there is one.

        Parameters
        ----------
        current
            Rows in any form that `Profile.of` takes, or a `Profile`; also the path of a profile. A `WhylogsProfile` is
            counted from its sketches.
        reference
            Rows, a `Baseline`, or a `Profile` against the same baseline as `current`; also their paths. A profile
            without a baseline, or of whylogs (`barograph.read`), is frozen as it is (`sketched.frozen`).
        schema
            Roles and kinds; a baseline or profile brings its own, which it must not contradict.

        Raises
        ------
        InputError, SchemaError, MergeError
            Rows cannot be read; roles do not fit; profiles of different baselines.
        """
        current, reference = _opened(current), _opened(reference)
        if isinstance(current, ProfileWindows):
            raise ParameterError("windows are looked at one after the other: ask for a timeline")
        by = self._by(current, reference)
        against, before = self._reference(current, reference, _told_by(schema, by), progress, by)
        if isinstance(current, Baseline):
            current = of_baseline(current) if by else current.profile
        if isinstance(current, WhylogsProfile):
            current = current.profile(schema) if against is None else current.counted(against)
        if isinstance(current, Profile | Segments):
            return self._evaluated(current, before)
        given = _told_by(schema, by) if against is None else None
        counted = Segments.of if by else Profile.of
        return self._evaluated(
            counted(current, against, schema=given, needs=self._needs(before is not None), progress=progress), before
        )

    def timeline(
        self,
        current: object,
        reference: object = None,
        *,
        every: str | int,
        schema: Schema | None = None,
        progress: bool = False,
        resume: Timeline | str | Path | None = None,
        reset: Iterable[str] = (),
    ) -> ReportTimeline:
        """The same over windows: of time (`every="1mo"`, `"1d"`, `"6h"`), or of a number of rows (`every=10_000`).

        The current side is rows, or `ProfileWindows` of that length or a shorter one. Windows of time need a
        `timestamp` in the schema; a window without rows is a gap; rows without a timestamp are counted in a note.
        Beside each window's verdicts stands what all windows together say of each column (`streams`). `resume` is an
        earlier timeline, or the path of its JSON: the evidence goes on from its last window, but for the columns to
        `reset`, of which it begins anew.

        Raises `FormatError` where `resume` holds no state, `MergeError` where it is of another reference,
        `ParameterError` where it knows nothing of a column to reset.
        """
        current, reference = _opened(current), _opened(reference)
        if isinstance(current, Profile | Segments):
            raise ParameterError("a timeline needs rows or windows, not a profile: the time of its rows is gone")
        kept = current.rollup(str(every)) if isinstance(current, ProfileWindows) else None
        side = current if kept is None else next(iter(kept.profiles.values()), None)
        by = self._by(side, reference)
        schema = _told_by(schema, by)
        against, before = self._reference(side, reference, schema, progress, by)
        theirs = before.whole if isinstance(before, Segments) else before
        earlier = resumed(resume, theirs, reset)
        if kept is not None:
            windows, n_timeless = kept.listed(), kept.n_timeless
        else:
            windows, n_timeless = self._windows(current, (against, schema, by), every, before is not None, progress)
        notes = [f"{n_timeless:,} rows have no timestamp and are in no window."] if n_timeless else []
        cases = {at: self._computed(p, before) for at, (_, _, p) in enumerate(windows) if p and p.n_rows}
        levels = window_levels([case.tests for case in cases.values()], self.alpha)
        runs = {
            at: _shown(case.run(self.alpha, level, self.title, len(cases)))
            for (at, case), level in zip(cases.items(), levels, strict=True)
        }
        made = [Window(start, end, p.n_rows if p else 0, runs.get(at)) for at, (start, end, p) in enumerate(windows)]
        told: list[Stream] = []
        state = ""
        if theirs is not None:
            whole = {at: case.whole if isinstance(case, SegmentCases) else case for at, case in cases.items()}
            told, state = streams([(w.start, whole.get(at)) for at, w in enumerate(made)], theirs, self.alpha, earlier)
            notes += [stream_assumption(theirs)] if told else []
        return ReportTimeline(
            title=self.title,
            every=str(every) if isinstance(every, str) else f"{every:,} rows",
            windows=made,
            reference=before.side() if before else None,
            notes=notes,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            version=version("barograph"),
            streams=told,
            state=state,
        )

    def _windows(
        self, current: object, given: tuple[Baseline | None, Schema | None, By], every: str | int, *told: bool
    ) -> tuple[Windows, int]:
        """Rows counted into windows, and how many are in none."""
        against, schema, by = given
        compared, progress = told
        rows = frame.open_rows(current)
        needs = self._needs(compared)
        template: Profile | Segments
        if not by:
            template = against.empty(needs) if against is not None else unanchored(rows, schema, needs)
        elif against is not None:
            template = of_baseline(against).blank(needs)
            check_columns(rows, by)
        else:
            template, rows = unfrozen(rows, schema, needs, progress=progress)
        return profiles(rows, template, every, progress)

    def _by(self, current: object, reference: object) -> By:
        """What tells segments apart: what was asked for, or what the current side was told apart by."""
        by = self.by or (current.by if isinstance(current, Segments) else ())
        for side, role in ((current, "current"), (reference, "reference")):
            if by and isinstance(side, Profile):
                raise ParameterError(
                    f"the {role} side is one profile, whose rows cannot be told apart by {by_text(by)} any more; "
                    "give rows or Segments"
                )
            theirs = side.by if isinstance(side, Segments) else by
            theirs = told_by(side.schema) if by and isinstance(side, Baseline) else theirs
            if theirs != by:
                raise ParameterError(
                    f"the report is by {by_text(by)}, and the {role} side has segments by {by_text(theirs)}; "
                    "make both by the same, in the same order"
                )
        return by

    def _reference(
        self, current: object, reference: object, schema: Schema | None, progress: bool, by: By
    ) -> tuple[Baseline | None, Profile | Segments | None]:
        """The baseline to count against, and the profile or segments to compare with."""
        if reference is None:
            return None, None
        if isinstance(reference, WhylogsProfile):
            reference = reference.baseline(schema)
        if isinstance(reference, Baseline | Profile | Segments):
            theirs = reference.schema
            _agree(schema, theirs)
            if isinstance(reference, Baseline):
                return reference, of_baseline(reference) if by else reference.profile
            if isinstance(current, Profile | Segments):
                return None, reference
            if isinstance(reference, Profile) and reference.baseline_id is None:
                baseline = frozen(reference)
                return baseline, baseline.profile
            raise ParameterError(
                "the reference is a profile, and the current rows need a baseline to be counted in its bins; "
                "give a Baseline, or profile the current rows against the same baseline first"
            )
        if isinstance(current, Profile | Segments | WhylogsProfile):
            raise ParameterError(
                "the current side is a profile already, and the reference is rows; freeze the reference with "
                "Baseline.of(rows) and profile the current rows against it"
            )
        baseline = Baseline.of(reference, schema=schema, needs=self._needs(compared=True), progress=progress)
        return baseline, of_baseline(baseline) if by else baseline.profile

    def _items(self, schema: Schema, compared: bool, labels: bool = True, left_out: tuple[str, ...] = ()) -> list[Item]:
        """What is asked of rows with a schema; nothing of the columns that are `left_out`, where it asks of one."""
        if self.items:
            items = []
            for item in resolve(self.items, schema, compared, self.at_least):
                column = getattr(item.metric if isinstance(item, Check) else item, "column", None)
                if column in left_out:
                    continue
                items.append(item)
                if column is not None and column not in schema.kinds:
                    known = ", ".join(map(repr, list(schema.kinds)[:20]))
                    raise ParameterError(f"a check or metric asks for column {column!r}; the columns are {known}")
            return items
        kinds = {column: kind for column, kind in schema.kinds.items() if column != schema.target}
        asked = schema if labels else schema.replace(target=None, kinds=kinds)
        found = resolve(list(usual(asked, compared)), asked, compared, self.at_least)
        return resolve([*found, *expected_changes(schema, compared)], asked, compared)

    def _needs(self, compared: bool) -> Needs:
        return lambda schema: needed(self._items(schema, compared), schema)

    def _evaluated(self, current: Profile | Segments, reference: Profile | Segments | None) -> ReportRun:
        cases = self._computed(current, reference)
        return _shown(cases.run(self.alpha, group_levels(cases.tests, self.alpha), self.title))

    def _computed(self, current: Profile | Segments, reference: Profile | Segments | None) -> Case | SegmentCases:
        def asked(profile: Profile) -> list[Item]:
            schema = profile.schema if isinstance(current, Segments) or reference is None else reference.schema
            inside = isinstance(current, Segments) and profile is not current.whole
            left_out = tuple(c for c in schema.segment_columns if c not in schema.kinds) if inside else ()
            return self._items(schema, reference is not None, labelled(profile), left_out)

        if isinstance(current, Segments):
            if self.season is not None:
                raise ParameterError("segments have no windows of their own, and no seasons; give one profile")
            assert not isinstance(reference, Profile)
            return computed_segments(asked, current, reference)
        assert not isinstance(reference, Segments)
        if self.season is None or reference is None:
            return computed(asked(current), current, reference)
        theirs, note = seasonal(reference, current, self.season)
        return replace(computed(asked(current), current, theirs), said=[note])


def _shown(run: Run) -> ReportRun:
    return ReportRun(**{field: getattr(run, field) for field in Run.__struct_fields__})


def _told_by(schema: Schema | None, by: By) -> Schema | None:
    """The schema with what tells segments apart."""
    return (schema or Schema()).replace(segments=by) if by else schema
