"""How far the current rows are from the reference."""

from barograph.metrics.drift.chi_square import ChiSquare
from barograph.metrics.drift.clock_drift import ClockDrift
from barograph.metrics.drift.domain_classifier import DomainClassifier
from barograph.metrics.drift.embedding_drift import EmbeddingDrift
from barograph.metrics.drift.hellinger import Hellinger
from barograph.metrics.drift.jensen_shannon import JensenShannon
from barograph.metrics.drift.ks import KS
from barograph.metrics.drift.missing_drift import MissingDrift
from barograph.metrics.drift.mmd import MMD
from barograph.metrics.drift.pca_reconstruction import PCAReconstruction
from barograph.metrics.drift.psi import PSI
from barograph.metrics.drift.text_drift import TextDrift
from barograph.metrics.drift.total_variation import TotalVariation
from barograph.metrics.drift.wasserstein import Wasserstein

__all__ = [
    "KS", "MMD", "PSI", "ChiSquare", "ClockDrift", "DomainClassifier", "EmbeddingDrift", "Hellinger", "JensenShannon",
    "MissingDrift", "PCAReconstruction", "TextDrift", "TotalVariation", "Wasserstein",
]  # fmt: skip
