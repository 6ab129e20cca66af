"""Presets: what each asks of data that did not change, of data that did, and of data that have nothing for it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from barograph import Report, Schema
from barograph.checks import Check
from barograph.errors import ParameterError
from barograph.presets import PRESETS, resolve

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


@pytest.mark.parametrize(("n", "seeds"), [(200, 25), (2000, 4)])
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
