"""A million rows of twenty columns."""

from __future__ import annotations

from benchmarks import data
from benchmarks.rows import Row, at_least, at_most, lacking
from benchmarks.timing import LackingPeerError, Worker, alternate, ours, peer, ratio, spread

TITLE = "Profile of 1,000,000 rows x 20 columns"


def run(quick: bool = False) -> list[Row]:
    path = data.parquet(20_000 if quick else 1_000_000)
    sketches, anchored = ours("profile", path), ours("against_a_baseline", path)
    one, freeze = ours("profile", path, name="one thread", threads=1), ours("baseline", path)
    describe, sort = ours("describe", path), ours("sort", path)
    workers: list[Worker] = [sketches, anchored, one, freeze, describe, sort]
    few: dict[str, int] = {}
    why: object = "left out of quick runs"
    whylogs = None
    if not quick:
        try:
            whylogs = peer("whylogs", "profile", path)
            workers.append(whylogs)
            few["whylogs"] = 2
        except LackingPeerError as error:
            why = error
    alternate(*workers, rounds=2 if quick else 9, few=few)
    beside = f"polars describe() {spread(describe)}"
    rows = [
        Row("sketches only", spread(sketches)),
        at_most("sketches only, beside describe()", ratio(sketches, describe), 1.0, beside),
        Row("against a baseline", spread(anchored)),
        at_most("against a baseline, beside describe()", ratio(anchored, describe), 1.0, beside),
        Row("against a baseline, beside a sort", f"{ratio(anchored, sort):.2f} x", f"numpy.sort of 17 {spread(sort)}"),
        Row("freezing the baseline itself", f"{ratio(freeze, describe):.2f} x", beside),
        at_least("two threads beside one", ratio(one, sketches), 1.5, f"one thread {spread(one)}", "{:.2f} x"),
        at_most("added memory", max(sketches.most(), anchored.most()), 250, f"describe() {describe.most():.0f} MB",
                "{:.0f} MB"),
    ]  # fmt: skip
    if whylogs is None:
        return [*rows, lacking("faster than whylogs", why)]
    told = f"whylogs {spread(whylogs)}, of {len(whylogs.rounds)} rounds"
    return [*rows, at_least("faster than whylogs", ratio(whylogs, sketches), 40, told)]
