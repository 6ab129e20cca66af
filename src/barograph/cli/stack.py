"""`barograph stack`: write a stack's files, and look at a running one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from barograph.errors import InputError, MissingExtraError, ParameterError

if TYPE_CHECKING:
    from barograph.stack.check import Expected
    from barograph.stack.folder import Change, Manifest
    from barograph.stack.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Prometheus, Alertmanager and Grafana for monitored models: write their files, check a running stack.",
)

Format = Literal["compose", "files", "kubernetes"]
TOKEN = "GRAFANA_TOKEN"  # noqa: S105 - the name of the variable
LOCAL = ("http://localhost:9090", "http://localhost:9093", "http://localhost:3000")


def _say(text: str) -> None:
    from barograph.cli.tables import printable

    typer.echo("\n".join(printable(line, 1000) for line in text.splitlines()), err=True)


def _need_metrics() -> None:
    """The names in rules and dashboards are those of the live metrics, whose modules need prometheus_client."""
    try:
        import prometheus_client  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("barograph stack needs prometheus_client: pip install 'barograph[serve]'") from error


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; may be new.")],
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Also rules for drift computed by Prometheus.")
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="HOST:PORT", help="A service to scrape at /metrics; repeat."),
    ] = None,
    format: Annotated[  # noqa: A002 - the word people type
        Format | None,
        typer.Option("--format", metavar="FORMAT", help="compose (the default), files or kubernetes."),
    ] = None,
    bind: Annotated[
        str | None, typer.Option("--bind", metavar="ADDRESS", help="Listen here instead of on 127.0.0.1.")
    ] = None,
    port: Annotated[
        list[str] | None,
        typer.Option("--port", metavar="NAME=PORT", help="For prometheus, alertmanager or grafana; repeat."),
    ] = None,
    runbooks: Annotated[
        str | None,
        typer.Option("--runbooks", metavar="URL", help="Where you keep docs/runbooks, for the links of alerts."),
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Print what would change, and write nothing.")] = False,
) -> None:
    """Write a folder that runs: Prometheus with rules, Alertmanager, and Grafana with dashboards.

    Running it again brings the folder up to date: options left out are those of the last time, and files that you
    edited are left alone, with a new version beside them as NAME.new.

    Examples:

    `barograph stack init stack --target localhost:8000 && cd stack && docker compose up -d`

    `barograph stack init stack --format files --baseline churn.baseline && stack/run.sh`

    `barograph stack init stack --format kubernetes --target churn.models:http && kubectl apply --server-side -k stack`

    `barograph stack init stack --diff`
    """
    _need_metrics()
    from barograph.stack import folder as folders
    from barograph.stack.compose import PASSWORD
    from barograph.stack.contents import ENV, files

    before = folders.read_manifest(folder)
    settings, manifest = _settings(folder, before, baseline, target, format, bind, port, runbooks)
    made = files(settings)
    changes = folders.plan(folder, made, before)
    if diff:
        _show(changes)
    else:
        folders.write(folder, made, changes, manifest, before)
        _tell(folder, changes, settings)
    if settings.format == "compose":
        for fault in folders.secret_faults(folder, ENV, PASSWORD):
            _say(f"barograph: warning: {fault}")


def _settings(
    folder: Path,
    before: Manifest | None,
    baseline: Path | None,
    targets: list[str] | None,
    format: Format | None,  # noqa: A002
    bind: str | None,
    ports: list[str] | None,
    runbooks: str | None,
) -> tuple[Settings, Manifest]:
    """What was said, else what was said the last time, else the defaults."""
    from barograph.baseline import Baseline
    from barograph.stack.folder import Manifest
    from barograph.stack.settings import LOOPBACK, Settings, moved

    last = before or Manifest(format or "compose")
    if format not in (None, last.format):
        raise InputError(f"{folder} was made with --format {last.format}; give another folder for --format {format}")
    file = baseline or (folder / last.baseline if last.baseline else None)
    if baseline is None and file is not None and not file.is_file():
        raise InputError(f"{folder} was made with the baseline {file}, which is not there; give --baseline FILE")
    given: Any = last.format
    settings = Settings(
        format=given,
        targets=tuple(last.targets if targets is None else targets),
        baseline=None if file is None else Baseline.read(file),
        ports=last.ports | dict(map(_port, ports or [])),
        bind=bind or last.bind or LOOPBACK,
        runbooks=runbooks or last.runbooks,
    )
    if settings.format == "compose":
        for said, meant in moved(settings.targets):
            _say(f"note: in a container {said} would be the container itself; {meant} is scraped")
    remembered = Manifest(
        format=settings.format,
        targets=list(settings.targets),
        baseline=None if file is None else _relative(file, folder),
        ports=dict(settings.ports),
        bind=settings.bind,
        runbooks=settings.runbooks,
    )
    return settings, remembered


def _relative(file: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # another drive
        return str(file.resolve())


def _port(text: str) -> tuple[str, int]:
    name, found, number = text.partition("=")
    if not found or not (number.isascii() and number.isdecimal()):
        raise ParameterError(f"--port is {text!r}; give NAME=PORT, such as prometheus=9091")
    return name, int(number[:6])


def _show(changes: list[Change]) -> None:
    from barograph.cli.tables import printable

    for change in changes:
        if change.fate != "unchanged":
            _say(f"{change.path}: {change.fate}")
        for line in change.diff.splitlines():
            typer.echo("\t".join(printable(part, 100_000) for part in line.split("\t")))


def _tell(folder: Path, changes: list[Change], settings: Settings) -> None:
    from barograph.stack.folder import Fate

    new = [change.path for change in changes if change.fate is Fate.NEW]
    if len(new) == len(changes):
        _say(f"wrote {len(new)} files to {folder}")
    else:
        for change in changes:
            if change.fate is not Fate.SAME:
                _say(f"{change.path}: {change.fate}")
        same = sum(change.fate is Fate.SAME for change in changes)
        _say(f"{folder}: {same} of {len(changes)} files are unchanged")
    if settings.exposed and settings.format != "kubernetes":
        _say("barograph: warning: Prometheus and Alertmanager ask for no password; a firewall or proxy must")
    at = folder if " " not in str(folder) else f"'{folder}'"
    steps = {
        "compose": f"cd {at} && docker compose up -d; then http://localhost:{settings.ports['grafana']}, user admin, "
        "password in .env",
        "files": f"{at}/run.sh",
        "kubernetes": f"look at {at}/kustomization.yaml, then kubectl apply --server-side -k {at}",
    }
    _say(f"next: {steps[settings.format]}")


@app.command()
def check(
    url: Annotated[
        list[str] | None,
        typer.Argument(metavar="URL...", help="Prometheus, Alertmanager, Grafana; told apart by their answers."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="A folder of init: its rules, and its .env for Grafana.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", metavar="FILE", help=f"Token for Grafana; or set {TOKEN}.")
    ] = None,
    may_be_empty: Annotated[
        list[str] | None,
        typer.Option("--may-be-empty", metavar="NAME", help="A dashboard that may lack data; repeat."),
    ] = None,
    datasource: Annotated[
        str | None, typer.Option("--datasource", metavar="UID", help="Uid of Grafana's data source, if not ours.")
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", help="Look again until all is well, this long.")
    ] = 0.0,
    timeout: Annotated[float, typer.Option("--timeout", metavar="SECONDS", help="For each answer.")] = 10.0,
) -> None:
    """Look at a running stack: targets, rules, alerts on their way, dashboards, and data in every panel.

    Prints a table of what is wrong and what to do. Exit codes: 0 all is well, 1 something is wrong, 2 bad input.
    Without addresses it looks at ports 9090, 9093 and 3000 of this machine.

    Examples:

    `barograph stack check --dir stack --wait 120`

    `GRAFANA_TOKEN=glsa_... barograph stack check https://prometheus.example.com https://grafana.example.com`

    `barograph stack check http://localhost:9090 --may-be-empty performance`
    """
    _need_metrics()
    from barograph.cli.findings import findings_text
    from barograph.stack import check as checks

    expected = _expected(folder, may_be_empty or [], datasource)
    authorization = _authorization(token_file, folder)
    addresses = url or _addresses(folder)
    if timeout <= 0 or wait < 0:
        raise ParameterError(f"--timeout {timeout:g} and --wait {wait:g} do not go; give seconds")
    found = checks.wait(lambda: checks.check(addresses, expected, authorization, timeout), wait)
    sys.stdout.write(findings_text(found))
    if checks.wrong(found):
        raise typer.Exit(1)


def _expected(folder: Path | None, may_be_empty: list[str], datasource: str | None) -> Expected:
    """What the folder has, else what this version generates."""
    import yaml

    from barograph.stack.alerts import rules
    from barograph.stack.check import Expected, names_of
    from barograph.stack.dashboards import dashboards
    from barograph.stack.grafana import DATASOURCE_UID

    shown = dashboards()
    known = {name.rsplit(".", 1)[0] for name in shown}
    if unknown := [name for name in may_be_empty if name.rsplit(".", 1)[0] not in known]:
        raise ParameterError(f"there is no dashboard {unknown[0]!r}; there are {', '.join(sorted(known))}")
    paths = [] if folder is None else sorted((folder / "prometheus" / "rules").glob("*.yml"))
    try:
        held = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths] or [rules()]
        names = names_of(held)
    except (OSError, yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"the rules in {folder} cannot be read: {error}; promtool check rules says more") from error
    return Expected(names, shown, frozenset(may_be_empty), datasource or DATASOURCE_UID)


def _authorization(token_file: Path | None, folder: Path | None) -> str | None:
    """The header for Grafana: from a file, the environment, or the folder's .env."""
    from barograph.stack.compose import PASSWORD
    from barograph.stack.contents import ENV
    from barograph.stack.folder import secret
    from barograph.stack.web import basic, bearer

    if token_file is not None:
        return bearer(token_file.read_text(encoding="utf-8").strip())
    if os.environ.get(TOKEN):
        return bearer(os.environ[TOKEN].strip())
    if folder is not None and (folder / ENV).is_file() and (password := secret(folder / ENV, PASSWORD)):
        return basic("admin", password)
    return None


def _addresses(folder: Path | None) -> list[str]:
    """Where the folder's stack listens, else the usual ports of this machine."""
    from barograph.stack.folder import read_manifest
    from barograph.stack.settings import PORTS

    known = None if folder is None else read_manifest(folder)
    if folder is not None and known is None:
        raise InputError(f"{folder} was not made by barograph stack init; give the addresses")
    if known is None:
        return list(LOCAL)
    if known.format == "kubernetes":
        raise InputError("where the servers of a cluster listen is not in the folder; give their addresses")
    names = [name for name in PORTS if known.format == "compose" or name != "grafana"]
    return [f"http://localhost:{known.ports.get(name, PORTS[name])}" for name in names]
