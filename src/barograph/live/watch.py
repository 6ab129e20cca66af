"""`monitor.watch`: a predict function whose calls are counted, timed and logged, and otherwise stay what they are.

For what is no FastAPI or Starlette app - gRPC servicers, BentoML, batch jobs, consumers - and for those too: a request
whose watched function was called is not counted a second time.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast, overload

from barograph.errors import ParameterError
from barograph.live.calls import CURRENT, Call
from barograph.live.rows import as_row
from barograph.schema import Schema

if TYPE_CHECKING:
    from barograph.live.monitor import Monitor

_MARKS = ("__pydantic_fields__", "__dataclass_fields__", "__struct_fields__", "_fields", "__attrs_attrs__")
F = TypeVar("F", bound=Callable[..., Any])
_NAMES = {
    "prediction": ("prediction", "predicted", "label"),
    "score": ("score", "scores", "probability", "probabilities"),
    "id": ("id", "prediction_id", "request_id"),
}  # fmt: skip


@overload
def watch(monitor: Monitor, function: F, /) -> F: ...
@overload
def watch(
    monitor: Monitor,
    function: None = None,
    /,
    *,
    features: Callable[..., Any] | None = None,
    prediction: Callable[[Any], Any] | None = None,
    score: Callable[[Any], Any] | None = None,
    id: Callable[[Any], Any] | None = None,
) -> Callable[[F], F]: ...
def watch(
    monitor: Monitor,
    function: F | None = None,
    /,
    *,
    features: Callable[..., Any] | None = None,
    prediction: Callable[[Any], Any] | None = None,
    score: Callable[[Any], Any] | None = None,
    id: Callable[[Any], Any] | None = None,  # noqa: A002 - the role's name
) -> F | Callable[[F], F]:
    """Watch a predict function, sync or async: `@monitor.watch` or `@monitor.watch(score=lambda result: result.p)`.

    Each call counts in `predictions_total` as ok, or as error where it raises (as rejected where the exception's
    `status_code` is 4xx), takes its time in `prediction_latency_seconds`, and is logged as one row. Results and
    exceptions pass untouched; a failure to log is counted. What `monitor.log` logs inside the call is not logged again.

    Parameters
    ----------
    features
        Given the call's arguments, its row. By default the one argument that is a mapping, pydantic model, dataclass or
        the like; else all arguments by name. `self` is none.
    prediction, score, id
        Given the result, what to log of it. By default, of a result with fields: those that the schema names for these
        roles, or `prediction`, `score`, `id`. Of a plain value: where the schema has a score, a float (any number,
        where it has no prediction) is the score; else it is the prediction. Of arrays, frames and lists only the call
        is counted: give callables, or use `monitor.log_batch`.

    Raises
    ------
    ParameterError
        A generator function: there is no result to log; watch the function that makes one prediction.
    """
    if function is None:
        return lambda found: _wrap(found, _Watch(monitor, found, features, prediction, score, id))
    return _wrap(function, _Watch(monitor, function, features, prediction, score, id))


def _wrap(function: F, watched: _Watch) -> F:
    called = getattr(type(function), "__call__", function)  # noqa: B004 - of an object with an async __call__
    if any(inspect.isgeneratorfunction(f) or inspect.isasyncgenfunction(f) for f in (function, called)):
        raise ParameterError("a generator cannot be watched; watch the function that makes one prediction")
    wrapper: Any
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called):

        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            with watched.call() as running:
                result = await function(*args, **kwargs)
                running.returned(args, kwargs, result)
            return result
    else:

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with watched.call() as running:
                result = function(*args, **kwargs)
                running.returned(args, kwargs, result)
            return result

    functools.update_wrapper(wrapper, function)
    # old FastAPI resolves annotations that are text in the wrapper's module, which does not know them: resolve them
    # here, unless only type checkers know the names
    with contextlib.suppress(NameError, TypeError, ValueError, SyntaxError, AttributeError):
        wrapper.__signature__ = inspect.signature(function, eval_str=True)
    return cast("F", wrapper)


class _Running:
    """One call of a watched function; as a context manager it sees how the call ends."""

    __slots__ = ("call", "outer", "result", "start", "token", "watched")

    def __init__(self, watched: _Watch) -> None:
        self.watched, self.call, self.result = watched, Call(), None

    def __enter__(self) -> Self:
        self.outer = CURRENT.get()
        self.token = CURRENT.set(self.call)
        self.start = time.perf_counter()
        return self

    def returned(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """The function is done: time it and log its row."""
        seconds = time.perf_counter() - self.start
        if self.call.logged != self.watched.monitor.version:
            try:
                self.watched.log(args, kwargs, result)
            except Exception:  # noqa: BLE001 - the caller gets the result, whatever a callable of ours makes of it
                self.watched.service.failed("watch")
        self._count("ok", seconds)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        CURRENT.reset(self.token)
        if error is not None:
            code = getattr(error, "status_code", None)
            rejected = isinstance(code, int) and 400 <= code < 500
            self._count("rejected" if rejected else "error", time.perf_counter() - self.start)

    def _count(self, status: str, seconds: float) -> None:
        version, counted = self.watched.monitor.version, self.call.counted
        self.call.counted, self.call.finished = version, True
        if self.outer is not None:
            self.outer.counted = version
            self.outer.logged, self.outer.id = self.call.logged or self.outer.logged, self.call.id or self.outer.id
        if counted == version:  # by a watched call within this one
            return
        try:
            self.watched.service.of_monitor(self.watched.monitor).count(status, seconds, self.call.id)
        except Exception:  # noqa: BLE001 - as above
            self.watched.service.failed("watch")


class _Watch:
    """How to read a function's arguments and result."""

    def __init__(
        self,
        monitor: Monitor,
        function: Callable[..., Any],
        features: Callable[..., Any] | None,
        prediction: Callable[[Any], Any] | None,
        score: Callable[[Any], Any] | None,
        identity: Callable[[Any], Any] | None,
    ) -> None:
        from barograph.live import service  # only here prometheus_client is needed

        service.listen(monitor)
        self.service, self.monitor, self.features = service, monitor, features
        self.given = {"prediction": prediction, "score": score, "id": identity}
        schema = monitor.schema
        roles = {"prediction": schema.prediction, "id": schema.id}
        named = schema.score if isinstance(schema.score, str) else None
        roles["score"] = named
        self.names = {role: tuple(n for n in (roles[role], *names) if n) for role, names in _NAMES.items()}
        self.schema: Schema = schema
        try:
            self.parameters = list(inspect.signature(function).parameters)
        except (TypeError, ValueError):  # a builtin
            self.parameters = []
        self.skipped = 1 if self.parameters[:1] in (["self"], ["cls"]) else 0

    def call(self) -> _Running:
        return _Running(self)

    def log(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Log one call as one row."""
        row = self.features(*args, **kwargs) if self.features else self._row(args, kwargs)
        found = self._read(result)
        for role, read in self.given.items():
            if read is not None:
                found[role] = read(result)
        if row is not None or found:
            self.monitor.log(row or {}, **found)

    def _row(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        values = [*args[self.skipped :], *kwargs.values()]
        for value in values:
            if _has_fields(value):
                return value
        named = dict(zip(self.parameters[self.skipped :], args[self.skipped :], strict=False), **kwargs)
        return {name: value for name, value in named.items() if _plain(value)} or None

    def _read(self, result: Any) -> dict[str, Any]:
        if _has_fields(result):
            fields = as_row(result)
            return {role: fields[n] for role, names in self.names.items() for n in names[::-1] if n in fields}
        if not _plain(result) or result is None:
            return {}
        number = self.service.number(result)
        fractional = number is not None and not isinstance(result, int)
        if self.schema.score is not None and (fractional or self.schema.prediction is None) and number is not None:
            return {"score": result}
        return {"prediction": result}


def _has_fields(value: Any) -> bool:
    """Whether a value is a row: what `Monitor.log` takes, and no frame, request or session."""
    if isinstance(value, Mapping):
        return not hasattr(value, "headers")  # Starlette's requests are mappings too
    kind = type(value)
    return not isinstance(value, type) and any(hasattr(kind, mark) for mark in _MARKS)


def _plain(value: Any) -> bool:
    """Whether a value is one value: text, a number, a time, nothing; numpy's scalars too."""
    if value is None or isinstance(value, (str, bytes, bool, int, float)):
        return True
    return getattr(value, "shape", None) == () or type(value).__module__ in ("datetime", "decimal", "uuid")
