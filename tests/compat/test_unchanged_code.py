"""Code as Evidently's and whylogs' users have it, verbatim: a program changes its import lines, and it runs.

On a CSV with `feature_1` to `feature_3`, `category`, `target` and `prediction`, read by pandas.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

HEAD = """
import pandas as pd
from evidently import ColumnMapping
from evidently.report import Report
from evidently.metric_preset import DataDriftPreset, TargetDriftPreset, ClassificationPreset
from evidently.metric_preset import RegressionPreset, DataQualityPreset
from evidently.test_suite import TestSuite
from evidently.test_preset import DataStabilityTestPreset

reference_data = pd.read_csv("reference.csv")
current_data = pd.read_csv("current.csv")

column_mapping = ColumnMapping()
column_mapping.target = "target"
column_mapping.prediction = "prediction"
column_mapping.numerical_features = ["feature_1", "feature_2", "feature_3"]
column_mapping.categorical_features = ["category"]
"""
DRIFT = """
data_drift_report = Report(metrics=[DataDriftPreset()])
data_drift_report.run(
    reference_data=reference_data,
    current_data=current_data,
    column_mapping=column_mapping
)
data_drift_report.save_html("reports/data_drift_report.html")
drift_detected = data_drift_report.as_dict()["metrics"][0]["result"]["dataset_drift"]
if drift_detected:
    print("Drift detected!")
"""
PRESET = """
report = Report(metrics=[{preset}()])
report.run(reference_data=reference_data, current_data=current_data, column_mapping=column_mapping)
report.save_html("reports/{preset}.html")
result = report.as_dict()["metrics"][0]["result"]
"""
SUITE = """
data_stability_suite = TestSuite(tests=[
    DataStabilityTestPreset(),
])
data_stability_suite.run(
    reference_data=reference_data,
    current_data=current_data,
    column_mapping=column_mapping
)
data_stability_suite.save_html("reports/stability.html")
all_passed = data_stability_suite.as_dict()["summary"]["all_passed"]
"""
PROFILE = """
import whylogs as why
import pandas as pd

df = pd.read_csv("reference.csv")
results = why.log(df)
profile = results.profile()
summary = profile.view().to_pandas()
print(summary)

profile.write("profile.bin")
loaded_profile = why.read("profile.bin")
"""
VISUALISER = """
import whylogs as why
import pandas as pd
from whylogs.viz import NotebookProfileVisualizer

reference_profile = why.log(pd.read_csv("reference.csv")).profile()
target_profile = why.log(pd.read_csv("current.csv")).profile()

visualization = NotebookProfileVisualizer()
visualization.set_profiles({given})
pages = [
    visualization.summary_drift_report(),
    visualization.double_histogram(feature_name="feature_1"),
    visualization.distribution_chart(feature_name="category"),
    visualization.difference_distribution_chart(feature_name="category"),
    visualization.feature_statistics(feature_name="feature_2", profile="reference"),
]
"""
CONSTRAINTS = """
import whylogs as why
import pandas as pd
from whylogs.core.constraints import ConstraintsBuilder
from whylogs.core.constraints.factories import greater_than_number, is_in_range, mean_between_range
from whylogs.core.constraints.factories import no_missing_values, quantile_between_range
from whylogs.viz import NotebookProfileVisualizer

profile_view = why.log(pd.read_csv("current.csv")).view()
builder = ConstraintsBuilder(dataset_profile_view=profile_view)
builder.add_constraint(no_missing_values(column_name="feature_1"))
builder.add_constraint(greater_than_number(column_name="feature_3", number=-20))
builder.add_constraint(is_in_range(column_name="target", lower=0, upper=1))
builder.add_constraint(mean_between_range(column_name="feature_1", lower=-0.3, upper=0.3))
builder.add_constraint(quantile_between_range(column_name="feature_2", quantile=0.5, lower=-2, upper=2))
constraints = builder.build()
constraints.validate()
report = constraints.generate_constraints_report()

visualization = NotebookProfileVisualizer()
visualization.set_profiles(target_profile_view=profile_view, reference_profile_view=profile_view)
page = visualization.constraints_report(constraints)
"""


def moved(code: str) -> str:
    """The code with its import lines changed, and no other."""
    return re.sub(r"^(from|import) (evidently|whylogs)\b", r"\1 barograph.compat.\2", code, flags=re.M)


def ran(*blocks: str) -> dict[str, Any]:
    space: dict[str, Any] = {}
    for block in blocks:
        exec(compile(moved(block), "unchanged code", "exec"), space)
    return space


def frame(n: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    made = pd.DataFrame({f"feature_{i}": rng.normal(shift, 1, n) for i in (1, 2, 3)})
    made["category"] = rng.choice(["a", "b", "c"], n, p=[0.2, 0.3, 0.5] if shift else [0.5, 0.3, 0.2])
    score = made["feature_1"] + made["feature_2"] - 2 * shift
    made["target"] = (score + rng.normal(0, 1, n) > 0).astype(int)
    made["prediction"] = (score > 0).astype(int)
    return made


@pytest.fixture(params=["same", "moved"])
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    frame(1500, 1).to_csv("reference.csv", index=False)
    frame(1200, 2, 1.0 if request.param == "moved" else 0.0).to_csv("current.csv", index=False)
    return str(request.param)


def test_only_import_lines_change() -> None:
    for block in (HEAD, DRIFT, PRESET, SUITE, PROFILE, VISUALISER, CONSTRAINTS):
        pairs = zip(block.splitlines(), moved(block).splitlines(), strict=True)
        assert all(a.startswith(("import ", "from ")) for a, b in pairs if a != b)


def test_reports_and_suites_of_evidently(case: str) -> None:
    told = ran(HEAD, DRIFT, SUITE)
    assert told["drift_detected"] is (case == "moved")
    assert told["all_passed"] is (case == "same")
    for name in ("data_drift_report", "stability"):
        assert "feature_1" in Path(f"reports/{name}.html").read_text(encoding="utf-8")


def test_presets_of_evidently(case: str) -> None:
    names = ("TargetDriftPreset", "ClassificationPreset", "RegressionPreset", "DataQualityPreset")
    results = {name: ran(HEAD, PRESET.format(preset=name))["result"] for name in names}
    current = pd.read_csv("current.csv")
    accuracy, error = (current["target"] == current["prediction"]).mean(), current["prediction"] - current["target"]
    assert results["ClassificationPreset"]["current"]["accuracy"] == pytest.approx(accuracy)
    assert results["RegressionPreset"]["current"]["mean_abs_error"] == pytest.approx(error.abs().mean())
    assert not results["TargetDriftPreset"]["drift_by_columns"]["target"]["drift_detected"]  # it has not, in either
    assert results["DataQualityPreset"]["current"]["row_count"] == 1200
    assert all(Path(f"reports/{name}.html").stat().st_size > 10_000 for name in names)


def test_profiles_of_whylogs(case: str) -> None:
    told = ran(PROFILE)
    summary, df = told["summary"], told["df"]
    assert summary.loc["feature_1", "distribution/mean"] == pytest.approx(df["feature_1"].mean())
    assert summary.loc["feature_1", "distribution/stddev"] == pytest.approx(df["feature_1"].std())
    assert (summary["counts/n"] == 1500).all() and summary.loc["target", "ints/max"] == 1
    pd.testing.assert_frame_equal(told["loaded_profile"].view().to_pandas(), summary)


@pytest.mark.parametrize(
    "given",
    [
        "target_profile=target_profile, reference_profile=reference_profile",
        "target_profile_view=target_profile.view(), reference_profile_view=reference_profile.view()",
    ],
)
def test_pictures_of_whylogs(case: str, given: str) -> None:
    """In the names of its version 0.7 and in those of version 1."""
    pages = [page.data for page in ran(VISUALISER.format(given=given))["pages"]]
    assert ("checks failed" in pages[0]) is (case == "moved") and ("checks passed" in pages[0]) is (case == "same")
    for name, page in zip(("category", "feature_1", "category", "category", "feature_2"), pages, strict=True):
        assert name in page


def test_constraints_of_whylogs(case: str) -> None:
    told = ran(CONSTRAINTS)
    assert told["constraints"].validate() is (case == "same")
    assert [result.passed for result in told["report"]] == [1, 1, 1, int(case == "same"), 1]
    assert "feature_1" in told["page"].data


def test_everything_is_imported_by_a_star() -> None:
    told = ran("from evidently.tests import *\nfrom evidently.metrics import *\n")
    assert {"TestRocAuc", "TestShareOfDriftedColumns", "ColumnSummaryMetric", "RegressionQualityMetric"} <= told.keys()
