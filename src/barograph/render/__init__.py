"""What a run says, as text, JSON, Markdown, JUnit XML or one HTML file: pure functions from `Run` to `str`.

Each format is one file, imported when it is asked for: `import barograph.render` loads neither jinja2 nor rich.
"""

from __future__ import annotations

from importlib import import_module
from os import PathLike, fspath
from pathlib import PurePath

from barograph.errors import ParameterError
from barograph.results import Run, Timeline

_FORMATS = {"text": "text", "json": "to_json", "markdown": "markdown", "junit": "junit", "html": "html"}
_SUFFIXES = {".html": "html", ".htm": "html", ".json": "json", ".md": "markdown", ".xml": "junit", ".txt": "text"}


def render(run: Run | Timeline, format: str) -> str:  # noqa: A002 - the word people type
    """One report in one format: `text`, `json`, `markdown`, `junit` or `html`.

    Raises `ParameterError` for another format, naming the choices.

    >>> from barograph.results import Side
    >>> run = Run("Churn", Side("today", 0), results=[], verdicts=[])
    >>> print(render(run, "markdown").splitlines()[0])
    ## ? Churn: unknown
    >>> render(run, "pdf")
    Traceback (most recent call last):
    barograph.errors.ParameterError: format 'pdf' is not known; choose from html, json, junit, markdown, text
    """
    if format not in _FORMATS:
        raise ParameterError(f"format {format!r} is not known; choose from {', '.join(sorted(_FORMATS))}")
    function = getattr(import_module(f"barograph.render.{format}"), _FORMATS[format])
    return str(function(run))


def format_for(path: str | PathLike[str]) -> str:
    """The format that a file's suffix asks for.

    Raises `ParameterError` for another suffix, naming the choices.

    >>> format_for("report.html"), format_for("out/checks.xml")
    ('html', 'junit')
    """
    suffix = PurePath(fspath(path)).suffix.lower()
    if suffix not in _SUFFIXES:
        choices = ", ".join(sorted(_SUFFIXES))
        raise ParameterError(f"no format for {PurePath(fspath(path)).name!r}; end its name in one of {choices}")
    return _SUFFIXES[suffix]
