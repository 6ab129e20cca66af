"""`TestSuite` by Evidently's name: checks of ours, told under the old keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from barograph.compat.evidently.judged import Answer, Several, Test
from barograph.compat.evidently.mapping import ColumnMapping
from barograph.compat.evidently.report import STATUSES, Ran
from barograph.errors import ParameterError
from barograph.metrics import quality
from barograph.presets import Item
from barograph.run import ALPHA
from barograph.schema import Schema


class TestSuite(Ran):
    """Tests and presets under their old names.

    What could not be judged is `SKIPPED`, and then not all has passed: nothing passes unseen. Conditions that are left
    out are ours: noise of the sample sizes at hand, and what matters.

    Raises `ParameterError` for tests of two tasks in one suite.

    >>> from barograph.compat.evidently.test_preset import DataStabilityTestPreset
    >>> suite = TestSuite(tests=[DataStabilityTestPreset()])
    >>> rows = {"age": list(range(100))}
    >>> suite.run(reference_data=rows, current_data=rows)
    >>> suite.as_dict()["summary"]["all_passed"]
    True
    """

    __test__ = False
    _kind = "test suite"

    def __init__(self, tests: Iterable[Test | Several], **options: Any) -> None:
        super().__init__()
        for name, value in options.items():
            if value is not None:
                raise ParameterError(f"TestSuite takes no {name!r} here; give it to barograph.Report")
        self._tests = list(tests)
        self._answers: list[Answer] = []
        for given in self._tests:
            if not isinstance(given, Test | Several):
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
            raise ParameterError(f"one test suite is about one task, and these are about {', '.join(sorted(tasks))}")

        def asked(schema: Schema) -> list[str | Item]:
            compared = reference_data is not None
            tests = [test for given in self._tests for test in given.tests(schema)]
            items = dict.fromkeys(item for test in tests for item in test.items(schema, compared))
            return list(items) or [quality.RowCount()]  # of an empty list a report would make its own choice

        self._compute(asked, reference_data, current_data, column_mapping, next(iter(tasks), None))
        self._answers = [
            answer
            for given in self._tests
            for test in given.tests(self._schema)
            for answer in test.answers(self.ours, self._schema, ALPHA)
        ]
        late = [answer.verdict for answer in self._answers if answer.late]
        self._run = msgspec.structs.replace(self.ours, verdicts=[*self.ours.verdicts, *late])

    def as_dict(self) -> dict[str, Any]:
        """`{"tests": [...], "summary": {"all_passed": ..., "total_tests": ..., ...}}`, in the order they were given."""
        run = self.ours
        tests = [_told(answer) for answer in self._answers]
        by_status = {status: sum(t["status"] == status for t in tests) for status in STATUSES.values()}
        return {
            "tests": tests,
            "summary": {
                "all_passed": bool(self),
                "total_tests": len(tests),
                "success_tests": by_status["SUCCESS"] + by_status["WARNING"],
                "failed_tests": by_status["FAIL"],
                "by_status": {status: n for status, n in by_status.items() if n},
            },
            "timestamp": run.created,
        }

    def __bool__(self) -> bool:
        statuses = [answer.verdict.status for answer in self._answers if self.ours]
        return bool(statuses) and all(status in ("pass", "warn") for status in statuses)


def _told(answer: Answer) -> dict[str, Any]:
    verdict = answer.verdict
    where = ", ".join(verdict.labels.values())
    said = verdict.reason or f"{_number(verdict.value)} is {verdict.condition}"
    return {
        "name": answer.name,
        "description": f"{answer.name}{f' of {where}' if where else ''}: {said}",
        "status": STATUSES[verdict.status],
        "group": answer.group,
        "parameters": {
            **answer.parameters,
            "metric": verdict.metric,
            "condition": verdict.condition,
            "value": verdict.value,
            "threshold": verdict.threshold,
            **({"column_name": verdict.labels["column"]} if "column" in verdict.labels else {}),
            **verdict.labels,
        },
    }


def _number(value: float | None) -> str:
    return "no number" if value is None else f"{value:.6g}"
