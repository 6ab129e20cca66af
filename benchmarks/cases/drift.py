"""Two frames of a million rows: is there drift?"""

from __future__ import annotations

from benchmarks import data
from benchmarks.rows import Row, at_least, at_most, lacking
from benchmarks.timing import LackingPeerError, Worker, alternate, ours, peer, ratio, spread

TITLE = "Drift of two frames of 1,000,000 rows x 20 columns, freezing and counting included"


def run(quick: bool = False) -> list[Row]:
    n = 20_000 if quick else 1_000_000
    paths = data.parquet(n), data.parquet(n, seed=1)
    rows: list[Row] = []
    for task, limit in (("drift_json", 80), ("drift_html", 60)):
        rows += _compared(task, limit, *paths, quick=quick)
    return rows


def _compared(task: str, limit: int, *paths, quick: bool) -> list[Row]:  # type: ignore[no-untyped-def]
    what = f"report as {task[6:].upper()}"
    report = ours(task, *paths)
    workers: list[Worker] = [report]
    try:
        if quick:
            raise LackingPeerError("left out of quick runs")
        evidently = peer("evidently", task, *paths)
    except LackingPeerError as error:
        alternate(*workers, rounds=2)
        return [Row(what, spread(report)), lacking(f"{what}: faster than Evidently", error)]
    # its first round is kept as well: minutes long, it is no warm-up that matters
    alternate(report, evidently, rounds=3, few={"evidently": 2})
    told = f"Evidently's DataDriftPreset {spread(evidently)}, of {len(evidently.rounds)} rounds"
    rows = [Row(what, spread(report)), at_least(f"{what}: faster", ratio(evidently, report), limit, told, "{:.0f} x")]
    memory = report.most() / evidently.most()
    both = f"{report.most():.0f} MB of {evidently.most():.0f} MB"
    return [*rows, at_most(f"{what}: added memory, as a share", memory, 1 / 3, both, "{:.2f}")]
