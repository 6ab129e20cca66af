"""Pages about checks, presets, commands and summaries, made from the code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import typer
from docs.site.metrics import FAMILIES, metrics_of
from docs.site.text import code, first_sentence, paragraphs, table

from barograph import checks
from barograph.checks import Check
from barograph.cli import app
from barograph.presets import PRESETS
from barograph.schema import Kind, Schema
from barograph.summaries import SUMMARIES

CONDITIONS = (
    checks.lt, checks.lte, checks.gt, checks.gte, checks.eq, checks.between, checks.is_in, checks.no_drift,
    checks.close_to_reference, checks.better_than_dummy, checks.p_at_least,
)  # fmt: skip

SCHEMAS = {
    "a classifier of two classes, with a score": Schema(
        target="late", prediction="late_pred", score="score", timestamp="ts", task="classification", positive=True,
        classes=("false", "true"), kinds={
            "late": Kind.BOOLEAN, "late_pred": Kind.BOOLEAN, "score": Kind.NUMERIC, "ts": Kind.DATETIME,
            "temp": Kind.NUMERIC, "carrier": Kind.CATEGORICAL,
        },
    ),
    "a regression": Schema(
        target="delay", prediction="delay_pred", task="regression", kinds={
            "delay": Kind.NUMERIC, "delay_pred": Kind.NUMERIC, "temp": Kind.NUMERIC, "carrier": Kind.CATEGORICAL,
        },
    ),
    "recommendations": Schema(
        target="bought", prediction="score", user_id="user", item_id="item", task="ranking", kinds={
            "bought": Kind.NUMERIC, "score": Kind.NUMERIC, "user": Kind.CATEGORICAL, "item": Kind.CATEGORICAL,
            "price": Kind.NUMERIC,
        },
    ),
}  # fmt: skip


def pages() -> dict[str, str]:
    """Path in the site -> Markdown."""
    return {"checks.md": _checks(), "presets.md": _presets(), "commands.md": _commands(), "summaries.md": _summaries()}


def _prose(of: object) -> str:
    found, example = paragraphs(of)
    return "\n\n".join(found) + "\n" + (f"\n{code(example, 'pycon')}" if example else "")


def _checks() -> str:
    parts = [
        "# Checks and conditions\n",
        ("A check holds the values of a metric against a condition. Which condition to take, and what is promised: "
        "[How verdicts are made](verdicts.md).\n"),
        "## Check\n", code(f"Check{inspect.signature(Check)}", "python"), _prose(Check),
        ("```{code-block} python\nfrom barograph import Check, gte, no_drift, reference\n"
        "from barograph.metrics.drift import PSI\nfrom barograph.metrics.performance import Recall\n\n"
        'Check(PSI("temp"), no_drift(0.1))\nCheck(Recall(), gte(reference * 0.9), severity="warn")\n```\n'),
        ("In a configuration the same is `{metric: psi, column: temp, no_drift: 0.1}`, and on the command line "
        "`--check 'psi(temp) < 0.25'`: see [Configuration](configuration.md).\n"),
        "## The value on the reference\n",
        ("`reference` stands for the metric's own value on the reference, and can be scaled and moved: "
        "`lte(reference * 1.1 + 0.02)`. A value that is better in the metric's own direction never fails.\n"),
    ]  # fmt: skip
    for condition in CONDITIONS:
        name = condition.__name__
        parts += [f"## `{name}`\n", code(f"{name}{_signature(condition)}", "python"), _prose(condition)]
    return "\n".join(parts)


def _signature(of: object) -> str:
    """Parameters and defaults, without types."""
    given = inspect.signature(of).parameters.values()  # type: ignore[arg-type]
    return f"({', '.join(p.name if p.default is p.empty else f'{p.name}={p.default!r}' for p in given)})"


def _presets() -> str:
    home = {m: f"metrics/{family}/{m.spec.name}.md" for family in FAMILIES for m in metrics_of(family)}
    parts = [
        "# Presets\n",
        (
            "A preset is a list of metrics and checks, chosen by the schema before any rows are seen: "
            '`Report(["data_drift"])`, `presets: [data_drift]`, `--preset data_drift`. A report without a list takes '
            "those that the schema and the reference make sense of.\n"
        ),
        (
            "What each holds is shown here for three sorts of models, as the code answers. What is not checked is "
            "shown in the report, and judged by nobody.\n"
        ),
    ]
    for name, preset in PRESETS.items():
        parts += [f"## `{name}`\n", first_sentence(preset) + "\n"]
        shown: list[str] = []
        for compared in (True, False):
            for model, schema in SCHEMAS.items():
                if not _suits(name, model) or (
                    not compared and name in ("data_drift", "target_drift", "data_stability")
                ):
                    continue
                rows = []
                for item in preset(schema, compared):
                    metric = item.metric if isinstance(item, Check) else item
                    column = getattr(metric, "column", None)
                    of = f" of `{column}`" if column else ""
                    told = ", ".join(f"{k}={v!r}" for k, v in metric.params.items())
                    link = f"[{metric.spec.title}]({home[type(metric)]}){of}{f' ({told})' if told else ''}"
                    rows.append((link, _judged(item) if isinstance(item, Check) else "shown"))
                body = table(("metric", "check"), rows)
                if body not in shown:
                    shown.append(body)
                    against = "against a reference" if compared else "without a reference"
                    parts += [f"**{against.capitalize()}**, for {model}:\n", body]
    return "\n".join(parts)


def _suits(preset: str, model: str) -> bool:
    """Whether a preset is shown for that sort of model: its own, where it has one."""
    own = {"classification": "a classifier", "regression": "a regression", "ranking": "recommendations"}
    return model.startswith(own.get(preset, "a classifier"))


def _judged(check: Check) -> str:
    where = f", where {', '.join(f'{k} is {v}' for k, v in check.where.items())}" if check.where else ""
    return f"`{check.condition}`{where}" + ("" if check.severity == "fail" else f": {check.severity} only")


def _commands() -> str:
    parts = [
        "# Commands\n",
        "What `barograph COMMAND --help` says. Exit codes: [Configuration](configuration.md#exit-codes).\n",
    ]
    for name, command in _walk(typer.main.get_command(app), "barograph"):
        said, example = _help(command.help or "")
        arguments = [_metavar(p) for p in command.params if p.param_type_name == "argument"]
        usage = " ".join([name, "[OPTIONS]", *arguments])
        parts += [f"## `{name}`\n", said + "\n", code(usage, "text")]
        parts += ["For example:\n", code(example, "text")] if example else []
        rows = []
        for param in command.params:
            what = " ".join((getattr(param, "help", "") or "").split())
            names = f"`{', '.join((*param.opts, *param.secondary_opts))}`"
            if getattr(param, "metavar", None):
                names = f"{names[:-1]} {param.metavar}`"
            if param.param_type_name == "argument":
                names = f"`{_metavar(param)}`"
            default = param.default
            told = isinstance(default, str | int | float) and not isinstance(default, bool)
            rows.append(
                (names, what + (f" Default: `{default}`." if told else "") + (" Required." if param.required else ""))
            )
        if rows:
            parts.append(table(("option", "meaning"), rows))
    return "\n".join(parts)


def _metavar(param: Any) -> str:
    return str(param.metavar or param.name.upper())


def _walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    members = getattr(command, "commands", None)
    if members is None:
        yield name, command
        return
    for part, member in members.items():
        yield from _walk(member, f"{name} {part}")


def _help(text: str) -> tuple[str, str]:
    """A command's docstring, and its example."""
    said, _, example = inspect.cleandoc(text).partition("Example: ")
    return said.strip(), example.strip().strip("`")


def _summaries() -> str:
    parts = [
        "# Summaries\n",
        (
            "What a profile is made of. A summary counts rows in one pass, adds up with others of its kind in any "
            "order, and is as large for a billion rows as for a thousand, up to the bound it states. A profile holds "
            "those that metrics asked for; each page of a [metric](metrics/index.md) says which it reads.\n"
        ),
        table(("name", "what it keeps"), ((f"[`{n}`](#{n})", first_sentence(s)) for n, s in sorted(SUMMARIES.items()))),
    ]
    for name, summary in sorted(SUMMARIES.items()):
        body, _ = paragraphs(summary)
        parts += [f"## {name}\n", *(f"{re.sub(r'[ ]{2,}', ' ', p)}\n" for p in body)]
    return "\n".join(parts)
