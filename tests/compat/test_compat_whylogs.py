"""Code written for whylogs runs with its import lines changed; what is not here says our way."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import barograph as bg
import barograph.compat.whylogs as why
from barograph.compat.whylogs.core.constraints import ConstraintsBuilder, no_missing_values
from barograph.compat.whylogs.readings import SummaryType
from barograph.compat.whylogs.viz import NotebookProfileVisualizer
from barograph.errors import BarographError, FormatError, MergeError, ParameterError

FILES = Path(__file__).parents[1] / "foreign" / "whylogs"
COLUMNS = [
    *(f"cardinality/{name}" for name in ("est", "lower_1", "upper_1")),
    *(f"counts/{name}" for name in ("inf", "n", "nan", "null", "true")),
    *(f"distribution/{name}" for name in ("max", "mean", "median", "min", "n")),
    *(f"distribution/q_{q}" for q in ("01", "05", "10", "25", "75", "90", "95", "99")),
    "distribution/stddev", "frequent_items/frequent_strings", "ints/max", "ints/min", "type",
    *(f"types/{name}" for name in ("boolean", "fractional", "integral", "object", "string", "tensor")),
]  # fmt: skip
EVIL = "</script><img src=x onerror=alert(1)>"


def frame(n: int = 400, seed: int = 0, shift: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "feature_1": rng.normal(size=n) + shift,
            "feature_2": np.where(rng.random(n) < 0.2, np.nan, rng.exponential(size=n)),
            "feature_3": rng.integers(0, 9, n),
            "category": rng.choice(["a", "b", EVIL], n),
            "flag": rng.random(n) < 0.3,
            "when": pd.date_range("2024-01-01", periods=n, freq="h"),
            "nothing": [None] * n,
        }
    )


def test_the_usual_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of whylogs' documentation, in both spellings of `set_profiles`."""
    monkeypatch.chdir(tmp_path)
    df, current = frame(), frame(seed=1, shift=1.0)
    results = why.log(df)
    profile = results.profile()
    assert list(results.view().to_pandas().columns) == COLUMNS
    profile.write("profile.bin")
    loaded = why.read("profile.bin")
    pd.testing.assert_frame_equal(loaded.view().to_pandas(), profile.view().to_pandas())
    why.write(results, base_dir="profiles", filename="april.bin")
    assert why.read("profiles/april.bin").view().to_pandas().shape == (7, len(COLUMNS))

    target = why.log(pandas=current).profile()
    visualization = NotebookProfileVisualizer()
    visualization.set_profiles(target_profile=target, reference_profile=profile)
    report = visualization.summary_drift_report()
    visualization.set_profiles(target_profile_view=target.view(), reference_profile_view=loaded.view())
    again = visualization.summary_drift_report()
    assert len(again.data) == len(report.data)  # all but the second it was made in
    assert re.search(r"1 of \d+ checks failed", report.data) and "feature_1" in report.data
    path = visualization.write(rendered_html=report, preferred_path="out/deep", html_file_name="drift")
    assert path == Path("out/deep/drift.html") and path.read_text() == report.data
    assert visualization.write(rendered_html=report) == Path("html_reports/ProfileViz.html")


def test_summaries_against_the_rows() -> None:
    df = frame()
    summary = why.log(df).view().to_pandas()
    assert summary.index.name == "column" and list(summary.index) == list(df.columns)
    numbers = df["feature_2"]
    row = summary.loc["feature_2"]
    assert (row["counts/n"], row["counts/null"], row["counts/nan"]) == (400, numbers.isna().sum(), numbers.isna().sum())
    assert row["types/fractional"] == row["distribution/n"] == numbers.count()
    assert row["distribution/mean"] == pytest.approx(numbers.mean())
    assert row["distribution/stddev"] == pytest.approx(numbers.std())
    for name, q in (("q_01", 0.01), ("median", 0.5), ("q_99", 0.99)):
        assert row[f"distribution/{name}"] == pytest.approx(numbers.quantile(q))
    assert row["cardinality/est"] == row["cardinality/upper_1"] == numbers.nunique()
    ints = summary.loc["feature_3"]
    assert (ints["ints/min"], ints["ints/max"], ints["types/integral"]) == (0, 8, 400)
    items = {item.value: item for item in ints["frequent_items/frequent_strings"]}
    assert {int(name): item.est for name, item in items.items()} == df["feature_3"].value_counts().to_dict()
    flag = summary.loc["flag"]
    assert flag["counts/true"] == df["flag"].sum() and flag["types/boolean"] == 400
    assert flag["distribution/mean"] == pytest.approx(df["flag"].mean())
    assert flag["distribution/stddev"] == pytest.approx(df["flag"].std())
    assert flag["distribution/median"] == 0.0 and flag["distribution/q_99"] == 1.0
    assert {item.value for item in flag["frequent_items/frequent_strings"]} == {"True", "False"}
    assert summary.loc["category", "types/string"] == 400 and summary.loc["category", "distribution/n"] == 0
    assert summary.loc["when", "types/object"] == 400  # whylogs knows no times; ours are profiled all the same
    assert summary.loc["nothing", "counts/null"] == 400 and summary.loc["nothing", "types/object"] == 0
    assert (summary["type"] == SummaryType.COLUMN).all()


def test_rows_polars_and_tracking() -> None:
    row = why.log({"age": 31, "city": "Ulm", "income": None}).view()
    assert row.get_column("age").to_summary_dict()["ints/max"] == 31
    assert row.get_column("income").to_summary_dict()["counts/null"] == 1 and row.get_column("else") is None
    assert why.log(row={"age": 31}).view().to_pandas()["counts/n"].tolist() == [1]
    profile = why.log(pl.DataFrame({"age": [31, 45]})).profile()
    profile.track({"age": 62})
    profile.track(pd.DataFrame({"age": [1, 2]}))
    assert profile.view().to_pandas().loc["age", ["counts/n", "ints/max"]].tolist() == [5, 62]


def test_one_nan_spoils_nothing() -> None:
    """whylogs' row mode keeps a NaN as the mean forever, and counts it as a value; inf is the mean ever after."""
    profile = why.log({"x": 1.0}).profile()
    for value in (float("nan"), 3.0, float("inf")):
        profile.track({"x": value})
    row = profile.view().to_pandas().loc["x"]
    assert (row["distribution/mean"], row["distribution/stddev"]) == (2.0, pytest.approx(2**0.5))
    assert (row["counts/nan"], row["counts/inf"], row["cardinality/est"]) == (1, 1, 2)


def test_a_first_value_freezes_nothing_that_comes_later() -> None:
    """Whylogs 5: a first None kept a column at counts for ever; after a number strings had no frequent items, or the
    string frame got the metrics of integers. Here they are counted, as what cannot be read."""
    for first, later, mean in ((None, [3, 5], 4.0), (1.5, ["a", 2.5], 2.0), (True, [7], 1.0), ("a", [1.5], None)):
        profile = why.log({"x": first}).profile()
        for value in later:
            profile.track({"x": value})
        row = profile.view().to_pandas().loc["x"]
        assert row["counts/n"] == 1 + len(later)
        assert row["distribution/mean"] == mean, (first, later)
    labels = why.log({"x": "a"}).profile()
    labels.track(pd.DataFrame({"x": [1.5, 2.0]}))
    assert {i.value for i in labels.view().to_pandas().loc["x", "frequent_items/frequent_strings"]} == {"a", "1.5", "2"}


def test_numbers_of_any_size_and_type() -> None:
    """Whylogs 7, 8 and 9: -1 for 2**64 - 1, an OverflowError, the largest int as that of booleans; six values for
    {1, 2, 3} once as integers and once beside a NaN; names that are numbers; a frame that was cut."""
    frame = pd.DataFrame({"u": np.array([2**64 - 1, 5], "uint64"), "b": [True, False], "x": [1, 2], 7: [2**70, 3]})
    summary = why.log(frame).view().to_pandas()
    assert summary["distribution/max"].tolist() == [2.0**64, 1.0, 2.0, 2.0**70]
    assert summary["distribution/mean"].tolist() == [2.0**63, 0.5, 1.5, 2.0**69]
    assert pd.isna(summary.loc["b", "ints/max"])
    both = why.log(pd.DataFrame({"x": [1, 2, 3]})).merge(why.log(pd.DataFrame({"x": [1.0, np.nan, 2, 3]})))
    assert both.view().to_pandas().loc["x", "cardinality/est"] == 3
    cut = why.log(pd.DataFrame({"x": [1, 2, 3], "s": list("abc")})[1:]).view().to_pandas()
    assert cut["counts/n"].tolist() == [2, 2]


def test_merging_keeps_both_sides() -> None:
    """whylogs drops the right operand of segmented results, and a first None freezes a column."""
    a, b = why.log({"x": [1, 2, 3]}), why.log({"x": [10, 20, 30, 40, 50]})
    merged = a.merge(b).view().to_pandas().loc["x"]
    assert (merged["counts/n"], merged["distribution/max"]) == (8, 50)
    late = why.log({"x": None}).view().merge(b.view()).to_pandas().loc["x"]
    assert (late["counts/null"], late["distribution/max"]) == (1, 50)
    with pytest.raises(MergeError):
        a.view().merge(why.read(FILES / "n1.bin").view())
    files = why.read(FILES / "n100.bin").view()
    assert files.merge(files).to_pandas()["counts/n"].tolist() == [200] * 6


def test_files_of_whylogs() -> None:
    view = why.read(FILES / "n5k.bin").view()
    assert list(view.to_pandas().columns) == COLUMNS
    with pytest.raises(ParameterError, match="as a reference"):
        why.read(FILES / "n5k.bin").profile()
    viz = NotebookProfileVisualizer()
    viz.set_profiles(target_profile_view=view, reference_profile_view=view)
    assert "All 11 checks passed" in viz.summary_drift_report().data
    rng = np.random.default_rng(0)
    rows = {"f": rng.normal(size=3000) + 1, "i": rng.integers(0, 500, 3000)}
    viz.set_profiles(target_profile=why.log(rows), reference_profile=why.read(FILES / "n5k.bin"))
    assert "failed" in viz.summary_drift_report().data
    with pytest.raises(FormatError):
        why.read(FILES / "README.md")


@pytest.fixture
def viz() -> NotebookProfileVisualizer:
    made = NotebookProfileVisualizer()
    made.set_profiles(
        target_profile_view=why.log(frame(seed=1, shift=1.0)).view(), reference_profile_view=why.log(frame()).view()
    )
    return made


def test_pages_are_safe_and_work_offline(viz: NotebookProfileVisualizer) -> None:
    """Data cannot leave its place, and nothing is loaded from elsewhere."""
    constraints = ConstraintsBuilder(why.log(frame()).view()).add_constraint(no_missing_values("feature_2")).build()
    pages = {
        "drift": viz.summary_drift_report(),
        "summary": viz.profile_summary(),
        "histogram": viz.double_histogram(feature_name="feature_1"),
        "several": viz.double_histogram(feature_name=["feature_1", "feature_3"]),
        "distribution": viz.distribution_chart(feature_name="category"),
        "difference": viz.difference_distribution_chart(feature_name="category"),
        "reference": viz.feature_statistics(feature_name="feature_2", profile="reference"),
        "target": viz.feature_statistics(feature_name="category", profile="target", cell_height="400px"),
        "constraints": viz.constraints_report(constraints),
    }
    for name, page in pages.items():
        assert page.data.lower().startswith("<!doctype html>"), name
        assert "<img src=x" not in page.data and not re.search(r"""(src|href)=["']?https?:""", page.data), name
        shown = page._repr_html_()
        assert shown.startswith("<iframe srcdoc=") and "<script" not in shown and "<img" not in shown
    assert "height:400px" in pages["target"]._repr_html_()
    assert "Mean" in pages["reference"].data and "missing" in pages["constraints"].data.lower()


def test_a_difference_is_target_less_reference() -> None:
    viz = NotebookProfileVisualizer()
    viz.set_profiles(why.log({"c": ["a"] * 3 + ["b"]}), why.log({"c": ["a", "b", "b", "b"]}))
    page = viz.difference_distribution_chart("c").data
    assert "50" in page and "Difference of c" in page


def test_both_sides_share_their_cells(viz: NotebookProfileVisualizer) -> None:
    """whylogs bins target and reference apart."""
    bars = viz._run([bg.metrics.quality.Distribution("feature_1")], "", compared=True).results[0].figures[0]
    assert len(bars.cells) == len(bars.series["reference"]) == len(bars.series["current"])


def test_what_is_not_here_says_our_way(viz: NotebookProfileVisualizer) -> None:
    for name in ("logger", "log_classification_metrics", "log_regression_metrics", "init", "DatasetSchema"):
        with pytest.raises(ParameterError, match="our way"):
            getattr(why, name)
    with pytest.raises(AttributeError, match="it has"):
        _ = why.nothing_of_the_kind
    with pytest.raises(ImportError):
        exec("from barograph.compat.whylogs import nothing_of_the_kind")
    for call in (
        lambda: why.log(),
        lambda: why.log({"a": 1}, row={"a": 1}),
        lambda: why.log({"a": 1}, schema=object()),
        lambda: why.log({"a": 1}, multiple={}),
        lambda: why.log({"a": 1}, unknown=1),
        lambda: why.log(5),
        lambda: why.log(pd.Series([1])),
        lambda: why.log({"a": 1}).writer("s3"),
        lambda: why.write(why.log({"a": 1})),
        lambda: why.write(3, filename="x"),
        lambda: viz.add_drift_config(["a"], None),
        lambda: viz.feature_statistics("feature_1", profile="both"),
        lambda: viz.double_histogram("no such column"),
        lambda: viz.set_profiles(),
        lambda: viz.set_profiles(target_profile=3),
        lambda: viz.constraints_report([]),
        lambda: NotebookProfileVisualizer().profile_summary(),
    ):
        with pytest.raises(BarographError):
            call()
    alone = NotebookProfileVisualizer()
    alone.set_profiles(why.log({"a": [1, 2]}))
    with pytest.raises(ParameterError, match="no reference profile"):
        alone.summary_drift_report()


def test_types_are_counted_not_guessed() -> None:
    """Days of several types add up; whylogs keeps the type of a column's first rows."""
    days = [{"k": [1, 2]}, {"k": [1.5, None, 2.0]}, {"k": [3]}]
    view = why.log(days[0]).view()
    for day in days[1:]:
        view = view.merge(why.log(day).view())
    row = view.to_pandas().loc["k"]
    assert (row["types/integral"], row["types/fractional"], row["counts/null"]) == (3, 2, 1)
    assert why.log(pd.DataFrame({"k": [1, None, 3]})).view().to_pandas().loc["k", "types/integral"] == 2


def test_integers_of_64_bits_are_exact() -> None:
    """whylogs says -1 for the largest unsigned integer."""
    row = why.log({"id": np.array([2**53 + 1, 2**64 - 1], np.uint64)}).view().to_pandas().loc["id"]
    assert (row["ints/min"], row["ints/max"]) == (2**53 + 1, 2**64 - 1)
    assert why.log({"x": [1.5, 2.0]}).view().to_pandas().loc["x", "ints/max"] is None
