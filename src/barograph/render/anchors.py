"""Names for places on a page: the same finding has the same anchor in every report, so that a link can be kept.

An anchor is a hash of what identifies the finding; nothing of the data can be read from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from barograph.results import Scalar


class Anchors:
    """Gives out anchors; one that is taken gets a number behind it.

    >>> anchors = Anchors()
    >>> anchors.of("c", "age")
    'c-c598dcda'
    >>> anchors.of("c", "age"), anchors.of("c", "income")
    ('c-c598dcda-2', 'c-6e020f4f')
    """

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def of(self, kind: str, *parts: str) -> str:
        """The anchor of a thing of one kind (a letter), known by its parts."""
        digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]
        name = f"{kind}-{digest}"
        self._taken[name] = self._taken.get(name, 0) + 1
        return name if self._taken[name] == 1 else f"{name}-{self._taken[name]}"

    def of_value(self, kind: str, metric: str, params: Mapping[str, Scalar], labels: Mapping[str, str]) -> str:
        """The anchor of a metric's value: its name, parameters and labels, in whatever order they came."""
        return self.of(kind, metric, *(f"{k}={v}" for part in (params, labels) for k, v in sorted(part.items())))
