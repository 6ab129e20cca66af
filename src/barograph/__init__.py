"""Barograph watches machine-learning models in production.

Freeze the reference once; after that, monitoring is counting:

>>> import barograph as bg
>>> march = {"age": list(range(100)), "city": ["Ulm", "Bonn"] * 50}
>>> april = {"age": list(range(50, 150)), "city": ["Ulm", "Bonn"] * 50}
>>> run = bg.Report("data_drift").run(current=april, reference=march)
>>> run.passed
False
"""

from barograph.baseline import Baseline
from barograph.checks import Check, between, close_to_reference, eq, gt, gte, is_in, lt, lte, no_drift, reference
from barograph.errors import BarographError
from barograph.profile import Profile
from barograph.report import Report
from barograph.schema import Schema

__version__ = "0.1.0"

__all__ = [
    "BarographError", "Baseline", "Check", "Profile", "Report", "Schema", "between", "close_to_reference", "eq", "gt",
    "gte", "is_in", "lt", "lte", "no_drift", "reference",
]  # fmt: skip
