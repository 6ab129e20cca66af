"""What a condition says of one value: fixed bounds, bounds relative to the reference, and calibrated ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from barograph.calibration import Noise
from barograph.discoveries import combined
from barograph.metrics.drift.cells import Comparison
from barograph.records import Records
from barograph.results import Direction, Finding, Spec, Status, Value
from barograph.special import normal_tail, normal_tail_inverse, student_tail, student_tail_inverse
from barograph.variation import Excess, Varied

MIN_ROWS = 10


@dataclass(frozen=True)
class Ref:
    """The value on the reference, times and plus something: write `reference * 1.1 + 0.02`.

    >>> Ref() * 1.1 + 0.02
    reference * 1.1 + 0.02
    """

    times: float = 1.0
    plus: float = 0.0

    def __mul__(self, factor: float) -> Ref:
        return Ref(self.times * factor, self.plus * factor)

    __rmul__ = __mul__

    def __add__(self, amount: float) -> Ref:
        return Ref(self.times, self.plus + amount)

    __radd__ = __add__

    def __sub__(self, amount: float) -> Ref:
        return self + -amount

    def __repr__(self) -> str:
        times = "" if self.times == 1 else f" * {self.times:g}"
        plus = "" if self.plus == 0 else f" {'+' if self.plus > 0 else '-'} {abs(self.plus):g}"
        return f"reference{times}{plus}"


Operand = float | Ref


@dataclass(frozen=True)
class Outcome:
    """What a condition says of one value."""

    status: Status
    threshold: float | None = None
    expected: float | None = None
    reason: str = ""
    p_value: float | None = None
    finding: Finding = ""


class Chance(NamedTuple):
    """What chance can do to one value: its noise and p-value where they are known, or why they could not be found.

    `idle` where the rows at hand allow no other value: nothing is tested then. `beside` is the p-value of the metric
    that a condition asks as well, `natural` what the values of windows of the reference vary beyond their errors.
    """

    noise: Noise | Varied | Records | None = None
    p_value: float | None = None
    error: str = ""
    idle: bool = False
    beside: float | None = None
    natural: Excess | None = None


@dataclass(frozen=True)
class Bound:
    """A comparison with fixed numbers or with the reference; made by `lt`, `between` and their like.

    Against the reference, a value that is better in the metric's own direction never fails. `counted` compares how many
    a share counts: see `in_rows`.
    """

    op: str
    operands: tuple[Operand, ...]
    counted: bool = field(default=False, repr=False)

    def __str__(self) -> str:
        shown = [repr(o) if isinstance(o, Ref) else shortened(o) for o in self.operands]
        rows = " in rows" if self.counted else ""
        if self.op == "between":
            return f"between {shown[0]} and {shown[1]}{rows}"
        return (f"in {{{', '.join(shown)}}}" if self.op == "in" else f"{self.op} {shown[0]}") + rows

    def chance(self, value: float, of: Value, spec: Spec, known: Chance) -> float | None:
        return None

    def judge(self, value: float, of: Value, spec: Spec, alpha: float, chance: Chance) -> Outcome:
        if not self.counted:
            return self._judge(value, of, spec)
        if of.count is None:
            return Outcome("unknown", reason=f"{spec.name} is no share of rows that were counted")
        total = (of.n if of.total is None else of.total) or 1
        expected = None if of.reference is None else of.reference * total
        found = self._judge(of.count, msgspec.structs.replace(of, reference=expected), spec)
        limit = None if found.threshold is None else found.threshold / total  # shown beside the share, as one
        return Outcome(found.status, limit, of.reference, found.reason and f"{found.reason}, of {total:,}")

    def _judge(self, value: float, of: Value, spec: Spec) -> Outcome:
        relative = any(isinstance(o, Ref) for o in self.operands)
        if relative and of.reference is None:
            return Outcome("unknown", reason="there is no value on the reference to compare with")
        numbers = [_number(o, of.reference) for o in self.operands]
        if self.op == "between":
            numbers.sort()
        holds = OPERATORS[self.op](value, numbers)
        better = relative and of.reference is not None and _improvement(spec.direction, value, of.reference) > 0
        threshold = numbers[0] if len(numbers) == 1 else None
        if self.op == "between":
            threshold = numbers[0] if value < (numbers[0] + numbers[1]) / 2 else numbers[1]
        if holds or better:
            return Outcome("pass", threshold, of.reference)
        return Outcome("fail", threshold, of.reference, f"{shortened(value, 4)} is not {self}")


def _equal(a: float, b: float) -> bool:
    """Equal up to rounding; where either is an integer that float64 has not, nothing was rounded."""
    whole = max(abs(a), abs(b)) > 2**53 and (isinstance(a, int) or isinstance(b, int))
    return a == b if whole else math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


OPERATORS: dict[str, Callable[[float, list[float]], bool]] = {
    "<": lambda value, o: value < o[0],
    "<=": lambda value, o: value <= o[0],
    ">": lambda value, o: value > o[0],
    ">=": lambda value, o: value >= o[0],
    "==": lambda value, o: _equal(value, o[0]),
    "between": lambda value, o: o[0] <= value <= o[1],
    "in": lambda value, o: any(_equal(value, x) for x in o),
}


@dataclass(frozen=True)
class NoDrift:
    """Fails what is larger than `at_least` and beyond noise; the false alarms of a whole run have the report's alpha.

    Where `beside` is a metric that speaks of the same column, the p-value is that of both together: the value says how
    large a change is, and either can say that it is there.
    """

    at_least: float = 0.1
    beside: Comparison | None = None

    def __str__(self) -> str:
        return f"no drift (beyond noise and {self.at_least:g})"

    def chance(self, value: float, of: Value, spec: Spec, known: Chance) -> float | None:
        own = known.noise.p_value(value) if known.noise is not None else of.p_value
        return own if own is None or known.beside is None else combined((own, known.beside))

    def judge(self, value: float, of: Value, spec: Spec, alpha: float, chance: Chance) -> Outcome:
        p, noise = chance.p_value, chance.noise
        if p is None:
            return Outcome("unknown", reason="its noise is not known")
        expected = None if noise is None else noise.expected
        threshold = self._threshold(value, alpha, chance)
        if p > alpha:
            return Outcome("pass", threshold, expected, "is within noise", p, "no evidence")
        if value <= self.at_least:
            return Outcome("pass", threshold, expected, "is beyond noise, but small", p, "real but small")
        said = f"the chance of that is {p or 1e-16:.1g} or less, where {alpha:.1g} is allowed"
        if expected is not None:
            said = f"chance alone gives about {expected:.2g}"
        return Outcome("fail", threshold, expected, f"{value:.4g} is more than {threshold:.2g}, and {said}", p, "drift")

    def _threshold(self, value: float, alpha: float, chance: Chance) -> float:
        """What the value would have to exceed: what matters, and the noise of as many rows."""
        if chance.noise is None:
            return self.at_least
        limit = max(self.at_least, chance.noise.threshold(alpha if self.beside is None else alpha / 2))
        evident = chance.p_value is not None and chance.p_value <= alpha
        if evident:  # where the other metric says so, the noise of this one is no bar
            return limit if value > limit else self.at_least
        return max(limit, value)  # both together were not enough


@dataclass(frozen=True)
class PAtLeast:
    """Fails what has a p-value below `p`: a test of each column by itself, however small the difference."""

    p: float = 0.05

    def __str__(self) -> str:
        return f"p at least {self.p:g}"

    def chance(self, value: float, of: Value, spec: Spec, known: Chance) -> float | None:
        return known.noise.p_value(value) if known.noise is not None else of.p_value

    def judge(self, value: float, of: Value, spec: Spec, alpha: float, chance: Chance) -> Outcome:
        noise, p = chance.noise, chance.p_value
        limit, expected = (noise.threshold(self.p), noise.expected) if noise is not None else (None, None)
        if p is None:
            return Outcome("unknown", reason="it has no p-value, and its noise is not known")
        if p < self.p:
            reason = f"{value:.4g} has a p-value of {p:.1g}, where at least {self.p:g} is asked for"
            return Outcome("fail", limit, expected, reason, p, "drift")
        return Outcome("pass", limit, expected, f"its p-value is {p:.2g}", p, "no evidence")


@dataclass(frozen=True)
class CloseToReference:
    """Fails what is worse than on the reference (other, where no direction is better) by more than noise and more than
    matters: `relative` to the reference's value, `absolute`, or in `sigmas` of the rows (standard error x sqrt n)."""

    relative: float = 0.0
    absolute: float = 0.0
    sigmas: float = 0.0

    def __str__(self) -> str:
        parts = [f"{self.relative:.0%}" if self.relative else "", f"{self.absolute:g}" if self.absolute else ""]
        parts.append(f"{self.sigmas:g} sigma" if self.sigmas else "")
        return f"close to reference (beyond noise and {' or '.join(p for p in parts if p) or '0'})"

    def chance(self, value: float, of: Value, spec: Spec, known: Chance) -> float | None:
        spread = _spread(of, known.natural)
        if of.reference is None or not spread:
            return None
        errors = -_improvement(spec.direction, value, of.reference) / spread
        tail = student_tail(known.natural.freedom, errors) if known.natural else normal_tail(errors)
        return min(1.0, _sides(spec) * tail)

    def judge(self, value: float, of: Value, spec: Spec, alpha: float, chance: Chance) -> Outcome:
        if of.reference is None:
            return Outcome("unknown", reason="there is no value on the reference to compare with")
        matters = max(self.relative * abs(of.reference), self.absolute)
        if of.se is not None:
            matters = max(matters, self.sigmas * of.se * math.sqrt(of.n))
        natural, one_side = chance.natural, alpha / _sides(spec)
        errors = student_tail_inverse(natural.freedom, one_side) if natural else normal_tail_inverse(one_side)
        beyond = errors * _spread(of, natural)
        tolerance = max(matters, beyond)
        worse = -_improvement(spec.direction, value, of.reference)
        threshold = _threshold(spec.direction, value, of.reference, tolerance)
        p = chance.p_value
        if worse > tolerance * (1 + 1e-9):
            reason = f"{value:.4g} is beyond {threshold:.4g}; it was {of.reference:.4g}"
            return Outcome("fail", threshold, of.reference, reason, p, "drift")
        finding: Finding = "real but small" if worse > beyond * (1 + 1e-9) else "no evidence"
        return Outcome("pass", threshold, of.reference, "", p, finding)


def _spread(of: Value, natural: Excess | None) -> float:
    """Standard error of the difference to the reference, with what windows differ by nature; 0 where none is known."""
    return math.hypot(of.se or 0.0, of.reference_se or 0.0, math.sqrt(natural.mean) if natural else 0.0)


def _sides(spec: Spec) -> int:
    """Where no direction is better, chance has two sides to err to."""
    return 2 if spec.direction == "none" else 1


@dataclass(frozen=True)
class BetterThanDummy:
    """Passes what is better than predictions that know nothing of the rows, by more than `sigmas` standard errors.

    Needs no reference. No better fails; better by less than that is unknown: such rows cannot tell."""

    sigmas: float = 2.0

    def __str__(self) -> str:
        return f"better than without skill (by {self.sigmas:g} standard errors)"

    def chance(self, value: float, of: Value, spec: Spec, known: Chance) -> float | None:
        return None

    def judge(self, value: float, of: Value, spec: Spec, alpha: float, chance: Chance) -> Outcome:
        if of.dummy is None:
            return Outcome("unknown", reason=f"what {spec.name} would be without skill is not known")
        if of.n < MIN_ROWS:
            return Outcome("unknown", of.dummy, reason=f"only {of.n} rows; at least {MIN_ROWS} are needed")
        better = _improvement(spec.direction, value, of.dummy)
        if better <= 1e-12 * max(abs(value), abs(of.dummy)):
            return Outcome("fail", of.dummy, reason=f"{value:.4g} is no better than {of.dummy:.4g}, without skill")
        if of.se is not None and better <= self.sigmas * of.se:
            return Outcome("unknown", of.dummy, reason=f"so few rows cannot tell {value:.4g} from {of.dummy:.4g}")
        return Outcome("pass", of.dummy)


Condition = Bound | NoDrift | PAtLeast | CloseToReference | BetterThanDummy


def _number(operand: Operand, reference_value: float | None) -> float:
    if not isinstance(operand, Ref):
        return operand
    assert reference_value is not None
    return operand.times * reference_value + operand.plus


def _improvement(direction: Direction, value: float, before: float) -> float:
    """How much better a value is than before; where no direction is better, any change is worse."""
    if direction == "higher":
        return value - before
    if direction == "lower":
        return before - value
    return abs(before) - abs(value) if direction == "zero" else -abs(value - before)


def _threshold(direction: Direction, value: float, before: float, tolerance: float) -> float:
    if direction == "higher" or (direction == "none" and value < before):
        return before - tolerance
    if direction == "zero":
        return math.copysign(abs(before) + tolerance, value)
    return before + tolerance


def shortened(number: float, digits: int = 6) -> str:
    """A number in a few digits; a large integer in all, for its neighbours are others."""
    return str(number) if isinstance(number, int) else f"{number:.{digits}g}"
