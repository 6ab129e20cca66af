"""Measures of each user's first k recommendations, averaged over users."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

from barograph.errors import ParameterError
from barograph.metrics.performance.estimates import Estimate, Key, Performance, joined
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Figure, Line, Lines
from barograph.schema import Schema
from barograph.summaries import Ranking
from barograph.summaries.ranking import DEPTH, MEASURES

NoRelevant = Literal["skip", "zero"]
SPLIT_AT_MOST = 0.01


@dataclass(frozen=True)
class AtK(Performance):
    """The mean over users of a measure of their first `k` recommendations (1 to 100).

    `no_relevant` says what of users of whose items none is relevant: `"skip"` leaves them out, `"zero"` counts them
    as 0.
    """

    k: int = 10
    no_relevant: NoRelevant = "skip"

    measure: ClassVar[str]

    def __post_init__(self) -> None:
        if isinstance(self.k, bool) or not isinstance(self.k, int) or not 1 <= self.k <= DEPTH:
            raise ParameterError(f"{self.spec.name} of the first {self.k!r} is not kept; give a k from 1 to {DEPTH}")
        if self.no_relevant not in get_args(NoRelevant):
            raise ParameterError(f"no_relevant is {self.no_relevant!r}; it is 'skip' or 'zero'")

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        return ranking_need(schema)

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        return {(): self.estimate(profile.summaries[needed(schema)])}

    def estimate(self, ranking: Ranking) -> Estimate:
        """The mean of one profile, with the standard error of the users' spread."""
        n = ranking.n_users if self.no_relevant == "zero" else ranking.n_relevant
        why = unknown(ranking)
        if why or n == 0:
            return Estimate(None, n, note=why or "no user has a relevant item")
        at = MEASURES.index(self.named), self.k - 1
        mean, squares = float(ranking.sums[at]) / n, float(ranking.squares[at]) / n
        se = math.sqrt(max(squares - mean * mean, 0.0) / (n - 1)) if n > 1 else None
        return Estimate(mean, n, se=se, note=left_out(ranking))

    @property
    def named(self) -> str:
        """The measure it reads."""
        return self.measure

    def figures(self, current: Profile, reference: Profile | None, schema: Schema) -> list[Figure]:
        """The measure by depth, of both sides."""
        lines = []
        for name, profile in (("reference", reference), ("current", current)):
            ranking: Ranking | None = profile.summaries.get(needed(schema)) if profile is not None else None
            n = 0 if ranking is None else ranking.n_users if self.no_relevant == "zero" else ranking.n_relevant
            if ranking is not None and n and not unknown(ranking):
                depths: list[Any] = list(range(1, DEPTH + 1))
                lines.append(Line(name, depths, (ranking.sums[MEASURES.index(self.named)] / n).tolist()))
        return [Lines(f"{self.spec.title} by depth", lines, "k", self.spec.title)] if lines else []


def ranking_need(schema: Schema) -> tuple[Need, ...] | str:
    """What recommendations are read from, or which role the schema lacks."""
    roles = {name: getattr(schema, name) for name in ("user_id", "item_id", "prediction", "target")}
    lacking = [name for name, column in roles.items() if column is None]
    if schema.task not in (None, "ranking"):
        return f"the task is {schema.task}, and this is for ranking: name the columns of users and items"
    if lacking:
        return f'the schema names no {lacking[0]}; name its column: Schema({lacking[0]}="...")'
    return (Need("ranking", tuple(roles.values())),)


def needed(schema: Schema) -> Need:
    """The need of a schema that has all roles."""
    found = ranking_need(schema)
    assert not isinstance(found, str)
    return found[0]


def unknown(ranking: Ranking) -> str:
    """Why nothing can be said of the users, or nothing where it can."""
    if ranking.n_users == 0:
        return joined("no rows with a user, an item and a prediction", left_out(ranking))
    if ranking.n_unlabelled == ranking.n_rows:
        return "no recommendation has a target yet"
    if ranking.split_share > SPLIT_AT_MOST:
        return (
            f"about {ranking.split_share:.0%} of the users have rows in several batches, and are measured in parts; "
            "sort the rows by user, or give them at once"
        )
    return ""


def left_out(ranking: Ranking) -> str:
    """What to say of rows without a user, an item or a prediction."""
    n = ranking.n_dropped
    if n == 0:
        return ""
    rows = "row" if n == 1 else "rows"
    return f"{n:,} {rows} without a user, an item or a prediction {'is' if n == 1 else 'are'} left out"
