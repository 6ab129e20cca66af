"""Several columns row by row: which can stand beside others, how each is read, and the cells they are cut into."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from barograph import frame
from barograph.measures import expected_measures, measured, measures
from barograph.needs import REFERENCE, Need, of_reference
from barograph.overview import named_apart
from barograph.schema import Kind, Schema
from barograph.spelling import one_spelling
from barograph.summaries import (
    Agreement,
    Bins,
    Categories,
    CellMoments,
    CrossMoments,
    ErrorGroups,
    PairCells,
    Quantiles,
    Residuals,
    SliceMoments,
    Summary,
    TopK,
)
from barograph.summaries.cuts import NAMED_AT_MOST, Cut
from barograph.summaries.slicemoments import GROUPS_AT_MOST, LABELS_AT_MOST
from barograph.types import Floats, Joint, Matrix, Measured, RowLabels

MOMENTS_AT_MOST = 256  # columns whose covariances are kept: 1.6 MB
CELLS_AT_MOST = 60  # columns whose cells are counted in pairs: 2 MB
MEASURED_AT_MOST = 100  # columns in whose cells performance is measured
SLICED_AT_MOST = 12  # columns that are sliced singly and in pairs: 160 KB
COMPARED_AT_MOST = 100  # columns whose values are compared in pairs: 0.6 s for 100,000 rows

JOINT = ("agreement", "crossmoments", "paircells", "cellmoments", "errorgroups", "slicemoments")
CUT = ("paircells", "cellmoments", "errorgroups", "slicemoments")  # those that need cells, frozen before they count

Reading = Literal["number", "time", "truth", "class", "label"]


def reading(schema: Schema, column: str) -> Reading | None:
    """How a column is read beside others; `None` for identities, times of rows, weights, texts and embeddings.

    The target and prediction of two classes are 1 for the positive class and 0 for the other.

    >>> schema = Schema(target="y", task="classification", positive="yes", classes=("no", "yes"),
    ...                 kinds={"y": "categorical", "age": "numeric", "note": "text"})
    >>> [reading(schema, c) for c in ("y", "age", "note")]
    ['class', 'number', None]
    """
    kind = schema.kinds.get(column)
    if kind is None or kind is Kind.TEXT or schema.roles.get(column) in ("id", "timestamp", "weight"):
        return None
    if schema.binary and column in (schema.target, schema.prediction):
        return "class"
    return _READINGS.get(kind)


_READINGS: dict[Kind, Reading] = {
    Kind.NUMERIC: "number", Kind.DATETIME: "time", Kind.BOOLEAN: "truth", Kind.CATEGORICAL: "label",
}  # fmt: skip


def paired(schema: Schema, summary: str, columns: Iterable[str] = ()) -> tuple[Need, ...]:
    """The need of pairs of columns: of those asked for, or of target, prediction, scores and the first features.

    `"crossmoments"` are of numbers (true is 1), up to 256 columns; `"paircells"` of all that has cells, up to 60. None
    where there are fewer than two columns.
    """
    most = MOMENTS_AT_MOST if summary == "crossmoments" else CELLS_AT_MOST
    found = candidates(schema, summary, columns)[:most]
    return (Need(summary, tuple(sorted(found))),) if len(found) > 1 else ()


def described(schema: Schema, texts: Iterable[str], view: str) -> tuple[Need, ...]:
    """The need of numbers beside one view of texts, up to 256 columns; none where there are no numbers or texts."""
    some = list(texts)
    numbers = candidates(schema, "crossmoments")[: max(MOMENTS_AT_MOST - len(some), 1)]
    both = sorted({*some[: MOMENTS_AT_MOST - 1], *numbers})
    return (Need("crossmoments", tuple(both), view),) if some and numbers else ()


def candidates(schema: Schema, summary: str, columns: Iterable[str] = ()) -> list[str]:
    """The columns that a pair can be made of, before there are too many: those with a role first."""
    outcomes = [c for c in (schema.target, schema.prediction, *schema.scores.values()) if c is not None]
    wanted = tuple(columns) or (*outcomes, *schema.features)
    readings: tuple[Any, ...] = ("number", "truth", "class")
    readings = readings if summary == "crossmoments" else (*readings, "time", "label")
    return [c for c in dict.fromkeys(wanted) if reading(schema, c) in readings]


def compared(schema: Schema, columns: Iterable[str] = ()) -> tuple[Need, ...]:
    """The need of columns that are compared row by row: of those asked for, or of the first `comparable`, up to 100."""
    found = [c for c in columns if c in schema.kinds] if columns else list(comparable(schema))
    found = list(dict.fromkeys(found))[:COMPARED_AT_MOST]
    return (Need("agreement", tuple(sorted(found))),) if len(found) > 1 else ()


def comparable(schema: Schema) -> tuple[str, ...]:
    """All columns but what a model says: that a prediction is right is no fault of the data."""
    said = {schema.prediction, *schema.scores.values()}
    return tuple(c for c in schema.profiled if c not in said)


def measured_by(schema: Schema, columns: Iterable[str] = ()) -> tuple[Need, ...]:
    """The need of what is measured in the cells of some columns: those asked for, or the first 100 features."""
    if not measures(schema):
        return ()
    found = [c for c in tuple(columns) or schema.features if reading(schema, c) is not None][:MEASURED_AT_MOST]
    return (Need("cellmoments", tuple(sorted(set(found)))),) if found else ()


def expected_by(schema: Schema, columns: Iterable[str] = ()) -> tuple[Need, ...]:
    """The need of outcomes in the cells of some columns, which only a baseline keeps.

    They are those asked for, or what the model says and the first features, 100 in all. None where the schema names
    neither a prediction nor a score.
    """
    if not expected_measures(schema):
        return ()
    said = schema.scores.get(str(schema.positive), schema.prediction)
    asked = tuple(columns) or (*([] if said is None else [said]), *schema.features)
    found = [c for c in asked if reading(schema, c) not in (None, "class")][:MEASURED_AT_MOST]
    return (Need("cellmoments", tuple(sorted(set(found))), label=REFERENCE),) if found else ()


def slices(schema: Schema, columns: Iterable[str] = ()) -> tuple[Need, ...]:
    """The need of slices by some columns, singly and in pairs: those asked for, or the first 12 features."""
    found = [c for c in tuple(columns) or schema.features if reading(schema, c) is not None][:SLICED_AT_MOST]
    return (Need("slicemoments", tuple(sorted(set(found)))),) if found else ()


def loss(schema: Schema) -> str:
    """What is held against a model in each row: its log loss, absolute error, or whether it was right; else nothing."""
    known = measures(schema)
    return next((name for name in ("log_loss", "absolute", "correct") if name in known), "")


def error_groups(schema: Schema, share: float, columns: Iterable[str] = ()) -> tuple[Need, ...]:
    """The need of what rows are like by their error, whose cut-offs are its quantiles at `share` and 1 - `share`."""
    if schema.task != "regression" or not (schema.target and schema.prediction):
        return ()
    found = [c for c in tuple(columns) or schema.features if reading(schema, c) is not None][:MEASURED_AT_MOST]
    return (Need("errorgroups", tuple(sorted(set(found))), label=repr(share)),) if found else ()


def taken(batch: frame.Batch, schema: Schema, need: Need, summary: Any) -> Matrix | Joint | Measured:
    """The columns of a need, row by row; a column that the batch has not is absent in all rows."""
    if isinstance(summary, Agreement):
        kinds = schema.kinds
        cells = [frame.row_cells(batch, c, numeric=kinds.get(c) is Kind.NUMERIC) for c in need.columns]
        return Joint(tuple(cells), batch.height)
    columns = tuple(_read(batch, schema, column, need.view) for column in need.columns)
    if isinstance(summary, CrossMoments):
        numbers = [c for c in columns if isinstance(c, np.ndarray)]
        return Matrix(np.column_stack(numbers) if numbers else np.zeros((batch.height, 0)))
    if isinstance(summary, CellMoments):
        beside, weight = measured(batch, schema, summary.measures)
        return Measured(columns, batch.height, beside, weight)
    if isinstance(summary, SliceMoments):
        return Measured(columns, batch.height, measured(batch, schema, (summary.measure,))[0])
    if isinstance(summary, ErrorGroups):
        return Measured(columns, batch.height, measured(batch, schema, ("error",))[0])
    return Joint(columns, batch.height)


def held(summaries: Mapping[Need, Any], need: Need) -> Need | None:
    """The need that is held and answers this one: itself, or one of the same sort over more columns."""
    if need in summaries:
        return need
    wanted = set(need.columns)
    alike = (n for n in summaries if (n.summary, n.view, n.label) == (need.summary, need.view, need.label))
    return next((n for n in alike if wanted <= set(n.columns)), None)


def fits(need: Need, summary: Any) -> bool:
    """Whether a summary is one of as many columns as its need names."""
    if isinstance(summary, CrossMoments):
        return summary.n.shape[0] in (0, len(need.columns))
    if isinstance(summary, Agreement):
        return summary.both.shape[0] in (0, len(need.columns))
    return not isinstance(summary, PairCells | CellMoments | ErrorGroups | SliceMoments) or len(summary.cuts) == len(
        need.columns
    )


def outcomes(batch: frame.Batch, schema: Schema, need: Need) -> Any:
    """Rows of target and prediction or score, side by side."""
    if need.summary in ("ranking", "recommended"):
        return frame.ranked(batch, *need.columns, by_rank=schema.recommendations == "rank")
    weight = schema.weight if schema.weight in batch.columns else None
    target, other = need.columns
    if need.summary in ("residuals", "density"):
        return frame.regressed(batch, target, other, weight)
    if need.summary == "quantiles":
        return frame.percentage_errors(frame.regressed(batch, target, other, weight))
    if need.summary == "scores":
        return frame.scored(batch, target, other, need.label, weight)
    labels = [*schema.classes, *frame.class_labels(batch, target)]
    if other == schema.prediction:
        classes = one_spelling([*labels, *frame.class_labels(batch, other)])
        return frame.classified(batch, target, other, classes, weight)
    positive = next(iter(schema.scores))
    classes = one_spelling([*labels, positive])
    if len(classes) == 1:
        classes = (f"not {positive}", positive)
    return frame.classified(batch, target, None, classes, weight, other, schema.threshold, positive)


def _read(batch: frame.Batch, schema: Schema, column: str, view: str) -> Floats | RowLabels:
    if schema.kinds.get(column) is Kind.TEXT:
        return frame.row_view(batch, column, view)
    how = reading(schema, column)
    if how == "class":
        return frame.row_class(batch, column, str(schema.positive))
    if how == "label":
        return frame.row_labels(batch, column)
    return {"time": frame.row_times, "truth": frame.row_truth}.get(str(how), frame.row_numbers)(batch, column)


def sketched(need: Need, schema: Schema) -> list[Need]:
    """What must be known of the rows before the cells of a need can be cut."""
    needs: list[Need] = []
    if need.summary == "errorgroups":
        needs.append(Need("residuals", (str(schema.target), str(schema.prediction))))
    for column in need.columns:
        how = reading(schema, column)
        needs += [Need("topk", (column,))] if how in ("number", "time", "label") else []
        needs += [Need("quantiles", (column,))] if how in ("number", "time") else []
    return needs


def cut(need: Need, schema: Schema, get: Callable[..., Any]) -> Summary:
    """The empty summary of a need whose cells are cut from sketches, `get(summary, column)`."""
    if need.summary == "slicemoments":
        coarse = [_cut(schema, column, get, LABELS_AT_MOST, GROUPS_AT_MOST) for column in need.columns]
        return SliceMoments(coarse, loss(schema))
    cuts = [_cut(schema, column, get) for column in need.columns]
    if need.summary == "errorgroups":
        errors: Residuals | None = get("residuals", schema.target, schema.prediction)
        return ErrorGroups(_tails(None if errors is None else errors.quantiles, float(need.label)), cuts)
    if need.summary == "paircells":
        return PairCells(cuts)
    return CellMoments(cuts, expected_measures(schema) if of_reference(need) else measures(schema))


def joined(need: Need, schema: Schema, sketched: Callable[..., Any], counted: Callable[..., Any]) -> CellMoments:
    """As `cut`, with cells that are made of whole cells of `counted("bins", column)` or `counted("categories", ...)`.

    So rows of which only these counts are known can be placed in them.
    """
    summary = cut(need, schema, sketched)
    assert isinstance(summary, CellMoments)
    cuts = []
    for column, found in zip(need.columns, summary.cuts, strict=True):
        bins: Bins | None = counted("bins", column)
        labels: Categories | None = counted("categories", column)
        if found.edges is not None and bins is not None and bins.edges.size:
            at = np.minimum(np.searchsorted(bins.edges, found.edges), bins.edges.size - 1)
            edges = np.unique(bins.edges[at])
            edges = edges[edges < bins.edges[-1]]
            if not np.array_equal(edges, found.edges):
                found = _between(edges, reading(schema, column) == "time")
        elif found.keys is not None and labels is not None:
            own = np.isin(found.keys, labels.keys)
            names = [name for name, there in zip(found.names, own, strict=True) if there]
            found = Cut(None, found.keys[own], names)
        cuts.append(found)
    return CellMoments(cuts, summary.measures)


def _tails(errors: Quantiles | None, share: float) -> Floats:
    """The highest error below the majority, and the highest of the majority, to which the median error belongs."""
    found = None if errors is None else errors.quantiles(np.array([share, 0.5, 1 - share]))
    if found is None:
        return np.zeros(0)
    low, median, high = found.tolist()
    below = low if low < median else np.nextafter(median, -np.inf)
    edges = np.array([below, max(np.nextafter(high, -np.inf), median)])
    return edges if np.isfinite(edges).all() else np.zeros(0)


def _cut(
    schema: Schema, column: str, get: Callable[..., Any], labels: int = NAMED_AT_MOST, groups: int = NAMED_AT_MOST
) -> Cut:
    how = reading(schema, column)
    if how in ("truth", "class"):
        named = ["false", "true"] if how == "truth" else [schema.negative or "other", str(schema.positive)]
        return Cut(np.array([0.0]), None, named)
    top: TopK | None = get("topk", column)
    if how == "label":
        listed = [] if top is None else top.items(labels)
        key = {} if top is None else dict(zip(top.names or [], top.keys.tolist(), strict=True))
        return Cut(None, np.array([key[str(v)] for v, _ in listed], np.uint64), [str(v) for v, _ in listed])
    quantiles: Quantiles | None = get("quantiles", column)
    return _numbers(quantiles, top, how == "time", groups)


def _numbers(quantiles: Quantiles | None, top: TopK | None, time: bool, most: int) -> Cut:
    """Up to `most` cells of about equal mass; of at most so many different values one each."""
    if quantiles is None or quantiles.n == 0:
        return Cut(np.zeros(0), None, ["all"])
    if top is not None and top.exact and len(top.keys) <= most:
        values = np.sort(np.array([float(v) for v, _ in top.items()]))
        return Cut(values[:-1], None, named_apart(values.tolist(), time=time))
    found = quantiles.quantiles(np.arange(1, most) / most)
    assert found is not None
    edges = np.unique(found)
    return _between(edges[edges < quantiles.high], time)  # above the largest value there is nothing to count


def _between(edges: Floats, time: bool) -> Cut:
    """The cells between edges, named by them."""
    if edges.size == 0:
        return Cut(edges, None, ["all"])
    names = named_apart(edges.tolist(), time=time)
    between = [f"{a} to {b}" for a, b in pairwise(names)]
    return Cut(edges, None, [f"up to {names[0]}", *between, f"above {names[-1]}"])
