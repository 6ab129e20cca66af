"""Rows with a known law, and the way from rows to a metric's values."""

from __future__ import annotations

import numpy as np

from barograph import Baseline, Profile, Schema
from barograph.needs import performance_needs

LETTERS = np.array(["a", "b", "c"])


def binary(rng, n, weighted=False, prevalence=0.3, digits=None):
    y = (rng.random(n) < prevalence).astype(int)
    score = 1 / (1 + np.exp(-1.2 * (rng.normal(size=n) + 1.2 * y) + 1.2))
    rows = {"y": y, "p": score if digits is None else np.round(score, digits)}
    return {**rows, "w": np.where(y == 1, 2, 1) * rng.exponential(1, n)} if weighted else rows


def multiclass(rng, n, weighted=False, classes=3):
    y = rng.choice(classes, n, p=np.array([0.6, 0.3, 0.1])[:classes] / sum([0.6, 0.3, 0.1][:classes]))
    logit = rng.normal(size=(n, 3))
    logit[np.arange(n), y] += 1.3
    p = np.exp(logit) / np.exp(logit).sum(axis=1, keepdims=True)
    rows = {"y": LETTERS[y], "said": LETTERS[p.argmax(axis=1)], "a": p[:, 0], "b": p[:, 1], "c": p[:, 2]}
    return {**rows, "w": rng.exponential(1, n)} if weighted else rows


def numbers(rng, n, weighted=False):
    y = rng.normal(30, 3, n)
    rows = {"y": y, "said": 30 + 0.8 * (y - 30) + rng.normal(0.2, 1, n)}
    return {**rows, "w": rng.exponential(1, n)} if weighted else rows


ROLES = {
    binary: {"target": "y", "score": "p"},
    multiclass: {"target": "y", "prediction": "said", "score": {"a": "a", "b": "b", "c": "c"}},
    numbers: {"target": "y", "prediction": "said"},
}


def schema_of(law, weighted=False, **more):
    return Schema(**ROLES[law], weight="w" if weighted else None, **more)


def baseline(rows, schema):
    """Only what performance reads: the rest is tested elsewhere, and costs time."""
    return Baseline.of(rows, schema=schema, needs=performance_needs)


def profile(rows, schema):
    return Profile.of(rows, schema=schema, needs=performance_needs)


def values(metric, current, reference=None):
    """Values by their labels as text: `""` of the only one, else e.g. `"a"` or `"macro"`."""
    return {" ".join(v.labels.values()): v for v in metric.compute(current, reference).values}


def only(metric, current, reference=None):
    (value,) = metric.compute(current, reference).values
    return value


def holds(value, truth, tolerance=1e-9):
    """Whether the truth lies within a value's bounds, or equals it where it claims to be exact."""
    low, high = (value.value, value.value) if value.low is None else (value.low, value.high)
    assert low - tolerance <= value.value <= high + tolerance
    return low - tolerance <= truth <= high + tolerance
