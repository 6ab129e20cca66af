"""whylogs' files as references: the same verdicts as the rows they were made of, and unknown where they cannot say."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

import barograph as bg
from barograph import Baseline, Profile, Report, Schema
from barograph.errors import InputError, ParameterError, SchemaError
from barograph.foreign import WhylogsProfile
from barograph.metrics import drift, quality
from barograph.results import Value
from barograph.sketched import counted, frozen
from cli_runs import Ran, refused
from whylogs_bytes import FILES, frequent, kll, v1


def rows(n: int, seed: int, shift: float = 0.0) -> dict[str, list[object]]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n) + shift
    return {
        "x": [None if missing else v for v, missing in zip(x.tolist(), rng.uniform(size=n) < 0.1, strict=True)],
        "k": rng.integers(0, 6, n).tolist(),
        "c": [f"v{i}" for i in rng.integers(0, 9, n)],
        "b": (rng.uniform(size=n) < 0.3).tolist(),
        "y": rng.integers(0, 2, n).tolist(),
    }


def as_whylogs(data: dict[str, list[object]]) -> WhylogsProfile:
    """The file that whylogs would have written of few rows: every value is still in its sketches."""
    columns = {}
    for name, values in data.items():
        held = [v for v in values if v is not None]
        sort = {float: "fractional", int: "integral", str: "string", bool: "boolean"}[type(held[0])]
        parts = {"counts/n": len(values), "counts/null": len(values) - len(held), f"types/{sort}": len(held)}
        if sort != "string":
            numbers = np.array(held, float)
            mean = float(numbers.mean())
            parts |= {"distribution/kll": (6, kll([numbers])), "distribution/mean": mean}
            parts |= {"distribution/m2": float(((numbers - mean) ** 2).sum())}
        if sort == "boolean":
            parts["counts/true"] = sum(held)
        if sort != "fractional":
            parts["frequent_items/frequent_strings"] = (4, frequent(Counter(map(str, held))))
        columns[name] = parts
    return WhylogsProfile.from_bytes(v1(columns), "days.bin")


def by_label(values: list[Value]) -> list[Value]:
    """A file has its columns in no order."""
    return sorted(values, key=lambda value: str(value.labels))


@pytest.mark.parametrize("shift", [0.0, 1.0])
@pytest.mark.parametrize("schema", [None, Schema(target="y")])
def test_a_file_judges_as_its_rows_do(shift: float, schema: Schema | None) -> None:
    before, now = rows(500, 1), rows(700, 2, shift)
    report = Report(["data_drift", "data_quality", quality.Mean(), drift.ChiSquare(), quality.Quantile(q=0.3)])
    wanted = report.run(current=now, reference=before, schema=schema)
    got = report.run(current=now, reference=as_whylogs(before), schema=schema)
    statuses = [sorted((v.metric, str(v.labels), v.status) for v in run.verdicts) for run in (got, wanted)]
    assert statuses[0] == statuses[1]
    for a, b in zip(got.results, wanted.results, strict=True):
        assert a.spec == b.spec
        for mine, theirs in zip(by_label(a.values), by_label(b.values), strict=True):
            assert (a.spec.name, mine.labels) == (b.spec.name, theirs.labels)
            for x, y in ((mine.value, theirs.value), (mine.reference, theirs.reference)):
                assert x is y is None or x == pytest.approx(y, rel=1e-9), (a.spec.name, mine.labels)


def test_two_files_side_by_side() -> None:
    before, now = rows(500, 1), rows(700, 2, 0.3)
    report = Report("data_drift")
    wanted = report.run(current=now, reference=before)
    got = report.run(current=as_whylogs(now), reference=as_whylogs(before))
    for metric in ("psi", "ks", "missing_drift", "wasserstein"):
        for a, b in zip(by_label(got.find(metric)), by_label(wanted.find(metric)), strict=True):
            assert a.value == pytest.approx(b.value, rel=1e-9), (metric, a.labels)


N = 4000


def like_n5k(shift: float = 0.0, seed: int = 11) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    return {
        "f": rng.normal(size=N) + shift,
        "i": rng.integers(0, 500, N),
        "s": [f"v{k}" for k in rng.zipf(1.5, N)],
        "u": [f"id{k}" for k in range(N)],
        "b": rng.uniform(size=N) < 0.7,
        "allnull": np.full(N, np.nan),
    }


def test_a_real_file_as_reference() -> None:
    """Compacted sketches: same-law rows pass, a shift fails, and what the file cannot say is said."""
    path = FILES / "n5k.bin"
    same = Report().run(current=like_n5k(), reference=path)
    assert same.passed, [v for v in same.verdicts if v.status != "pass"]
    assert same.value("psi", column="f") < 0.02
    assert same.find("psi", column="u")[0].value is None
    assert "holds only 386 frequent ones" in same.find("psi", column="u")[0].note
    assert any("to judge: allnull, u" in note for note in same.notes)
    assert "The reference is read from sketches: of f, each share is off by 0.6% at most." in same.notes
    moved = Report().run(current=like_n5k(0.5), reference=bg.read(path))
    assert {v.labels["column"] for v in moved.verdicts if v.status == "fail"} == {"f"}
    counts = Report([quality.DistinctCount(), quality.TopShare()]).run(current=like_n5k(), reference=path)
    known = {v.labels["column"]: (v.value, v.reference) for v in counts.find("distinct_count")}
    assert known["s"][1] == 409 and known["u"][1] is None and known["u"][0] == pytest.approx(N, rel=0.05)
    page = Report().run(current=like_n5k(), reference=path).render("html")
    assert "n5k.bin" in page


def test_years_of_files_are_one_reference() -> None:
    """Twelve files merge into one; the result is that of all rows."""
    months = [rows(40, seed) for seed in range(12)]
    whole = {name: [v for month in months for v in month[name]] for name in months[0]}
    year = sum(as_whylogs(month) for month in months)
    assert year.n_rows == 480
    now = rows(500, 99)
    for metric in ("psi", "ks"):
        got, wanted = (by_label(Report("data_drift").run(now, r).find(metric)) for r in (year, whole))
        assert [v.value for v in got] == pytest.approx([v.value for v in wanted], rel=1e-9)


def test_converted_once_and_for_all(tmp_path) -> None:
    base = bg.read(FILES / "n5k.bin").baseline()
    base.write(tmp_path / "year.baseline")
    again = bg.read(tmp_path / "year.baseline")
    assert again.id == base.id and again.profile.reasons == base.profile.reasons != {}
    runs = [Report().run(current=like_n5k(), reference=b) for b in (base, again)]
    assert runs[0].results == runs[1].results


def test_counts_of_what_is_absent() -> None:
    """NaN of frames is among the nulls, NaN of single rows is not; infinities leave the moments where all is known."""
    frame = {"counts/n": 5, "counts/null": 2, "counts/nan": 2, "types/fractional": 3}
    single = {"counts/n": 5, "counts/nan": 2, "types/fractional": 5}
    for parts in (frame, single):
        sketch = {"distribution/kll": (6, kll([[1.0, 2.0, 6.0]])), "distribution/mean": 3.0, "distribution/m2": 14.0}
        profile = WhylogsProfile.from_bytes(v1({"x": {**parts, **sketch}})).profile()
        counts = profile.get("counts", "x")
        assert (counts.n_rows, counts.n_null, counts.n_nan, counts.n_present) == (5, 0, 2, 3)
    spoilt = {"counts/n": 3, "counts/inf": 1, "types/fractional": 3, "distribution/kll": (6, kll([[1.0, 2.0, np.inf]]))}
    spoilt |= {"distribution/mean": np.inf, "distribution/m2": np.nan}
    profile = WhylogsProfile.from_bytes(v1({"x": spoilt})).profile()
    assert profile.get("moments", "x").mean == 1.5 and profile.get("counts", "x").n_present == 2
    compacted = {**spoilt, "distribution/kll": (6, kll([[1.0], [2.0, np.inf]]))}
    run = Report([drift.PSI("x")]).run({"x": [1.0]}, WhylogsProfile.from_bytes(v1({"x": compacted})))
    assert run.find("psi")[0].note == "an infinite value spoilt the mean that whylogs keeps"


def test_objects_have_no_kind_until_the_schema_gives_one() -> None:
    """whylogs counts datetimes as objects: no drift of them, but their nulls are known."""
    file = WhylogsProfile.from_bytes(v1({"t": {"counts/n": 4, "counts/null": 1, "types/object": 3}}))
    assert file.profile().columns == ()
    now = {"t": ["2024-01-01", "2024-01-02", None, None]}
    run = Report([quality.MissingShare(), drift.KS(), quality.SchemaChanges()]).run(
        current=now, reference=file, schema=Schema(kinds={"t": "datetime"})
    )
    assert run.value("missing_share", column="t") == 0.5 and run.find("missing_share")[0].reference == 0.25
    assert "holds no distribution" in run.find("ks")[0].note and run.value("schema_changes") == 0


def test_cut_and_dropped_labels_are_not_taken_for_all() -> None:
    cut = {"counts/n": 2, "types/string": 2, "frequent_items/frequent_strings": (4, frequent({"x" * 128: 2}))}
    run = Report([drift.PSI()]).run({"c": ["x" * 200] * 2}, WhylogsProfile.from_bytes(v1({"c": cut})))
    assert "only the first 128 characters" in run.find("psi")[0].note


def test_what_does_not_fit_is_said() -> None:
    file = as_whylogs(rows(50, 1))
    with pytest.raises(SchemaError, match="no such column"):
        Report().run(current=rows(50, 2), reference=file, schema=Schema(target="late"))
    with pytest.raises(InputError, match="needs rows"):
        WhylogsProfile.from_bytes(v1({})).baseline()
    with pytest.raises(ParameterError, match="a profile already"):
        Report().run(current=file, reference=rows(50, 2))
    alone = Report("data_quality").run(current=file)
    assert alone.value("missing_share", column="x") > 0


def test_a_profile_without_a_baseline_is_a_reference() -> None:
    """Rows are gone, the profile is there: exact where its sketches are."""
    before, now = rows(400, 1), rows(300, 2)
    base = frozen(Profile.of(before))
    wanted = Report("data_drift").run(current=now, reference=before)
    for got in (
        Report("data_drift").run(current=now, reference=base),
        Report("data_drift").run(current=now, reference=Profile.of(before)),
        Report("data_drift").run(current=counted(Profile.of(now), base), reference=base),
    ):
        for metric in ("psi", "ks"):
            mine, theirs = ([v.value for v in run.find(metric)] for run in (got, wanted))
            assert mine == pytest.approx(theirs, rel=1e-9)
    with pytest.raises(ParameterError, match="use that baseline"):
        frozen(Profile.of(now, base))
    with pytest.raises(InputError):
        frozen(Profile.of({"x": []}))


def test_large_profiles_are_frozen_within_their_rank_error() -> None:
    rng = np.random.default_rng(4)
    before, now = rng.lognormal(size=200_000), rng.lognormal(size=50_000)
    truth = Baseline.of({"x": before})
    sketch = frozen(Profile.of({"x": before}))
    a, b = (Report([drift.KS(), drift.PSI()]).run({"x": now}, base) for base in (truth, sketch))
    assert abs(a.value("ks", column="x") - b.value("ks", column="x")) < 0.005
    assert abs(a.value("psi", column="x") - b.value("psi", column="x")) < 0.002
    assert sketch.profile.get("bins", "x").n == 200_000 and ("sketched", "x") in sketch.profile.reasons


def test_on_the_command_line(tmp_path) -> None:
    """Files are known by their content; several are one reference."""
    path = FILES / "n5k.bin"
    pl.DataFrame({name: list(column) for name, column in like_n5k().items()}).write_csv(tmp_path / "now.csv")
    checked = Ran("check", "--current", tmp_path / "now.csv", "--reference", path)
    assert checked.code == 0 and "n5k.bin, 5,000 rows" in checked.out
    several = Ran("report", "--current", tmp_path / "now.csv", "--reference", path, "--reference", FILES / "n100.bin")
    assert "n100.bin, 5,100 rows" in several.out
    assert Ran("check", "--current", path, "--reference", path).code == 0
    shown = Ran("show", path)
    assert shown.code == 0 and "whylogs profile n5k.bin: 5,000 rows, 6 columns" in shown.out
    broken = tmp_path / "broken.bin"
    broken.write_bytes(path.read_bytes()[:5000])
    assert "cut off" in refused("check", "--current", tmp_path / "now.csv", "--reference", broken)
