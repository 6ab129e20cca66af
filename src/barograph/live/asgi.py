"""`instrument(app, monitor)`: request and prediction metrics of a FastAPI or Starlette app, and its `/metrics`.

A request is measured until its last byte is handed to the server, and counted just before: whoever has the answer sees
it in the next scrape, and background tasks do not count as latency. It is one prediction where its route is one of
`predict_routes`, or where a row with a prediction was logged for it, unless a watched function has counted already.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from barograph.errors import ParameterError
from barograph.live import service, workers
from barograph.live.calls import CURRENT, Call
from barograph.live.exposition import Collector, listed, metrics_endpoint
from barograph.live.outside import OutsideCollector
from barograph.live.service import METHODS, OTHER, Endpoint, Predictions

if TYPE_CHECKING:
    from barograph.live.monitor import Monitor

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
A = TypeVar("A")

UNMATCHED = "_UNMATCHED"
PREDICTS = re.compile(r"[/:](predict|invocations|score)/?$")
REBUILD_SECONDS = 1.0
ZEROED_AT_MOST = 100


class Route(NamedTuple):
    """One line of the table: which paths, which methods (all where empty), and what to call it."""

    pattern: re.Pattern[str]
    methods: frozenset[str]
    template: str


def routes_of(routes: Iterable[Any], prefix: str = "") -> Iterator[Route]:
    """All routes with their full templates, in the order in which they are tried; mounted apps and hosts are entered.

    FastAPI 0.137 and newer keeps included routers as they are: their routes say neither their prefix nor, before a
    request, that they exist. `iter_route_contexts` is the public way to them; older ones have all routes in the list.
    """
    from starlette.routing import Host, Mount, Route, compile_path

    try:
        from fastapi.routing import iter_route_contexts
    except ImportError:  # before 0.137.2, or Starlette alone
        contexts: Iterable[Any] = routes
    else:
        contexts = iter_route_contexts(list(routes))
    for context in contexts:
        route = getattr(context, "_effective_route", context)
        original = getattr(context, "original_route", context)
        if isinstance(original, Host):
            yield from routes_of(route.routes, prefix)
        elif isinstance(original, Mount):
            under = prefix + route.path
            yield from routes_of(route.routes, under)
            pattern, template, _ = compile_path(under + "/{path:path}")
            yield _route(pattern, (), template)
        elif isinstance(original, Route):
            pattern, template, _ = compile_path(prefix + context.path)
            yield _route(pattern, context.methods or (), template)


def _route(pattern: re.Pattern[str], methods: Iterable[str], template: str) -> Route:
    return Route(pattern, frozenset(methods), template)


class Routes:
    """Which endpoint a path belongs to. Only paths without parameters are remembered, so that paths add nothing."""

    def __init__(self, app: Any, predicts: Sequence[str] | None = None, quiet: Iterable[str] = ()) -> None:
        self.app, self.predicts, self.quiet = app, predicts, frozenset(quiet)
        self.table: list[Route] = []
        self._exact: dict[tuple[str, str], Endpoint] = {}
        self._endpoints: dict[tuple[str, str], Endpoint] = {}
        self._built_of, self._built_at = -1, 0.0

    def find(self, method: str, path: str) -> Endpoint:
        """The endpoint of a request, as the router will choose it: the first route that takes path and method."""
        if len(self.app.routes) != self._built_of:
            self.build()
        known = self._exact.get((method, path))
        if known is not None:
            return known
        if method not in METHODS:
            method = OTHER
        chosen = None
        for route in self.table:
            if route.pattern.match(path):
                if not route.methods or method in route.methods:
                    # what is mounted there answers 405 itself, for its own route
                    if chosen is None or not chosen.template.startswith(route.template.removesuffix("{path}")):
                        chosen = route
                    break
                chosen = chosen or route
        endpoint = self._endpoint(chosen, method)
        if chosen is not None and chosen.template == path and method != OTHER:
            self._exact[method, path] = endpoint
        return endpoint

    def _endpoint(self, route: Route | None, method: str) -> Endpoint:
        template = UNMATCHED if route is None else route.template
        found = self._endpoints.get((template, method))
        if found is None:
            predicts = route is not None and method in route.methods - {"HEAD", "OPTIONS"} and self._predicts(template)
            found = self._endpoints[template, method] = Endpoint(service.http(), template, method, predicts=predicts)
        return found

    def _predicts(self, template: str) -> bool:
        if self.predicts is None:
            return PREDICTS.search(template) is not None
        return any(fnmatchcase(template, pattern) for pattern in self.predicts)

    def build(self) -> None:
        """Read the app's routes anew, and start the likely series at 0."""
        self._built_of, self._built_at = len(self.app.routes), time.monotonic()
        self.table = [route for route in routes_of(self.app.routes) if route.template not in self.quiet]
        self._exact.clear()
        for route in self.table[:ZEROED_AT_MOST]:
            for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
                self._endpoint(route, method)

    def collect(self) -> Iterable[Any]:
        """Nothing to show; but a scrape before the first request finds the likely series."""
        if len(self.app.routes) != self._built_of:
            self.build()
        return ()

    def missed(self) -> None:
        """An endpoint answered that the table does not have: a router got routes after it was included."""
        if time.monotonic() - self._built_at > REBUILD_SECONDS:
            self._built_of = -1


class _Exchange:
    """One request on its way."""

    __slots__ = ("call", "done", "endpoint", "middleware", "send_on", "start", "status")

    def __init__(self, middleware: Middleware, endpoint: Endpoint, send: Send) -> None:
        self.middleware, self.endpoint, self.send_on = middleware, endpoint, send
        self.status, self.done, self.call = 500, False, Call()
        self.start = time.perf_counter()

    def send(self, message: Message) -> Awaitable[None]:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
        elif kind == "http.response.body" and not message.get("more_body", False):
            self.finish()
        return self.send_on(message)

    def finish(self) -> None:
        if self.done:
            return
        self.done = True
        seconds = time.perf_counter() - self.start
        call, status = self.call, self.status
        try:
            self.endpoint.answered(status, seconds)
            call.finished = True
            if (self.endpoint.predicts or call.logged) and not call.counted:
                call.counted = self.middleware.predictions.version
                kind = "ok" if status < 400 else "rejected" if status < 500 else "error"
                self.middleware.predictions.count(kind, seconds, call.id)
        except Exception:  # noqa: BLE001 - the answer goes out, whatever became of its count
            service.failed("request")

    def fail(self, error: BaseException) -> None:
        self.status = 500
        self.finish()
        if isinstance(error, Exception):
            self.endpoint.exceptions.inc()


class Middleware:
    """Pure ASGI: what is not HTTP passes untouched, messages pass as they are, exceptions go on."""

    def __init__(self, app: App, *, routes: Routes, predictions: Predictions, monitors: Sequence[Monitor] = ()) -> None:
        self.app, self.routes, self.predictions, self.quiet = app, routes, predictions, routes.quiet
        self.monitors = monitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, self._flushing(send) if scope["type"] == "lifespan" else send)
            return
        path = route_path(scope)
        if path in self.quiet:
            await self.app(scope, receive, send)
            return
        endpoint = self.routes.find(scope["method"], path)
        endpoint.in_progress.inc()
        exchange = _Exchange(self, endpoint, send)
        token = CURRENT.set(exchange.call)
        try:
            await self.app(scope, receive, exchange.send)
        except BaseException as error:
            exchange.fail(error)
            raise
        finally:
            CURRENT.reset(token)
            exchange.finish()
        if endpoint.route == UNMATCHED and "endpoint" in scope:
            self.routes.missed()

    def _flushing(self, send: Send) -> Send:
        """Have all rows written before the app says that it is done.

        Only here every request has been answered; the server may then end the process by the signal it caught itself,
        which no handler and no `atexit` sees.
        """
        from starlette.concurrency import run_in_threadpool

        async def sent(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                for monitor in self.monitors:
                    await run_in_threadpool(monitor.flush)
            await send(message)

        return sent


def route_path(scope: Scope) -> str:
    """The path without the prefix under which a proxy serves the app."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        return path[len(root) :]
    return path


def instrument(
    app: A,
    monitor: Monitor | Sequence[Monitor] | None = None,
    *,
    model: str | None = None,
    version: str | None = None,
    path: str = "/metrics",
    token: str | None = None,
    predict_routes: Sequence[str] | None = None,
    exemplars: bool = False,
    latency_buckets: Sequence[float] | None = None,
    value_buckets: Sequence[float] | None = None,
    collectors: Iterable[Collector] = (),
) -> A:
    """Add request and prediction metrics to a FastAPI or Starlette app, and a route that shows them; returns the app.

    Parameters
    ----------
    monitor
        What it logs is shown too: drift, quality and performance of its windows, and `prediction_value`. Of several
        monitors, which must differ in model or version, the windows of all are shown; the first one's rows are the
        predictions that the requests are for. Calls of functions that another one watches count under its version.
    model, version
        Labels; the (first) monitor's, or `"model"` and `"1"`.
    path, token
        Where the metrics are, and the bearer token without which they are not shown. The path is not measured itself.
    predict_routes
        Templates of the routes whose requests are predictions, `*` for anything; by default those that end in
        `predict`, `invocations` or `score`, after a `/` or a `:`.
    exemplars
        Show the id of a prediction beside the latency and value it was counted in, and beside the number of values
        outside the baseline's range (OpenMetrics, single process).
    latency_buckets, value_buckets
        Other than `service.LATENCY_BUCKETS` and `service.value_buckets(baseline)`.
    collectors
        More to ask at each scrape.

    Raises
    ------
    ParameterError
        The app cannot take a middleware, has started, or is instrumented; a worker that cannot share its counters; two
        monitors of the same model and version.
    """
    target: Any = app
    if not (hasattr(app, "add_middleware") and hasattr(app, "router")):
        raise ParameterError(f"{type(app).__name__} is no FastAPI or Starlette app; for others there is monitor.watch")
    if any(getattr(known.cls, "__name__", "") == Middleware.__name__ for known in target.user_middleware):
        raise ParameterError("this app is instrumented already")
    if isinstance(predict_routes, str):
        raise ParameterError(
            f"predict_routes is {predict_routes!r}; give a list of templates, such as [{predict_routes!r}]"
        )
    if not path.startswith("/"):
        raise ParameterError(f"the metrics' path is {path!r}; it must start with /")
    from starlette.routing import Route as StarletteRoute

    first = next(iter(listed(monitor)), None)
    if first and version not in (None, first.version):
        raise ParameterError(f"version {version!r}, and the monitor's is {first.version!r}: leave one out")
    named = version or (first.version if first else "1")
    places = {path, path.rstrip("/") or "/", path.rstrip("/") + "/"}
    routes = Routes(app, predict_routes, places)
    outside = [OutsideCollector(one) for one in listed(monitor)] if exemplars and not workers.folder() else []
    asked: list[Collector] = [routes, *outside, *collectors]
    shown = metrics_endpoint(monitor, token=token, model=model, version=named, collectors=asked)
    found = service.predictions(
        named, first.baseline if first else None, latency_buckets, value_buckets, exemplars=exemplars
    )
    if first:
        service.listen(first)
    try:
        target.add_middleware(Middleware, routes=routes, predictions=found, monitors=listed(monitor))
    except RuntimeError as error:
        raise ParameterError(f"instrument the app before it starts: {error}") from error
    for place in sorted(places):  # in front, where no catch-all or mount takes the path
        target.router.routes.insert(0, StarletteRoute(place, shown, methods=["GET"], include_in_schema=False))
    return app
