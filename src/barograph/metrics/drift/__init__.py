"""How far the current rows are from the reference."""

from barograph.metrics.drift.anderson_darling import AndersonDarling
from barograph.metrics.drift.chi_square import ChiSquare
from barograph.metrics.drift.clock_drift import ClockDrift
from barograph.metrics.drift.correlation_change import CorrelationChange
from barograph.metrics.drift.cramer_von_mises import CramerVonMises
from barograph.metrics.drift.distinct_drift import DistinctDrift
from barograph.metrics.drift.domain_classifier import DomainClassifier
from barograph.metrics.drift.drifted_slices import DriftedSlices
from barograph.metrics.drift.embedding_drift import EmbeddingDrift
from barograph.metrics.drift.energy_distance import EnergyDistance
from barograph.metrics.drift.epps_singleton import EppsSingleton
from barograph.metrics.drift.fisher_exact import FisherExact
from barograph.metrics.drift.g_test import GTest
from barograph.metrics.drift.hellinger import Hellinger
from barograph.metrics.drift.jensen_shannon import JensenShannon
from barograph.metrics.drift.kl_divergence import KLDivergence
from barograph.metrics.drift.ks import KS
from barograph.metrics.drift.mann_whitney import MannWhitney
from barograph.metrics.drift.mean_shift import MeanShift
from barograph.metrics.drift.missing_drift import MissingDrift
from barograph.metrics.drift.mmd import MMD
from barograph.metrics.drift.pca_reconstruction import PCAReconstruction
from barograph.metrics.drift.psi import PSI
from barograph.metrics.drift.student_t import StudentT
from barograph.metrics.drift.text_drift import TextDrift
from barograph.metrics.drift.total_variation import TotalVariation
from barograph.metrics.drift.wasserstein import Wasserstein
from barograph.metrics.drift.welch_t import WelchT
from barograph.metrics.drift.z_test import ZTest

__all__ = [
    "KS",
    "MMD",
    "PSI",
    "AndersonDarling",
    "ChiSquare",
    "ClockDrift",
    "CorrelationChange",
    "CramerVonMises",
    "DistinctDrift",
    "DomainClassifier",
    "DriftedSlices",
    "EmbeddingDrift",
    "EnergyDistance",
    "EppsSingleton",
    "FisherExact",
    "GTest",
    "Hellinger",
    "JensenShannon",
    "KLDivergence",
    "MannWhitney",
    "MeanShift",
    "MissingDrift",
    "PCAReconstruction",
    "StudentT",
    "TextDrift",
    "TotalVariation",
    "Wasserstein",
    "WelchT",
    "ZTest",
]  # fmt: skip
