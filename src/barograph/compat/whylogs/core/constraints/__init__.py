"""Constraints on a profile, judged by our checks: what was not looked at never passes.

>>> import barograph.compat.whylogs as why
>>> from barograph.compat.whylogs.core.constraints import ConstraintsBuilder, is_in_range, no_missing_values
>>> builder = ConstraintsBuilder(dataset_profile_view=why.log({"age": [31, 45, None]}).view())
>>> built = builder.add_constraint(is_in_range("age", 0, 120)).add_constraint(no_missing_values("age")).build()
>>> built.validate(), [result[:3] for result in built.generate_constraints_report()]
(False, [('age is in range [0, 120]', 1, 0), ('age has no missing values', 0, 1)])
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from barograph.checks import Check
from barograph.compat.whylogs.core.constraints.factories import (
    FACTORIES,
    Constraint,
    column_has_non_zero_types,
    column_has_zero_count_types,
    column_is_nullable_boolean,
    column_is_nullable_datatype,
    column_is_nullable_fractional,
    column_is_nullable_integral,
    column_is_nullable_object,
    column_is_nullable_string,
    column_is_probably_unique,
    condition_count_below,
    condition_meets,
    condition_never_meets,
    count_below_number,
    distinct_number_in_range,
    frequent_strings_in_reference_set,
    greater_than_number,
    is_in_range,
    is_non_negative,
    mean_between_range,
    n_most_common_items_in_set,
    no_missing_values,
    null_percentage_below_number,
    null_values_below_number,
    quantile_between_range,
    smaller_than_number,
    stddev_between_range,
)
from barograph.compat.whylogs.views import DatasetProfileView, view_of
from barograph.conditions import Chance
from barograph.errors import ParameterError
from barograph.foreign import WhylogsProfile
from barograph.results import Result, Run, Spec, Value, Verdict
from barograph.run import evaluate

CONSTRAINT = Spec(
    name="constraint",
    title="Constraint",
    group="quality",
    help="A number that a constraint is about.",
)


class ReportResult(NamedTuple):
    """What one constraint says; of `passed` and `failed` one is 1."""

    name: str
    passed: int
    failed: int
    summary: str | None


class Constraints:
    """Constraints on one profile."""

    def __init__(self, view: DatasetProfileView, constraints: tuple[Constraint, ...]) -> None:
        self._view = view
        self._constraints = constraints

    @cached_property
    def _verdicts(self) -> list[tuple[Constraint, list[Verdict]]]:
        return [(constraint, self._judged(constraint)) for constraint in self._constraints]

    def _checks(self, constraint: Constraint) -> tuple[Check, ...]:
        """Checks of ours that judge it; none where a whylogs file has the number itself."""
        theirs = isinstance(self._view.held, WhylogsProfile) and constraint.read is not None
        return () if theirs else constraint.checks

    def _judged(self, constraint: Constraint) -> list[Verdict]:
        if checks := self._checks(constraint):
            return evaluate(checks, self._view.profile_of_ours).verdicts
        assert constraint.condition is not None
        assert constraint.read is not None
        row = self._view.rows().get(constraint.column)
        value, why = (None, f"there is no column {constraint.column!r}") if row is None else constraint.read(row)
        labels = {"column": constraint.column, "constraint": constraint.name}
        verdict = Verdict("unknown", CONSTRAINT.name, str(constraint.condition), value, labels=labels, reason=why)
        if value is not None:
            outcome = constraint.condition.judge(value, Value(value, labels), CONSTRAINT, 0.01, Chance())
            verdict = Verdict(
                outcome.status, CONSTRAINT.name, str(constraint.condition), value, outcome.threshold, labels=labels,
                reason=outcome.reason and f"{outcome.reason}{f': {why}' if why else ''}",
            )  # fmt: skip
        return [verdict]

    def validate(self) -> bool:
        """Whether there is a constraint, and every one is met. What cannot be told is not met."""
        results = self.generate_constraints_report()
        return bool(results) and all(result.passed for result in results)

    def generate_constraints_report(self, *, with_summary: bool = False) -> list[ReportResult]:
        """One result a constraint, in their order; the summary says why one is not met."""
        found = []
        for constraint, verdicts in self._verdicts:
            met = bool(verdicts) and all(verdict.status == "pass" for verdict in verdicts)
            why = "; ".join(dict.fromkeys(v.reason for v in verdicts if v.status != "pass" and v.reason))
            found.append(
                ReportResult(constraint.name, int(met), int(not met), why if with_summary or not met else None)
            )
        return found

    def run(self, title: str = "Constraints") -> Run:
        """All of it as one run, for the renderers."""
        profile = self._view.profile_of_ours
        checks = [check for constraint in self._constraints for check in self._checks(constraint)]
        run = evaluate(checks, profile, title=title)
        own = [
            verdict for constraint, verdicts in self._verdicts if not self._checks(constraint) for verdict in verdicts
        ]
        values = [Value(v.value, v.labels, profile.n_rows, note=v.reason) for v in own]
        results = [*run.results, *([Result(CONSTRAINT, values=values)] if values else [])]
        fields: dict[str, Any] = {name: getattr(run, name) for name in Run.__struct_fields__}
        return Run(**{**fields, "results": results, "verdicts": [*run.verdicts, *own]})


class ConstraintsBuilder:
    """Collects constraints on a profile: `ConstraintsBuilder(view).add_constraint(...).build()`."""

    def __init__(self, dataset_profile_view: object, reference_profile_view: object = None) -> None:
        if reference_profile_view is not None:
            raise ParameterError(
                "constraints do not compare profiles here; our way: "
                "Report('data_stability').run(current=rows, reference=reference)"
            )
        self._view = view_of(dataset_profile_view)
        self._constraints: list[Constraint] = []

    def add_constraint(self, constraint: Constraint) -> ConstraintsBuilder:
        """Add one that a factory made. Raises `ParameterError` for anything else."""
        if not isinstance(constraint, Constraint):
            raise ParameterError(
                f"a constraint comes from one of the factories ({', '.join(sorted(FACTORIES))}), not "
                f"{constraint!r}; our way: Check(metric, condition)"
            )
        self._constraints.append(constraint)
        return self

    def add_constraints(self, constraints: Iterable[Constraint]) -> ConstraintsBuilder:
        """Add several."""
        for constraint in constraints:
            self.add_constraint(constraint)
        return self

    def build(self) -> Constraints:
        """The constraints, ready to be judged."""
        return Constraints(self._view, tuple(self._constraints))


def __getattr__(name: str) -> Any:
    """Of what whylogs has and this has not, say our way."""
    if name in ("MetricConstraint", "DatasetConstraint", "DatasetComparisonConstraint", "MetricsSelector"):
        raise ParameterError(f"{name} is not here; our way: Check(metric, condition), with any metric of ours")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Constraint", "Constraints", "ConstraintsBuilder", "ReportResult", "column_has_non_zero_types",
    "column_has_zero_count_types", "column_is_nullable_boolean", "column_is_nullable_datatype",
    "column_is_nullable_fractional", "column_is_nullable_integral", "column_is_nullable_object",
    "column_is_nullable_string", "column_is_probably_unique", "condition_count_below", "condition_meets",
    "condition_never_meets", "count_below_number", "distinct_number_in_range", "frequent_strings_in_reference_set",
    "greater_than_number", "is_in_range", "is_non_negative", "mean_between_range", "n_most_common_items_in_set",
    "no_missing_values", "null_percentage_below_number", "null_values_below_number", "quantile_between_range",
    "smaller_than_number", "stddev_between_range",
]  # fmt: skip
