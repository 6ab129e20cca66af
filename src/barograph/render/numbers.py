"""Numbers as people read them.

The display may not lie: a share that is not 0 is never shown as 0 %, nor one that is not 1 as 100 %, and what is not
known is a dash, never a 0.
"""

from __future__ import annotations

import math

from barograph.results import Unit, Value

MISSING = "–"
MINUS = "−"
SURE = 1e-16


def number(value: float | None, unit: Unit = "", digits: int = 4) -> str:
    """A value in its unit; `–` for `None` and for what is not a number.

    >>> number(0.25, "ratio"), number(1234567, "rows"), number(0.123456), number(None), number(-2.5, "seconds")
    ('25.0 %', '1,234,567', '0.1235', '–', '−2.5 s')
    """
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value < 0:
        return MINUS + number(-value, unit, digits)
    if unit == "ratio":
        return share(value, digits - 3)
    if unit in ("rows", "columns") and value == int(value):
        return f"{int(value):,}"
    if unit == "seconds":
        return _duration(value, digits)
    return _significant(value, digits)


def share(value: float, decimals: int = 1) -> str:
    """A share of one as per cent, with as many more decimals as it takes not to reach 0 or 100.

    >>> share(0.0), share(0.00004), share(1e-12), share(0.99999), share(1 - 1e-12), share(1.0)
    ('0 %', '0.004 %', '< 0.0001 %', '99.999 %', '> 99.9999 %', '100 %')
    """
    if value in (0.0, 1.0):
        return "0 %" if value == 0 else "100 %"
    if 0 < value < 5e-7:
        return "< 0.0001 %"
    if 1 - 5e-7 < value < 1:
        return "> 99.9999 %"
    for places in range(max(decimals, 1), 8):
        text = f"{value * 100:.{places}f}"
        if float(text) not in (0.0, 100.0):
            break
    return f"{text} %"


def count(n: int) -> str:
    """A count with its thousands apart.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{n:,}"


def apart(value: float | None, other: float | None, unit: Unit = "") -> tuple[str, str]:
    """Two numbers that are compared, with enough digits to be seen apart if they are.

    >>> apart(0.100004, 0.1)
    ('0.100004', '0.1')
    """
    pair = number(value, unit), number(other, unit)
    if value is None or other is None or value == other:
        return pair
    for digits in range(5, 17):
        if pair[0] != pair[1]:
            break
        pair = number(value, unit, digits), number(other, unit, digits)
    return pair


def bounds(value: Value, unit: Unit = "") -> str:
    """What is known about the error: bounds of the summary, two sampling errors, or a p-value; empty without any.

    >>> bounds(Value(0.5, low=0.48, high=0.52)), bounds(Value(0.5, se=0.01)), bounds(Value(0.5))
    ('0.48 to 0.52', '± 0.02', '')
    """
    if value.low is not None and value.low == value.high:
        return ""
    if value.low is not None or value.high is not None:
        low = f"{MINUS}∞" if value.low is None else number(value.low, unit)
        return f"{low} to {'∞' if value.high is None else number(value.high, unit)}"
    if value.se is not None and value.value is not None:
        return f"± {number(2 * value.se, unit)}"
    return "" if value.p_value is None else f"p {chance(value.p_value)}"


def chance(p: float) -> str:
    """A p-value; below 1e-16 its digits say nothing.

    >>> chance(0.0312), chance(0.0)
    ('0.031', '< 1e-16')
    """
    return f"< {SURE:g}" if p < SURE else _significant(p, 2)


def plural(n: int, word: str) -> str:
    """A count and its noun.

    >>> plural(1, "check"), plural(2000, "check")
    ('1 check', '2,000 checks')
    """
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def _significant(value: float, digits: int) -> str:
    """Positive and finite. An integer has no digits to spare: it is one that float64 has not."""
    if isinstance(value, int):
        return f"{value:,}"
    if value == int(value) and value < 1e15:
        return f"{int(value):,}"
    if 1000 <= value < 1e15:
        return f"{value:,.{max(1, digits - 4)}f}"
    for precision in range(digits, 18):
        text = f"{value:.{precision}g}"
        if float(text) != 1.0:
            break
    if 1e-6 <= value < 1e-4:  # a few zeros are easier to read than an exponent
        return f"{value:.{digits + 4}f}".rstrip("0")
    return text


def _duration(value: float, digits: int) -> str:
    for name, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if value >= 2 * size:
            return f"{_significant(value / size, digits)} {name}"
    return f"{_significant(value, digits)} s"
