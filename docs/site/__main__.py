"""Build the documentation: `python -m docs.site [FOLDER]`, in a checkout; by default into build/docs.

The guides are the pages of docs/; those of metrics, checks, presets, commands and summaries are made from the code.
Both are laid into FOLDER.source, and Sphinx makes the site of it. It opens nothing and asks the network for nothing.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path, PurePosixPath

from docs.site import metrics, reference

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SITE = DOCS / "site"
PROJECT = ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")
LINK = re.compile(r"(?<=\]\()([^)#\s:]+)(#[^)\s]*)?(?=\))")


def homes() -> dict[str, str]:
    """Where each page of the repository is in the site, by its path in the repository."""
    pages = {path.relative_to(ROOT).as_posix(): path.relative_to(DOCS).as_posix() for path in DOCS.glob("**/*.md")}
    return pages | {f"{name}.md": f"project/{name.lower()}.md" for name in PROJECT}


def laid(source: Path) -> None:
    """Write everything that Sphinx reads; what has not changed keeps its time, so that it is not read again."""
    shelf = homes()
    files: dict[str, bytes] = {}
    written = {path: (ROOT / path).read_text(encoding="utf-8") for path in shelf}
    for path, text in written.items():
        text = _relinked(text, PurePosixPath(path), shelf, files)
        files[shelf[path]] = _listing(text, shelf[path]).encode()
    for path, text in {**metrics.pages(), **reference.pages()}.items():
        files[path] = text.encode()
    files["conf.py"] = (SITE / "conf.py").read_bytes()
    files["_static/site.css"] = (SITE / "site.css").read_bytes()
    for path in sorted(DOCS.glob("**/*.png")):
        files[path.relative_to(DOCS).as_posix()] = path.read_bytes()
    for path in sorted(p for p in source.glob("**/*") if p.is_file()):
        if path.relative_to(source).as_posix() not in files:
            path.unlink()
    for name, body in files.items():
        path = source / name
        if not path.exists() or path.read_bytes() != body:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)


def _relinked(text: str, page: PurePosixPath, shelf: dict[str, str], files: dict[str, bytes]) -> str:
    """The text of a page with its links as they are in the site; what is no page is copied beside it."""
    depth = "../" * (len(PurePosixPath(shelf[str(page)]).parts) - 1)

    def moved(found: re.Match[str]) -> str:
        target, anchor = found[1], found[2] or ""
        path = _path(page.parent / target)
        if path + "/README.md" in shelf:
            path += "/README.md"
        if path in shelf:
            return depth + shelf[path] + anchor
        local = ROOT / path
        if local.is_file() and local.suffix != ".png":
            files[f"files/{path}.txt"] = local.read_bytes()
            return f"{depth}files/{path}.txt"
        return depth + _path(PurePosixPath(path).relative_to("docs")) if path.startswith("docs/") else found[0]

    return LINK.sub(moved, text)


def _listing(text: str, page: str) -> str:
    """The text of a page that lists others, with the list that Sphinx wants of it."""
    if page == "runbooks/README.md":
        names = sorted(path.stem for path in (DOCS / "runbooks").glob("*.md") if path.stem != "README")
        return text + "\n```{toctree}\n:hidden:\n\n" + "\n".join(names) + "\n```\n"
    return text


def _path(path: PurePosixPath) -> str:
    """A path without `..`."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def build(out: Path) -> int:
    """Build the site; 0 where there was no warning."""
    from sphinx.cmd.build import build_main

    source = out.with_name(out.name + ".source")
    laid(source)
    return build_main(
        ["-q", "-W", "--keep-going", "-b", "html", "-d", str(out.with_name(out.name + ".read")), str(source), str(out)]
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m docs.site", description="Build the documentation.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "docs")
    parser.add_argument("--clean", action="store_true", help="build everything anew")
    given = parser.parse_args()
    if given.clean:
        for folder in ("", ".source", ".read"):
            shutil.rmtree(given.folder.with_name(given.folder.name + folder), ignore_errors=True)
    code = build(given.folder)
    if code == 0:
        print(f"open {given.folder / 'index.html'}")
    sys.exit(code)


if __name__ == "__main__":
    main()
