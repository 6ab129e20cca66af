"""Outputs that others parse do not change by accident: the same report, byte for byte as committed.

After a change that is meant, write the files anew with `BAROGRAPH_GOLDEN=write pytest tests/golden` and read the
difference.
"""

import os
from pathlib import Path

import pytest

from barograph.metrics.drift import PSI
from barograph.metrics.performance import Recall, RocAuc
from barograph.metrics.quality import Distribution, MissingShare
from barograph.render import render
from barograph.results import Bars, Line, Lines, Result, Run, Side, Value, Verdict

HERE = Path(__file__).parent
FILES = {"json": "report.json", "markdown": "report.md", "junit": "report.xml", "text": "report.txt"}
AGE, CITY = {"column": "age"}, {"column": "<b>city</b>|`x`"}
ROC = Lines("ROC", [Line("current", [0.0, 0.5, 1.0], [0.0, None, 1.0])], "false positives", "true", diagonal=True)

RUN = Run(
    title="Golden <report>",
    current=Side("july.csv", 400, "2013-07-01T00:00:00+00:00", "2013-08-01T00:00:00+00:00", "8c068bd1a7d6c60c"),
    reference=Side("march.csv", 500, baseline="8c068bd1a7d6c60c"),
    results=[
        Result(PSI.spec, values=[Value(0.75, AGE, 400), Value(None, CITY, note="no values in the current rows")]),
        Result(PSI.spec, {"bins": 20}, [Value(0.0312, AGE, 400)]),
        Result(MissingShare.spec, values=[Value(0.0004, AGE, 400, se=0.001, reference=0.0, reference_se=0.002)]),
        Result(Distribution.spec, figures=[Bars("age", ["a", "b"], {"current": [0.25, 0.75]}, [0.0, 1.0, 2.0], AGE)]),
        Result(Recall.spec, values=[Value(0.5, n=80, se=0.05, reference=0.9, reference_se=0.04)]),
        Result(RocAuc.spec, values=[Value(0.8, n=400, low=0.79, high=0.81)], figures=[ROC]),
    ],
    verdicts=[
        Verdict("fail", "psi", "no drift", 0.75, 0.1, 0.02, AGE, reason="0.75 is more than 0.1"),
        Verdict("unknown", "psi", "no drift", labels=CITY, reason="no values in the current rows"),
        Verdict("warn", "psi", "< 0.03", 0.0312, 0.03, labels=AGE, params={"bins": 20}, severity="warn"),
        Verdict("error", "recall", ">= reference", reason="ValueError: \x00"),
        Verdict("pass", "roc_auc", "> 0.5", 0.8, 0.5),
    ],
    notes=["Made by hand."],
    created="2026-01-02T03:04:05+00:00",
    version="0",
)


@pytest.mark.parametrize("wanted", FILES)
def test_output_is_as_committed(wanted: str) -> None:
    path, made = HERE / FILES[wanted], render(RUN, wanted)
    if os.environ.get("BAROGRAPH_GOLDEN") == "write":
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")
