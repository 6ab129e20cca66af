"""Special functions, from scipy when first used: importing scipy costs more than all of Barograph."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from barograph.types import Floats


def _scipy(name: str, *arguments: Any) -> float:
    return float(getattr(import_module("scipy.special"), name)(*arguments))


def kolmogorov(x: float) -> float:
    """Survival function of Kolmogorov's limit law.

    >>> round(kolmogorov(1.358), 3)
    0.05
    """
    return _scipy("kolmogorov", x)


def gamma_tail(shape: float, x: float) -> float:
    """Probability that a gamma variable of scale 1 exceeds `x`; of chi-square with k degrees: `gamma_tail(k/2, x/2)`.

    >>> round(gamma_tail(0.5, 3.841 / 2), 3)
    0.05
    """
    return _scipy("gammaincc", shape, x)


def gamma_tail_inverse(shape: float, alpha: float) -> float:
    """The value that a gamma variable of scale 1 exceeds with probability `alpha`."""
    return _scipy("gammainccinv", shape, alpha)


def normal_tail_inverse(alpha: float) -> float:
    """The value that a standard normal variable exceeds with probability `alpha`.

    >>> round(normal_tail_inverse(0.025), 2)
    1.96
    """
    return -_scipy("ndtri", alpha)


def normal_tail(x: float) -> float:
    """Probability that a standard normal variable exceeds `x`.

    >>> round(normal_tail(1.96), 3)
    0.025
    """
    return _scipy("ndtr", -x)


def log_factorials(n: Floats) -> Floats:
    """ln(n!) of each, for whole numbers."""
    found: Floats = import_module("scipy.special").gammaln(n + 1.0)
    return found


def normal_distribution(x: Floats) -> Floats:
    """Probabilities that a standard normal variable is at most each `x`."""
    found: Floats = import_module("scipy.special").ndtr(x)
    return found


def normal_quantiles(p: Floats) -> Floats:
    """Values that a standard normal variable does not exceed with each probability `p`."""
    found: Floats = import_module("scipy.special").ndtri(p)
    return found


def beta_distribution(a: float, b: float, x: float) -> float:
    """Probability that a beta variable is at most `x` (the regularised incomplete beta function).

    >>> beta_distribution(1, 1, 0.25)
    0.25
    """
    return _scipy("betainc", a, b, x)


def student_tail(freedom: float, t: float) -> float:
    """Probability that a Student variable exceeds `t`.

    >>> round(student_tail(10, 1.812), 3)
    0.05
    """
    return _scipy("stdtr", freedom, -t)


def f_tails(d1: float, d2: float | Floats, x: Floats) -> Floats:
    """Probabilities that an F variable of `d1` and `d2` degrees of freedom exceeds each `x`.

    >>> f_tails(1, 10, np.array([4.965])).round(3).tolist()
    [0.05]
    """
    found: Floats = import_module("scipy.special").fdtrc(d1, d2, x)
    return found


def student_tail_inverse(freedom: float, alpha: float) -> float:
    """The value that a Student variable exceeds with probability `alpha`."""
    return -_scipy("stdtrit", freedom, alpha)


def log_gamma(x: Floats) -> Floats:
    """ln Gamma(x) of each positive number."""
    found: Floats = import_module("scipy.special").gammaln(x)
    return found


def normal_shares(upto: Floats, shift: float, scale: float) -> Floats:
    """Shares of the cells that cut a standard normal law at the quantiles `upto`, under one of another mean and scale.

    >>> normal_shares(np.array([0.0, 0.5, 1.0]), 1.0, 1.0).round(3).tolist()
    [0.159, 0.841]
    """
    special = import_module("scipy.special")
    found: Floats = np.diff(special.ndtr((special.ndtri(np.minimum(upto, 1.0)) - shift) / scale))
    return found
