"""The demo: two models that go wrong in opposite ways, and what Barograph sees of them.

story     what a user would write: read this one as an example
flights   the data: flights that left New York City in 2013, with the weather
models    what is watched: two scikit-learn models
facts     how to look things up in runs and timelines
words     what was found, as sentences
screen    how it is printed
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from barograph.demo import words
from barograph.demo.facts import filled, month
from barograph.demo.screen import Screen

if TYPE_CHECKING:
    from rich.console import Console

    from barograph.demo.story import Story

COMMANDS = (
    "barograph baseline march.parquet --target y --prediction said --timestamp ts -o my.baseline",
    "barograph timeline --current 'days/*.parquet' --reference my.baseline --every 1d -o days.html",
    "barograph check --current today.parquet --reference my.baseline",
)


def run_demo(out_dir: Path, console: Console | None = None) -> None:
    """Train, freeze, watch; write a baseline and reports to `out_dir`, and print what was found. About ten seconds.

    Raises `MissingExtraError` without scikit-learn, `InputError` without the data.
    """
    screen = Screen(console)
    screen.step("Loading scikit-learn")
    from barograph.demo.story import follow  # needs the extra `demo`: it is this call that should fail, not the import

    story = follow(screen.step)
    screen.step("Writing reports")
    written = write(story, out_dir)
    screen.step("Done")
    tell(story, screen)
    screen.title("Written, to look at in a browser")
    screen.files(written)
    screen.title("The same for your own model")
    screen.commands(COMMANDS)


def write(story: Story, out_dir: Path) -> dict[Path, str]:
    """Files to keep and to look at, and what they are."""
    out_dir.mkdir(parents=True, exist_ok=True)
    frozen = out_dir / "flights.baseline"
    story.baseline.write(frozen)
    return {
        frozen: f"{story.baseline.profile.n_rows:,} flights of March, frozen in {frozen.stat().st_size / 1000:.0f} kB",
        story.months.save(out_dir / "timeline.html"): "the delay model, April to December",
        story.july.save(out_dir / "july.html"): "the delay model, July against March",
        story.december.save(out_dir / "december.html"): "the data of December, day by day",
        story.air_times.save(out_dir / "airtime.html"): "the model of minutes in the air, April to December",
    }


def tell(story: Story, screen: Screen) -> None:
    """Print what was found."""
    inputs = story.baseline.schema.features
    screen.title("Will a flight be late? Trained on January and February, reference March")
    screen.table([("March", story.march), *((month(window), run) for window, run in filled(story.months))])
    screen.say(
        [
            words.of_recall(story.months),
            words.of_accuracy(story.months),
            words.of_inputs(story.months, inputs),
            words.of_range(story.months, "temp"),
            words.of_cause(story.without_weather, story.months),
            words.of_meaning(story.months, inputs),
        ]
    )
    screen.title("The data")
    screen.say([*words.of_outages(story.december, story.months), words.of_unseen(story.months)])
    screen.title("How long will a flight be in the air? The opposite case")
    columns, said = ("carrier", "origin", "dest", "hour", "distance"), "air_time_pred"
    screen.say([words.of_error(story.air_times), words.of_silence(story.air_times, columns, said)])
