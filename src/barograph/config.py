"""The YAML configuration: what to read, what to check, where to write.

Errors say the key, what it holds and what it could hold.

    current: today.parquet               # rows (a path, a glob or a list of them), or a profile
    reference: reference.baseline        # rows, a baseline, or a profile
    schema: {target: churned, score: p_churn, positive: 1}        # or the path of a schema file
    presets: [data_drift, classification]
    checks:
      - {metric: psi, column: age, bins: 20, lt: 0.2, severity: warn}
      - {metric: accuracy, gte: {reference: 1, plus: -0.02}}
      - {metric: ks, no_drift: 0.1}
    by: carrier                          # also each value of a column (or of several) on its own; or conditions:
                                         # {long haul: "distance > 1500"}
    outputs: [report.html, report.json]

Paths are relative to the file. `reference: 1, plus: -0.02` means the value on the reference times 1 plus -0.02.
"""

from __future__ import annotations

import difflib
import glob
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from barograph.checks import (
    Check,
    better_than_dummy,
    between,
    close_to_reference,
    eq,
    gt,
    gte,
    is_in,
    lt,
    lte,
    no_drift,
    p_at_least,
    reference,
)
from barograph.conditions import Condition, NoDrift, Operand, Ref
from barograph.errors import InputError, ParameterError, SchemaError
from barograph.metric import Metric
from barograph.presets import PRESETS, material
from barograph.run import ALPHA
from barograph.schema import Kind, Schema
from barograph.seasons import check_season

TITLE = "Barograph report"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    current: str | list[str] = []
    reference: str | list[str] = []
    baseline: str | None = None
    schema: str | dict[str, Any] | None = None
    presets: list[str] = []
    checks: list[dict[str, Any]] = []
    alpha: float = ALPHA
    at_least: dict[str, float] = {}
    season: str | None = None
    title: str = TITLE
    every: str | int | None = None
    by: str | list[str] | dict[str, str] = []
    outputs: list[str] = []


@dataclass(frozen=True)
class Config:
    """A configuration with its paths resolved and its checks made."""

    current: list[str] = field(default_factory=list)
    reference: list[str] = field(default_factory=list)
    schema: Schema | None = None
    presets: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    alpha: float = ALPHA
    at_least: dict[str, float] = field(default_factory=dict)
    season: str | None = None
    title: str = TITLE
    every: str | int | None = None
    by: list[str] | dict[str, str] = field(default_factory=list)
    outputs: list[Path] = field(default_factory=list)


def load(path: str | Path) -> Config:
    """Read a configuration file.

    Raises
    ------
    InputError
        There is no such file.
    ParameterError, SchemaError
        A key, metric, condition or column role is wrong; the message says which.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the configuration {path} cannot be read: {_reason(error)}") from error
    return parse(text, path.parent, str(path))


def parse(text: str, folder: Path = Path(), name: str = "the configuration") -> Config:
    """A configuration from YAML; relative paths are taken from `folder`.

    >>> parse("checks: [{metric: psi, column: age, lt: 0.2}]").checks
    [Check(metric=PSI(column='age', bins=10), condition=Bound(op='<', operands=(0.2,)), severity='fail', where={})]
    """
    try:
        raw = msgspec.yaml.decode(text.encode())
    except (msgspec.DecodeError, RecursionError) as error:
        raise ParameterError(f"{name} is no YAML: {error}") from error
    raw = {} if raw is None else raw
    if not isinstance(raw, dict):
        keys = ", ".join(_File.__struct_fields__)
        raise ParameterError(f"{name} holds a {type(raw).__name__}, and must hold keys: {keys}")
    _known_keys(raw, _File.__struct_fields__, name)
    try:
        file = msgspec.convert(raw, _File)
    except msgspec.ValidationError as error:
        raise ParameterError(f"{name}: {_located(error, raw)}") from error
    _one_of(file.presets, PRESETS, f"{name}: presets")
    if not 0 < file.alpha < 1:
        raise ParameterError(f"{name}: alpha is {file.alpha!r}; it is a chance between 0 and 1, such as 0.01")
    return Config(
        current=_paths(file.current, folder),
        reference=_reference(file, folder, name),
        schema=_schema(file.schema, folder, name),
        presets=file.presets,
        checks=[check(given, f"{name}: checks[{at}]") for at, given in enumerate(file.checks)],
        alpha=file.alpha,
        at_least=material(file.at_least),
        season=check_season(file.season),
        title=file.title,
        every=file.every,
        by=[file.by] if isinstance(file.by, str) else file.by,
        outputs=[Path(p) for p in _paths(file.outputs, folder)],
    )


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else f"it is no UTF-8 text ({error})"


def _located(error: msgspec.ValidationError, raw: Mapping[str, Any]) -> str:
    """msgspec's message, with what the offending key holds."""
    message, _, at = str(error).partition(" - at ")
    found = re.match(r"`\$\.(\w+)", at)
    if found is None:
        return f"{message} ({at or 'at the top'}); write names such as yes, 1 or 2024-01-01 in quotes"
    return f"{found[1]}: {message}; it holds {raw.get(found[1])!r}; write names such as yes, 1 or 2024-01-01 in quotes"


def _known_keys(given: Iterable[Any], known: Iterable[str], where: str) -> None:
    _one_of(given, known, where, "key")


def _one_of(given: Iterable[Any], known: Iterable[str], where: str, noun: str = "entry") -> None:
    """Raises `ParameterError` for the first that is not known, with the nearest and all that are."""
    names = list(known)
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ParameterError(f"{where}: there is no {noun} {name!r}; {hint}there are {', '.join(names)}")


def _paths(given: str | list[str], folder: Path) -> list[str]:
    """Paths and globs relative to a folder whose own name is no pattern."""
    made = []
    for path in [given] if isinstance(given, str) else given:
        own = Path(path).expanduser()
        literal = not glob.has_magic(path) or (folder / own).exists()
        made.append(str(folder / own if literal else Path(glob.escape(str(folder))) / own))
    return made


def _reference(file: _File, folder: Path, name: str) -> list[str]:
    if file.baseline is None:
        return _paths(file.reference, folder)
    if file.reference:
        raise ParameterError(
            f"{name}: reference is {file.reference!r} and baseline is {file.baseline!r}; give one of them, "
            "reference takes rows, a baseline or a profile"
        )
    return _paths(file.baseline, folder)


def _schema(given: str | dict[str, Any] | None, folder: Path, name: str) -> Schema | None:
    if given is None:
        return None
    if isinstance(given, str):
        return load_schema(_paths(given, folder)[0])
    return _made_schema(given, f"{name}: schema")


def load_schema(path: str | Path) -> Schema:
    """A schema from a YAML file. Raises `InputError` where there is none, `SchemaError` where it is wrong."""
    try:
        raw = msgspec.yaml.decode(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"the schema {path} cannot be read: {_reason(error)}") from error
    except msgspec.DecodeError as error:
        raise SchemaError(f"the schema {path} is no YAML: {error}") from error
    return _made_schema({} if raw is None else raw, f"the schema {path}")


def _made_schema(given: Any, where: str) -> Schema:
    if not isinstance(given, dict):
        raise SchemaError(f"{where} holds {given!r}, and must hold keys: {', '.join(Schema.__struct_fields__)}")
    try:
        _known_keys(given, Schema.__struct_fields__, where)
        kinds = given.get("kinds") or {}
        for column, kind in kinds.items() if isinstance(kinds, dict) else ():
            _one_of([kind], [k.value for k in Kind], f"{where}: kinds of {column!r}", "kind")
        return msgspec.convert({**given, "kinds": kinds}, Schema)
    except ParameterError as error:
        raise SchemaError(str(error)) from error
    except msgspec.ValidationError as error:
        raise SchemaError(f"{where}: {_located(error, given)}") from error


@cache
def metrics() -> dict[str, type[Metric]]:
    """Every metric by the name of its spec.

    >>> metrics()["psi"].__name__
    'PSI'
    """
    found: dict[str, type[Metric]] = {}
    for group in ("drift", "quality", "performance", "ranking"):
        module = import_module(f"barograph.metrics.{group}")
        members = (getattr(module, name) for name in module.__all__)
        found |= {c.spec.name: c for c in members if isinstance(c, type) and issubclass(c, Metric)}
    return dict(sorted(found.items()))


def check(given: Mapping[str, Any], where: str = "check") -> Check:
    """A check from its keys: `metric`, its parameters, one condition, and perhaps `severity` and `where`.

    Raises `ParameterError` naming the key, what it holds and what it could hold.

    >>> check({"metric": "psi", "column": "age", "lte": {"reference": 1.1, "plus": 0.02}}).condition
    Bound(op='<=', operands=(reference * 1.1 + 0.02,))
    """
    other = OTHER_NAMES.get(str(given.get("metric")))
    given = {**given, **other} if other else given
    name = given.get("metric")
    if name is None:
        raise ParameterError(f"{where}: it has no metric; it has {', '.join(map(str, given)) or 'nothing'}")
    _one_of([name], metrics(), where, "metric")
    metric = metrics()[name]
    where = f"{where} ({name})"
    params = {f.name: f for f in fields(metric)}  # type: ignore[arg-type]
    _known_keys(given, ["metric", *params, *CONDITIONS, "severity", "where"], where)
    conditions = [key for key in given if key in CONDITIONS]
    if len(conditions) != 1:
        held = f"has {' and '.join(conditions)}" if conditions else "has no condition"
        raise ParameterError(f"{where}: it {held}; give one of {', '.join(CONDITIONS)}")
    severity, only = given.get("severity", "fail"), given.get("where", {})
    if not isinstance(only, dict):
        raise ParameterError(f"{where}: where is {only!r}; it maps labels to values, such as {{average: macro}}")
    try:
        made = msgspec.convert({key: value for key, value in given.items() if key in params}, metric)
    except msgspec.ValidationError as error:
        raise ParameterError(f"{where}: {str(error).replace(' - at `$.', ' - at `')}") from error
    condition = _condition(conditions[0], given[conditions[0]], where)
    try:
        return Check(made, condition, severity, {str(k): str(v) for k, v in only.items()})
    except ParameterError as error:
        raise ParameterError(f"{where}: {error}") from error


OTHER_NAMES: dict[str, dict[str, Any]] = {"median": {"metric": "quantile", "q": 0.5}}
"""What people look for under another name than a metric's own, as keys of a check."""

_AD_HOC = re.compile(
    r"\s*(?P<metric>\w+)\s*(?:\(\s*(?P<column>.*?)\s*\))?\s*(?P<op><=|>=|==|<|>)\s*"
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<percent>%?)\s*",
    re.DOTALL,
)
_OPERATORS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "==": "eq"}


def ad_hoc(text: str) -> Check:
    """A check from one line: a metric, perhaps a column or a condition in parentheses, a comparison and a number.

    Raises `ParameterError` for anything else.

    >>> ad_hoc("psi(age) < 0.2").metric, str(ad_hoc("missing_share(city) <= 5%").condition)
    (PSI(column='age', bins=10), '<= 0.05')
    >>> ad_hoc("median(age) < 40").metric
    Quantile(column='age', q=0.5)
    >>> ad_hoc("condition_share(arrived >= departed) >= 0.99").metric
    ConditionShare(condition='arrived >= departed', examples=0)
    """
    found = _AD_HOC.fullmatch(text)
    if found is None:
        raise ParameterError(
            f"check {text!r} is not understood; write a metric, perhaps its column, a comparison (< <= > >= ==) and a "
            "number, such as 'psi(age) < 0.2' or 'accuracy >= 0.9'; for anything else use a configuration file"
        )
    number = float(found["number"]) / (100 if found["percent"] else 1)
    named = metrics().get(found["metric"])
    inside = fields(named)[0].name if named is not None and fields(named) else "column"  # type: ignore[arg-type]
    column = {} if found["column"] is None else {inside: found["column"]}
    return check({"metric": found["metric"], **column, _OPERATORS[found["op"]]: number}, f"check {text!r}")


def _condition(key: str, given: Any, where: str) -> Condition:
    try:
        return CONDITIONS[key](given)
    except ParameterError as error:
        raise ParameterError(f"{where}: {key} is {given!r}: {error}") from error


def _operand(given: Any) -> Operand:
    """A number, `reference`, or `{reference: times, plus: amount}`. Raises `ParameterError`."""
    if given == "reference":
        return reference
    if _is_number(given):
        return float(given)
    if isinstance(given, dict):
        _known_keys(given, ["reference", "plus"], "an operand")
        times, plus = given.get("reference", 1), given.get("plus", 0)
        if "reference" in given and _is_number(times) and _is_number(plus):
            return Ref(float(times), float(plus))
    raise ParameterError("give a number, or the reference's value as {reference: 1.1, plus: 0.02}")


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < float("inf")


def _bound(made_by: Callable[[Operand], Condition]) -> Callable[[Any], Condition]:
    return lambda given: made_by(_operand(given))


def _between(given: Any) -> Condition:
    if not isinstance(given, list) or len(given) != 2:
        raise ParameterError("give two of them, such as [0.1, 0.5]")
    return between(*map(_operand, given))


def _is_in(given: Any) -> Condition:
    if not isinstance(given, list):
        raise ParameterError("give a list of numbers, such as [0, 1]")
    return is_in([_operand(x) for x in given])


def _no_drift(given: Any) -> Condition:
    if given is None or given is True:
        return no_drift()
    return no_drift(given if _is_number(given) else _tolerances(given, ["at_least"]).get("at_least", NoDrift.at_least))


def _p_at_least(given: Any) -> Condition:
    if given is None or given is True:
        return p_at_least()
    if not _is_number(given):
        raise ParameterError("give true, or a number such as 0.05")
    return p_at_least(given)


def _better_than_dummy(given: Any) -> Condition:
    if given is None or given is True:
        return better_than_dummy()
    return better_than_dummy(given) if _is_number(given) else better_than_dummy(**_tolerances(given, ["sigmas"]))


def _close_to_reference(given: Any) -> Condition:
    if given is None or given is True:
        return close_to_reference()
    return close_to_reference(**_tolerances(given, ["relative", "absolute", "sigmas"]))


def _tolerances(given: Any, known: list[str]) -> dict[str, float]:
    if not isinstance(given, dict) or not all(_is_number(v) for v in given.values()):
        raise ParameterError(f"give true, or numbers for {', '.join(known)}")
    _known_keys(given, known, "a tolerance")
    return given


CONDITIONS: dict[str, Callable[[Any], Condition]] = {
    "lt": _bound(lt), "lte": _bound(lte), "gt": _bound(gt), "gte": _bound(gte), "eq": _bound(eq),
    "between": _between, "is_in": _is_in, "no_drift": _no_drift, "p_at_least": _p_at_least,
    "close_to_reference": _close_to_reference,
    "better_than_dummy": _better_than_dummy,
}  # fmt: skip

__all__ = ["Config", "ad_hoc", "check", "load", "load_schema", "metrics", "parse"]
