"""`/metrics`: negotiation, token, no redirect, families that fail or clash, and promtool's opinion."""

from __future__ import annotations

import inspect
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Depends, FastAPI, HTTPException
from prometheus import accepted
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from starlette.applications import Starlette
from starlette.routing import Route

from barograph import Baseline, Schema
from barograph.errors import ParameterError
from barograph.live import Monitor, MonitorCollector, cell_collector, exposition, metrics_endpoint, service
from barograph.live.asgi import instrument

sys.path.insert(0, str(Path(__file__).parent))
from apps import ask, fastapi_app, raw
from exposed import series, total, value

OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROMETHEUS = f"{OPEN};q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"  # as Prometheus 2.42 asks


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_http", [])
    monkeypatch.setattr(service, "_predictions", {})


def watched(tmp_path: Path) -> tuple[Any, Monitor]:
    import served  # its baseline only; its monitor is another one

    monitor = Monitor(served.baseline(), version="m", spool=tmp_path, handle_sigterm=False)
    app = fastapi_app()

    @app.post("/flight/predict")
    def predict(row: dict[str, float]) -> None:
        monitor.log(row, score=0.25, id="f-1")

    return instrument(app, monitor, exemplars=True), monitor


def test_exemplars_lead_from_each_alarm_to_a_row(tmp_path: Path) -> None:
    app, monitor = watched(tmp_path)
    with monitor:
        ask(app, "POST", "/flight/predict", {"distance": 99_999.0, "hour": 8})
        monitor.flush()
        body = ask(app, "GET", "/metrics", headers=[("accept", OPEN)])[2].decode()
        told = {line.split("{")[0] for line in body.splitlines() if '# {prediction_id="f-1"}' in line}
        assert told == {"prediction_latency_seconds_bucket", "prediction_value_bucket", "barograph_outside_range_total"}
        assert "prediction_id" not in ask(app, "GET", "/metrics")[2].decode()  # this format has none
        app = instrument(FastAPI(), monitor)
        assert "barograph_outside_range" not in ask(app, "GET", "/metrics")[2].decode()


@pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
def test_no_redirect(path: str) -> None:
    status, headers, body = ask(instrument(fastapi_app()), "GET", path)
    assert status == 200 and headers["content-type"].startswith("text/plain; version=0.0.4") and body


def test_other_paths_catch_alls_and_dependencies() -> None:
    def closed() -> None:
        raise HTTPException(403)

    app = FastAPI(dependencies=[Depends(closed)])
    app.mount("/", raw)
    instrument(app, path="/internal/metrics")
    assert b"predictions_total" in ask(app, "GET", "/internal/metrics")[2]
    assert ask(app, "GET", "/metrics")[2] == b"raw"
    schema = app.openapi()
    assert "/internal/metrics" not in schema["paths"]


def test_openmetrics_and_text() -> None:
    app = instrument(fastapi_app())
    ask(app, "POST", "/predict", {"distance": 1})
    status, headers, body = ask(app, "GET", "/metrics", headers=[("accept", PROMETHEUS)])
    assert status == 200 and headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert body.endswith(b"# EOF\n")
    found = series(body.decode(), openmetrics=True)
    assert value(found, "predictions_total", model_version="1", status="ok") == 1
    for accept in ("", "text/plain", "text/html,*/*", "nonsense;;q=,", "application/openmetrics-text;version=x"):
        status, _, body = ask(app, "GET", "/metrics", headers=[("accept", accept)])
        assert status == 200 and b"predictions_total" in body, accept


def test_token() -> None:
    app = instrument(fastapi_app(), token="säcret")
    for headers in (
        [],
        [("authorization", "Bearer wrong")],
        [("authorization", "säcret")],
        [("authorization", "Basic x")],
    ):
        status, answer, body = ask(app, "GET", "/metrics", headers=headers)
        assert status == 401 and answer["www-authenticate"] == "Bearer" and b"predictions" not in body
    for scheme in ("Bearer", "bearer", "BEARER"):  # RFC 9110: in any case
        assert ask(app, "GET", "/metrics", headers=[("authorization", f"{scheme} säcret")])[0] == 200


@pytest.mark.parametrize(
    "wrong",
    [{"token": ""}, {"collectors": [1]}, {"monitor": "m"}, {"predict_routes": "/predict"}, {"latency_buckets": [5, 1]}],
    ids=str,
)
def test_what_cannot_work_is_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        instrument(fastapi_app(), **wrong)


def test_an_endpoint_of_ones_own() -> None:
    service.predictions("9")
    app = Starlette(routes=[Route("/m", metrics_endpoint())])
    assert b'predictions_total{model_version="9",status="ok"} 0.0' in ask(app, "GET", "/m")[2]


class Broken:
    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("before_it_broke", "x", value=1)
        raise RuntimeError("no profile today")


def test_a_collector_that_fails_takes_nothing_with_it(caplog: pytest.LogCaptureFixture) -> None:
    service._said.clear()
    good = GaugeMetricFamily("good", "x", value=1)
    app = instrument(fastapi_app(), collectors=[Broken(), type("Good", (), {"collect": lambda self: [good]})()])
    ask(app, "GET", "/metrics")
    found = series(ask(app, "GET", "/metrics")[2].decode())
    assert value(found, "good") == 1
    assert value(found, "barograph_internal_errors_total", where="scrape") == 2
    assert len(caplog.records) == 1  # said once


def test_the_users_own_metrics_are_shown_and_names_of_ours_are_not_shown_twice() -> None:
    """prometheus-fastapi-instrumentator registers `http_requests_total{handler,...}` in the default registry."""
    own = Counter("my_own_things", "Mine.")
    theirs = Counter("http_requests", "Theirs.", ["handler", "method", "status"])
    try:
        theirs.labels("/x", "GET", "2xx").inc()
        own.inc(3)
        app = instrument(fastapi_app())
        text = ask(app, "GET", "/metrics")[2].decode()
        assert value(series(text), "my_own_things_total") == 3
        assert text.count("# TYPE http_requests_total") == 1 and 'handler="' not in text
    finally:
        REGISTRY.unregister(own)
        REGISTRY.unregister(theirs)


def test_beside_prometheus_fastapi_instrumentator() -> None:
    pfi = pytest.importorskip("prometheus_fastapi_instrumentator")
    app = instrument(fastapi_app())
    registry = CollectorRegistry()
    pfi.Instrumentator(registry=registry).instrument(app).expose(app, endpoint="/theirs")
    ask(app, "GET", "/users/1")
    assert b'handler="/users/{user}"' in ask(app, "GET", "/theirs")[2]
    assert value(series(ask(app, "GET", "/metrics")[2].decode()), "http_requests_total", route="/users/{user}",
                 method="GET", status="2xx") == 1  # fmt: skip


def test_the_monitor_is_shown(tmp_path: Path) -> None:
    app, monitor = watched(tmp_path)
    with monitor:
        for i in range(50):
            ask(app, "POST", "/flight/predict", {"distance": 10.0 * i, "hour": 8})
        monitor.flush()
        status, _, body = ask(app, "GET", "/metrics", headers=[("accept", OPEN)])
        found = series(body.decode(), openmetrics=True)
        assert status == 200
        assert value(found, "predictions_total", model_version="m", status="ok") == 50
        assert value(found, "prediction_value_sum", model_version="m") == 12.5
        assert value(found, "barograph_rows_profiled_total", model="model", model_version="m") == 50
        assert b'# {prediction_id="f-1"}' in body


def test_promtool(tmp_path: Path) -> None:
    app, monitor = watched(tmp_path)
    with monitor:
        for i in range(20):
            ask(app, "POST", "/flight/predict", {"distance": 10.0 * i, "hour": 8})
        ask(app, "GET", "/nothing")
        monitor.flush()
        accepted(ask(app, "GET", "/metrics")[2].decode())


# --- several monitors ------------------------------------------------------------------------------------------------


def delays(folder: Path, model: str = "delay", version: str = "r") -> Monitor:
    """A regression beside the flights of `served`."""
    rows = {"hour": [i % 24 for i in range(200)], "minutes": [float(i % 90) for i in range(200)]}
    baseline = Baseline.of(rows, schema=Schema(target="minutes", task="regression"))
    return Monitor(baseline, model=model, version=version, spool=folder, handle_sigterm=False)


def two(tmp_path: Path) -> Iterator[tuple[Any, Monitor, Monitor]]:
    import served

    first = Monitor(served.baseline(), model="late", version="s", spool=tmp_path, handle_sigterm=False)
    with first, delays(tmp_path) as second:
        collectors = [cell_collector(first, ["hour"]), cell_collector(second, ["hour"])]
        yield instrument(FastAPI(), [first, second], collectors=collectors), first, second


@pytest.mark.parametrize("accept", ["", OPEN])
def test_two_models_on_one_page(tmp_path: Path, accept: str) -> None:
    for app, first, second in two(tmp_path):
        for i in range(60):
            first.log({"distance": 10.0 * i, "hour": i % 24}, score=0.5)
            second.log({"hour": i % 24}, target=float(i))
        second.log({"hour": None})
        first.flush(), second.flush()
        texts = [ask(app, "GET", "/metrics", headers=[("accept", accept)])[2].decode() for _ in range(3)]
        found = [series(text, openmetrics=bool(accept)) for text in texts]  # which refuses a series that is there twice
        names = [line.split()[2] for line in texts[0].splitlines() if line.startswith("# TYPE")]
        assert len(names) == len(set(names))
        assert found[0].keys() == found[1].keys() == found[2].keys()
        for name in ("barograph_window_rows", "barograph_rows_logged_total"):
            rows = {m: total(found[2], name, model=m, model_version=v) for m, v in (("late", "s"), ("delay", "r"))}
            assert rows == {"late": 60, "delay": 61}, name
        for model in ("late", "delay"):
            assert total(found[2], "barograph_column_values_bucket", model=model, column="hour", le="+Inf") == 60
            assert total(found[2], "barograph_checks", model=model) > 0
            assert total(found[2], "barograph_baseline_info", model=model) == 1
            assert [1 for n, k in found[2] if n == "barograph_psi" and {("model", model), ("column", "hour")} <= k]
            assert value(found[2], "barograph_evaluation_errors_total", model=model,
                         model_version="s" if model == "late" else "r") == 0  # fmt: skip
        if not accept:
            accepted(texts[2])


def test_the_rows_of_the_first_are_the_predictions(tmp_path: Path) -> None:
    for app, first, second in two(tmp_path):
        second.watch(lambda hour: 17.0)(8)
        for _ in range(3):
            first.log({"hour": 8}, score=0.5)
            second.log({"hour": 8}, prediction=30.0)
        found = series(ask(app, "GET", "/metrics")[2].decode())
        assert value(found, "predictions_total", model_version="s", status="ok") == 3
        assert value(found, "prediction_value_sum", model_version="s") == 1.5
        # what watches a function is asked to count: its own version, with its own buckets
        assert value(found, "predictions_total", model_version="r", status="ok") == 4
        assert value(found, "prediction_value_sum", model_version="r") == 107.0


def test_one_monitor_alone_in_a_sequence(tmp_path: Path) -> None:
    with delays(tmp_path) as monitor:
        app = instrument(FastAPI(), (monitor,), model="named")
        monitor.log({"hour": 8}, prediction=5.0)
        found = series(ask(app, "GET", "/metrics")[2].decode())
        assert value(found, "predictions_total", model_version="r", status="ok") == 1
        assert total(found, "barograph_baseline_info", model="named", model_version="r") == 1
    assert b"barograph_baseline" not in ask(instrument(FastAPI(), []), "GET", "/metrics")[2]


def test_two_monitors_of_one_model_and_version(tmp_path: Path) -> None:
    with delays(tmp_path) as one, delays(tmp_path) as other, delays(tmp_path, version="2") as third:
        app = FastAPI()
        with pytest.raises(ParameterError, match="windows of model 'delay', version 'r' would be shown twice"):
            instrument(app, [third, one, other])
        assert not app.user_middleware and third.listener is None  # nothing is half done
        with pytest.raises(ParameterError, match="shown twice"):
            metrics_endpoint([one, one])
        with pytest.raises(ParameterError, match="shown twice"):
            metrics_endpoint([third, one], version="r")
        with pytest.raises(ParameterError, match="shown twice"):
            metrics_endpoint(one, collectors=[MonitorCollector(other)])
        cells = [cell_collector(one, ["hour"]), cell_collector(other, ["hour", "minutes"])]
        with pytest.raises(ParameterError, match="cells of column 'hour' of model 'delay'"):
            metrics_endpoint(one, collectors=cells)
        assert instrument(app, [one, third]) is app


class Said:
    """A collector that says what it was told to."""

    def __init__(self, *families: Metric) -> None:
        self.families = families

    def collect(self) -> Iterable[Metric]:
        return self.families


def gauge(name: str, **values: float) -> Metric:
    family = GaugeMetricFamily(name, "Told.", labels=["who"])
    for who, number in values.items():
        family.add_metric([who], number)
    return family


def test_what_cannot_stand_in_one_family_is_left_out_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    service._said.clear()
    counter = CounterMetricFamily("load", "Another type.", labels=["who"])
    counter.add_metric(["x"], 9)
    asked = [Said(gauge("load", a=1, b=2)), Said(gauge("load", b=7, c=3)), Said(gauge("load_total", d=1), counter)]
    for scrape in (1, 2):
        text = exposition.render(asked)[0].decode()
        found = series(text)
        assert {dict(k)["who"]: v for (n, k), v in found.items() if n == "load"} == {"a": 1, "b": 2, "c": 3}
        assert value(found, "load_total", who="d") == 1 and value(found, "load_total", who="x") is None
        assert text.count("# TYPE load_total ") == 1
        assert service.http().errors["scrape"]._value.get() == 2 * scrape
    assert len(caplog.records) == 1 and "there already" in caplog.text and "NoneType" not in caplog.text
    assert [len(family.samples) for family in asked[0].families] == [2]  # nobody's families are changed


def test_a_gauge_that_is_named_like_our_counter_is_left_out() -> None:
    theirs = Gauge("predictions_total", "Theirs.")
    try:
        service.predictions("1")
        text = exposition.render()[0].decode()
        assert text.count("# TYPE predictions_total ") == 1 and "Theirs" not in text
    finally:
        REGISTRY.unregister(theirs)


def keep(folder: Path, kind: str, pid: int, rows: dict[tuple[str, str, tuple[tuple[str, str], ...]], float]) -> Path:
    """A worker's file, as prometheus_client writes it."""
    file = MmapedDict(str(folder / f"{kind}_{pid}.db"))
    for (metric, name, labels), number in rows.items():
        file.write_value(mmap_key(metric, name, [k for k, _ in labels], [v for _, v in labels], "help"), number, 0.0)
    file.close()
    return folder / f"{kind}_{pid}.db"


DEAD = 2**22 + 1  # beyond Linux's largest process id


def test_files_of_workers_are_summed_and_the_dead_hold_no_live_gauge(tmp_path: Path) -> None:
    key = ("a", "a_total", (("v", "1"),))
    keep(tmp_path, "counter", os.getpid(), {key: 2.0})
    keep(tmp_path, "counter", DEAD, {key: 3.0})
    gauge = ("g", "g", ())
    keep(tmp_path, "gauge_livesum", os.getpid(), {gauge: 1.0})
    gone = keep(tmp_path, "gauge_livesum", DEAD, {gauge: 9.0})
    found = {s.name: s.value for family in exposition.shared(tmp_path) for s in family.samples}
    assert found == {"a_total": 5.0, "g": 1.0}
    assert not gone.exists()


def test_no_sum_beside_negative_buckets(tmp_path: Path) -> None:
    def rows(version: str, edge: str) -> dict[Any, float]:
        label = (("model_version", version),)
        return {
            ("h", "h_sum", label): -4.0,
            ("h", "h_bucket", (*label, ("le", edge))): 1.0,
            ("h", "h_bucket", (*label, ("le", "+Inf"))): 1.0,
        }

    keep(tmp_path, "histogram", os.getpid(), {**rows("minus", "-1.0"), **rows("plus", "1.0")})
    samples = [s for family in exposition.shared(tmp_path) for s in family.samples]
    assert [s.labels for s in samples if s.name == "h_sum"] == [{"model_version": "plus"}]
    assert len([s for s in samples if s.name == "h_count"]) == 2


def test_a_worker_that_is_just_making_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, "counter", os.getpid(), {("a", "a_total", ()): 1.0})
    empty = tmp_path / f"counter_{os.getppid()}.db"
    empty.touch()
    with pytest.raises(struct.error):
        exposition.shared(tmp_path, tries=1)
    monkeypatch.setattr(exposition.time, "sleep", lambda seconds: empty.unlink(missing_ok=True))
    assert [f.name for f in exposition.shared(tmp_path)] == ["a"]


def test_negotiation_needs_no_framework() -> None:
    body, kind = exposition.render(accept=OPEN)
    assert kind.startswith("application/openmetrics-text") and body.endswith(b"# EOF\n")


def test_the_endpoint_runs_in_the_thread_pool() -> None:
    assert not inspect.iscoroutinefunction(metrics_endpoint())
