"""Apps to watch, and ways to drive them without a network. Also run by the interpreter that has the old FastAPI."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Host, Mount, Route, Router

Answer = tuple[int, dict[str, str], bytes]


class Row(BaseModel):
    distance: float
    hour: int = 8


async def raw(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("raw")(scope, receive, send)


def fastapi_app() -> FastAPI:  # noqa: C901 - a route for each trap
    app, sub = FastAPI(), FastAPI()
    deep, router, late = APIRouter(prefix="/deep"), APIRouter(prefix="/r"), APIRouter()

    @deep.get("/n/{y}/{z}")
    def nested(y: str, z: str) -> str:
        return y + z

    @router.get("/x/{y}")
    async def included(y: str) -> str:
        return y

    router.include_router(deep)
    app.include_router(router, prefix="/api")

    @sub.get("/s/{z}")
    def mounted(z: str) -> str:
        return z

    app.mount("/sub", sub)
    app.mount("/files", raw)

    @late.post("/models/{name}:predict")
    def named(name: str) -> float:
        return 0.5

    app.include_router(late, prefix="/v1")

    @app.post("/predict")
    def predict(row: Row) -> dict[str, float]:
        if row.hour == 13:
            raise RuntimeError("unlucky")
        if row.hour == 99:
            raise HTTPException(503)
        return {"score": min(row.distance / 1000, 1.0)}

    @app.get("/users/{user}")
    def user(user: str) -> str:
        return user

    @app.get("/users/me")  # never reached
    def me() -> str:
        return "me"

    @app.get("/items/{item:int}")
    def item(item: int) -> int:
        return item

    @app.get("/stream")
    def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            for part in (b"a", b"b", b"c"):
                yield part

        return StreamingResponse(parts())

    @app.get("/torn")
    def torn() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            raise RuntimeError("in the middle")

        return StreamingResponse(parts())

    @app.get("/teapot")
    def teapot() -> PlainTextResponse:
        return PlainTextResponse("no class", status_code=799)

    return app


def starlette_app() -> Starlette:
    def plain(request: Request) -> PlainTextResponse:
        return PlainTextResponse("plain")

    def after() -> None:
        raise RuntimeError("in the background")

    async def task(request: Request) -> JSONResponse:
        return JSONResponse({}, background=BackgroundTask(after))

    return Starlette(
        routes=[
            Route("/plain/{a}", plain),
            Route("/task", task, methods=["POST"]),
            Mount("/m", routes=[Route("/in/{b}", plain), Mount("/deeper", routes=[Route("/{c:path}", plain)])]),
            Host("other.example", Router([Route("/hosted/{d}", plain)])),
            Route("/invocations", plain, methods=["POST"]),
        ]
    )


async def request(
    app: Any, method: str, path: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = (), **scope: Any
) -> Answer:
    """One request through the ASGI protocol; exceptions come through."""
    messages: list[Any] = []
    given = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return given.pop() if given else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        messages.append(message)

    pairs = [("host", "test"), *(("content-type", "application/json") for _ in body[:1]), *headers]
    path, _, query = path.partition("?")
    whole = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
        "headers": [(k.lower().encode(), v.encode()) for k, v in pairs], "client": ("test", 1), "server": ("test", 80),
        "state": {}, **scope,
    }  # fmt: skip
    await app(whole, receive, send)
    start = next(m for m in messages if m["type"] == "http.response.start")
    content = b"".join(m.get("body", b"") for m in messages if m["type"] == "http.response.body")
    return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, content


def ask(app: Any, method: str, path: str, body: Any = None, **more: Any) -> Answer:
    """`request` for tests that are not async; an unhandled exception is the 500 that a server makes of it."""
    content = b"" if body is None else json.dumps(body).encode()
    try:
        return asyncio.run(request(app, method, path, content, **more))
    except RuntimeError as error:
        return 500, {}, str(error).encode()


REQUESTS: list[tuple[str, str, Any, int, tuple[str, str, str]]] = [
    ("GET", "/api/r/x/1", None, 200, ("/api/r/x/{y}", "GET", "2xx")),
    ("GET", "/api/r/deep/n/1/2", None, 200, ("/api/r/deep/n/{y}/{z}", "GET", "2xx")),
    ("GET", "/sub/s/7", None, 200, ("/sub/s/{z}", "GET", "2xx")),
    ("PUT", "/sub/s/7", None, 405, ("/sub/s/{z}", "PUT", "4xx")),
    ("GET", "/sub/nothing", None, 404, ("/sub/{path}", "GET", "4xx")),
    ("GET", "/files/a/b.png", None, 200, ("/files/{path}", "GET", "2xx")),
    ("POST", "/v1/models/a:predict", None, 200, ("/v1/models/{name}:predict", "POST", "2xx")),
    ("POST", "/predict", {"distance": 1}, 200, ("/predict", "POST", "2xx")),
    ("POST", "/predict", {}, 422, ("/predict", "POST", "4xx")),
    ("POST", "/predict", {"distance": 1, "hour": 13}, 500, ("/predict", "POST", "5xx")),
    ("POST", "/predict", {"distance": 1, "hour": 99}, 503, ("/predict", "POST", "5xx")),
    ("GET", "/predict", None, 405, ("/predict", "GET", "4xx")),
    ("FOO", "/predict", None, 405, ("/predict", "_OTHER", "4xx")),
    ("BAR", "/x", None, 404, ("_UNMATCHED", "_OTHER", "4xx")),
    ("GET", "/.env", None, 404, ("_UNMATCHED", "GET", "4xx")),
    ("GET", "/predict%2f..", None, 404, ("_UNMATCHED", "GET", "4xx")),
    ("POST", "/predict/", {"distance": 1}, 307, ("_UNMATCHED", "POST", "3xx")),
    ("GET", "/users/me", None, 200, ("/users/{user}", "GET", "2xx")),
    ("GET", "/items/3", None, 200, ("/items/{item}", "GET", "2xx")),
    ("GET", "/items/x", None, 404, ("_UNMATCHED", "GET", "4xx")),
    ("GET", "/stream", None, 200, ("/stream", "GET", "2xx")),
    ("GET", "/teapot", None, 799, ("/teapot", "GET", "_OTHER")),
]


def observed(app: Any, requests: Any = REQUESTS) -> dict[str, Any]:
    """What an app answers to the requests, and which series rise."""
    answers = [ask(app, method, path, body)[0] for method, path, body, *_ in requests]
    return {"answers": answers, "metrics": ask(app, "GET", "/metrics")[2].decode()}


if __name__ == "__main__":
    import fastapi

    from barograph.live.asgi import instrument

    seen = observed(instrument(fastapi_app()))
    json.dump({**seen, "fastapi": fastapi.__version__}, sys.stdout)
