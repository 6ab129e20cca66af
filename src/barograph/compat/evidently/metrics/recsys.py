"""Metrics of recommendations by their old names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from barograph.compat.evidently.entries import Asked, Entry, numbers, plain
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import quality, ranking


def _at_k(name: str, metric: Callable[..., Metric], *, by_user: bool = True) -> Callable[..., Entry]:
    def entry(
        k: int = 10, min_rel_score: int | None = None, no_feedback_users: bool = False, **parameters: Any
    ) -> Entry:  # fmt: skip
        if min_rel_score is not None:
            raise ParameterError(f"{name} takes no min_rel_score: make a target that is 1 where an item is relevant")
        users = {"no_relevant": "zero" if no_feedback_users else "skip"} if by_user else {}
        return plain(name, metric(k=k, **users, **parameters), task="ranking", k=k)

    entry.__name__ = entry.__qualname__ = name
    entry.__doc__ = f"`{name}`, answered by `{metric.spec.name}`."  # type: ignore[attr-defined]
    return entry


PrecisionTopKMetric = _at_k("PrecisionTopKMetric", ranking.PrecisionAtK)
RecallTopKMetric = _at_k("RecallTopKMetric", ranking.RecallAtK)
FBetaTopKMetric = _at_k("FBetaTopKMetric", ranking.FBetaAtK)
MAPKMetric = _at_k("MAPKMetric", ranking.MeanAveragePrecision)
MARKMetric = _at_k("MARKMetric", ranking.MeanAverageRecall)
NDCGKMetric = _at_k("NDCGKMetric", ranking.NDCG)
MRRKMetric = _at_k("MRRKMetric", ranking.MeanReciprocalRank)
HitRateKMetric = _at_k("HitRateKMetric", ranking.HitRate)
PersonalizationMetric = _at_k("PersonalizationMetric", ranking.Personalisation, by_user=False)
NoveltyMetric = _at_k("NoveltyMetric", ranking.Novelty, by_user=False)


def DiversityMetric(k: int = 10, item_features: list[str] | None = None) -> Entry:  # noqa: N802 - the old name
    """How many items recommendations are spread over; distances by features of items are not kept."""
    _no_features("DiversityMetric", item_features)
    return plain("DiversityMetric", ranking.AggregateDiversity(k=k), task="ranking", k=k)


def SerendipityMetric(k: int = 10, item_features: list[str] | None = None) -> Entry:  # noqa: N802
    """Share of recommendations that are relevant and that popularity would not have given."""
    _no_features("SerendipityMetric", item_features)
    return plain("SerendipityMetric", ranking.Serendipity(k=k), task="ranking", k=k)


def PopularityBias(k: int = 10) -> Entry:  # noqa: N802
    """How popular recommended items are, how many of all they are, and how unevenly they are recommended."""
    measures = ranking.RecommendedPopularity(k=k), ranking.CatalogueCoverage(k=k), ranking.PopularityGini(k=k)
    return plain("PopularityBias", *measures, task="ranking", k=k)


def ScoreDistribution(k: int = 10) -> Entry:  # noqa: N802
    """The distribution of scores or ranks, drawn."""
    asked: Asked = lambda schema: [quality.Distribution(schema.prediction)] if schema.prediction else []  # noqa: E731
    return Entry("ScoreDistribution", asked, lambda run, schema: {"k": k, **numbers(run, asked(schema))}, "ranking")


def _no_features(name: str, item_features: list[str] | None) -> None:
    if item_features is not None:
        raise ParameterError(f"{name} takes no item_features: profiles keep no items' features")


def UserBiasMetric(column_name: str) -> Entry:  # noqa: N802
    """The distribution of a column of users, drawn beside the reference's."""
    return plain("UserBiasMetric", quality.Distribution(column_name), task="ranking", column_name=column_name)


def ItemBiasMetric(column_name: str) -> Entry:  # noqa: N802
    """The distribution of a column of items, drawn beside the reference's."""
    return plain("ItemBiasMetric", quality.Distribution(column_name), task="ranking", column_name=column_name)
