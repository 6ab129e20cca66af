"""Ranking measures against small cases reckoned by hand, the plain formulas, and scikit-learn."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from barograph import Baseline, Check, Profile, Report, Schema, close_to_reference, gt
from barograph.errors import FormatError, ParameterError, SchemaError
from barograph.metric import Metric
from barograph.metrics import ranking
from barograph.metrics.ranking.at_k import AtK
from barograph.summaries import Ranking

SCHEMA = Schema(user_id="u", item_id="i", prediction="s", target="y")
Rows = dict[str, list[object]]


def lists(**users: list[float]) -> Rows:
    """Each user's gains, the best recommendation first."""
    rows = [(u, f"item {i}", 1 / (i + 1), y) for u, gains in users.items() for i, y in enumerate(gains)]
    return {name: [row[at] for row in rows] for at, name in enumerate("uisy")}


def value(metric: Metric, rows: Rows, schema: Schema = SCHEMA) -> float | None:
    return Report([metric]).run(rows, schema=schema).find(metric.spec.name)[0].value


THREE = lists(ann=[1, 0, 1, 0, 0, 1], bob=[0, 1, 0], eve=[0, 0, 0, 0])


@pytest.mark.parametrize(
    ("metric", "skipping", "counting"),
    [
        # ann: 2 of 3, bob: 1 of 3, eve: nothing relevant
        (ranking.PrecisionAtK(k=3), (2 / 3 + 1 / 3) / 2, (2 / 3 + 1 / 3) / 3),
        # beyond a list's end nothing is hit: 3 of 10 and 1 of 10
        (ranking.PrecisionAtK(k=10), 0.2, 0.4 / 3),
        # ann: 2 of her 3, bob: his 1
        (ranking.RecallAtK(k=3), (2 / 3 + 1) / 2, (2 / 3 + 1) / 3),
        # F1: ann 2/3 and 2/3, bob 1/3 and 1
        (ranking.FBetaAtK(k=3), (2 / 3 + 1 / 2) / 2, (2 / 3 + 1 / 2) / 3),
        # F2 of bob: 5 (1/3) 1 / (4/3 + 1) = 5/7
        (ranking.FBetaAtK(k=3, beta=2.0), (2 / 3 + 5 / 7) / 2, (2 / 3 + 5 / 7) / 3),
        # ann: (1/1 + 2/3) / 3, bob: (1/2) / 1
        (ranking.MeanAveragePrecision(k=3), ((1 + 2 / 3) / 3 + 1 / 2) / 2, ((1 + 2 / 3) / 3 + 1 / 2) / 3),
        (ranking.MeanAveragePrecision(k=6), ((1 + 2 / 3 + 1 / 2) / 3 + 1 / 2) / 2, None),
        # ann: (1/3 + 2/3) / 2, bob: 1
        (ranking.MeanAverageRecall(k=3), (1 / 2 + 1) / 2, (1 / 2 + 1) / 3),
        # ann: the first, bob: the second
        (ranking.MeanReciprocalRank(k=3), (1 + 1 / 2) / 2, (1 + 1 / 2) / 3),
        (ranking.MeanReciprocalRank(k=1), 1 / 2, 1 / 3),
        (ranking.HitRate(k=1), 1 / 2, 1 / 3),
        (ranking.HitRate(k=2), 1.0, 2 / 3),
        # ann: (1 + 1/2) / (1 + 1/log2(3) + 1/2), bob: 1/log2(3)
        (ranking.NDCG(k=3), (1.5 / (1.5 + 1 / math.log2(3)) + 1 / math.log2(3)) / 2, None),
    ],
    ids=lambda case: f"{case.spec.name} {case.k}" if isinstance(case, Metric) else "",
)
def test_by_hand(metric: Metric, skipping: float, counting: float | None) -> None:
    assert value(metric, THREE) == pytest.approx(skipping)
    if counting is not None:
        zero = type(metric)(**{**metric.params, "no_relevant": "zero"})
        assert value(zero, THREE) == pytest.approx(counting)


def test_a_published_case() -> None:
    """Järvelin & Kekäläinen's gains 3, 2, 3, 0, 0, 1, 2, 2, 3, 0 (2002), with the discount log2(i + 1)."""
    gains = [3, 2, 3, 0, 0, 1, 2, 2, 3, 0]
    dcg = sum(g / math.log2(i + 2) for i, g in enumerate(gains))
    best = sum(g / math.log2(i + 2) for i, g in enumerate(sorted(gains, reverse=True)))
    assert value(ranking.NDCG(k=10), lists(u=gains)) == pytest.approx(dcg / best)


def drawn(n_users: int, seed: int, graded: bool = False) -> Rows:
    rng = np.random.default_rng(seed)
    users, items, scores, gains = [], [], [], []
    for user in range(n_users):
        n = int(rng.integers(1, 160))
        users += [f"user {user}"] * n
        items += [f"item {i}" for i in rng.permutation(500)[:n]]
        scores += rng.normal(size=n).tolist()
        gains += (rng.integers(0, 5, n) * (rng.random(n) < 0.2)).clip(0, 5 if graded else 1).astype(float).tolist()
    order = rng.permutation(len(users))
    return {
        name: [column[at] for at in order] for name, column in zip("uisy", (users, items, scores, gains), strict=True)
    }


def by_user(rows: Rows) -> list[list[float]]:
    ranked = sorted(zip(rows["u"], rows["s"], rows["y"], strict=True), key=lambda row: (row[0], -row[1]))
    return [[y for u, _, y in ranked if u == user] for user in dict.fromkeys(rows["u"])]


def plain(name: str, gains: list[float], k: int) -> float:
    """The formulas, one rank at a time."""
    hits = [g > 0 for g in gains]
    total, first = sum(hits), hits[:k]
    if name == "precision_at_k":
        return sum(first) / k
    if name == "recall_at_k":
        return sum(first) / total
    if name == "f_beta_at_k":
        p, r = sum(first) / k, sum(first) / total
        return 2 * p * r / (p + r) if p + r else 0.0
    at = [i for i, hit in enumerate(first) if hit]
    if name == "map_at_k":
        return sum(sum(hits[: i + 1]) / (i + 1) for i in at) / min(k, total)
    if name == "mar_at_k":
        return sum(sum(hits[: i + 1]) / total for i in at) / len(at) if at else 0.0
    if name == "mrr_at_k":
        return 1 / (at[0] + 1) if at else 0.0
    return float(bool(at))


ALL = [m for name in ranking.__all__ if issubclass(m := getattr(ranking, name), AtK)]


@pytest.mark.parametrize("k", [1, 7, 100])
@pytest.mark.parametrize("metric", [m for m in ALL if m is not ranking.NDCG], ids=lambda m: m.spec.name)
def test_against_the_plain_formula(metric: type[Metric], k: int) -> None:
    rows = drawn(60, 3)
    each = [plain(metric.spec.name, gains, k) for gains in by_user(rows) if any(gains)]
    found = Report([metric(k=k)]).run(rows, schema=SCHEMA).find(metric.spec.name)[0]
    assert (found.value, found.n) == (pytest.approx(np.mean(each)), len(each))
    assert found.se == pytest.approx(np.std(each, ddof=1) / math.sqrt(len(each)), abs=1e-9)


@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize("k", [1, 5, 100])
def test_ndcg_is_that_of_scikit_learn(k: int, graded: bool) -> None:
    rows = drawn(40, 4, graded)
    each = [
        ndcg_score([gains], [np.arange(len(gains))[::-1]], k=k)
        for gains in by_user(rows)
        if any(gains) and len(gains) > 1
    ]
    alone = [gains for gains in by_user(rows) if any(gains) and len(gains) == 1]
    assert value(ranking.NDCG(k=k), rows) == pytest.approx(np.mean(each + [1.0] * len(alone)))


@pytest.mark.parametrize("metric", ALL, ids=lambda m: m.spec.name)
def test_users_in_parts_say_what_the_whole_says(metric: type[Metric]) -> None:
    rows = drawn(90, 5, graded=True)
    base = Baseline.of(rows, schema=SCHEMA, needs=metric().needs)
    parts = []
    for part in range(3):
        kept = [at for at, user in enumerate(rows["u"]) if int(user.split()[1]) % 3 == part]
        parts.append(Profile.of({name: [column[at] for at in kept] for name, column in rows.items()}, base))
    whole = metric().compute(base.profile, base.profile).values[0]
    merged = metric().compute(sum(parts), base.profile).values[0]
    assert (merged.value, merged.n) == (pytest.approx(whole.value, rel=1e-12), whole.n)
    assert merged.reference == pytest.approx(whole.value, rel=1e-12)
    again = Profile.from_bytes(base.profile.to_bytes())
    assert metric().compute(again, None).values[0].value == whole.value


def test_users_across_batches_are_found() -> None:
    """A user's parts are no user: that is said, not averaged."""
    rows = drawn(50, 6)
    base = Baseline.of(rows, schema=SCHEMA, needs=ranking.NDCG().needs)
    halves = [Profile.of({name: column[at::2] for name, column in rows.items()}, base) for at in (0, 1)]
    found = ranking.NDCG().compute(sum(halves), base.profile).values[0]
    assert found.value is None and "sort the rows by user" in found.note


def test_neither_row_order_nor_target_breaks_ties() -> None:
    """All scores equal: the order is the items' own, whichever row comes first and whatever the target is."""
    n = 40
    rows = {"u": [1] * n, "i": list(range(n)), "s": [0.5] * n, "y": [int(i < 8) for i in range(n)]}
    turned = {name: column[::-1] for name, column in rows.items()}
    assert value(ranking.PrecisionAtK(), rows) == value(ranking.PrecisionAtK(), turned)
    other = {**rows, "y": [1 - y for y in rows["y"]]}
    assert value(ranking.PrecisionAtK(), rows) + value(ranking.PrecisionAtK(), other) == pytest.approx(1.0)


def test_ranks_are_scores_the_other_way_round() -> None:
    rows = drawn(30, 7)
    ranks = {**rows, "s": [-s for s in rows["s"]]}
    assert value(ranking.MeanAveragePrecision(), rows) == value(
        ranking.MeanAveragePrecision(), ranks, SCHEMA.replace(recommendations="rank")
    )


def test_deeper_never_means_less_recall() -> None:
    rows = drawn(50, 8)
    for metric in (ranking.RecallAtK, ranking.HitRate, ranking.MeanReciprocalRank):
        values = [value(metric(k=k), rows) for k in (1, 2, 5, 20, 100)]
        assert all(a <= b + 1e-12 for a, b in pairwise(values))


def test_hostile_rows() -> None:
    rows = {
        "u": ["a", "a", "a", None, "b", "b"],
        "i": [1, 2, 3, 4, None, 6],
        "s": [0.9, math.nan, 0.5, 0.4, 0.3, math.inf],
        "y": [math.nan, 1, 1e300, 1, 1, 1],
    }
    found = Report([ranking.PrecisionAtK(k=2), ranking.NDCG(k=2)]).run(rows, schema=SCHEMA)
    (precision,) = found.find("precision_at_k")
    assert (precision.value, precision.n) == (0.5, 1)  # of "a" a row without a target, which is no hit, and one hit
    assert precision.note == "4 rows without a user, an item or a prediction are left out"
    assert found.find("ndcg_at_k")[0].value == pytest.approx(1 / math.log2(3))
    disliked = lists(a=[-1, 0, 1])
    assert value(ranking.PrecisionAtK(k=3), disliked) == pytest.approx(1 / 3)
    assert value(ranking.NDCG(k=3), lists(a=[5e-324, 0])) == 1.0
    boolean = {**THREE, "y": [bool(y) for y in THREE["y"]]}
    assert value(ranking.HitRate(k=1), boolean) == 0.5


@pytest.mark.parametrize(
    ("rows", "schema", "note"),
    [
        ({name: [] for name in "uisy"}, SCHEMA, "no rows with a user, an item and a prediction"),
        (lists(a=[0, 0]), SCHEMA, "no user has a relevant item"),
        ({**THREE, "y": [math.nan] * 13}, SCHEMA, "no recommendation has a target yet"),
        (THREE, Schema(prediction="s", target="y"), "name the columns of users and items"),
        (THREE, Schema(user_id="u", item_id="i", prediction="s"), 'Schema(target="...")'),
        (THREE, Schema(item_id="i", prediction="s", target="y", task="ranking"), 'Schema(user_id="...")'),
    ],
)
def test_unknown_says_why(rows: Rows, schema: Schema, note: str) -> None:
    result = Report([Check(ranking.NDCG(), gt(0))]).run(rows, schema=schema)
    assert result.status == "unknown" and not result.passed
    assert note in str(result.results[0])


def test_a_profile_that_was_not_asked_says_so() -> None:
    result = ranking.NDCG().compute(Profile.of(THREE, schema=SCHEMA), None)
    assert result.status == "unknown" and "made without ranking" in result.note


def test_impossible_parameters() -> None:
    for make in (
        lambda: ranking.NDCG(k=0), lambda: ranking.NDCG(k=101), lambda: ranking.NDCG(k=True),
        lambda: ranking.NDCG(k=2.0), lambda: ranking.NDCG(no_relevant="drop"), lambda: ranking.FBetaAtK(beta=3),
    ):  # fmt: skip
        with pytest.raises(ParameterError):
            make()
    with pytest.raises(SchemaError, match="'score' or by 'rank'"):
        Schema(recommendations="logit")
    with pytest.raises(SchemaError, match="two roles"):
        Schema(user_id="u", item_id="u")
    with pytest.raises(SchemaError, match="no such column"):
        Report([ranking.NDCG()]).run(THREE, schema=Schema(user_id="who", item_id="i", prediction="s", target="y"))


def test_the_schema_knows_a_ranking() -> None:
    profile = Profile.of(THREE, schema=SCHEMA)
    assert profile.schema.task == "ranking" and profile.schema.features == ()
    assert profile.schema.roles == {"y": "target", "s": "prediction", "u": "id", "i": "id"}
    assert Schema.from_yaml(SCHEMA.to_yaml()) == SCHEMA


def test_no_change_passes_and_a_break_fails() -> None:
    before, now = drawn(300, 9), drawn(300, 10)
    rng = np.random.default_rng(0)
    for rows in (before, now):  # scores that know something
        rows["s"] = [s + 3 * (y > 0) for s, y in zip(rows["s"], rows["y"], strict=True)]
    broken = {**now, "s": rng.normal(size=len(now["s"])).tolist()}
    report = Report("ranking")
    assert report.run(now, before, schema=SCHEMA).passed
    assert report.run(broken, before, schema=SCHEMA).status == "fail"
    assert report.run(before, broken, schema=SCHEMA).passed, "better is no failure"
    assert "NDCG at k by depth" in report.run(now, before, schema=SCHEMA).render("html")
    usual = Report().run(now, before, schema=SCHEMA)
    assert {"ndcg_at_k", "psi", "distribution"} <= {r.spec.name for r in usual.results}
    alone = report.run(now, schema=SCHEMA)
    assert alone.value("ndcg_at_k") > 0 and alone.status == "pass"


@pytest.mark.parametrize(
    "change",
    [
        {"n_users": 0}, {"n_relevant": 10}, {"sums": b""}, {"sums": b"\xff" * 8000}, {"keys": b""},
        {"seen": b"\0" * 24}, {"n_rows": -1},
        {"squares": np.full(1000, 9.0).tobytes()}, {"keys": np.arange(3, 0, -1).tobytes()},
    ],
    ids=str,
)  # fmt: skip
def test_hostile_states(change: dict[str, object]) -> None:
    base = Baseline.of(THREE, schema=SCHEMA, needs=ranking.NDCG().needs)
    state = base.profile.get("ranking", "u", "i", "s", "y").to_state()
    assert Ranking.from_state(state).n_users == 3
    with pytest.raises(FormatError):
        Ranking.from_state({**state, **change})


def test_checks_are_calibrated_by_users() -> None:
    """Few users, and the same law: a difference within their spread is no failure."""
    check = Check(ranking.NDCG(), close_to_reference(relative=0.01))
    fails = 0
    for seed in range(30):
        run = Report([check]).run(drawn(25, 100 + seed), drawn(25, 200 + seed), schema=SCHEMA)
        fails += run.status == "fail"
    assert fails <= 2
