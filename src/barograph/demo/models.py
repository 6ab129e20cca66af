"""Two models of the kind that is in production everywhere, trained on January and February."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from barograph.demo.flights import months
from barograph.errors import MissingExtraError

try:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.metrics import precision_recall_curve
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
except ImportError as error:
    raise MissingExtraError("the demo trains its models with scikit-learn: pip install 'barograph[demo]'") from error

LEG = ("carrier", "origin", "dest")
LABELS = (*LEG, "dow", "hour")
WEATHER = ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")
AFTERWARDS = ("arr_delay", "dep_delay", "air_time")  # known only when the flight is over: no input of the delay model


class Served(NamedTuple):
    """What the delay model said from March on (`score`, `late_pred`), and the score from which on it says late."""

    rows: pl.DataFrame
    threshold: float


def delays(flights: pl.DataFrame, weather: tuple[str, ...] = WEATHER) -> Served:
    """Whether a flight will arrive more than 15 minutes late, by logistic regression."""
    model = delay_model(flights, weather)
    served = months(flights, 3, 12)
    served = served.with_columns(score=pl.Series(model.predict_proba(served)[:, 1]))
    threshold = _best_f1(months(served, 3))
    return Served(served.with_columns(late_pred=(pl.col("score") >= threshold).cast(pl.Int8)), threshold)


def delay_model(flights: pl.DataFrame, weather: tuple[str, ...] = WEATHER) -> Any:
    """The model of delays, trained on January and February: one-hot `LABELS`, then distance and weather."""
    # lbfgs stops by its default tolerance, a little short of the optimum; examples/README.md tells of that stop
    model = make_pipeline(_inputs(list(LABELS), ["distance", *weather]), LogisticRegression(C=0.1))
    training = months(flights, 1, 2)
    return model.fit(training, training["late"])


def air_times(flights: pl.DataFrame) -> pl.DataFrame:
    """How many minutes a flight will be in the air, by ridge regression: `air_time_pred`, from March on."""
    model = make_pipeline(_inputs([*LEG, "hour"], ["distance"]), Ridge())
    training = months(flights, 1, 2)
    model.fit(training, training["air_time"])
    served = months(flights, 3, 12)
    said = pl.Series("air_time_pred", model.predict(served))
    return served.select("ts", *LEG, "hour", "distance", "air_time", said)


def _inputs(categories: list[str], numbers: list[str]) -> Any:
    """One-hot categories, of which those rarer than 50 flights share one, beside imputed and scaled numbers."""
    return make_union(
        make_pipeline(
            _taken(categories, pl.String), OneHotEncoder(min_frequency=50, handle_unknown="infrequent_if_exist")
        ),
        make_pipeline(_taken(numbers, pl.Float64), SimpleImputer(), StandardScaler()),
    )


def _taken(columns: list[str], dtype: type[pl.DataType]) -> Any:
    # by hand, because scikit-learn before 1.9 takes columns from polars only with pandas installed
    return FunctionTransformer(partial(_array, columns=columns, dtype=dtype))


def _array(rows: pl.DataFrame, columns: list[str], dtype: type[pl.DataType]) -> Any:
    return rows.select(pl.col(columns).cast(dtype)).to_numpy()


def _best_f1(rows: pl.DataFrame) -> float:
    precision, recall, thresholds = precision_recall_curve(rows["late"], rows["score"])
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[f1[:-1].argmax()])
