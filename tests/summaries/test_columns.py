"""Which columns were seen, and stored as what."""

from __future__ import annotations

import pytest

from barograph.errors import FormatError
from barograph.summaries import Columns
from strategies import encoded, restored


def test_families_are_kept_apart_and_add():
    """A column that changes its storage shows both, with the rows of each."""
    columns = Columns()
    for batch in (
        {"a": ("number", 3), "b": ("string", 3)},
        {"a": ("string", 2)},
        {"a": ("number", 1), "ü": ("time", 0)},
    ):
        columns.update(batch)
    assert columns.seen == {"a": {"number": 4, "string": 2}, "b": {"string": 3}, "ü": {"time": 0}}


def test_order_of_batches_leaves_no_trace():
    """The same batches in another order give the same bytes."""
    batches = [{"b": ("number", 1)}, {"a": ("string", 2)}, {"b": ("string", 3), "a": ("number", 4)}]
    forth, back = Columns(), Columns()
    for batch in batches:
        forth.update(batch)
    for batch in batches[::-1]:
        back.update(batch)
    assert encoded(forth) == encoded(back)


def test_names_that_look_like_something_else():
    """Any text is a name: empty, dunder, very long, beyond ASCII."""
    names = ["", "__proto__", "x" * 5000, "👩🏽‍💻", "a.b[0]", "\0"]
    columns = Columns()
    columns.update({name: ("number", i) for i, name in enumerate(names)})
    assert restored(columns).seen == columns.seen


@pytest.mark.parametrize("families", [{3: 1}, {None: 1}, {"number": "1"}, {"number": True}, {"number": 1.0}, []])
def test_families_are_text_and_rows_are_counts(families: object):
    """Anything else is no state."""
    with pytest.raises(FormatError):
        Columns.from_state({"seen": {"a": families}})


def test_too_many_columns_are_refused():
    """A hostile file cannot claim any number of columns."""
    with pytest.raises(FormatError, match="20001 columns"):
        Columns.from_state({"seen": {str(i): {} for i in range(20_001)}})
