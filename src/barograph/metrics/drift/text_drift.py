"""Drift of texts in all that describes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from barograph.metric import selected
from barograph.metrics.drift.ks import KS
from barograph.needs import DESCRIPTORS, Need
from barograph.results import Spec
from barograph.schema import Kind, Schema


@dataclass(frozen=True)
class TextDrift(KS):
    """Kolmogorov-Smirnov distance of each descriptor of a text column: length, words, sentences, characters, new words.

    The descriptors are those of `text_descriptors`; the vocabulary that `unseen_words` is told by was learned from
    one half of the reference, which is then compared by its other half, so that texts of the same law differ by
    noise only, however small their vocabulary. Range 0 to 1, lower is better; under no drift about
    0.87 sqrt(1/n + 1/m) in the mean. Bounds and `p_value` as for `ks`. Empty on either side: `None`.

    Other tools: in Evidently 0.7.23 a text column with a vocabulary of ten words raises an error.

    Kolmogorov (1933), Smirnov (1939).

    >>> from barograph import Baseline, Profile, Schema
    >>> metric = TextDrift("note")
    >>> old, new = {"note": ["all is well", "is it well"] * 20}, {"note": ["All. Is. Lost.", "so"] * 20}
    >>> base = Baseline.of(old, schema=Schema(kinds={"note": "text"}), needs=metric.needs)
    >>> found = metric.compute(Profile.of(new, base), base.profile).values
    >>> {v.labels["view"]: v.value for v in found if v.labels["view"] in ("words", "sentences", "unseen_words")}
    {'words': 0.5, 'sentences': 0.5, 'unseen_words': 1.0}
    """

    spec: ClassVar[Spec] = Spec(
        name="text_drift",
        title="Drift of text descriptors",
        group="drift",
        help="Largest gap between the cumulative distributions of each descriptor of the texts.",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column, view in self.compared(schema):
            if schema.kinds.get(column) is Kind.TEXT:
                yield from (Need(summary, (column,), view) for summary in ("bins", "moments"))

    def compared(self, schema: Schema) -> Iterable[tuple[str, str]]:
        texts = (c for c in schema.features if schema.kinds[c] is Kind.TEXT)
        return ((column, view) for column in selected(schema, self.column, texts) for view in DESCRIPTORS)
