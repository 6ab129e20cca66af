"""Segments by named conditions: a row in each that it holds, in one at least, and merged as they are counted."""

import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Check, Profile, Report, Schema, codec, gte
from barograph.errors import FormatError, MergeError, ParameterError, SchemaError
from barograph.frame import judged, selections
from barograph.metrics.performance import Accuracy
from barograph.schema import Kind
from barograph.segments import OTHER, Segments, segment_name

BY = {"late night": "hour >= 22 or hour < 5", "long haul": "distance > 1500"}
SCHEMA = Schema(segments=BY, kinds={"hour": "numeric", "distance": "numeric", "x": "numeric"})  # type: ignore[dict-item]


def rows(seed: int, n: int = 3000) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    hour, distance = rng.integers(0, 24, n), rng.integers(100, 2500, n)
    y = rng.integers(0, 2, n)
    return pl.DataFrame({
        "hour": pl.Series(hour).set(pl.Series(rng.uniform(size=n) < 0.05), None),
        "distance": pl.Series(distance.astype(float)).set(pl.Series(rng.uniform(size=n) < 0.03), None),
        "x": rng.normal(size=n),
        "y": y,
        "p": np.where(rng.uniform(size=n) < 0.1, 1 - y, y),
    })  # fmt: skip


def masks(frame: pl.DataFrame) -> dict[str, np.ndarray]:
    """Who belongs where, by numpy on rows."""
    hour, distance = (frame[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in ("hour", "distance"))
    late, far = (hour >= 22) | (hour < 5), distance > 1500
    unknown = np.isnan(hour) | np.isnan(distance)
    return {"late night": late, "long haul": far, "(null)": unknown, "(other)": ~late & ~far & ~unknown}


def sizes(segments: Segments) -> dict[str, int]:
    return {segment_name(key): part.n_rows for key, part in segments.parts.items()}


def test_each_segment_is_the_profile_of_the_rows_that_hold_its_condition() -> None:
    frame = rows(1)
    base = Baseline.of(frame, schema=SCHEMA)
    assert base.segments is not None
    for segments in (Segments.of(frame, base), base.segments):
        assert list(segments.parts) == [("late night",), ("long haul",), (None,), OTHER]
        for key, part in segments.parts.items():
            own = Profile.of(frame.filter(pl.Series(masks(frame)[segment_name(key)])), base)
            assert part.n_rows == own.n_rows > 0
            for need, summary in own.summaries.items():
                assert part.summaries[need].to_state() == summary.to_state(), need
    assert sizes(Segments.of(frame, schema=SCHEMA)) == {k: int(m.sum()) for k, m in masks(frame).items()}


def test_every_row_is_in_a_segment() -> None:
    frame = rows(2)
    told = masks(frame)
    assert np.logical_or.reduce(list(told.values())).all()
    assert sum(mask.sum() for mask in told.values()) > frame.height
    found = selections(frame, list(BY.values()), dict(SCHEMA.kinds))
    assert [at for at, _ in found] == [0, 1, 2, -1]


@pytest.mark.parametrize("sizes_", [(0, 0, 0), (1, 0, 2), (1, 1, 1), (2, 1000, 1), (300, 300, 300)], ids=str)
@pytest.mark.parametrize("anchored", [True, False], ids=["against a baseline", "without one"])
def test_merging_is_a_commutative_monoid(sizes_: tuple[int, ...], anchored: bool) -> None:
    parts = [rows(10 + i, n) for i, n in enumerate(sizes_)]
    base = Baseline.of(rows(5), schema=SCHEMA) if anchored else None
    a, b, c = (Segments.of(part, base, schema=None if base else SCHEMA) for part in parts)
    whole = Segments.of(pl.concat(parts), base, schema=None if base else SCHEMA)

    def counts(segments: Segments) -> dict[str, object]:
        return {
            segment_name(key): (part.n_rows, part.get("counts", "x"), part.get("columns").to_state())
            for key, part in segments.parts.items()
            if part.n_rows
        }

    assert counts((a + b) + c) == counts(a + (b + c)) == counts(c + a + b) == counts(whole)
    assert counts(a.blank() + a) == counts(a + a.blank()) == counts(a)
    again = Segments.from_bytes((a + b).to_bytes())
    assert again.to_bytes() == (a + b).to_bytes()
    assert again.by == {"late night": "hour >= 22 or hour < 5", "long haul": "distance > 1500"}


def test_conditions_are_the_same_in_any_spelling_and_order() -> None:
    frame = rows(3, 500)
    a = Segments.of(frame, schema=Schema(segments={"far": "distance>1500", "late": "hour >= 22"}))
    b = Segments.of(frame, schema=Schema(segments={"late": "(hour>=22)", "far": "distance > 1500"}))
    assert sizes(a + b) == {name: 2 * n for name, n in sizes(a).items()}
    with pytest.raises(MergeError, match=r"far \(distance > 1500\).*far \(distance > 1600\)"):
        a.merge(Segments.of(frame, schema=Schema(segments={"far": "distance > 1600", "late": "hour >= 22"})))


def test_a_report_by_conditions() -> None:
    frame, march = rows(4), rows(6)
    wrong = frame.with_columns(p=pl.when(pl.col("distance") > 1500).then(1 - pl.col("y")).otherwise("p"))
    run = Report([Check(Accuracy(), gte(0.8))], by=BY).run(wrong, march, schema=Schema(target="y", prediction="p"))
    assert [s.name for s in run.segments] == ["late night", "long haul", "(null)", "(other)"]
    assert {s.name: s.status for s in run.segments}["long haul"] == "fail"
    assert {s.name: s.n_rows for s in run.segments} == {k: int(m.sum()) for k, m in masks(wrong).items()}
    right = (wrong["y"] == wrong["p"]).to_numpy()
    for name, mask in masks(wrong).items():
        assert run.value("accuracy", segment=name) == pytest.approx(right[mask].mean())
    total = sum(int(m.sum()) for m in masks(wrong).values())
    assert any(f"{total:,} in all, of 3,000 rows" in note for note in run.notes)
    assert any(note.startswith("By late night (hour >= 22 or hour < 5), long haul (distance > 1500): 4 segments")
               for note in run.notes)  # fmt: skip
    for outcome in ("text", "html", "markdown", "json", "junit"):
        assert "long haul" in run.render(outcome)


def test_a_condition_of_no_rows_is_listed() -> None:
    run = Report(["data_quality"], by={"never": "hour > 99"}).run(rows(7, 200), rows(8, 200))
    assert {s.name: (s.n_rows, s.note) for s in run.segments}["never"] == (0, "no rows now")


def test_same_law_passes_and_a_break_in_one_segment_is_found() -> None:
    report = Report(["data_drift"], by=BY)
    assert report.run(rows(20), rows(21)).passed
    moved = rows(22).with_columns(x=pl.when(pl.col("distance") > 1500).then(pl.col("x") + 1).otherwise("x"))
    run = report.run(moved, rows(21))
    assert ("long haul", "x") in {(v.labels.get("segment"), v.labels.get("column")) for v in run.verdicts
                                  if v.status == "fail"}  # fmt: skip


def test_a_timeline_by_conditions() -> None:
    base = Baseline.of(rows(30), schema=SCHEMA)
    for reference in (base, None):
        told = Report(["data_quality"], by=BY).timeline(rows(31), reference, every=1000)
        assert [len(w.run.segments) for w in told.windows if w.run] == [4, 4, 4]


def test_what_is_no_condition_is_refused() -> None:
    frame = rows(40, 100)
    with pytest.raises(ParameterError, match="condition"):
        Report(by={"late": "hour >="})
    with pytest.raises(ParameterError, match="names no column"):
        Report(by={"all": "1 < 2"})
    with pytest.raises(SchemaError, match=r"'nowhere', which condition 'far' reads"):
        Report(by={"far": "nowhere > 1"}).run(frame, frame)
    with pytest.raises(SchemaError, match="'nowhere'"):
        Baseline.of(frame, schema=Schema(segments={"far": "nowhere > 1"}))
    for wrong in ({"": "x > 1"}, {"x": 3}, {7: "x > 1"}, {str(i): f"x > {i}" for i in range(51)}):
        with pytest.raises(SchemaError, match="segments are"):
            Schema(segments=wrong)  # type: ignore[arg-type]
    base = Baseline.of(frame, schema=Schema(segments=BY))
    with pytest.raises(ParameterError, match=r"far \(x > 1\).*late night"):
        Report(by={"far": "x > 1"}).run(frame, base)
    with pytest.raises(ParameterError, match="by shop"):
        Report(by="shop").run(frame, base)


def test_names_are_no_columns() -> None:
    """A condition may be named like anything: a column that is not there, one that is, or what reports call others."""
    frame = rows(41, 300)
    names = {"y": "x > 0", "(null)": "x > 1", "a, b": "x < 0"}
    run = Report(by=names).run(frame, frame, schema=Schema(target="y", prediction="p"))
    assert [s.name for s in run.segments] == ["y", '"(null)"', '"a, b"']
    schema = Schema(segments=BY)
    assert Schema.from_yaml(schema.to_yaml()) == schema
    assert (schema.segment_columns, Schema(segments="x").segment_columns) == ((), ("x",))


def test_damaged_segments_are_refused() -> None:
    good = codec.decode("segments", Segments.of(rows(50, 50), schema=SCHEMA).to_bytes(), "it")

    def damaged(**changes: object) -> bytes:
        return codec.encode("segments", {**good, **changes})

    whole = good["whole"]
    for bad in (
        damaged(keys=good["keys"][:-1]),
        damaged(keys=[["late night"], ["other"], [None]]),
        damaged(parts=good["parts"][:1]),
        damaged(whole={**whole, "n_rows": 10}),
        damaged(whole={**whole, "schema": {**whole["schema"], "segments": {"late night": "import os"}}}),
    ):
        with pytest.raises(FormatError):
            Segments.from_bytes(bad)


def test_a_condition_whose_answer_no_value_changes_is_of_every_row() -> None:
    """What is null whatever the values are was counted once, and all other rows as breaking it."""
    batch = pl.DataFrame({"city": ["Ulm", "Bonn", "Köln"]})
    found = judged(batch, "lower(city)", {"city": Kind.CATEGORICAL})
    assert (found.n_true, found.n_false, found.n_null) == (0, 0, 3)
