"""The benchmark of verdicts: how often they alarm when nothing changed, and what they find when something has.

`python -m benchmarks.verdicts` prints the tables and fails where a target is missed; `--short` takes a minute;
`--write docs` writes the page and its pictures.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import verdict_power, verdict_rules
from benchmarks.false_alarms import ALPHA, false_alarms
from benchmarks.shares import Rate, interval
from benchmarks.verdict_columns import COLUMNS
from benchmarks.verdict_days import INDEPENDENT, NATURAL, days
from benchmarks.verdict_delay import OURS, RULES, delays, run_length
from benchmarks.verdict_pictures import lines
from benchmarks.verdict_power import DRIFT, EVIDENCE, MEANS, NO_SHIFT, Counts

SEED = 20_241
REFERENCE, SMALL_REFERENCE = 100_000, 2_000
ROWS = 50, 200, 1_000, 10_000, 1_000_000
LEAST, MOST = 0.002, 0.015
PROMISED_FROM = 200
NATURAL_MOST, INDEPENDENT_LEAST = 0.02, 0.2
POINTS = 0.03
POWER_ROWS, TABLE_ROWS = 5_000, (200, 1_000, 5_000)
DELAY_SHIFT, DELAY_MOST, RUN_LENGTH = 0.1, 8, 100
WORKERS = 2


@dataclass(frozen=True)
class Size:
    """How much is drawn: windows by the number of their columns, days, repeats of a shift, tables."""

    windows: dict[int, int]
    references: int
    days: int
    repeats: int
    tables: int
    streams: int


# the rarer a cell's alarms the more windows tell: `--times 10` draws ten times as many
LONG = Size({1: 4000, 20: 1000, 200: 200}, 60, 10, 200, 60, 100)
SHORT = Size({1: 1000, 20: 100}, 5, 10, 40, 10, 11)


@dataclass
class Page:
    """What is told, and the targets that were missed."""

    text: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def table(self, head: list[str], rows: list[list[str]]) -> None:
        bar = ["---"] * len(head)
        self.text += [*("| " + " | ".join(row) + " |" for row in (head, bar, *rows)), ""]

    def say(self, text: str) -> None:
        self.text += [text.strip(), ""]


def missed(rate: Rate, n: int) -> bool:
    """Whether the 95 % interval of a rate excludes its target."""
    low, high = rate.interval
    return low > MOST or (n >= PROMISED_FROM and high < LEAST)


def alarm_table(page: Page, windows: dict[int, int], m: int, sizes: tuple[int, ...] = ROWS) -> None:
    rows = []
    asked = [(k, count, at) for k, count in windows.items() for at in range(len(COLUMNS))]
    with ProcessPoolExecutor(WORKERS) as pool:
        for (k, count, at), rates in zip(asked, pool.map(partial(_rates, m=m, sizes=sizes), asked), strict=True):
            column = COLUMNS[at]
            cells = [column.name, str(k), f"{count:,}"]
            for n, rate in zip(sizes, rates, strict=True):
                low, high = rate.interval
                cells.append(f"{rate.share:.2%} ({low:.1%}-{high:.1%}); {rate.drift / count:.2%}")
                if missed(rate, n):
                    page.missed.append(f"false alarms of {k} x {column.name}, {n:,} against {m:,}: {rate}")
            print("  ".join(cells), flush=True)
            rows.append(cells)
    page.table(["columns of the window", "k", "windows", *(f"n = {n:,}" for n in sizes)], rows)


def _rates(asked: tuple[int, int, int], m: int, sizes: tuple[int, ...]) -> list[Rate]:
    k, count, at = asked
    return [false_alarms(COLUMNS[at], n, m, k, count, SEED) for n in sizes]


def day_table(page: Page, size: Size) -> None:
    found = days(size.references, size.days, SEED)
    rows = []
    for name, rate in found.items():
        low, high = rate.interval
        rows.append(
            [name, f"{rate.windows}", f"{rate.share:.1%} ({low:.1%}-{high:.1%})", f"{rate.drift / rate.windows:.1%}"]
        )
    page.table(["reference", "days", "evidence", "drift that matters"], rows)
    if found[NATURAL].interval[0] > NATURAL_MOST:
        page.missed.append(f"days that differ by nature: {found[NATURAL]}")
    if found[INDEPENDENT].interval[1] < INDEPENDENT_LEAST:
        page.missed.append(f"days that rows taken as independent do not see: {found[INDEPENDENT]}")


def power_table(page: Page, repeats: int, names: tuple[str, ...] = ()) -> dict[str, Counts]:
    found = verdict_power.power(POWER_ROWS, REFERENCE, repeats, SEED, names)
    told = [EVIDENCE, DRIFT, *verdict_rules.RULES]
    rows = [[name, *(_share(counts.get(rule), repeats) for rule in told)] for name, counts in found.items()]
    page.table(["change", *told], rows)
    for name in MEANS:
        if behind(found.get(name, {}), repeats):
            page.missed.append(f"power of {name}: {found[name]}")
    return found


def behind(counts: Counts, repeats: int) -> bool:
    """Whether ours surely finds less than raw rows by KS and Bonferroni, and three points."""
    if not counts:
        return False
    return interval(counts[EVIDENCE], repeats)[1] < counts[verdict_rules.KS_BONFERRONI] / repeats - POINTS


def rules_table(page: Page, windows: int, sizes: tuple[int, ...]) -> dict[int, Counts]:
    found = {n: verdict_power.tables(n, REFERENCE, windows, SEED) for n in sizes}
    rules = list(next(iter(found.values())))
    page.table(
        ["rule", *(f"n = {n:,}" for n in sizes)], [[r, *(_share(found[n][r], windows) for n in sizes)] for r in rules]
    )
    for n, counts in found.items():
        if interval(counts[EVIDENCE], windows)[0] > MOST:
            page.missed.append(f"false alarms of tables of {n:,} rows: {counts[EVIDENCE]} of {windows}")
    return found


def delay_table(page: Page, streams: int) -> None:
    quiet_most, most = 300, 100
    quiet = delays(0.0, streams, quiet_most, SEED)
    rows = {rule: [rule, f"{run_length(quiet[rule], quiet_most):,.0f}"] for rule in RULES}
    for shift in (0.05, 0.1, 0.2):
        for rule, found in delays(shift, streams, most, SEED).items():
            middle, late = np.quantile([most + 1 if at is None else at for at in found], [0.5, 0.9], method="higher")
            rows[rule].append(f"{_within(middle, most)} ({_within(late, most)})")
            if rule == OURS and shift == DELAY_SHIFT and middle > DELAY_MOST:
                page.missed.append(f"delay of a shift of {shift} sigma: {middle} windows")
    if run_length(quiet[OURS], quiet_most) < RUN_LENGTH:
        page.missed.append(f"windows between false alarms of a stream: {rows[OURS][1]}")
    page.table(
        ["rule", "windows to a false alarm, at least", *(f"{s:g} sigma" for s in (0.05, 0.1, 0.2))], [*rows.values()]
    )


def _within(windows: float, most: int) -> str:
    return f"over {most}" if windows > most else f"{windows:.0f}"


def _share(found: int | None, of: int) -> str:
    return "" if found is None else f"{found / of:.0%}"


def told(size: Size, folder: Path | None, *, short: bool) -> Page:
    """The whole page."""
    page, start = Page(), time.monotonic()
    page.say(HEAD)
    page.say("## Nothing changed")
    page.say(ALARMS)
    alarm_table(page, size.windows, REFERENCE)
    page.say(f"Against small references of {SMALL_REFERENCE:,} rows:")
    alarm_table(page, {20: max(100, size.windows[20] // 8)}, SMALL_REFERENCE, (50, 200, 1_000))
    page.say("## Days that differ by nature")
    page.say(DAYS)
    day_table(page, size)
    page.say("## What is found")
    page.say(POWER)
    power = power_table(page, size.repeats, (NO_SHIFT, *MEANS) if short else ())
    page.say(f"{size.repeats} repeats of each change.")
    page.say("![Alarms by change, of each rule](img/verdict-power.svg)")
    page.say("## How soon")
    page.say(DELAY.format(streams=size.streams))
    delay_table(page, size.streams)
    page.say("## False alarms of the other rules")
    page.say(f"{size.tables} tables of 20 such columns, in which nothing changed.")
    tables = rules_table(page, size.tables, TABLE_ROWS[:1] if short else TABLE_ROWS)
    page.say("![False alarms by rows, of each rule](img/verdict-false-alarms.svg)")
    spent = time.monotonic() - start
    page.say(
        f"Seed {SEED}; `python -m benchmarks.verdicts{' --short' if short else ' --write docs'}`; "
        f"{spent / 60:.0f} minutes on two cores; Python {platform.python_version()}, {platform.machine()}."
    )
    listed = "; ".join(page.missed)
    page.say(f"Targets missed: {listed}." if listed else "No target was missed.")
    if folder is not None:
        written(page, folder, power, tables, size)
    return page


def written(page: Page, folder: Path, power: dict[str, Counts], tables: dict[int, Counts], size: Size) -> None:
    """The page and its two pictures."""
    (folder / "img").mkdir(exist_ok=True)
    rules = (EVIDENCE, *verdict_rules.RULES)
    shifts = (NO_SHIFT, *MEANS)
    alarms = {r: [counts[r] / size.tables for counts in tables.values()] for r in rules}
    found = {r: [power[name][r] / size.repeats for name in shifts] for r in rules}
    sizes = [f"{n:,} rows" for n in tables]
    pictures = {
        "verdict-false-alarms": lines("Tables of 20 columns that alarm though nothing changed", sizes, alarms, ALPHA),
        "verdict-power": lines("A column of twenty that alarms: 5,000 rows against 100,000", shifts, found),
    }
    for name, text in pictures.items():
        (folder / "img" / f"{name}.svg").write_text(text, encoding="utf-8")
    (folder / "verdict-benchmark.md").write_text("\n".join(page.text).strip() + "\n", encoding="utf-8")


HEAD = """# The benchmark of verdicts

How often verdicts alarm when nothing has changed, and what they find when something has. One command measures
all of it with fixed seeds, and fails where a target is missed: where the 95 % interval of Clopper and Pearson
excludes it.
"""
ALARMS = f"""Windows of `k` independent columns of `n` rows against a reference of {REFERENCE:,}, each column with a
reference of its own; the checks are those of the preset `data_drift`. In each field: the share of windows
with any evidence at `alpha` 1 %, its interval, and the share that alarms (`drift`: evidence of a size that
matters). What `alpha` promises is the first; target: 0.2 to 1.5 % from n = 200 on, and never above 1.5 %
below. Where a column has few labels and a window few rows, few values of a statistic are possible, and rates
lie below `alpha`. Counts are drawn with the exact probabilities of the reference's cells, not of its shares.
"""
DAYS = """Days of 1,000 rows, three numbers and a label each, whose means and shares move from day to day by an
autoregression (0.6; 0.15 standard deviations of the rows); references of 60 days; the preset `data_drift` on
rows. Target: at most 2 % of days with the windows of the reference, where rows taken as independent alarm in
over 20 %.
"""
POWER = f"""{POWER_ROWS:,} rows against {REFERENCE:,}, one normal column (5 % missing) of a table of 20, the same rows
for every rule. Ours is given the share of `alpha` that a table of 20 columns and 40 tests gives the only one that
changed; evidence is what is beyond noise, drift what also matters (PSI above 0.1). The rules of others are
written anew from their documentation: Evidently (KS below 0.05 up to 1,000 rows of reference, beyond that
Wasserstein by the standard deviation of at least 0.1; chi-square and Jensen-Shannon for labels) and NannyML
(beyond the mean and three standard deviations of the reference's chunks, here of the window's size). They are
held to no rate of false alarms: the second table says which they have. Target: evidence as often as two-
sample KS on raw rows with Bonferroni's correction, less 3 points, for shifts of the mean.
"""
DELAY = """Streams of one normal column in windows of 500 rows against a reference of 100,000, {streams} of each
kind: in which window the shift is found, the median (and of nine in ten streams). Target: a median of at most 8 for
0.1 sigma, where false alarms are 100 windows apart or more.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verdicts", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a small part of it")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the page and its pictures there")
    parser.add_argument("--times", type=int, default=1, help="so many times the windows of the first tables")
    given = parser.parse_args()
    size = SHORT if given.short else LONG
    windows = {k: count * given.times for k, count in size.windows.items()}
    page = told(replace(size, windows=windows), given.write, short=given.short)
    print("\n".join(page.text))
    return 1 if page.missed else 0


if __name__ == "__main__":
    sys.exit(main())
