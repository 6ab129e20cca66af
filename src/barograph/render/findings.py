"""One line of a report: a number, a check of it, or both, in words."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.render.numbers import MISSING, bounds, count, number
from barograph.render.words import labelled, plain
from barograph.results import Result, Spec, Status, Value, Verdict


@dataclass(frozen=True)
class Check:
    """A verdict with its words."""

    verdict: Verdict
    anchor: str
    title: str
    where: str
    value: str
    threshold: str
    expected: str
    n: int | None

    @property
    def everywhere(self) -> str:
        """All labels, the column too."""
        return labelled(self.verdict.labels, self.verdict.params)

    @property
    def column(self) -> str | None:
        return self.verdict.labels.get("column")

    @property
    def segment(self) -> str | None:
        return self.verdict.labels.get("segment")

    @property
    def status(self) -> Status:
        return self.verdict.status

    @property
    def reason(self) -> str:
        if self.verdict.reason:
            return self.verdict.reason
        said = "no value to hold" if self.verdict.value is None else self.value
        return f"{said} against {plain(self.verdict.condition)}"


@dataclass(frozen=True)
class Number:
    """A value with its metric."""

    result: Result
    value: Value

    @property
    def about(self) -> str:
        """Labels and parameters without the column, which stands above."""
        return labelled(self.value.labels, self.result.params, without=("column",))

    @property
    def everywhere(self) -> str:
        """All labels, the column too."""
        return labelled(self.value.labels, self.result.params)


@dataclass(frozen=True)
class Finding:
    """One line of a table: a number beside a check of it, either of them alone, or a metric that could say nothing."""

    anchor: str
    number: Number | None = None
    check: Check | None = None
    result: Result | None = None

    @property
    def status(self) -> Status | None:
        """Of the check; `None` where nothing was checked."""
        if self.check is not None:
            return self.check.status
        return None if self.result is None or self.result.status == "ok" else self.result.status

    @property
    def title(self) -> str:
        return self.check.title if self.check else plain(self._spec.title) if self._spec else ""

    @property
    def help(self) -> str:
        return self._spec.help if self._spec else ""

    @property
    def about(self) -> str:
        return self.number.about if self.number else self.check.where if self.check else ""

    @property
    def everywhere(self) -> str:
        return self.number.everywhere if self.number else self.check.everywhere if self.check else ""

    @property
    def cells(self) -> list[str]:
        """Value, error, reference, threshold, expected, rows: as words, empty where there is nothing to say."""
        value, error, reference, n = MISSING, "", "", ""
        if self.number is not None and self._spec is not None:
            v, unit = self.number.value, self._spec.unit
            value, error, n = number(v.value, unit), bounds(v, unit), count(v.n)
            reference = "" if v.reference is None else number(v.reference, unit)
        if self.check is None:
            return [value, error, reference, "", "", n]
        known = self.check.verdict.expected is not None
        expected = self.check.expected if known else ""
        threshold = self.check.threshold if self.check.verdict.threshold is not None else ""
        return [self.check.value, error, reference, threshold, expected, n]

    @property
    def said(self) -> list[str]:
        """Why a check did not pass, and what is to be known about the number."""
        verdict = self.check.verdict if self.check else None
        telling = verdict is not None and (verdict.status != "pass" or verdict.finding == "real but small")
        reason = verdict.reason if verdict and telling else ""
        note = self.number.value.note if self.number else self.result.note if self.result else ""
        return list(dict.fromkeys(words for words in (reason, note) if words))

    @property
    def _spec(self) -> Spec | None:
        return self.number.result.spec if self.number else self.result.spec if self.result else None
