"""What Spark sends to its executors: the name of a task in `spark_count` and the bytes it is given, no object of ours.

Nothing but the standard library is imported here, so that executors are told how many threads a task may have before
polars starts them: each task of Spark has a core of its own, and a pool of threads for each would be too many.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import barograph
from barograph.errors import ParameterError

Task = Callable[[Iterator[Any]], Iterator[Any]]


def on_executors(task: str, *given: object) -> Task:
    """A function for `mapInArrow` that runs a function of `spark_count` there."""
    return partial(_run, barograph.__version__, task, given)


def _run(version: str, task: str, given: tuple[Any, ...], batches: Iterator[Any]) -> Iterator[Any]:
    return iter(_found(version, task)(*given, batches))


def _found(version: str, task: str) -> Callable[..., Any]:
    if version != barograph.__version__:
        raise ParameterError(
            f"the executors have Barograph {barograph.__version__} and the driver {version}: "
            "they might count differently; install the same on both"
        )
    cores = os.environ.get("OMP_NUM_THREADS", "1")  # Spark sets it to spark.task.cpus
    for threads in ("POLARS_MAX_THREADS", "BAROGRAPH_THREADS"):
        os.environ.setdefault(threads, cores)
    from barograph.engines import spark_count

    found: Callable[..., Any] = getattr(spark_count, task)
    return found
