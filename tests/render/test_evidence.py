"""The sentence on what all calibrated checks found together, in every format that people read."""

import numpy as np
import pytest

from barograph import Check, Report, lt
from barograph.metrics.quality import RowCount
from barograph.render.evidence import evidence
from barograph.render.html import html
from barograph.render.markdown import markdown
from barograph.render.text import text

SAID = {0.0: "No evidence of any change", 0.1: "by too little to matter", 1.0: "by enough to matter"}


@pytest.mark.parametrize("shift", SAID)
def test_evidence_is_said_in_every_format(shift: float) -> None:
    rng = np.random.default_rng(11)
    run = Report(["data_drift"]).run({"x": rng.normal(shift, 1, 20_000)}, {"x": rng.normal(size=20_000)})
    said = evidence(run)
    assert SAID[shift] in said and ("< 1e-16" in said) == (shift > 0)
    assert said in text(run).replace("\n", " ")
    assert SAID[shift] in markdown(run) and SAID[shift] in html(run)
    (verdict,) = (v for v in run.verdicts if v.metric == "psi")
    assert verdict.finding in markdown(run) and verdict.finding in text(run) and verdict.finding in html(run)


def test_nothing_is_said_where_nothing_is_calibrated() -> None:
    assert evidence(Report([Check(RowCount(), lt(3))]).run({"x": [1, 2]})) == ""
