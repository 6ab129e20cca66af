"""The service: a delay model behind `/predict`, watched by Barograph; `/metrics` says what it saw.

FLIGHTS_FOLDER=build/live uvicorn examples.flights_service.app:app --workers 2
"""

import os
import uuid
from datetime import datetime
from pathlib import Path

from examples.flights_service.model import DelayModel
from fastapi import FastAPI
from pydantic import BaseModel

from barograph.live import Monitor, instrument

FOLDER = Path(os.environ["FLIGHTS_FOLDER"])  # what `train` wrote


class Flight(BaseModel):
    """What is known of a flight before it leaves; weather that nobody reported is null."""

    ts: datetime
    carrier: str
    origin: str
    dest: str
    dow: int
    hour: int
    distance: int
    temp: float | None
    dewp: float | None
    humid: float | None
    wind_speed: float | None
    precip: float | None
    pressure: float | None
    visib: float | None


class Answer(BaseModel):
    id: str
    score: float
    late: bool


class Outcome(BaseModel):
    """What became of a flight, and what had been said of it."""

    ts: datetime
    score: float
    late_pred: bool
    late: bool


model = DelayModel.read(FOLDER / "model.json")

# `ts` is the timestamp in both baselines, so a row counts in the month of its flight, not of its request
inputs = Monitor(FOLDER / "flights.baseline", model="flights", window="1mo", flush_every=0.5)
outcomes = Monitor(FOLDER / "outcomes.baseline", model="flights-outcomes", window="1mo", flush_every=0.5)
app = instrument(FastAPI(title="Will a flight be late?"), [inputs, outcomes])


@app.post("/predict")
async def predict(flight: Flight) -> Answer:
    score = model.score(flight.model_dump())
    answer = Answer(id=uuid.uuid4().hex, score=score, late=score >= model.threshold)
    inputs.log(flight, prediction=int(answer.late), score=score, id=answer.id)
    return answer


@app.post("/outcomes")
async def landed(flights: list[Outcome]) -> int:
    """Labels come late, and many at a time: log them to a monitor of their own."""
    for flight in flights:
        row = {"ts": flight.ts}
        outcomes.log(row, prediction=int(flight.late_pred), score=flight.score, target=int(flight.late))
    return len(flights)


@app.get("/health")
async def health() -> dict[str, int]:
    return {"worker": os.getpid()}
