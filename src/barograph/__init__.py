"""Barograph watches machine-learning models in production.

Freeze the reference once; after that, monitoring is counting:

>>> import barograph as bg
>>> march = {"age": list(range(100)), "city": ["Ulm", "Bonn"] * 50}
>>> april = {"age": list(range(50, 150)), "city": ["Ulm", "Bonn"] * 50}
>>> run = bg.Report("data_drift").run(current=april, reference=march)
>>> run.passed
False
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from barograph.baseline import Baseline
    from barograph.checks import (
        Check,
        better_than_dummy,
        between,
        close_to_reference,
        eq,
        gt,
        gte,
        in_rows,
        is_in,
        lt,
        lte,
        no_drift,
        p_at_least,
        reference,
    )
    from barograph.errors import BarographError
    from barograph.file_by_file import profile_files
    from barograph.foreign import read
    from barograph.profile import Profile
    from barograph.profile_windows import ProfileWindows
    from barograph.report import Report
    from barograph.schema import Schema
    from barograph.segments import Segments

__version__ = "0.1.0"

__all__ = [
    "BarographError",
    "Baseline",
    "Check",
    "Profile",
    "ProfileWindows",
    "Report",
    "Schema",
    "Segments",
    "better_than_dummy",
    "between",
    "close_to_reference",
    "eq",
    "gt",
    "gte",
    "in_rows",
    "is_in",
    "lt",
    "lte",
    "no_drift",
    "p_at_least",
    "profile_files",
    "read",
    "reference",
]  # fmt: skip

_HOMES = {
    "BarographError": "errors",
    "Baseline": "baseline",
    "Profile": "profile",
    "ProfileWindows": "profile_windows",
    "profile_files": "file_by_file",
    "read": "foreign",
    "Report": "report",
    "Schema": "schema",
    "Segments": "segments",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: `barograph --help` needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module 'barograph' has no attribute {name!r}; it has {', '.join(__all__)}")
    found = getattr(import_module(f"barograph.{_HOMES.get(name, 'checks')}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*globals(), *__all__]
