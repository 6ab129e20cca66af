"""Lists of metrics and checks for the usual questions, chosen by the schema before any rows are seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from barograph.checks import Check, better_than_dummy, close_to_reference, eq, gt, lte, materially, no_drift, reference
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import drift, performance, quality
from barograph.metrics.ranking import (
    NDCG,
    CatalogueCoverage,
    FBetaAtK,
    HitRate,
    MeanAveragePrecision,
    MeanAverageRecall,
    MeanReciprocalRank,
    Novelty,
    Personalisation,
    PopularityGini,
    PrecisionAtK,
    RecallAtK,
    RecommendedPopularity,
    Serendipity,
)
from barograph.schema import Kind, Schema

Item = Metric | Check

# What is too small to matter, by metric. A verdict needs this and more than noise.
PSI_AT_LEAST = 0.1
MISSING_AT_LEAST = 0.05
SHARE_AT_LEAST = 0.01
EMBEDDING_AT_LEAST = 0.1
SIGMAS_AT_LEAST = 0.25
CORRELATION_AT_LEAST = 0.25
TEXT_AT_LEAST = 0.1
CLOCK_AT_LEAST = 0.1
ROWS_AT_LEAST_WORSE = 0.05
SLICES_AT_LEAST_WORSE = 0.1
SLICES_AT_LEAST_MOVED = 0.05
GAPS_AS_LONG = 3.0

# PSI says how large a shift is; in ordered columns Anderson-Darling sees smaller ones with the same rows
_moved = no_drift(PSI_AT_LEAST, beside=drift.AndersonDarling())


def data_drift(schema: Schema, compared: bool) -> list[Item]:
    """Which inputs moved: PSI of each feature, what is absent, the schema; KS and Wasserstein beside them.

    Where the schema has outcomes, what each move would cost, by which those that failed are ranked.
    """
    return [
        Check(drift.PSI(), _moved),
        Check(drift.MissingDrift(), no_drift(MISSING_AT_LEAST)),
        *_fitting(schema, Check(drift.EmbeddingDrift(), no_drift(EMBEDDING_AT_LEAST))),
        Check(quality.SchemaChanges(), eq(0)),
        drift.KS(),
        drift.Wasserstein(),
        quality.Distribution(),
        *expected_changes(schema, compared),
    ]


def expected_changes(schema: Schema, compared: bool) -> list[Item]:
    """What the change of each input would do to loss and predictions, where the schema has them."""
    possible = performance.ExpectedLossChange(), performance.ExpectedPredictionChange()
    return [metric for metric in possible if compared and any(True for _ in metric.needs(schema))]


def _fitting(schema: Schema, check: Check) -> list[Item]:
    """The check, unless there is no column of the kind it is for: the report could then never pass."""
    return [check] if any(True for _ in check.metric.needs(schema)) else []


def target_drift(schema: Schema, compared: bool) -> list[Item]:
    """Whether target, prediction and scores moved."""
    items: list[Item] = []
    for column in (schema.target, schema.prediction, *schema.scores.values()):
        if column is not None:
            items += [
                Check(drift.PSI(column), no_drift(PSI_AT_LEAST, beside=drift.AndersonDarling(column))),
                quality.Distribution(column),
            ]
            items += [Check(drift.MissingDrift(column), no_drift(MISSING_AT_LEAST))]
            items += [drift.KS(column), drift.Wasserstein(column)] if schema.ordered(column) else []
    return items


def data_quality(schema: Schema, compared: bool) -> list[Item]:
    """What the data look like, and what is wrong with them in themselves or against the reference."""
    checked: list[Item] = [Check(quality.RowCount(), gt(0))]
    if compared:
        checked += [
            Check(quality.MissingShare(), close_to_reference(absolute=MISSING_AT_LEAST)),
            *_fitting(schema, Check(quality.OutOfRangeShare(), no_drift(SHARE_AT_LEAST))),
            *_fitting(schema, Check(quality.UnseenShare(), no_drift(SHARE_AT_LEAST))),
            Check(quality.EmptyColumns(), lte(reference)),
            # a column may well be constant for a day: worth a look, no alarm
            Check(quality.ConstantColumns(), lte(reference), "warn"),
            Check(quality.SchemaChanges(), eq(0)),
        ]
    else:
        checked += [
            Check(quality.MissingShare(), lte(0.5), "warn"),
            Check(quality.EmptyColumns(), eq(0)),
            Check(quality.ConstantColumns(), eq(0), "warn"),
        ]
    described: list[Item] = [
        quality.DistinctCount(), quality.DistinctShare(), quality.Mean(), quality.Std(), quality.Minimum(),
        quality.Quantile(q=0.05), quality.Quantile(), quality.Quantile(q=0.95), quality.Maximum(),
        quality.TopShare(), quality.Distribution(),
    ]  # fmt: skip
    return checked + described


def data_stability(schema: Schema, compared: bool) -> list[Item]:
    """Whether a batch can go into the model at all: schema, rows, absent values, ranges, categories, location."""
    moving = any(schema.ordered(column) for column in schema.features)
    return [
        Check(quality.SchemaChanges(), eq(0)),
        Check(quality.RowCount(), gt(0)),
        Check(drift.MissingDrift(), no_drift(MISSING_AT_LEAST)),
        *_fitting(schema, Check(quality.OutOfRangeShare(), no_drift(SHARE_AT_LEAST))),
        *_fitting(schema, Check(quality.UnseenShare(), no_drift(SHARE_AT_LEAST))),
        *([Check(drift.Wasserstein(), no_drift(SIGMAS_AT_LEAST))] if moving else []),
        Check(quality.ConstantColumns(), lte(reference), "warn"),
        Check(quality.EmptyColumns(), lte(reference)),
    ]


def classification(schema: Schema, compared: bool) -> list[Item]:
    """How well the classifier does, against the reference where there is one (else: better than without skill)."""
    where = {} if schema.binary else {"average": "macro"}
    several = len(schema.scores) > 1
    rates: list[Metric] = [performance.Precision(), performance.Recall(), performance.F1()]
    figures: list[Item] = [
        performance.MatthewsCorrelation(), performance.FalsePositiveRate(), performance.ConfusionMatrix(),
        performance.TargetRate(), performance.PredictedRate(), performance.Dummy(),
    ]  # fmt: skip
    scored: list[Item] = []
    if schema.score is not None:
        figures += [
            performance.AveragePrecision(), performance.Brier(), performance.ScoreDistribution(),
            performance.ClassSeparation(), performance.Gain(), performance.Lift(), performance.ThresholdTable(),
        ]  # fmt: skip
        area = close_to_reference(absolute=0.05) if compared else better_than_dummy()
        scored = [Check(performance.RocAuc(), area, where={"average": "macro"} if several else {})]
        if compared:
            loss = close_to_reference(relative=0.15)
            scored.append(Check(performance.LogLoss(), loss, where={"average": "all"} if several else {}))
        else:
            scored.append(performance.LogLoss())
        # no check on the calibration error: it is larger in smaller windows by its nature; the log loss sees the same
        scored.append(performance.CalibrationError())
    if not schema.prediction and not schema.binary:  # scores of several classes, and nobody says how to choose
        return [*scored, *figures]
    if not compared:
        # its share without skill is the same however rare a class is, and however often it is said
        skilled = Check(performance.BalancedAccuracy(), better_than_dummy())
        return [performance.Accuracy(), skilled, *rates, *scored, *figures]
    figures = [performance.BalancedAccuracy(), *figures]
    tolerance = close_to_reference(relative=0.1)
    checked = [Check(performance.Accuracy(), tolerance), *(Check(metric, tolerance, where=where) for metric in rates)]
    return [*checked, *scored, *figures]


def regression(schema: Schema, compared: bool) -> list[Item]:
    """How well the regressor does, against the reference where there is one (else: better than a constant)."""
    rest: list[Item] = [
        performance.MSE(), performance.MAPE(), performance.SMAPE(), performance.MaxError(),
        performance.ErrorStd(), performance.Dummy(), performance.PredictedActual(), performance.ErrorQuantiles(),
        performance.ErrorTails(), performance.ErrorNormality(), performance.PercentageErrorQuantiles(),
        performance.ErrorBias(),
    ]  # fmt: skip
    if not compared:
        return [
            performance.MeanError(), Check(performance.MAE(), better_than_dummy()),
            Check(performance.RMSE(), better_than_dummy()), performance.R2(), *rest,
        ]  # fmt: skip
    return [
        Check(performance.MeanError(), close_to_reference(sigmas=0.1)),
        Check(performance.MAE(), close_to_reference(relative=0.1)),
        Check(performance.RMSE(), close_to_reference(relative=0.1)),
        Check(performance.R2(), close_to_reference(absolute=0.05)),
        *rest,
    ]


def ranking(schema: Schema, compared: bool) -> list[Item]:
    """How well the first ten are ranked, against the reference where there is one (else: better than nothing)."""
    rest: list[Item] = [
        MeanReciprocalRank(), PrecisionAtK(), FBetaAtK(), MeanAverageRecall(),
        CatalogueCoverage(), PopularityGini(), Personalisation(),
        *([Novelty(), RecommendedPopularity(), Serendipity()] if compared else []),
        *([quality.Distribution(schema.prediction)] if schema.prediction else []),
    ]  # fmt: skip
    condition = close_to_reference(relative=0.1) if compared else gt(0)
    checked = NDCG(), MeanAveragePrecision(), RecallAtK(), HitRate()
    return [*(Check(metric, condition) for metric in checked), *rest]


def row_quality(schema: Schema, compared: bool) -> list[Item]:
    """What is wrong with rows and columns as wholes: repeated, empty, incomplete, contradicting."""
    shares: list[Metric] = [
        quality.DuplicatedRowShare(), quality.EmptyRowShare(), quality.IncompleteRowShare(),
        *([quality.ConflictShare()] if schema.target else []),
    ]  # fmt: skip
    columns = quality.DuplicatedColumns(), quality.AlmostConstantColumns(), quality.IncompleteColumns()
    described: list[Item] = [quality.MissingCellShare(), quality.AlmostDuplicatedColumns()]
    if compared:
        more = lte(reference + ROWS_AT_LEAST_WORSE)
        return [
            *(Check(metric, more) for metric in shares),
            *(Check(metric, lte(reference), "warn") for metric in columns),
            *described,
        ]
    return [
        Check(quality.EmptyRowShare(), eq(0)),
        Check(quality.DuplicatedColumns(), eq(0), "warn"),
        *(
            metric
            for metric in (*shares, *columns)
            if not isinstance(metric, quality.EmptyRowShare | quality.DuplicatedColumns)
        ),
        *described,
    ]


def correlations(schema: Schema, compared: bool) -> list[Item]:
    """How columns go together, and which pairs do so no longer."""
    described: list[Item] = [quality.Spearman(), quality.Pearson(), quality.CramersV(), quality.HighestCorrelation()]
    if compared:
        return [Check(drift.CorrelationChange(), no_drift(CORRELATION_AT_LEAST)), *described]
    # one of two columns that say the same is to be dropped, or is the target in disguise
    return [Check(quality.HighestCorrelation(), lte(0.95), "warn"), *described[:-1]]


def text(schema: Schema, compared: bool) -> list[Item]:
    """Texts by what can be counted in them: length, words, sentences, characters, words that the reference has not."""
    described: list[Item] = [quality.TextDescriptors(), quality.UnicodeRanges()]
    blank = lte(reference + SHARE_AT_LEAST) if compared else lte(0.05)
    texts = [c for c in schema.features if schema.kinds[c] is Kind.TEXT]
    described += [Check(quality.BlankShare(column), blank, "warn") for column in texts]
    if compared:
        return [Check(drift.TextDrift(), no_drift(TEXT_AT_LEAST)), quality.UnseenWordShare(), *described]
    return described


def datetime(schema: Schema, compared: bool) -> list[Item]:
    """Times: from when to when, how fresh, at which hours and on which days, and how long nothing came.

    Hours and gaps only warn: windows that do not hold whole days or weeks differ from others by their nature.
    """
    described: list[Item] = [quality.ClockDistribution(), quality.Freshness()]
    times = [c for c, kind in schema.kinds.items() if kind is Kind.DATETIME]
    described += [metric(column) for column in times for metric in (quality.Minimum, quality.Maximum)]
    if compared:
        return [
            Check(drift.ClockDrift(), no_drift(CLOCK_AT_LEAST), "warn"),
            Check(quality.LargestGap(), lte(reference * GAPS_AS_LONG), "warn"),
            *described,
        ]
    return [quality.LargestGap(), *described]


def embeddings(schema: Schema, compared: bool) -> list[Item]:
    """Columns of vectors: their lengths, their cosine to the reference's centroid, and projections of them."""
    if not compared:
        return [quality.MissingShare(c) for c, kind in schema.kinds.items() if kind is Kind.EMBEDDING]
    return [Check(drift.EmbeddingDrift(), no_drift(EMBEDDING_AT_LEAST))]


def where(schema: Schema, compared: bool) -> list[Item]:
    """In which slices of the rows, of one column or of two, a model got worse, and of which there are more or fewer."""
    if not compared:
        return []
    worse = Check(performance.WorstSlices(), close_to_reference(relative=SLICES_AT_LEAST_WORSE))
    moved = Check(drift.DriftedSlices(), no_drift(SLICES_AT_LEAST_MOVED), where={"slice": "any"})
    return [*_fitting(schema, worse), *_fitting(schema, moved)]


def without_target(schema: Schema, compared: bool) -> list[Item]:
    """What can be known of a model before labels come: its predictions, its inputs, whether they are fit for it."""
    known = schema.replace(target=None, kinds={c: kind for c, kind in schema.kinds.items() if c != schema.target})
    found = [*target_drift(known, compared), *(data_drift(known, compared) if compared else [])]
    found += expected_changes(schema, compared)  # the reference may well have labels
    return [*found, *(data_stability(known, compared) if compared else data_quality(known, compared))]


PRESETS: dict[str, Callable[[Schema, bool], list[Item]]] = {
    preset.__name__: preset
    for preset in (
        data_drift,
        target_drift,
        data_quality,
        data_stability,
        classification,
        regression,
        ranking,
        row_quality,
        correlations,
        text,
        datetime,
        embeddings,
        where,
        without_target,
    )
}


def _materially(item: Item, at_least: Mapping[str, float]) -> Item:
    name = item.metric.spec.name if isinstance(item, Check) else ""
    return materially(item, at_least[name]) if isinstance(item, Check) and name in at_least else item


# metrics that presets judge by a size that matters; a test holds them to the presets
JUDGED_BY_SIZE = (
    "accuracy", "clock_drift", "correlation_change", "drifted_slices", "embedding_drift",
    "f1", "hit_rate_at_k", "log_loss", "mae",
    "map_at_k", "mean_error", "missing_drift", "missing_share", "ndcg_at_k", "out_of_range_share", "precision",
    "psi", "r2", "recall", "recall_at_k", "rmse", "roc_auc", "text_drift", "unseen_share", "wasserstein",
    "worst_slices",
)  # fmt: skip


def material(at_least: Mapping[str, float]) -> dict[str, float]:
    """What matters, by metric, checked.

    Raises `ParameterError` for a metric that no preset judges by size, or a size below 0.

    >>> material({"psi": 0.2})
    {'psi': 0.2}
    """
    for name, size in at_least.items():
        if name not in JUDGED_BY_SIZE:
            raise ParameterError(f"no preset judges {name!r} by its size; there are {', '.join(JUDGED_BY_SIZE)}")
        if isinstance(size, bool) or not isinstance(size, int | float) or not 0 <= size < math.inf:
            raise ParameterError(f"at_least of {name} is {size!r}; it must be a number from 0")
    return {name: float(size) for name, size in at_least.items()}


def usual(schema: Schema, compared: bool) -> list[str]:
    """The presets that a schema and a reference make sense of."""
    names = ["data_drift"] if compared and schema.features else []
    if compared and (schema.target or schema.prediction or schema.score):
        names.append("target_drift")
    names.append("data_quality")
    if schema.task and schema.target and (schema.prediction or schema.score):
        names.append(schema.task)
    return names


def resolve(
    items: list[str | Item], schema: Schema, compared: bool, at_least: Mapping[str, float] | None = None
) -> list[Item]:
    """Metrics and checks of presets, by name, and those given as they are, each once.

    `at_least` says by the name of a metric what matters to the calibrated checks that presets make of it.
    """
    found: list[Item] = []
    for item in items:
        if isinstance(item, str):
            if item not in PRESETS:
                raise ParameterError(f"there is no preset {item!r}; there are {', '.join(PRESETS)}")
            made = PRESETS[item](schema, compared)
            found += [_materially(item, at_least or {}) for item in made]
        else:
            found.append(item)
    once: list[Item] = []
    for item in found:
        if item not in once:
            once.append(item)
    checked = [item.metric for item in once if isinstance(item, Check)]
    return [item for item in once if isinstance(item, Check) or item not in checked]
