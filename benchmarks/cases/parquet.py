"""From a file: what counting adds to reading."""

from __future__ import annotations

from benchmarks import data
from benchmarks.rows import Row, lacking
from benchmarks.timing import LackingPeerError, alternate, ours, peer, ratio, spread

TITLE = "From a Parquet file of 1,000,000 rows x 20 columns"


def run(quick: bool = False) -> list[Row]:
    path = data.parquet(20_000 if quick else 1_000_000)
    profile, read = ours("from_parquet", path), ours("read", path)
    workers, why, other = [profile, read], "left out of quick runs", None
    if not quick:
        try:
            other = peer("whylogs", "from_parquet", path)
            workers.append(other)
        except LackingPeerError as error:
            why = str(error)
    alternate(*workers, rounds=2 if quick else 9, few={"whylogs": 1})
    rows = [
        Row("file to profile", f"{ratio(profile, read):.1f} x; {spread(profile)}", f"reading alone {spread(read)}"),
        Row("added memory", f"{profile.most():.0f} MB", f"reading alone {read.most():.0f} MB"),
    ]
    if other is None:
        return [*rows, lacking("faster than whylogs", why)]
    return [*rows, Row("faster than whylogs", f"{ratio(other, profile):.0f} x", f"whylogs {spread(other)}, one round")]
