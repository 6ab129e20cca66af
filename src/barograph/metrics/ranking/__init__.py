"""How good recommendations are: measures of each user's first k, averaged over users, and of all users' items.

They are performance, and in its group. The schema names users, items, each item's score or rank, and its relevance.
"""

from barograph.metrics.ranking.aggregate_diversity import AggregateDiversity
from barograph.metrics.ranking.catalogue_coverage import CatalogueCoverage
from barograph.metrics.ranking.f_beta_at_k import FBetaAtK
from barograph.metrics.ranking.hit_rate import HitRate
from barograph.metrics.ranking.mean_average_precision import MeanAveragePrecision
from barograph.metrics.ranking.mean_average_recall import MeanAverageRecall
from barograph.metrics.ranking.mean_reciprocal_rank import MeanReciprocalRank
from barograph.metrics.ranking.ndcg import NDCG
from barograph.metrics.ranking.novelty import Novelty
from barograph.metrics.ranking.personalisation import Personalisation
from barograph.metrics.ranking.popularity_gini import PopularityGini
from barograph.metrics.ranking.precision_at_k import PrecisionAtK
from barograph.metrics.ranking.recall_at_k import RecallAtK
from barograph.metrics.ranking.recommended_popularity import RecommendedPopularity
from barograph.metrics.ranking.serendipity import Serendipity

__all__ = [
    "NDCG",
    "AggregateDiversity",
    "CatalogueCoverage",
    "FBetaAtK",
    "HitRate",
    "MeanAveragePrecision",
    "MeanAverageRecall",
    "MeanReciprocalRank",
    "Novelty",
    "Personalisation",
    "PopularityGini",
    "PrecisionAtK",
    "RecallAtK",
    "RecommendedPopularity",
    "Serendipity",
]
