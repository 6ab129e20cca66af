"""A streaming process that is killed with kill -9, between writing a batch and telling Spark that it is done.

python spark_killed.py <files> <baseline> <store> <batch at which it dies>
"""

import os
import signal
import sys

from spark_session import session

from barograph import Baseline
from barograph.engines.spark_stream import writer

TYPES = "ts timestamp_ntz, late tinyint, hour tinyint, distance smallint, temp double, carrier string, origin string"


def stream(spark, files):
    """One file a batch."""
    return spark.readStream.schema(TYPES).option("maxFilesPerTrigger", 1).parquet(files)


if __name__ == "__main__":
    files, baseline, store, last = sys.argv[1:]
    write = writer(store, Baseline.read(baseline), window=("ts", "1d"), compact_every=2)

    def then_die(df, batch):
        write(df, batch)
        if batch == int(last):
            os.killpg(0, signal.SIGKILL)

    with session() as spark:
        query = stream(spark, files).writeStream.foreachBatch(then_die)
        query.option("checkpointLocation", f"{store}/checkpoint").trigger(availableNow=True).start().awaitTermination()
