"""Scenes of the alerts on the service itself."""

from __future__ import annotations

from firing import Case, Fires, Scene, Series, case, here, predictions, series

JOB = {"job": "ml-api", "model": "flights"}
SUMMARY = "flights uses up its error budget: "


def latency(fast: str, all_of: str) -> Series:
    made = series("prediction_latency_seconds_bucket", fast, model_version="7", le="0.25")
    return made | series("prediction_latency_seconds_count", all_of, model_version="7")


def burns(share: str, long: str, short: str) -> str:
    return (
        f"{share} of the predictions of the last {long} failed, and it goes on ({share} in the last {short}); in the "
        "long run at most 0.1% may."
    )


# errors end: the short window is clean while the long one still is not
FAST = here() | predictions("0+54x30 1680+60x60", "0+6x30 180+0x60")
TWO_PROCESSES = (
    here("1x12 stale") | predictions("0+30x12 stale", "0+6x12 stale") | here(instance="b:8000")
    | predictions("0+30x60", instance="b:8000")
)  # fmt: skip

CASES: list[Case] = [
    case(
        "ErrorBudgetBurnFast", FAST, "10m",
        Fires(JOB, SUMMARY + "2 % of the month's error budget in an hour", burns("10%", "1h", "5m")),
        "40m",
        # few predictions, of which a third fail; and many, of which as many fail as may
        here() | predictions("0+2x60", "0+1x60")
        | here(model="many", instance="b:8000") | predictions("0+999x60", "0+1x60", instance="b:8000"),
        ("10m", "60m"), pending="7m",
        more=(
            Scene("nobody's fault: rejected requests", here() | predictions("0+60x30")
                  | series("predictions_total", "0+600x30", model_version="7", status="rejected"), {"20m": []}),
            Scene("errors of a process that died count on", TWO_PROCESSES, {"14m": [
                Fires(JOB, SUMMARY + "2 % of the month's error budget in an hour",
                      "8.621% of the predictions of the last 1h failed, and it goes on (7.609% in the last 5m); in the "
                      "long run at most 0.1% may.")]}),
        ),
    ),
    case(
        "ErrorBudgetBurnSlow", here() | predictions("0+297x15 4455+300x30", "0+3x15 45+0x30"), "70m",
        Fires(JOB, SUMMARY + "5 % of the month's error budget in six hours", burns("1%", "6h", "30m")),
        "120m", here() | predictions("0+299x30", "0+1x30"), ("70m", "120m"), pending="40m", interval="5m",
    ),
    case(
        "ErrorBudgetLeak", here() | predictions("0+2994x12 35928+300x90", "0+6x12 72+0x90"), "60m",
        Fires(JOB, SUMMARY + "10 % of the month's error budget in three days", burns("0.2%", "3d", "6h")),
        "440m", here() | predictions("0+2998x60", "0+2x60"), ("60m", "300m"), pending="45m", interval="5m",
    ),
    case(
        "LatencyHigh", here() | predictions("0+60x60") | latency("0+54x20 1080+60x40", "0+60x60"), "10m",
        Fires(JOB, "flights answers too slowly",
              "10% of the predictions of the last 30 minutes took longer than 0.25 s; at most 1% may."),
        "30m",
        here() | predictions("0+200x60") | latency("0+199x60", "0+200x60"), ("10m", "40m"), pending="4m",
        more=(
            Scene("a handful of slow ones", here() | predictions("0+2x40") | latency("0+1x40", "0+2x40"), {"30m": []}),
        ),
    ),
    case(
        "NoTraffic", here() | predictions("0+60x30 1800+0x30 1860+60x20"), "50m",
        Fires(JOB, "flights is asked for no predictions any more",
              "No prediction for 5 minutes and longer; half of the time of the last 6h there were more than 0.1 a "
              "second."),
        "64m",
        # a batch now and then; a service that was never asked; a quiet night
        here() | predictions("0+60x3 180+0x60")
        | here(model="never", instance="b:8000") | predictions("0x60", instance="b:8000")
        | here(model="night", instance="c:8000") | predictions("0+600x30 18000+1x30", instance="c:8000"),
        ("19m", "50m"), pending="40m",
    ),
]  # fmt: skip
