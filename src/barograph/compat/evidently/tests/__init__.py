"""Evidently's tests by their names, each a check of ours; and generators of a test for each column.

>>> from barograph.compat.evidently.test_suite import TestSuite
>>> from barograph.compat.evidently.tests import TestColumnValueMax, TestNumberOfRows, approx
>>> suite = TestSuite(tests=[TestNumberOfRows(eq=approx(3, absolute=1)), TestColumnValueMax("age", lt=40)])
>>> suite.run(reference_data=None, current_data={"age": [31, 35, 44, 28]})
>>> [test["status"] for test in suite.as_dict()["tests"]]
['SUCCESS', 'FAIL']
"""

from __future__ import annotations

from typing import Any

from barograph.compat.evidently.conditions import approx
from barograph.compat.evidently.judged import Recipe, TestClass
from barograph.compat.evidently.tests import drift, integrity, model, quality
from barograph.compat.evidently.tests.generators import GENERATORS, generate_column_tests
from barograph.errors import ParameterError

RECIPES: dict[str, Recipe] = {**integrity.RECIPES, **quality.RECIPES, **drift.RECIPES, **model.RECIPES}
CLASSES: dict[str, Any] = {**{name: TestClass(name, recipe) for name, recipe in RECIPES.items()}, **GENERATORS}


def __getattr__(name: str) -> Any:
    """A class of tests, or a generator, by its old name; what is not there says our way."""
    if name in CLASSES:
        return CLASSES[name]
    if not name.startswith("Test"):
        raise AttributeError(name)
    raise ParameterError(f"there is no test {name!r} here; give barograph.Report a Check(metric, condition) instead")


__all__ = ["CLASSES", "RECIPES", "approx", "generate_column_tests", *CLASSES]
