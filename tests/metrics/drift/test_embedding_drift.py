"""Drift of embeddings: the plain formula, the rate under no change, and what must be found."""

import numpy as np
import pytest

from barograph import Baseline, Check, Profile, Report, Schema, no_drift
from barograph.metrics.drift import KS, PSI, EmbeddingDrift, MissingDrift
from barograph.results import Value
from barograph.summaries.embedding import frozen


def measured(current: np.ndarray, reference: np.ndarray) -> Value:
    base = Baseline.of({"e": reference}, needs=EmbeddingDrift().needs)
    profile = Profile.of({"e": current}, base)
    return EmbeddingDrift().compute(profile, base.profile).values[0]


def cloud(rng: np.random.Generator, n: int, shift: float = 0.0) -> np.ndarray:
    return rng.normal(size=(n, 16)) + shift


def test_value_is_the_plain_formula():
    rng = np.random.default_rng(0)
    ours, theirs = cloud(rng, 70, 0.2) * 5, cloud(rng, 200) * 5
    spread = np.sqrt(np.trace(np.cov(theirs.T)))
    expected = np.linalg.norm(ours.mean(axis=0) - theirs.mean(axis=0)) / spread
    assert measured(ours, theirs).value == pytest.approx(expected, rel=1e-12)
    assert measured(ours * 1e6, theirs * 1e6).value == pytest.approx(expected, rel=1e-9)


def test_p_value_agrees_with_permutations():
    rng = np.random.default_rng(1)
    mixing = rng.normal(size=(16, 16)) * np.exp(-np.arange(16) / 4)
    ours, theirs = cloud(rng, 150) @ mixing.T + 0.1, cloud(rng, 400) @ mixing.T
    both = np.concatenate([ours, theirs])
    drawn = []
    for _ in range(2000):
        dealt = rng.permutation(both)
        drawn.append(np.linalg.norm(dealt[:150].mean(axis=0) - dealt[150:].mean(axis=0)))
    observed = np.linalg.norm(ours.mean(axis=0) - theirs.mean(axis=0))
    assert measured(ours, theirs).p_value == pytest.approx(np.mean(np.array(drawn) >= observed), abs=0.05)


@pytest.mark.parametrize("columns", [16, 2])
def test_unchanged_data_of_300_x_16_keep_the_rate(columns):
    """A fixed distance of 0.2 between means flags every such pair; here 5 % of them have p < 5 %."""
    rng = np.random.default_rng(2)
    found = np.array([measured(cloud(rng, 300)[:, :columns], cloud(rng, 300)[:, :columns]).p_value for _ in range(150)])
    assert 1 <= (found < 0.05).sum() <= 16  # 7.5 expected


def test_views_keep_the_rate_though_axes_and_centroid_are_the_references_own():
    report = Report([Check(KS("e"), no_drift(0)), Check(EmbeddingDrift(), no_drift(0))], alpha=0.05)
    fails = 0
    for seed in range(50):
        rng = np.random.default_rng(1000 + seed)
        fails += not report.run({"e": cloud(rng, 300)}, {"e": cloud(rng, 300)}).passed
    assert fails <= 7  # 2.5 expected; with the rows learned from counted as well it is more than half of all


def test_traces_are_unbiased_with_more_dimensions_than_rows():
    rng = np.random.default_rng(3)
    found = np.mean([frozen(rng.normal(size=(30, 100))).traces for _ in range(50)], axis=0)
    np.testing.assert_allclose(found[:2], 100, rtol=0.1)  # the plain ones would be 100, 435 and 2,200
    assert 95 < found[2] < 130  # never below what the first two imply, which errs on the safe side


@pytest.mark.parametrize(
    "change", [lambda e: e + 0.5, lambda e: e * 1.5, lambda e: np.abs(e), lambda e: e[:, ::-1] * 0]
)
def test_changes_are_found(change):
    rng = np.random.default_rng(4)
    run = Report("data_drift").run({"e": change(cloud(rng, 300))}, {"e": cloud(rng, 300)})
    assert not run.passed


def test_the_preset_judges_the_distance_of_embeddings_where_there_are_some():
    rng = np.random.default_rng(7)
    run = Report("data_drift").run({"e": cloud(rng, 300) + 0.5}, {"e": cloud(rng, 300)})
    assert run.verdict("embedding_drift", column="e").status == "fail"
    assert not Report("data_drift").run({"x": [1.0] * 30}, {"x": [1.0] * 30}).find("embedding_drift")


def test_missing_and_ragged_vectors_are_drift_of_absence():
    rng = np.random.default_rng(5)
    now = [None if i % 2 else row[: 16 - (i % 4 == 0)] for i, row in enumerate(cloud(rng, 200).tolist())]
    run = Report([MissingDrift("e"), PSI("e"), EmbeddingDrift()]).run({"e": now}, {"e": cloud(rng, 200)})
    assert run.value("missing_drift", column="e") == 0.75
    assert run.find("embedding_drift")[0].n == 50


def test_nothing_to_say_says_why():
    rng = np.random.default_rng(6)
    reference = {"e": cloud(rng, 50), "x": rng.normal(size=50)}
    base = Baseline.of(reference)
    for current, why in (
        ({"e": cloud(rng, 1)}, "1 vectors"), ({"e": [None] * 5}, "0 vectors"), ({"e": np.ones((9, 3))}, "0 vectors"),
        ({"x": [1.0] * 5}, "0 vectors"),
    ):  # fmt: skip
        value = EmbeddingDrift().compute(Profile.of(current, base), base.profile).values[0]
        assert value.value is None
        assert why in value.note
    assert "is numeric" in EmbeddingDrift("x").compute(base.profile, base.profile).values[0].note
    assert "no column" in EmbeddingDrift("z").compute(base.profile, base.profile).values[0].note
    constant = Baseline.of({"e": np.ones((9, 3))})
    assert "all the same" in EmbeddingDrift().compute(constant.profile, constant.profile).values[0].note
    alone = Profile.of({"e": cloud(rng, 9)}, schema=Schema())
    assert "baseline" in EmbeddingDrift().compute(alone, alone).values[0].note
    assert EmbeddingDrift().compute(base.profile, None).status == "unknown"
