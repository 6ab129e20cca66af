"""Trains the delay model on January and February, and freezes March, and what it says of March, as two baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from examples.flights_service.model import DelayModel

from barograph import Baseline, Schema
from barograph.demo.flights import months
from barograph.demo.models import LABELS, WEATHER, delay_model, delays

NUMBERS = ("distance", *WEATHER)
INPUTS = (*LABELS, *NUMBERS)


def train(flights: pl.DataFrame, folder: Path) -> None:
    """Write `model.json`, `flights.baseline` and `outcomes.baseline`.

    Two baselines, because the service learns two things at two times: inputs and score when it predicts, and whether
    it was right when the flight has landed. A baseline of inputs that had the target too would wait for it in vain.
    """
    served = delays(flights)
    march = months(served.rows, 3)
    roles: dict[str, Any] = {"prediction": "late_pred", "score": "score", "timestamp": "ts"}
    roles["threshold"] = served.threshold
    inputs = Baseline.of(march.select("ts", *INPUTS, "score", "late_pred"), schema=Schema(**roles), name="March 2013")
    landed = march.select("ts", "score", "late_pred", "late")
    outcomes = Baseline.of(landed, schema=Schema(target="late", **roles), name="March 2013")

    folder.mkdir(parents=True, exist_ok=True)
    as_numbers(delay_model(flights), served.threshold).write(folder / "model.json")
    inputs.write(folder / "flights.baseline")
    outcomes.write(folder / "outcomes.baseline")


def as_numbers(pipeline: Any, threshold: float) -> DelayModel:
    """scikit-learn's pipeline, taken apart: one-hot labels, of which rare ones share a column, then scaled numbers."""
    inputs, regression = pipeline[0], pipeline[-1]
    encoder, scaler = (part[-1] for _, part in inputs.transformer_list)
    weights = iter(regression.coef_[0].tolist())
    labels, others = {}, {}
    for column, known, rare in zip(LABELS, encoder.categories_, encoder.infrequent_categories_, strict=True):
        frequent = [label for label in known if rare is None or label not in rare]
        labels[column] = {label: next(weights) for label in frequent}
        others[column] = 0.0 if rare is None else next(weights)
    units = zip(NUMBERS, scaler.mean_.tolist(), scaler.scale_.tolist(), strict=True)
    numbers = {column: (mean, next(weights) / scale) for column, mean, scale in units}
    return DelayModel(threshold, float(regression.intercept_[0]), labels, others, numbers)
