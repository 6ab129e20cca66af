"""Every specification is valid Vega-Lite, and no name from data is a field name."""

import json
import math

import altair
import pytest
from reports import HOSTILE, make_run, make_timeline

from barograph.render import charts, timeline
from barograph.render.html import Store, pack, script_json
from barograph.results import Bars, Heat, Line, Lines, Table

VALID: set[str] = set()
FIELDS = {"a", "b", "s", "h", "y", "x", "i", "r", "c", "v", "t", "e", "m", "w", "st", "th", "said", "cell"}


def figures():
    for run in (make_run(), make_run(names=HOSTILE)):
        for result in run.results:
            yield from result.figures
    yield Bars("open ends", ["<0", "0-1", "1-2", ">2"], {"current": [0.1] * 4}, [-math.inf, 0.0, 1.0, 2.0, math.inf])
    yield Bars("uneven", ["a", "b", "c"], {"reference": [0.2, 0.3, 0.5], "current": [0.5, 0.3, 0.2]}, [0, 1, 3, 4])
    yield Bars("far out", ["a", "b", "c"], {"current": [0.5, 0.4, 0.1]}, [0, 1, 2, 1e9])
    yield Bars("hostile", HOSTILE, {HOSTILE[0]: [0.1] * len(HOSTILE)}, None, {}, HOSTILE[0], HOSTILE[2])
    yield Bars("many", [f"c{i}" for i in range(300)], {"current": [1 / 300] * 300})
    yield Bars("empty", [], {"reference": [], "current": []})
    yield Lines("hostile", [Line(n, [0.0, 1.0], [None, math.nan]) for n in HOSTILE], HOSTILE[0], HOSTILE[8])
    yield Heat("correlations", ["a", "b"], ["a", "b"], [[1.0, -0.4], [None, 1.0]], "", "", middle=0.0)
    yield Heat("nothing", [], [], [], "", "", middle=0.0)
    yield Bars("one", ["a"], {"current": [0.0], "reference": [0.0]}, [0.0, 1.0])
    yield Heat("hostile", HOSTILE, HOSTILE, [[float(i)] * len(HOSTILE) for i in range(len(HOSTILE))], "x", "y")


def fields_of(node):
    if isinstance(node, dict):
        if isinstance(node.get("field"), str):
            yield node["field"]
        for value in node.values():
            yield from fields_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from fields_of(value)


def check(chart: charts.Chart) -> None:
    assert chart.alt
    for small in (False, True):
        spec = charts.whole(chart, small=small)
        shape = json.dumps({**spec, "data": None})
        if shape not in VALID:  # validation is slow, and most charts share their specification
            altair.Chart.from_dict(spec)
            VALID.add(shape)
        json.dumps(spec, allow_nan=False)
        assert set(fields_of({k: v for k, v in spec.items() if k != "data"})) <= FIELDS


def test_figures_are_valid_vega_lite() -> None:
    drawn = [charts.chart(figure) for figure in figures() if not isinstance(figure, Table)]
    assert len(drawn) > 30
    for chart in drawn:
        check(chart)


@pytest.mark.parametrize("make", [make_timeline, lambda: make_timeline(12, HOSTILE), lambda: make_timeline(1)])
def test_timelines_are_valid_vega_lite(make) -> None:
    told = timeline.story(make())
    for series in told.series:
        check(timeline.chart(told, series))


def test_gaps_are_null_not_zero() -> None:
    told = timeline.story(make_timeline())
    data = timeline.chart(told, told.series[0]).data
    assert [i for i, y in enumerate(data["y"]) if y is None] == [5, 6, 17]
    assert [data["st"][i] for i in (5, 6, 17)] == ["gap"] * 3


def test_windows_of_rows_stand_on_a_number_axis() -> None:
    from barograph.results import Run, Side, Timeline, Window

    run = make_timeline(1).windows[0].run
    made = Timeline(
        "t", "100", [Window("0", "100", 100, run), Window("100", "200", 100, Run("r", Side("s", 0), [], []))]
    )
    told = timeline.story(made)
    assert timeline.chart(told, told.series[0]).data["t"] == [0.0, 100.0]


def test_a_table_has_no_picture() -> None:
    assert charts.chart(Table("t", ["a"], [[1]])) is None


def test_uneven_cells_are_densities_and_far_ones_are_names() -> None:
    uneven = charts.chart(Bars("u", ["a", "b", "c"], {"current": [0.2, 0.6, 0.2]}, [0, 1, 3, 4]))
    assert uneven.data["h"] == [0.2, 0.3, 0.2]
    far = charts.chart(Bars("f", ["a", "b", "c"], {"current": [0.5, 0.4, 0.1]}, [0, 1, 2, 1e9]))
    assert far.data["x"] == ["a", "b", "c"]


def test_a_share_that_is_not_all_is_not_rounded_to_all() -> None:
    chart = charts.chart(Bars("b", ["a", "b"], {"current": [0.99999999, 1e-8]}))
    assert chart.data["y"] == [0.99999999, 1e-8]


def test_two_colours_part_at_the_middle_and_what_is_not_known_has_no_number() -> None:
    chart = charts.chart(Heat("c", ["a", "b"], ["a", "b"], [[1.0, -0.4], [None, 1.0]], "", "", middle=0.0))
    assert chart.spec["layer"][0]["encoding"]["color"]["scale"]["domain"] == [-1.0, 0.0, 1.0]
    assert chart.data["v"] == [1.0, -0.4, None, 1.0]
    assert chart.spec["layer"][1]["transform"] == [{"filter": "isValid(datum.v)"}]


def test_numbers_above_one_are_not_shares() -> None:
    counted = charts.chart(Bars("c", ["a", "b"], {"current": [3.0, 1.0]}, y_title="rows"))
    assert "%" not in str(counted.spec)
    assert "~%" in str(charts.chart(Bars("c", ["a", "b"], {"current": [0.75, 0.25]})).spec)


def test_curves_of_one_colour_have_different_dashes() -> None:
    names = [f"part {i}" for i in range(10)]
    encoding = charts.chart(Lines("l", [Line(n, [0.0], [1.0]) for n in names], "x", "y")).spec["layer"][0]["encoding"]
    looks = zip(encoding["color"]["scale"]["range"], map(str, encoding["strokeDash"]["scale"]["range"]), strict=True)
    assert len(set(looks)) == 10


def test_the_two_sides_keep_their_colours() -> None:
    for names in (["reference", "current"], ["current"], ["current", "other", "reference"]):
        chart = charts.chart(Bars("b", ["a"], {n: [1.0] for n in names}))
        scale = chart.spec["encoding"]["color"]["scale"]
        colours = dict(zip(scale["domain"], scale["range"], strict=True))
        assert all(colours[n] == n for n in names if n in ("current", "reference"))
        assert len(set(colours.values())) == len(names)


def test_packing_is_lossless_and_shared() -> None:
    store = Store()
    chart = charts.chart(make_run(1).results[0].figures[0])
    assert store.add(chart) == 0 and store.add(chart) == 1
    assert store.charts[0] == store.charts[1]
    assert pack([]) == [] and pack([1, 2, 3]) == [1, 2, 3]


def test_script_json_cannot_leave_its_block() -> None:
    said = script_json(HOSTILE)
    assert not set(said) & set("<>&\u2028\u2029")
    assert json.loads(said) == HOSTILE
