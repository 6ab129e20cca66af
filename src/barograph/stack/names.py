"""The vocabulary of dashboards and alerts: what a service under watch shows at `/metrics`.

Names of metrics with a `Spec` come from `live.families.metric_name`. The fixed ones stand here once and nowhere else in
the stack, and a test renders a real page and fails where a name, type, label or help here is not what the page says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from barograph.live.families import (
    CHECK_STATUS,
    CHECK_STATUS_HELP,
    FOUND,
    FOUND_HELP,
    P_VALUE,
    P_VALUE_HELP,
    STATUS_CODES,
    metric_name,
)
from barograph.metric import Metric
from barograph.metrics import drift, performance, quality
from barograph.results import Spec
from barograph.run import DRIFTED_SHARE

Kind = Literal["counter", "gauge", "histogram", "info"]

MODEL = ("model", "model_version")
WINDOW = (*MODEL, "window")
UNITS = {"": "none", "ratio": "percentunit", "rows": "short", "columns": "short", "seconds": "s"}
"""Grafana's units for those of a `Spec`."""


@dataclass(frozen=True)
class Name:
    """A metric as PromQL names it: a counter with its `_total`, a histogram without a suffix, an info with `_info`.

    `str()` is the name, so that it goes into an expression as it is. `unit` is Grafana's, `labels` those that every
    series of it has, beside `job` and `instance`.
    """

    name: str
    title: str
    help: str
    unit: str = "short"
    kind: Kind = "gauge"
    labels: tuple[str, ...] = WINDOW
    range: tuple[float | None, float | None] = (0.0, None)

    def __str__(self) -> str:
        return self.name

    @property
    def threshold(self) -> str:
        """What the value is held against."""
        return f"{self.name}_threshold"

    @property
    def reference(self) -> str:
        """The same number on the reference; performance only."""
        return f"{self.name}_reference"

    @property
    def bucket(self) -> str:
        """A histogram's counts up to each `le`."""
        return f"{self.name}_bucket"

    @property
    def sum(self) -> str:
        """A histogram's sum. prometheus_client leaves it out where a bucket's edge is negative."""
        return f"{self.name}_sum"

    @property
    def count(self) -> str:
        """A histogram's count."""
        return f"{self.name}_count"


def of(what: Metric | type[Metric] | Spec) -> Name:
    """The name of a metric's gauge, with all that its `Spec` says."""
    spec = what if isinstance(what, Spec) else what.spec
    return Name(metric_name(spec), spec.title, spec.help, UNITS[spec.unit], range=spec.range)


def every(package: object) -> list[Spec]:
    """The Specs of a package of metrics (`metrics.drift`, ...), each once, by name."""
    exported: Iterable[str] = getattr(package, "__all__", ())
    found = {made.spec.name: made.spec for name in exported if hasattr(made := getattr(package, name), "spec")}
    return [found[name] for name in sorted(found)]


# The service: requests and predictions.
_HTTP = ("route", "method")
REQUESTS = Name(
    "http_requests_total", "Requests", "Answered requests by class of status.", "reqps", "counter", (*_HTTP, "status")
)
REQUEST_SECONDS = Name(
    "http_request_duration_seconds",
    "Latency of requests",
    "Time until a request was answered.",
    "s",
    "histogram",
    _HTTP,
)
IN_PROGRESS = Name("http_requests_in_progress", "Requests in flight", "Requests that are being answered.", labels=_HTTP)
EXCEPTIONS = Name(
    "http_exceptions_total", "Exceptions", "Exceptions that no handler turned into an answer.", "cps", "counter", _HTTP
)
PREDICTIONS = Name(
    "predictions_total", "Predictions", "Predictions by how they ended.", "cps", "counter", ("model_version", "status")
)
PREDICTION_SECONDS = Name(
    "prediction_latency_seconds", "Latency of predictions", "Time that a prediction took.", "s", "histogram",
    ("model_version",),
)  # fmt: skip
PREDICTION_VALUE = Name(
    "prediction_value", "Predicted values", "Predicted scores or numbers.", "none", "histogram", ("model_version",),
    (None, None),
)  # fmt: skip
INTERNAL_ERRORS = Name(
    "barograph_internal_errors_total", "Failures of the monitoring", "Failures of the monitoring itself.", "short",
    "counter", ("where",),
)  # fmt: skip

# Windows and their verdicts.
CHECK = Name(CHECK_STATUS, "Verdict", CHECK_STATUS_HELP, range=(0.0, 4.0), labels=(*WINDOW, "metric"))
CHECKS = Name("barograph_checks", "Checks", "Checks by their verdict.", labels=(*WINDOW, "status"))
FINDINGS = Name(FOUND, "Findings", FOUND_HELP, labels=(*WINDOW, "finding"))
EVIDENCE = Name(P_VALUE, "Chance of this", P_VALUE_HELP, "none", range=(0.0, 1.0))
STATUSES = STATUS_CODES
DRIFTED = of(DRIFTED_SHARE)
WINDOW_ROWS = Name("barograph_window_rows", "Rows of a window", "Rows in the window.")
WINDOW_START = Name(
    "barograph_window_start_timestamp_seconds", "Start of a window", "When the window starts (event time).", "s"
)
WINDOW_END = Name(
    "barograph_window_end_timestamp_seconds", "End of a window", "When the window ends (event time).", "s"
)
EVALUATED = Name(
    "barograph_last_evaluation_timestamp_seconds", "Last evaluation", "When the window was last evaluated.", "s"
)
EVALUATION_SECONDS = Name(
    "barograph_evaluation_duration_seconds", "Evaluation", "Time to read and evaluate the window.", "s"
)
LEFT_OUT = Name("barograph_labels_left_out", "Left out", "Columns and classes left out for want of room.")

# The monitor itself.
ROWS_LOGGED = Name(
    "barograph_rows_logged_total", "Rows logged", "Rows given to log and log_batch.", "short", "counter", MODEL
)
ROWS_PROFILED = Name(
    "barograph_rows_profiled_total", "Rows profiled", "Rows counted in a window's profile.", "short", "counter", MODEL
)
ROWS_SAMPLED_OUT = Name(
    "barograph_rows_sampled_out_total", "Rows sampled out", "Rows left out because more came than could be profiled.",
    "short", "counter", MODEL,
)  # fmt: skip
ROWS_LATE = Name(
    "barograph_rows_late_total", "Rows too late", "Rows that came too late for their window.", "short", "counter", MODEL
)
ROWS_BAD = Name(
    "barograph_rows_bad_total", "Bad rows", "Rows left out because they could not be read.", "short", "counter", MODEL
)
ROWS_LOST = Name(
    "barograph_rows_lost_total", "Rows lost",
    "Rows in the memory of workers that died, or given up because the spool stayed broken.", "short", "counter", MODEL,
)  # fmt: skip
FLUSHES = Name(
    "barograph_flushes_total", "Flushes", "Times that profiles were written to the spool.", "short", "counter", MODEL
)
FLUSH_ERRORS = Name(
    "barograph_flush_errors_total", "Failed flushes", "Times that profiles could not be written to the spool.", "short",
    "counter", MODEL,
)  # fmt: skip
EVALUATION_ERRORS = Name(
    "barograph_evaluation_errors_total", "Failed evaluations", "Failures to read or evaluate a window.", "short",
    "counter", MODEL,
)  # fmt: skip
BUFFER_ROWS = Name("barograph_buffer_rows", "Rows waiting", "Rows that wait to be profiled.", labels=MODEL)
SAMPLING = Name(
    "barograph_sampling_ratio", "Rows profiled", "Share of the rows that are profiled under the present load.",
    "percentunit", labels=MODEL, range=(0.0, 1.0),
)  # fmt: skip
FLUSHED = Name(
    "barograph_last_flush_timestamp_seconds", "Last flush", "When profiles were last written to the spool.", "s",
    labels=MODEL,
)  # fmt: skip
BASELINE = Name(
    "barograph_baseline_info", "Baseline", "The reference.", kind="info", labels=(*MODEL, "baseline", "rows")
)
COLUMN_ROLE = Name(
    "barograph_column_role_info", "Role", "Columns of the model that are no features, by their role.",
    labels=(*MODEL, "column", "role"),
)  # fmt: skip
REFERENCE_END = Name(
    "barograph_baseline_end_timestamp_seconds",
    "End of the reference",
    "Last timestamp of the reference.",
    "s",
    labels=(*MODEL, "baseline"),
)
"""Of a reference with timestamps."""

FIXED: tuple[Name, ...] = (
    REQUESTS, REQUEST_SECONDS, IN_PROGRESS, EXCEPTIONS, PREDICTIONS, PREDICTION_SECONDS, PREDICTION_VALUE,
    INTERNAL_ERRORS, CHECK, CHECKS, FINDINGS, EVIDENCE, WINDOW_ROWS, WINDOW_START, WINDOW_END, EVALUATED,
    EVALUATION_SECONDS, LEFT_OUT, ROWS_LOGGED, ROWS_PROFILED, ROWS_SAMPLED_OUT, ROWS_LATE, ROWS_BAD, ROWS_LOST,
    FLUSHES, FLUSH_ERRORS, EVALUATION_ERRORS, BUFFER_ROWS, SAMPLING, FLUSHED, BASELINE, COLUMN_ROLE,
)  # fmt: skip
"""Names without a `Spec` of a metric."""

DRIFT, QUALITY, PERFORMANCE = every(drift), every(quality), every(performance)
PSI, MISSING_DRIFT = of(drift.PSI), of(drift.MissingDrift)
MISSING, OUT_OF_RANGE, UNSEEN = of(quality.MissingShare), of(quality.OutOfRangeShare), of(quality.UnseenShare)
EMPTY, CONSTANT, CHANGED = of(quality.EmptyColumns), of(quality.ConstantColumns), of(quality.SchemaChanges)
ROW_COUNT = of(quality.RowCount)
PREDICTED_RATE, TARGET_RATE = of(performance.PredictedRate), of(performance.TargetRate)
