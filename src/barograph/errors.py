"""The tree of errors. Every message says what was asked, what there is, and what to do.

    BarographError
    ├── InputError          rows that cannot be read: wrong path, empty file, broken Parquet, duplicate names
    ├── SchemaError         roles or kinds that do not fit the columns
    ├── ParameterError      a metric, condition or option made with impossible values
    ├── FormatError         a profile or baseline file that is truncated, foreign, newer or too large
    ├── MergeError          summaries or profiles that do not belong together
    └── MissingExtraError   an optional package is needed

Each is also the builtin error one would expect (`InputError` is a `ValueError`): callers need not know the tree.
"""


class BarographError(Exception):
    """Root of everything Barograph raises on purpose."""


class InputError(BarographError, ValueError):
    """The rows cannot be read."""


class SchemaError(BarographError, ValueError):
    """Roles or kinds do not fit the columns."""


class ParameterError(BarographError, ValueError):
    """A metric, condition or option was given impossible values."""


class FormatError(BarographError, ValueError):
    """A file is not what it should be; nothing of it was used."""


class MergeError(BarographError, ValueError):
    """Two things do not belong together."""


class MissingExtraError(BarographError, ImportError):
    """An optional package is needed for what was asked."""
