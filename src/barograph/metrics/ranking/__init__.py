"""How good recommendations are: measures of each user's first k, averaged over users.

They are performance, and in its group. The schema names users, items, each item's score or rank, and its relevance.
"""

from barograph.metrics.ranking.f_beta_at_k import FBetaAtK
from barograph.metrics.ranking.hit_rate import HitRate
from barograph.metrics.ranking.mean_average_precision import MeanAveragePrecision
from barograph.metrics.ranking.mean_average_recall import MeanAverageRecall
from barograph.metrics.ranking.mean_reciprocal_rank import MeanReciprocalRank
from barograph.metrics.ranking.ndcg import NDCG
from barograph.metrics.ranking.precision_at_k import PrecisionAtK
from barograph.metrics.ranking.recall_at_k import RecallAtK

__all__ = [
    "NDCG", "FBetaAtK", "HitRate", "MeanAveragePrecision", "MeanAverageRecall", "MeanReciprocalRank", "PrecisionAtK",
    "RecallAtK",
]  # fmt: skip
