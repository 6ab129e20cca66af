"""Rows that come one at a time."""

from __future__ import annotations

from benchmarks import data
from benchmarks.rows import Row, lacking
from benchmarks.timing import LackingPeerError, alternate, ours, peer, ratio

TITLE = "One row of 20 columns at a time"


def run(quick: bool = False) -> list[Row]:
    path = data.parquet(20_000 if quick else 100_000)
    profile = ours("one_row", path)
    workers, why, other = [profile], "left out of quick runs", None
    if not quick:
        try:
            other = peer("whylogs", "one_row", path)
            workers.append(other)
        except LackingPeerError as error:
            why = str(error)
    alternate(*workers, rounds=2 if quick else 7)
    each = f"{profile.median() / 200 * 1e3:.2f} ms a row"
    if other is None:
        return [Row("into a profile", each), lacking("faster than whylogs", why)]
    told = f"whylogs {other.median() / 200 * 1e3:.2f} ms a row"
    return [Row("into a profile", each), Row("faster than whylogs", f"{ratio(other, profile):.1f} x", told)]
