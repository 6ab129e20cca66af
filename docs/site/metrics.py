"""A page for each metric, made from its class: what it is, what it says of itself, its parameters, example and cost."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from pathlib import Path
from types import ModuleType

from docs.site.text import code, paragraphs, parameters, table

from barograph.metric import Metric
from barograph.metrics import drift, performance, quality, ranking
from barograph.needs import default_needs
from barograph.schema import Kind, Schema
from barograph.summaries import SUMMARIES

ROOT = Path(__file__).parents[2]

FAMILIES: dict[str, tuple[ModuleType, str]] = {
    "quality": (quality, "What the data look like, and what is wrong with them."),
    "drift": (drift, "How far the current rows are from the reference."),
    "performance": (performance, "How good the predictions are, once the outcomes are known."),
    "ranking": (ranking, "How good recommendations are, for users and over items."),
}

DIRECTIONS = {"lower": "lower", "higher": "higher", "zero": "nearer to 0", "none": "neither"}
REFERENCES = {
    "none": "not used",
    "optional": "if there is one, shown beside the value",
    "required": "needed: without one there is no value",
}
OTHERS = "Other tools:"
CITED = re.compile(r"\((1[6-9]|20)\d\d\)")


def metrics_of(family: str) -> list[type[Metric]]:
    """The metric classes of a family, by title."""
    module, _ = FAMILIES[family]
    found = [getattr(module, name) for name in module.__all__]
    return sorted(
        (c for c in found if isinstance(c, type) and issubclass(c, Metric)), key=lambda c: c.spec.title.lower()
    )


def source(of: type[Metric]) -> str:
    """The last paragraph of a docstring, where it is a reference to literature."""
    found = [p for p in paragraphs(of)[0] if not p.startswith(OTHERS)]
    last = " ".join(found[-1].split())
    return last if len(found) > 1 and len(last) < 300 and CITED.search(last) else ""


def others(of: type[Metric]) -> str:
    """What is known of other tools' versions of it."""
    found, _ = paragraphs(of)
    said = [p for p in found if p.startswith(OTHERS)]
    return " ".join(said[0].removeprefix(OTHERS).split()) if said else ""


def pages() -> dict[str, str]:
    """Path in the site -> Markdown: an index, one page a family, one a metric."""
    made = {"metrics/index.md": _index()}
    tested = tests()
    for family in FAMILIES:
        made[f"metrics/{family}/index.md"] = _family(family)
        for metric in metrics_of(family):
            made[f"metrics/{family}/{metric.spec.name}.md"] = page(metric, family, tested.get(metric.__name__, []))
    return made


def _index() -> str:
    rows = [
        (f"[{family}]({family}/index.md)", str(len(metrics_of(family))), what) for family, (_, what) in FAMILIES.items()
    ]
    toc = "".join(f"{family}/index\n" for family in FAMILIES)
    return f"""# Metrics

Each page says what the number is, its range, what it is when nothing has changed, what it does with empty, constant and
absent values, how exact it is, and what it costs. The pages are made from the code.

Which one to take: [Choosing metrics](../choosing.md).

{table(("family", "metrics", "question"), rows)}
## All metrics

{_listed((m, f"{f}/{m.spec.name}.md") for f in FAMILIES for m in metrics_of(f))}
```{{toctree}}
:hidden:

{toc}```
"""


def _listed(pairs) -> str:
    return table(
        ("name", "metric", "what it is"),
        sorted((f"[`{m.spec.name}`]({path})", m.spec.title, m.spec.help) for m, path in pairs),
    )


def _family(family: str) -> str:
    module, what = FAMILIES[family]
    members = metrics_of(family)
    toc = "".join(f"{m.spec.name}\n" for m in members)
    return f"""# {family.capitalize()}

{what}

`from {module.__name__} import ...`

{_listed((m, f"{m.spec.name}.md") for m in members)}
```{{toctree}}
:hidden:

{toc}```
"""


def page(metric: type[Metric], family: str, tested: list[str]) -> str:
    """The page of one metric."""
    spec = metric.spec
    module, _ = FAMILIES[family]
    prose, example = paragraphs(metric)
    cited = source(metric)
    body = [p for p in prose if not p.startswith(OTHERS) and " ".join(p.split()) != cited]
    low, high = (
        f"{inf}infinity" if end is None else f"{end:g}" for end, inf in zip(spec.range, ("minus ", ""), strict=True)
    )
    facts = [
        ("name", f'`{spec.name}`, in configurations, reports and `run.value("{spec.name}")`'),
        ("class", f"`{module.__name__}.{metric.__name__}`"),
        ("range", f"{low} to {high}" if spec.range != (None, None) else "any number"),
        ("unit", spec.unit or "none, or that of the column"),
        ("better", DIRECTIONS[spec.direction]),
        ("reference", REFERENCES[spec.reference]),
    ]
    file = Path(inspect.getfile(metric)).relative_to(ROOT).as_posix()
    parts = [
        f"# {spec.title}\n",
        spec.help + "\n",
        table(("", ""), facts),
        "## What it says\n",
        *(f"{_linked(p, spec.name)}\n" for p in body),
    ]
    if said := others(metric):
        parts += ["## Other tools\n", _linked(said, spec.name) + "\n"]
    taken = parameters(metric)
    parts += ["## Parameters\n", table(("name", "type", "default"), taken) if taken else "None.\n"]
    if example:
        parts += ["## Example\n", code(example, "pycon")]
    parts += ["## Cost\n", _cost(metric)]
    parts += ["## Source\n", (cited or "None is needed: the definition says all there is to say.") + "\n"]
    own = [path for path in tested if path.startswith(f"tests/metrics/{family}/")] or tested
    named = ", ".join(f"`{path}`" for path in own)
    parts += [
        "## In the repository\n",
        f"Code: `{file}`. Tests: {named}, and the laws that hold for every metric in `tests/laws`.\n",
    ]
    return "\n".join(parts)


def _linked(text: str, own: str) -> str:
    """Names of other metrics and of summaries as links to their pages."""
    homes = {m.spec.name: f"../{family}/{m.spec.name}.md" for family in FAMILIES for m in metrics_of(family)}
    homes |= {cls.__name__: f"../../summaries.md#{name}" for name, cls in SUMMARIES.items()}
    homes |= {c: f"../../checks.md#{c.replace('_', '-')}" for c in ("no_drift", "p_at_least", "close_to_reference")}
    homes["better_than_dummy()"] = "../../checks.md#better-than-dummy"
    return re.sub(r"`([\w()]+)`", lambda m: f"[{m[0]}]({homes[m[1]]})" if m[1] in homes and m[1] != own else m[0], text)


SAMPLES = (
    Schema(
        target="late", prediction="said", score="chance", timestamp="ts",
        task="classification", positive=True, classes=("false", "true"),
        kinds={
            "late": Kind.BOOLEAN, "said": Kind.BOOLEAN, "chance": Kind.NUMERIC, "ts": Kind.DATETIME,
            "born": Kind.DATETIME,
            "age": Kind.NUMERIC, "size": Kind.NUMERIC, "city": Kind.CATEGORICAL, "note": Kind.TEXT, "v": Kind.EMBEDDING,
        },
    ),
    Schema(
        target="y", prediction="said",
        kinds={"y": Kind.NUMERIC, "said": Kind.NUMERIC, "age": Kind.NUMERIC, "city": Kind.CATEGORICAL},
        task="regression",
    ),
    Schema(
        target="y", prediction="s", user_id="u", item_id="i",
        kinds={"y": Kind.NUMERIC, "s": Kind.NUMERIC, "u": Kind.CATEGORICAL, "i": Kind.CATEGORICAL},
    ),
)  # fmt: skip


def read_by(metric: type[Metric]) -> dict[str, bool]:
    """The summaries that a metric reads, and whether a profile against a baseline has them without being asked."""
    found: dict[str, bool] = {}
    for schema in SAMPLES:
        kept = set(default_needs(schema, anchored=True))
        for need in _example_of(metric).needs(schema):
            found[need.summary] = found.get(need.summary, True) and need in kept
    return found


def _example_of(metric: type[Metric]) -> Metric:
    """The metric with what it must be told."""
    told = {"condition": "age > 0", "values": ("Ulm",), "low": 0.0}
    names = {name.strip("`"): default for name, _, default in parameters(metric)}
    return metric(
        **{
            name: told[name]
            for name, default in names.items()
            if name in told and default in ("required", "`()`", "`None`", "`''`")
        }
    )


def _cost(metric: type[Metric]) -> str:
    read = read_by(metric)
    asked = [s for s, kept in read.items() if not kept]
    rows = [
        (f"[`{s}`](../../summaries.md#{s})", "every profile" if kept else "only where this metric is asked for")
        for s, kept in sorted(read.items())
    ]
    if not rows:
        return "Nothing is counted for it: it reads the number of rows.\n"
    said = "It reads counts that profiles have anyway" if not asked else "It has rows counted for it"
    return f"{said}; reading them does not depend on the number of rows.\n\n{table(('reads', 'counted in'), rows)}"


def tests() -> dict[str, list[str]]:
    """Class name -> the files under tests/metrics that use it."""
    found = defaultdict(list)
    for path in sorted((ROOT / "tests" / "metrics").glob("*/test_*.py")):
        words = set(re.findall(r"\b[A-Z]\w+\b", path.read_text(encoding="utf-8")))
        for word in words:
            found[word].append(path.relative_to(ROOT).as_posix())
    return found
