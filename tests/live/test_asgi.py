"""`instrument`: which series a request raises, on new and old FastAPI and Starlette; the traps that peers fell into."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse

from barograph.errors import ParameterError
from barograph.live import Monitor, service
from barograph.live.asgi import Middleware, instrument

sys.path.insert(0, str(Path(__file__).parent))
import old
from apps import REQUESTS, ask, fastapi_app, observed, request, starlette_app
from exposed import series, total, value
from servers import HERE, SOURCE


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_http", [])
    monkeypatch.setattr(service, "_predictions", {})


def scrape(app: Any) -> dict[Any, float]:
    status, _, text = ask(app, "GET", "/metrics")
    assert status == 200
    return series(text.decode())


def check(answers: list[int], metrics: str) -> None:
    assert answers == [status for *_, status, _ in REQUESTS]
    found = series(metrics)
    expected: dict[tuple[str, str, str], int] = {}
    for *_, labels in REQUESTS:
        expected[labels] = expected.get(labels, 0) + 1
    risen = {
        tuple(dict(labels)[k] for k in ("route", "method", "status")): n
        for (name, labels), n in found.items()
        if name == "http_requests_total" and n
    }
    assert risen == expected
    assert value(found, "http_exceptions_total", route="/predict", method="POST") == 1
    assert total(found, "http_exceptions_total") == 1
    assert total(found, "http_requests_in_progress") == 0
    assert total(found, "http_request_duration_seconds_count") == len(REQUESTS)
    # 405s, FOO and redirects are no predictions
    counts = {s: value(found, "predictions_total", model_version="1", status=s) for s in service.STATUSES}
    assert counts == {"ok": 2, "rejected": 1, "error": 2}
    assert value(found, "prediction_latency_seconds_count", model_version="1") == 5
    assert value(found, "barograph_internal_errors_total", where="request") == 0


def test_new_fastapi() -> None:
    seen = observed(instrument(fastapi_app()))
    check(seen["answers"], seen["metrics"])


def test_old_fastapi() -> None:
    """Before 0.137 included routers' routes stood in one list; Starlette 0.36 knew no `Route` in the scope."""
    paths = os.pathsep.join(map(str, (SOURCE, HERE)))
    variables = {**os.environ, "PYTHONPATH": paths}
    run = subprocess.run([*old.command(), "apps"], env=variables, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    assert seen["fastapi"] == old.VERSION
    check(seen["answers"], seen["metrics"])


def test_starlette() -> None:
    app = instrument(starlette_app(), version="v2")
    for method, path in [
        ("GET", "/plain/1"), ("GET", "/m/in/2"), ("GET", "/m/deeper/a/b"), ("GET", "/m/none"), ("POST", "/invocations"),
    ]:  # fmt: skip
        ask(app, method, path)
    ask(app, "GET", "/hosted/1", headers=[("host", "other.example")])
    found = scrape(app)
    for route in ("/plain/{a}", "/m/in/{b}", "/m/deeper/{c}"):
        assert value(found, "http_requests_total", route=route, method="GET", status="2xx") == 1, route
    assert value(found, "http_requests_total", route="/m/{path}", method="GET", status="4xx") == 1
    assert value(found, "predictions_total", model_version="v2", status="ok") == 1
    assert ask(app, "POST", "/task")[0] == 500  # the exception goes on to the server, after the answer
    found = scrape(app)
    assert value(found, "http_requests_total", route="/task", method="POST", status="2xx") == 1
    assert value(found, "http_exceptions_total", route="/task", method="POST") == 1


def test_ten_thousand_paths_add_no_series() -> None:
    app = instrument(fastapi_app())

    async def flood(n: int) -> None:
        for i in range(n):
            await request(app, "GET", f"/secret/{i}.php")
            if i % 10 == 0:
                await request(app, "GET", f"/users/{i}")
                await request(app, f"M{i}", f"/users/{i}")

    asyncio.run(flood(10))
    before = set(scrape(app))
    asyncio.run(flood(10_000))
    found = scrape(app)
    assert set(found) == before
    assert value(found, "http_requests_total", route="/users/{user}", method="GET", status="2xx") == 1_001
    remembered = next(m.kwargs["routes"] for m in app.user_middleware if m.cls is Middleware)
    assert len(remembered._exact) < 10 and len(remembered._endpoints) < 40


def test_known_series_stand_at_zero_before_the_first_request() -> None:
    found = scrape(instrument(fastapi_app()))
    for status in service.STATUSES:
        assert value(found, "predictions_total", model_version="1", status=status) == 0
    for status in ("2xx", "4xx", "5xx"):
        assert value(found, "http_requests_total", route="/predict", method="POST", status=status) == 0
    assert value(found, "http_exceptions_total", route="/predict", method="POST") == 0
    assert value(found, "prediction_latency_seconds_count", model_version="1") == 0
    assert not [name for name, _ in found if name.endswith("_created") and not name.startswith("python_")]
    assert not [labels for _, labels in found if ("route", "/metrics") in labels]


def test_buckets() -> None:
    found = scrape(instrument(fastapi_app()))

    def edges(name: str) -> set[str]:
        return {dict(labels)["le"] for n, labels in found if n == f"{name}_bucket"}

    assert edges("prediction_latency_seconds") >= {"0.01", "0.05", "0.1", "0.5", "1.0", "5.0", "+Inf"}
    assert edges("prediction_value") == {*(str(i / 10) for i in range(11)), "+Inf"}


def test_routes_added_after_instrumenting() -> None:
    app, router = FastAPI(), APIRouter()
    instrument(app)
    app.include_router(router, prefix="/late")
    ask(app, "GET", "/nothing")

    @app.get("/direct/{a}")
    def direct(a: str) -> str:
        return a

    ask(app, "GET", "/direct/1")
    assert value(scrape(app), "http_requests_total", route="/direct/{a}", method="GET", status="2xx") == 1


def test_routes_added_to_an_included_router(monkeypatch: pytest.MonkeyPatch) -> None:
    """New FastAPI serves them; the table is read anew, at most once a second."""
    monkeypatch.setattr("barograph.live.asgi.REBUILD_SECONDS", 0.0)
    app, router = FastAPI(), APIRouter()
    app.include_router(router, prefix="/late")
    instrument(app)
    ask(app, "GET", "/late/x/0")

    @router.get("/x/{a}")
    def added(a: str) -> str:
        return a

    assert [ask(app, "GET", f"/late/x/{i}")[0] for i in range(3)] == [200] * 3
    assert value(scrape(app), "http_requests_total", route="/late/x/{a}", method="GET", status="2xx") == 2


def test_a_proxys_prefix_is_not_in_the_label() -> None:
    app = instrument(fastapi_app())
    ask(app, "GET", "/proxy/users/1", root_path="/proxy")
    ask(app, "GET", "/proxy/sub/s/1", root_path="/proxy")
    status, _, text = ask(app, "GET", "/proxy/metrics", root_path="/proxy")
    assert status == 200
    found = series(text.decode())
    assert value(found, "http_requests_total", route="/users/{user}", method="GET", status="2xx") == 1
    assert value(found, "http_requests_total", route="/sub/s/{z}", method="GET", status="2xx") == 1


def test_a_preflight_is_no_prediction() -> None:
    app = instrument(fastapi_app())
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"])
    headers = [("origin", "https://a.example"), ("access-control-request-method", "POST")]
    assert ask(app, "OPTIONS", "/predict", headers=headers)[0] == 200
    assert total(scrape(app), "predictions_total") == 0


def test_predict_routes() -> None:
    app = instrument(fastapi_app(), predict_routes=["/api/*/x/*"])
    ask(app, "GET", "/api/r/x/1")
    ask(app, "POST", "/predict", {"distance": 1})
    assert total(scrape(app), "predictions_total", status="ok") == 1


def test_a_stream_that_breaks() -> None:
    app = instrument(fastapi_app())
    assert ask(app, "GET", "/torn")[0] == 500
    found = scrape(app)
    assert value(found, "http_requests_total", route="/torn", method="GET", status="5xx") == 1
    assert value(found, "http_exceptions_total", route="/torn", method="GET") == 1
    assert total(found, "http_requests_in_progress") == 0


def test_messages_lifespan_and_websockets_pass_as_they_are() -> None:
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    target = FastAPI()
    instrument(target)
    middleware = Middleware(inner, **target.user_middleware[0].kwargs)
    for kind in ("lifespan", "websocket"):
        scope, receive, send = {"type": kind}, object(), object()
        asyncio.run(middleware(scope, receive, send))  # type: ignore[arg-type]
        assert seen[-1][0] is scope and seen[-1][1] is receive and (seen[-1][2] is send or kind == "lifespan")
    app = instrument(fastapi_app())
    assert ask(app, "GET", "/stream")[2] == b"abc"


async def drive(app: Any, scope: Any, given: list[Any], sent: Any = None) -> list[Any]:
    """A connection that is no request: what the app sends, given these messages."""
    got: list[Any] = []

    async def receive() -> Any:
        return given.pop(0)

    async def send(message: Any) -> None:
        got.append(message)
        if sent:
            sent(message)

    await app(scope, receive, send)
    return got


LIFE = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]


@pytest.mark.parametrize("fails", [False, True])
def test_rows_are_written_before_the_app_says_that_it_is_done(tmp_path: Path, fails: bool) -> None:
    """Afterwards the server may end the process by a signal that no handler sees."""
    import served

    written: dict[str, list[int]] = {}

    @asynccontextmanager
    async def life(app: Any) -> AsyncIterator[None]:
        yield
        for monitor in monitors:
            monitor.log({"distance": 1.0, "hour": 8})  # as late as can be
        if fails:
            raise RuntimeError("cannot end well")

    options: Any = {"spool": tmp_path, "flush_every": 1e6, "handle_sigterm": False}
    monitors = [Monitor(served.baseline(), model=name, **options) for name in ("a", "b")]
    app = instrument(FastAPI(lifespan=life), monitors)

    def sent(message: Any) -> None:
        written[message["type"]] = [monitor.spool.accounting().rows_profiled for monitor in monitors]

    with suppress(RuntimeError):
        asyncio.run(drive(app, {"type": "lifespan", "state": {}}, list(LIFE), sent))
    done = "lifespan.shutdown.failed" if fails else "lifespan.shutdown.complete"
    assert written == {"lifespan.startup.complete": [0, 0], done: [1, 1]}
    for monitor in monitors:
        monitor.close()


def test_websockets_and_lifespan_work() -> None:
    events = []

    @asynccontextmanager
    async def life(app: Any) -> AsyncIterator[None]:
        events.append("up")
        yield
        events.append("down")

    app = FastAPI(lifespan=life)

    @app.websocket("/ws")
    async def ws(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    instrument(app)

    asyncio.run(drive(app, {"type": "lifespan"}, list(LIFE)))
    assert events == ["up", "down"]
    scope = {"type": "websocket", "path": "/ws", "headers": [], "query_string": b"", "root_path": ""}
    given = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "hello"}]
    got = asyncio.run(drive(app, scope, given))
    assert [m["type"] for m in got] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert got[1]["text"] == "hello"
    assert total(scrape(app), "http_requests_total") == 0


def test_requests_in_progress() -> None:
    app, entered, leave = FastAPI(), threading.Event(), threading.Event()

    @app.get("/slow/{x}")
    def slow(x: str) -> str:
        entered.set()
        assert leave.wait(10)
        return x

    instrument(app)
    thread = threading.Thread(target=ask, args=(app, "GET", "/slow/1"))
    thread.start()
    assert entered.wait(10)
    assert value(scrape(app), "http_requests_in_progress", route="/slow/{x}", method="GET") == 1
    leave.set()
    thread.join(10)
    assert value(scrape(app), "http_requests_in_progress", route="/slow/{x}", method="GET") == 0


def test_a_cancelled_request_is_not_in_progress_for_ever() -> None:
    app = FastAPI()

    @app.get("/wait")
    async def wait() -> None:
        await asyncio.Event().wait()

    instrument(app)

    async def cancel() -> None:
        task = asyncio.ensure_future(request(app, "GET", "/wait"))
        await asyncio.sleep(0)
        while not total(series((await request(app, "GET", "/metrics"))[2].decode()), "http_requests_in_progress"):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    found = scrape(app)
    assert total(found, "http_requests_in_progress") == 0
    assert total(found, "http_exceptions_total") == 0
    assert value(found, "http_requests_total", route="/wait", method="GET", status="5xx") == 1


def test_counted_before_the_answer_is_out() -> None:
    """Whoever has the answer finds it in the next scrape; background tasks are no latency."""
    app = starlette_app()
    instrument(app)
    seen = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            seen.append(series((await request(app, "GET", "/metrics"))[2].decode()))

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": "GET", "path": "/plain/1", "headers": [], "query_string": b"", "root_path": ""}
    asyncio.run(app(scope, receive, send))
    assert value(seen[0], "http_requests_total", route="/plain/{a}", method="GET", status="2xx") == 1


def test_a_failing_count_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = instrument(fastapi_app())
    monkeypatch.setattr(service.Predictions, "count", lambda *a, **k: 1 / 0)
    assert ask(app, "POST", "/predict", {"distance": 1})[0] == 200
    assert value(scrape(app), "barograph_internal_errors_total", where="request") == 1


def test_what_cannot_be_instrumented() -> None:
    with pytest.raises(ParameterError, match="instrumented already"):
        instrument(instrument(FastAPI()))
    with pytest.raises(ParameterError, match="no FastAPI or Starlette app"):
        instrument(PlainTextResponse("x"))
    with pytest.raises(ParameterError, match="must start with /"):
        instrument(FastAPI(), path="metrics")
    started = FastAPI()
    ask(started, "GET", "/")
    with pytest.raises(ParameterError, match="before it starts"):
        instrument(started)
