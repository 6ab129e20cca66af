"""PSI and KS as Prometheus computes them from the counters, against ours: on a real Prometheus."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from prometheus import binary, history, prometheus, promtool, query, until
from prometheus_client import CollectorRegistry, generate_latest

from barograph import Baseline, Profile
from barograph.errors import ParameterError
from barograph.live.cells import CellCollector, CellCounts
from barograph.live.promql import queries, rules
from barograph.metrics.drift import KS, PSI

RNG = np.random.default_rng(11)
WORDS = ["rain", "a storm from the north", "calm seas and light winds in the bay", "fog until noon, then sun"]


def table(n: int, shift: float = 0.0, **more: Any) -> dict[str, Any]:
    """Rows with ordered, nominal and text columns, negative and tied values, nulls and empty cells."""
    rows = {
        "normal": RNG.normal(shift, 1, n),
        "digit": np.minimum(RNG.integers(0, 7, n) + round(2 * shift), 8),
        "tied": np.where(RNG.random(n) < 0.5 + shift / 4, -3.5, RNG.exponential(1 + shift, n)),
        "port": RNG.choice(["Bonn", "Kiel", "Ulm"], n, p=[0.6 - min(shift, 1) / 4, 0.3, 0.1 + min(shift, 1) / 4]),
        "note": [" ".join(words) + f" {i}" for i, words in enumerate(RNG.choice(WORDS, (n, 3 + int(shift))))],
        "holes": np.where(RNG.random(n) < 0.2, np.nan, RNG.normal(size=n)),
    }
    return rows | more


BASE = Baseline.of(table(4_000))
START, MINUTE, T = 1_700_000_040 - 1_700_000_040 % 60, 60.0, 60
AT = START + T * MINUTE
EXACT = 1e-9


class Replica:
    """A process that counts, its past scrapes, and the profile of what it counted since half an hour before the end."""

    def __init__(self, model: str, name: str) -> None:
        self.model, self.name = model, name
        self.counts = CellCounts(BASE, model=model)
        self.pages: list[Any] = []
        self.window = BASE.empty()

    def serve(self, minute: int, n: int = 0, shift: float = 0.0, **more: Any) -> None:
        """Count n rows, then be scraped."""
        if n:
            part = Profile.of(table(n, shift, **more), BASE)
            self.counts.add(part)
            self.window = self.window + part if minute > T - 30 else self.window
        families = list(CellCollector(self.counts).collect())
        self.pages.append((START + minute * MINUTE, {"instance": self.name, "job": "models"}, families))

    def restart(self) -> None:
        self.counts = CellCounts(BASE, model=self.model)


def fleet() -> dict[str, list[Replica]]:
    """Models in all the situations that must have an answer."""
    names = ("steady", "moved", "strange", "idle", "gone", "half", "restart", "new")
    made = {name: [Replica(name, "a"), Replica(name, "b")] for name in names}
    for minute in range(T + 1):
        for (one, other), shift in ((made["steady"], 0.0), (made["moved"], 0.8)):
            one.serve(minute, 13, shift)
            other.serve(minute, 29 if minute % 2 else 0, shift)
        a, b = made["strange"]  # values nobody saw before, and cells that stay empty
        a.serve(minute, 5 if minute > 50 else 0, 3.0, port=["Oslo"] * 5, digit=[-4] * 5, holes=[None] * 5)
        b.serve(minute, 1 if minute == 55 else 0)
        made["idle"][0].serve(minute, 40 if minute < 20 else 0)
        if minute <= 45:
            made["gone"][0].serve(minute, 40)
        a, b = made["half"]
        a.serve(minute, 20)
        if minute <= 45:
            b.serve(minute, 20, 0.8)
        a, b = made["restart"]
        if minute == 50:
            a.restart()
        a.serve(minute, 40 if minute < 50 else 1, 0.4)
        b.serve(minute, 40, 0.4)
        made["new"][0].serve(minute, 10)
        if minute >= 45:
            made["new"][1].serve(minute, 0 if minute == 45 else 50, 0.8)
    return made


def expected(replicas: list[Replica]) -> tuple[dict[str, float], dict[str, float]]:
    """PSI and KS of the same counts, by our own metrics' formulas."""
    psi, ks = {}, {}
    now = replicas[0].window + replicas[1].window
    for cells in replicas[0].counts.columns:
        counts = cells.count(now)
        assert counts is not None
        if not counts.sum():
            continue
        name = cells.column + ("" if cells.view == "value" else cells.view)
        ours, theirs = counts.astype(float), cells.reference.astype(float)
        psi[name] = float(PSI().statistic(ours, theirs, None))  # type: ignore[arg-type]
        if cells.upto:
            ks[name] = float(KS().statistic(ours, theirs, None))  # type: ignore[arg-type]
    return psi, ks


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, list[Replica]]]]:
    """Prometheus with an hour of scrapes of the fleet."""
    folder, made = tmp_path_factory.mktemp("prometheus"), fleet()
    text = history(page for replicas in made.values() for replica in replicas for page in replica.pages)
    (folder / "past.om").write_text(text)
    done = promtool("tsdb", "create-blocks-from", "openmetrics", str(folder / "past.om"), str(folder / "tsdb"))
    assert done.returncode == 0, done.stderr
    with prometheus(folder) as address:
        yield address, made


def ask(address: str, record: str, model: str, at: float = AT, window: str = "30m", **options: Any) -> dict[str, float]:
    counting = options.get("counting", "increase")
    whole = queries(window, **options)[f"column:barograph_{record}:{counting}{window}"]
    only = whole.replace("_bucket", f'_bucket{{model="{model}"}}').replace("_total", f'_total{{model="{model}"}}')
    return query(address, only.replace("_rows)", f'_rows{{model="{model}"}})'), at)


@pytest.mark.parametrize("model", ["steady", "moved", "strange", "restart"])
def test_psi_and_ks_equal_ours(past: Any, model: str) -> None:
    address, made = past
    psi, ks = expected(made[model])
    assert len(psi) >= 9
    assert ask(address, "psi", model) == pytest.approx(psi, abs=EXACT)
    assert ask(address, "ks", model) == pytest.approx(ks, abs=EXACT)
    assert max(psi.values()) > 0.1 or model == "steady"


@pytest.mark.parametrize("model", ["moved", "strange", "new"])
def test_differences_equal_ours(past: Any, model: str) -> None:
    """Between samples too: a counter's value is the one last seen, now and a window ago."""
    address, made = past
    psi, ks = expected(made[model])
    assert ask(address, "psi", model, AT + 23, counting="difference") == pytest.approx(psi, abs=EXACT)
    for at in (AT, AT + 23):
        assert ask(address, "ks", model, at, counting="difference") == pytest.approx(ks, abs=EXACT)


def test_psi_is_the_metrics_own(past: Any) -> None:
    """Not only by the formula: the number of a report on the same rows."""
    address, made = past
    now = made["moved"][0].window + made["moved"][1].window
    told = ask(address, "psi", "moved")
    for column in ("normal", "tied", "port", "holes"):
        value = PSI(column).compute(now, BASE.profile).values[0].value
        assert told[column] == pytest.approx(value, abs=EXACT)


def test_rows_and_missing(past: Any) -> None:
    address, made = past
    now = made["moved"][0].window + made["moved"][1].window
    rows = ask(address, "rows", "moved")
    assert rows["normal"] == pytest.approx(now.n_rows)
    counts = now.get("counts", "holes")
    assert rows["holes"] == pytest.approx(counts.n_present)
    missing = ask(address, "missing_ratio", "moved")
    assert missing["holes"] == pytest.approx(1 - counts.n_present / counts.n_rows)
    assert missing["normal"] == missing["note"] == 0
    assert ask(address, "missing_ratio", "strange")["holes"] > 0.9


def test_threshold_is_near_the_calibrated_one(past: Any) -> None:
    """The chi-squared law instead of draws: the same decision, no baseline needed in Prometheus."""
    address, _ = past
    threshold = ask(address, "psi_threshold", "steady", window="5m", columns=10)
    psi = ask(address, "psi", "steady", window="5m")
    # the notes end in the number of the row: their digits and lengths do move
    assert all(psi[column] < threshold[column] for column in psi if not column.startswith("note"))
    rows = ask(address, "rows", "steady", window="5m")["normal"]
    # chi-squared of 9 degrees of freedom at 0.001
    assert threshold["normal"] == pytest.approx(27.88 * (1 / rows + 1 / 4_000), rel=0.01)
    moved, limit = ask(address, "psi", "moved"), ask(address, "psi_threshold", "moved")
    assert moved["normal"] > limit["normal"]


def test_no_traffic_is_absent_and_not_0(past: Any) -> None:
    address, _ = past
    assert ask(address, "psi", "idle", START + 25 * MINUTE)
    for record in ("psi", "ks", "psi_threshold", "rows", "missing_ratio"):
        for counting in ("increase", "difference"):
            assert ask(address, record, "idle", counting=counting) == {}


def test_no_replica_is_absent(past: Any) -> None:
    address, _ = past
    assert ask(address, "psi", "gone", START + 45 * MINUTE)
    assert ask(address, "psi", "gone") == ask(address, "rows", "gone") == {}


def test_a_replica_that_went_counts_with_what_it_had(past: Any) -> None:
    """By increase: 15 of its minutes (extrapolated by half a minute); by difference: not at all."""
    address, made = past
    both, _ = expected(made["half"])
    one = ask(address, "rows", "half", counting="difference")["normal"]
    assert one == made["half"][0].window.n_rows
    rows = ask(address, "rows", "half")["normal"]
    assert rows == pytest.approx(600 + 300 * 15.5 / 15)
    assert ask(address, "psi", "half")["normal"] == pytest.approx(both["normal"], rel=0.05)


def test_increase_between_samples(past: Any) -> None:
    """Scaled, and by the same factor in all cells: counts are no integers, the shares those of the samples seen."""
    address, _ = past
    rows = ask(address, "rows", "moved", AT + 23)["normal"]
    seen = ask(address, "rows", "moved", window="29m")["normal"]
    assert rows == pytest.approx(seen * 30 / 29)
    psi, near = ask(address, "psi", "moved", AT + 23), ask(address, "psi", "moved", window="29m")
    assert psi["normal"] == pytest.approx(near["normal"], abs=EXACT)  # no empty cell
    assert psi == pytest.approx(near, rel=0.01, abs=1e-3)  # empty cells: half a row of the scaled ones


def test_a_rule_file_in_promtool(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(rules("30m", "1h", interval="1m"))
    (tmp_path / "differences.yml").write_text(rules("1d", counting="difference"))
    for name in ("rules.yml", "differences.yml"):
        done = promtool("check", "rules", "--lint=all", "--lint-fatal", str(tmp_path / name))
        assert done.returncode == 0, done.stdout + done.stderr
    a, b = Replica("m", "a"), Replica("m", "b")
    for minute in range(T + 1):
        a.serve(minute, 20 if minute in (10, 40) else 0, 0.5)
        b.serve(minute, 31 if minute == 50 else 0, 0.5)
    psi, ks = expected([a, b])
    series: dict[str, list[str]] = {}
    for _, target, families in [*a.pages, *b.pages]:
        for sample in (s for family in families for s in family.samples):
            labels = ",".join(f"{k}='{v}'" for k, v in {**sample.labels, **target}.items())
            series.setdefault(f"{sample.name}{{{labels}}}", []).append(f"{sample.value:g}")
    expressions = [f"abs(column:barograph_psi:increase30m{{{at(n)}}} - {v!r}) < bool 1e-9" for n, v in psi.items()]
    expressions += [f"abs(column:barograph_ks:increase30m{{{at(n)}}} - {v!r}) < bool 1e-9" for n, v in ks.items()]
    tests = [
        {"expr": f"sum({e})", "eval_time": "60m", "exp_samples": [{"labels": "{}", "value": 1}]} for e in expressions
    ]
    tests.append({"expr": "column:barograph_psi:increase30m", "eval_time": "5m", "exp_samples": []})
    (tmp_path / "test.yml").write_text(
        yaml.safe_dump(
            {
                "rule_files": ["rules.yml"],
                "evaluation_interval": "1m",
                "tests": [
                    {
                        "interval": "1m",
                        "input_series": [{"series": k, "values": " ".join(v)} for k, v in series.items()],
                        "promql_expr_test": tests,
                    }
                ],
            }
        )
    )
    done = promtool("test", "rules", str(tmp_path / "test.yml"))
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def at(name: str) -> str:
    """Selector of a column or of one view of it."""
    return f'column="note",view="{name[4:]}"' if name.startswith("note") else f'column="{name}"'


class Service:
    """A replica behind HTTP."""

    def __init__(self, n: int, shift: float) -> None:
        self.replica = Replica("live", "x")
        self.replica.serve(T, n, shift)
        registry = CollectorRegistry()
        registry.register(CellCollector(self.replica.counts))

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = generate_latest(registry)
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


def test_recorded_by_a_live_prometheus(tmp_path: Path) -> None:
    """Scraped and recorded: both replicas while both are up, then the one that is left."""
    binary("prometheus")
    one, other = Service(800, 0.5), Service(1_500, 0.0)
    record = "column:barograph_psi:difference1h"
    try:
        text = rules("1h", counting="difference", interval="1s")
        with prometheus(tmp_path, targets=[one.address, other.address], rules=text) as address:
            both, _ = expected([one.replica, other.replica])
            until(lambda: query(address, record) == pytest.approx(both, abs=EXACT), "PSI of both replicas")
            other.stop()
            alone, _ = expected([one.replica, Replica("live", "none")])
            until(lambda: query(address, record) == pytest.approx(alone, abs=EXACT), "PSI of the one that is left")
            assert max(abs(alone[c] - both[c]) for c in both) > 0.01
    finally:
        one.stop()
        if other.thread.is_alive():
            other.stop()


@pytest.mark.parametrize("options", [{"alpha": 0}, {"columns": 0}, {"counting": "rate"}])
def test_impossible_rules(options: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        rules("1h", **options)


@pytest.mark.parametrize("window", ["", "1 h", "1h] or x[1h", "h"])
def test_impossible_windows(window: str) -> None:
    with pytest.raises(ParameterError, match="no duration"):
        rules(window)
