"""Are the dashboards there, and does each of their queries find something?"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from barograph.stack import names
from barograph.stack.findings import Finding, listed
from barograph.stack.queries import ALL, BUILT_IN, RANGE, STEP, Query, Variable, filled, queries, variables
from barograph.stack.web import AnswerError, Api

CREDENTIALS = "give a token (service account, role Viewer) in GRAFANA_TOKEN or --token-file, or --dir for its .env"
FAILED = "open the panel in Grafana: Inspect, then Query"
CHOICES_AT_MOST = 12
PERFORMANCE = "performance.json"
OUTCOMES = tuple(name.name for name in names.PERFORMANCE)
LABELS_LATE = "no model has outcomes yet; where they arrive, log them: docs/live.md, labels that come late"


class Panels:
    """Dashboards by file name, asked of Grafana (with its data source's uid) or, without one, of Prometheus."""

    def __init__(
        self,
        api: Api,
        dashboards: Mapping[str, Mapping[str, Any]],
        may_be_empty: Collection[str] = (),
        datasource: str | None = None,
    ) -> None:
        self.api, self.dashboards, self.may_be_empty, self.datasource = api, dashboards, may_be_empty, datasource
        self._there: dict[str, bool] = {}

    def findings(self) -> Iterator[Finding]:
        """Of Grafana: that it may be asked, that every dashboard is there, and what its own copy of each shows."""
        present: dict[str, Mapping[str, Any]] = {}
        missing: list[str] = []
        for file, dashboard in self.dashboards.items():
            try:
                present[file] = self.api.get(f"/api/dashboards/uid/{dashboard['uid']}")["dashboard"]
            except AnswerError as error:
                if error.status in (401, 403):
                    yield Finding(self.api.address, "dashboards", "wrong", str(error), CREDENTIALS)
                    return
                missing.append(f"{dashboard.get('title', file)} ({error})")
            except (KeyError, TypeError) as error:
                missing.append(f"{dashboard.get('title', file)} (the answer has no {error})")
        if missing:
            advice = "docker compose logs grafana says why; the files belong where provisioning/dashboards points to"
            what = f"{len(missing)} of {len(self.dashboards)} are missing: {listed(missing, 3)}"
            yield Finding(self.api.address, "dashboards", "wrong", what, advice)
        else:
            yield Finding(self.api.address, "dashboards", "ok", f"all {len(present)} are there")
        yield from self.data(present)

    def data(self, dashboards: Mapping[str, Mapping[str, Any]] | None = None) -> Iterator[Finding]:
        """For each dashboard: which queries fail, and which find nothing."""
        for file, dashboard in (self.dashboards if dashboards is None else dashboards).items():
            try:
                yield self._one(file, str(dashboard.get("title", file)), queries(dashboard), self._choices(dashboard))
            except AnswerError as error:
                yield Finding(
                    self.api.address, f"dashboard {dashboard.get('title', file)}", "wrong", str(error), FAILED
                )

    def _choices(self, dashboard: Mapping[str, Any]) -> list[dict[str, str]]:
        """What the variables can be: what takes one value, such as the model, each of them in turn."""
        found: list[dict[str, str]] = [dict(BUILT_IN)]
        for variable in variables(dashboard):
            found = [
                {**known, variable.name: value}
                for known in found
                for value in ([variable.value] if variable.value else self._labels(variable, known))
            ][:CHOICES_AT_MOST]
        return found

    def _labels(self, variable: Variable, known: Mapping[str, str]) -> list[str]:
        expr = f"count by ({variable.label}) ({filled(variable.selector, known)})"
        held = sorted(
            {labels[variable.label] for labels in self._series(expr, instant=True) if variable.label in labels}
        )
        return held or [ALL]

    def _one(self, file: str, title: str, asked: list[Query], choices: list[dict[str, str]]) -> Finding:
        failed: dict[str, str] = {}
        n_failed = 0
        empty: list[Query] = []
        for query in asked:
            try:
                if not any(self._series(filled(query.expr, values), instant=query.instant) for values in choices):
                    empty.append(query)
            except AnswerError as error:
                if error.status == 0:  # nobody is there to answer the others
                    raise
                failed.setdefault(query.panel, str(error))
                n_failed += 1
        subject = f"dashboard {title}"
        good = f"{len(asked) - len(empty) - n_failed} of {len(asked)} queries have data"
        if failed:
            panel, reason = next(iter(failed.items()))
            return Finding(self.api.address, subject, "wrong", f"{good}; {panel} fails: {reason}", FAILED)
        if not empty:
            return Finding(self.api.address, subject, "ok" if asked else "wrong", good)
        what = f"{good}; empty: {listed(dict.fromkeys(query.panel for query in empty))}"
        if not self._labelled() and all(file == PERFORMANCE or _of_outcomes(query) for query in empty):
            return Finding(self.api.address, subject, "note", what, LABELS_LATE)
        if file in self.may_be_empty or file.rsplit(".", 1)[0] in self.may_be_empty:
            return Finding(self.api.address, subject, "note", what, "as you said it may be")
        return Finding(self.api.address, subject, "wrong", what, self._why(empty))

    def _why(self, empty: Iterable[Query]) -> str:
        names = dict.fromkeys(name for query in empty for name in query.metrics)
        absent = [name for name in names if not self._exists(name)]
        if absent:
            return f"no series {listed(absent, 4)}: is that monitored, and by this version? (--may-be-empty if not)"
        return "the series are there, and nothing of them is left: too young (--wait 120), or other labels"

    def _labelled(self) -> bool:
        """Whether any model's predictions are held against outcomes; many models never are."""
        return self._exists("|".join(OUTCOMES))

    def _exists(self, metric: str) -> bool:
        """Whether there is a series of one of these names, given as an alternation."""
        if metric not in self._there:
            try:
                self._there[metric] = bool(self._series(f'count({{__name__=~"{metric}"}})', instant=True))
            except AnswerError:
                return True  # unknown: blame nothing
        return self._there[metric]

    def _series(self, expr: str, *, instant: bool) -> list[dict[str, str]]:
        """Labels of the series that an expression finds in the last hour. Raises `AnswerError`."""
        try:
            ask = self._of_grafana if self.datasource else self._of_prometheus
            return ask(expr, instant=instant)
        except (KeyError, TypeError, AttributeError) as error:
            raise AnswerError(f"the answer to {expr!r} cannot be understood: {error!r}", 200) from error

    def _of_prometheus(self, expr: str, *, instant: bool) -> list[dict[str, str]]:
        now = time.time()
        span = {"start": f"{now - RANGE:.3f}", "end": f"{now:.3f}", "step": f"{STEP}"}
        path, span = ("/api/v1/query", {}) if instant else ("/api/v1/query_range", span)
        return [one["metric"] for one in self.api.form(path, query=expr, **span)["data"]["result"]]

    def _of_grafana(self, expr: str, *, instant: bool) -> list[dict[str, str]]:
        query = {
            "refId": "A", "datasource": {"type": "prometheus", "uid": self.datasource}, "expr": expr,
            "instant": instant, "range": not instant, "format": "time_series",
            "intervalMs": STEP * 1000, "maxDataPoints": RANGE // STEP,
        }  # fmt: skip
        answer = self.api.post("/api/ds/query", {"queries": [query], "from": "now-1h", "to": "now"})
        result = answer["results"]["A"]
        if result.get("error"):
            raise AnswerError(str(result["error"]), 400)
        found = []
        for frame in result.get("frames") or []:
            if any(column for column in frame["data"]["values"]):  # no series is one frame without values, or none
                fields = (frame.get("schema") or {}).get("fields") or []
                found.append({key: value for field in fields for key, value in (field.get("labels") or {}).items()})
        return found


def _of_outcomes(query: Query) -> bool:
    """Whether a query is about what only outcomes can tell."""
    return any(name == known or name.startswith(f"{known}_") for name in query.metrics for known in OUTCOMES)
