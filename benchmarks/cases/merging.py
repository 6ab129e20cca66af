"""Merging a thousand profiles."""

from __future__ import annotations

from benchmarks import data
from benchmarks.rows import Row, at_most, lacking
from benchmarks.timing import LackingPeerError, alternate, ours, peer, ratio, spread

TITLE = "Merging 1,000 profiles of 20 columns, each of 100 rows"


def run(quick: bool = False) -> list[Row]:
    path = data.parquet(2000 if quick else 100_000)
    merge = ours("merge", path)
    workers, why, other = [merge], "left out of quick runs", None
    if not quick:
        try:
            other = peer("whylogs", "merge", path)
            workers.append(other)
        except LackingPeerError as error:
            why = str(error)
    alternate(*workers, rounds=2 if quick else 5)
    rows = [at_most("against a baseline, one after the other", merge.median(), 1.5, "", "{:.2f} s")]
    if other is None:
        return [*rows, lacking("faster than whylogs", why)]
    return [*rows, Row("faster than whylogs", f"{ratio(other, merge):.1f} x", f"whylogs {spread(other)}")]
