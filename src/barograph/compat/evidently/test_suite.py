"""`TestSuite` by Evidently's name: checks of ours, told under the old keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from barograph.compat.evidently.mapping import ColumnMapping, Task
from barograph.compat.evidently.report import Ran
from barograph.errors import ParameterError
from barograph.presets import Item
from barograph.results import Verdict
from barograph.schema import Schema

STATUSES = {"pass": "SUCCESS", "warn": "WARNING", "fail": "FAIL", "error": "ERROR", "unknown": "SKIPPED"}


@dataclass(frozen=True)
class Test:
    """One test, or several of a preset: what of ours it asks for."""

    __test__ = False  # it is no test of pytest's

    name: str
    asked: Callable[[Schema], list[str | Item]]
    task: Task | None = None
    compares: bool = False


class TestSuite(Ran):
    """Tests and presets under their old names.

    What could not be judged is `SKIPPED`, and then not all has passed: nothing passes unseen. Conditions that are left
    out are ours: noise of the sample sizes at hand, and what matters.

    Raises `ParameterError` for tests of two tasks in one suite, or for a comparison without a reference.

    >>> from barograph.compat.evidently.test_preset import DataStabilityTestPreset
    >>> suite = TestSuite(tests=[DataStabilityTestPreset()])
    >>> rows = {"age": list(range(100))}
    >>> suite.run(reference_data=rows, current_data=rows)
    >>> suite.as_dict()["summary"]["all_passed"]
    True
    """

    __test__ = False
    _kind = "test suite"

    def __init__(self, tests: Iterable[Test], **options: Any) -> None:
        super().__init__()
        for name, value in options.items():
            if value is not None:
                raise ParameterError(f"TestSuite takes no {name!r} here; give it to barograph.Report")
        self._tests = list(tests)
        for given in self._tests:
            if not isinstance(given, Test):
                raise ParameterError(f"a test suite is made of tests and presets, not of {given!r:.100}")

    def run(
        self,
        *,
        reference_data: object,
        current_data: object,
        column_mapping: ColumnMapping | None = None,
    ) -> None:
        """Judge two frames (pandas, polars, Arrow, a dict of columns, or paths of files)."""
        tasks = {test.task for test in self._tests if test.task}
        if len(tasks) > 1:
            raise ParameterError("one test suite is about classification or regression, not both: make two")
        needing = [test.name for test in self._tests if test.compares]
        if reference_data is None and needing:
            raise ParameterError(f"{', '.join(needing)}: a comparison needs reference_data")

        def asked(schema: Schema) -> list[str | Item]:
            found: list[str | Item] = []
            for test in self._tests:
                found += [item for item in test.asked(schema) if item not in found]
            return found

        self._compute(asked, reference_data, current_data, column_mapping, next(iter(tasks), None))

    def as_dict(self) -> dict[str, Any]:
        """`{"tests": [...], "summary": {"all_passed": ..., "total_tests": ..., ...}}`, one test for each verdict."""
        run = self.ours
        specs = {result.spec.name: result.spec for result in run.results}
        tests = [_told(verdict, specs[verdict.metric].title, specs[verdict.metric].group) for verdict in run.verdicts]
        by_status = {status: sum(t["status"] == status for t in tests) for status in STATUSES.values()}
        return {
            "tests": tests,
            "summary": {
                "all_passed": run.passed,
                "total_tests": len(tests),
                "success_tests": by_status["SUCCESS"] + by_status["WARNING"],
                "failed_tests": by_status["FAIL"],
                "by_status": {status: n for status, n in by_status.items() if n},
            },
            "timestamp": run.created,
        }

    def __bool__(self) -> bool:
        return self.ours.passed


def _told(verdict: Verdict, title: str, group: str) -> dict[str, Any]:
    where = ", ".join(verdict.labels.values())
    return {
        "name": title,
        "status": STATUSES[verdict.status],
        "group": group,
        "description": f"{title}{f' of {where}' if where else ''}: {verdict.reason or verdict.condition}",
        "parameters": {
            "metric": verdict.metric,
            "condition": verdict.condition,
            "value": verdict.value,
            "threshold": verdict.threshold,
            **verdict.labels,
        },
    }
