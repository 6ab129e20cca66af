"""Counting in the baseline's cells: as PSI cuts them, within bounds, and over all processes."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from prometheus import accepted
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from test_collector import HOSTILE

from barograph import Baseline, Profile
from barograph.errors import ParameterError
from barograph.live.cells import CellCollector, CellCounts, cell_collector, column_cells
from barograph.live.monitor import Monitor
from barograph.metrics.drift import PSI

RNG = np.random.default_rng(7)
TABLE = {
    "normal": RNG.normal(size=2_000),
    "digit": RNG.integers(0, 10, 2_000),
    "many": RNG.integers(0, 45, 2_000),
    "odd": np.where(np.arange(2_000) % 2 == 0, 0.0, RNG.exponential(size=2_000)),
    "few": RNG.choice(["x", "y"], 2_000),
    "lots": RNG.choice([f"v{i}" for i in range(200)], 2_000),
    "flag": RNG.random(2_000) < 0.5,
    "empty": [None] * 2_000,
    "gaps": [None if i % 4 == 0 else float(i) for i in range(2_000)],
}
BASE = Baseline.of(TABLE)


def page(counts: CellCounts) -> str:
    registry = CollectorRegistry()
    registry.register(CellCollector(counts))
    return generate_latest(registry).decode()


def sample(text: str, name: str, **labels: str) -> list[float]:
    families = text_string_to_metric_families(text)
    samples = (s for family in families for s in family.samples)
    return [s.value for s in samples if s.name == name and labels.items() <= s.labels.items()]


def test_cells_are_those_of_psi() -> None:
    kept = RNG.choice(2_000, 500, p=np.arange(1, 2_001) / np.arange(1, 2_001).sum())
    nulls = ("empty", "gaps")
    now = Profile.of(
        {
            name: np.array(v, float if name in nulls else None)[kept] if name in nulls else np.sort(v)[kept]
            for name, v in TABLE.items()
        },
        BASE,
    )
    sizes = {}
    for cells in column_cells(BASE):
        counts = cells.count(now)
        assert counts is not None and counts.sum() == now.get("counts", cells.column).n_present
        assert cells.reference.sum() == BASE.profile.get("counts", cells.column).n_present
        sizes[cells.column] = cells.reference.size
        shown = PSI().statistic(counts.astype(float), cells.reference.astype(float), None)  # type: ignore[arg-type]
        told = PSI(cells.column).compute(now, BASE.profile).values[0].value
        if cells.column not in ("lots", "many"):  # more values than there is room for
            assert shown == pytest.approx(told, abs=1e-12), cells.column
            assert shown > 0.01
    # of the digits each is a cell, and what lies below, between and above; of the labels also rare and unseen
    assert sizes == {
        "normal": 10, "digit": 21, "many": sizes["many"], "odd": sizes["odd"], "few": 4, "lots": 24, "flag": 4,
        "gaps": 10,
    }  # fmt: skip
    assert max(sizes.values()) <= 24


@pytest.mark.parametrize(("bins", "at_most"), [(2, 4), (5, 7), (10, 12), (20, 60)])
def test_room_is_kept(bins: int, at_most: int) -> None:
    for cells in column_cells(BASE, bins=bins, cells_at_most=at_most):
        assert 2 <= cells.reference.size <= at_most
        assert cells.reference.sum() == BASE.profile.get("counts", cells.column).n_present
        edges = [float(le) for le in cells.upto]
        assert edges == sorted(set(edges))


def test_what_cannot_be_counted() -> None:
    with pytest.raises(ParameterError, match="no column 'nope'"):
        column_cells(BASE, ["nope"])
    with pytest.raises(ParameterError, match="do not go"):
        column_cells(BASE, bins=10, cells_at_most=5)


def test_counters_and_the_reference_on_one_page() -> None:
    counts = CellCounts(BASE, column_cells(BASE, ["digit", "few", "gaps"]), model="m", version="2")
    assert sample(page(counts), "barograph_column_labels_total", label="x") == [0]  # there before anything came
    counts.add(Profile.of({"digit": [0, 5, 99, None], "few": ["x", "x", "z", "y"], "gaps": [1.0, None, None, 5]}, BASE))
    counts.add(Profile.of({"digit": [-1, float("nan")], "few": ["x", None], "gaps": [1.0, 2.0]}, BASE))
    text = page(counts)
    upto = sample(text, "barograph_column_values_bucket", column="digit")
    assert upto == sorted(upto) and upto[0] == 1 and upto[-1] == 4
    assert sample(text, "barograph_column_values_bucket", column="digit", le="0.0") == [2]
    assert sample(text, "barograph_column_values_bucket", column="digit", le="+Inf") == [4]
    assert sample(text, "barograph_column_labels_total", column="few", label="x") == [3]
    assert sample(text, "barograph_column_labels_total", column="few", cell="unseen") == [1]
    assert sample(text, "barograph_column_missing_total", column="digit") == [2]
    assert sample(text, "barograph_column_missing_total", column="gaps") == [2]
    assert sample(text, "barograph_baseline_upto_rows", column="gaps", upto="+Inf") == [1_500]
    assert sum(sample(text, "barograph_baseline_label_rows", column="few")) == 2_000
    assert f'baseline="{BASE.id}"' in text and 'model="m",model_version="2"' in text


def test_a_monitors_rows(tmp_path: Path) -> None:
    with Monitor(BASE, model="m", version="2", spool=tmp_path) as monitor:
        collector = cell_collector(monitor, ["few", "digit"])
        for i in range(50):
            monitor.log({"few": "x", "digit": i % 10})
        monitor.log({"few": None})
        monitor.flush()
        registry = CollectorRegistry()
        registry.register(collector)
        text = generate_latest(registry).decode()
    assert sample(text, "barograph_column_labels_total", label="x", model="m", model_version="2") == [50]
    assert sample(text, "barograph_column_values_bucket", le="4.0") == [25]
    assert sample(text, "barograph_column_missing_total", column="few") == [1]
    assert sample(text, "barograph_column_missing_total", column="digit") == [1]


def test_promtool_accepts_the_page() -> None:
    accepted(page(CellCounts(BASE)))


def test_le_is_written_as_prometheus_3_would() -> None:
    base = Baseline.of({"x": [-1234567.0, -1e-7, 0.5, 2.0, 1234567.0, 1e20] * 10})
    (cells,) = column_cells(base)
    assert {"-1.234567e+06", "-1e-07", "0.5", "2.0", "1.234567e+06", "1e+20", "+Inf"} <= set(cells.upto)


def test_hostile_labels() -> None:
    base = Baseline.of({"x": [text for text in HOSTILE if text != "\ud800"] * 30})
    text = page(CellCounts(base))
    assert len(sample(text, "barograph_baseline_label_rows")) == len(HOSTILE) - 1 + 2


def test_workers_are_summed(tmp_path: Path) -> None:
    part = Profile.of({"few": ["x", "y"], "digit": [1, 2]}, BASE)
    first, second = (CellCounts(BASE, folder=tmp_path) for _ in range(2))
    first.add(part)
    assert (first.totals() == second.totals()).all() and first.totals().sum() > 0
    seen = 0.0
    for worker in (first, second, second, first) * 3:  # nobody says less than somebody said before
        worker.add(part)
        for asked in (first, second):
            total = float(asked.totals().sum())
            assert total >= seen
            seen = total
    assert sample(page(second), "barograph_column_labels_total", label="x") == [13]
    del first  # what a dead worker counted stays
    assert sample(page(second), "barograph_column_labels_total", label="x") == [13]
    other = CellCounts(BASE, version="2", folder=tmp_path)  # and is not another version's
    assert other.totals().sum() == 0


def _count_in_child(counts: CellCounts, part: Profile) -> None:
    counts.add(part)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_worker_begins_with_nothing(tmp_path: Path) -> None:
    part = Profile.of({"few": ["x", "y"]}, BASE)
    counts = CellCounts(BASE, folder=tmp_path)
    counts.add(part)
    counts.totals()
    child = multiprocessing.get_context("fork").Process(target=_count_in_child, args=(counts, part))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert sample(page(counts), "barograph_column_labels_total", label="x") == [2]


def test_a_broken_folder_breaks_nothing(tmp_path: Path) -> None:
    counts = CellCounts(BASE, folder=tmp_path / "not" / "there")
    counts.add(Profile.of({"few": ["x"]}, BASE))
    assert sample(page(counts), "barograph_column_labels_total", label="x") == [1]
