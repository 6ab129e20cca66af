"""What the rows are like, column by column: missing, distinct, ranges, types and distributions."""

from barograph.metrics.quality.absent_share import AbsentShare
from barograph.metrics.quality.almost_constant_columns import AlmostConstantColumns
from barograph.metrics.quality.almost_duplicated_columns import AlmostDuplicatedColumns
from barograph.metrics.quality.blank_share import BlankShare
from barograph.metrics.quality.category_share import CategoryShare
from barograph.metrics.quality.clock_distribution import ClockDistribution
from barograph.metrics.quality.column_count import ColumnCount
from barograph.metrics.quality.column_interaction import ColumnInteraction
from barograph.metrics.quality.condition_share import ConditionShare
from barograph.metrics.quality.conflict_share import ConflictShare
from barograph.metrics.quality.constant_columns import ConstantColumns
from barograph.metrics.quality.cramers_v import CramersV
from barograph.metrics.quality.distinct_count import DistinctCount
from barograph.metrics.quality.distinct_share import DistinctShare
from barograph.metrics.quality.distribution import Distribution
from barograph.metrics.quality.duplicated_columns import DuplicatedColumns
from barograph.metrics.quality.duplicated_row_share import DuplicatedRowShare
from barograph.metrics.quality.empty_columns import EmptyColumns
from barograph.metrics.quality.empty_row_share import EmptyRowShare
from barograph.metrics.quality.freshness import Freshness
from barograph.metrics.quality.highest_correlation import HighestCorrelation
from barograph.metrics.quality.in_list_share import InListShare
from barograph.metrics.quality.in_range_share import InRangeShare
from barograph.metrics.quality.incomplete_columns import IncompleteColumns
from barograph.metrics.quality.incomplete_row_share import IncompleteRowShare
from barograph.metrics.quality.kendall import Kendall
from barograph.metrics.quality.largest_gap import LargestGap
from barograph.metrics.quality.match_share import MatchShare
from barograph.metrics.quality.maximum import Maximum
from barograph.metrics.quality.mean import Mean
from barograph.metrics.quality.minimum import Minimum
from barograph.metrics.quality.missing_cell_share import MissingCellShare
from barograph.metrics.quality.missing_kinds import MissingKinds
from barograph.metrics.quality.missing_share import MissingShare
from barograph.metrics.quality.mutual_information import MutualInformation
from barograph.metrics.quality.out_of_range_share import OutOfRangeShare
from barograph.metrics.quality.pearson import Pearson
from barograph.metrics.quality.quantile import Quantile
from barograph.metrics.quality.row_count import RowCount
from barograph.metrics.quality.schema_changes import SchemaChanges
from barograph.metrics.quality.spearman import Spearman
from barograph.metrics.quality.std import Std
from barograph.metrics.quality.sum_ import Sum
from barograph.metrics.quality.text_correlation import TextCorrelation
from barograph.metrics.quality.text_descriptors import TextDescriptors
from barograph.metrics.quality.top_share import TopShare
from barograph.metrics.quality.type_counts import TypeCounts
from barograph.metrics.quality.unicode_ranges import UnicodeRanges
from barograph.metrics.quality.unique_share import UniqueShare
from barograph.metrics.quality.unseen_share import UnseenShare
from barograph.metrics.quality.unseen_word_share import UnseenWordShare

__all__ = [
    "AbsentShare",
    "AlmostConstantColumns",
    "AlmostDuplicatedColumns",
    "BlankShare",
    "CategoryShare",
    "ClockDistribution",
    "ColumnCount",
    "ColumnInteraction",
    "ConditionShare",
    "ConflictShare",
    "ConstantColumns",
    "CramersV",
    "DistinctCount",
    "DistinctShare",
    "Distribution",
    "DuplicatedColumns",
    "DuplicatedRowShare",
    "EmptyColumns",
    "EmptyRowShare",
    "Freshness",
    "HighestCorrelation",
    "InListShare",
    "InRangeShare",
    "IncompleteColumns",
    "IncompleteRowShare",
    "Kendall",
    "LargestGap",
    "MatchShare",
    "Maximum",
    "Mean",
    "Minimum",
    "MissingCellShare",
    "MissingKinds",
    "MissingShare",
    "MutualInformation",
    "OutOfRangeShare",
    "Pearson",
    "Quantile",
    "RowCount",
    "SchemaChanges",
    "Spearman",
    "Std",
    "Sum",
    "TextCorrelation",
    "TextDescriptors",
    "TopShare",
    "TypeCounts",
    "UnicodeRanges",
    "UniqueShare",
    "UnseenShare",
    "UnseenWordShare",
]  # fmt: skip
