"""A page about the dashboards, from what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping

from barograph.stack.dashboards.panels import Json

_HEAD = """\
# Dashboards

Six dashboards for Grafana, made from the same definitions as the metrics: what a panel is called, its unit, its range
and what it means come from the metric's own description. This page is made from them too:
`python -m barograph.stack.dashboards` writes it and the JSON.

They are Grafana's classic JSON (schema version 39), which Grafana 10.3 writes and newer ones migrate when they load it.
Every query in them is run against a real Prometheus, their structure is held to Grafana's published schemas. What that
cannot show is Grafana itself loading and drawing them: `make grafana-smoke` does, on a machine with Docker.

## What they share

- **Variables.** All of a list is chosen at first; of models one, for numbers of two models in one chart say nothing.
  *Window* is the last complete window. Before there is one, it is the running one; reload the page once there is.
- **Instances.** A monitor judges the rows of its own process or spool. Scores and thresholds of several instances are
  shown apart, because a threshold is only good for the rows it was made for; verdicts are the worst of all instances.
  Choose one under *Instance* to see it alone.
- **Dashed lines** are thresholds (red) and the reference (grey).
- **Marks** across the charts: alerts that fire (red), the first time a version is seen (blue), a new baseline (green).
  New is what was not there in the day before, so that a restart is no deployment.
- **Links.** A click on a column leads to the same column on the other dashboard, and to its place in an HTML report:
  type the address of yours into *Report*.
- **Outcomes that come late.** Where outcomes arrive in another process than the service's, log them there, with the
  features, the prediction and the time of the prediction, to a second `Monitor` with the same model, version and
  baseline, a `spool` of its own (in the service's each row would count twice), and a `lateness` as long as you wait for
  outcomes; let Prometheus scrape that process too. *Label coverage* compares the rows of the two.
"""


def page(dashboards: Mapping[str, Json]) -> str:
    """The whole page, as Markdown."""
    return "\n".join([_HEAD, *(_section(made) for made in dashboards.values())])


def _section(made: Json) -> str:
    variables = ", ".join(v["label"] for v in made["templating"]["list"])
    lines = [f"## {made['title']}", "", made["description"], "", f"Variables: {variables}.", ""]
    for panel in made["panels"]:
        if panel["type"] == "row":
            lines += ["", f"### {panel['title']}", ""]
        elif panel["description"]:
            lines.append(f"- **{_title(panel)}**: {panel['description']}")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _title(panel: Json) -> str:
    """The title, with what it is repeated for in words."""
    title: str = panel["title"]
    return title.replace(f"${panel['repeat']}", f"(each {panel['repeat']})") if "repeat" in panel else title
