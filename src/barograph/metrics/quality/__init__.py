"""What the rows are like, column by column: missing, distinct, ranges, types and distributions."""

from barograph.metrics.quality.absent_share import AbsentShare
from barograph.metrics.quality.almost_constant_columns import AlmostConstantColumns
from barograph.metrics.quality.blank_share import BlankShare
from barograph.metrics.quality.column_count import ColumnCount
from barograph.metrics.quality.condition_share import ConditionShare
from barograph.metrics.quality.conflict_share import ConflictShare
from barograph.metrics.quality.constant_columns import ConstantColumns
from barograph.metrics.quality.distinct_count import DistinctCount
from barograph.metrics.quality.distinct_share import DistinctShare
from barograph.metrics.quality.distribution import Distribution
from barograph.metrics.quality.duplicated_row_share import DuplicatedRowShare
from barograph.metrics.quality.empty_columns import EmptyColumns
from barograph.metrics.quality.empty_row_share import EmptyRowShare
from barograph.metrics.quality.in_list_share import InListShare
from barograph.metrics.quality.in_range_share import InRangeShare
from barograph.metrics.quality.incomplete_columns import IncompleteColumns
from barograph.metrics.quality.incomplete_row_share import IncompleteRowShare
from barograph.metrics.quality.maximum import Maximum
from barograph.metrics.quality.mean import Mean
from barograph.metrics.quality.minimum import Minimum
from barograph.metrics.quality.missing_cell_share import MissingCellShare
from barograph.metrics.quality.missing_share import MissingShare
from barograph.metrics.quality.out_of_range_share import OutOfRangeShare
from barograph.metrics.quality.quantile import Quantile
from barograph.metrics.quality.row_count import RowCount
from barograph.metrics.quality.schema_changes import SchemaChanges
from barograph.metrics.quality.std import Std
from barograph.metrics.quality.sum_ import Sum
from barograph.metrics.quality.top_share import TopShare
from barograph.metrics.quality.unique_share import UniqueShare
from barograph.metrics.quality.unseen_share import UnseenShare

__all__ = [
    "AbsentShare", "AlmostConstantColumns", "BlankShare", "ColumnCount", "ConditionShare", "ConflictShare",
    "ConstantColumns", "DistinctCount", "DistinctShare", "Distribution", "DuplicatedRowShare", "EmptyColumns",
    "EmptyRowShare", "InListShare", "InRangeShare", "IncompleteColumns", "IncompleteRowShare",
    "Maximum", "Mean", "Minimum", "MissingCellShare", "MissingShare", "OutOfRangeShare", "Quantile", "RowCount",
    "SchemaChanges", "Std", "Sum", "TopShare", "UniqueShare", "UnseenShare",
]  # fmt: skip
