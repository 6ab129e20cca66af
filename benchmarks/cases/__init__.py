"""One case a file: `run(quick)` measures and gives the rows of the table. Quick runs are small, and know no peers."""

from benchmarks.cases import (
    drift,
    flights,
    large,
    merging,
    one_row,
    parquet,
    profile,
    reports,
    size,
    small,
    sql,
    starting,
    wide,
)

CASES = {
    "profile": profile,
    "small": small,
    "wide": wide,
    "flights": flights,
    "parquet": parquet,
    "one_row": one_row,
    "merging": merging,
    "size": size,
    "drift": drift,
    "reports": reports,
    "starting": starting,
    "large": large,
    "sql": sql,
}
