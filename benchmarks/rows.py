"""What a case tells: one row for each thing measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A thing measured, beside what, and whether it reaches what it must; `met` is `None` where nothing is asked."""

    what: str
    measured: str
    beside: str = ""
    target: str = ""
    met: bool | None = None

    def cells(self) -> list[str]:
        verdict = {None: "", True: "met", False: "**missed**"}[self.met]
        return [self.what, self.measured, self.beside, self.target, verdict]


def at_most(what: str, value: float, limit: float, beside: str = "", form: str = "{:.2f} x") -> Row:
    """A row whose value must not be above its limit."""
    return Row(what, form.format(value), beside, f"at most {form.format(limit)}", value <= limit)


def at_least(what: str, value: float, limit: float, beside: str = "", form: str = "{:.1f} x") -> Row:
    """A row whose value must not be below its limit."""
    return Row(what, form.format(value), beside, f"at least {form.format(limit)}", value >= limit)


def lacking(what: str, why: object) -> Row:
    """A row that could not be measured."""
    return Row(what, f"not measured: {why}")
