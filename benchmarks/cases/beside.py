"""A profile beside `describe()` and whylogs: what several cases do on data of other shapes."""

from __future__ import annotations

from pathlib import Path

from benchmarks.rows import Row, lacking
from benchmarks.timing import LackingPeerError, alternate, ours, peer, ratio, spread


def compared(path: Path, rounds: int, quick: bool, *, whylogs: bool = True) -> list[Row]:
    """Rows for the data in a Parquet file."""
    profile, anchored, describe = ours("profile", path), ours("against_a_baseline", path), ours("describe", path)
    workers, why, other = [profile, anchored, describe], "left out of quick runs", None
    if whylogs and not quick:
        try:
            other = peer("whylogs", "profile", path)
            workers.append(other)
        except LackingPeerError as error:
            why = str(error)
    alternate(*workers, rounds=1 if quick else rounds, few={"whylogs": 1})
    beside = f"describe() {spread(describe)}"
    rows = [
        Row("sketches only", f"{ratio(profile, describe):.2f} x; {spread(profile)}", beside),
        Row("against a baseline", f"{ratio(anchored, describe):.2f} x; {spread(anchored)}", beside),
        Row("added memory", f"{max(profile.most(), anchored.most()):.0f} MB", f"describe() {describe.most():.0f} MB"),
    ]
    if other is not None:
        told = f"whylogs {spread(other)}, one round"
        rows.append(Row("faster than whylogs", f"{ratio(other, profile):.0f} x", told))
    elif whylogs:
        rows.append(lacking("faster than whylogs", why))
    return rows
