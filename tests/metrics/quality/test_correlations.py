"""Correlations of all pairs: scipy on the raw rows, any absence, far from zero, and standard errors that hold."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import mutual_info_score

from barograph import Baseline, Profile, Report, Schema
from barograph.errors import MergeError, ParameterError
from barograph.metrics.quality import CramersV, HighestCorrelation, Kendall, MutualInformation, Pearson, Spearman
from barograph.metrics.quality.association import cramers_v, kendall, mutual_information, spearman
from barograph.needs import Need, default_needs
from barograph.results import Heat


def rows(seed: int, n: int = 400, strength: float = 0.6) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    z = strength * x + rng.normal(size=n)
    return {
        "x": x,
        "z": np.where(rng.random(n) < 0.2, np.nan, z),
        "few": np.clip(np.round(x + rng.normal(size=n)), -2, 2),
        "rank": np.clip(np.round(z), -3, 3),
        "flag": rng.random(n) < 0.3,
        "city": np.array(["Ulm", "Bonn", "Köln"])[np.digitize(x, [-0.5, 0.5])],
        "shop": np.array([f"shop {i}" for i in range(40)])[rng.integers(0, 40, n)],
    }


def pairs(metric, current, reference=None, schema=None):
    result = Report([metric]).run(current, reference, schema=schema).results[0]
    return {(v.labels["column"], v.labels["other"]): v for v in result.values}


def present(data, a, b):
    both = pd.DataFrame({"a": data[a], "b": data[b]}).astype(float).dropna()
    return both["a"].to_numpy(), both["b"].to_numpy()


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_pearson_is_scipys_on_complete_pairs(offset):
    data = rows(0)
    for name in ("x", "z", "few"):
        data[name] = data[name] + offset
    found = pairs(Pearson(), data)
    assert len(found) == 10  # x, z, few, rank, flag
    for (a, b), value in found.items():
        x, y = present(data, a, b)
        assert value.value == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-6 if offset else 1e-12)
        assert value.n == len(x)


@pytest.mark.parametrize(("metric", "oracle"), [(Spearman(), stats.spearmanr), (Kendall(), stats.kendalltau)])
def test_ranks_of_few_values_are_exact(metric, oracle):
    data = rows(1)
    found = pairs(metric, data)
    for pair in (("few", "rank"), ("few", "flag"), ("flag", "rank")):
        assert found[pair].value == pytest.approx(oracle(*present(data, *pair)).statistic, abs=1e-12)


def test_what_binning_loses_is_what_is_said():
    for seed, strength in enumerate([0.0, 0.3, 0.6, 1.0, 2.0, 5.0]):
        data = {k: v for k, v in rows(seed, 4000, strength).items() if k in ("x", "z")}
        x, z = present(data, "x", "z")
        rho, tau = stats.spearmanr(x, z).statistic, stats.kendalltau(x, z).statistic
        assert abs(pairs(Spearman(), data)["x", "z"].value - rho) < 0.015
        assert -0.005 < pairs(Kendall(), data)["x", "z"].value - tau < 0.055


def test_one_outlier_does_not_make_a_rank_correlation():
    rng = np.random.default_rng(2)
    data = {"x": np.append(rng.normal(size=500), 1e6), "z": np.append(rng.normal(size=500), 1e6)}
    assert pairs(Pearson(), data)["x", "z"].value > 0.99
    assert abs(pairs(Spearman(), data)["x", "z"].value) < 0.15


def test_cramers_v_against_the_formula():
    data = rows(3, 2000)
    found = pairs(CramersV(), data)
    table = pd.crosstab(data["city"], data["flag"]).to_numpy()
    phi2 = stats.chi2_contingency(table, correction=False).statistic / table.sum()
    n, (a, b) = table.sum(), table.shape
    phi2 = max(0.0, phi2 - (a - 1) * (b - 1) / (n - 1))
    a, b = a - (a - 1) ** 2 / (n - 1), b - (b - 1) ** 2 / (n - 1)
    assert found["city", "flag"].value == pytest.approx(math.sqrt(phi2 / min(a - 1, b - 1)))
    assert found["city", "x"].value > 0.5  # a category of x itself, beside its ten cells
    assert ("few", "x") not in found


def test_independent_columns_of_many_labels_have_no_association():
    """The uncorrected V of 40 labels and 10 cells in 400 rows is about 0.2."""
    assert np.mean([pairs(CramersV(), rows(seed))["shop", "x"].value for seed in range(10)]) < 0.06


@pytest.mark.parametrize("statistic", [spearman, kendall])
@pytest.mark.parametrize("cells", [2, 5, 10])
def test_standard_errors_are_the_spread_of_draws(statistic, cells):
    rng = np.random.default_rng(4)
    p = rng.dirichlet(np.full(cells * cells, 0.5)).reshape(cells, cells)
    drawn = rng.multinomial(400, p.ravel(), size=3000).reshape(3000, cells, cells)
    found = statistic(drawn)
    assert np.mean(found.se) == pytest.approx(found.value.std(), rel=0.06)


def test_of_independent_columns_cramers_v_says_so_for_single_cells():
    table = np.zeros((3, 4, 4), np.int64)
    table[1, 0, 0] = 9  # one cell on both sides
    table[2, 0, :2] = 5
    for of in (cramers_v, spearman, kendall):
        assert np.isnan(of(table).value).all()


def test_what_has_no_correlation_says_why():
    n = 50
    data = {
        "constant": [0.1] * n,
        "x": np.arange(n),
        "never": [None] * n,
        "left": [1.0, 2.0, *[None] * (n - 2)],
        "inf": np.full(n, np.inf),
    }
    found = pairs(Pearson(), {**data, "never": np.full(n, np.nan)})
    assert all(v.value is None and v.note for v in found.values())
    assert "2 rows" in found["left", "x"].note
    assert "vary" in found["constant", "x"].note
    assert "only 0 rows" in found["inf", "x"].note
    assert all(v.value is None for v in pairs(Spearman(), data).values())


@pytest.mark.parametrize("metric", [Pearson(), Spearman(), Kendall(), CramersV()])
def test_two_rows_and_none(metric):
    two = {"x": [1.0, 2.0], "z": [1.0, 3.0], "c": ["a", "b"]}
    for data in (two, {k: v[:0] for k, v in two.items()}):
        result = Report([metric]).run(data).results[0]
        assert result.status == "unknown"
        assert result.note
        assert all(v.value is None for v in result.values)
    assert "fewer than two" in Report([metric]).run({"x": [1, 2, 3]}).results[0].note


def test_one_category_has_no_association():
    found = pairs(CramersV(), {"c": ["only"] * 30, "d": ["a", "b", "c"] * 10, "x": range(30)})
    assert found["c", "d"].value is None
    assert found["d", "x"].value is not None


def test_against_a_reference_cells_are_the_references():
    base = Baseline.of(rows(5, 3000), needs=lambda s: [*default_needs(s, anchored=True), *Spearman().needs(s)])
    parts = [rows(seed, 500) for seed in range(6, 9)]
    whole = {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}
    merged = Spearman().compute(sum(Profile.of(p, base) for p in parts), base.profile)
    assert merged == Spearman().compute(Profile.of(whole, base), base.profile)
    for value in merged.values:
        assert abs(value.value - value.reference) < 5 * math.hypot(value.se, value.reference_se)
    current, reference = merged.figures[1], merged.figures[0]
    assert isinstance(current, Heat) and (reference.title, current.title) == (
        "Spearman correlation, reference", "Spearman correlation, current",
    )  # fmt: skip
    assert [row[i] for i, row in enumerate(current.values)] == [None] * 5


def test_target_of_two_classes_and_roles():
    rng = np.random.default_rng(9)
    s = rng.random(300)
    data = {"s": s, "y": np.where(rng.random(300) < s, "yes", "no"), "x": s + rng.normal(size=300), "id": range(300)}
    schema = Schema(target="y", score="s", id="id", positive="yes")
    found = pairs(Pearson(), data, schema=schema)
    assert set(found) == {("s", "x"), ("s", "y"), ("x", "y")}
    assert found["s", "y"].value == pytest.approx(stats.pearsonr(s, data["y"] == "yes").statistic)


def test_only_the_strongest_are_listed_and_it_is_said():
    result = Report([Pearson(pairs=3)]).run(rows(10)).results[0]
    assert len(result.values) == 3
    assert result.note == "the 3 strongest of 10 pairs are listed"
    listed = {(v.labels["column"], v.labels["other"]): abs(v.value) for v in result.values}
    others = [abs(v.value) for pair, v in pairs(Pearson(), rows(10)).items() if pair not in listed]
    assert min(listed.values()) >= max(others)
    only = Report([Spearman(columns=["x", "z", "gone"])]).run(rows(10)).results[0]
    assert len(only.values) == 1
    assert "'gone'" in only.note
    assert only.params == {"columns": "x, z, gone"}


def test_many_columns_are_capped_and_it_is_said():
    rng = np.random.default_rng(11)
    data = {f"x{i}": rng.normal(size=30) for i in range(70)}
    result = Report([Spearman()]).run(data).results[0]
    assert "of 70 columns the first 60" in result.note
    assert len(result.values) == 100
    assert result.figures == []


def test_impossible_parameters():
    for wrong in ({"columns": ("x",)}, {"columns": "x"}, {"columns": (1, 2)}, {"pairs": 0}, {"pairs": True}):
        with pytest.raises(ParameterError):
            Pearson(**wrong)


def test_a_profile_that_was_not_asked_says_how():
    plain = Profile.of(rows(12))
    assert "needs=..." in Pearson().compute(plain, None).note
    assert "cut from a reference" in Spearman().compute(plain, None).note
    a, b = (Profile.of(rows(seed), needs=Spearman().needs) for seed in (1, 2))
    with pytest.raises(MergeError, match="one baseline"):
        a.merge(b)


def test_parts_of_which_one_knows_a_column_by_nulls_only():
    """An empty column is a category to one part: what the other knows is of its own rows, and that is said."""

    def needs(schema: Schema) -> list[Need]:
        return [*(Need("counts", (column,)) for column in schema.profiled), *Pearson().needs(schema)]

    a = Profile.of({"x": [1.0, 2, 3, 4], "z": [2.0, 1, 4, 3], "w": [None] * 4}, needs=needs)
    b = Profile.of({"x": [1.0, 2, 3, 4], "z": [2.0, 1, 4, 3], "w": [1.0, 2, 3, 5]}, needs=needs)
    assert b.n_rows == 4
    result = Pearson().compute(a.merge(b), None)
    assert "of 4 of 8 rows" in result.note


def test_a_stream_is_read_once_and_held():
    frames = ({k: v[i::3] for k, v in rows(13).items()} for i in range(3))
    streamed = Report([Spearman()]).run(pd.DataFrame(f) for f in frames).results[0]
    data = rows(13)
    order = np.concatenate([np.arange(400)[i::3] for i in range(3)])
    assert streamed.values == Report([Spearman()]).run({k: v[order] for k, v in data.items()}).results[0].values


def test_mutual_information_is_sklearns_less_its_bias():
    data = rows(30, 3000)
    found = pairs(MutualInformation(), data)
    assert len(found) == 21  # of any two, ordered or not
    cells = {
        "city": data["city"], "few": data["few"], "flag": data["flag"], "rank": data["rank"],
        "x": np.searchsorted(np.quantile(data["x"], np.arange(1, 10) / 10), data["x"]),
    }  # fmt: skip
    for (a, b), value in found.items():
        if a not in cells or b not in cells:
            continue
        both = pd.DataFrame({"a": cells[a], "b": cells[b]}).dropna()
        table = pd.crosstab(both["a"], both["b"]).to_numpy()
        bias = ((table > 0).sum() - sum(table.shape) + 1) / (2 * len(both))
        want = max(mutual_info_score(both["a"], both["b"]) - bias, 0)
        assert value.value == pytest.approx(want, abs=0.01 if "x" in (a, b) else 1e-9), (a, b)


def test_mutual_information_sees_what_correlations_miss_and_nothing_where_there_is_nothing():
    rng = np.random.default_rng(31)
    x = rng.normal(size=2000)
    data = {"x": x, "square": x**2, "noise": rng.normal(size=2000)}
    found, rho = (pairs(metric, data) for metric in (MutualInformation(), Spearman()))
    assert found["square", "x"].value > 1 and abs(rho["square", "x"].value) < 0.1
    assert found["noise", "x"].value < 0.01
    few = [mutual_information(np.bincount(rng.integers(0, 25, 100), minlength=25).reshape(1, 5, 5)) for _ in range(200)]
    plain_bias = 16 / 200
    assert np.mean([one.value for one in few]) < plain_bias / 2.5
    same = mutual_information(np.diag([10, 20, 30])[None])
    assert same.value == pytest.approx(stats.entropy([10, 20, 30]) + 2 / 120)
    for nothing in (np.array([[[5, 6]]]), np.zeros((1, 2, 2), np.int64)):
        assert np.isnan(mutual_information(nothing).value)
    with pytest.raises(ParameterError, match="no correlation"):
        HighestCorrelation(method="mutual_information")
