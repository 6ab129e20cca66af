"""The house rules, as programs: imports go down only, polars stays behind its door, importing is light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "barograph"

# Floor by module or folder; what is not named is a mistake. A module imports from its own floor or lower ones.
FLOORS = {
    "errors": 0, "types": 0, "unsorted": 0, "special": 0,
    "summaries": 1, "schema": 1, "spelling": 1, "results": 1, "discoveries": 1,
    "frame": 2, "needs": 2, "codec": 2, "overview": 2, "profile": 2, "segments": 2, "baseline": 2, "windows": 2,
    "metric": 2, "sketched": 2, "foreign": 2, "views": 2, "learning": 2, "measures": 2, "joint": 2, "rowwise": 2,
    "reference_windows": 2, "counting": 2, "file_by_file": 2, "profile_windows": 2,
    "metrics": 3,
    "calibration": 4, "chances": 4, "variation": 4, "seasons": 4, "records": 4,
    "sequential": 4, "stream_cells": 4, "streams": 4,
    "conditions": 4, "checks": 4, "presets": 4, "run": 4, "by_segment": 4,
    "render": 5,
    "report": 6, "config": 6, "live": 6, "stack": 6,
    "engines": 6,
    "demo": 7, "cli": 7, "__main__": 7, "compat": 7, "__init__": 6,
}  # fmt: skip
DATAFRAMES = {"polars", "polars_hash", "pandas", "pyarrow", "duckdb", "narwhals"}
AMONG_FRAMES = ("barograph.frame", "barograph.engines", "barograph.demo")  # engines speak to others' frames
HEAVY = {"pandas", "pyarrow", "scipy", "altair", "fastapi", "sklearn", "jinja2", "rich", "typer", "yaml", "pyspark"}


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(("barograph", *(p for p in parts if p != "__init__" or len(parts) == 1)))] = path
    return {name.removesuffix(".__init__"): path for name, path in found.items()}


MODULES = modules()


def floor_of(module: str) -> int:
    parts = module.split(".")
    return FLOORS[parts[1] if len(parts) > 1 else "__init__"]


def imports(path: Path, module: str, top_only: bool = False) -> set[str]:
    """Full names of the modules that a file imports (those under TYPE_CHECKING left out)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    names: set[str] = set()
    for node in tree.body if top_only else ast.walk(tree):
        if node in guarded:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name for name in inside if name in MODULES} or {node.module}
    return names - {module}


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_floor(module: str) -> None:
    parts = module.split(".")
    assert len(parts) == 1 or parts[1] in FLOORS, f"{module} has no floor: name it in FLOORS"


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    above = {
        other
        for other in imports(MODULES[module], module)
        if other in MODULES and other != "barograph" and floor_of(other) > floor_of(module)
    }
    assert not above, f"{module} (floor {floor_of(module)}) imports from above: {sorted(above)}"


def test_no_cycles() -> None:
    graph = {m: {o for o in imports(p, m) if o in MODULES and o != "barograph"} for m, p in MODULES.items()}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"imports run in a circle: {' -> '.join([*path[path.index(module) :], module])}"
        if module not in done:
            for other in graph[module]:
                visit(other, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("module", [m for m in MODULES if not m.startswith(AMONG_FRAMES)])
def test_dataframes_stay_behind_their_door(module: str) -> None:
    found = {name.split(".")[0] for name in imports(MODULES[module], module)} & DATAFRAMES
    assert not found, f"{module} imports {found}; only barograph.frame and engines may (the demo is a user)"


def test_import_is_light() -> None:
    code = "import sys, barograph; from barograph import *; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(out.stdout.split()) & HEAVY
    assert not loaded, f"import barograph loads {sorted(loaded)}"


def test_nobody_is_told_what_is_measured() -> None:
    """No telemetry (whylogs 26 posts from a thread on import, Evidently 5.3 from its service): no socket is opened."""
    code = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(event) if event.split(".")[0] in ("socket", "urllib") else None)
import barograph as bg
rows = {"y": [0, 1] * 50, "p": [0, 1, 1, 1] * 25, "x": list(range(100)), "c": ["a", "b"] * 50}
run = bg.Report().run(rows, rows, schema=bg.Schema(target="y", prediction="p"))
for form in ("html", "json", "text", "markdown", "junit"):
    run.render(form)
import barograph.compat.evidently, barograph.compat.whylogs
barograph.compat.whylogs.log(rows).view().to_pandas()
print(*opened)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not [event for event in out.stdout.split() if event != "socket.__new__"], out.stdout


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_stay_readable(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 400, f"{len(lines)} lines; is it still one idea?"
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            code = node.end_lineno - node.lineno - len((ast.get_docstring(node) or "").splitlines())
            assert code <= 60, f"{node.name} has {code} lines"


def test_every_metric_is_exported() -> None:
    """A metric that is forgotten in its package's `__all__` would never be run."""
    import importlib

    from barograph.metric import Metric

    for group in ("quality", "drift", "performance", "ranking"):
        package = importlib.import_module(f"barograph.metrics.{group}")
        for path in (SOURCE / "metrics" / group).glob("*.py"):
            module = importlib.import_module(f"barograph.metrics.{group}.{path.stem}")
            own = {
                name
                for name, found in vars(module).items()
                if isinstance(found, type) and issubclass(found, Metric) and found.__module__ == module.__name__
                if "spec" in vars(found)
            }
            assert own <= set(package.__all__), f"{group}/__init__.py does not export {own - set(package.__all__)}"


def test_public_things_are_documented() -> None:
    import barograph

    for name in barograph.__all__:
        thing = getattr(barograph, name)
        if callable(thing):
            assert thing.__doc__, f"{name} has no docstring"
            for attribute, member in vars(thing).items() if isinstance(thing, type) else ():
                if callable(member) and not attribute.startswith("_"):
                    assert member.__doc__, f"{name}.{attribute} has no docstring"
