"""The recipe for engines that map and reduce, on a real one, with processes: the counts of one machine."""

from pathlib import Path

import dask
import dask.bag
import pandas as pd
import polars as pl

from barograph import Baseline, Profile, Schema

FLIGHTS = Path(__file__).parent.parent / "examples" / "flights.parquet"
EXACT = ("counts", "bins", "categories", "distinct", "columns", "confusion")


def count(path: str, baseline: Baseline) -> Profile:
    return Profile.of(path, baseline)


def counts(profile: Profile) -> list[object]:
    """All that is exact; of labels never seen the first five are kept, and another order has others."""
    found = [state for need, state in profile.body()["summaries"] if need["summary"] in EXACT]
    return [{name: value for name, value in state.items() if name != "examples"} for state in found]


def test_files_mapped_and_reduced_in_processes(tmp_path: Path) -> None:
    flights = pl.read_parquet(FLIGHTS).gather_every(20)
    paths = []
    for month, part in flights.group_by(pl.col("ts").dt.month()):
        paths.append(str(tmp_path / f"{month[0]}.parquet"))
        part.write_parquet(paths[-1])
    base = Baseline.of(flights.head(3000), schema=Schema(target="late", timestamp="ts"))
    bag = dask.bag.from_sequence(paths, npartitions=4).map(count, baseline=base)
    with dask.config.set({"multiprocessing.context": "spawn"}):
        made = bag.fold(Profile.merge, split_every=2).compute(scheduler="processes", num_workers=2)
    assert made.n_rows == flights.height
    assert counts(made) == counts(Profile.of(flights, base))


def test_partitions_of_a_frame() -> None:
    flights = pl.read_parquet(FLIGHTS).gather_every(50).to_pandas()
    base = Baseline.of(flights.head(3000), schema=Schema(target="late", timestamp="ts"))
    parts = [dask.delayed(flights[at::3]) for at in range(3)]

    def profile(part: pd.DataFrame) -> Profile:
        return Profile.of(part, base)

    first, *others = [dask.delayed(profile)(part) for part in parts]
    whole = first
    for other in others:
        whole = dask.delayed(Profile.merge)(whole, other)
    assert counts(whole.compute(scheduler="threads")) == counts(Profile.of(flights, base))
