"""Flags that several commands share: a dataclass each, whose fields typer shows as options."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from barograph.errors import ParameterError, SchemaError

Format = Literal["text", "json", "markdown", "junit", "html"]

_ROLES = "Schema: roles"
_KINDS = "Schema: kinds and classes"

Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write.")]
Rows = Annotated[list[str], typer.Argument(metavar="ROWS...", help="CSV, Parquet, Arrow or JSON Lines files.")]


def _option(text: str, panel: str, *names: str, metavar: str = "COLUMN") -> Any:
    return typer.Option(*names, help=text, rich_help_panel=panel, metavar=metavar)


@dataclass(frozen=True)
class SchemaFlags:
    """Roles and kinds of the columns."""

    schema: Annotated[Path | None, _option("Read roles and kinds from this YAML file.", _ROLES, metavar="FILE")] = None
    target: Annotated[str | None, _option("What happened.", _ROLES)] = None
    prediction: Annotated[str | None, _option("What the model said.", _ROLES)] = None
    score: Annotated[
        list[str] | None,
        _option("Probability of the positive class, or of a class; repeat.", _ROLES, metavar="[CLASS=]COLUMN"),
    ] = None
    timestamp: Annotated[str | None, _option("When a row happened.", _ROLES)] = None
    id: Annotated[str | None, _option("Identity of a row.", _ROLES)] = None
    weight: Annotated[str | None, _option("Weight of a row.", _ROLES)] = None
    segment: Annotated[
        list[str] | None,
        _option(
            "Tells groups of rows apart; a baseline freezes each. Repeat.", _ROLES, metavar="COLUMN|'NAME: CONDITION'"
        ),
    ] = None
    positive: Annotated[str | None, _option("The class that counts as positive.", _KINDS, metavar="CLASS")] = None
    threshold: Annotated[
        float | None, _option("Score from which on positive is predicted.", _KINDS, metavar="SCORE")
    ] = None
    task: Annotated[
        Literal["classification", "regression"] | None,
        _option("classification or regression.", _KINDS, metavar="TASK"),
    ] = None
    kind: Annotated[
        list[str] | None,
        _option("numeric, categorical, boolean, datetime or text; repeat.", _KINDS, metavar="COLUMN=KIND"),
    ] = None
    ignore: Annotated[list[str] | None, _option("Leave this column out; repeat.", _KINDS)] = None

    def apply(self, schema: Any = None) -> Any:
        """A schema (that of the file, or the one given) with these flags on top; `None` where nothing is said."""
        from barograph.config import load_schema
        from barograph.schema import Kind, Schema

        if self.schema is not None:
            schema = load_schema(self.schema)
        names = ("target", "prediction", "timestamp", "id", "weight", "positive", "threshold", "task")
        changes: dict[str, Any] = {name: value for name in names if (value := getattr(self, name)) is not None}
        if self.score:
            changes["score"] = _scores(self.score)
        if self.segment:
            changes["segments"] = told_apart(self.segment, "--segment")
        if self.ignore:
            changes["ignore"] = tuple(self.ignore)
        base = schema or Schema()
        if self.kind:
            kinds = dict(_pair(text, "--kind", "COLUMN=KIND") for text in self.kind)
            wrong = [kind for kind in kinds.values() if kind not in list(Kind)]
            if wrong:
                raise SchemaError(f"--kind: there is no kind {wrong[0]!r}; there are {', '.join(Kind)}")
            changes["kinds"] = {**base.kinds, **{column: Kind(kind) for column, kind in kinds.items()}}
        return base.replace(**changes) if changes else schema


def _scores(given: list[str]) -> str | dict[str, str]:
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    return {label: column for label, column in (_pair(text, "--score", "CLASS=COLUMN") for text in given)}  # noqa: C416


def _pair(text: str, flag: str, shape: str) -> tuple[str, str]:
    # a column's name may hold "=", a class or kind hardly; the side that is the column gets the rest
    left, found, right = text.rpartition("=") if shape.startswith("COLUMN") else text.partition("=")
    if not found or not left or not right:
        raise ParameterError(f"{flag} is {text!r}; give {shape}")
    return left, right


_INPUT, _WHAT, _OUT = "What to read", "What to look at", "What to write"

By = Annotated[
    list[str] | None,
    _option(
        "Also each value of this column on its own (repeat to combine), or the rows that hold a condition (repeat).",
        _WHAT,
        metavar="COLUMN|'NAME: CONDITION'",
    ),
]


def told_apart(given: list[str], flag: str = "--by") -> tuple[str, ...] | dict[str, str]:
    """Columns, or conditions by name where they are written as `name: condition`.

    >>> told_apart(["carrier"]), told_apart(["long haul: distance > 1500"])
    (('carrier',), {'long haul': 'distance > 1500'})
    """
    conditions = dict(text.split(": ", 1) for text in given if ": " in text)
    if conditions and len(conditions) < len(given):
        raise ParameterError(
            f"{flag} is {', '.join(map(repr, given))}; give columns, or conditions of different names, and not both"
        )
    return conditions or tuple(given)


@dataclass(frozen=True)
class RunFlags:
    """What to compare, what to check, what to write."""

    current: Annotated[
        list[str] | None, _option("Rows (files, globs) or a profile; repeat.", _INPUT, metavar="FILE")
    ] = None
    reference: Annotated[
        list[str] | None, _option("Rows, a baseline or a profile; repeat.", _INPUT, metavar="FILE")
    ] = None
    config: Annotated[
        Path | None, _option("YAML configuration; each flag replaces its key.", _INPUT, metavar="FILE")
    ] = None
    preset: Annotated[
        list[str] | None, _option("A preset; repeat. Left out: those that fit.", _WHAT, metavar="NAME")
    ] = None
    check: Annotated[list[str] | None, _option("A check such as 'psi(age) < 0.2'; repeat.", _WHAT, metavar="CHECK")] = (
        None
    )
    by: By = None
    alpha: Annotated[float | None, _option("Chance of a false alarm in the whole report.", _WHAT, metavar="CHANCE")] = (
        None
    )
    at_least: Annotated[
        list[str] | None, _option("What matters, such as 'psi=0.2'; repeat.", _WHAT, metavar="METRIC=SIZE")
    ] = None
    season: Annotated[
        str | None, _option("Hold rows against the same place of the day or week.", _WHAT, metavar="day|week")
    ] = None
    output: Annotated[
        list[Path] | None,
        _option("Write as .html .json .md .xml or .txt; repeat.", _OUT, "--output", "-o", metavar="FILE"),
    ] = None
    format: Annotated[Format, _option("On stdout: text, json, markdown, junit or html.", _OUT, metavar="FORMAT")] = (
        "text"
    )
    title: Annotated[str | None, _option("Heads the report.", _OUT, metavar="TEXT")] = None

    def apply(self) -> Any:
        """The configuration (that of the file, or an empty one) with these flags on top."""
        from barograph.config import Config, ad_hoc, load

        config = load(self.config) if self.config else Config()
        changes: dict[str, Any] = {
            "current": self.current, "reference": self.reference, "presets": self.preset,
            "by": told_apart(self.by or []), "alpha": self.alpha, "at_least": _sizes(self.at_least or []),
            "season": self.season, "outputs": self.output, "title": self.title,
            "checks": [ad_hoc(text) for text in self.check or []],
        }  # fmt: skip
        return replace(config, **{key: value for key, value in changes.items() if value not in (None, [], (), {})})


def _sizes(given: list[str]) -> dict[str, float]:
    """Sizes by metric, as `psi=0.2` says them."""
    from barograph.presets import material

    sizes: dict[str, float] = {}
    for text in given:
        name, _, size = text.partition("=")
        try:
            sizes[name.strip()] = float(size)
        except ValueError as error:
            raise ParameterError(f"--at-least {text!r} says no size; write it as psi=0.2") from error
    return material(sizes)


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Shows the fields of a command's dataclass parameters as options of their own."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type] = {}
    shown: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        hint = hints[name]
        if isinstance(hint, type) and is_dataclass(hint):
            groups[name] = hint
            own = get_type_hints(hint, include_extras=True)
            options = [(f.name, f.default, own[f.name]) for f in fields(hint)]
        else:
            options = [(name, parameter.default, hint)]
        shown += [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=d, annotation=h) for n, d, h in options]

    @functools.wraps(command)
    def collected(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{f.name: given.pop(f.name) for f in fields(group)})
        command(**given)

    collected.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    collected.__annotations__ = {p.name: p.annotation for p in shown}
    return collected
