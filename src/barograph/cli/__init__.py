"""The command line: one short function per command.

options   flags that commands share, as dataclasses whose fields typer shows as options
inputs    files recognised by their content
tables    the overview of a profile
starter   the configuration that `init` writes
windows   the commands about windows of time that are kept
stack     the commands of `barograph stack`; findings is their table

Exit codes: 0 passed, 1 a check failed or could not be judged, 2 bad input, 3 a bug in Barograph, 130 interrupted.
Only what was asked for goes to stdout; progress, notes and errors go to stderr.
"""

from __future__ import annotations

import sys
import traceback

from barograph.cli import stack, windows
from barograph.cli.commands import app

app.add_typer(stack.app, name="stack")


def main() -> None:
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a terminal that lacks a character of some column's name
    try:
        app()
    except Exception:  # noqa: BLE001 - exit code 1 means that a check failed, never that Barograph did
        traceback.print_exc()
        print("This is a bug in Barograph; please report it with the lines above.", file=sys.stderr)
        sys.exit(3)


__all__ = ["app", "main", "windows"]
