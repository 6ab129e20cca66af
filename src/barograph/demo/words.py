"""What was found, in plain words. Numbers, months and columns come from the results, not from here."""

from __future__ import annotations

from barograph.demo import facts
from barograph.render.numbers import MINUS, plural, share
from barograph.results import Run, Timeline


def of_recall(timeline: Timeline) -> str:
    """How far recall fell, for how long, and when it came back."""
    recall = facts.course(timeline, "recall")
    if recall.since is None:
        return "Recall stays within what the days of March vary by."
    low = recall.values[recall.lowest]
    back = recall.recovered
    return (
        f"The model goes blind: recall is below what chance and the days of March explain ({recall.bad_months}). It "
        f"was {recall.reference:.3f} in March and is {low:.3f} in {recall.lowest}: of 100 late flights, the model "
        f"finds {low * 100:.0f}. "
        + (f"From {back} on it is no longer that low: {recall.values[back]:.3f}." if back else "It has not come back.")
    )


def of_accuracy(timeline: Timeline) -> str:
    """Whether accuracy showed it."""
    accuracy = facts.course(timeline, "accuracy")
    if accuracy.since is not None:
        return f"Accuracy shows it too: it is below its limit ({accuracy.bad_months})."
    best = accuracy.highest
    late = facts.run_of(timeline, best).value("target_rate") or 0
    return (
        "Accuracy hides it: it passes every month, and is at its best, "
        f"{accuracy.values[best]:.3f}, in {best}, when only {share(late)} of the flights are late."
    )


def of_inputs(timeline: Timeline, inputs: tuple[str, ...]) -> str:
    """Which inputs drifted, since when, and how far."""
    found = facts.drifts(timeline, inputs)
    if not found:
        return "No input drifts."
    far = [f"{d.column} since {d.since} (PSI up to {d.peak:.1f}, in {d.peak_month})" for d in found[:2]]
    since: dict[str, list[str]] = {}
    for drift in found[2:]:
        since.setdefault(drift.since, []).append(drift.column)
    rest = "; ".join(f"{listed(columns)} since {month}" for month, columns in since.items())
    return f"The inputs show it without any label. Farthest from March: {listed(far)}. Less far: {rest or 'none'}."


def of_range(timeline: Timeline, column: str) -> str:
    """How much of an input lies where the reference has nothing."""
    outside = {facts.month(w): run.value("out_of_range_share", column=column) or 0 for w, run in facts.filled(timeline)}
    most = max(outside, key=outside.__getitem__)
    return f"In {most}, {share(outside[most])} of {column} lies outside all that March has: the model can only guess."


def of_cause(run: Run, timeline: Timeline) -> str:
    """What the same model does without weather, in July."""
    seeing = facts.course(timeline, "recall").values["July"]
    return (
        f"Weather is the cause: trained without it, the same model has a recall of {run.value('recall'):.2f} in July; "
        f"with it, {seeing:.2f}."
    )


def of_meaning(timeline: Timeline, inputs: tuple[str, ...]) -> str:
    """That drift is not failure."""
    window, last = facts.filled(timeline)[-1]
    still = sum(facts.failed(last, "psi", column=column) for column in inputs)
    state = "fails" if facts.failed(last, "recall") else "passes"
    if not still:
        return f"In {facts.month(window)} no input drifts, and recall {state}, at {last.value('recall'):.3f}."
    return (
        f"Drift is a reason to look, not a verdict on the model: in {facts.month(window)}, "
        f"{plural(still, 'input')} still drift, and recall {state}."
    )


def of_outages(days: Timeline, months: Timeline) -> list[str]:
    """Days on which columns had no value, and whether the month shows it."""
    return [
        f"On {outage.day} all {outage.n_rows:,} flights lack {listed(outage.columns)}." + _in_the_month(outage, months)
        for outage in facts.outages(days)
    ]


def _in_the_month(outage: facts.Outage, months: Timeline) -> str:
    _, run = next((w, run) for w, run in facts.filled(months) if w.start[:7] == outage.day[:7])
    hidden = [column for column in outage.columns if not facts.failed(run, "missing_share", column=column)]
    if not hidden:
        return ""
    part = share(run.value("missing_share", column=hidden[0]) or 0)
    return (
        f" The month does not show it: {hidden[0]} is missing in {part} of its flights, and {len(hidden)} of these "
        f"{len(outage.columns)} columns pass. Windows should be no longer than the incidents to be found."
    )


def of_unseen(timeline: Timeline) -> str:
    """Labels that the reference never had."""
    shares = {facts.month(w): facts.value(run, "unseen_share", column="dest") for w, run in facts.filled(timeline)}
    some = [month for month, found in shares.items() if found.value]
    if not some:
        return "March has seen every destination."
    most = max(some, key=lambda month: shares[month].value or 0)
    return (
        f"Destinations that March never saw turn up in {len(some)} of {len(shares)} months, most in {most}: "
        f"{share(shares[most].value or 0)} of its flights ({shares[most].note})."
    )


def of_error(timeline: Timeline) -> str:
    """How the error of a regression went."""
    error, bias = (facts.course(timeline, metric) for metric in ("mae", "mean_error"))
    if error.since is None:
        return "Mean absolute error stays within its limit."
    *_, last = error.values
    worst = error.highest
    return (
        f"Mean absolute error is {error.reference:.1f} minutes in March, {error.values[worst]:.1f} in {worst} and "
        f"{error.values[last]:.1f} in {last}; it is beyond its limit in part of them ({error.bad_months}). The bias "
        f"goes from {signed(bias.reference)} to {signed(bias.values[worst])} to {signed(bias.values[last])}."
    )


def of_silence(timeline: Timeline, inputs: tuple[str, ...], prediction: str) -> str:
    """That neither inputs nor predictions show the error."""
    since = facts.course(timeline, "mae").since
    if since is None:
        return "Neither has anything else to say."
    then, _, column = facts.largest_psi(timeline, [*inputs, prediction], [since])
    quiet = not any(facts.failed(facts.run_of(timeline, since), "psi", column=c) for c in (*inputs, prediction))
    said, _, _ = facts.largest_psi(timeline, [prediction])
    drifted = [f"{d.column} (since {d.since}, PSI up to {d.peak:.2f})" for d in facts.drifts(timeline, inputs)]
    return (
        f"When the error first shows, in {since}, {'nothing' if quiet else 'something'} has drifted: the largest PSI "
        f"of inputs and predictions is {then:.2f} ({column}). That of the predictions is never above {said:.2f}; of "
        f"the inputs, {'only ' if drifted else ''}{listed(drifted) or 'none'} ever drifts. Only labels show the error."
    )


def signed(value: float) -> str:
    """A number with its sign.

    >>> signed(-1.16), signed(5.46)
    ('−1.2', '+5.5')
    """
    return f"{value:+.1f}".replace("-", MINUS)


def listed(names: list[str]) -> str:
    """Names as a sentence has them.

    >>> listed(["temp", "dewp", "humid"]), listed(["temp"]), listed([])
    ('temp, dewp and humid', 'temp', '')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
