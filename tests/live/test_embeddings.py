"""A service that logs embeddings counts what a batch of the same rows would."""

from pathlib import Path
from typing import Any

import numpy as np
from services import NOON, Clock

from barograph import Baseline, Profile
from barograph.live import Monitor


class Hostile:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no")


def test_logged_embeddings_are_one_profile(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    base = Baseline.of({"face": rng.normal(size=(200, 8)), "age": rng.normal(size=200)})
    vectors = rng.normal(size=(60, 8))
    odd: list[Any] = [None, [1.0], "no vector", Hostile(), [1.0] * 7 + [None], np.ones((8, 1)), tuple(range(8))]
    with Monitor(base, spool=tmp_path, clock=Clock(), handle_sigterm=False) as made:
        for vector in vectors:
            made.log({"face": vector, "age": 1.0})
        for value in odd:
            made.log({"face": value, "age": 1.0})
        made.flush()
        assert made.stats().rows_profiled == 67
        found = made.spool.read(NOON)
    assert found is not None
    counts = found.get("counts", "face")
    assert (counts.n_null, counts.n_nan, counts.n_invalid, counts.n_present) == (1, 1, 4, 61)
    same = [*vectors.tolist(), None, [1.0], [2.0], [3.0], [1.0] * 7 + [None], [4.0], list(range(8))]
    batch = Profile.of({"face": same, "age": [1.0] * 67}, base)
    assert found.get("bins", "face", view="cosine").to_state() == batch.get("bins", "face", view="cosine").to_state()
