"""`monitor.watch`: counts, times and logs; changes neither results nor exceptions."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import inspect
import sys
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from barograph import Baseline, Schema
from barograph.errors import ParameterError
from barograph.live import Monitor, instrument, service

sys.path.insert(0, str(Path(__file__).parent))
from apps import ask
from exposed import series, total, value

ROLES = Schema(target="late", score="p", id="flight")


class Seen(Monitor):
    """The real monitor, which also remembers what it was given."""

    def log(self, features: Any, **roles: Any) -> None:
        self.rows: list[Any]
        self.__dict__.setdefault("rows", []).append((features, {k: v for k, v in roles.items() if v is not None}))
        super().log(features, **roles)


@pytest.fixture
def monitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(service, "_http", [])
    monkeypatch.setattr(service, "_predictions", {})
    rows = {"distance": [1.0, 2.0] * 9, "hour": [8, 9] * 9, "flight": [str(i) for i in range(18)]}
    baseline = Baseline.of({**rows, "p": [0.1, 0.9] * 9, "late": [False, True] * 9}, schema=ROLES)
    with Seen(baseline, version="w", spool=tmp_path, handle_sigterm=False) as made:
        yield made


def counts(monitor: Monitor) -> dict[str, float]:
    samples = [s for m in service.of_monitor(monitor).metrics for f in m.collect() for s in f.samples]
    return {s.labels.get("status", s.name): s.value for s in samples if s.name.endswith(("_total", "_count"))}


def errors() -> float:
    return float(service.http().errors["watch"]._value.get())


class Request(BaseModel):
    distance: float
    hour: int = 8


@dataclasses.dataclass
class Record:
    distance: float


class Struct(msgspec.Struct):
    distance: float


class Pair(NamedTuple):
    distance: float


@pytest.mark.parametrize("row", [{"distance": 3.0}, Request(distance=3.0), Record(3.0), Struct(3.0), Pair(3.0)])
def test_features_are_the_argument_with_fields(monitor: Seen, row: Any) -> None:
    @monitor.watch
    def predict(context: object, row: Any, *, verbose: bool = False) -> float:
        return 0.5

    assert predict(object(), row, verbose=True) == 0.5
    assert monitor.rows == [(row, {"score": 0.5})]
    assert counts(monitor) == {
        "ok": 1, "rejected": 0, "error": 0, "prediction_latency_seconds_count": 1, "prediction_value_count": 1,
    }  # fmt: skip
    monitor.flush()
    assert monitor.stats().rows_profiled == 1


def test_features_are_the_arguments_by_name(monitor: Seen) -> None:
    class Model:
        @monitor.watch
        def predict(self, distance: float, hour: Any, session: object = None) -> np.float64:
            return np.float64(0.25)

    assert Model().predict(1.0, hour=np.int64(8), session=object()) == 0.25
    assert monitor.rows == [({"distance": 1.0, "hour": 8}, {"score": 0.25})]
    monitor.watch(Model().predict.__func__.__wrapped__.__get__(Model()))(2.0, 9)  # type: ignore[attr-defined]
    assert monitor.rows[-1] == ({"distance": 2.0, "hour": 9}, {"score": 0.25})


@pytest.mark.parametrize(
    ("result", "roles"),
    [
        (0.5, {"score": 0.5}), (True, {"prediction": True}), ("late", {"prediction": "late"}), (None, {}),
        ({"score": 0.5, "prediction": "late", "id": "a"}, {"score": 0.5, "prediction": "late", "id": "a"}),
        ({"p": 0.5, "score": 7, "flight": "LH1"}, {"score": 0.5, "id": "LH1"}),
        ({"probabilities": {"late": 0.2}}, {"score": {"late": 0.2}}), ({"other": 1}, {}),
        ([0.1, 0.2], {}), (np.array([0.1, 0.2]), {}), (np.array(0.5), {"score": np.array(0.5)}),
    ],
)  # fmt: skip
def test_what_is_read_from_the_result(monitor: Seen, result: Any, roles: Any) -> None:
    predict = monitor.watch(lambda distance: result)
    assert predict(1.0) is result
    assert monitor.rows == [({"distance": 1.0}, roles)]
    assert counts(monitor)["ok"] == 1 and errors() == 0


def test_regression_predicts_numbers(tmp_path: Path, monitor: Seen) -> None:
    rows = {"x": [1.0, 2.0] * 9, "delay": [i / 2 for i in range(18)]}
    baseline = Baseline.of(rows, schema=Schema(target="delay", task="regression"))
    with Seen(baseline, version="r", spool=tmp_path / "r", handle_sigterm=False) as other:
        assert other.watch(lambda x: 4)(1.0) == 4
        assert other.rows == [({"x": 1.0}, {"prediction": 4})]


def test_callables(monitor: Seen) -> None:
    @monitor.watch(
        features=lambda batch, **_: {"distance": batch[0]},
        prediction=lambda r: r[0],
        score=lambda r: r[1],
        id=lambda r: "i",
    )
    def predict(batch: list[float], flag: bool = True) -> tuple[str, float]:
        return "late", 0.75

    assert predict([9.0], flag=False) == ("late", 0.75)
    assert monitor.rows == [({"distance": 9.0}, {"prediction": "late", "score": 0.75, "id": "i"})]


def test_async(monitor: Seen) -> None:
    @monitor.watch
    async def predict(distance: float) -> float:
        await asyncio.sleep(0)
        return 0.5

    class Model:
        async def __call__(self, distance: float) -> float:
            return 0.5

    async def many() -> list[float]:
        return await asyncio.gather(*(predict(float(i)) for i in range(20)), monitor.watch(Model())(1.0))

    assert inspect.iscoroutinefunction(predict)
    assert asyncio.run(many()) == [0.5] * 21
    assert counts(monitor)["ok"] == 21


def test_exceptions_pass_as_they_are(monitor: Seen) -> None:
    unlucky, bad = RuntimeError("unlucky"), HTTPException(422)
    raised: list[BaseException] = [unlucky, bad, KeyboardInterrupt()]

    @monitor.watch
    def predict(distance: float) -> float:
        raise raised[int(distance)]

    for i, error in enumerate(raised):
        with pytest.raises(type(error)) as caught:
            predict(i)
        assert caught.value is error and caught.value.__context__ is None
    assert not hasattr(monitor, "rows")
    assert {k: v for k, v in counts(monitor).items() if not k.endswith("_count")} == {
        "ok": 0,
        "rejected": 1,
        "error": 2,
    }


def test_failures_of_ours_reach_nobody(monitor: Seen, caplog: pytest.LogCaptureFixture) -> None:
    service._said.clear()
    predict = monitor.watch(features=lambda **_: 1 / 0)(lambda distance: 0.5)
    assert [predict(distance=1.0) for _ in range(3)] == [0.5] * 3
    assert errors() == 3 and len(caplog.records) == 1
    assert counts(monitor)["ok"] == 3


def test_what_the_function_logs_itself_is_not_logged_again(monitor: Seen) -> None:
    @monitor.watch
    def predict(distance: float) -> float:
        monitor.log({"distance": distance, "hour": 8}, score=0.5)
        return 0.5

    predict(1.0)
    assert monitor.rows == [({"distance": 1.0, "hour": 8}, {"score": 0.5})]
    assert counts(monitor)["ok"] == 1 and counts(monitor)["prediction_value_count"] == 1


def test_watched_calls_within_one_another(monitor: Seen, tmp_path: Path) -> None:
    inner = monitor.watch(lambda distance: 0.5)
    outer = monitor.watch(lambda distance: inner(distance) + inner(distance))
    assert outer(1.0) == 1.0
    assert counts(monitor)["ok"] == 2 and len(monitor.rows) == 2  # a batch of two
    with Seen(monitor.baseline, version="champion", spool=tmp_path / "c", handle_sigterm=False) as champion:
        assert champion.watch(lambda distance: inner(distance))(1.0) == 0.5
        assert (counts(champion)["ok"], counts(monitor)["ok"]) == (1, 3)
        assert len(champion.rows) == 1 and len(monitor.rows) == 3


def test_a_request_with_a_watched_call_is_one_prediction(monitor: Seen) -> None:
    app = FastAPI()

    @monitor.watch
    def model(distance: float) -> float:
        if distance < 0:
            raise ValueError("negative")
        return 0.5

    @app.post("/predict")
    def route(row: Request) -> float:
        try:
            return model(row.distance)
        except ValueError:
            return -1.0

    @app.post("/by-log")
    async def by_log(row: Request) -> None:
        monitor.log(row, score=0.5)

    @app.post("/direct/score")
    @monitor.watch
    def direct(row: Request) -> float:
        return 0.5

    instrument(app, monitor)

    def seen(**labels: str) -> float:
        return total(series(ask(app, "GET", "/metrics")[2].decode()), "predictions_total", model_version="w", **labels)

    assert ask(app, "POST", "/predict", {"distance": 1})[0] == 200
    assert seen() == seen(status="ok") == 1
    assert ask(app, "POST", "/predict", {"distance": -1})[2] == b"-1.0"
    assert (seen(), seen(status="error")) == (2, 1)
    assert ask(app, "POST", "/by-log", {"distance": 1})[0] == 200
    assert seen() == 3
    assert ask(app, "POST", "/direct/score", {"distance": 1})[2] == b"0.5"
    assert seen() == 4
    assert ask(app, "POST", "/direct/score", {})[0] == 422  # never came to the function: the request is counted
    assert (seen(), seen(status="rejected")) == (5, 1)
    assert value(series(ask(app, "GET", "/metrics")[2].decode()), "prediction_value_count", model_version="w") == 3


def test_signature_and_name_stay(monitor: Seen) -> None:
    def predict(row: Request, hour: int = 3) -> float:
        """Predict."""
        return 0.5

    found = monitor.watch(predict)
    assert (found.__name__, found.__doc__, found.__wrapped__) == ("predict", "Predict.", predict)  # type: ignore[attr-defined]
    assert inspect.signature(found) == inspect.signature(predict, eval_str=True)  # this module's annotations are text


@pytest.mark.parametrize("odd", [max, functools.partial(round, ndigits=1), float])
def test_builtins_and_partials(monitor: Seen, odd: Any) -> None:
    assert monitor.watch(odd)(*([2.0, 1.0] if odd is max else [2.0])) == 2.0
    assert counts(monitor)["ok"] == 1


def test_generators_are_refused(monitor: Seen) -> None:
    def parts() -> Any:
        yield 1

    async def async_parts() -> Any:
        yield 1

    for function in (parts, async_parts):
        with pytest.raises(ParameterError, match="a generator cannot be watched"):
            monitor.watch(function)
