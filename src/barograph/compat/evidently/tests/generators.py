"""Tests that are made for each column of a sort."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from barograph.checks import Check, no_drift
from barograph.compat.evidently.drift import drift_check
from barograph.compat.evidently.judged import Recipe, Several, Test, TestClass
from barograph.compat.evidently.tests import drift, integrity, quality
from barograph.errors import ParameterError
from barograph.metrics import drift as measures
from barograph.presets import EMBEDDING_AT_LEAST
from barograph.schema import Kind, Schema

KINDS: dict[str, tuple[Kind, ...]] = {
    "all": tuple(Kind), "num": (Kind.NUMERIC,), "cat": (Kind.CATEGORICAL, Kind.BOOLEAN), "text": (Kind.TEXT,),
    "datetime": (Kind.DATETIME,), "features": tuple(Kind),
}  # fmt: skip


def generate_column_tests(
    test_class: TestClass, columns: str | list[str] | None = None, parameters: Mapping[str, Any] | None = None
) -> Several:
    """One test of a class for each of some columns: named ones, or `"all"`, `"num"`, `"cat"`, `"text"`, `"datetime"`,
    `"features"`.

    Raises `ParameterError` for what is no class of tests of a column, and for another word.
    """
    if not isinstance(test_class, TestClass) or "column_name" not in test_class.recipe.takes:
        raise ParameterError(f"{getattr(test_class, 'name', test_class)!r} is no test of one column")
    if isinstance(columns, str) and columns not in KINDS:
        raise ParameterError(f"columns is {columns!r}; it is a list of names, or one of {', '.join(KINDS)}")
    given = dict(parameters or {})
    test_class("any", **given)  # a wrong parameter fails here

    def made(schema: Schema) -> list[Test]:
        named = _columns(schema, columns or "all") if columns is None or isinstance(columns, str) else columns
        return [test_class(column_name=column, **given) for column in named]

    return Several(f"{test_class.name} by column", made)


def _columns(schema: Schema, word: str) -> list[str]:
    among = schema.features if word == "features" else schema.profiled
    return [column for column in among if schema.kinds[column] in KINDS[word]]


def _for_each(name: str, recipe: Recipe, **takes: Any) -> Callable[..., Several]:
    """A generator: of all columns at once, or of those that are named."""
    spread = TestClass(name, replace(recipe, each=True, takes={**takes}))
    single = TestClass(name, recipe)

    def generator(columns: list[str] | None = None, is_critical: bool = True, **given: Any) -> Several:
        whole = spread(is_critical=is_critical, **given)
        if columns is None:
            return Several(name, lambda _schema: [whole])
        return Several(name, lambda _schema: [single(column, is_critical=is_critical, **given) for column in columns])

    generator.__name__ = generator.__qualname__ = name
    generator.__doc__ = f"`{name}`: one test for each column, or for each of `columns`."
    return generator


def _custom(features: Mapping[str, float | str], is_critical: bool = True) -> Several:
    """`TestCustomFeaturesValueDrift`: a method, or a threshold, for each column."""
    single = TestClass("TestCustomFeaturesValueDrift", drift.RECIPES["TestColumnDrift"])
    made = [
        single(column, stattest=how, is_critical=is_critical)
        if isinstance(how, str)
        else single(column, stattest_threshold=how, is_critical=is_critical)
        for column, how in features.items()
    ]
    return Several("TestCustomFeaturesValueDrift", lambda _schema: made)


_embeddings = replace(
    drift.RECIPES["TestEmbeddingsDrift"],
    metric=lambda _schema: measures.EmbeddingDrift(),
    judged=lambda _schema: [Check(measures.EmbeddingDrift(), no_drift(EMBEDDING_AT_LEAST))],
    takes={},
)
_drift = replace(
    drift.RECIPES["TestColumnDrift"],
    judged=lambda _schema, **given: [
        drift_check(given.get("column_name"), given["stattest"], given["stattest_threshold"])
    ],
)
GENERATORS: dict[str, Any] = {
    "TestAllColumnsShareOfMissingValues": _for_each(
        "TestAllColumnsShareOfMissingValues", integrity.RECIPES["TestColumnShareOfMissingValues"]
    ),
    "TestAllColumnsMostCommonValueShare": _for_each(
        "TestAllColumnsMostCommonValueShare", quality.RECIPES["TestMostCommonValueShare"]
    ),
    "TestNumColumnsOutOfRangeValues": _for_each(
        "TestNumColumnsOutOfRangeValues", quality.RECIPES["TestShareOfOutRangeValues"]
    ),
    "TestCatColumnsOutOfListValues": _for_each(
        "TestCatColumnsOutOfListValues", quality.RECIPES["TestShareOfOutListValues"]
    ),
    "TestNumColumnsMeanInNSigmas": _for_each(
        "TestNumColumnsMeanInNSigmas", quality.RECIPES["TestMeanInNSigmas"], n_sigmas=None
    ),
    "TestAllFeaturesValueDrift": _for_each("TestAllFeaturesValueDrift", _drift, **drift.METHOD),
    "TestAllEmbeddingsDrift": _for_each("TestAllEmbeddingsDrift", _embeddings),
    "TestCustomFeaturesValueDrift": _custom,
}
