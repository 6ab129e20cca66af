"""What the documents show works: every Python block runs, every barograph command exits as it says."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from docs.site import metrics, reference

from barograph.config import load
from barograph.render.json import json_schema
from barograph.results import Run, Timeline

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
GENERATED = {*metrics.pages(), *reference.pages()}  # in the site, made from the code
BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.M | re.S)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks(page: Path, language: str) -> list[str]:
    return [body for found, body in BLOCK.findall(page.read_text(encoding="utf-8")) if found == language]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the documents speak of: a month of served predictions, and the one before drift."""
    flights = pl.read_parquet(ROOT / "examples" / "flights.parquet")
    rng = np.random.default_rng(7)
    for name, month in (("march", 3), ("july", 7)):
        part = flights.filter(pl.col("ts").dt.month() == month).head(6000)
        chance = np.clip(part["late"].to_numpy() * 0.3 + rng.uniform(0, 0.6, part.height), 0, 1)
        part = part.with_columns(score=pl.Series(chance), late_pred=pl.Series((chance >= 0.5).astype(np.int8)))
        part.drop("arr_delay", "dep_delay", "air_time").write_csv(tmp_path / f"{name}.csv")
    for name, seed, shift in (("reference", 1, 0.0), ("current", 2, 1.0)):
        features(2000, seed, shift).write_csv(tmp_path / f"{name}.csv")
    shutil.copy(ROOT / "tests" / "foreign" / "whylogs" / "n5k.bin", tmp_path / "whylogs.bin")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def features(n: int, seed: int, shift: float) -> pl.DataFrame:
    """The frame that the pages of other tools begin with: three numbers, a category, a target and its prediction."""
    rng = np.random.default_rng(seed)
    columns = {f"feature_{i}": rng.normal(shift if i == 1 else 0.0, 1, n) for i in (1, 2, 3)}
    score = columns["feature_2"] + columns["feature_3"]
    target, prediction = score + rng.normal(0, 1, n) > 0, score > 0
    return pl.DataFrame(
        columns
        | {
            "category": rng.choice(["a", "b", "c"], n),
            "target": target.astype(np.int8),
            "prediction": prediction.astype(np.int8),
        }
    )


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=lambda p: p.name)
def test_python_blocks_run(page: Path, desk: Path) -> None:
    namespace: dict[str, object] = {"__name__": "page"}
    module = type(sys)("page")  # dataclasses look their module up
    namespace = vars(module)
    sys.modules["page"] = module
    try:
        for number, body in enumerate(blocks(page, "python"), 1):
            exec(compile(body, f"{page.name}, block {number}", "exec"), namespace)
    finally:
        del sys.modules["page"]


def commands(page: Path) -> list[str]:
    """The lines of a page that start with `barograph`, also those of the files of CI servers, in the page's order."""
    found = [body for language, body in BLOCK.findall(page.read_text(encoding="utf-8")) if language in ("bash", "yaml")]
    lines = [line.lstrip(" -") for body in found for line in body.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line.startswith("barograph ") and "demo" not in line]


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "yaml")], ids=lambda p: p.name)
def test_yaml_blocks_are_yaml_and_configurations_work(page: Path, desk: Path) -> None:
    for body in blocks(page, "yaml"):
        said = yaml.safe_load(body)
        if "current" in said:
            (desk / "barograph.yaml").write_text(body, encoding="utf-8")
            assert load(desk / "barograph.yaml").checks, "it is read as it stands"


@pytest.mark.parametrize("page", [p for p in PAGES if commands(p)], ids=lambda p: p.name)
def test_commands_run(page: Path, desk: Path) -> None:
    """A comment `# exit code N` says what to expect, 0 where there is none."""
    for line in commands(page):
        command, _, comment = line.partition("#")
        expected = int(found.group(1)) if (found := re.search(r"exit code (\d)", comment)) else 0
        arguments = shlex.split(command.partition(" >> ")[0])[1:]
        done = subprocess.run([sys.executable, "-m", "barograph", *arguments], capture_output=True, text=True)
        assert done.returncode == expected, f"{line}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", [ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *PAGES], ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            made = page.parent == ROOT / "docs" and target in GENERATED
            assert made or (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def test_architecture_is_one_page() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 70


@pytest.mark.parametrize(("name", "of"), [("report", Run), ("timeline", Timeline)])
def test_the_published_json_schema_is_that_of_the_code(name: str, of: type) -> None:
    published = json.loads((ROOT / "docs" / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(json_schema(of))), "publish it anew: see docs/configuration.md"
