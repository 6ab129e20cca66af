"""Logged rows become columns: of whatever shapes they are, in their order, and only the bad ones are lost."""

import gc
from typing import Any

import numpy as np

from barograph import Baseline, Schema
from barograph.live import Monitor
from barograph.live.rows import ABSENT, HEAD, Layout, Table, transposed
from barograph.live.windows import NEW_COLUMNS_AT_MOST, OTHER_COLUMNS
from barograph.schema import Kind

KINDS = {"x": Kind.NUMERIC, "city": Kind.CATEGORICAL, "y": Kind.CATEGORICAL}
SCHEMA = Schema(target="y", score="p", timestamp="ts", segments=("city",), kinds=KINDS)


def row(features: dict[Any, Any], stamp: float = 0.0, **given: Any) -> tuple[Any, ...]:
    """As `Monitor.log` puts it into the buffer."""
    roles = [given.get(name) for name in ("timestamp", "prediction", "score", "target", "id", "segment")]
    made = (tuple(features), stamp, *roles, *features.values())
    assert len(made) == HEAD + len(features)
    return made


def table(*rows: tuple[Any, ...], schema: Schema = SCHEMA) -> tuple[Table, list[bool], list[Exception]]:
    refused: list[Exception] = []
    made, own = Layout(schema).table(rows, refused.append, lambda: None)
    return made, own.tolist(), refused


def test_rows_of_one_shape_are_columns() -> None:
    made, own, refused = table(row({"x": 1.0, "city": "Ulm"}, 5.0), row({"x": 2.0, "city": "Bonn"}, 6.0))
    assert made.columns == {"x": [1.0, 2.0], "city": ["Ulm", "Bonn"]}
    assert (made.times.tolist(), own, refused, made.others) == ([5.0, 6.0], [True, True], [], {})


def test_rows_of_several_shapes_keep_their_order() -> None:
    made, _, _ = table(row({"x": 1.0}, 1.0), row({"city": "Ulm", "x": 2.0}, 2.0), row({"x": 3.0}, 3.0), row({}, 4.0))
    assert made.columns == {"x": [1.0, 2.0, 3.0, ABSENT], "city": [ABSENT, "Ulm", ABSENT, ABSENT]}
    assert made.times.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_what_is_given_for_a_role_comes_before_what_the_row_holds() -> None:
    given = row({"y": "no", "p": 0.1, "city": "Ulm"}, target="yes", score=0.9, segment="Bonn")
    made, _, _ = table(given, row({"y": "no", "p": 0.2, "city": "Ulm"}))
    assert made.columns == {"y": ["yes", "no"], "p": [0.9, 0.2], "city": ["Bonn", "Ulm"]}


def test_segments_by_condition_are_no_columns() -> None:
    schema = SCHEMA.replace(segments={"city": "x > 1", "far": "x > 2"})
    made, _, refused = table(row({"x": 1.0, "city": "Ulm"}, segment="far"), row({"x": 3.0}), schema=schema)
    assert (made.columns, refused) == ({"x": [1.0, 3.0], "city": ["Ulm", ABSENT]}, [])


def test_a_score_may_be_a_dict_of_classes_in_some_rows() -> None:
    schema = Schema(target="y", score="p", positive="yes", kinds=KINDS)
    made, _, refused = table(row({}, score=0.25), row({}, score={"yes": 0.75, "no": 0.25}), row({}), schema=schema)
    assert (made.columns["p"], refused) == ([0.25, 0.75, ABSENT], [])


def test_one_score_for_several_classes_is_a_bad_row_and_only_that() -> None:
    schema = Schema(target="y", score={"a": "p_a", "b": "p_b"}, kinds=KINDS)
    made, _, refused = table(row({"x": 1.0}, score=0.5), row({"x": 2.0}, score={"a": 0.5, "b": 0.5}), schema=schema)
    assert made.columns == {"x": [2.0], "p_a": [0.5], "p_b": [0.5]}
    assert len(refused) == 1


def test_stated_times_come_before_stamps_and_bad_ones_are_none() -> None:
    rows = [row({}, 9.0, timestamp=1), row({"ts": "1970-01-01T00:00:02"}, 9.0), row({}, 9.0), row({"ts": "soon"}, 9.0)]
    made, own, _ = table(*rows)
    assert np.array_equal(made.times, [1.0, 2.0, 9.0, np.nan], equal_nan=True)
    assert own == [False, False, True, False]


def test_a_name_that_cannot_be_printed_costs_the_rows_that_have_it() -> None:
    class Silent:
        def __str__(self) -> str:
            raise RuntimeError("no name")

    made, _, refused = table(row({"x": 1.0}), row({Silent(): 1.0, "x": 2.0}))
    assert made.columns == {"x": [1.0]}
    assert [str(error) for error in refused] == ["no name"]


def test_unknown_names_are_bounded_and_the_rest_is_one() -> None:
    made, _, _ = table(*(row({f"new {i}": i, f"{i} new": i}) for i in range(NEW_COLUMNS_AT_MOST)))
    assert len(made.others) == NEW_COLUMNS_AT_MOST + 1
    n_rest = Layout(SCHEMA).new(made)[OTHER_COLUMNS][1]
    assert n_rest == NEW_COLUMNS_AT_MOST // 2


def test_columns_are_taken_without_an_object_for_each_row() -> None:
    rows = [row({"x": float(i)}) for i in range(2000)]
    gc.collect()
    before = gc.get_count()[0]
    columns = transposed(rows, HEAD, HEAD + 1)
    first = next(columns)
    assert (first[:2], gc.get_count()[0] - before < 100) == ([0.0, 1.0], True)


def test_the_garbage_collector_lets_go_of_rows_that_wait() -> None:
    """Else each waiting row is gone through again and again, and all objects of the service with it."""
    baseline = Baseline.of({"x": [1.0, 2.0], "city": ["Ulm", "Bonn"]})
    with Monitor(baseline, handle_sigterm=False) as monitor, monitor._drain.work:  # the thread can take nothing
        for i in range(100):
            monitor.log({"x": i + 0.5, "city": f"Ulm {i}"}, prediction=1, score=0.5)
        gc.collect()
        gc.collect()
        waiting = list(monitor._buffer._queue)
        assert (len(waiting), sum(map(gc.is_tracked, waiting))) == (100, 0)
