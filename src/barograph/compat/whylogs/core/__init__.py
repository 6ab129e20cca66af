"""whylogs' `core`: profiles and their views, and beside them the constraints."""

from barograph.compat.whylogs.views import DatasetProfile, DatasetProfileView

__all__ = ["DatasetProfile", "DatasetProfileView"]
