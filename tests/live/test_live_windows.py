import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from services import BASELINE, HOUR, NOON

from barograph import Baseline, Profile, Schema, frame
from barograph.errors import ParameterError
from barograph.live.windows import NEW_COLUMNS_AT_MOST, OTHER_COLUMNS, Length, Windows

MINUTE = 60.0


def windows(window: str = "1h", lateness: float = 5 * MINUTE) -> Windows:
    return Windows(BASELINE.empty(), Length(window), lateness)


def place(made: Windows, *times: float, own: bool = False, now: float = NOON + 10 * HOUR) -> list[float | None]:
    placed = made.place(np.array(times, float), np.full(len(times), own), now)
    return [None if np.isnan(start) else float(start) for start in placed.starts]


@pytest.mark.parametrize("length", ["1s", "15m", "1h", "7h", "1d", "1w", "2w", "1mo", "1q", "1y", "3mo"])
@given(time=st.integers(-(10**9), 4 * 10**9))
def test_cuts_as_frames_are_cut(length: str, time: int) -> None:
    batch = next(iter(frame.open_rows({"t": np.array([time], "M8[s]")}).batches()))
    ((start, end, _),) = frame.windows(batch, "t", length)
    ours = Length(length)
    began = float(ours.starts(np.array([float(time)]))[0])
    assert [began, ours.end(began)] == [np.datetime64(t[:19], "s").astype(int) for t in (start, end)]


@pytest.mark.parametrize("text", ["", "h", "0", "1", "1x", "1h 30m", "-1h", "1mo1d", None, 5])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(ParameterError):
        Length(text)


def test_no_length_at_all() -> None:
    for text in ("0s", "0mo"):
        with pytest.raises(ParameterError, match="no length"):
            Length(text)


def test_late_within_lateness_goes_to_its_own_window() -> None:
    made = windows()
    at = NOON + HOUR
    assert place(made, at + 4 * MINUTE, at - 1, at + 5 * MINUTE, at - 1) == [at, NOON, at, None]


def test_lateness_does_not_depend_on_how_rows_are_chunked() -> None:
    times = NOON + np.random.default_rng(0).normal(np.arange(500) * 60.0, 900.0)
    whole = place(windows(), *times)
    parts = windows()
    assert [place(parts, t)[0] for t in times] == whole
    assert None in whole


def test_a_row_stamped_here_is_never_late() -> None:
    made = windows(lateness=0.0)
    place(made, NOON + 2 * HOUR)
    assert place(made, NOON, own=True) == [NOON]
    assert place(made, NOON) == [None]


@pytest.mark.parametrize("time", [np.nan, np.inf, -np.inf, 1e300, -1e300, 253_402_300_800.0, NOON + 11 * HOUR])
def test_unusable_times_are_bad_and_move_no_watermark(time: float) -> None:
    made = windows()
    placed = made.place(np.array([time, NOON]), np.array([False, False]), NOON + 10 * HOUR)
    assert (placed.n_bad, placed.n_late, placed.starts[1], made.watermark) == (1, 0, NOON, NOON)


def test_a_clock_set_back_takes_the_watermark_with_it() -> None:
    made = windows()
    assert place(made, NOON, own=True, now=NOON) == [NOON]
    assert place(made, NOON - 3 * HOUR, own=True, now=NOON - 3 * HOUR) == [NOON - 3 * HOUR]
    assert place(made, NOON - 3 * HOUR, now=NOON - 3 * HOUR) == [NOON - 3 * HOUR]


def test_one_row_from_the_future_makes_no_other_late() -> None:
    made = windows(lateness=2 * HOUR)
    assert place(made, NOON + 2 * HOUR, now=NOON) == [NOON + 2 * HOUR]
    assert made.watermark == NOON


def test_closing_follows_event_time_and_then_the_clock() -> None:
    """Replayed rows of long ago close by their own time; without rows event time goes on as the clock does."""
    made = windows()
    now = NOON + 1000 * HOUR
    (start,) = place(made, NOON, now=now)
    assert start is not None
    made.add(start, profile(1), {})
    assert made.closed(now) == []
    assert [w.start for w in made.closed(now + HOUR + 5 * MINUTE)] == [NOON]


def profile(n: int, **columns: list[object]) -> Profile:
    return Profile.of({"age": list(range(n)), **columns}, BASELINE)


def test_parts_add_up() -> None:
    made = windows()
    made.add(NOON, profile(3), {})
    window = made.add(NOON, profile(4), {})
    assert (window.profile.n_rows, window.n_unwritten, made.n_unwritten) == (7, 7, 7)


def test_new_columns_are_bounded() -> None:
    made = windows()
    made.add(NOON, profile(1), {f"x{i}": ("number", 1) for i in range(NEW_COLUMNS_AT_MOST - 1)})
    window = made.add(NOON, profile(1), {f"y{i}": ("string", 2) for i in range(3)})
    seen = window.profile.seen.seen
    assert seen["y0"] == {"string": 2}
    assert seen[OTHER_COLUMNS] == {"unknown": 4}
    assert len(seen) == NEW_COLUMNS_AT_MOST + 2  # the others, and "age"


def test_too_many_classes_leave_the_window_as_it_was() -> None:
    """A confusion of more classes than a file may hold would make a shard that nobody can read."""
    given = {"said": ["a", "b", "c"], "is": ["a", "b", "b"]}
    base = Baseline.of(given, schema=Schema(prediction="said", target="is"))
    made = Windows(base.empty(), Length("1h"), 0.0)
    for i in range(2):
        labels = [f"{i}-{k}" for k in range(90)]
        made.add(NOON, Profile.of({"said": labels, "is": labels}, base), {})
    labels = [f"more-{k}" for k in range(90)]
    with pytest.raises(ParameterError, match="classes"):
        made.add(NOON, Profile.of({"said": labels, "is": labels}, base), {})
    assert made.open[NOON].profile.n_rows == 180
    assert Profile.from_bytes(made.open[NOON].profile.to_bytes()).n_rows == 180
