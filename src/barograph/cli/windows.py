"""`barograph windows` and `barograph rollup`: windows of time that are kept, and made longer."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.commands import app
from barograph.cli.options import Output, Rows, SchemaFlags, grouped
from barograph.errors import ParameterError


@app.command()
@grouped
def windows(
    rows: Rows,
    schema: SchemaFlags,
    output: Output,
    every: Annotated[str, typer.Option("--every", metavar="WINDOW", help="1m, 1h, 1d, 1w, 1mo.")],
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Count in this baseline's bins.")
    ] = None,
    sketches: Annotated[
        bool, typer.Option("--sketches", help="Against a baseline: keep quantiles too; ten times as large.")
    ] = False,
) -> None:
    """Count rows into windows of time, one profile a window, all in one file. A timeline reads it as it reads rows.

    Example: `barograph windows 'logs/*.parquet' --baseline churn.baseline --every 1m -o today.windows`
    """
    from barograph.baseline import Baseline
    from barograph.profile_windows import ProfileWindows

    against = Baseline.read(baseline) if baseline else None
    roles = schema.apply()
    if against is not None and roles is not None:
        raise ParameterError(f"{baseline} brings its own schema; leave out the flags on the schema, or the baseline")
    made = ProfileWindows.of(rows, against, every=every, schema=roles, sketches=sketches, progress=True)
    made.write(output)
    timeless = f", and {made.n_timeless:,} rows without a time" if made.n_timeless else ""
    typer.echo(f"wrote {output}: {made!r}{timeless}", err=True)


@app.command()
def rollup(
    files: Annotated[list[Path], typer.Argument(metavar="FILES...", help="Windows of this length or shorter ones.")],
    every: Annotated[str, typer.Option("--every", metavar="WINDOW", help="How long the windows are to be.")],
    output: Output,
    before: Annotated[
        str | None, typer.Option("--before", metavar="TIME", help="Only what begins before; the others go to --rest.")
    ] = None,
    rest: Annotated[
        Path | None, typer.Option("--rest", metavar="FILE", help="Where windows go that are younger than --before.")
    ] = None,
) -> None:
    """Add windows up to longer ones: minutes to hours, hours to days. Several files become one.

    Example: `barograph rollup minutes.windows --every 1h --before 2024-05-01 --rest may.windows -o hours.windows`
    """
    from barograph.profile_windows import ProfileWindows

    if (before is None) != (rest is None):
        raise ParameterError("--before says which windows are old, and --rest where the others go; give both or none")
    found = [ProfileWindows.read(path) for path in files]
    if before is not None and rest is not None:
        if len({one.every for one in found}) > 1:
            raise ParameterError("--before splits windows of one length; these are of several")
        old, young = reduce(ProfileWindows.merge, found).split(before)
        found = [old]
        young.write(rest)
        typer.echo(f"wrote {rest}: {young!r}", err=True)
    made = reduce(ProfileWindows.merge, (one.rollup(every) for one in found))
    made.write(output)
    typer.echo(f"wrote {output}: {made!r}", err=True)
