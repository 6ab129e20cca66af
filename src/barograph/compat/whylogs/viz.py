"""`NotebookProfileVisualizer`: whylogs' pictures, drawn by our report. Pages work offline; all data is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import msgspec

from barograph.codec import write_file
from barograph.compat.whylogs.core.constraints import Constraints
from barograph.compat.whylogs.views import DatasetProfileView, view_of
from barograph.errors import ParameterError
from barograph.foreign import WhylogsProfile
from barograph.metrics import quality
from barograph.presets import Item
from barograph.profile import Profile
from barograph.render import render
from barograph.report import Report
from barograph.results import Bars, Figure, Result, Run, Spec, Table
from barograph.sketched import counted, frozen

DIFFERENCE = Spec(
    name="distribution_difference",
    title="Difference of distributions",
    group="quality",
    help="Share of the target less share of the reference, cell by cell.",
    unit="ratio",
    reference="required",
)


class Html:
    """A page that a notebook shows; `data` is its source."""

    def __init__(self, data: str, height: str | None = None) -> None:
        self.data = data
        self.height = height or "720px"

    def _repr_html_(self) -> str:
        page, height = escape(self.data, quote=True), escape(self.height, quote=True)
        return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="width:100%;height:{height};border:0"></iframe>'


class NotebookProfileVisualizer:
    """Compares a target profile with a reference profile, or shows one alone.

    >>> import barograph.compat.whylogs as why
    >>> viz = NotebookProfileVisualizer()
    >>> march, april = ({"age": [n + i for i in range(50)]} for n in (20, 30))
    >>> viz.set_profiles(target_profile=why.log(april).profile(), reference_profile=why.log(march).profile())
    >>> viz.summary_drift_report().data[:15]
    '<!doctype html>'
    """

    def __init__(self) -> None:
        self._target: DatasetProfileView | None = None
        self._reference: DatasetProfileView | None = None

    def set_profiles(
        self,
        target_profile: object = None,
        reference_profile: object = None,
        *,
        target_profile_view: object = None,
        reference_profile_view: object = None,
    ) -> None:
        """Set what is shown: profiles, result sets or views, also of whylogs' files.

        Raises `ParameterError` without a target.
        """
        target = target_profile if target_profile is not None else target_profile_view
        reference = reference_profile if reference_profile is not None else reference_profile_view
        if target is None:
            raise ParameterError("set_profiles needs a target: set_profiles(target_profile_view=why.log(df).view())")
        self._target = view_of(target)
        self._reference = None if reference is None else view_of(reference)

    def summary_drift_report(self, cell_height: str | None = None) -> Html:
        """Which columns of the target drifted from the reference."""
        return self._page(["data_drift"], "Drift report", cell_height, compared=True)

    def profile_summary(self, cell_height: str | None = None) -> Html:
        """What the target looks like."""
        return self._page(["data_quality"], "Profile summary", cell_height)

    def double_histogram(self, feature_name: str | Iterable[str], cell_height: str | None = None) -> Html:
        """Both distributions of numeric features over the same cells."""
        items = [quality.Distribution(name) for name in _names(feature_name)]
        return self._page(items, "Distributions", cell_height, compared=True)

    def distribution_chart(self, feature_name: str | Iterable[str], cell_height: str | None = None) -> Html:
        """Both distributions of categorical features."""
        return self.double_histogram(feature_name, cell_height)

    def difference_distribution_chart(self, feature_name: str | Iterable[str], cell_height: str | None = None) -> Html:
        """By how much the share of each value differs."""
        run = self._run([quality.Distribution(name) for name in _names(feature_name)], "Differences", compared=True)
        bars = [figure for result in run.results for figure in result.figures if isinstance(figure, Bars)]
        figures = [figure for both in bars for figure in _difference(both)]
        result = Result(
            DIFFERENCE, figures=figures, status="ok" if figures else "unknown", note="" if figures else "no values"
        )
        return Html(render(msgspec.structs.replace(run, results=[result]), "html"), cell_height)

    def feature_statistics(
        self, feature_name: str, profile: str = "reference", cell_height: str | None = None
    ) -> Html:  # fmt: skip
        """Numbers of one feature, of the `"reference"` or the `"target"`."""
        if profile not in ("reference", "target"):
            raise ParameterError(f"the profile is {profile!r}; it is 'reference' or 'target'")
        view = self._chosen(reference=profile == "reference")
        name = str(feature_name)
        metrics: list[Item] = [
            quality.MissingShare(name), quality.DistinctCount(name), quality.Mean(name), quality.Std(name),
            quality.Minimum(name), *(quality.Quantile(name, q=q) for q in (0.05, 0.25, 0.5, 0.75, 0.95)),
            quality.Maximum(name), quality.TopShare(name), quality.Distribution(name),
        ]  # fmt: skip
        run = Report(metrics, title=f"Statistics of {name}").run(view.profile_of_ours)
        return Html(run.render("html"), cell_height)

    def constraints_report(self, constraints: Constraints, cell_height: str | None = None) -> Html:
        """Which constraints are met."""
        if not isinstance(constraints, Constraints):
            raise ParameterError(f"constraints come from ConstraintsBuilder(view)...build(), not {constraints!r}")
        return Html(render(constraints.run("Constraints report"), "html"), cell_height)

    def add_drift_config(self, *args: object, **options: object) -> None:
        """Not here: raises `ParameterError`."""
        raise ParameterError(
            "drift algorithms are not set by column here; our way: Report([Check(KS('age'), no_drift())]).run(...)"
        )

    @staticmethod
    def write(rendered_html: Html, preferred_path: str | Path | None = None, html_file_name: str | None = None) -> Path:
        """Write a page to `html_file_name` (`.html` is added) in `preferred_path` (`html_reports`), made if need be."""
        name = html_file_name or "ProfileViz"
        path = Path(preferred_path or "html_reports") / (name if name.endswith(".html") else f"{name}.html")
        write_file(path, rendered_html.data.encode())
        return path

    def _chosen(self, *, reference: bool) -> DatasetProfileView:
        view = self._reference if reference else self._target
        if view is None:
            side = "reference" if reference else "target"
            raise ParameterError(f"there is no {side} profile; give it to set_profiles")
        return view

    def _page(self, items: list[Any], title: str, height: str | None, *, compared: bool = False) -> Html:
        return Html(render(self._run(items, title, compared=compared), "html"), height)

    def _run(self, items: list[Any], title: str, *, compared: bool) -> Run:
        target = self._chosen(reference=False)
        report = Report(items, title=title)
        if not compared:
            return report.run(target.profile_of_ours)
        reference = self._chosen(reference=True)
        baseline = frozen(_named(reference.profile_of_ours, "reference"))
        if isinstance(target.held, WhylogsProfile):
            return report.run(_named(target.held.counted(baseline), "target"), baseline)
        return report.run(_named(counted(target.held, baseline), "target"), baseline)


def _named(profile: Profile, name: str) -> Profile:
    """The profile under the name that pages call it."""
    made = Profile(profile.schema, profile.summaries, profile.n_rows, profile.baseline_id, profile.name or name)
    made.reasons = profile.reasons
    return made


def _names(feature_name: str | Iterable[str]) -> list[str]:
    return [feature_name] if isinstance(feature_name, str) else list(feature_name)


def _difference(bars: Bars) -> list[Figure]:
    if not {"reference", "current"} <= bars.series.keys():
        return []
    pairs = zip(bars.cells, bars.series["reference"], bars.series["current"], strict=True)
    rows: list[list[Any]] = [[cell, before, now, now - before] for cell, before, now in pairs]
    title = bars.title.replace("Distribution of", "Difference of", 1)
    drawn = Bars(
        title, bars.cells, {"target less reference": [row[3] for row in rows]}, None, bars.labels, bars.x_title
    )
    rows.sort(key=lambda row: -abs(row[3]))
    return [drawn, Table(title, ["value", "reference", "target", "difference"], rows, bars.labels)]
