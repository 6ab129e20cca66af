"""What is recommended, item by item: against the plain formulas on the lists themselves."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from barograph import Baseline, Profile, Report, Schema
from barograph.errors import FormatError, ParameterError
from barograph.metric import Metric
from barograph.metrics import ranking
from barograph.summaries import Recommended
from barograph.summaries.recommended import DEPTHS, ITEMS_AT_MOST
from barograph.types import Ranked

SCHEMA = Schema(user_id="u", item_id="i", prediction="s", target="y")
Rows = dict[str, list[object]]
ALL: list[type[Metric]] = [
    ranking.AggregateDiversity, ranking.CatalogueCoverage, ranking.Novelty, ranking.Personalisation,
    ranking.PopularityGini, ranking.RecommendedPopularity, ranking.Serendipity,
]  # fmt: skip


def drawn(n_users: int, seed: int, n_items: int = 60) -> Rows:
    """Lists of 3 to 40 items, some more popular than others, some of them relevant."""
    rng = np.random.default_rng(seed)
    weight = 1 / np.arange(1, n_items + 1)
    rows: Rows = {name: [] for name in "uisy"}
    for user in range(n_users):
        n = int(rng.integers(3, 41))
        rows["u"] += [f"user {user}"] * n
        rows["i"] += rng.choice(n_items, n, replace=False, p=weight / weight.sum()).tolist()
        rows["s"] += rng.normal(size=n).tolist()
        rows["y"] += (rng.random(n) < 0.3).astype(int).tolist()
    return rows


def lists(rows: Rows, k: int) -> dict[str, list[tuple[object, int]]]:
    """The first k items of each user, with their target."""
    ordered = sorted(zip(rows["u"], rows["s"], rows["i"], rows["y"], strict=True), key=lambda row: (row[0], -row[1]))
    return {user: [(i, y) for u, _, i, y in ordered if u == user][:k] for user in dict.fromkeys(rows["u"])}


def plain(name: str, rows: Rows, reference: Rows, k: int) -> float:
    each = lists(rows, k)
    flat = [pair for some in each.values() for pair in some]
    shown = Counter(i for i, _ in flat)
    relevant = Counter(i for i, y in zip(reference["i"], reference["y"], strict=True) if y)
    items = set(reference["i"])
    if name == "catalogue_coverage":
        return len(set(shown) & items) / len(items)
    if name == "recommended_popularity":
        return float(np.mean([relevant[i] for i, _ in flat]))
    if name == "novelty":
        users = len(set(reference["u"]))
        return float(np.mean([-math.log2(max(relevant[i], 1) / users) for i, _ in flat]))
    if name == "personalisation":
        sets = [{i for i, _ in some} for some in each.values()]
        return float(np.mean([1 - len(a & b) / k for a, b in combinations(sets, 2)]))
    if name == "popularity_gini":
        counts = [shown[i] for i in items]
        differences = sum(abs(a - b) for a in counts for b in counts)
        return differences / (2 * len(counts) * sum(counts))
    if name == "aggregate_diversity":
        shares = np.array(list(shown.values())) / len(flat)
        return float(-(shares * np.log2(shares)).sum() / math.log2(len(items | set(rows["i"]))))
    least = sorted((relevant[i] for i in items | set(rows["i"])), reverse=True)[k - 1]
    return sum(y for i, y in flat if relevant[i] < least) / len(flat)


@pytest.mark.parametrize("k", [1, 5, 10])
@pytest.mark.parametrize("metric", ALL, ids=lambda m: m.spec.name)
def test_against_the_plain_formula(metric: type[Metric], k: int) -> None:
    before, now = drawn(50, 1), drawn(40, 2)
    run = Report([metric(k=k)]).run(now, before, schema=SCHEMA)
    (found,) = run.find(metric.spec.name)
    assert found.value == pytest.approx(plain(metric.spec.name, now, before, k))
    assert found.reference == pytest.approx(plain(metric.spec.name, before, before, k))
    assert found.n == 40


@pytest.mark.parametrize("metric", ALL, ids=lambda m: m.spec.name)
def test_users_in_parts_say_what_the_whole_says(metric: type[Metric]) -> None:
    before, now = drawn(50, 3), drawn(40, 4)
    base = Baseline.of(before, schema=SCHEMA, needs=metric().needs)
    parts = []
    for part in range(3):
        kept = [at for at, user in enumerate(now["u"]) if int(user.split()[1]) % 3 == part]
        parts.append(Profile.of({name: [column[at] for at in kept] for name, column in now.items()}, base))
    whole, merged = (metric().compute(p, base.profile) for p in (Profile.of(now, base), sum(parts)))
    assert merged == whole
    assert metric().compute(Profile.from_bytes(sum(parts).to_bytes()), base.profile) == whole


def test_without_a_reference() -> None:
    rows = drawn(30, 5)
    run = Report([metric() for metric in ALL]).run(rows, schema=SCHEMA)
    for result in run.results:
        if result.spec.reference == "required":
            assert result.status == "unknown" and "needs a reference" in result.note
        else:
            assert result.values[0].value == pytest.approx(plain(result.spec.name, rows, rows, 10))


def test_everyone_gets_the_same_or_their_own() -> None:
    same = {
        "u": [u for u in range(9) for _ in range(5)],
        "i": list(range(5)) * 9,
        "s": [5, 4, 3, 2, 1] * 9,
        "y": [1] * 45,
    }
    own = {**same, "i": list(range(45))}
    metrics = [ranking.Personalisation(k=5), ranking.PopularityGini(k=5), ranking.AggregateDiversity(k=5)]
    found = [Report(metrics).run(rows, schema=SCHEMA) for rows in (same, own)]
    values = [[r.values[0].value for r in run.results] for run in found]
    assert values == [[0.0, 0.0, pytest.approx(1.0)], [1.0, 0.0, pytest.approx(1.0)]]


def test_an_item_counts_once_a_user() -> None:
    rows = {"u": [1, 1, 1, 2], "i": [7, 7, 8, 7], "s": [0.9, 0.8, 0.7, 0.9], "y": [1, 1, 0, 0]}
    assert Report([ranking.Personalisation(k=1)]).run(rows, schema=SCHEMA).value("personalisation") == 0.0
    profile = Profile.of(rows, schema=SCHEMA, needs=ranking.Personalisation().needs)
    held = profile.get("recommended", "u", "i", "s", "y")
    assert sorted(held.shown[:, -1].tolist()) == [1, 2] and sorted(held.relevant.tolist()) == [0, 2]


def test_no_target_is_needed_for_what_is_shown() -> None:
    schema = Schema(user_id="u", item_id="i", prediction="s")
    rows = {name: column for name, column in drawn(20, 6).items() if name != "y"}
    run = Report([metric() for metric in ALL]).run(rows, rows, schema=schema)
    known = {r.spec.name for r in run.results if r.status == "ok"}
    assert known == {"catalogue_coverage", "personalisation", "popularity_gini", "aggregate_diversity"}
    for result in run.results:
        assert result.status == "ok" or "target yet" in result.note or "no relevant rows" in result.note


def test_too_many_items_are_said() -> None:
    n = ITEMS_AT_MOST + 1
    rows = {"u": [at // 50 for at in range(n)], "i": list(range(n)), "s": [1.0] * n, "y": [1] * n}
    result = Report([ranking.CatalogueCoverage()]).run(rows, schema=SCHEMA).results[0]
    assert result.status == "unknown" and "over 10,000 items" in result.note


def test_beyond_the_limit_the_kept_items_have_true_counts() -> None:
    """Whatever is merged in whatever order: those of the smallest keys, whole."""
    rng = np.random.default_rng(0)

    def part(seed: int) -> Recommended:
        made = Recommended()
        items = np.random.default_rng(seed).choice(30_000, 8_000, replace=False).astype(np.uint64) * np.uint64(2**40)
        lengths = np.full(80, 100)
        made.update(Ranked(rng.integers(0, 2**60, 80).astype(np.uint64), lengths, items, np.ones(8_000)))
        return made

    a, b, c = part(1), part(2), part(3)
    left, right = a.merge(b).merge(c), c.merge(a).merge(b)
    assert not left.complete and left.catalogue.size == ITEMS_AT_MOST
    assert (left.catalogue == right.catalogue).all() and (left.shown == right.shown).all()
    truth = Counter(np.concatenate([s.catalogue for s in (a, b, c)]).tolist())
    assert [truth[key] for key in left.catalogue.tolist()] == left.relevant.tolist()


def test_users_across_batches_are_found() -> None:
    rows = drawn(50, 7)
    base = Baseline.of(rows, schema=SCHEMA, needs=ranking.Personalisation().needs)
    halves = [Profile.of({name: column[at::2] for name, column in rows.items()}, base) for at in (0, 1)]
    found = ranking.Personalisation().compute(sum(halves), base.profile).values[0]
    assert found.value is None and "several batches" in found.note


def test_nothing_to_say() -> None:
    empty: Rows = {name: [] for name in "uisy"}
    one = {"u": [1], "i": [1], "s": [1.0], "y": [1]}
    for metric in ALL:
        for rows in (empty, {**one, "s": [math.nan]}):
            result = Report([metric()]).run(rows, drawn(20, 8), schema=SCHEMA).results[0]
            assert result.status == "unknown" and result.note
    for metric in (ranking.Personalisation, ranking.AggregateDiversity):
        assert "too few" in Report([metric()]).run(one, schema=SCHEMA).results[0].note
    for metric in ALL:
        result = Report([metric()]).run(drawn(5, 9), schema=Schema(target="y", prediction="s")).results[0]
        assert "for ranking" in result.note or "needs a reference" in result.note
        with pytest.raises(ParameterError, match="1, 5, 10, 20, 50, 100"):
            metric(k=7)


@pytest.mark.parametrize(
    "change",
    [
        {"shown": np.full(3 * len(DEPTHS), 9).tobytes()}, {"hits": np.full(3 * len(DEPTHS), 2).tobytes()},
        {"catalogue": b""}, {"n_users": 0}, {"n_rows": 0}, {"seen": b""}, {"complete": 1}, {"relevant": b"\xff" * 24},
    ],
    ids=str,
)  # fmt: skip
def test_hostile_states(change: dict[str, object]) -> None:
    rows = {"u": [1, 1, 2, 2], "i": [7, 8, 7, 9], "s": [0.9, 0.8, 0.9, 0.1], "y": [1, 0, 1, 0]}
    profile = Profile.of(rows, schema=SCHEMA, needs=ranking.Novelty().needs)
    state = profile.get("recommended", "u", "i", "s", "y").to_state()
    assert Recommended.from_state(state).n_users == 2
    with pytest.raises(FormatError):
        Recommended.from_state({**state, **change})
