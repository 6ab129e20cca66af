"""Presets: what each asks of data that did not change, of data that did, and of data that have nothing for it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from barograph import Report, Schema
from barograph.checks import Check
from barograph.errors import ParameterError
from barograph.presets import JUDGED_BY_SIZE, PRESETS, resolve
from barograph.schema import Kind

WORDS = np.array([f"w{i}" for i in range(400)])
SCHEMA = Schema(target="label", score="score", kinds={"note": "text"})
ASKED = ["row_quality", "correlations", "text", "datetime", "embeddings", "without_target"]


def rows(seed: int, n: int, broken: str = "") -> pl.DataFrame:
    """A model's rows with a text, a time and an embedding; `broken` is the preset that is to notice."""
    rng = np.random.default_rng(seed)
    notes = [" ".join(WORDS[rng.zipf(1.4, k) % 400]) + rng.choice([".", "!"]) for k in rng.poisson(8, n) + 1]
    if broken == "text":
        notes = [f"{note} and so on" for note in notes]
    hours = rng.uniform(0, 6 if broken == "datetime" else 24, n)
    at = np.datetime64("2024-01-01") + ((rng.integers(0, 28, n) * 24 + hours) * 3.6e9).astype("timedelta64[us]")
    x = rng.normal(size=n)
    near = x + 0.5 * rng.normal(size=n)
    score = 1 / (1 + np.exp(-x))
    made = pl.DataFrame(
        {
            "note": notes,
            "at": at.astype("datetime64[us]"),
            "x": x,
            "near": rng.permutation(near) if broken == "correlations" else near,
            "city": rng.choice(["Ulm", "Bonn", "Trier"], n),
            "vector": pl.Series(rng.normal(broken == "embeddings", 1, (n, 8)), dtype=pl.Array(pl.Float64, 8)),
            "score": score**3 if broken == "without_target" else score,
            "label": (rng.uniform(size=n) < score).astype(int),
        }
    )
    return pl.concat([made[: n // 2], made[: n - n // 2]]) if broken == "row_quality" else made


@pytest.mark.parametrize(("n", "seeds"), [(200, 12), (2000, 3)])
@pytest.mark.parametrize("preset", ASKED)
def test_what_did_not_change_passes(preset: str, n: int, seeds: int) -> None:
    runs = [Report(preset).run(rows(2 * seed, n), rows(2 * seed + 1, n), schema=SCHEMA) for seed in range(seeds)]
    failed = [[v for v in run.verdicts if v.status != "pass"] for run in runs if run.status != "pass"]
    assert len(failed) <= 1, failed


@pytest.mark.parametrize("preset", ASKED)
def test_what_broke_is_noticed(preset: str) -> None:
    run = Report(preset).run(rows(5, 1000, broken=preset), rows(6, 1000), schema=SCHEMA)
    assert run.status == ("warn" if preset == "datetime" else "fail")  # hours differ by nature: they only warn


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("compared", [True, False])
def test_a_preset_that_finds_nothing_to_judge_does_not_pass(preset: str, compared: bool) -> None:
    empty = pl.DataFrame({"city": pl.Series([], dtype=pl.String)})
    full = pl.DataFrame({"city": ["Ulm", "Bonn"] * 20})
    report = Report(preset)
    assert not report.run(empty, full if compared else None).passed


@pytest.mark.parametrize("preset", ["text", "datetime", "embeddings"])
def test_a_preset_without_columns_of_its_kind_says_so(preset: str) -> None:
    plain = {"x": np.arange(50.0)}
    run = Report(preset).run(plain, plain)
    assert run.status == "unknown"
    assert any("no" in v.reason and v.reason for v in run.verdicts), run.verdicts


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_judges_something_of_a_fitting_schema(preset: str) -> None:
    kinds = {
        "x": "numeric",
        "note": "text",
        "at": "datetime",
        "vector": "embedding",
        "y": "categorical",
        "p": "categorical",
        "s": "numeric",
    }
    schema = Schema(target="y", prediction="p", score="s", kinds=kinds)
    assert any(isinstance(item, Check) for item in resolve([preset], schema, compared=True))


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match="without_target"):
        Report("drift")


def test_sizes_that_matter_can_be_said_by_metric() -> None:
    rng = np.random.default_rng(3)
    before, now = {"x": rng.normal(size=20_000)}, {"x": rng.normal(0.45, 1, 20_000)}
    usual, strict = (Report(["data_drift"], at_least=size).run(now, before) for size in (None, {"psi": 0.5}))
    assert (usual.status, usual.finding) == ("fail", "drift")
    assert (strict.status, strict.finding) == ("pass", "real but small")
    assert "0.5" in next(v.condition for v in strict.verdicts if v.metric == "psi")
    with pytest.raises(ParameterError, match="no preset judges 'kurtosis' by its size; there are accuracy"):
        Report(at_least={"kurtosis": 1})
    with pytest.raises(ParameterError, match="at_least of psi is -1"):
        Report(at_least={"psi": -1})


def test_all_that_presets_judge_by_size_can_be_said() -> None:
    kinds = {"x": Kind.NUMERIC, "c": Kind.CATEGORICAL, "t": Kind.TEXT, "e": Kind.EMBEDDING, "d": Kind.DATETIME}
    yes_no = {"y": Kind.BOOLEAN, "p": Kind.BOOLEAN, "s": Kind.NUMERIC}
    schemas = [
        Schema(target="y", prediction="p", score="s", task="classification", positive="true", classes=("false", "true"),
               kinds=kinds | yes_no),
        Schema(target="y", prediction="p", task="regression", kinds=kinds | {"y": Kind.NUMERIC, "p": Kind.NUMERIC}),
    ]  # fmt: skip
    compared = True
    made = [item for preset in PRESETS.values() for schema in schemas for item in preset(schema, compared)]
    judged = {item.metric.spec.name for item in made if isinstance(item, Check) and item.calibrated}
    assert tuple(sorted(judged)) == JUDGED_BY_SIZE
