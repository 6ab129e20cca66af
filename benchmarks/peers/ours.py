"""What Barograph is timed at, and the limits beside it, each in a process of its own as the peers are."""

import functools

import numpy as np
import polars as pl
from loop import serve

from barograph import Baseline, Profile, Report, profile_files


def profile(path):
    frame = pl.read_parquet(path)
    return lambda: Profile.of(frame) and None


def against_a_baseline(path):
    frame = pl.read_parquet(path)
    baseline = Baseline.of(frame.head(frame.height // 2))
    return lambda: Profile.of(frame, baseline) and None


def baseline(path):
    frame = pl.read_parquet(path)
    return lambda: Baseline.of(frame) and None


def from_parquet(path):
    return lambda: Profile.of(path) and None


def files(folder):
    return lambda: profile_files(folder, progress=False) and None


def one_row(path):
    frame = pl.read_parquet(path)
    known = Baseline.of(frame)
    rows = [frame[at : at + 1] for at in range(200)]

    def work():
        counted = known.empty()
        for row in rows:
            counted.add(row)

    return work


def hundred_rows(path):
    frame = pl.read_parquet(path)
    known = Baseline.of(frame)
    batches = [frame[at : at + 100] for at in range(0, 20_000, 100)]

    def work():
        counted = known.empty()
        for batch in batches:
            counted.add(batch)

    return work


def sql(path):
    import duckdb

    from barograph.engines import sql as engine

    frame = pl.read_parquet(path)
    known = Baseline.of(frame.head(frame.height // 2))
    database = duckdb.connect()
    database.execute("CREATE TABLE rows AS SELECT * FROM read_parquet(?)", [path])
    return lambda: engine.profile(database, "rows", known) and None


def merge(path):
    frame = pl.read_parquet(path)
    known = Baseline.of(frame)
    parts = [Profile.of(frame[at : at + 100], known) for at in range(0, frame.height, 100)]
    return lambda: functools.reduce(lambda a, b: a.merge(b), parts) and None


def size(path):
    frame = pl.read_parquet(path)
    known = Baseline.of(frame)
    return lambda: {"bytes": len(Profile.of(frame, known).to_bytes())}


def drift(output):
    def prepared(reference, current):
        before, now = pl.read_parquet(reference), pl.read_parquet(current)
        return lambda: {"bytes": len(Report(["data_drift"]).run(now, before).render(output))}

    return prepared


def report(reference, current):
    known, counted = Baseline.read(reference), Profile.read(current)
    return lambda: {"bytes": len(Report(["data_drift"]).run(counted, known).render("json"))}


def describe(path):
    frame = pl.read_parquet(path)
    return lambda: frame.describe() is None or None


def sort(path):
    frame = pl.read_parquet(path)
    columns = [s.to_numpy() for s in frame if s.dtype.is_numeric()]
    return lambda: [np.sort(values) for values in columns] and None


def read(path):
    return lambda: pl.read_parquet(path) is None or None


if __name__ == "__main__":
    serve(
        {
            "profile": profile, "against_a_baseline": against_a_baseline, "baseline": baseline, "one_row": one_row,
            "files": files, "from_parquet": from_parquet, "hundred_rows": hundred_rows, "merge": merge,
            "size": size, "sql": sql,
            "drift_json": drift("json"), "drift_html": drift("html"), "report": report,
            "describe": describe, "sort": sort, "read": read,
        }
    )  # fmt: skip
