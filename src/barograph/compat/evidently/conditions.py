"""What a user asks of a test's number: `eq`, `not_eq`, `gt`, `gte`, `lt`, `lte`, `is_in`, `not_in`, and `approx`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from barograph.errors import ParameterError

NAMES = ("eq", "not_eq", "gt", "gte", "lt", "lte", "is_in", "not_in")
NEARLY = 1e-9  # relative: what rounding does to a number on its way


@dataclass(frozen=True)
class Approx:
    """A number and how far from it is still the same; made by `approx`."""

    value: float
    tolerance: float

    def __str__(self) -> str:
        return f"{self.value:g} ± {self.tolerance:g}"


def approx(value: float, relative: float | None = None, absolute: float | None = None) -> Approx:
    """A number to be compared with within a tolerance: the larger of `relative` times its size and `absolute`.

    Without both, 1e-6 of its size, and at least 1e-12. `lte=approx(v)` is x <= v + tolerance, `lt=approx(v)` is
    x < v - tolerance, and so on the other side.

    Raises `ParameterError` for what is no number.

    >>> approx(10, relative=0.1)
    Approx(value=10.0, tolerance=1.0)
    """
    number = _number("approx", value)
    parts = [1e-12]
    for name, part, size in (("relative", relative, abs(number)), ("absolute", absolute, 1.0)):
        if part is not None and not (_number(name, part) >= 0):
            raise ParameterError(f"{name} is {part!r}; a tolerance is 0 or more")
        parts += [part * size] if part is not None else []
    if relative is None and absolute is None:
        parts.append(1e-6 * abs(number))
    return Approx(number, max(parts))


@dataclass(frozen=True)
class Conditions:
    """All that was asked of one number; it must hold at once. None at all: the test has a condition of its own."""

    asked: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, given: dict[str, Any]) -> Conditions:
        """From keyword arguments, those that are there. Raises `ParameterError` for what is no number or list."""
        asked = tuple((name, _checked(name, given[name])) for name in NAMES if given.get(name) is not None)
        return cls(asked)

    def __bool__(self) -> bool:
        return bool(self.asked)

    def __str__(self) -> str:
        return " and ".join(f"{name}={_shown(operand)}" for name, operand in self.asked)

    def holds(self, x: float) -> bool:
        """Whether every one holds of `x`."""
        return all(HOLDS[name](x, operand) for name, operand in self.asked)

    @property
    def threshold(self) -> float | None:
        """The number it was held against, where it is one."""
        if len(self.asked) != 1:
            return None
        operand = self.asked[0][1]
        return operand.value if isinstance(operand, Approx) else operand if isinstance(operand, float) else None


def _same(x: float, operand: float | Approx) -> bool:
    if isinstance(operand, Approx):
        return abs(x - operand.value) <= operand.tolerance * (1 + NEARLY)
    return math.isclose(x, operand, rel_tol=NEARLY, abs_tol=1e-12)


def _ends(operand: float | Approx) -> tuple[float, float]:
    if isinstance(operand, Approx):
        return operand.value - operand.tolerance, operand.value + operand.tolerance
    return operand, operand


def _at_most(x: float, end: float) -> bool:
    return x <= end or _same(x, end)


HOLDS: dict[str, Callable[[float, Any], bool]] = {
    "eq": _same,
    "not_eq": lambda x, operand: not _same(x, operand),
    "gt": lambda x, operand: not _at_most(x, _ends(operand)[1]),
    "gte": lambda x, operand: _at_most(_ends(operand)[0], x),
    "lt": lambda x, operand: not _at_most(_ends(operand)[0], x),
    "lte": lambda x, operand: _at_most(x, _ends(operand)[1]),
    "is_in": lambda x, listed: any(_same(x, operand) for operand in listed),
    "not_in": lambda x, listed: not any(_same(x, operand) for operand in listed),
}


def _checked(name: str, operand: Any) -> Any:
    if name in ("is_in", "not_in"):
        if isinstance(operand, str | Approx) or not isinstance(operand, Iterable):
            raise ParameterError(f"{name} takes a list of numbers, not {operand!r:.100}")
        listed = tuple(x if isinstance(x, Approx) else _number(name, x) for x in operand)
        if not listed:
            raise ParameterError(f"{name} has an empty list; give at least one number")
        return listed
    return operand if isinstance(operand, Approx) else _number(name, operand)


def _number(name: str, x: Any) -> float:
    if isinstance(x, str) or not hasattr(x, "__float__") or math.isnan(float(x)):
        raise ParameterError(f"{name} takes a number or approx(number, relative=...), not {x!r:.100}")
    return float(x)


def _shown(operand: Any) -> str:
    if isinstance(operand, tuple):
        return f"[{', '.join(map(_shown, operand))}]"
    return str(operand) if isinstance(operand, Approx) else f"{operand:.10g}"
