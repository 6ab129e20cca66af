"""The same on Spark Connect, which has neither RDDs nor a context.

python spark_connected.py <flights> <folder>
"""

import os
import sys
from pathlib import Path

os.environ["SPARK_TESTING"] = "1"  # a server on a port that is free

import polars as pl
import pytest
from spark_session import assert_same, assert_same_segments, connected

from barograph import Baseline, Profile, Schema, Segments, frame
from barograph.errors import ParameterError


def main(path: str, folder: Path) -> None:
    local = pl.read_parquet(path)
    schema = Schema(target="late", timestamp="ts")
    baseline = Baseline.of(local, schema=schema, every=0)
    with connected() as session:
        from barograph.engines import spark

        df = session.read.parquet(path)
        assert "connect" in type(df).__module__
        assert_same(spark.profile(df, baseline), Profile.of(local, baseline))
        by_origin = Segments.of(path, schema=schema.replace(segments="origin"))
        assert_same_segments(spark.profile(df, schema=schema, by=["origin"]), by_origin)
        with pytest.raises(ParameterError, match="more than 3 windows"):
            spark.profile(df, baseline, window="1h", windows_at_most=3)
        (folder / "files").mkdir()
        local.write_parquet(folder / "files" / "0.parquet")
        stream = session.readStream.schema(df.schema).parquet(str(folder / "files"))
        query = spark.watch(stream, baseline, folder / "store", window="1d", trigger={"availableNow": True})
        query.awaitTermination()
        windows = spark.read(folder / "store")
        for start, _, part in frame.windows(local, "ts", "1d"):
            assert_same(windows.profiles[start], Profile.of(part, baseline))
        print("the same on", type(session).__module__)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
