"""What the logger "barograph.live" is told: each kind of trouble once."""

from __future__ import annotations

import logging

from barograph.errors import BarographError

_LOG = logging.getLogger("barograph.live")


class Journal:
    """Logs each kind of trouble once until it is over."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, about: str, message: str, *args: object) -> None:
        """Log a warning, unless this kind has been logged."""
        if about not in self._said:
            self._said.add(about)
            _LOG.warning(f"{message}; this is logged once, the number is in the monitor's stats", *args)

    def over(self, about: str, message: str, *args: object) -> None:
        """Log that a trouble is over, if it was logged."""
        if about in self._said:
            self._said.discard(about)
            _LOG.warning(message, *args)


def words(error: BaseException) -> str:
    """An error in one bounded line; its text may hold anything, also what raises when it is printed."""
    try:
        text = str(error).splitlines()[0][:300] if not isinstance(error, BarographError) else str(error)[:300]
    except Exception:  # noqa: BLE001 - str() of a foreign exception
        text = ""
    return f"{type(error).__name__}: {text}"
