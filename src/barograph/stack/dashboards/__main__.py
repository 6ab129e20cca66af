"""Write the committed dashboards and the page about them: `python -m barograph.stack.dashboards`, in a checkout."""

from __future__ import annotations

from pathlib import Path

from barograph.stack.dashboards import dashboards
from barograph.stack.dashboards.page import page
from barograph.stack.text import as_json

STACK = Path(__file__).parent.parent
FOLDER = STACK / "files" / "dashboards"
PAGE = STACK.parent.parent.parent / "docs" / "dashboards.md"


def main() -> None:
    """Write them."""
    made = dashboards()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, body in made.items():
        (FOLDER / name).write_text(as_json(body), encoding="utf-8")
    PAGE.write_text(page(made), encoding="utf-8")


if __name__ == "__main__":
    main()
