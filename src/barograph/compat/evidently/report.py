"""`Report` by Evidently's name: what was computed is a run of ours, read under the old keys."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, overload

import msgspec

from barograph.compat.evidently.definitions import Dataset
from barograph.compat.evidently.entries import Entry
from barograph.compat.evidently.mapping import ColumnMapping, Task, completed, schema_of
from barograph.compat.evidently.metric_preset import Preset
from barograph.errors import ParameterError
from barograph.metrics import quality
from barograph.presets import Item
from barograph.report import Report as Ours
from barograph.report import ReportRun
from barograph.schema import Schema

STATUSES = {"pass": "SUCCESS", "warn": "WARNING", "fail": "FAIL", "error": "ERROR", "unknown": "SKIPPED"}


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
        options.pop("include_tests", None)  # presets have checks of their own, and a report shows them
        for name, value in options.items():
            if value is not None:
                raise ParameterError(f"Report takes no {name!r} here; give it to barograph.Report or to its metrics")
        self._entries: list[Entry] = []
        for given in metrics:
            if not isinstance(given, Entry | Preset):
                raise ParameterError(f"a report is made of metrics and presets, not of {given!r:.100}")
            self._entries += given.entries if isinstance(given, Preset) else [given]

    @overload
    def run(
        self, *, reference_data: object, current_data: object, column_mapping: ColumnMapping | None = None
    ) -> None: ...

    @overload
    def run(self, current: object, reference: object = None, /) -> Report: ...

    def run(
        self,
        *newer: object,
        reference_data: object = None,
        current_data: object = None,
        column_mapping: ColumnMapping | None = None,
    ) -> Report | None:
        """Compute everything on two frames (pandas, polars, Arrow, a dict of columns, or paths of files).

        As of 0.7 the current rows come first, by their place, and the report itself is returned for what was computed.
        """
        if newer:
            current, reference = (*map(Dataset.from_any, newer), None, None)[:2]
            assert current is not None
            column_mapping = (reference or current).data_definition.mapping()
            reference_data, current_data = reference.rows if reference else None, current.rows
        tasks = {entry.task for entry in self._entries if entry.task}
        if len(tasks) > 1:
            raise ParameterError(f"one report is about one task, and these are {', '.join(sorted(tasks))}: make two")
        if reference_data is None and any(entry.compares for entry in self._entries):
            raise ParameterError("drift is a comparison: give reference_data")

        def asked(schema: Schema) -> list[str | Item]:
            found = dict.fromkeys(item for entry in self._entries for item in entry.asked(schema))
            return list(found) or [quality.RowCount()]  # of an empty list a report would make its own choice

        self._compute(asked, reference_data, current_data, column_mapping, next(iter(tasks), None))
        return self if newer else None

    def as_dict(self) -> dict[str, Any]:
        """`{"metrics": [{"metric": name, "result": {...}}, ...]}`, in the order they were asked for."""
        run = self.ours
        listed = [{"metric": entry.name, "result": entry.read(run, self._schema)} for entry in self._entries]
        return {"metrics": listed, "timestamp": run.created}

    def dict(self) -> dict[str, Any]:
        """As of 0.7: `{"metrics": [{"metric_id": name, "value": number or several}, ...], "tests": [...]}`."""
        told = [
            {"metric_id": entry.name, "value": _newer(entry.read(self.ours, self._schema))} for entry in self._entries
        ]
        verdicts = [
            {"name": v.metric, "status": STATUSES[v.status], "description": v.reason or v.condition, **v.labels}
            for v in self.ours.verdicts
        ]
        return {"metrics": told, "tests": verdicts}


def _newer(result: Any) -> Any:
    """The current side, and of it the one number or the count and share where that is what it is about."""
    current = result.get("current")
    if not isinstance(current, dict):
        return result
    if "value" in current:
        return current["value"]
    return {key: current[key] for key in ("count", "share")} if {"count", "share"} <= set(current) else current
