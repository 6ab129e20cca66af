"""Evidently's metrics of classifiers, regressors and recommenders, and what of ours answers each."""

from __future__ import annotations

from typing import Any

from barograph.compat.evidently.metrics.data import by_feature
from barograph.compat.evidently.sheets import REQUIRED, Sheet
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import performance as p
from barograph.metrics import quality, ranking
from barograph.metrics.ranking.at_k import AtK
from barograph.metrics.ranking.items import OfItems

CLASSIFIED = {
    "accuracy": "accuracy", "precision": "precision", "recall": "recall", "f1": "f1", "tpr": "recall",
    "tnr": "specificity", "fpr": "false_positive_rate", "fnr": "false_negative_rate", "roc_auc": "roc_auc",
    "log_loss": "log_loss",
}  # fmt: skip
ERRORS = {
    "mean_error": "mean_error", "error_std": "error_std", "mean_abs_error": "mae",
    "mean_abs_perc_error": "mape percent",
    "rmse": "rmse", "r2_score": "r2", "abs_error_max": "max_error",
}  # fmt: skip


def classified(probas_threshold: float | None = None, k: int | None = None) -> list[Metric]:
    """The usual numbers of a classifier, of its labels, of scores at a threshold, or of the `k` highest."""
    rates = (p.Accuracy, p.Precision, p.Recall, p.F1, p.Specificity, p.FalsePositiveRate, p.FalseNegativeRate)
    return [*(rate(probas_threshold, k=k) for rate in rates), p.RocAuc(), p.LogLoss()]


def errors() -> list[Metric]:
    """The usual numbers of a regressor."""
    return [p.MeanError(), p.ErrorStd(), p.MAE(), p.MAPE(), p.RMSE(), p.R2(), p.MaxError()]


def _of(task: Any, *metrics: Metric, **takes: Any) -> Sheet:
    return Sheet(lambda **_: metrics, takes=takes, task=task)


def _classes(*metrics: Metric, **takes: Any) -> Sheet:
    return _of("classification", *metrics, **takes)


def _numbers(*metrics: Metric, **takes: Any) -> Sheet:
    return _of("regression", *metrics, **takes)


AT = {"probas_threshold": None, "k": None}


def at_k(metric: type[AtK], **takes: Any) -> Sheet:
    """A measure of each user's first `k`."""

    def made(k: int, no_feedback_users: bool = False, min_rel_score: Any = None, **more: Any) -> list[Metric]:
        _whole(min_rel_score)
        return [metric(k=k, no_relevant="zero" if no_feedback_users else "skip", **more)]

    takes = {"k": 10, "min_rel_score": None, "no_feedback_users": False, **takes}
    return Sheet(made, {"value": metric.spec.name}, takes, "ranking")


def of_items(*metrics: type[OfItems]) -> Sheet:
    """Measures of the items that users got among their first `k`."""
    keys = {"value": metrics[0].spec.name} if len(metrics) == 1 else {}

    def made(k: int, min_rel_score: Any, item_features: Any, normalize_arp: Any) -> list[Metric]:
        _whole(min_rel_score)
        if item_features or normalize_arp:
            raise ParameterError("lists are compared by their items: profiles keep no items' features")
        return [metric(k=k) for metric in metrics]

    takes = {"k": 10, "min_rel_score": None, "item_features": None, "normalize_arp": False}
    return Sheet(made, keys, takes, "ranking")


def _whole(min_rel_score: Any) -> None:
    if min_rel_score is not None:
        raise ParameterError("what is relevant is said by the target: make it 0 where it is below min_rel_score")


def _by_feature(columns: Any) -> list[Metric]:
    rates = ("accuracy", "precision", "recall")
    return by_feature(columns, *(lambda column, of=of: p.PerformanceByFeature(column, of=of) for of in rates))


def _biased(columns: Any, top_error: float) -> list[Metric]:
    told = by_feature(columns, lambda column: p.ErrorBias(column, top_error), p.BiasByFeature)
    return [*told, p.ErrorTails(share=top_error)]


TAILS = {"top_error": 0.05}
POPULAR = (ranking.RecommendedPopularity, ranking.CatalogueCoverage, ranking.PopularityGini)
SHEETS: dict[str, Sheet] = {
    "ClassificationQualityMetric": Sheet(classified, CLASSIFIED, AT, "classification"),
    "ClassificationDummyMetric": _classes(p.Dummy(), **AT),
    "ClassificationClassBalance": _classes(p.TargetRate()),
    "ClassificationQualityByClass": _classes(p.Precision(by_class=True), p.Recall(by_class=True), p.F1(by_class=True)),
    "ClassificationQualityByFeatureTable": Sheet(_by_feature, {}, {"columns": None}, "classification"),
    "ClassificationClassSeparationPlot": _classes(p.ClassSeparation(), p.ScoreDistribution()),
    "ClassificationProbDistribution": _classes(p.ScoreDistribution()),
    "ClassificationRocCurve": _classes(p.RocAuc()),
    "ClassificationPRCurve": _classes(p.AveragePrecision()),
    "ClassificationPRTable": _classes(p.ThresholdTable()),
    "ClassificationLiftCurve": _classes(p.Lift(), p.Gain()),
    "ClassificationLiftTable": Sheet(
        lambda top: [p.Lift(share=top / 100), p.Gain()], {}, {"top": 10}, "classification"
    ),
    "RegressionQualityMetric": Sheet(errors, ERRORS, task="regression"),
    "RegressionPerformanceMetrics": Sheet(errors, ERRORS, task="regression"),
    "RegressionDummyMetric": _numbers(p.Dummy()),
    "RegressionErrorDistribution": _numbers(p.ErrorQuantiles()),
    "RegressionErrorNormality": _numbers(p.ErrorNormality()),
    "RegressionErrorPlot": _numbers(p.MeanError(), p.ErrorQuantiles()),
    "RegressionAbsPercentageErrorPlot": _numbers(p.PercentageErrorQuantiles()),
    "RegressionErrorBiasTable": Sheet(_biased, {}, {"columns": None, **TAILS}, "regression"),
    "RegressionTopErrorMetric": Sheet(lambda top_error: [p.ErrorTails(share=top_error)], {}, TAILS, "regression"),
    "RegressionPredictedVsActualScatter": _numbers(p.PredictedActual()),
    "RegressionPredictedVsActualPlot": _numbers(p.PredictedActual()),
    "PrecisionTopKMetric": at_k(ranking.PrecisionAtK),
    "RecallTopKMetric": at_k(ranking.RecallAtK),
    "FBetaTopKMetric": at_k(ranking.FBetaAtK, beta=1.0),
    "MAPKMetric": at_k(ranking.MeanAveragePrecision),
    "MARKMetric": at_k(ranking.MeanAverageRecall),
    "NDCGKMetric": at_k(ranking.NDCG),
    "MRRKMetric": at_k(ranking.MeanReciprocalRank),
    "HitRateKMetric": at_k(ranking.HitRate),
    "DiversityMetric": of_items(ranking.AggregateDiversity),
    "PersonalizationMetric": of_items(ranking.Personalisation),
    "NoveltyMetric": of_items(ranking.Novelty),
    "SerendipityMetric": of_items(ranking.Serendipity),
    "PopularityBias": of_items(*POPULAR),
    "ItemBiasMetric": Sheet(lambda column_name: [quality.Distribution(column_name)], takes={"column_name": REQUIRED}),
    "UserBiasMetric": Sheet(lambda column_name: [quality.Distribution(column_name)], takes={"column_name": REQUIRED}),
    "ScoreDistribution": Sheet(lambda **_: [quality.Distribution()], takes={"k": None}, task="ranking"),
}  # fmt: skip
