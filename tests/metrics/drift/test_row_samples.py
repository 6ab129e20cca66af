"""Samples of rows, and the drift methods that need them."""

from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import rbf_kernel

from barograph import Baseline, Check, Profile, Report, Schema, no_drift
from barograph.errors import ParameterError
from barograph.frame.vectors import projections
from barograph.metrics.drift import MMD, DomainClassifier, PCAReconstruction
from barograph.metrics.drift.domain_classifier import _areas
from barograph.metrics.drift.mmd import _discrepancies
from barograph.metrics.drift.rows import RowComparison, dealt, drawn
from barograph.needs import Need, default_needs

METHODS = [MMD(), DomainClassifier(), PCAReconstruction()]
EVERY = pytest.mark.parametrize("metric", METHODS, ids=lambda metric: metric.spec.name)


def rows(rng: np.random.Generator, n: int, shift: float = 0.0) -> dict[str, np.ndarray]:
    x = rng.normal(size=n)
    return {
        "x": x + shift,
        "y": np.where(rng.random(n) < 0.1, np.nan, x + rng.normal(size=n) / 3),
        "z": rng.lognormal(0, 2, n),
        "color": np.array(["red", "green", "blue"])[rng.integers(0, 3, n)],
        "flag": rng.random(n) < 0.2,
    }


def sample(profile: Profile) -> object:
    return next(s for need, s in profile.summaries.items() if need.summary == "sample")


def needs(schema: Schema) -> Iterator[Need]:
    yield from MMD().needs(schema)


def test_no_rows_are_kept_unless_asked_for():
    schema = Baseline.of(rows(np.random.default_rng(0), 50)).schema
    assert not any(need.summary == "sample" for need in default_needs(schema, anchored=True))


def test_a_sample_is_of_true_rows_and_the_same_in_any_parts():
    rng = np.random.default_rng(1)
    data = {"x": rng.normal(size=5000), "k": rng.integers(0, 9, 5000).astype(str)}
    base = Baseline.of(data, needs=needs)
    whole = sample(Profile.of(data, base))
    assert whole.to_state() == sample(base.profile).to_state()
    assert (whole.n, whole.keys.size, whole.full) == (5000, 512, False)
    assert np.isin(whole.rows[:, 0].view(np.float64), data["x"]).all()
    order = rng.permutation(5000)
    parts = [Profile.of({k: v[order][i::7] for k, v in data.items()}, base) for i in range(7)]
    assert sample(sum(parts)).to_state() == whole.to_state()
    assert sample(Profile.from_bytes(sum(parts).to_bytes())).to_state() == whole.to_state()


def test_a_sample_is_fair():
    """Means of samples scatter about the mean of all rows as those of drawn rows do."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(60):
        data = {"x": rng.lognormal(size=2000)}
        kept = sample(Profile.of(data, needs=needs)).rows[:, 0].view(np.float64)
        found.append((kept.mean() - data["x"].mean()) / (data["x"].std() * np.sqrt(1 / 512 - 1 / 2000)))
    assert abs(np.mean(found)) < 4 / np.sqrt(60)
    assert 0.7 < np.std(found) < 1.3


def test_repeated_rows_keep_their_counts():
    data = {"k": ["a"] * 700 + ["b"] * 300 + [None] * 5}
    kept = sample(Profile.of(data, needs=needs))
    assert (kept.full, sorted(kept.counts.tolist())) == (True, [5, 300, 700])
    ours, _, note = drawn((kept, kept))
    assert (len(ours), note) == (512, "")
    assert abs((ours[:, 0] == kept.rows[kept.counts.argmax(), 0]).mean() - 0.7) < 0.1


def test_identity_and_time_tell_rows_apart():
    data = {"k": ["a", "b"] * 500, "id": np.arange(1000)}
    kept = sample(Profile.of(data, schema=Schema(id="id"), needs=needs))
    assert (kept.keys.size, kept.rows.shape[1]) == (512, 1)


@EVERY
def test_rate_under_no_change(metric):
    report = Report([Check(metric, no_drift(0))], alpha=0.05)
    fails = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        fails += report.run(rows(rng, 150), rows(rng, 600)).status == "fail"
    assert fails <= 4  # 1 expected


@EVERY
def test_rate_with_nominal_columns_whose_rows_repeat(metric):
    def draw(rng, n):
        share = 1 / np.arange(1, 41) / (1 / np.arange(1, 41)).sum()
        return {name: rng.choice(40, n, p=share).astype(str) for name in "ab"}

    report = Report([Check(metric, no_drift(0))], alpha=0.05)
    verdicts = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        verdicts.append(report.run(draw(rng, 1000), draw(rng, 2000)).verdicts[0].status)
    assert verdicts.count("fail") <= 3  # 0.6 expected


@EVERY
def test_broken_ties_between_columns_are_found_and_the_same_each_time(metric):
    rng = np.random.default_rng(3)
    sides = []
    for _ in range(2):
        x = rng.normal(size=500)
        sides.append({"x": x, "y": x + rng.normal(size=500) / 3, "k": rng.integers(0, 3, 500).astype(str)})
    reference, now = sides
    now["x"] = rng.permutation(now["x"])  # each column alone is as before
    report = Report([Check(metric, no_drift(0))])
    first, again = (report.run(now, reference) for _ in range(2))
    assert first.status == "fail"
    assert first.results[0] == again.results[0]
    assert report.run(reference, reference).passed


@EVERY
def test_a_shift_is_found(metric):
    rng = np.random.default_rng(4)
    run = Report([metric]).run(rows(rng, 400, shift=3.0), rows(rng, 400))
    assert run.find(metric.spec.name)[0].p_value < 1e-4


def test_discrepancy_is_the_plain_formula():
    rng = np.random.default_rng(5)
    ours, theirs = rng.normal(size=(40, 3)), rng.normal(size=(60, 3)) + 0.3
    both = np.concatenate([ours, theirs])
    apart = ((both[:, None] - both[None]) ** 2).sum(-1)[np.triu_indices(100, 1)]
    kernel = rbf_kernel(both, gamma=1 / (2 * np.median(apart)))
    a, b, c = kernel[:40, :40], kernel[40:, 40:], kernel[:40, 40:]
    expected = (a.sum() - 40) / (40 * 39) + (b.sum() - 60) / (60 * 59) - 2 * c.mean()
    assert _discrepancies(both, dealt(40, 60))[0] == pytest.approx(expected, rel=1e-9)


def test_areas_are_those_of_scikit_learn():
    rng = np.random.default_rng(6)
    mine = dealt(30, 50)[:, :5]
    scores = np.round(rng.normal(size=(80, 5)), 1)  # with ties
    expected = [roc_auc_score(mine[:, i], scores[:, i]) for i in range(5)]
    np.testing.assert_allclose(_areas(scores, mine), expected, rtol=1e-12)


def test_areas_of_the_classifier_are_of_rows_it_was_not_fitted_to():
    """Forty columns of noise and sixty rows: fitted and scored on the same rows the area would be near 1."""
    rng = np.random.default_rng(7)
    reference, now = ({f"x{i}": rng.normal(size=60) for i in range(40)} for _ in range(2))
    assert 0.3 < Report([DomainClassifier()]).run(now, reference).find("domain_classifier")[0].value < 0.7


@EVERY
def test_odd_rows(metric: RowComparison):
    rng = np.random.default_rng(8)
    base = Baseline.of(rows(rng, 100), needs=metric.needs)
    for current in (
        rows(rng, 5), {k: v[:0] for k, v in rows(rng, 5).items()}, {"x": np.zeros(50)},
        {k: [None] * 50 for k in rows(rng, 1)}, {**rows(rng, 50), "x": np.full(50, np.inf)},
        {**rows(rng, 50), "z": np.full(50, 1.7e308)}, {**rows(rng, 50), "color": ["new"] * 50},
    ):  # fmt: skip
        value = metric.compute(Profile.of(current, base), base.profile).values[0]
        assert value.value is None or np.isfinite(value.value)
        assert value.value is not None or value.note
    constant = Baseline.of({"x": [1.0] * 50, "k": ["a"] * 50}, needs=metric.needs)
    value = metric.compute(constant.profile, constant.profile).values[0]
    assert value.value is None or value.p_value > 0.05
    assert "sample" in metric.compute(Baseline.of({"x": [1.0] * 50}).profile, base.profile).values[0].note
    times = Baseline.of({"t": ["2026-01-01", "2026-01-02"]}, schema=Schema(kinds={"t": "datetime"}))
    assert "no numeric" in metric.compute(times.profile, times.profile).values[0].note
    with pytest.raises(ParameterError):
        PCAReconstruction(variance=1.0)


def described(rng: np.random.Generator, n: int, dimension: int = 40, turn: float = 0.0) -> pl.DataFrame:
    """Texts and vectors; `turn` makes the text of a row depend on its vector, and changes neither alone."""
    vectors = rng.normal(size=(n, dimension))
    long = np.where(rng.random(n) < turn, vectors[:, 0] > 0, rng.random(n) < 0.5)
    return pl.DataFrame({
        "note": [("It is late again. Please call back soon." if many else "It was fine all day") for many in long],
        "e": vectors.tolist(),
    })  # fmt: skip


DESCRIBED = Schema(kinds={"note": "text", "e": "embedding"})  # type: ignore[dict-item]


def test_texts_and_embeddings_join_as_numbers():
    frame = described(np.random.default_rng(20), 300, dimension=3).with_columns(x=pl.int_range(300).cast(pl.Float64))
    profile = Profile.of(frame, schema=DESCRIBED, needs=needs)
    (need,) = MMD().needs(profile.schema)
    assert need.columns == ("note", "e", "x")
    kept = sample(profile)
    found = kept.rows.view(np.float64)[np.argsort(kept.rows.view(np.float64)[:, -1])]
    assert found.shape == (300, 4 + 16 + 1)
    np.testing.assert_array_equal(found[:, 4:7], np.array(frame["e"].to_list()))
    assert np.isnan(found[:, 7:20]).all()
    np.testing.assert_array_equal(found[:, 0], frame["note"].str.len_chars().to_numpy())
    assert set(found[:, 1]) == {8.0, 5.0} and set(found[:, 2]) == {2.0, 1.0}


def test_samples_with_texts_and_embeddings_are_the_same_in_any_parts():
    frame = described(np.random.default_rng(21), 1200).with_columns(
        e=pl.when(pl.int_range(1200) % 50 == 0).then(None).otherwise("e")
    )
    base = Baseline.of(frame, schema=DESCRIBED, needs=needs)
    whole = sample(Profile.of(frame, base))
    parts = [frame.slice(0, 1), frame.slice(1, 6), frame.slice(7, 1000), frame.slice(1007)]
    merged = sample(sum(Profile.of(part, base) for part in parts))
    assert merged.to_state() == whole.to_state() and whole.keys.size == 512


def test_a_projection_keeps_distances():
    vectors = np.random.default_rng(22).normal(size=(200, 400))
    found = projections(pl.DataFrame({"e": vectors.tolist()}), "e", 16)
    ratio = np.linalg.norm(found[1:] - found[:-1], axis=1) / np.linalg.norm(np.diff(vectors, axis=0), axis=1)
    assert (ratio**2).mean() == pytest.approx(1, abs=0.1)
    odd = pl.DataFrame({"e": [[1.0, 2.0], [float("nan"), 1.0], [], None, [float("inf"), 0.0]]})
    np.testing.assert_array_equal(projections(odd, "e", 3)[0], [1.0, 2.0, np.nan])
    assert np.isnan(projections(odd, "e", 3)[1:]).all()


@EVERY
def test_a_text_that_began_to_follow_a_vector_is_found(metric):
    report = Report([Check(metric, no_drift(0))])
    rng = np.random.default_rng(23)
    then, same, turned = (described(rng, 500, 4, turn) for turn in (0.0, 0.0, 1.0))
    assert report.run(same, then, schema=DESCRIBED).passed
    if metric.spec.name != "pca_reconstruction":  # which sees rows that leave the directions of the reference
        assert report.run(turned, then, schema=DESCRIBED).status == "fail"
