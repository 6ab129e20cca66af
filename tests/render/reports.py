"""Hand-built runs and timelines: every status, every figure, hostile labels, many columns, gaps."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from barograph.results import (
    Bars,
    Heat,
    Line,
    Lines,
    Result,
    Run,
    Segment,
    Side,
    Spec,
    Table,
    Timeline,
    Value,
    Verdict,
    Window,
)

PSI = Spec(
    "psi",
    "Population stability index",
    "drift",
    "How far two distributions are apart.",
    "",
    "lower",
    (0, None),
    "required",
)
KS = Spec(
    "ks",
    "Kolmogorov-Smirnov distance",
    "drift",
    "Largest gap between two distributions.",
    "",
    "lower",
    (0, 1),
    "required",
)
MISSING = Spec("missing_share", "Missing values", "quality", "Share of rows.", "ratio", "lower", (0, 1), missing=True)
DISTINCT = Spec("n_distinct", "Distinct values", "quality", "How many different values.", "rows")
QUANTILE = Spec("quantile", "Quantiles", "quality", "Value below which a share of rows lies.")
ROWS = Spec("n_rows", "Rows", "quality", "How many rows.", "rows")
DRIFTED = Spec("drifted_columns", "Drifted columns", "drift", "How many columns moved.", "columns", "lower")
ACCURACY = Spec(
    "accuracy", "Accuracy", "performance", "Share of rows predicted right.", "ratio", "higher", (0, 1), "optional"
)
AUC = Spec("roc_auc", "ROC AUC", "performance", "Chance that a positive outranks a negative.", "", "higher", (0, 1))
BRIER = Spec("brier", "Brier score", "performance", "Mean squared error of the probabilities.", "", "lower", (0, 1))
CONFUSION = Spec("confusion", "Confusion matrix", "performance", "Counts of target against prediction.")

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>alert(2)</script>",
    "\"quoted\" 'single' `tick` {{ 7*7 }} {% raw %}",
    "pay\u202eload\u2066x",
    "line\nbreak\r\ttab",
    "nul\x00bell\x07esc\x1b[31m",
    "x" * 10_000,
    "a|b|c \\ | <b>bold</b> [link](javascript:alert(3))",
    "a.b[0]['c']",
    "sep\u2028\u2029]]>&amp;&lt;",
    "__proto__",
    "constructor",
    "toString",
    "",
    "emoji 👩🏽‍💻 中文 עברית",
    "lone \ud800 surrogate",
]


def normal(mean: float, spread: float, edges: list[float]) -> list[float]:
    def below(x: float) -> float:
        return 0.5 * (1 + math.erf((x - mean) / spread / math.sqrt(2)))

    return [below(b) - below(a) for a, b in pairwise(edges)]


def column_parts(name: str, i: int, status: str = "pass", bins: int = 40) -> tuple[dict, list[Verdict]]:
    """Values, figures and verdicts of one column, by spec name."""
    rng = random.Random(i)
    labels = {"column": name}
    scale = 10 ** rng.randint(-1, 3)
    edges = [scale * (j * 8 / bins - 4) for j in range(bins + 1)]
    shift = {"pass": 0.02, "warn": 0.35, "fail": 0.9}.get(status, 0.0) * scale
    psi = {"pass": 0.004, "warn": 0.09, "fail": 0.34}.get(status, 0.01) * (1 + rng.random())
    if i % 4 == 3:
        cells = [f"category {chr(97 + j)}" for j in range(6)]
        weights = [0.35, 0.25, 0.2, 0.1, 0.07, 0.03]
        current = weights[::-1] if status == "fail" else weights
        figure = Bars(f"{name}", cells, {"reference": weights, "current": current}, None, labels, name, "share")
    else:
        series = {"reference": normal(0, scale, edges), "current": normal(shift, scale, edges)}
        cells = [f"{a:.3g} to {b:.3g}" for a, b in pairwise(edges)]
        figure = Bars(f"{name}", cells, series, edges, labels, name, "share")
    unknown = status in ("unknown", "error")
    value = None if unknown else psi
    parts = {
        "psi": ([Value(value, labels, 5200, reference=None, note="too few rows" if unknown else "")], [figure]),
        "ks": (
            [Value(None if unknown else psi / 2, labels, 5200, None if unknown else psi / 2.1, psi / 1.9)],
            [figure],
        ),
        "missing_share": ([Value(0.0 if i % 3 else 0.00004 * i, labels, 5200, reference=0.01)], []),
        "n_distinct": ([Value(4100.0 + i, labels, 5200, 4000.0, 4200.0, reference=39000.0)], []),
        "quantile": (
            [
                Value(
                    scale * q,
                    {**labels, "quantile": str(q)},
                    5200,
                    se=scale * 0.01,
                    reference=scale * q,
                    reference_se=scale * 0.002,
                )
                for q in (0.05, 0.25, 0.5, 0.75, 0.95)
            ],
            [],
        ),
    }
    reason = {
        "fail": f"psi {psi:.3f} is above 0.1: the distribution moved.",
        "warn": f"psi {psi:.3f} is near 0.1.",
        "unknown": "Only 12 rows have a value; 100 are needed.",
        "error": "The column holds text where numbers were promised.",
    }.get(status, "within what chance explains")
    verdicts = [
        Verdict(
            status,
            "psi",
            "psi < 0.1",
            value,
            None if unknown else 0.1,
            None if unknown else 0.003,
            labels,
            {},
            "fail",
            reason,
        ),
        Verdict("unknown" if unknown else "pass", "ks", "ks < 0.3", None if unknown else psi / 2, 0.3, 0.01, labels),
        Verdict("pass", "missing_share", "missing_share <= 0.02", 0.0, 0.02, 0.01, labels),
        Verdict("pass", "n_distinct", "n_distinct > 10", 4100.0 + i, 10, 4000, labels),
    ]
    return parts, verdicts


def dataset_results() -> tuple[list[Result], list[Verdict]]:
    xs = [j / 50 for j in range(51)]
    roc = Lines(
        "ROC",
        [Line("current", xs, [x**0.4 for x in xs]), Line("reference", xs, [x**0.3 for x in xs])],
        "false positive rate",
        "true positive rate",
        {},
        diagonal=True,
    )
    pr = Lines(
        "Precision-recall",
        [Line("current", xs, [1 - 0.6 * x**2 for x in xs]), Line("reference", xs, [1 - 0.4 * x**2 for x in xs])],
        "recall",
        "precision",
    )
    tens = [j / 10 + 0.05 for j in range(10)]
    cal = Lines(
        "Calibration",
        [Line("current", tens, [None if j == 4 else min(1, t * 1.2) for j, t in enumerate(tens)])],
        "predicted",
        "observed",
        {},
        diagonal=True,
    )
    heat = Heat(
        "Confusion matrix",
        ["no churn", "churn"],
        ["no churn", "churn"],
        [[4011, 212], [301, 676]],
        "prediction",
        "target",
    )
    edges = [j / 20 for j in range(21)]
    scores = Bars(
        "Score distribution",
        [f"{a:.2f}" for a in edges[:-1]],
        {"reference": normal(0.4, 0.2, edges), "current": normal(0.5, 0.2, edges)},
        edges,
        {},
        "score",
    )
    worst = Table(
        "Worst segments",
        ["segment", "n", "accuracy"],
        [["north", 120, 0.61], ["south", 88, None], [HOSTILE[0], 3, 0.5]],
    )
    results = [
        Result(ACCURACY, {}, [Value(0.8734, {}, 5200, se=0.004, reference=0.8911, reference_se=0.001)], [worst]),
        Result(AUC, {}, [Value(0.86, {}, 5200, 0.858, 0.862, reference=0.9)], [roc, pr]),
        Result(BRIER, {}, [Value(0.1, {}, 5200)], [cal, scores]),
        Result(CONFUSION, {}, [Value(4011.0, {"target": "no churn", "prediction": "no churn"}, 5200)], [heat]),
        Result(ROWS, {}, [Value(5200.0, {}, 5200, reference=104_233.0)]),
        Result(DRIFTED, {"alpha": 0.01}, [Value(4.0, {}, 20)]),
        Result(
            Spec("rmse", "RMSE", "performance", "Root mean squared error."), {}, [], [], "unknown", "no numeric target"
        ),
    ]
    verdicts = [
        Verdict(
            "warn",
            "accuracy",
            "accuracy >= 0.88",
            0.8734,
            0.88,
            0.8911,
            {},
            {},
            "warn",
            "Accuracy fell from 89.1 % to 87.3 %.",
        ),
        Verdict("pass", "roc_auc", "roc_auc >= 0.8", 0.86, 0.8, 0.9),
        Verdict("pass", "drifted_columns", "drifted_columns <= 5", 4, 5, 0.1, {}, {"alpha": 0.01}),
    ]
    return results, verdicts


NAMES = [
    "age",
    "income",
    "tenure_months",
    "plan",
    "monthly_charge",
    "support_calls",
    "days_since_login",
    "region",
    "discount",
    "n_devices",
]


def make_run(n: int = 20, names: list[str] | None = None, statuses: list[str] | None = None, bins: int = 40) -> Run:
    names = names or [NAMES[i] if i < len(NAMES) else f"feature_{i:03d}" for i in range(n)]
    cycle = statuses or ["pass", "fail", "pass", "pass", "warn", "pass", "unknown", "fail", "pass", "error", "pass"]
    merged: dict[str, tuple[list[Value], list]] = {}
    verdicts: list[Verdict] = []
    for i, name in enumerate(names):
        parts, own = column_parts(name, i, cycle[i % len(cycle)], bins)
        verdicts += own
        for metric, (values, figures) in parts.items():
            into = merged.setdefault(metric, ([], []))
            into[0].extend(values)
            into[1].extend(figures)
    specs = {"psi": PSI, "ks": KS, "missing_share": MISSING, "n_distinct": DISTINCT, "quantile": QUANTILE}
    results = [Result(specs[m], {}, values, figures) for m, (values, figures) in merged.items()]
    more, judged = dataset_results()
    return Run(
        "Churn model",
        Side("production", 5200, "2026-03-09T00:00:00+00:00", "2026-03-10T00:00:00+00:00"),
        [*results, *more],
        [*verdicts, *judged],
        Side("training", 104_233, "2025-01-01T00:00:00", "2025-12-31T00:00:00", "b3c1f0a94d7e21885f6a0c"),
        ["17 rows had no timestamp and were left out.", "Targets are known for 41 % of the rows."],
        "2026-03-10T06:00:12+00:00",
        "0.1.0",
    )


def make_timeline(n: int = 30, names: list[str] | None = None) -> Timeline:
    names = names or ["age", "income", "plan"]
    windows = []
    for i in range(n):
        start, end = (
            f"2026-{1 + i // 28:02d}-{1 + i % 28:02d}T00:00:00",
            f"2026-{1 + (i + 1) // 28:02d}-{1 + (i + 1) % 28:02d}T00:00:00",
        )
        if i in (5, 6, 17):
            windows.append(Window(start, end, 0))
            continue
        psi_values, acc = [], 0.9 - 0.002 * i
        verdicts = []
        for j, name in enumerate(names):
            labels = {"column": name}
            value = (
                None if (i == 9 and j == 0) else 0.02 + (0.006 * i if j == 1 else 0.0) + 0.01 * ((i * 7 + j) % 5) / 5
            )
            status = "unknown" if value is None else "fail" if value > 0.15 else "warn" if value > 0.1 else "pass"
            psi_values.append(Value(value, labels, 500))
            verdicts.append(
                Verdict(status, "psi", "psi < 0.15", value, 0.15, 0.02, labels, {}, "fail", f"psi of {name} moved")
            )
        verdicts.append(Verdict("fail" if acc < 0.85 else "pass", "accuracy", "accuracy >= 0.85", acc, 0.85, 0.9))
        results = [Result(PSI, {}, psi_values), Result(ACCURACY, {}, [Value(acc, {}, 500, se=0.01)])]
        run = Run("Churn model", Side(f"window {i}", 500, start, end), results, verdicts)
        windows.append(Window(start, end, 500, run))
    return Timeline(
        "Churn model",
        "1d",
        windows,
        Side("training", 104_233, None, None, "b3c1f0"),
        ["Late rows count."],
        "2026-02-03T00:00:00",
        "0.1.0",
    )


def segmented() -> Run:
    """One column of which only one segment drifts."""
    values = [Value(0.02, {"column": "age"}, 600)]
    verdicts = [Verdict("pass", "psi", "psi < 0.1", 0.02, 0.1, labels={"column": "age"})]
    for name, psi in (("north", 0.5), ("south", 0.01)):
        labels = {"column": "age", "segment": name}
        values.append(Value(psi, labels, 300))
        verdicts.append(Verdict("fail" if psi > 0.1 else "pass", "psi", "psi < 0.1", psi, 0.1, labels=labels))
    sides = Side("production", 600), Side("training", 6000)
    segments = [Segment(n, 300, {"place": n}, 3000, s) for n, s in (("north", "fail"), ("south", "pass"))]
    return Run("Segments", sides[0], [Result(PSI, {}, values)], verdicts, sides[1], segments=segments)
