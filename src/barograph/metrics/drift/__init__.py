"""How far the current rows are from the reference."""

from barograph.metrics.drift.chi_square import ChiSquare
from barograph.metrics.drift.correlation_change import CorrelationChange
from barograph.metrics.drift.hellinger import Hellinger
from barograph.metrics.drift.jensen_shannon import JensenShannon
from barograph.metrics.drift.ks import KS
from barograph.metrics.drift.missing_drift import MissingDrift
from barograph.metrics.drift.psi import PSI
from barograph.metrics.drift.total_variation import TotalVariation
from barograph.metrics.drift.wasserstein import Wasserstein

__all__ = [
    "KS", "PSI", "ChiSquare", "CorrelationChange", "Hellinger", "JensenShannon", "MissingDrift", "TotalVariation",
    "Wasserstein",
]  # fmt: skip
