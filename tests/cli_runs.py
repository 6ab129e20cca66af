"""What the tests of the command line share: data, and one command run in this process."""

from __future__ import annotations

import numpy as np
import polars as pl
from typer.testing import CliRunner

from barograph.cli import app

N = 2_000


def rows(seed: int, shift: float = 0.0, n: int = N) -> pl.DataFrame:
    """A binary classifier's log, with a feature that can be shifted."""
    rng = np.random.default_rng(seed)
    target = rng.random(n) < 0.3
    score = np.clip(rng.normal(0.35 + 0.3 * target, 0.15), 0, 1)
    start = pl.datetime(2026, 1, 1)
    return pl.DataFrame({
        "ts": pl.datetime_range(start, start + pl.duration(minutes=30 * (n - 1)), "30m", eager=True),
        "request_id": [f"r{i}" for i in range(n)],
        "age": rng.normal(40 + shift, 10, n),
        "city": rng.choice(["Ulm", "Bonn", "Köln"], n),
        "score": score,
        "target": target.astype(int),
    })  # fmt: skip


ROLES = ["--target", "target", "--score", "score", "--timestamp", "ts", "--id", "request_id"]


class Ran:
    """Exit code and both streams of one command."""

    def __init__(self, *arguments: object) -> None:
        result = CliRunner().invoke(app, [str(a) for a in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr


def refused(*arguments: object) -> str:
    """What the command line says of bad input: one message on stderr, nothing on stdout, exit code 2."""
    ran = Ran(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("barograph: ")
    assert "Traceback" not in ran.err
    return ran.err
