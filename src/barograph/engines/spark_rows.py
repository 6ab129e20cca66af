"""A Spark frame as `Rows`: which columns can be read, and what a sample of them looks like, told by one executor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl
from pyspark.errors import PySparkException
from pyspark.sql.types import ArrayType, DataType, DecimalType

from barograph import errors, frame
from barograph.engines import spark_count
from barograph.engines.spark_task import on_executors
from barograph.frame.foreign import unique_names
from barograph.frame.rows import SAMPLE_ROWS, make_rows
from barograph.schema import Family, Traits

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_TYPES: dict[str, pl.DataType] = {
    "ByteType": pl.Int8(), "ShortType": pl.Int16(), "IntegerType": pl.Int32(), "LongType": pl.Int64(),
    "FloatType": pl.Float32(), "DoubleType": pl.Float64(), "BooleanType": pl.Boolean(), "NullType": pl.Null(),
    "StringType": pl.String(), "CharType": pl.String(), "VarcharType": pl.String(), "BinaryType": pl.Binary(),
    "DateType": pl.Date(), "TimestampType": pl.Datetime("us", "UTC"), "TimestampNTZType": pl.Datetime("us"),
    "DayTimeIntervalType": pl.Duration("us"), "TimeType": pl.Time(),
}  # fmt: skip
_OURS = re.compile(r"barograph\.errors\.(\w+): (.*?)(?:\n\s*(?:SQLSTATE|at |JVM stacktrace|\n)|\Z)", re.DOTALL)
_LACKING = re.compile(r"No module named '([\w.]+)'")


def polars_type(dtype: DataType) -> pl.DataType | None:
    """The type of polars that a type of Spark becomes on its way; `None` where its values are no single values."""
    if isinstance(dtype, DecimalType):
        return pl.Decimal(dtype.precision, dtype.scale)
    if isinstance(dtype, ArrayType):
        inner = polars_type(dtype.elementType)
        return pl.List(inner) if inner is not None and inner.is_numeric() else None
    return _TYPES.get(type(dtype).__name__)


class SparkRows(frame.Rows):
    """Rows that stay where they are: traits and classes are told by an executor, and nothing else is read of them."""

    df: DataFrame
    positions: dict[str, int]
    outcomes: tuple[str, ...] = ()

    @classmethod
    def over(cls, df: DataFrame) -> SparkRows:
        """The readable columns of a Spark frame. Raises `InputError` where there are none, or two of one name."""
        names = unique_names(df.columns, "the Spark DataFrame")
        types = {name: field.dataType for name, field in zip(names, df.schema.fields, strict=True)}
        known = {name: polars_type(dtype) for name, dtype in types.items()}
        skipped = {name: types[name].simpleString() for name, found in known.items() if found is None}
        readable = {name: found for name, found in known.items() if found is not None}
        made = make_rows("DataFrame", readable, list, pl.DataFrame, skipped=skipped)
        rows = cls(**{name: getattr(made, name) for name in made.__dataclass_fields__})
        # by position, for names may hold dots, or differ in case only
        rows.df = df.toDF(*(f"c{at}" for at in range(len(names))))
        rows.positions = {name: at for at, name in enumerate(names)}
        return rows

    def select(self, columns: Sequence[str]) -> DataFrame:
        """Some columns, under names of no meaning."""
        return self.df.select(*(f"c{self.positions[name]}" for name in columns))

    def mapped(self, schema: str, columns: Sequence[str], task: str, *given: object) -> DataFrame:
        """What a task gives for each partition."""
        return self.select(columns).mapInArrow(on_executors(task, *given), schema)

    def empty(self) -> pl.DataFrame:
        """No rows, with the types that there would be."""
        return pl.DataFrame(schema={name: self._schema[name] for name in self.columns})

    def traits(self) -> dict[str, Traits]:
        """What the first 10,000 rows say of every column, as of the rows of a file."""
        told = self._told(self.columns, SAMPLE_ROWS, "traits")
        found = msgspec.convert(told[0], dict[str, Traits]) if told else frame.open_rows(self.empty()).traits()
        return found | dict.fromkeys(self.skipped, Traits(Family.UNSUPPORTED))

    def batches(self, progress: bool = False) -> Iterator[pl.DataFrame]:
        """One, with the distinct labels of the outcomes among as many rows as the first batch has elsewhere."""
        told = self._told(self.outcomes, frame.BATCH_ROWS, "classes") if self.outcomes else []
        labels = [pl.Series(c, sorted({v for part in told for v in part[c]}), pl.String) for c in self.outcomes]
        yield pl.concat([series.to_frame() for series in labels], how="horizontal") if labels else self.empty()

    def _told(self, columns: Sequence[str], n: int, task: str) -> list[Any]:
        """What one executor tells of the first rows, in their order; the rows stay there."""
        some = self.select(columns).coalesce(1).limit(n)
        found = collected(some.mapInArrow(on_executors(task, tuple(columns)), spark_count.TOLD))
        return [msgspec.msgpack.decode(data) for data in found.column("told").to_pylist()]


def collected(df: DataFrame) -> pa.Table:
    """The few rows that a job gives.

    What was raised on an executor is raised here under its own name. Raises `MissingExtraError` where executors lack a
    package.
    """
    try:
        return df.toArrow()
    except PySparkException as error:
        text = str(error)
        if lacking := _LACKING.search(text):
            raise errors.MissingExtraError(
                f"the executors' Python cannot import {lacking[1]}: install 'barograph[spark]' there too, or send an "
                "environment that has it (spark.archives, or addArtifacts on Spark Connect), and point "
                "spark.pyspark.python or PYSPARK_PYTHON to it"
            ) from error
        ours = _OURS.findall(text)
        kind = getattr(errors, ours[-1][0], None) if ours else None
        if isinstance(kind, type) and issubclass(kind, errors.BarographError):
            raise kind(ours[-1][1].strip()) from error
        raise
