"""Evidently's names of drift methods, as checks of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from barograph.checks import Check, lt, no_drift, p_at_least
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import drift
from barograph.presets import PSI_AT_LEAST


class Method(NamedTuple):
    """A metric, and the usual threshold: of its distance, or where `by_p` of its p-value."""

    metric: Callable[..., Metric]
    threshold: float
    by_p: bool = False


METHODS: dict[str, Method] = {
    "psi": Method(drift.PSI, 0.1),
    "kl_div": Method(drift.KLDivergence, 0.1),
    "jensenshannon": Method(drift.JensenShannon, 0.1),
    "wasserstein": Method(drift.Wasserstein, 0.1),
    "hellinger": Method(drift.Hellinger, 0.1),
    "ed": Method(drift.EnergyDistance, 0.1),
    "ks": Method(drift.KS, 0.05, by_p=True),
    "chisquare": Method(drift.ChiSquare, 0.05, by_p=True),
    "z": Method(drift.ZTest, 0.05, by_p=True),
    "g_test": Method(drift.GTest, 0.1, by_p=True),
    "fisher_exact": Method(drift.FisherExact, 0.1, by_p=True),
    "TVD": Method(drift.TotalVariation, 0.1, by_p=True),
    "mannw": Method(drift.MannWhitney, 0.05, by_p=True),
    "t_test": Method(drift.StudentT, 0.05, by_p=True),
    "anderson": Method(drift.AndersonDarling, 0.1, by_p=True),
    "cramer_von_mises": Method(drift.CramerVonMises, 0.1, by_p=True),
    "es": Method(drift.EppsSingleton, 0.05, by_p=True),
}


def drift_check(column: str | None = None, method: str | None = None, threshold: float | None = None) -> Check:
    """The check of a column's drift (or of every feature's): calibrated PSI, unless a method or threshold is named.

    Raises `ParameterError` for a method that is not there.
    """
    if method is None:
        condition = no_drift(PSI_AT_LEAST) if threshold is None else lt(threshold)
        return Check(drift.PSI(column), condition)
    if method not in METHODS:
        raise ParameterError(f"there is no drift method {method!r} here; there are {', '.join(METHODS)}")
    known = METHODS[method]
    limit = known.threshold if threshold is None else threshold
    return Check(known.metric(column), p_at_least(limit) if known.by_p else lt(limit))
