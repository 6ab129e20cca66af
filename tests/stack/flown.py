"""The service that the end-to-end test watches: `uvicorn flown:app`."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from fastapi import FastAPI

from barograph import Baseline, Schema
from barograph.live import Monitor, instrument

FEATURES = ("distance", "hour", "wind", "gusts", "load")


def rows(n: int, seed: int, lowest: float = 0.0) -> list[dict[str, float]]:
    """Flights with distances from `lowest` to 1, the reference's greatest: what drifts stays in its range."""
    rng = np.random.default_rng(seed)
    table = {name: rng.random(n) for name in FEATURES}
    table["distance"] = lowest + (1 - lowest) * table["distance"]
    return [dict(zip(table, values, strict=True)) for values in zip(*(c.tolist() for c in table.values()), strict=True)]


def score(row: dict[str, float]) -> float:
    return (row["hour"] + row["wind"]) / 2


def baseline() -> Baseline:
    edges = [dict.fromkeys(FEATURES, 0.0), dict.fromkeys(FEATURES, 1.0)]
    return Baseline.of([row | {"p": score(row)} for row in [*rows(4_000, 1), *edges]], schema=Schema(score="p"))


monitor = Monitor(baseline(), model="flights", version="7", window="3s", lateness="1s", flush_every=0.2)
app = FastAPI()


@app.post("/predict")
def predict(flights: list[dict[str, float]]) -> list[float]:
    for flight in flights:
        monitor.log(flight, score=score(flight))
    return [score(flight) for flight in flights]


@app.get("/pid")
def pid() -> Any:
    return os.getpid()


instrument(app, monitor)
