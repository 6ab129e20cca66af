"""When each alert fires, stays silent and resolves: scenes of series, in the notation of `promtool test rules`.

A scene's time begins at 0. `0+60x30` are 31 samples that rise by 60, `_x5` five gaps, `stale` the end of a series.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Series = dict[str, str]
OWN = {"job": "ml-api", "instance": "a:8000"}
MODEL = {"model": "flights", "model_version": "7"}
ODD = 'km "net" \\ {{ .Value }}'  # a column's name is data: quotes and templates in it are text


BASELINE = "5fc1"
"""Of a reference that ends at the time 0 of the scenes."""


def series(name: str, values: str, /, **labels: str) -> Series:
    """One series with the labels of its target; a label that is None is left out."""
    given = {**OWN, **labels}
    inside = ",".join(f"{k}={quoted(v)}" for k, v in given.items() if v is not None)
    return {f"{name}{{{inside}}}": values}


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def of_model(name: str, values: str, /, **labels: str) -> Series:
    return series(name, values, **{**MODEL, **labels})


def here(values: str = "1x500", **labels: str) -> Series:
    """A monitor that reports."""
    known = {"baseline": BASELINE, **labels}
    made = of_model("barograph_baseline_info", values, **known)
    if known["baseline"] == BASELINE:  # others have no timestamps
        ends = " ".join(re.sub(r"^1x", "0x", part) for part in values.split())
        made |= of_model("barograph_baseline_end_timestamp_seconds", ends, **known)
    own = {name: value for name, value in labels.items() if name != "baseline"}
    for column, role in (("p", "score"), ("late", "target")):
        made |= of_model("barograph_column_role_info", values, **own, column=column, role=role)
    return made


def predictions(ok: str, error: str = "0x500", **labels: str) -> Series:
    made = {**MODEL, **labels}
    made.pop("model")
    one = series("predictions_total", ok, **{**made, "status": "ok"})
    return one | series("predictions_total", error, **{**made, "status": "error"})


def judged(metric: str, name: str, values: str, threshold: str, status: str, **labels: str) -> Series:
    """A value, what it was held against, and the verdict."""
    about = {"window": "last", **labels}
    condition = about.pop("condition", None)
    where = {} if condition is None else {"condition": condition}
    return (
        of_model(name, values, **about)
        | of_model(f"{name}_threshold", threshold, **about, **where)
        | of_model("barograph_check_status", status, **about, **where, metric=metric)
    )


def psi(values: str, status: str, threshold: str = "0.1x500", **labels: str) -> Series:
    return judged("psi", "barograph_psi", values, threshold, status, **labels)


def rows(n: int = 1200, window: str = "last") -> Series:
    return of_model("barograph_window_rows", f"{n}x500", window=window)


@dataclass(frozen=True)
class Fires:
    """An alert that must be there, whole."""

    labels: dict[str, str]
    summary: str
    description: str


@dataclass(frozen=True)
class Scene:
    """Series, and what there must be of an alert when: nothing where a time has an empty list."""

    name: str
    series: Series
    expected: dict[str, list[Fires]]
    interval: str = "1m"
    alert: str | None = None


@dataclass(frozen=True)
class Case:
    """One alert: a scene in which it fires and resolves, and one in which it stays silent."""

    alert: str
    fires: Scene
    silent: Scene | None
    more: tuple[Scene, ...] = ()

    @property
    def scenes(self) -> list[Scene]:
        return [self.fires, *([self.silent] if self.silent else []), *self.more]


def case(
    alert: str,
    firing: Series,
    at: str,
    found: Fires | list[Fires],
    resolved: str,
    silent: Series,
    silent_at: tuple[str, ...],
    *,
    pending: str | None = None,
    kept: str | None = None,
    interval: str = "1m",
    more: tuple[Scene, ...] = (),
) -> Case:
    listed = found if isinstance(found, list) else [found]
    times: dict[str, list[Fires]] = {at: listed, resolved: []}
    if pending is not None:  # it holds, and not for long enough
        times[pending] = []
    if kept is not None:  # it holds no longer, and is not over yet
        times[kept] = listed
    fires = Scene("fires and resolves", firing, times, interval)
    return Case(alert, fires, Scene("stays silent", silent, {at: [] for at in silent_at}, interval), more)


def documents(cases: list[Case], rules: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The scenes of all cases for `promtool test rules`, by file name, with the groups of rules they need.

    One file for each interval, at which rules are evaluated, and each group: all rules in all scenes take a minute.
    """
    known = {r["alert"]: (r, group) for group in rules["groups"] for r in group["rules"] if "alert" in r}
    made: dict[str, dict[str, Any]] = {}
    for one in cases:
        for scene in one.scenes:
            name = scene.alert or one.alert
            rule, group = known[name]
            test = {
                "name": f"{one.alert}: {scene.name}",
                "interval": scene.interval,
                "input_series": [{"series": s, "values": v} for s, v in scene.series.items()],
                "alert_rule_test": [
                    {"eval_time": at, "alertname": name, "exp_alerts": [_expected(rule, f) for f in found]}
                    for at, found in scene.expected.items()
                ],
            }
            file, groups = f"{group['name']}.yml", [rules["groups"][0], group]
            made[file] = {"groups": groups}
            empty = {
                "rule_files": [file], "evaluation_interval": scene.interval, "tests": [],
                # what was recorded a day ago is no longer seen: objectives must be recorded before they are read
                "group_eval_order": [g["name"] for g in groups],
            }  # fmt: skip
            made.setdefault(f"test-{group['name']}-{scene.interval}.yml", empty)["tests"].append(test)
    return made


def _expected(rule: dict[str, Any], fires: Fires) -> dict[str, Any]:
    return {
        "exp_labels": rule["labels"] | fires.labels,
        "exp_annotations": {
            "summary": fires.summary,
            "description": fires.description,
            "runbook_url": rule["annotations"]["runbook_url"],
        },
    }
