"""What whylogs is timed at, in its own environment."""

import functools

import pandas as pd
import whylogs as why
from loop import serve


def profile(path):
    frame = pd.read_parquet(path)
    return lambda: why.log(frame) and None


def from_parquet(path):
    return lambda: why.log(pd.read_parquet(path)) and None


def one_row(path):
    rows = pd.read_parquet(path).head(200).to_dict("records")

    def work():
        for row in rows:
            why.log(row=row)

    return work


def merge(path):
    frame = pd.read_parquet(path)
    views = [why.log(frame[at : at + 100]).view() for at in range(0, len(frame), 100)]
    return lambda: functools.reduce(lambda a, b: a.merge(b), views) and None


serve({"profile": profile, "from_parquet": from_parquet, "one_row": one_row, "merge": merge})
