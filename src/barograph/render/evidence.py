"""What all calibrated checks of a report found together, in one sentence."""

from __future__ import annotations

from barograph.render.numbers import chance, share
from barograph.results import Run


def evidence(run: Run) -> str:
    """Whether anything changed and by enough to matter, and how sure that is; empty where no check is calibrated.

    >>> from barograph.results import Side, Verdict
    >>> found = Verdict("pass", "psi", "psi", 0.04, 0.1, finding="no evidence")
    >>> evidence(Run("r", Side("today", 10), [], [found], alpha=0.01, p_value=0.31))
    'No evidence of any change (p 0.31 for all calibrated checks together).'
    """
    if run.alpha is None or run.p_value is None or not run.finding:
        return ""
    together = f"p {chance(run.p_value)} for all calibrated checks together"
    if run.finding == "no evidence":
        return f"No evidence of any change ({together})."
    allowed = f"{together}; false alarms are held to {share(run.alpha)} of reports"
    if run.finding == "real but small":
        return f"Something changed, but by too little to matter ({allowed})."
    return f"Something changed, and by enough to matter ({allowed})."
