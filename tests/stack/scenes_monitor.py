"""Scenes of the alerts on the monitor."""

from __future__ import annotations

from firing import BASELINE, Case, Fires, Scene, Series, case, here, of_model, series
from scenes_results import DOWN

JOB = {"job": "ml-api", "model": "flights"}
VERSION = {**JOB, "model_version": "7"}


def up(values: str, instance: str = "a:8000") -> Series:
    return series("up", values, instance=instance)


def counters(logged: str, late: str = "0x500", profiled: str = "0x500") -> Series:
    made = of_model("barograph_rows_logged_total", logged) | of_model("barograph_rows_late_total", late)
    return made | of_model("barograph_rows_profiled_total", profiled)


def heart(flushed: str, evaluated: str = "0+60x500", window_rows: str = "9x500") -> Series:
    made = of_model("barograph_last_flush_timestamp_seconds", flushed)
    made |= of_model("barograph_last_evaluation_timestamp_seconds", evaluated, window="running")
    return made | of_model("barograph_window_rows", window_rows, window="running")


def stale(cause: str, at: str) -> Fires:
    return Fires(
        {**JOB, "cause": cause}, f"What is known of flights is old: {cause}",
        f"For more than 15m: {cause}. Alerts on its results are muted. The last evaluation was at {at}.",
    )  # fmt: skip


NO_TARGET = Fires(
    {"job": "ml-api"}, "The monitor of ml-api is down",
    DOWN.description.replace("Nothing reports flights any more.", "No target of the job ml-api answers."),
)  # fmt: skip

OBSERVER = {"job": "prometheus", "instance": "localhost:9090"}


def failing(group: str, values: str) -> Series:
    about = {**OBSERVER, "rule_group": f"rules/barograph.yml;{group}"}
    return series("prometheus_rule_evaluation_failures_total", values, **about)


DEAD: list[Case] = [
    case(
        "MonitorDown", here("1x10 stale _x14 1x20") | up("1x10 0x14 1x20"), "17m", DOWN, "27m",
        # of two instances one goes; a version is replaced by the next
        here("1x10 stale") | up("1x10 stale") | here(instance="b:8000") | up("1x60", "b:8000")
        | here("1x10 stale", model="other", instance="c:8000") | up("1x60", "c:8000")
        | here("_x11 1x60", model="other", model_version="8", instance="c:8000"),
        ("17m", "50m"), pending="14m",
        more=(
            Scene("whose monitor is gone while the service answers", here("1x10 stale") | up("1x60"), {"17m": [DOWN]}),
            Scene("of which nothing was ever seen", up("0x60"), {"4m": [], "6m": [NO_TARGET]}),
            Scene("nothing is scraped at all", series("up", "1x60", job="node"), {"6m": [NO_TARGET]}),
            Scene("one model of two in a job", here("1x10 stale") | up("1x10 0x60")
                  | here(model="other", instance="b:8000") | up("1x60", "b:8000"), {"17m": [DOWN]}),
        ),
    ),
    case(
        "TargetDown", up("1x10 0x20 1x20") | up("1x60", "b:8000"), "22m",
        Fires({"job": "ml-api", "instance": "a:8000"}, "a:8000 does not answer",
              "Prometheus cannot scrape a:8000 of the job ml-api; others answer."),
        "32m", up("1x5 0x5 1x50") | up("1x60", "b:8000") | series("up", "0x60", job="node"), ("12m", "50m"),
        pending="15m", more=(Scene("the last one is no target but the monitor", up("0x60"), {"30m": []}),),
    ),
    case(
        "DriftResultStale", here() | heart("0+60x20 1200x40 3660+60x40"), "46m",
        stale("its profiles are not written any more", "1970-01-01 00:46:00 +0000 UTC"), "62m",
        # nobody asks: flushes go on, and there is nothing to evaluate; a batch in the night
        here() | heart("0+60x100", "600x100") | counters("0x30 500x60", profiled="0x100"),
        ("40m", "80m"), pending="40m",
        more=(
            Scene("rows come and nothing is made of them",
                  here() | heart("0+60x100", "600x100") | counters("0+60x100", profiled="0+60x100"),
                  {"30m": [stale("rows come, and no window is evaluated", "1970-01-01 00:10:00 +0000 UTC")]}),
            Scene("a batch is evaluated once",
                  here() | heart("0+60x100", "600x30 1860x70") | counters("0x30 500x70", profiled="0x30 500x70"),
                  {f"{t}m": [] for t in (35, 45, 46, 50, 60)}),
            Scene("the first rows of a fresh monitor, and then none",
                  here() | heart("0+60x100", "_x3 180x97") | counters("0x2 500x98", profiled="0x2 500x98"),
                  {f"{t}m": [] for t in (11, 13, 14, 16, 20, 30)}),
            Scene("the windows are gone",
                  here() | heart("0+60x100", "0+60x20 stale", "9x20 stale"),
                  {"32m": [Fires(
                      {**JOB, "cause": "no window has results any more"},
                      "What is known of flights is old: no window has results any more",
                      "For more than 15m: no window has results any more. Alerts on its results are muted.")]}),
        ),
    ),
    case(
        "MonitorErrors", of_model("barograph_flush_errors_total", "0+1x30 30x40"), "20m",
        Fires({"job": "ml-api", "instance": "a:8000", "at": "writing profiles"},
              "The monitor in a:8000 fails at writing profiles",
              "15 failures in the last 15m at writing profiles, and they go on. The service is not disturbed by them; "
              "what is known of its model may be."),
        "47m",
        # once
        of_model("barograph_flush_errors_total", "0x10 1x50") | of_model("barograph_evaluation_errors_total", "0x60")
        | series("barograph_internal_errors_total", "3x60", where="log"),
        ("20m", "26m", "50m"), pending="14m",
    ),
    case(
        "RulesFailing", failing("barograph-service", "0x5 0+4x20 80x40"), "20m",
        Fires({**OBSERVER, "rule_group": "rules/barograph.yml;barograph-service"},
              "Rules of Barograph cannot be evaluated by localhost:9090",
              "56 failed evaluations in the last 15m in rules/barograph.yml;barograph-service: its alerts are not to "
              "be relied on, whatever they say."),
        "50m", failing("barograph-service", "7x60") | failing("node", "0+4x60"), ("20m", "50m"), pending="9m",
    ),
]  # fmt: skip

LATE: list[Case] = [
    case(
        "RowsLeftOut", counters("0+60x100", "0+6x30 180+0x70"), "25m",
        Fires({**VERSION, "cause": "late"}, "flights 7: rows are not counted, as they are late",
              "10% of the rows logged in the last hour are late; at most 5% may. Everything else is said of the other "
              "rows."),
        "90m", counters("0+60x100", "0+1x100"), ("25m", "90m"), pending="10m",
        more=(Scene("half of a handful", counters("0+2x60", "0+1x60"), {"40m": []}),),
    ),
    case(
        "LabelsLate",
        of_model("barograph_check_status", "0x24 2x80 0x20", metric="accuracy", window="running")
        | of_model("barograph_window_end_timestamp_seconds", "3600+3600x130", window="running"),
        "100h",
        Fires(JOB, "flights: no labels for 3d 3h 0m 0s",
              "The newest window with labels ended 3d 3h 0m 0s ago; they may take 3d 0h 0m 0s. Until they come nobody "
              "knows how good the predictions are."),
        "110h",
        # two days late is in time; no labels ever is another way to live
        of_model("barograph_check_status", "0x130", metric="accuracy", window="last")
        | of_model("barograph_window_end_timestamp_seconds", "-172800+3600x130", window="last")
        | of_model("barograph_check_status", "2x130", metric="accuracy", window="last", model="never")
        | of_model("barograph_window_end_timestamp_seconds", "3600+3600x130", window="last", model="never"),
        ("100h", "120h"), pending="98h", interval="1h",
    ),
    case(
        "BaselineOutdated", here("1x94 stale") | here("_x95 1x20", baseline="b3"), "92d",
        Fires({**JOB, "baseline": BASELINE}, "flights: its reference is 92d 0h 0m 0s old",
              f"The reference {BASELINE} ended, or was first seen here, 92d 0h 0m 0s ago; it may be 90d 0h 0m 0s "
              "old. Drift is measured from it."),
        "96d", here("1x80 stale") | here("_x80 1x40", baseline="b3"), ("80d", "110d"), pending="91d", interval="1d",
        more=(
            Scene("of a reference without times, its first day here counts", here("_x10 1x100", baseline="b2"), {
                "99d": [],
                "102d": [Fires({**JOB, "baseline": "b2"}, "flights: its reference is 92d 0h 0m 0s old",
                               "The reference b2 ended, or was first seen here, 92d 0h 0m 0s ago; it may be 90d 0h "
                               "0m 0s old. Drift is measured from it.")]}, "1d"),
        ),
    ),
]  # fmt: skip

ALWAYS = Fires(
    {}, "Alerts are being delivered",
    "This alert always fires. Whoever receives it should be alarmed when it stops coming: then Prometheus, "
    "Alertmanager or the way between them is broken.",
)  # fmt: skip
WATCHDOG = Case("Watchdog", Scene("fires always", up("0x60"), {"0m": [ALWAYS], "60m": [ALWAYS]}), None)

CASES = [*DEAD, *LATE, WATCHDOG]
