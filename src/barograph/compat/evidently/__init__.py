"""Evidently's names (those of its versions 0.4 to 0.6) over reports of ours: change the imports, and the code runs.

>>> from barograph.compat.evidently import ColumnMapping, DataDriftPreset, Report
>>> rows = {"age": list(range(100)), "city": ["Ulm", "Bonn"] * 50}
>>> report = Report(metrics=[DataDriftPreset()])
>>> report.run(reference_data=rows, current_data=rows, column_mapping=ColumnMapping())
>>> report.as_dict()["metrics"][0]["result"]["share_of_drifted_columns"]
0.0

Modules have the old names too: `barograph.compat.evidently.metric_preset`, `.report`, `.test_suite`, `.test_preset`,
`.tests`, `.metrics`, `.descriptors`, `.pipeline.column_mapping`, and of 0.7 `.presets`, with `Dataset`,
`DataDefinition` and `report.run(current, reference)`. Numbers are ours, and so are the verdicts: calibrated, unless a
method or threshold is named. What has no counterpart raises `ParameterError` and names our way.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from barograph.compat.evidently.mapping import ColumnMapping
from barograph.compat.evidently.report import Report
from barograph.compat.evidently.test_suite import TestSuite
from barograph.errors import ParameterError

_MODULES = ("metric_preset", "test_preset", "metrics", "tests", "descriptors", "definitions")
_OURS = {
    "Dashboard": "Grafana: barograph stack init",
    "Workspace": "files: run.save(...), and barograph stack init for what runs on",
    "CloudWorkspace": "files: run.save(...), and barograph stack init for what runs on",
    "compare": "Report.timeline, or two runs side by side",
}


def __getattr__(name: str) -> Any:
    """Presets, metrics and tests, from the modules that have them; of what is not there, say our way."""
    if not name[0].isupper() and name not in _OURS:
        raise AttributeError(name)
    for module in _MODULES:
        held = vars(import_module(f"{__name__}.{module}"))
        found = held.get("CLASSES", {}).get(name, held.get(name))
        if found is not None:
            return found
    way = _OURS.get(name, "see barograph.Report and barograph.metrics")
    raise ParameterError(f"there is no {name!r} in barograph.compat.evidently; {way}")


__all__ = ["ColumnMapping", "Report", "TestSuite"]
