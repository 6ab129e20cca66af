"""Barograph watches machine-learning models in production.

Freeze the reference once; after that, monitoring is counting.
"""

from barograph.baseline import Baseline
from barograph.profile import Profile
from barograph.schema import Schema

__version__ = "0.1.0"

__all__ = ["Baseline", "Profile", "Schema"]
