"""The commands. What they need beyond the flags is imported when they run, so that `--help` is fast."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from barograph.cli.options import By, Output, Rows, RunFlags, SchemaFlags, grouped, told_apart
from barograph.errors import BarographError, InputError, ParameterError, SchemaError

if TYPE_CHECKING:
    from barograph.config import Config
    from barograph.results import Run, Timeline

INTERRUPTED, CLOSED = 130, 141  # 128 + SIGINT, 128 + SIGPIPE: what shells say of programs that a signal ended


class Polite(TyperGroup):
    """Turns errors into one line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        with warnings.catch_warnings():
            warnings.filterwarnings("default", category=UserWarning)
            warnings.showwarning = _warned
            try:
                result = super().invoke(ctx)
                sys.stdout.flush()
            except BrokenPipeError:  # the reader has seen enough, as in `barograph report ... | head`
                _hush()
                raise typer.Exit(CLOSED) from None
            except KeyboardInterrupt as stopped:
                typer.echo(f"interrupted{': ' if stopped.args else ''}{_message(str(stopped))}", err=True)
                raise typer.Exit(INTERRUPTED) from None
            except (BarographError, OSError) as error:
                if ctx.params.get("debug"):
                    raise
                typer.echo(f"barograph: {_message(error)}", err=True)
                raise typer.Exit(2) from None
            return result


def _hush() -> None:
    """Nothing more can be written; Python must not try when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - not a file of the system


def _warned(message: Warning | str, *_: Any, **__: Any) -> None:
    typer.echo(f"barograph: warning: {_message(message)}", err=True)


def _message(error: Warning | Exception | str) -> str:
    from barograph.cli.tables import printable

    if isinstance(error, OSError) and not isinstance(error, BarographError) and error.strerror:
        return printable(f"{error.filename or 'a file'}: {error.strerror}", MESSAGE_AT_MOST)
    return "\n".join(printable(line, MESSAGE_AT_MOST) for line in str(error).splitlines())


MESSAGE_AT_MOST = 2000

app = typer.Typer(
    cls=Polite,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"barograph {version('barograph')}")
        raise typer.Exit


@app.callback()
def barograph(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Watch machine-learning models in production: freeze the reference once; after that, monitoring is counting.

    Exit codes: 0 passed, 1 a check failed or could not be judged, 2 bad input, 3 a bug, 130 interrupted.
    """


def _say(text: str) -> None:
    typer.echo(text, err=True)


@app.command()
@grouped
def profile(
    rows: Rows,
    schema: SchemaFlags,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the profile.")] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Count in this baseline's bins.")
    ] = None,
    by: By = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on behind the files that an interrupted run with this -o has counted.")
    ] = False,
) -> None:
    """Summarise rows: prints one line a column, and writes the profile with -o (with --by, that of each segment too).
    Files larger than memory are fine, and so are thousands of them. Ctrl-C leaves what was counted in FILE.partial.

    Example: `barograph profile 'days/*.parquet' --target churned -o march.profile`
    """
    from barograph.baseline import Baseline
    from barograph.file_by_file import Interrupted, profile_files

    against = Baseline.read(baseline) if baseline else None
    roles = schema.apply()
    if against is not None and roles is not None:
        raise ParameterError(f"{baseline} brings its own schema; leave out the flags on the schema, or the baseline")
    if by:
        roles = _segments_asked(against, roles, told_apart(by))
    try:
        made = profile_files(rows, output, against, schema=roles, segmented=bool(by), resume=resume)
    except Interrupted as stopped:
        _print_overview(stopped.counted)
        raise
    if output is not None:
        _say(f"wrote {output}")
    _print_overview(made)


def _segments_asked(against: Any, roles: Any, given: Any) -> Any:
    from barograph.schema import Schema
    from barograph.segments import by_text, told_by

    roles = (roles or Schema()).replace(segments=given)
    if against is None:
        return roles
    by, theirs = told_by(roles), told_by(against.schema)
    if by != theirs:
        raise ParameterError(f"--by is {by_text(by)}, and the baseline was frozen with segments by {by_text(theirs)}")
    return None


def _print_overview(made: Any, what: str = "") -> None:
    """A profile, or segments as the profile of all their rows and the number of rows of each."""
    from barograph.cli.tables import overview_text, segments_text
    from barograph.segments import Segments

    if isinstance(made, Segments):
        typer.echo(segments_text(made))
        made = made.whole
    typer.echo(overview_text(made, what + _headline(made)))


def _headline(made: Any) -> str:
    against = f", counted in the bins of baseline {made.baseline_id}" if made.baseline_id else ""
    return f"{made.name or 'profile'}: {made.n_rows:,} rows, {len(made.columns):,} columns{against}"


@app.command()
def merge(
    profiles: Annotated[list[str], typer.Argument(metavar="PROFILES...", help="Profiles of one schema and baseline.")],
    output: Output,
) -> None:
    """Merge profiles into the profile of all their rows.

    Example: `barograph merge monday.profile tuesday.profile -o week.profile`
    """
    from barograph.cli.inputs import merged

    whole = merged(profiles)
    whole.write(output)
    _say(f"wrote {output}: {whole.n_rows:,} rows of {len(profiles)} profiles")


@app.command()
@grouped
def baseline(
    rows: Rows,
    output: Output,
    schema: SchemaFlags,
    bins: Annotated[int, typer.Option("--bins", help="Cells per numeric column, 2 to 4096.")] = 256,
    every: Annotated[
        str | None, typer.Option("--every", help="Windows whose variation is noise, such as 1d. Left out: what fits.")
    ] = None,
) -> None:
    """Freeze a reference: its schema, bins and profile in one file, without rows.

    Example: `barograph baseline train.parquet --target churned --score p_churn -o churn.baseline`
    """
    from barograph.baseline import Baseline

    frozen = Baseline.of(rows, schema=schema.apply(), bins=bins, every=_window(every), progress=True)
    frozen.write(output)
    _say(f"wrote {output}: baseline {frozen.id} of {frozen.profile.n_rows:,} rows, {len(frozen.schema.kinds)} columns")


@app.command()
@grouped
def report(what: RunFlags, schema: SchemaFlags) -> None:
    """Compare current rows with a reference (or describe them), and print and write what is found.

    Example: `barograph report --current today.parquet --reference churn.baseline -o report.html`
    """
    config = what.apply()
    _deliver(_run(config, schema), config, what.format)


@app.command()
@grouped
def check(
    what: RunFlags,
    schema: SchemaFlags,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, as for a GitHub summary.")] = False,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML.")] = None,
) -> None:
    """Like `report`, with exit code 1 unless every check passed; what could not be judged has not passed.

    Example: `barograph check --current today.csv --reference train.csv --check 'psi(age) < 0.2' --junit checks.xml`
    """
    config = what.apply()
    if markdown and what.format not in ("text", "markdown"):
        raise ParameterError(f"--markdown and --format {what.format} contradict each other; give one")
    run = _run(config, schema)
    _deliver(run, config, "markdown" if markdown else what.format, junit)
    if not run.passed:
        raise typer.Exit(1)


@app.command()
@grouped
def timeline(
    what: RunFlags,
    schema: SchemaFlags,
    every: Annotated[
        str | None, typer.Option("--every", metavar="WINDOW", help="1mo, 1w, 1d, 6h, 30m, or a number of rows.")
    ] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="JSON", help="An earlier timeline's JSON, to go on from.")
    ] = None,
) -> None:
    """The same report for window after window. Windows of time need a --timestamp.

    Example: `barograph timeline --current 'logs/*.csv' --reference train.csv --timestamp ts --every 1d -o days.html`
    """
    config = what.apply()
    window = config.every if every is None else _window(every)
    if window is None:
        raise ParameterError("a timeline needs windows: give --every 1d, or `every: 1d` in the configuration")
    sides = _sides(config, schema)
    report = _report(config)
    _deliver(report.timeline(**sides, every=window, progress=True, resume=resume), config, what.format)


def _window(text: str | None) -> str | int | None:
    """A length of time, or a number of rows."""
    return int(text) if text is not None and text.isdecimal() else text


def _report(config: Config) -> Any:
    from barograph.render import format_for
    from barograph.report import Report

    for path in config.outputs:
        format_for(path)  # a wrong suffix fails now, not after an hour of reading
    return Report(
        [*config.presets, *config.checks],
        alpha=config.alpha,
        title=config.title,
        by=config.by,
        at_least=config.at_least,
        season=config.season,
    )


def _run(config: Config, schema: SchemaFlags) -> Any:
    report = _report(config)
    return report.run(**_sides(config, schema), progress=True)


def _sides(config: Config, flags: SchemaFlags) -> dict[str, Any]:
    from barograph.cli.inputs import opened
    from barograph.profile import Profile
    from barograph.segments import Segments

    if not config.current:
        raise InputError("nothing to look at: give --current FILE, or a --config FILE with `current: FILE`")
    current = opened(config.current, "current")
    reference = opened(config.reference, "reference") if config.reference else None
    schema = flags.apply(config.schema)
    if isinstance(current, Profile | Segments) and schema is not None:
        told = {c: r for c, r in current.schema.roles.items() if c in schema.roles}
        if told != schema.roles:
            raise SchemaError(
                f"the current side is a profile with the roles {current.schema.roles}, and the schema says "
                f"{schema.roles}; leave the schema out, or profile the rows again with it"
            )
    return {"current": current, "reference": reference, "schema": schema}


def _deliver(run: Any, config: Config, format: str, junit: Path | None = None) -> None:  # noqa: A002
    """Files first: whoever reads stdout may stop reading."""
    for path in config.outputs:
        run.save(path)
        _say(f"wrote {path}")
    if junit is not None:
        run.save(junit, "junit")
        _say(f"wrote {junit}")
    _print(run, format)


def _print(run: Run | Timeline, format: str) -> None:  # noqa: A002
    from barograph.render import render

    text = render(run, format)
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


@app.command()
def show(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A profile, segments, baseline or JSON report.")],
) -> None:
    """Show a profile, segments, a baseline or a report that was saved as JSON.

    Example: `barograph show churn.baseline`
    """
    from barograph.baseline import Baseline
    from barograph.cli.inputs import kind_at, saved_report
    from barograph.cli.tables import overview_text
    from barograph.foreign import WhylogsProfile
    from barograph.profile import Profile
    from barograph.segments import Segments

    kind = kind_at(file)
    if kind in ("profile", "segments"):
        made = Profile.read(file) if kind == "profile" else Segments.read(file)
        _print_overview(made, f"{kind} ")
    elif kind == "baseline":
        frozen = Baseline.read(file)
        typer.echo(overview_text(frozen.profile, f"baseline {frozen.id} of {_headline_of(frozen)}"))
    elif kind == "whylogs":
        foreign = WhylogsProfile.read(file)
        made = foreign.profile()
        typer.echo(overview_text(made, f"whylogs profile {_headline(made)}"))
    elif (saved := saved_report(file)) is not None:
        _print(saved, "text")
    else:
        raise InputError(
            f"{file} is no profile, segments, baseline or saved JSON report; for the rows of a file: "
            f"barograph profile {file}"
        )


def _headline_of(frozen: Any) -> str:
    made = frozen.profile
    return f"{made.name or 'rows'}: {made.n_rows:,} rows, {len(made.columns):,} columns"


@app.command()
def init(
    rows: Annotated[str, typer.Argument(metavar="ROWS", help="A file or quoted glob of current rows.")],
    output: Output = Path("barograph.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a commented configuration for some rows: their columns, kinds and probable roles.

    Example: `barograph init today.csv && barograph check --config barograph.yaml`
    """
    from barograph.cli.starter import starter
    from barograph.codec import write_file

    if output.exists() and not force:
        raise InputError(f"{output} exists already; give --force to overwrite it, or another --output")
    write_file(output, starter(rows, output).encode())
    _say(f"wrote {output}; next: barograph check --config {output}")


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")] = Path("barograph-demo"),
) -> None:
    """Train a real model on the flights of 2013, watch it go blind, and write the reports that show it.

    Example: `barograph demo --out demo`
    """
    from barograph.demo import run_demo

    run_demo(out)
