"""Scenes of the alerts on drift, quality and performance."""

from __future__ import annotations

from firing import ODD, Case, Fires, Scene, case, here, judged, of_model, psi, rows, series

VERSION = {"job": "ml-api", "model": "flights", "model_version": "7"}
NOT_BETTER = "in the last complete window of 1200 rows; its threshold is 0.1. What has come since does not look better."


def feature(column: str = ODD, value: str = "0.31", name: str = "7") -> Fires:
    return Fires(
        {**VERSION, "model_version": name, "column": column, "metric": "psi"},
        f"flights {name}: the feature {column} has drifted",
        f"psi of {column} is {value} {NOT_BETTER}",
    )


HERE = here() | rows()
BOTH = psi("0.31x30 0.02x40", "3x30 0x40", column=ODD) | psi(
    "0.3x30 0.02x40", "3x30 0x40", column=ODD, window="running"
)
# a window ends at 20 and is final at 25: the running one has few rows, then none, then the same drift
CHANGE = psi("0.31x24 0.35x40", "3x70", column=ODD) | psi(
    "0.33x19 0.9x3 _x2 0.6x2 0.34x40", "3x19 2x3 _x2 2x2 3x40", column=ODD, window="running"
)
DIES = HERE | BOTH | series("up", "1x20 0x60")
DEAD = {
    name: values if name.startswith("up") else " ".join([f"{values.split('x')[0]}x20", "stale"])
    for name, values in DIES.items()
}
DOWN = Fires(
    {"job": "ml-api", "model": "flights"}, "The monitor of flights is down",
    "Nothing reports flights any more. What was drifting when it went is not known to be over: alerts on its results "
    "are muted, and will not be reported as resolved.",
)  # fmt: skip
SILENT = (
    # judged by its p-value: beyond the threshold, and chance
    judged("ks", "barograph_ks", "0.2x60", "0.1x60", "0x60", column="city")
    # a window that failed by chance: the next one knows better
    | psi("0.31x60", "3x60", column="city") | psi("0.02x60", "0x60", column="city", window="running")
    # a window that has only begun
    | psi("0.31x60", "3x60", column=ODD, window="running") | psi("0.02x60", "0x60", column=ODD)
    # no feature
    | psi("0.31x60", "3x60", column="p") | psi("0.31x60", "3x60", column="late")
    # a check whose severity is "warn"
    | judged("ks", "barograph_ks", "0.2x60", "0.1x60", "1x60", column=ODD)
)  # fmt: skip
SECOND = HERE | psi("0.31x60", "3x60", column=ODD) | psi(
    "0.4x60", "3x60", column=ODD, instance="b:8000"
) | here(instance="b:8000")  # fmt: skip

# the process is started anew at 30: its last window is gone, and the running one begins with a few rows
RESTARTED = here("1x29 stale _x2 1x90") | of_model("barograph_window_rows", "1200x29 stale", window="last") | psi(
    "0.31x29 stale", "3x29 stale", "0.1x29 stale", column=ODD
) | psi("0.3x29 stale _x2 0.9x10 0.35x80", "3x29 stale _x2 2x10 3x80", "0.1x29 stale _x2 2x10 0.1x80", column=ODD,
        window="running")  # fmt: skip
BETTER = RESTARTED | psi("0.3x29 stale _x2 0.9x10 0.02x80", "3x29 stale _x2 2x10 0x80", column=ODD, window="running")
LOST = Fires(
    feature().labels, feature().summary, feature().description.replace(" of 1200 rows", "")
)  # fmt: skip

TWO = psi("0.31x60", "3x60", column="a") | psi("0.31x60", "3x60", column="b")
HALF = of_model("barograph_drifted_columns_ratio", "0.5x60", window="last")
HALF_LOST = of_model("barograph_drifted_columns_ratio", "0.5x29 stale", window="last")


def many(window: str) -> Fires:
    return Fires(
        VERSION, "flights 7: 50% of its columns have drifted",
        f"50% of the columns drifted in the last complete window{window}, and do not look better since; at most 30% "
        "may. Rather than each feature by itself, something upstream or the population has changed.",
    )  # fmt: skip


MANY, MANY_LOST = many(" of 1200 rows"), many("")

DRIFT: list[Case] = [
    case(
        "FeatureDrift", HERE | BOTH, "16m", feature(), "50m", HERE | SILENT, ("16m", "45m"), pending="14m",
        more=(
            Scene("outlives the change of windows", HERE | CHANGE,
                  {**{f"{t}m": [feature()] for t in (16, 20, 21, 22, 23, 24)}, "40m": [feature(value="0.35")]}),
            Scene("is not over when it cannot be seen", HERE | BOTH, {"44m": [feature()]}),
            Scene("stays until it is known that the monitor is dead", DEAD, {"30m": [feature()], "40m": []}),
            Scene("and by then that is known", DEAD, {"25m": [], "27m": [DOWN], "80m": [DOWN]}, alert="MonitorDown"),
            Scene("two instances are one alert with the worse value", SECOND, {"20m": [feature(value="0.4")]}),
            Scene("is not over after a restart that lost the window", RESTARTED,
                  {f"{t}m": [LOST] for t in (40, 50, 61, 70, 99)}),
            Scene("and then what comes does look better", BETTER, {"40m": [LOST], "60m": []}),
            Scene("held against another threshold", HERE | psi("0.31x60", "3x60", "0.4x60", column=ODD), {"20m": []}),
            Scene("of two conditions one fails",
                  HERE | psi("0.31x60", "1x60", column=ODD)
                  | judged("psi", "barograph_psi", "0.31x60", "0.1x60", "3x60", column=ODD, condition="< 0.1"),
                  {"20m": [feature()]}),
        ),
    ),
    case(
        "PredictionDrift", HERE | psi("0.31x30 0.02x40", "3x30 0x40", column="p"), "16m",
        Fires({**VERSION, "column": "p", "metric": "psi", "role": "score"}, "flights 7: the score has drifted",
              f"psi of p is 0.31 {NOT_BETTER}"),
        "50m",
        HERE | psi("0.31x60", "3x60", column=ODD)
        # labels that are late
        | judged("missing_drift", "barograph_missing_drift_ratio", "0.5x60", "0.05x60", "3x60", column="late"),
        ("16m", "45m"), pending="14m", kept="44m",
        more=(
            Scene("the target too", HERE | psi("0.31x60", "3x60", column="late"), {"20m": [
                Fires({**VERSION, "column": "late", "metric": "psi", "role": "target"},
                      "flights 7: the target has drifted", f"psi of late is 0.31 {NOT_BETTER}")]}),
            Scene("replicas say two roles of a column", HERE | psi("0.31x60", "3x60", column="p")
                  | here(instance="b:8000")
                  | of_model("barograph_column_role_info", "1x60", instance="c:8000", column="p", role="prediction"),
                  {"20m": [Fires({**VERSION, "column": "p", "metric": "psi", "role": "score"},
                                 "flights 7: the score has drifted", f"psi of p is 0.31 {NOT_BETTER}")]}),
        ),
    ),
    case(
        "ManyFeaturesDrifted",
        HERE | of_model("barograph_drifted_columns_ratio", "0.5x20 0.2x40", window="last"), "12m",
        MANY,
        "40m",
        HERE | of_model("barograph_drifted_columns_ratio", "0.25x60", window="last")
        | of_model("barograph_drifted_columns_ratio", "1x60", window="running"),
        ("12m", "50m"), pending="9m", kept="34m",
        more=(
            Scene("what came since looks better", HERE | TWO | HALF
                  | psi("0.3x20 0.02x40", "3x20 0x40", column="b", window="running"),
                  {"15m": [MANY], "30m": [MANY], "50m": []}),
            Scene("is not over after a restart that lost the window", RESTARTED | HALF_LOST,
                  {f"{t}m": [MANY_LOST] for t in (40, 50, 90)}),
        ),
    ),
]  # fmt: skip

MISSING = "barograph_missing_share_ratio"


def broken(column: str, found: str) -> Fires:
    what = f"missing_share of {column}"
    return Fires(
        {**VERSION, "column": column, "metric": "missing_share"},
        f"flights 7: {what} is not what it was in the reference", f"{what} is beyond its threshold: {found}.",
    )  # fmt: skip


LAST_BROKEN = judged("missing_share", MISSING, "0.2x200", "0.05x200", "3x200", column="city")
UNSEEN = "barograph_unseen_share_ratio"
QUALITY: list[Case] = [
    case(
        "DataQualityBroken",
        HERE | judged("missing_share", MISSING, "0.2x20 0.01x40", "0.05x60", "3x20 0x40", column=ODD, window="running"),
        "12m", broken(ODD, "0.2 in the running window (threshold 0.05)"), "40m",
        HERE
        # labels may be late
        | judged("missing_share", MISSING, "1x60", "0.05x60", "3x60", column="late", window="running")
        # the first rows of a window
        | judged("empty_columns", "barograph_empty_columns", "1x60", "0x60", "3x60", window="running")
        # worth a look, no alarm
        | judged("constant_columns", "barograph_constant_columns", "1x60", "0x60", "1x60")
        | judged("unseen_share", UNSEEN, "0.1x60", "0.01x60", "3x60", column="city"),
        ("12m", "50m"), pending="9m",
        more=(
            Scene("a column that is gone has no name here",
                  HERE | judged("schema_changes", "barograph_schema_changes_columns", "1x60", "0x60", "3x60"),
                  {"20m": [Fires(
                      {**VERSION, "metric": "schema_changes"},
                      "flights 7: schema_changes is not what it was in the reference",
                      "schema_changes is beyond its threshold: 1 in the last window (threshold 0).")]}),
            Scene("what came since is sound, of enough rows to say so",
                  HERE | LAST_BROKEN | of_model(
                      "barograph_check_status", "3x5 0x200", column="city", window="running", metric="missing_share")
                  | of_model("barograph_window_rows", "10x29 130x200", window="running"),
                  {"16m": [broken("city", "0.2 in the last window (threshold 0.05)")],
                   "28m": [broken("city", "0.2 in the last window (threshold 0.05)")], "50m": []}),
            Scene("outlives the window in which it began",
                  HERE | judged("missing_share", MISSING, "0.2x15 0.01x3 0.3x40", "0.05x60", "3x15 2x3 3x40",
                                column="city", window="running"),
                  {"16m": [broken("city", "0.2 in the running window (threshold 0.05)")],
                   "30m": [broken("city", "0.3 in the running window (threshold 0.05)")]}),
        ),
    ),
    case(
        "UnseenCategories", HERE | judged("unseen_share", UNSEEN, "0.1x20 0x40", "0.01x60", "3x20 0x40", column="city"),
        "12m",
        Fires({**VERSION, "column": "city", "metric": "unseen_share"},
              "flights 7: city has values that the model has never seen",
              "unseen_share of city is beyond its threshold: 0.1 in the last window (threshold 0.01). The report of "
              "the window names examples."),
        "40m", HERE | judged("unseen_share", UNSEEN, "0.004x60", "0.01x60", "0x60", column="city"), ("12m", "50m"),
        pending="9m", kept="34m",
        more=(
            Scene("are gone since, in enough rows to say so",
                  HERE | judged("unseen_share", UNSEEN, "0.1x60", "0.01x60", "3x60", column="city")
                  | of_model("barograph_check_status", "0x60", column="city", window="running", metric="unseen_share")
                  | of_model("barograph_window_rows", "120x60", window="running"), {"15m": [], "50m": []}),
        ),
    ),
]  # fmt: skip

ACCURACY, LOSS = "barograph_accuracy_ratio", "barograph_log_loss"
PERFORMANCE: list[Case] = [
    case(
        "PerformanceDown", HERE | judged("accuracy", ACCURACY, "0.55x30 0.7x40", "0.62x70", "3x30 0x40"), "16m",
        Fires({**VERSION, "metric": "accuracy"}, "flights 7: accuracy is worse than it may be",
              "accuracy is beyond its threshold: 0.55 in the last window (threshold 0.62)."),
        "50m",
        # better than before in its own direction; no labels; a window that cannot be judged
        HERE | judged("log_loss", LOSS, "0.1x60", "0.6x60", "0x60")
        | judged("accuracy", ACCURACY, "0.55x60", "0.62x60", "2x60", window="running")
        | of_model("barograph_check_status", "2x60", metric="f1", window="last"),
        ("16m", "45m"), pending="14m", kept="44m",
        more=(
            Scene("where lower is better", HERE | judged("log_loss", LOSS, "0.9x60", "0.6x60", "3x60"), {"20m": [
                Fires({**VERSION, "metric": "log_loss"}, "flights 7: log_loss is worse than it may be",
                      "log_loss is beyond its threshold: 0.9 in the last window (threshold 0.6).")]}),
            Scene("of a class",
                  HERE | judged("recall", "barograph_recall_ratio", "0.2x60", "0.6x60", "3x60", **{"class": "late"}),
                  {"20m": [Fires({**VERSION, "metric": "recall", "class": "late"},
                                 "flights 7: recall of class late is worse than it may be",
                                 "recall of class late is beyond its threshold: 0.2 in the last window "
                                 "(threshold 0.6).")]}),
        ),
    ),
]  # fmt: skip

CASES = [*DRIFT, *QUALITY, *PERFORMANCE]
