"""Evidently's single metrics by their old names: each runs, and says what ours says of the same rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import barograph as bg
from barograph.compat.evidently import ColumnMapping, metrics
from barograph.compat.evidently.entries import Entry
from barograph.compat.evidently.metric_preset import RecsysPreset
from barograph.compat.evidently.metrics import data, drift, model
from barograph.compat.evidently.report import Report
from barograph.errors import ParameterError

WORDS = np.array(["late", "again", "no", "bag", "gate", "closed", "at", "the", "desk"])


def flights(n: int, seed: int) -> pd.DataFrame:
    """Two numbers, a city, a text, a vector, and a probability."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"delay": rng.normal(size=n), "distance": rng.integers(0, 40, n)})
    frame["city"] = rng.choice(["Ulm", "Bonn", "Kiel"], n)
    frame["text"] = [" ".join(rng.choice(WORDS, 6)) + f". {i}" for i in range(n)]
    frame["vector"] = list(rng.normal(size=(n, 4)))
    frame["target"] = (frame["delay"] + rng.normal(size=n) > 0).astype(int)
    frame["prediction"] = 1 / (1 + np.exp(-frame["delay"]))
    return frame


def prices(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"area": rng.gamma(2, 50, n), "city": rng.choice(["Ulm", "Bonn"], n)})
    frame["target"] = frame["area"] * 3 + rng.normal(size=n)
    frame["prediction"] = frame["area"] * 3
    return frame


def shown(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    items = np.concatenate([rng.choice(12, 8, replace=False) for _ in range(n // 8)])
    frame = pd.DataFrame({"user_id": np.repeat(np.arange(n // 8), 8), "item_id": items})
    return frame.assign(prediction=rng.random(len(frame)), target=(rng.random(len(frame)) < 0.3).astype(int))


GIVEN: dict[str, dict[str, Any]] = {
    "ColumnCategoryMetric": {"column_name": "city", "category": "Ulm"},
    "ColumnInteractionPlot": {"x_column": "delay", "y_column": "city"},
    "ColumnQuantileMetric": {"column_name": "delay", "quantile": 0.5},
    "ColumnRegExpMetric": {"column_name": "text", "reg_exp": "^late"},
    "ItemBiasMetric": {"column_name": "item_id"},
    "UserBiasMetric": {"column_name": "user_id"},
    "EmbeddingsDriftMetric": {"embeddings_name": "vector"},
    "TextDomainClassifierDriftMetric": {"text_column_name": "text"},
    "TextDescriptorsDistribution": {"column_name": "text"},
    "TextDescriptorsDriftMetric": {"column_name": "text"},
}
MAKERS: dict[str, Callable[[int, int], pd.DataFrame]] = {"regression": prices, "ranking": shown}


def made(name: str) -> Entry:
    given = dict(GIVEN.get(name, {}))
    if name.startswith("Column") and not given:
        given["column_name"] = "city" if name == "ColumnValueListMetric" else "delay"
    entry: Entry = getattr(metrics, name)(**given)
    return entry


def ran(entry: Entry) -> tuple[dict[str, Any], Report]:
    draw = MAKERS.get(entry.task or "", flights)
    report = Report(metrics=[entry])
    mapping = ColumnMapping(task={"ranking": "recsys"}.get(entry.task or "", entry.task))
    before, now = draw(800, 1), draw(640, 2)
    if draw is flights:
        mapping.text_features = ["text"]
    if "Conflict" in entry.name or "Stability" in entry.name:  # said as a label, and few features to go by
        before, now = (f[["city", "target"]].assign(prediction=f["prediction"] > 0.5) for f in (before, now))
        mapping.text_features = None
    report.run(reference_data=before, current_data=now, column_mapping=mapping)
    return report.as_dict()["metrics"][0]["result"], report


@pytest.mark.parametrize("name", [*data.SHEETS, *model.SHEETS, *drift.__all__])
def test_every_metric_answers(name: str) -> None:
    """It says something of these rows: a number or a picture for each metric of ours behind it, and nothing failed."""
    entry = made(name)
    assert entry.name == name
    result, report = ran(entry)
    assert result
    results = report.ours.results
    assert not [found.note for found in results if found.status == "error"]
    assert any(value.value is not None for found in results for value in found.values) or results[0].figures


def test_numbers_are_the_plain_ones_of_the_rows() -> None:
    now, before = flights(640, 2), flights(800, 1)
    told = {
        name: ran(made(name))[0] for name in ("ColumnCategoryMetric", "ColumnRegExpMetric", "ColumnValueRangeMetric")
    }
    assert told["ColumnCategoryMetric"]["current"]["category_ratio"] == pytest.approx((now["city"] == "Ulm").mean())
    assert told["ColumnCategoryMetric"]["reference"]["category_ratio"] == pytest.approx(
        (before["city"] == "Ulm").mean()
    )
    starts = now["text"].str.contains("^late").mean()
    assert told["ColumnRegExpMetric"]["current"]["condition_share"] == pytest.approx(starts)
    low, high = before["delay"].min(), before["delay"].max()
    outside = (~now["delay"].between(low, high)).mean()
    assert told["ColumnValueRangeMetric"]["current"]["out_of_range_share"] == pytest.approx(outside)
    within, _ = ran(metrics.ColumnValueRangeMetric("delay", -1, 1))
    assert within["current"]["in_range_share"] == pytest.approx(now["delay"].between(-1, 1).mean())
    listed, _ = ran(metrics.ColumnValueListMetric("city", ["Ulm", "Kiel"]))
    assert listed["current"]["in_list_share"] == pytest.approx(now["city"].isin(["Ulm", "Kiel"]).mean())


def test_correlations_of_one_column_are_those_with_it() -> None:
    result, _ = ran(metrics.ColumnCorrelationsMetric("delay"))
    now = flights(640, 2)
    assert set(result["current"]["pearson"]) == {"distance", "target", "prediction"}
    assert result["current"]["pearson"]["target"] == pytest.approx(now["delay"].corr(now["target"]))
    assert "city" in result["current"]["cramers_v"]


def test_the_same_metric_of_two_parameters_keeps_both() -> None:
    result, _ = ran(metrics.ClassificationQualityByFeatureTable(["city"]))
    assert len(result["current"]) == 3


def test_recommendations_as_one() -> None:
    report = Report(metrics=[RecsysPreset(k=5)])
    report.run(reference_data=shown(800, 1), current_data=shown(640, 2), column_mapping=ColumnMapping(task="recsys"))
    told = {entry["metric"]: entry["result"] for entry in report.as_dict()["metrics"]}
    ours = bg.Report([bg.metrics.ranking.NDCG(k=5)]).run(
        shown(640, 2), schema=bg.Schema(user_id="user_id", item_id="item_id", target="target", prediction="prediction")
    )
    assert told["NDCGKMetric"]["current"]["ndcg_at_k"] == ours.value("ndcg_at_k")
    assert len(told) == 14 and all(entry["k"] == 5 for entry in told.values())


def test_what_is_not_kept_is_said() -> None:
    for call in (
        lambda: metrics.DiversityMetric(item_features=["price"]),
        lambda: metrics.NDCGKMetric(min_rel_score=3),
        lambda: metrics.EmbeddingsDriftMetric("vector", drift_method=object()),
        lambda: metrics.RecCasesTable,
    ):
        with pytest.raises((ParameterError, AttributeError)):
            call()
