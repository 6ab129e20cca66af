"""The app that the tests start under real servers: `uvicorn served:app --workers 4`."""

from __future__ import annotations

import os
import time
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from barograph import Baseline, Schema
from barograph.live import Monitor, cell_collector, instrument

N = 200


class Flight(BaseModel):
    distance: float
    hour: int


def flight(i: int) -> dict[str, Any]:
    """Traffic as the baseline knows it, however much of it."""
    return {"distance": 20.0 * (37 * i % 100), "hour": i % 24}


def baseline() -> Baseline:
    rows = {"distance": [float(10 * i) for i in range(N)], "hour": [i % 24 for i in range(N)]}
    score = [i / N for i in range(N)]
    return Baseline.of({**rows, "late": [p > 0.8 for p in score], "p": score}, schema=Schema(target="late", score="p"))


flush_every = float(os.environ.get("FLUSH_EVERY", "0.3"))
monitor = Monitor(baseline(), model="flights", version="7", flush_every=flush_every)
shadow = Monitor(baseline(), model="shadow", version="8", flush_every=flush_every)
app = FastAPI()


@app.post("/predict")
def predict(flight: Flight) -> dict[str, float]:
    score = min(flight.distance / 2000, 1.0)
    monitor.log(flight, score=score)
    shadow.log(flight, score=score / 2)
    return {"score": score, "pid": os.getpid()}


@app.post("/slow/predict")
def slow(flight: Flight) -> dict[str, float]:
    time.sleep(0.5)
    return predict(flight)


@app.get("/pid")
def pid() -> int:
    return os.getpid()


@app.get("/hang/{seconds}")
async def hang(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


@app.get("/watched")
def watched() -> Any:
    return classify(distance=100.0, hour=8)


@monitor.watch
def classify(distance: float, hour: int) -> float:
    return 0.25


instrument(app, [monitor, shadow], collectors=[cell_collector(monitor, ["distance"])])
