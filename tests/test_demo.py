"""The demo tells the truth: the numbers of examples/README.md come out of Barograph's results, and its words too."""

from __future__ import annotations

import re
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from barograph import Baseline, demo
from barograph.demo import facts, flights, words
from barograph.demo.screen import Screen
from barograph.errors import InputError, MissingExtraError

pytest.importorskip("sklearn", reason="the demo needs the extra `demo`")

from barograph.demo import story

EXAMPLES = Path(__file__).parent.parent / "examples"
METRICS = ("target_rate", "mean", "roc_auc", "log_loss", "accuracy", "recall", "f1")
# n, then the metrics above, to the digits of examples/README.md
TABLE = """
March      27902 .228 .212 .704 .489 .690 .590 .465
April      27564 .279 .148 .660 .621 .720 .299 .374
May        28128 .220 .132 .697 .513 .776 .274 .350
June       27075 .308 .103 .675 .747 .711 .148 .240
July       28293 .315 .080 .673 .828 .695 .053 .098
August     28756 .238 .088 .685 .616 .770 .094 .163
September  27010 .132 .098 .630 .387 .849 .089 .135
October    28618 .168 .128 .654 .438 .798 .231 .277
November   26971 .174 .167 .645 .444 .747 .368 .335
December   27020 .326 .221 .682 .617 .660 .570 .522
"""
ROWS = {line.split()[0]: line.split()[1:] for line in TABLE.strip().splitlines()}
LABELS = {"mean": {"column": "score"}}


class Told:
    """The story, what was printed of it, and what was written."""

    def __init__(self, folder: Path) -> None:
        self.steps: list[str] = []
        self.story = story.follow(self.steps.append)
        self.written = demo.write(self.story, folder / "new" / "demo")
        out = StringIO()
        demo.tell(self.story, Screen(Console(file=out, width=100, highlight=False)))
        self.text = out.getvalue()
        self.runs = {"March": self.story.march, **{facts.month(w): r for w, r in facts.filled(self.story.months)}}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("demo"))


@pytest.mark.parametrize("month", ROWS)
def test_every_cell_of_the_table(told: Told, month: str) -> None:
    n, *expected = ROWS[month]
    run = told.runs[month]
    found = [f"{run.value(metric, **LABELS.get(metric, {})):.3f}".lstrip("0") for metric in METRICS]
    assert (run.current.n_rows, found) == (int(n), expected)


def test_the_readme_has_the_same_table() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    listed = [
        [cell.strip() for cell in line.split("|")[2:-1]] for line in re.findall(r"^\| \d+ \|.*$", text, re.MULTILINE)
    ]
    # there: n, late, mean score, AUC, log loss, accuracy, recall, F1
    assert listed == list(ROWS.values())


def test_the_table_on_screen_is_of_the_results(told: Told) -> None:
    for month, (n, late, _, auc, loss, accuracy, recall, f1) in ROWS.items():
        line = next(line for line in told.text.splitlines() if line.strip().startswith(month))
        shown = [cell.rstrip("!") for cell in line.split()]
        assert shown[1] == f"{int(n):,}"
        assert [cell.lstrip("0") for cell in shown[2:8]] == [late, auc, recall, accuracy, f1, loss]
    assert max(map(len, told.text.splitlines())) <= 100
    assert "…" not in told.text


def test_recall_falls_and_comes_back(told: Told) -> None:
    recall = facts.course(told.story.months, "recall")
    assert (recall.since, recall.lowest, recall.recovered) == ("May", "July", "November")
    assert recall.bad_months == "May to October"
    assert (round(recall.reference, 3), round(recall.values["July"], 3)) == (0.590, 0.053)


def test_accuracy_hides_it(told: Told) -> None:
    accuracy = facts.course(told.story.months, "accuracy")
    assert (accuracy.since, accuracy.highest) == (None, "September")


def test_the_inputs_that_drift(told: Told) -> None:
    found = facts.drifts(told.story.months, told.story.baseline.schema.features)
    since = {drift.column: drift.since for drift in found}
    assert [drift.column for drift in found[:2]] == ["temp", "dewp"]
    assert (since["temp"], since["dewp"]) == ("April", "June")  # the days of March differ, in dew point the most
    assert since.get("dest") in (None, "July")  # seasonal routes: a PSI of a little more than 0.1
    assert not since.keys() & {"carrier", "origin", "hour", "dow", "distance"}
    assert facts.run_of(told.story.months, "July").value("out_of_range_share", column="temp") == 1


def test_weather_is_the_cause(told: Told) -> None:
    assert round(told.story.without_weather.value("recall") or 0, 2) == 0.74


def test_the_day_without_weather_is_found(told: Told) -> None:
    (outage,) = facts.outages(told.story.december)
    assert (outage.day, outage.n_rows) == ("2013-12-31", 759)
    assert sorted(outage.columns) == sorted(["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"])
    december = told.runs["December"]
    assert not facts.failed(december, "missing_share", column="temp"), "the month shows it: the words must change"


def test_destinations_that_march_never_saw(told: Told) -> None:
    august = facts.value(told.runs["August"], "unseen_share", column="dest")
    assert round((august.value or 0) * august.n) == 246
    assert "9 of 9 months" in words.of_unseen(told.story.months)


def test_only_labels_show_the_air_times(told: Told) -> None:
    timeline = told.story.air_times
    error, bias = facts.course(timeline, "mae"), facts.course(timeline, "mean_error")
    numbers = [error.reference, error.values["September"], error.values["December"]]
    assert [f"{number:.1f}" for number in numbers] == ["9.4", "15.9", "8.4"]
    numbers = [bias.reference, bias.values["September"], bias.values["December"]]
    assert [words.signed(number) for number in numbers] == ["+5.5", "+14.9", "−1.2"]
    assert (error.since, error.highest, error.bad_months) == ("May", "September", "May, July to September")
    inputs = ["carrier", "origin", "dest", "hour", "distance"]
    assert facts.largest_psi(timeline, [*inputs, "air_time_pred"], ["April", "May", "June"])[0] < 0.1
    assert facts.largest_psi(timeline, ["air_time_pred"])[0] < 0.02
    ks = [max(x or 0 for x in timeline.series("ks", column=c)) for c in ("hour", "distance", "air_time_pred")]
    assert max(ks) < 0.04
    assert {drift.column for drift in facts.drifts(timeline, inputs)} <= {"dest"}


def test_the_words(told: Told) -> None:
    text = " ".join(told.text.split())
    for sentence in (
        "recall is below what chance and the days of March explain (May to October)",
        "is 0.053 in July: of 100 late flights, the model finds 5. From November on it is no longer that low: 0.368.",
        "In December no input drifts, and recall passes, at 0.570.",
        "Accuracy hides it: it passes every month",
        "100 % of temp lies outside",
        "a recall of 0.74 in July; with it, 0.05",
        "On 2013-12-31 all 759 flights lack temp, dewp, humid, wind_speed, precip, pressure and visib.",
        "9.4 minutes in March, 15.9 in September and 8.4 in December",
        "from +5.5 to +14.9 to −1.2",
        "in May, nothing has drifted",
    ):
        assert sentence in text


def test_what_is_written(told: Told) -> None:
    names = [path.name for path in told.written]
    assert names == ["flights.baseline", "timeline.html", "july.html", "december.html", "airtime.html"]
    assert all(path.stat().st_size for path in told.written)
    assert Baseline.read(next(iter(told.written))).id == told.story.baseline.id
    assert "September" not in told.steps[0]


def test_nobody_stares_at_an_empty_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(Exception):
        pass

    def stop(_: object) -> None:
        raise Stopped

    monkeypatch.setattr(story, "delays", stop)
    with pytest.raises(Stopped):
        demo.run_demo(Path("nowhere"))
    assert [line.split(" s  ")[1][:8] for line in capsys.readouterr().out.splitlines()] == [
        "Loading ",
        "Reading ",
        "Training",
    ]


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in sys.modules if n.startswith(("barograph.demo.models", "barograph.demo.story"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn.impute", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'barograph\[demo\]'"):
        demo.run_demo(tmp_path, Console(file=StringIO()))


def test_without_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(flights, "FOLDERS", (tmp_path / "a", tmp_path / "b"))
    with pytest.raises(InputError, match=r"neither in .*a nor in .*b; install"):
        flights.read()


def test_words_for_other_outcomes(told: Told) -> None:
    """Sentences are not only right for this year: where nothing happens, they say that."""
    calm = told.story.air_times
    first = type(calm)(title="", every="1mo", windows=calm.windows[:1])  # April passes
    assert words.of_error(first) == "Mean absolute error stays within its limit."
    assert "never" not in words.of_silence(first, ("dest",), "air_time_pred")
    falling = type(calm)(title="", every="1mo", windows=told.story.months.windows[:4])
    assert words.of_recall(falling).endswith("It has not come back.")
    assert words.of_inputs(falling, ("carrier",)) == "No input drifts."
