"""`from evidently.pipeline.column_mapping import ColumnMapping` with the new import."""

from barograph.compat.evidently.mapping import ColumnMapping

__all__ = ["ColumnMapping"]
