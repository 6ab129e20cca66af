"""whylogs' names over profiles of ours: `import barograph.compat.whylogs as why`.

>>> import barograph.compat.whylogs as why
>>> view = why.log({"age": [31, 45, 45], "city": ["Ulm", "Bonn", None]}).view()
>>> view.get_column("city").to_summary_dict()["counts/null"]
1

`log`, `read`, `write`, profiles, views, `viz` and `core.constraints`; anything else of whylogs raises `ParameterError`
and names our way. Profiles are written in our format; files of whylogs (version 1 and 0) are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from barograph.compat.whylogs.views import DatasetProfile, DatasetProfileView, ResultSet, profile_of, view_of
from barograph.errors import ParameterError

_OURS = {
    "log_classification_metrics": 'Report("classification").run(rows, schema=Schema(target=..., prediction=...))',
    "log_regression_metrics": 'Report("regression").run(rows, schema=Schema(target=..., prediction=...))',
    "log_batch_ranking_metrics": "barograph.metrics.ranking, with Schema(user_id=..., item_id=...)",
    "logger": "barograph.live: it counts into windows of event time by itself",
    "profiling": "Profile.of(rows) where the rows are",
    "init": "nothing: there are no sessions, and nothing is sent anywhere",
    "reader": "barograph.read(path)",
    "DatasetSchema": "barograph.Schema",
    "DeclarativeSchema": "barograph.Schema, and Profile.of(rows, needs=...)",
}
_ARGUMENTS = {
    "schema": "give a barograph.Schema to Report.run or Profile.of",
    "multiple": "log each frame, and merge the views",
    "dataset_timestamp": "name the column: Schema(timestamp=...), and report.timeline(rows, every='1d')",
    "segment_key_values": "name the columns: Schema(segments=...)",
    "name": "give it to Profile.of(rows, name=...)",
    "trace_id": "nothing is sent anywhere, so there is no trace",
    "tags": "give a name to Profile.of(rows, name=...)",
    "debug_event": "nothing is sent anywhere",
}


def log(
    obj: object = None,
    *,
    pandas: object = None,
    row: dict[str, Any] | None = None,
    conditions: Iterable[str] = (),
    **others: object,
) -> ResultSet:
    """Profile a frame (pandas, polars, pyarrow, a dict of columns) or a row (a dict of single values).

    `conditions` are counted for the constraints on them, such as `"age >= 18"`: a condition's text is its name.

    Raises
    ------
    ParameterError
        None or several of them are given, or an argument of whylogs that has no meaning here.
    InputError
        The rows cannot be read.
    """
    for name, value in others.items():
        if name not in _ARGUMENTS:
            raise ParameterError(f"log has no argument {name!r}; it has obj, pandas and row")
        if value is not None:
            raise ParameterError(f"log takes no {name!r} here; {_ARGUMENTS[name]}")
    given = [source for source in (obj, pandas, row) if source is not None]
    if len(given) != 1:
        raise ParameterError(f"log needs a frame or a row, and {len(given)} are given")
    return ResultSet(profile_of(given[0], conditions=conditions))


def read(path: str | Path) -> ResultSet:
    """Open a profile of ours or of whylogs. Raises `FormatError`."""
    return ResultSet(DatasetProfileView.read(path).held)


def write(profile: object, base_dir: str | Path | None = None, filename: str | Path | None = None) -> None:
    """Write a profile to a file of our format: to `filename` in `base_dir`, or to the path `filename`.

    Raises `ParameterError` where it is no profile, or there is no file name.
    """
    if not filename:
        raise ParameterError("write needs to know where to: write(profile, filename='april.profile')")
    view_of(profile).write(Path(base_dir or ".") / filename)


def __getattr__(name: str) -> Any:
    """Of what whylogs has and this has not, say our way."""
    if name in _OURS:
        raise ParameterError(f"whylogs.{name} is not here; our way: {_OURS[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")


__all__ = ["DatasetProfile", "DatasetProfileView", "ResultSet", "log", "read", "write"]
