"""`Report` by Evidently's name: what was computed is a run of ours, read under the old keys."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from barograph.compat.evidently.entries import Entry
from barograph.compat.evidently.mapping import ColumnMapping, Task, completed, schema_of
from barograph.compat.evidently.metric_preset import Preset
from barograph.errors import ParameterError
from barograph.presets import Item
from barograph.report import Report as Ours
from barograph.report import ReportRun
from barograph.schema import Schema


class Ran:
    """What reports and test suites share: a run of ours, and how it is shown and saved."""

    _kind = "report"

    def __init__(self) -> None:
        self._run: ReportRun | None = None
        self._schema = Schema()

    @property
    def ours(self) -> ReportRun:
        """The run, with everything that Barograph can do with it. Raises `ParameterError` before `run`."""
        if self._run is None:
            raise ParameterError(f"this {self._kind} was not run yet: call run(reference_data=..., current_data=...)")
        return self._run

    def _compute(
        self, items: Any, reference: object, current: object, mapping: ColumnMapping | None, task: Task | None
    ) -> None:
        rows = current if reference is None else reference
        schema = schema_of(mapping, rows, task)
        self._schema = completed(schema, rows)
        asked: list[str | Item] = items(self._schema)
        self._run = Ours(asked, title=type(self).__name__).run(current, reference, schema=schema)

    def as_dict(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers under the old keys."""
        raise NotImplementedError  # pragma: no cover - abstract

    def json(self) -> str:
        """`as_dict` as text."""
        return msgspec.json.encode(self.as_dict()).decode()

    def save_json(self, filename: str | Path) -> None:
        """Write `json` to a file, making its folder."""
        Path(filename).parent.mkdir(parents=True, exist_ok=True)
        Path(filename).write_text(json.dumps(self.as_dict(), indent=1, default=str), encoding="utf-8")

    def get_html(self) -> str:
        """Our page about it: one file that needs no network."""
        return self.ours.render("html")

    def save_html(self, filename: str | Path) -> None:
        """Write the page to a file, making its folder."""
        self.ours.save(filename, "html")

    def show(self, mode: str = "auto") -> Ran:
        """For the last line of a notebook's cell."""
        return self

    def _repr_html_(self) -> str:
        return self.ours._repr_html_()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise ParameterError(
            f"{type(self).__name__}.{name} has no counterpart; `.ours` is a run of barograph.Report with value(), "
            "find(), verdict(), render() and save()"
        )


class Report(Ran):
    """Metrics and presets under their old names.

    Raises `ParameterError` for metrics of two tasks in one report, or for drift without a reference.

    >>> from barograph.compat.evidently.metric_preset import DataDriftPreset
    >>> report = Report(metrics=[DataDriftPreset()])
    >>> rows = {"age": list(range(100))}
    >>> report.run(reference_data=rows, current_data=rows)
    >>> report.as_dict()["metrics"][0]["result"]["dataset_drift"]
    False
    """

    def __init__(self, metrics: Iterable[Entry | Preset], **options: Any) -> None:
        super().__init__()
        for name, value in options.items():
            if value is not None:
                raise ParameterError(f"Report takes no {name!r} here; give it to barograph.Report or to its metrics")
        self._entries: list[Entry] = []
        for given in metrics:
            if not isinstance(given, Entry | Preset):
                raise ParameterError(f"a report is made of metrics and presets, not of {given!r:.100}")
            self._entries += given.entries if isinstance(given, Preset) else [given]

    def run(
        self,
        *,
        reference_data: object,
        current_data: object,
        column_mapping: ColumnMapping | None = None,
    ) -> None:
        """Compute everything on two frames (pandas, polars, Arrow, a dict of columns, or paths of files)."""
        tasks = {entry.task for entry in self._entries if entry.task}
        if len(tasks) > 1:
            raise ParameterError("one report is about classification or regression, not both: make two")
        if reference_data is None and any(entry.compares for entry in self._entries):
            raise ParameterError("drift is a comparison: give reference_data")

        def asked(schema: Schema) -> list[str | Item]:
            found: list[str | Item] = []
            for entry in self._entries:
                found += [item for item in entry.asked(schema) if item not in found]
            return found

        self._compute(asked, reference_data, current_data, column_mapping, next(iter(tasks), None))

    def as_dict(self) -> dict[str, Any]:
        """`{"metrics": [{"metric": name, "result": {...}}, ...]}`, in the order they were asked for."""
        run = self.ours
        listed = [{"metric": entry.name, "result": entry.read(run, self._schema)} for entry in self._entries]
        return {"metrics": listed, "timestamp": run.created}
