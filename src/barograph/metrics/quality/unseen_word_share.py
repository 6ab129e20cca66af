"""Share of words outside the reference's vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.readings import PerColumn, Reading
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind
from barograph.summaries import Vocabulary


@dataclass(frozen=True)
class UnseenWordShare(PerColumn):
    """Share of all words of a text column that the reference's vocabulary does not have (out-of-vocabulary rate).

    The vocabulary is that of half of the reference's texts (at most 20,000 words, the most frequent, in lower case,
    kept as hashes), frozen in the baseline; the reference's own share is counted on its other half. So it is what to
    expect under no change, and not 0. Range 0 to 1, lower is better. Exact but for hash collisions (2**-64 a pair of
    words); `se` takes texts, not words, as drawn (Cochran 1977). Texts without words say nothing; none with words:
    `None`.

    Cochran (1977) for the error of the ratio.

    >>> from barograph import Baseline, Profile, Schema
    >>> texts = {"note": ["all is well", "is it well", "all of it", "it is all"] * 5}
    >>> metric = UnseenWordShare()
    >>> base = Baseline.of(texts, schema=Schema(kinds={"note": "text"}), needs=metric.needs)
    >>> value = metric.compute(Profile.of({"note": ["all is lost"]}, base), base.profile).values[0]
    >>> round(value.value, 3), value.reference
    (0.333, 0.0)
    """

    column: str | None = None

    summary = "vocabulary"
    kinds = (Kind.TEXT,)
    spec: ClassVar[Spec] = Spec(
        name="unseen_word_share",
        title="Words the reference never had",
        group="quality",
        help="Share of all words that the vocabulary of the reference does not have.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def read(self, summary: Vocabulary, profile: Profile, reference: Profile | None, column: str) -> Reading:
        note = "" if summary.complete else "the reference has more words than its vocabulary holds: the rare are unseen"
        if summary.share is None:
            return Reading(None, note="no text has a word in it")
        return Reading(summary.share, summary.n, se=summary.se, note=note)

    def _view(self, kind: Kind) -> str:
        return "all_words"
