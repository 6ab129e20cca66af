"""The names of Evidently 0.7's metrics, and what of ours answers each: the number stands under `value`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from barograph.compat.evidently.metrics.model import POPULAR, at_k, of_items
from barograph.compat.evidently.sheets import REQUIRED, Sheet
from barograph.metric import Metric
from barograph.metrics import drift, quality, ranking
from barograph.metrics import performance as p

COLUMN = {"column": REQUIRED}


def _column(metric: Callable[..., Metric], form: str = "", **takes: Any) -> Sheet:
    """A number of one column."""
    return _told(lambda column, **given: metric(column, **given), form, {**COLUMN, **takes})


def _told(metric: Callable[..., Metric], form: str, takes: Mapping[str, Any], task: Any = None) -> Sheet:
    return Sheet(lambda **given: [metric(**given)], _keys(metric, form, takes), takes, task)


def _keys(metric: Callable[..., Metric], form: str, takes: Mapping[str, Any]) -> dict[str, str]:
    name = NAMED.get(form)
    given = {n: PROBES.get(n, "any") for n, default in takes.items() if default is REQUIRED}
    of = metric(**{**takes, **given}).spec.name
    if name is None:
        return {"value": of}
    share, count = name
    return {"share": f"{of} {share}".strip(), "count": f"{of} {count}"}


NAMED = {"counted": ("", "count"), "left": ("left", "left_count")}
PROBES: dict[str, Any] = {"quantile": 0.5, "values": ("any",), "k": 1, "left": 0, "right": 1}


def _whole(metric: Metric, form: str = "", task: Any = None) -> Sheet:
    return _told(lambda: metric, form, {}, task)


def _classes(metric: Metric) -> Sheet:
    return _whole(metric, task="classification")


def _dummy(task: Any) -> Sheet:
    return Sheet(lambda: [p.Dummy()], task=task)


def _by_class(metric: Metric) -> Sheet:
    return Sheet(lambda: [metric], task="classification")


_of_one = Sheet(lambda **_: [quality.Spearman(), quality.CramersV()], {}, {"column_name": REQUIRED})
SHEETS: dict[str, Sheet] = {
    "MinValue": _column(quality.Minimum),
    "MaxValue": _column(quality.Maximum),
    "MeanValue": _column(quality.Mean),
    "MedianValue": _column(quality.Quantile),
    "StdValue": _column(quality.Std),
    "SumValue": _column(quality.Sum),
    "QuantileValue": _told(
        lambda column, quantile: quality.Quantile(column, q=quantile), "", {**COLUMN, "quantile": REQUIRED}
    ),
    "CategoryCount": _told(
        lambda column, category: quality.CategoryShare(column, category), "counted", {**COLUMN, "category": REQUIRED}
    ),
    "InRangeValueCount": _told(
        lambda column, left, right: quality.InRangeShare(column, left, right), "counted",
        {**COLUMN, "left": REQUIRED, "right": REQUIRED},
    ),
    "OutRangeValueCount": _told(
        lambda column, left, right: quality.InRangeShare(column, left, right), "left",
        {**COLUMN, "left": REQUIRED, "right": REQUIRED},
    ),
    "InListValueCount": _told(
        lambda column, values: quality.InListShare(column, values), "counted", {**COLUMN, "values": REQUIRED}
    ),
    "OutListValueCount": _told(
        lambda column, values: quality.InListShare(column, values), "left", {**COLUMN, "values": REQUIRED}
    ),
    "MissingValueCount": _column(quality.MissingShare, "counted"),
    "UniqueValueCount": _column(quality.DistinctCount),
    "EmbeddingsDrift": _told(
        lambda embeddings_name: drift.EmbeddingDrift(embeddings_name), "", {"embeddings_name": REQUIRED}
    ),
    "RowCount": _whole(quality.RowCount()),
    "ColumnCount": _whole(quality.ColumnCount()),
    "DuplicatedRowCount": _whole(quality.DuplicatedRowShare(), "counted"),
    "DuplicatedColumnsCount": _whole(quality.DuplicatedColumns()),
    "AlmostDuplicatedColumnsCount": _whole(quality.AlmostDuplicatedColumns()),
    "AlmostConstantColumnsCount": _whole(quality.AlmostConstantColumns()),
    "ConstantColumnsCount": _whole(quality.ConstantColumns()),
    "EmptyRowsCount": _whole(quality.EmptyRowShare(), "counted"),
    "EmptyColumnsCount": _whole(quality.EmptyColumns()),
    "DatasetMissingValueCount": Sheet(
        lambda: [quality.MissingShare(), quality.MissingCellShare()],
        {"share": "missing_cell_share", "count": "missing_share count"},
    ),
    "CorrelationMatrix": Sheet(lambda: [quality.Spearman(), quality.Pearson(), quality.Kendall()]),
    "DatasetCorrelations": Sheet(
        lambda: [quality.Spearman(), quality.Pearson(), quality.Kendall(), quality.CramersV()]
    ),
    "ColumnCorrelations": _of_one,
    "ColumnCorrelationMatrix": _of_one,
    "Accuracy": _classes(p.Accuracy()),
    "Precision": _classes(p.Precision()),
    "Recall": _classes(p.Recall()),
    "F1Score": _classes(p.F1()),
    "TPR": _classes(p.Recall()),
    "TNR": _classes(p.Specificity()),
    "FPR": _classes(p.FalsePositiveRate()),
    "FNR": _classes(p.FalseNegativeRate()),
    "RocAuc": _classes(p.RocAuc()),
    "LogLoss": _classes(p.LogLoss()),
    "F1ByLabel": _by_class(p.F1(by_class=True)),
    "PrecisionByLabel": _by_class(p.Precision(by_class=True)),
    "RecallByLabel": _by_class(p.Recall(by_class=True)),
    "RocAucByLabel": _by_class(p.RocAuc()),
    **{
        f"Dummy{name}": _dummy("classification")
        for name in ("Accuracy", "Precision", "Recall", "F1Score", "TPR", "TNR", "FPR", "FNR", "RocAuc", "LogLoss")
    },
    "MeanError": _whole(p.MeanError(), task="regression"),
    "MAE": _whole(p.MAE(), task="regression"),
    "MAPE": _whole(p.MAPE(), task="regression"),
    "RMSE": _whole(p.RMSE(), task="regression"),
    "R2Score": _whole(p.R2(), task="regression"),
    "AbsMaxError": _whole(p.MaxError(), task="regression"),
    **{f"Dummy{name}": _dummy("regression") for name in ("MAE", "MAPE", "RMSE")},
    "NDCG": at_k(ranking.NDCG),
    "MRR": at_k(ranking.MeanReciprocalRank),
    "HitRate": at_k(ranking.HitRate),
    "MAP": at_k(ranking.MeanAveragePrecision),
    "RecallTopK": at_k(ranking.RecallAtK),
    "PrecisionTopK": at_k(ranking.PrecisionAtK),
    "FBetaTopK": at_k(ranking.FBetaAtK, beta=1.0),
    "PopularityBiasMetric": of_items(*POPULAR),
    "Personalization": of_items(ranking.Personalisation),
    "Diversity": of_items(ranking.AggregateDiversity),
    "Serendipity": of_items(ranking.Serendipity),
    "Novelty": of_items(ranking.Novelty),
    "ItemBias": Sheet(lambda column_name: [quality.Distribution(column_name)], {}, {"column_name": REQUIRED}),
    "UserBias": Sheet(lambda column_name: [quality.Distribution(column_name)], {}, {"column_name": REQUIRED}),
}  # fmt: skip
