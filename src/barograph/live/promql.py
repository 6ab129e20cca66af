"""Drift inside Prometheus: recording rules that compute PSI and KS from the counters of `cells`, over all replicas.

`rules()` is a rule file for any number of models, `queries()` the same as single expressions for a dashboard or an
ad-hoc question. Formula and smoothing are those of the metrics `psi` and `ks`: a cell that is empty on one side counts
half a row, one that is empty on both is ignored, absent values are left out. The counts decide:

- replicas: counts are summed over all that carry the same model, version and baseline. A replica that is gone counts
  with what it had been scraped in the window; one that cannot be reached is simply not in the sums.
- no traffic in the window, or no replica that reports the baseline: no series. Never 0, which would read "no drift".
- counting="increase" (the default) survives restarts of processes. Prometheus' `increase()` scales what it saw between
  the first and the last sample in the window to the window's length, so counts are integers only when both lie on the
  window's ends. The factor is the same for all cells of a process, so shares, PSI and KS stay as they are; only the
  half row of empty cells weighs a little less. Rows before a new process's first scrape are not seen: at most a scrape
  interval of them. (Prometheus 3 leaves out the sample at the window's start: the same factor for all.)
- counting="difference" subtracts the value one window ago: integers, exact for processes that live through the window
  and for new ones. A process that restarted counts since its start, one that ended does not count at all.

KS of some ten cells is a lower bound of the distance of all values.
"""

from __future__ import annotations

import re
from typing import Literal

from barograph.errors import ParameterError
from barograph.presets import PSI_AT_LEAST
from barograph.special import normal_tail_inverse

BY = "model, model_version, baseline, column, view"
_DURATION = re.compile(r"([0-9]+(y|w|d|h|m|s))+")

UPTO_BASELINE = "column_upto:barograph_baseline_rows:max"
CELL_BASELINE = "column_cell:barograph_baseline_rows:max"
SHARE_BASELINE = "column_cell:barograph_baseline_share:ratio"

Counting = Literal["increase", "difference"]


def _baseline_records() -> dict[str, str]:
    ordered = f"max by ({BY}, upto, above) (barograph_baseline_upto_rows)"
    nominal = f"max by ({BY}, cell, label) (barograph_baseline_label_rows)"
    return {
        UPTO_BASELINE: ordered,
        CELL_BASELINE: f"{_cells(UPTO_BASELINE)}\nor\n{nominal}",
        SHARE_BASELINE: _share(CELL_BASELINE),
    }


def _cells(upto: str) -> str:
    """Rows in each cell, from rows up to each edge: less what is up to the edge below."""
    # no label `above`: the lowest cell
    below = f'sum by ({BY}, above) (label_replace({_without_above(upto)}, "above", "$1", "upto", "(.+)"))'
    return f"(\n  {upto} - on ({BY}, above) group_left () {below}\n  or {upto} and on (above) vector(1)\n)"


def _share(cells: str) -> str:
    return f"{cells} / on ({BY}) group_left () sum by ({BY}) ({cells})"


def _without_above(upto: str) -> str:
    return f"sum by ({BY}, upto) ({upto})"


def _window_records(window: str, counting: Counting, z: float) -> dict[str, str]:
    """Names and expressions for one window, each built on those before it."""
    how = f"{counting}{window}"
    upto, cell = f"column_upto:barograph_rows:{how}", f"column_cell:barograph_rows:{how}"
    rows, used = f"column:barograph_rows:{how}", f"column:barograph_cells:{how}"
    buckets = _counted("barograph_column_values_bucket", window, counting)
    labels = _counted("barograph_column_labels_total", window, counting)
    missing = _counted("barograph_column_missing_total", window, counting)
    by_le = f'label_replace(sum by ({BY}, le) ({buckets}), "upto", "$1", "le", "(.+)")'
    # * 0 + 1: only the labels are wanted
    with_above = f"sum by ({BY}, upto) ({by_le}) * on ({BY}, upto) group_right () ({UPTO_BASELINE} * 0 + 1)"
    # an increase of one row is at least 1: what is less is the rounding of sums
    either = f"({cell} + {CELL_BASELINE} > 0.001)"
    ours, theirs = f"column_cell:barograph_share:{how}", f"column_cell:barograph_expected_share:{how}"
    all_rows = f"sum by ({BY}) ({CELL_BASELINE})"
    gap = (
        f"{upto} / on ({BY}) group_left () {rows}\n"
        f"- {UPTO_BASELINE} / on ({BY}) group_left () max by ({BY}) ({UPTO_BASELINE})"
    )
    k = f"clamp_min({used} - 1, 1)"  # a constant column has one cell
    return {
        upto: with_above,
        cell: f"{_cells(upto)}\nor\nsum by ({BY}, cell, label) ({labels}) and {CELL_BASELINE}",
        rows: f"sum by ({BY}) ({cell}) > 0.001",
        used: f"count by ({BY}) ({either}) and {rows}",
        ours: f"{_share(f'(clamp_min({cell}, 0.5) and {either})')} and on ({BY}) {rows}",
        theirs: f"{_share(f'(clamp_min({CELL_BASELINE}, 0.5) and {either})')} and on ({BY}) {rows}",
        f"column:barograph_psi:{how}": f"sum by ({BY}) (({ours} - {theirs}) * ln({ours} / {theirs}))",
        # under no change PSI / (1/n + 1/m) is about chi-squared; its quantile by Wilson and Hilferty (1931)
        f"column:barograph_psi_threshold:{how}": (
            f"clamp_min(\n  {k} * (1 - 2 / (9 * {k}) + {z:.4f} * sqrt(2 / (9 * {k}))) ^ 3\n"
            f"  * (1 / {rows} + 1 / {all_rows}),\n  {PSI_AT_LEAST:g}\n)"
        ),
        f"column:barograph_ks:{how}": f"max by ({BY}) (abs(\n  {gap}\n))",
        f"column:barograph_missing_ratio:{how}": (
            f"sum by ({BY}) ({missing}) / (sum by ({BY}) ({missing})\n"
            f"  + (max without (view) ({rows}) or sum by ({BY}) ({missing}) * 0) > 0)"
        ),
    }


def _counted(counter: str, window: str, counting: Counting) -> str:
    if counting == "increase":
        return f"increase({counter}[{window}])"
    return f"({counter} - {counter} offset {window} >= 0 or {counter})"


def _records(windows: tuple[str, ...], counting: Counting, alpha: float, columns: int) -> dict[str, str]:
    if counting not in ("increase", "difference"):
        raise ParameterError(f"counting is {counting!r}; it is 'increase' or 'difference'")
    if not 0 < alpha < 1 or columns < 1:
        raise ParameterError(f"alpha={alpha}, columns={columns}: a chance between 0 and 1, shared by at least 1 column")
    z = normal_tail_inverse(alpha / columns)
    records = _baseline_records()
    for window in windows:
        if not _DURATION.fullmatch(window):
            raise ParameterError(f"{window!r} is no duration of Prometheus; say for example '1h' or '7d'")
        records |= _window_records(window, counting, z)
    return records


def rules(
    *windows: str,
    counting: Counting = "increase",
    interval: str = "1m",
    alpha: float = 0.01,
    columns: int = 100,
) -> str:
    """Recording rules as YAML, for one or more windows (`"1h"` when none is given).

    The records to read are `column:barograph_psi:increase1h`, its `..._psi_threshold:...`, `column:barograph_ks:...`,
    `column:barograph_missing_ratio:...`, `column:barograph_rows:...` and the shares by cell. The threshold is what
    chance alone exceeds in one of `columns` columns with probability `alpha`, and at least 0.1.

    Raises `ParameterError`.
    """
    lines = ["groups:", "  - name: barograph", f"    interval: {interval}", "    rules:"]
    for name, expression in _records(windows or ("1h",), counting, alpha, columns).items():
        lines += [f"      - record: {name}", "        expr: |"]
        lines += [f"          {line}" for line in expression.splitlines()]
    return "\n".join(lines) + "\n"


def queries(
    window: str = "1h", *, counting: Counting = "increase", alpha: float = 0.01, columns: int = 100
) -> dict[str, str]:
    """The same as expressions that need no recording: name of the record -> PromQL over the raw counters."""
    whole: dict[str, str] = {}
    for name, expression in _records((window,), counting, alpha, columns).items():
        pattern = re.compile("|".join(map(re.escape, sorted(whole, key=len, reverse=True))) or "$^")
        whole[name] = pattern.sub(lambda match: f"({whole[match[0]]})", expression)
    return whole
