"""The configuration that `barograph init` writes: what can be told from the rows, and the rest as comments."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from barograph import frame
from barograph.frame import Rows
from barograph.presets import PRESETS
from barograph.run import ALPHA
from barograph.schema import Kind, infer_kind

SUGGESTED: dict[str, tuple[str, ...]] = {
    "target": ("target", "label", "y", "y_true", "actual", "outcome", "ground_truth"),
    "prediction": ("prediction", "predicted", "pred", "y_pred", "predicted_label"),
    "score": ("score", "proba", "probability", "prob", "y_score", "y_proba", "p"),
    "timestamp": ("timestamp", "ts", "datetime", "date", "time", "event_time", "created_at"),
    "id": ("id", "uuid", "row_id", "request_id", "prediction_id"),
    "weight": ("weight", "sample_weight"),
}
LISTED_AT_MOST = 500


def starter(rows: str, path: Path) -> str:
    """A commented configuration for some rows, to be written to `path`.

    Raises `InputError` where the rows cannot be read.
    """
    opened = frame.open_rows(rows)
    traits = opened.traits()
    kinds = {c: infer_kind(t) for c, t in traits.items() if t.readable}
    roles = guessed(kinds)
    column = next((c for c in kinds if c not in roles.values()), next(iter(kinds)))
    return "\n".join([
        "# Barograph: what to read, what to check, where to write. Paths are relative to this file.",
        "# Run it:  barograph check --config " + _one_line(path.name),
        "",
        f"current: {quoted(_relative(rows, path))}        # rows: a path, a glob, or a list of them; or a profile",
        "# reference: reference.parquet        # what is normal: rows, a baseline or a profile. Freeze one with",
        "#                                     # barograph baseline reference.parquet -o reference.baseline",
        "",
        "schema:",
        *_schema_lines(opened, kinds, roles),
        "",
        "# Lists of metrics and checks. Left out, those that fit the schema and the reference are taken.",
        f"# presets: [data_quality]             # {' '.join(PRESETS)}",
        "",
        "# Your own checks: a metric, its parameters, one condition (lt lte gt gte eq between is_in no_drift",
        "# p_at_least close_to_reference) and perhaps a severity. With checks and no presets, only these are run.",
        "# checks:",
        "#   - {metric: row_count, gt: 100}",
        f"#   - {{metric: missing_share, column: {quoted(column)}, lte: 0.05, severity: warn}}",
        f"#   - {{metric: psi, column: {quoted(column)}, no_drift: 0.1}}        # beyond noise, and at least 0.1",
        "#   - {metric: accuracy, gte: {reference: 1, plus: -0.02}}     # at most 0.02 below the reference",
        "",
        f"# alpha: {ALPHA:g}                         # chance of a false alarm in the whole report",
        "# at_least: {psi: 0.2}                 # how large a change must be to matter, by metric",
        "# season: week                         # hold a Monday against the reference's Mondays; or: day",
        "# title: My model",
        f"# by: {quoted(column)}                        # also each value of a column on its own: segments",
        "# every: 1d                           # windows of `barograph timeline`: 1mo 1w 1d 6h, or a number of rows",
        "",
        "outputs:                              # .html .json .md .xml (JUnit) .txt",
        "  - barograph-report.html",
        "",
    ])  # fmt: skip


def guessed(kinds: dict[str, Kind]) -> dict[str, str]:
    """Column by role, for columns whose names are usual for it and whose values could be it."""
    found: dict[str, str] = {}
    for role, names in SUGGESTED.items():
        fitting = {c.lower().replace(" ", "_"): c for c in kinds if c not in found.values() and _fits(role, c, kinds)}
        name = next((n for n in names if n in fitting), None)
        if name is not None:
            found[role] = fitting[name]
    return found


def _fits(role: str, column: str, kinds: dict[str, Kind]) -> bool:
    if role in ("score", "weight"):
        return kinds[column] is Kind.NUMERIC
    return kinds[column] is Kind.DATETIME if role == "timestamp" else True


def _schema_lines(rows: Rows, kinds: dict[str, Kind], roles: dict[str, str]) -> Iterable[str]:
    yield "  # What a column is for. Suggestions, from the names; remove the # from those that are right."
    for role in SUGGESTED:
        column = quoted(roles[role]) if role in roles else "..."
        yield f"  # {role}: {column}" + ("" if role in roles else "        # none found")
    yield "  # positive: 1                       # the class that counts as positive"
    yield "  # segments: []                      # columns that tell groups of rows apart, see `by` below"
    yield "  # ignore: []                        # columns to leave out"
    yield "  # What the values are: numeric, categorical, boolean, datetime or text."
    shown = list(kinds.items())[:LISTED_AT_MOST]
    role_of = {column: role for role, column in roles.items()}
    yield "  kinds:" if any(column not in role_of for column, _ in shown) else "  kinds: {}"
    for column, kind in shown:
        if column in role_of:
            yield f"    # {quoted(column)}: {kind}        # follows from its role, if it is the {role_of[column]}"
        else:
            yield from (f"    {line}" for line in _entry(column, kind))
    if len(kinds) > len(shown):
        yield f"    # and {len(kinds) - len(shown):,} more columns, whose kinds are inferred from the rows"
    for column, dtype in rows.skipped.items():
        yield f"  # left out, for it holds no single values: {_one_line(quoted(column))} ({_one_line(dtype)})"


def _entry(column: str, kind: Kind) -> list[str]:
    key = quoted(column)
    return [f"{key}: {kind}"] if len(key) < 500 else [f"? {key}", f": {kind}"]  # YAML's limit of a simple key is 1024


def quoted(text: str) -> str:
    """A string as YAML on one line, in quotes where it could be read as anything else.

    >>> print(quoted("age"), quoted("yes"), quoted("a: b"), quoted("x\\n# y"))
    age "yes" "a: b" "x\\n# y"
    """
    plain = re.fullmatch(r"[A-Za-z_][\w./-]*", text, re.ASCII) is not None
    if plain and msgspec.yaml.decode(text.encode()) == text:
        return text
    escaped = (c if c.isprintable() and c not in '"\\' else _escape(c) for c in text)
    return f'"{"".join(escaped)}"'


def _escape(char: str) -> str:
    usual = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
    return usual.get(char) or (f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _relative(rows: str, path: Path) -> str:
    """The rows' path as seen from the configuration's folder."""
    given = Path(rows).expanduser()
    if given.is_absolute():
        return str(given)
    try:
        return Path(os.path.relpath(given, path.parent)).as_posix()
    except ValueError:  # another drive
        return str(given.resolve())
