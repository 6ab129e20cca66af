"""What holds for every metric there is, found by its export: on hostile rows, as pure functions, in every renderer."""

import json
import math
import pickle
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from barograph import Baseline, Profile, Schema
from barograph.metric import Metric
from barograph.metrics import drift, performance, quality, ranking
from barograph.needs import Need, default_needs
from barograph.render import render
from barograph.results import Result
from barograph.run import evaluate

METRICS: list[type[Metric]] = [
    getattr(group, name) for group in (quality, drift, performance, ranking) for name in group.__all__
]
KINDS = {"when": "datetime"}
CLASSIFIER = Schema(target="y", prediction="p", score="s", timestamp="t", kinds=KINDS)
REGRESSOR = Schema(target="x", prediction="z", task="regression", timestamp="t", kinds=KINDS)
TEXTS = [
    "a fairly long sentence about nothing",
    "</script><img src=x onerror=alert(1)>",
    "日本語のテキスト です ok ok ok ok",
]


def rows(n: int = 60, seed: int = 0) -> dict[str, list[object]]:
    rng = np.random.default_rng(seed)
    score = rng.uniform(size=n)
    return {
        "x": rng.normal(size=n).tolist(),
        "z": rng.normal(size=n).tolist(),
        "k": rng.integers(0, 5, n).tolist(),
        "c": [["red", "</script>", "grün", "\u202ertl", "x" * 1000][i] for i in rng.integers(0, 5, n)],
        "b": (rng.uniform(size=n) < 0.5).tolist(),
        "text": [f"{TEXTS[i]} {j}" for j, i in enumerate(rng.integers(0, 3, n))],
        "e": rng.normal(size=(n, 3)).tolist(),
        "when": [f"2023-{1 + i % 12:02}-{1 + i % 28:02}T{i % 24:02}:{i % 60:02}:00" for i in rng.integers(0, 999, n)],
        "t": [f"2024-01-{1 + i % 28:02}T00:00:00" for i in range(n)],
        "y": (rng.uniform(size=n) < score).astype(int).tolist(),
        "p": (score > 0.5).astype(int).tolist(),
        "s": score.tolist(),
    }


def changed(**columns: object) -> dict[str, list[object]]:
    base = rows(seed=1)
    n = len(base["x"])
    return {**base, **{name: value if isinstance(value, list) else [value] * n for name, value in columns.items()}}


NULLS = dict.fromkeys(["x", "z", "k", "c", "b", "text", "e", "when", "t", "y", "p", "s"])
CASES = {
    "ordinary": rows(seed=1),
    "no rows": {name: [] for name in rows()},
    "one row": {name: values[:1] for name, values in rows().items()},
    "all null": changed(**NULLS),
    "constant": changed(x=1.0, z=1.0, k=3, c="red", b=True, text=TEXTS[0], y=1, p=1, s=0.5),
    "NaN": changed(x=math.nan, z=math.nan, s=math.nan),
    "infinite": changed(x=math.inf, z=-math.inf),
    "huge": changed(x=1.7e308, z=-1.7e308),
    "huge beside small": changed(x=[1.7e308, -1.7e308, 0.5] * 20, z=[1.7e308, -1.0] * 30),
    "tiny": changed(x=[5e-324 * i for i in range(60)], z=[1e-300 * (-1) ** i for i in range(60)], s=1e-320),
    "ragged": changed(e=[[1.0] * (i % 5) for i in range(60)]),
    "one class": changed(y=0, p=0),
    "unseen class": changed(y=2, p=2),
    "unseen labels": changed(c="🦆 \n\t|`*_<b>"),
    "other kinds": changed(e="word", when=3.5, x="word", c=1.5, b="perhaps", k="3"),
    "scores that are no probabilities": changed(s=7.0),
    "no common column": {"other": [1, 2, 3]},
}


def everything(schema: Schema) -> Iterator[Need]:
    """What profiles hold by default, and what the other metrics ask for."""
    yield from default_needs(schema, anchored=True)
    for metric in METRICS:
        yield from metric().needs(schema)


@pytest.fixture(scope="module", params=[CLASSIFIER, REGRESSOR], ids=["classifier", "regressor"])
def base(request: pytest.FixtureRequest) -> Baseline:
    return Baseline.of(rows(), schema=request.param, needs=everything)


@pytest.fixture(scope="module")
def hostile(base: Baseline) -> Iterator[dict[str, tuple[Profile, bytes]]]:
    """Each case against the baseline, and its bytes before any metric has seen it."""
    profiles, before = {case: Profile.of(data, base) for case, data in CASES.items()}, base.to_bytes()
    yield {case: (profile, profile.to_bytes()) for case, profile in profiles.items()}
    assert base.to_bytes() == before, "a metric changed the baseline"


def same(a: float | None, b: float | None) -> bool:
    """Equal up to rounding, or both not known."""
    return a is b if a is None or b is None else bool(a == pytest.approx(b, rel=1e-9, abs=1e-12))


def holding(metric: type[Metric], base: Baseline) -> Baseline:
    """The rows, frozen with everything that is kept by default and what this metric needs besides."""
    kept = set(default_needs(base.schema, anchored=True))
    return frozen(base.schema.task, tuple(need for need in metric().needs(base.schema) if need not in kept))


@cache
def frozen(task: str, besides: tuple[Need, ...]) -> Baseline:
    schema = {"classification": CLASSIFIER, "regression": REGRESSOR}[task]
    return Baseline.of(rows(), schema=schema, needs=lambda known: [*default_needs(known, anchored=True), *besides])


@cache
def whole_and_merged(base: Baseline) -> tuple[Profile, Profile]:
    """Ninety rows as one profile, and as the sum of three."""
    data = rows(n=90, seed=3)
    parts = [Profile.of({name: values[i::3] for name, values in data.items()}, base) for i in range(3)]
    return Profile.of(data, base), parts[0] + parts[1] + parts[2]


@cache
def counted(base: Baseline) -> Profile:
    return Profile.of(rows(seed=1), base)


def strict(result: Result) -> None:
    """A result is data that strict JSON can hold, and says nothing it does not know."""
    for value in result.values:
        for number in (
            value.value,
            value.low,
            value.high,
            value.se,
            value.p_value,
            value.reference,
            value.reference_se,
        ):
            assert number is None or math.isfinite(number), value
        assert value.value is not None or value.note, f"{value} does not say why it is not known"
        assert value.n >= 0
        assert value.se is None or value.se >= 0
        assert value.p_value is None or 0 <= value.p_value <= 1
        low, high = result.spec.range
        if value.value is not None:
            assert (low is None or value.value >= low - 1e-9) and (high is None or value.value <= high + 1e-9), value
            if value.low is not None and value.high is not None:
                assert value.low - 1e-9 <= value.value <= value.high + 1e-9, value
    assert result.status != "unknown" or result.note
    assert result.status != "error", result.note


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.spec.name)
@pytest.mark.parametrize("case", CASES)
def test_hostile_rows_give_valid_results(
    metric: type[Metric], case: str, base: Baseline, hostile: dict[str, tuple[Profile, bytes]]
) -> None:
    current, before = hostile[case]
    with np.errstate(over="ignore", invalid="ignore"):  # as a run does: what overflows is not known, and says so
        result = metric().compute(current, base.profile)
        assert metric().compute(current, base.profile) == result, "not a pure function"
    strict(result)
    assert current.to_bytes() == before, "it changed a profile"
    assert pickle.loads(pickle.dumps(result)) == result


@pytest.mark.filterwarnings("ignore::barograph.profile.SkippedColumnsWarning")
@pytest.mark.parametrize("schema", [CLASSIFIER, REGRESSOR], ids=["classifier", "regressor"])
@pytest.mark.parametrize("case", [case for case in CASES if case not in ("no rows", "no common column")])
def test_a_hostile_reference_gives_valid_results(case: str, schema: Schema) -> None:
    """Whatever was frozen: against rows like it, ordinary ones, and itself as it comes back from a file."""
    base = Baseline.of(CASES[case], schema=schema, needs=everything)
    again = Baseline.from_bytes(base.to_bytes()).profile
    for current in (Profile.of(CASES[case], base), Profile.of(rows(seed=2), base)):
        for metric in METRICS:
            with np.errstate(over="ignore", invalid="ignore"):
                result = metric().compute(current, base.profile)
                strict(result)
                assert metric().compute(current, again) == result


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.spec.name)
def test_a_profile_from_a_file_says_the_same(metric: type[Metric], base: Baseline) -> None:
    """To the last word: no result hangs on the order in which columns came."""
    data = {name: rows(seed=4)[name] for name in ("z", "x", "c", "y", "p", "s", "t")} | {"new": [1] * 60, "a": [2] * 60}
    current = Profile.of(data, base)
    read = Profile.from_bytes(current.to_bytes())
    assert metric().compute(read, base.profile) == metric().compute(current, base.profile)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.spec.name)
def test_without_a_reference_or_a_baseline(metric: type[Metric], base: Baseline) -> None:
    alone = Profile.of(rows(seed=2), schema=base.schema.replace(kinds={}, classes=(), positive=None))
    strict(metric().compute(alone, None))
    strict(metric().compute(alone, alone))
    if metric.spec.reference == "required":
        assert metric().compute(alone, None).status == "unknown"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.spec.name)
def test_merged_parts_say_what_the_whole_says(metric: type[Metric], base: Baseline) -> None:
    base = holding(metric, base)
    whole, merged = (metric().compute(profile, base.profile) for profile in whole_and_merged(base))
    assert [v.labels for v in whole.values] == [v.labels for v in merged.values]
    for a, b in zip(whole.values, merged.values, strict=True):
        assert same(a.value, b.value), a.labels


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.spec.name)
def test_needs_are_all_it_reads(metric: type[Metric], base: Baseline) -> None:
    """A profile made for one metric alone gives the same result as one that holds everything."""
    lean, base = Baseline.of(rows(), schema=base.schema, needs=metric().needs), holding(metric, base)
    full = metric().compute(counted(base), base.profile)
    spare = metric().compute(Profile.of(rows(seed=1), lean), lean.profile)
    assert [v.labels for v in spare.values] == [v.labels for v in full.values]
    for a, b in zip(spare.values, full.values, strict=True):
        assert same(a.value, b.value), a.labels


@pytest.mark.parametrize("case", CASES)
def test_everything_goes_through_every_renderer(case: str, base: Baseline) -> None:
    run = evaluate([metric() for metric in METRICS], Profile.of(CASES[case], base), base.profile, title="</title>")
    assert json.loads(render(run, "json"))["results"]
    for wanted in ("text", "markdown", "junit", "html"):
        page = render(run, wanted)
        assert "<img src=x" not in page
        assert page


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.spec.name)
def test_specs_are_complete(metric: type[Metric]) -> None:
    spec, doc = metric.spec, metric.__doc__ or ""
    assert spec.name == spec.name.lower()
    assert spec.title
    assert spec.help.endswith(".")
    assert len(doc.splitlines()) >= 4, "formula, range, behaviour on nothing, source"
    assert metric() == metric()
    assert hash(metric()) == hash(metric())
    assert metric().params == {}
