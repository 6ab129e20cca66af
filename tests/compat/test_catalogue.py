"""The catalogue lacks no entry, names nothing that is gone, and is what docs/catalogue.md shows."""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import barograph.compat
from barograph.compat import catalogue
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import drift, performance, quality, ranking

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "catalogue.md"
SECTIONS = catalogue.sections()
ENTRIES = [entry for section in SECTIONS for entry in section.entries]

# How many tests each row of Evidently's table of conditions is about.
ROWS_OF_TESTS = (3, 3, 3, 3, 1, 3, 3, 2, 1, 2, 2, 6, 2, 2, 6, 1, 3, 1, 2, 1, 2, 3, 3, 3, 7, 3, 3, 15, 1)  # fmt: skip

# Counted by hand in what the two tools publish: their presets, metrics, tests, methods and functions.
COUNTED = {
    ("Evidently 0.4 to 0.6", "Presets of metrics"): 7,
    ("Evidently 0.4 to 0.6", "Presets of tests"): 9,
    ("Evidently 0.4 to 0.6", "Metrics of classification"): 13,
    ("Evidently 0.4 to 0.6", "Metrics of drift"): 10,
    ("Evidently 0.4 to 0.6", "Metrics of integrity"): 5,
    ("Evidently 0.4 to 0.6", "Metrics of data quality"): 12,
    ("Evidently 0.4 to 0.6", "Metrics of regression"): 11,
    ("Evidently 0.4 to 0.6", "Metrics of recommendations"): 3 + 5 + 5 + 2 + 2,
    ("Evidently 0.4 to 0.6", "Tests"): sum(ROWS_OF_TESTS) + 3,  # and three that only presets make
    ("Evidently 0.4 to 0.6", "What runs them"): 3 + 2,
    ("Evidently 0.4 to 0.6", "What a report can do"): 9,
    ("Evidently 0.7", "What runs them"): 2 + 4,
    ("Evidently 0.7", "Presets"): 11 + 3,  # and the three that two presets are another name of
    ("Evidently 0.7", "Metrics of columns"): 17,
    ("Evidently 0.7", "Metrics of datasets"): 10,
    ("Evidently 0.7", "Metrics of correlations"): 4,
    ("Evidently 0.7", "Metrics of classification"): 10 + 4 + 10,
    ("Evidently 0.7", "Metrics of regression"): 6 + 3,
    ("Evidently 0.7", "Metrics of recommendations"): 16,
    ("Evidently 0.7", "Other metrics"): 2,
    ("Evidently 0.7", "Conditions of tests"): 8 + 4,
    ("Evidently, all versions", "Methods of drift"): 20,
    ("Evidently, all versions", "Methods of drift of embeddings"): 4,
    ("Evidently, all versions", "Descriptors of text"): 5 + 7 + 4 + 3 + 1 + 1 + 1 + 1 + 1 + 2 + 4,
    ("Evidently, all versions", "Types and roles of columns"): 7 + 8,
    ("Evidently, all versions", "Pictures"): 21,
    ("Evidently 0.7", "Outputs"): 6,
    ("Evidently, all versions", "Storage, service and integrations"): 14,
    ("whylogs", "Metrics and their components"): 5 + 6 + 3 + 2 + 2 + 2 + 5 + 3,
    ("whylogs", "Constraints"): 3 + 26 + 5,
    ("whylogs", "Pictures"): 10 + 1,
    ("whylogs", "Methods of drift"): 3,
    ("whylogs", "Logging"): 22,
    ("whylogs", "Segments, schema and merging"): 9,
    ("whylogs", "Writers, readers, stores and integrations"): 9,
}

# What stands behind old names, and is no old name itself: modules, and classes in the others.
MACHINERY = {"conditions", "definitions", "entries", "judged", "sheets", "catalogue"}
BEHIND = {
    "CLASSES", "ColumnProfileView", "Constraint", "Descriptor", "Html", "Method", "Preset", "RECIPES", "Ran",
    "SummaryType",
}  # fmt: skip
ELSEWHERE = {"IncludesWords", "NotebookProfileVisualizer", "OOVWordsPercentage", "TriggerWordsPresence", "approx"}
# (a class whose methods are the entries; a condition's tolerance; other spellings of descriptors)


def test_no_entry_is_missing() -> None:
    assert {(s.peer, s.title): len(s.entries) for s in SECTIONS} == COUNTED


def test_every_name_of_ours_is_there_and_has_a_test() -> None:
    oracles = catalogue.oracles()
    for entry in ENTRIES:
        assert entry.ours or entry.remark, f"{entry.name} is not built, and nothing says why"
        for name in entry.ours:
            assert name in oracles, f"{entry.name}: {name} has no test in [oracles]"
    for name in oracles:
        catalogue.resolve(name)
    for gone in ("drift.Nothing", "report.Report.nothing", "quality.Mean.spec.nothing"):
        with pytest.raises(ParameterError, match="no such thing"):
            catalogue.resolve(gone)


def test_every_metric_of_ours_is_held_by_a_test() -> None:
    ours = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in (drift, performance, quality, ranking)
        for name in module.__all__
    }
    assert ours <= catalogue.oracles().keys()
    page = catalogue.page()
    assert not [name for name in ours if f"`{name}`" not in page]


def functions(path: str) -> set[str]:
    """The tests of a file, without running it."""
    source = (TESTS / path).read_text(encoding="utf-8")
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


def test_every_named_test_is_there() -> None:
    named = [
        *catalogue.oracles().values(),
        *(section.held for section in SECTIONS if section.held),
        *(test for seen in catalogue.faults().values() for test in seen.values()),
    ]
    found = {path: functions(path) for path in {test.partition("::")[0] for test in named}}
    assert not [test for test in named if test.partition("::")[2] not in found[test.partition("::")[0]]]


def test_the_file_of_a_test_speaks_of_what_it_holds() -> None:
    for name, test in catalogue.oracles().items():
        found = catalogue.resolve(name)
        if isinstance(found, type) and issubclass(found, Metric) and found is not Metric:
            path = test.partition("::")[0]
            source = (TESTS / path).read_text(encoding="utf-8")
            told = re.search(rf"\b{found.__name__}\b|\b{found.spec.name}\b", source)
            assert told, f"{path} does not speak of {name}"


def test_every_old_name_is_an_entry() -> None:
    """What can be imported from barograph.compat under an old name is in the catalogue."""
    known = {entry.name for entry in ENTRIES}
    modules = [m.name for m in pkgutil.walk_packages(barograph.compat.__path__, "barograph.compat.")]
    assert "barograph.compat.whylogs.viz" in modules
    for module in map(import_module, (m for m in modules if m.rpartition(".")[2] not in MACHINERY)):
        public = getattr(module, "__all__", None) or [
            name
            for name, found in vars(module).items()
            if name[0].isupper() and callable(found) and getattr(found, "__module__", "") == module.__name__
        ]
        missing = {*public, *getattr(module, "CLASSES", ())} - known - BEHIND - ELSEWHERE
        assert not missing, f"{module.__name__} has {sorted(missing)}, and the catalogue does not"


def test_kept_names_are_those_that_can_be_imported() -> None:
    kept = {entry.name for section in SECTIONS for entry in section.entries if section.kept(entry)}
    assert {"DataDriftPreset", "mannw", "is_in_range", "double_histogram", "log", "save_html"} <= kept
    assert "RecCasesTable" not in kept and "LLMEval" not in kept


def test_the_page_is_what_the_generator_prints() -> None:
    done = subprocess.run([sys.executable, "-m", "barograph.compat.catalogue"], capture_output=True, check=True)
    told = PAGE.read_text(encoding="utf-8")
    assert told == done.stdout.decode(), "python -m barograph.compat.catalogue > docs/catalogue.md"
    assert told == catalogue.page()
