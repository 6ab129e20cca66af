"""Tests of what a batch is made of: rows, columns, types, and what is missing, empty, constant or repeated."""

from __future__ import annotations

from typing import Any

from barograph import frame
from barograph.checks import Check, close_to_reference, eq, gt, lte, no_drift, reference
from barograph.compat.evidently.judged import REQUIRED, Recipe, counted, outside_counted
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import drift, quality
from barograph.presets import MISSING_AT_LEAST, SHARE_AT_LEAST
from barograph.results import Run, Table, Value
from barograph.schema import Kind, Schema

GROUP = "data_integrity"
SORTS: tuple[Any, ...] = ("null", "nan", "pos_inf", "neg_inf")
COLUMN = {"column_name": REQUIRED}
_missing = close_to_reference(absolute=MISSING_AT_LEAST)
_few = close_to_reference(absolute=SHARE_AT_LEAST)


def _of(metric: Any) -> Any:
    """A metric of the whole, or of the column that is named."""

    def make(_schema: Schema, column_name: str | None = None, **_: Any) -> Metric:
        made: Metric = metric() if column_name is None else metric(column_name)
        return made

    return make


def _judged(metric: Any, condition: Any) -> Any:
    made = _of(metric)
    return lambda schema, **given: [Check(made(schema, **given), condition)]


def _by_column(condition: Any) -> Any:
    """Each column held against its own share of missing values: a share of all cells has no noise that is known."""
    return lambda _schema, **_: [Check(quality.MissingShare(), condition)]


def _ways(schema: Schema, column_name: str | None = None) -> list[Check]:
    """Each way to be missing held against its own share: one that was rare may well not have come, or come now."""
    worded = [c for c in schema.profiled if schema.kinds[c] in (Kind.CATEGORICAL, Kind.TEXT)]
    texts = [c for c in worded if column_name in (None, c)]
    absent = [quality.AbsentShare(column_name, sort) for sort in SORTS]
    return [Check(metric, _few) for metric in (*absent, *(quality.CategoryShare(c, "") for c in texts))]


def _n_ways(values: list[Value], run: Run, metric: Metric) -> Value | None:
    """How many ways there are in all columns together."""
    if not any(v.value is not None for v in values):
        return values[0] if values else None
    found = (r for r in run.results if r.spec.name == metric.spec.name and r.params == metric.params)
    rows = [row for result in found for table in result.figures if isinstance(table, Table) for row in table.rows]
    return Value(float(len({row[1] for row in rows})), n=max(v.n for v in values))


def _share_of_columns(values: list[Value], run: Run, _metric: Metric) -> Value | None:
    columns = run.find("column_count")
    n, total = (v[0].value if v else None for v in (values, columns))
    return Value(None if n is None or not total else n / total, note=values[0].note if values else "no rows")


def _pattern(_schema: Schema, column_name: str, reg_exp: str) -> Metric:
    text = f"matches(col({column_name!r}), {reg_exp + '.*'!r})"  # from the start on, as Python's re.match
    frame.expression(text)
    return quality.ConditionShare(text)


def _types(_schema: Schema, columns_type: Any = None) -> Metric:
    if columns_type is not None:
        raise ParameterError("types are those of the reference; say others as Schema(kinds={...}) to barograph.Report")
    return quality.SchemaChanges()


def _changes(_schema: Schema, **_: Any) -> list[Check]:
    return [Check(quality.SchemaChanges(), eq(0))]


def _repeated(_schema: Schema, **_: Any) -> list[Check]:
    """More repeated rows than the numbers of rows let expect: their share grows with these by its nature."""
    return [Check(drift.DistinctDrift(only="fewer"), no_drift(SHARE_AT_LEAST))]


RECIPES: dict[str, Recipe] = {
    "TestNumberOfRows": Recipe(
        "Number of Rows", GROUP, _of(quality.RowCount), _judged(quality.RowCount, gt(0)), gt(0)
    ),
    "TestNumberOfColumns": Recipe(
        "Number of Columns", GROUP, _of(quality.ColumnCount), _judged(quality.ColumnCount, eq(reference)), gt(0)
    ),
    "TestColumnsType": Recipe("Column Types", GROUP, _types, _changes, takes={"columns_type": None}),
    "TestNumberOfMissingValues": Recipe(
        "The Number of Missing Values", GROUP, _of(quality.MissingShare), _by_column(_missing), eq(0), read=counted
    ),
    "TestShareOfMissingValues": Recipe(
        "Share of Missing Values", GROUP, _of(quality.MissingCellShare), _by_column(_missing), eq(0)
    ),
    "TestNumberOfColumnsWithMissingValues": Recipe(
        "The Number of Columns With Missing Values", GROUP, _of(quality.IncompleteColumns), _by_column(_few), eq(0)
    ),
    "TestShareOfColumnsWithMissingValues": Recipe(
        "The Share of Columns With Missing Values", GROUP, _of(quality.IncompleteColumns), _by_column(_few), eq(0),
        read=_share_of_columns, beside=(quality.ColumnCount(),),
    ),
    "TestNumberOfRowsWithMissingValues": Recipe(
        "The Number Of Rows With Missing Values", GROUP, _of(quality.IncompleteRowShare),
        _judged(quality.IncompleteRowShare, _missing), eq(0), read=counted,
    ),
    "TestShareOfRowsWithMissingValues": Recipe(
        "The Share of Rows With Missing Values", GROUP, _of(quality.IncompleteRowShare),
        _judged(quality.IncompleteRowShare, _missing), eq(0),
    ),
    "TestNumberOfDifferentMissingValues": Recipe(
        "The Number of Different Missing Values", GROUP, _of(quality.MissingKinds), _ways, eq(0), read=_n_ways
    ),
    "TestColumnNumberOfDifferentMissingValues": Recipe(
        "The Number of Different Missing Values in a Column", GROUP, _of(quality.MissingKinds), _ways, eq(0), COLUMN
    ),
    "TestNumberOfDuplicatedColumns": Recipe(
        "Number of Duplicate Columns", GROUP, _of(quality.DuplicatedColumns),
        _judged(quality.DuplicatedColumns, lte(reference)), eq(0),
    ),
    "TestNumberOfConstantColumns": Recipe(
        "Number of Constant Columns", GROUP, _of(quality.ConstantColumns),
        _judged(quality.ConstantColumns, lte(reference)), eq(0),
    ),
    "TestNumberOfEmptyColumns": Recipe(
        "Number of Empty Columns", GROUP, _of(quality.EmptyColumns), _judged(quality.EmptyColumns, lte(reference)),
        eq(0),
    ),
    "TestNumberOfEmptyRows": Recipe(
        "Number of Empty Rows", GROUP, _of(quality.EmptyRowShare), _judged(quality.EmptyRowShare, _few), eq(0),
        read=counted,
    ),
    "TestNumberOfDuplicatedRows": Recipe(
        "Number of Duplicate Rows", GROUP, _of(quality.DuplicatedRowShare), _repeated, eq(0), read=counted
    ),
    "TestColumnNumberOfMissingValues": Recipe(
        "The Number of Missing Values in a Column", GROUP, _of(quality.MissingShare),
        _judged(quality.MissingShare, _missing), eq(0), COLUMN, read=counted,
    ),
    "TestColumnShareOfMissingValues": Recipe(
        "The Share of Missing Values in a Column", GROUP, _of(quality.MissingShare),
        _judged(quality.MissingShare, _missing), eq(0), COLUMN,
    ),
    "TestColumnAllConstantValues": Recipe(
        "All Constant Values in a Column", GROUP, _of(quality.DistinctCount), _judged(quality.DistinctCount, eq(1)),
        eq(1), COLUMN,
    ),
    "TestColumnAllUniqueValues": Recipe(
        "All Unique Values in a Column", GROUP, _of(quality.UniqueShare), _judged(quality.UniqueShare, eq(1)), eq(1),
        COLUMN,
    ),
    "TestColumnRegExp": Recipe(
        "RegExp Match", GROUP, _pattern, lambda schema, **given: [Check(_pattern(schema, **given), _few)], eq(1),
        {**COLUMN, "reg_exp": REQUIRED}, read=outside_counted,
    ),
}  # fmt: skip
