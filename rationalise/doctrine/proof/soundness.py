"""The quotient checked against what it stands for: raw profiles, real offers, on every date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl

from rationalise.doctrine.proof.findings import Failure
from rationalise.doctrine.proof.tables import Verdicts, judge
from rationalise.language import _

SAMPLE = 400
"""Raw profiles judged at each date, on every tier and real offer."""


def unsound(found: Verdicts, sample: int = SAMPLE) -> Iterator[Failure]:
    """Where a raw profile does not get the verdict of the class that stands for it, rules that spoke included.

    Judged on the last day before the next change, so that nothing moves between two dates either.
    """
    raw = list(found.whole.sample(sample))
    schema = dict.fromkeys(found.doctrine.attributes, pl.String)
    profiles = pl.DataFrame(raw, schema=schema, orient="row")
    numbers = {tier: [domain.number(p) for p in raw] for tier, domain in found.domains.items()}
    days = [day for epoch in found.epochs for day in epoch.days]
    for day, following in zip(days, [*days[1:], None], strict=True):
        yield from _on(found, profiles, numbers, day, following - timedelta(days=1) if following else day)


def _on(
    found: Verdicts, profiles: pl.DataFrame, numbers: dict[str, list[int]], day: date, judged_on: date
) -> Iterator[Failure]:
    epoch = found.at(day)
    for name, frame in judge(found.doctrine, profiles, judged_on, list(found.doctrine.offers)):
        subject = epoch.subjects[epoch.offers[day].get(name, name)]
        at = pl.Series(numbers[subject.tier], dtype=pl.UInt32)
        table = epoch.tables[subject.name]
        expected = [found.speeches[n] for n in table.spoke.gather(at)]
        said = list(zip(frame["rules"], frame["causes"], strict=True))
        wrong = [n for n, pair in enumerate(said) if pair != expected[n]]
        wrong += frame["rank"].ne_missing(table.rank.gather(at)).arg_true().to_list()
        if wrong:
            yield Failure(
                "DOC-056",
                _("{subject}: a profile does not get the verdict of the class that stands for it", subject=name),
                name,
                judged_on,
                profiles.row(wrong[0], named=True),
            )
