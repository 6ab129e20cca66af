"""Names, labels and statuses as words: what came from data is made plain here, once, for every format."""

from __future__ import annotations

import re
from collections.abc import Mapping

from barograph.results import Scalar, Status

ICONS: dict[Status, str] = {"error": "⊘", "fail": "✕", "unknown": "?", "warn": "!", "pass": "✓"}
MEANING: dict[Status, str] = {
    "error": "could not be computed",
    "fail": "failed",
    "unknown": "could not be judged",
    "warn": "gave a warning",
    "pass": "passed",
}
LIMIT = 120

# C0 and C1 controls, line separators, lone surrogates, and the characters that reorder text around them (bidi
# embeddings, overrides, isolates). Marks that Arabic, Hebrew or emoji need (LRM, RLM, ZWJ) stay.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def plain(text: str, limit: int | None = LIMIT) -> str:
    r"""One visible line: what would break or reorder it is written out, what is too long is clipped in the middle.

    >>> plain("a\nb\x00\u202e")
    'a\\nb\\u0000\\u202e'
    >>> plain("x" * 500, 20)
    'xxxxxxxxx…xxx (500 characters)'
    """
    full = len(text)
    if limit is not None and full > limit:
        text = f"{text[: limit // 2 - 1]}…{text[-(limit // 6) :]}"
    shown = _UNSEEN.sub(lambda found: _SHORT.get(found[0], f"\\u{ord(found[0]):04x}"), text)
    return f"{shown} ({full:,} characters)" if limit is not None and full > limit else shown


def paragraph(text: str, limit: int = 2000) -> str:
    """Text for people, such as a reason: as `plain`, with room.

    >>> paragraph("moved by 3 sigma")
    'moved by 3 sigma'
    """
    return plain(text, limit)


def labelled(
    labels: Mapping[str, Scalar], params: Mapping[str, Scalar] | None = None, without: tuple[str, ...] = ()
) -> str:
    """Labels and parameters on one line.

    >>> labelled({"column": "age", "class": "1"}, {"bins": 20})
    'column age · class 1 · bins 20'
    """
    pairs = [*labels.items(), *(params or {}).items()]
    return " · ".join(f"{plain(k, 40)} {plain(str(v), 80)}" for k, v in pairs if k not in without)


def moment(text: str | None) -> str:
    """An ISO 8601 time without its T and its zero seconds; anything else as it is.

    >>> moment("2026-03-01T00:00:00+00:00"), moment("2026-03-01T12:30:00"), moment("100"), moment(None)
    ('2026-03-01 00:00 UTC', '2026-03-01 12:30', '100', '')
    """
    if not text:
        return ""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", text)
    if match is None:
        return plain(text, 60)
    day, minute, second, zone = match.groups()
    second = "" if second is None or float(second[1:]) == 0 else second
    zone = {None: "", "Z": " UTC", "+00:00": " UTC"}.get(zone, f" {zone}")
    return f"{day} {minute}{second}{zone}"


def span(start: str | None, end: str | None) -> str:
    """A time range; empty when neither end is known.

    >>> span("2026-03-01", "2026-03-08"), span(None, None), span("2026-03-01", None)
    ('2026-03-01 to 2026-03-08', '', '2026-03-01 to ?')
    >>> span("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"), span("2026-03-01T08:00:00", "2026-03-01T09:00:00")
    ('2026-03-01 to 2026-03-02 UTC', '2026-03-01 08:00 to 09:00')
    """
    if not start and not end:
        return ""
    ends = (moment(start) or "?").split(" "), (moment(end) or "?").split(" ")
    if [len(e) for e in ends] in ([2, 2], [3, 3]) and ends[0][2:] == ends[1][2:]:
        (day, first, *zone), (last_day, last, *_) = ends
        if first == last == "00:00":
            return " ".join([day, "to", last_day, *zone])
        return " ".join([day, first, "to", *([] if day == last_day else [last_day]), last, *zone])
    return f"{' '.join(ends[0])} to {' '.join(ends[1])}"
