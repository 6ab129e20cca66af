"""The delay model as a file: a logistic regression is one number for each label and column, which JSON can hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class DelayModel:
    """What each label adds to the log odds of a late flight, and each unit of a number.

    Labels that training saw too rarely, or never, share `others`. A missing number counts as the mean of the training,
    and so adds nothing.
    """

    threshold: float
    intercept: float
    labels: dict[str, dict[str, float]]
    others: dict[str, float]
    numbers: dict[str, tuple[float, float]]  # the training's mean, and the weight of a unit above it

    def score(self, flight: Mapping[str, Any]) -> float:
        """The probability that a flight arrives more than 15 minutes late."""
        log_odds = self.intercept
        for column, weights in self.labels.items():
            log_odds += weights.get(str(flight[column]), self.others[column])
        for column, (mean, weight) in self.numbers.items():
            value = flight[column]
            log_odds += 0.0 if value is None else weight * (value - mean)
        return 1.0 / (1.0 + math.exp(-log_odds))

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> DelayModel:
        return cls(**json.loads(path.read_text(encoding="utf-8")))
