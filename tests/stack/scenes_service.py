"""Scenes of the alerts on the service itself."""

from __future__ import annotations

from firing import Case, Fires, Scene, Series, case, here, predictions, series

JOB = {"job": "ml-api", "model": "flights"}
SUMMARY = "flights uses up its error budget "


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

RENAMED = (
    here("1x20 stale") | here("_x21 1x60", model="fraud")
    | predictions("0+30x20 0+30x60", "0x20 0+30x60")
)  # fmt: skip

CASES: list[Case] = [
    case(
        "ErrorBudgetBurnFast", FAST, "10m",
        Fires(JOB, SUMMARY + "at a pace of 2 % of the month's in an hour", burns("10%", "1h", "5m")),
        "40m",
        # few predictions, of which one fails; and many, of which as many fail as may
        here() | predictions("0+1x60", "0x9 1x60")
        | here(model="many", instance="b:8000") | predictions("0+999x60", "0+1x60", instance="b:8000"),
        ("10m", "60m"), pending="7m",
        more=(
            Scene("nobody's fault: rejected requests", here() | predictions("0+60x30")
                  | series("predictions_total", "0+600x30", model_version="7", status="rejected"), {"20m": []}),
            Scene("errors of a process that died count on", TWO_PROCESSES, {"14m": [
                Fires(JOB, SUMMARY + "at a pace of 2 % of the month's in an hour",
                      "8.621% of the predictions of the last 1h failed, and it goes on (7.609% in the last 5m); in the "
                      "long run at most 0.1% may.")]}),
            Scene("a handful, and all of them fail", here() | predictions("0x60", "0+1x60"), {"10m": [], "20m": [
                Fires(JOB, SUMMARY + "at a pace of 2 % of the month's in an hour", burns("100%", "1h", "5m"))]}),
            Scene("the first requests of a new service", here() | predictions("0+600x60", "0 40x60"),
                  {f"{t}m": [] for t in (3, 5, 7, 8, 10, 20)}),
            Scene("a new model on the address and version of another", RENAMED, {"10m": [], "22m": [], "40m": [
                # the counter is one, and so all of it is the new one's
                Fires({**JOB, "model": "fraud"}, "fraud uses up its error budget at a pace of 2 % of the month's in "
                      "an hour", "32.76% of the predictions of the last 1h failed, and it goes on (50% in the last "
                      "5m); in the long run at most 0.1% may.")]}),
        ),
    ),
    case(
        "ErrorBudgetBurnSlow", here() | predictions("0+297x15 4455+300x30", "0+3x15 45+0x30"), "70m",
        Fires(JOB, SUMMARY + "at a pace of 5 % of the month's in six hours", burns("1%", "6h", "30m")),
        "120m", here() | predictions("0+299x30", "0+1x30"), ("70m", "120m"), pending="30m", interval="5m",
    ),
    case(
        "ErrorBudgetLeak", here() | predictions("0+2994x80 239520+3000x100", "0+6x80 480+0x100"), "390m",
        Fires(JOB, SUMMARY + "at a pace of 10 % of the month's in three days", burns("0.2%", "3d", "6h")),
        "700m", here() | predictions("0+2998x100", "0+2x100"), ("60m", "480m"), pending="355m", interval="5m",
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
        "NoTraffic", here() | predictions("0+60x240 14400+0x30 14460+60x20"), "260m",
        Fires(JOB, "flights is asked for no predictions any more",
              "No prediction for 5 minutes and longer; half of the time of the last 6h, or since it is known, there "
              "were more than 0.1 a second."),
        "274m",
        # a batch now and then; a service that was never asked; a quiet night
        here() | predictions("0+60x3 180+0x480")
        | here(model="never", instance="b:8000") | predictions("0x60", instance="b:8000")
        | here(model="night", instance="c:8000") | predictions("0+600x30 18000+1x30", instance="c:8000"),
        ("19m", "50m", "220m", "480m"), pending="250m",
        more=(
            Scene("a trial of ten minutes", here() | predictions("0+300x10 3000+0x300"),
                  {f"{t}m": [] for t in (20, 26, 35, 60, 200, 240)}),
        ),
    ),
]  # fmt: skip
