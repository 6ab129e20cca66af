"""Tests of how good a model is: of classifiers, of regressors and of recommenders."""

from __future__ import annotations

from typing import Any

from barograph.checks import Check, better_than_dummy, close_to_reference, gt, lt, no_drift
from barograph.compat.evidently.judged import REQUIRED, Recipe
from barograph.conditions import Condition
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import drift, performance, ranking
from barograph.presets import PSI_AT_LEAST
from barograph.schema import Schema, label_of

_tenth = close_to_reference(relative=0.1)
_skilled = better_than_dummy()
_any = gt(0)


def _judged(metric: Any, condition: Condition) -> Any:
    return lambda schema, **given: [Check(metric(schema, **given), condition)]


def _rate(metric: Any) -> Any:
    """A rate of labels, of scores at a threshold, or of the `k` highest scores."""

    def make(_schema: Schema, probas_threshold: float | None = None, k: int | None = None) -> Metric:
        made: Metric = metric(probas_threshold, k=k)
        return made

    return make


def _averaged(schema: Schema, probas_threshold: Any = None, k: Any = None) -> dict[str, str]:
    return {} if schema.binary or probas_threshold is not None or k is not None else {"average": "macro"}


def _classified(title: str, metric: Any, averaged: bool = True) -> Recipe:
    made = _rate(metric)
    return Recipe(
        title, "classification", made, _judged(made, _tenth), _skilled, {"probas_threshold": None, "k": None},
        "classification", where=_averaged if averaged else None,
    )  # fmt: skip


def _by_class(title: str, metric: Any) -> Recipe:
    def made(_schema: Schema, probas_threshold: float | None = None, k: int | None = None, **_: Any) -> Metric:
        if probas_threshold is not None or k is not None:
            raise ParameterError("by class it is of labels; for scores give Schema(threshold=...) to barograph.Report")
        found: Metric = metric(by_class=True)
        return found

    return Recipe(
        title, "classification", made, _judged(made, _tenth), _skilled,
        {"label": REQUIRED, "probas_threshold": None, "k": None}, "classification",
        where=lambda _schema, label, **_: {"class": label_of(label)},
    )  # fmt: skip


def _several(average: str) -> Any:
    return lambda schema: {"average": average} if len(schema.scores) > 1 else {}


def _scored(title: str, metric: Any, condition: Condition, average: str) -> Recipe:
    def made(_schema: Schema) -> Metric:
        found: Metric = metric()
        return found

    return Recipe(
        title, "classification", made, _judged(made, condition), _skilled, {}, "classification",
        where=_several(average),
    )  # fmt: skip


def _error(title: str, metric: Any, condition: Condition, alone: Condition, against: float | None = None) -> Recipe:
    def made(_schema: Schema) -> Metric:
        found: Metric = metric()
        return found

    return Recipe(title, "regression", made, _judged(made, condition), alone, {}, "regression", against=against)


def _first(metric: Any, k: Any, no_feedback_users: bool, **more: Any) -> Metric:
    made: Metric = metric(k=k, no_relevant="zero" if no_feedback_users else "skip", **more)
    return made


def _at_k(title: str, metric: Any, **takes: Any) -> Recipe:
    def made(_schema: Schema, k: int, min_rel_score: Any = None, no_feedback_users: Any = False, **m: Any) -> Metric:
        _whole(min_rel_score)
        return _first(metric, k, bool(no_feedback_users), **m)

    takes = {"k": REQUIRED, "min_rel_score": None, "no_feedback_users": False, **takes}
    return Recipe(title, "recsys", made, _judged(made, _tenth), gt(0), takes, "ranking")


def _of_items(title: str, metric: Any, alone: Condition = _any, **takes: Any) -> Recipe:
    def made(_schema: Schema, k: int, min_rel_score: Any = None, **more: Any) -> Metric:
        _whole(min_rel_score)
        for name, value in more.items():
            if value:
                raise ParameterError(f"{name} is not read here: lists are compared by their items, not by features")
        found: Metric = metric(k=k)
        return found

    takes = {"k": REQUIRED, **takes}
    return Recipe(title, "recsys", made, _judged(made, _tenth), alone, takes, "ranking")


def _whole(min_rel_score: Any) -> None:
    if min_rel_score is not None:
        raise ParameterError("what is relevant is said by the target: make it 0 where it is below min_rel_score")


def _scores(schema: Schema, **_: Any) -> Metric:
    return drift.PSI(schema.prediction)


RECIPES: dict[str, Recipe] = {
    "TestAccuracyScore": _classified("Accuracy Score", performance.Accuracy, averaged=False),
    "TestPrecisionScore": _classified("Precision Score", performance.Precision),
    "TestRecallScore": _classified("Recall Score", performance.Recall),
    "TestF1Score": _classified("F1 Score", performance.F1),
    "TestTPR": _classified("True Positive Rate", performance.Recall),
    "TestTNR": _classified("True Negative Rate", performance.Specificity),
    "TestFPR": _classified("False Positive Rate", performance.FalsePositiveRate),
    "TestFNR": _classified("False Negative Rate", performance.FalseNegativeRate),
    "TestPrecisionByClass": _by_class("Precision Score by Class", performance.Precision),
    "TestRecallByClass": _by_class("Recall Score by Class", performance.Recall),
    "TestF1ByClass": _by_class("F1 Score by Class", performance.F1),
    "TestRocAuc": _scored("ROC AUC Score", performance.RocAuc, close_to_reference(absolute=0.05), "macro"),
    "TestLogLoss": _scored("Logarithmic Loss", performance.LogLoss, close_to_reference(relative=0.15), "all"),
    "TestValueMAE": _error("Mean Absolute Error (MAE)", performance.MAE, _tenth, _skilled),
    "TestValueRMSE": _error("Root Mean Square Error (RMSE)", performance.RMSE, _tenth, _skilled),
    "TestValueMAPE": _error("Mean Absolute Percentage Error (MAPE)", performance.MAPE, _tenth, _skilled),
    "TestValueMeanError": _error(
        "Mean Error (ME)", performance.MeanError, close_to_reference(sigmas=0.1), close_to_reference(sigmas=0.1), 0.0
    ),
    # the largest error has no noise that is known: twice as large is what matters
    "TestValueAbsMaxError": _error(
        "Max Absolute Error", performance.MaxError, close_to_reference(relative=1.0), _skilled
    ),
    "TestValueR2Score": _error("R2 Score", performance.R2, close_to_reference(absolute=0.05), gt(0)),
    "TestPrecisionTopK": _at_k("Precision (top-k)", ranking.PrecisionAtK),
    "TestRecallTopK": _at_k("Recall (top-k)", ranking.RecallAtK),
    "TestFBetaTopK": _at_k("F_beta (top-k)", ranking.FBetaAtK),
    "TestMAPK": _at_k("MAP (top-k)", ranking.MeanAveragePrecision),
    "TestMARK": _at_k("MAR (top-k)", ranking.MeanAverageRecall),
    "TestNDCGK": _at_k("NDCG (top-k)", ranking.NDCG),
    "TestHitRateK": _at_k("Hit Rate (top-k)", ranking.HitRate),
    "TestMRRK": _at_k("MRR (top-k)", ranking.MeanReciprocalRank),
    "TestNovelty": _of_items("Novelty (top-k)", ranking.Novelty, min_rel_score=None, item_features=None),
    "TestDiversity": _of_items("Diversity (top-k)", ranking.AggregateDiversity, min_rel_score=None, item_features=None),
    "TestSerendipity": _of_items("Serendipity (top-k)", ranking.Serendipity, min_rel_score=None, item_features=None),
    "TestPersonalization": _of_items(
        "Personalization (top-k)", ranking.Personalisation, min_rel_score=None, item_features=None
    ),
    "TestARP": _of_items("ARP (top-k)", ranking.RecommendedPopularity, normalize_arp=False),
    "TestCoverage": _of_items("Coverage (top-k)", ranking.CatalogueCoverage),
    "TestGiniIndex": _of_items("Gini Index (top-k)", ranking.PopularityGini, lt(1)),
    "TestScoreEntropy": Recipe(
        "Score Entropy (top-k)", "recsys", _scores, _judged(_scores, no_drift(PSI_AT_LEAST)), None, {"k": None},
        "ranking",
    ),
}  # fmt: skip
