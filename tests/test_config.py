"""The configuration: what it holds, what it makes of it, and what it says when it cannot."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from barograph import (
    Schema,
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
from barograph.config import CONDITIONS, ad_hoc, check, load, metrics, parse
from barograph.errors import InputError, ParameterError, SchemaError
from barograph.metrics.drift import PSI
from barograph.metrics.quality import Quantile, RowCount
from barograph.schema import Kind

WHOLE = """
current: [data/a.csv, "data/b*.csv"]
reference: /abs/ref.baseline
schema:
  target: churned
  score: {yes: p_yes}
  positive: 1
  segments: [city]
  kinds: {age: numeric, city: categorical}
presets: [data_drift]
checks:
  - {metric: psi, column: age, bins: 20, lt: 0.2, severity: warn}
  - {metric: quantile, q: 0.9, lte: {reference: 1.1, plus: 0.02}}
alpha: 0.05
title: Churn
every: 1d
outputs: [out/report.html]
"""


def test_everything(tmp_path: Path) -> None:
    text = WHOLE.replace("{yes: p_yes}", '{"yes": p_yes}')
    (tmp_path / "b.yaml").write_text(text)
    config = load(tmp_path / "b.yaml")
    assert config.current == [str(tmp_path / "data/a.csv"), str(tmp_path / "data/b*.csv")]
    assert config.reference == ["/abs/ref.baseline"]
    assert config.schema == Schema(
        target="churned", score={"yes": "p_yes"}, positive=1, segments=("city",),
        kinds={"age": Kind.NUMERIC, "city": Kind.CATEGORICAL},
    )  # fmt: skip
    assert config.presets == ["data_drift"]
    first, second = config.checks
    assert (first.metric, first.condition, first.severity) == (PSI("age", bins=20), lt(0.2), "warn")
    assert (second.metric, second.condition, second.severity) == (Quantile(q=0.9), lte(reference * 1.1 + 0.02), "fail")
    assert (config.alpha, config.title, config.every) == (0.05, "Churn", "1d")
    assert config.outputs == [tmp_path / "out/report.html"]


def test_empty_is_all_defaults() -> None:
    config = parse("")
    assert (config.current, config.schema, config.checks, config.alpha) == ([], None, [], 0.01)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"lt": 1}, lt(1)),
        ({"lte": "reference"}, lte(reference)),
        ({"gt": {"reference": 0.9}}, gt(reference * 0.9)),
        ({"gte": {"reference": 1, "plus": -0.02}}, gte(reference - 0.02)),
        ({"eq": 0}, eq(0)),
        ({"between": [0.1, {"reference": 2}]}, between(0.1, reference * 2)),
        ({"is_in": [0, 1]}, is_in([0, 1])),
        ({"p_at_least": 0.01}, p_at_least(0.01)),
        ({"p_at_least": True}, p_at_least(0.05)),
        ({"no_drift": None}, no_drift()),
        ({"no_drift": True}, no_drift()),
        ({"no_drift": 0.2}, no_drift(0.2)),
        ({"no_drift": {"at_least": 0.3}}, no_drift(0.3)),
        ({"better_than_dummy": True}, better_than_dummy()),
        ({"better_than_dummy": 3}, better_than_dummy(3)),
        ({"better_than_dummy": {"sigmas": 0}}, better_than_dummy(0)),
        ({"close_to_reference": True}, close_to_reference()),
        ({"close_to_reference": {"relative": 0.1, "sigmas": 2}}, close_to_reference(relative=0.1, sigmas=2)),
    ],
)
def test_conditions(written: dict, meant: object) -> None:
    assert check({"metric": "row_count", **written}).condition == meant
    assert set(written) <= set(CONDITIONS)


def test_where_picks_values_by_label() -> None:
    made = check({"metric": "precision", "gte": 0.5, "where": {"average": "macro", "class": 1}})
    assert made.where == {"average": "macro", "class": "1"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("curent: a.csv", ["'curent'", "did you mean 'current'", "outputs"]),
        ("- a", ["holds a list", "current, reference"]),
        ("a: [", ["no YAML"]),
        ("current: 3", ["current", "int", "it holds 3"]),
        ("alpha: 2", ["alpha is 2", "between 0 and 1"]),
        ("alpha: .nan", ["alpha is nan", "between 0 and 1"]),
        ("alpha: high", ["alpha", "float", "'high'"]),
        ("presets: [data_drft]", ["presets", "'data_drft'", "did you mean 'data_drift'", "regression"]),
        ("checks: [{lt: 1}]", ["checks[0]", "no metric", "it has lt"]),
        ("checks: [{metric: pis, lt: 1}]", ["checks[0]", "'pis'", "psi", "row_count"]),
        ("checks: [{metric: [psi], lt: 1}]", ["checks[0]", "['psi']"]),
        ("checks: [{metric: psi, colum: age, lt: 1}]", ["checks[0] (psi)", "'colum'", "did you mean 'column'", "bins"]),
        ("checks: [{metric: row_count, column: age, lt: 1}]", ["(row_count)", "'column'"]),
        ("checks: [{metric: psi}]", ["(psi)", "no condition", "lt, lte"]),
        ("checks: [{metric: psi, lt: 1, gt: 0}]", ["lt and gt", "one of"]),
        ("checks: [{metric: psi, lt: high}]", ["lt is 'high'", "give a number"]),
        ("checks: [{metric: psi, lt: true}]", ["lt is True", "give a number"]),
        ("checks: [{metric: psi, lt: .inf}]", ["lt is inf", "give a number"]),
        ("checks: [{metric: psi, lt: {plus: 1}}]", ["lt is", "reference: 1.1"]),
        ("checks: [{metric: psi, lt: {reference: 1, minus: 1}}]", ["'minus'", "plus"]),
        ("checks: [{metric: psi, between: 1}]", ["between is 1", "two"]),
        ("checks: [{metric: psi, between: [2, 1]}]", ["nothing lies between 2 and 1"]),
        ("checks: [{metric: psi, is_in: []}]", ["is_in", "at least one"]),
        ("checks: [{metric: psi, is_in: 1}]", ["is_in is 1", "list"]),
        ("checks: [{metric: ks, p_at_least: 5}]", ["p_at_least is 5", "between 0 and 1"]),
        ("checks: [{metric: ks, p_at_least: [0.05]}]", ["p_at_least is [0.05]", "a number such as 0.05"]),
        ("checks: [{metric: psi, no_drift: -1}]", ["no_drift is -1", "0 or more"]),
        ("checks: [{metric: psi, no_drift: {least: 1}}]", ["'least'", "at_least"]),
        ("checks: [{metric: psi, close_to_reference: 1}]", ["close_to_reference is 1", "relative"]),
        ("checks: [{metric: psi, lt: 1, severity: mild}]", ["severity", "'warn' or 'fail'", "'mild'"]),
        ("checks: [{metric: psi, lt: 1, where: age}]", ["where is 'age'"]),
        ("checks: [{metric: psi, bins: ten, lt: 1}]", ["(psi)", "int", "bins"]),
        ("checks: [{metric: psi, bins: 1, lt: 1}]", ["(psi)", "1 bins"]),
        ("checks: [psi]", ["checks", "'psi'"]),
        ("reference: a.csv\nbaseline: b", ["'a.csv'", "'b'", "give one"]),
    ],
)
def test_errors_say_the_key_and_the_choices(text: str, words: list[str]) -> None:
    with pytest.raises(ParameterError) as caught:
        parse(text)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schema: {traget: x}", ["schema", "'traget'", "did you mean 'target'"]),
        ("schema: {kinds: {age: number}}", ["'age'", "'number'", "numeric, categorical"]),
        ("schema: {kinds: [age]}", ["schema", "kinds"]),
        ("schema: {kinds: {1: numeric}}", ["schema", "quotes"]),
        ("schema: {target: 1}", ["schema", "target", "it holds 1", "quotes"]),
        ("schema: {target: a, prediction: a}", ["two roles", "'a'"]),
        ("schema: {task: clasification}", ["task", "'clasification'"]),
    ],
)
def test_schema_errors(text: str, words: list[str]) -> None:
    with pytest.raises(SchemaError) as caught:
        parse(text)
    for word in words:
        assert word in str(caught.value)


def test_schema_of_its_own_file(tmp_path: Path) -> None:
    Schema(target="late", kinds={"delay": Kind.NUMERIC}).save(tmp_path / "schema.yaml")
    assert parse("schema: schema.yaml", tmp_path).schema == Schema(target="late", kinds={"delay": Kind.NUMERIC})
    with pytest.raises(InputError, match=r"none\.yaml cannot be read"):
        parse("schema: none.yaml", tmp_path)
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(SchemaError, match="no YAML"):
        parse("schema: bad.yaml", tmp_path)
    (tmp_path / "list.yaml").write_text("[1]")
    with pytest.raises(SchemaError, match="must hold keys: target"):
        parse("schema: list.yaml", tmp_path)


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        load(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        load(tmp_path / "b.yaml")


def test_a_folder_named_like_a_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "run[1]"
    folder.mkdir()
    (folder / "a.csv").write_text("x\n1\n")
    from barograph.frame import open_rows

    assert open_rows(parse("current: '*.csv'", folder).current).columns == ("x",)
    assert open_rows(parse("current: a.csv", folder).current).columns == ("x",)


@pytest.mark.parametrize(
    ("text", "metric", "condition"),
    [
        ("psi(age) < 0.2", PSI("age"), lt(0.2)),
        ("  psi ( net (EUR) > 5 )  <=  2e-1 ", PSI("net (EUR) > 5"), lte(0.2)),
        ("psi(a\nb) < .5", PSI("a\nb"), lt(0.5)),
        ("row_count >= 100", RowCount(), gte(100)),
        ("row_count > -1", RowCount(), gt(-1)),
        ("psi == 0", PSI(), eq(0)),
        ("psi < 20%", PSI(), lt(0.2)),
    ],
)
def test_ad_hoc(text: str, metric: object, condition: object) -> None:
    made = ad_hoc(text)
    assert (made.metric, made.condition) == (metric, condition)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "not understood"), ("psi", "not understood"), ("psi < x", "not understood"),
        ("psi < nan", "not understood"), ("psi != 1", "not understood"), ("psi < 1; x", "not understood"),
        ("pis < 1", "did you mean 'psi'"), ("row_count(age) > 1", "'column'"), ("__import__('os') < 1", "'__import__'"),
    ],
)  # fmt: skip
def test_ad_hoc_refuses(text: str, word: str) -> None:
    with pytest.raises(ParameterError) as caught:
        ad_hoc(text)
    assert word in str(caught.value)


def test_no_metric_has_a_parameter_named_like_a_key() -> None:
    assert len(metrics()) >= 20
    for metric in metrics().values():
        assert not {f.name for f in fields(metric)} & {"metric", "severity", "where", *CONDITIONS}
