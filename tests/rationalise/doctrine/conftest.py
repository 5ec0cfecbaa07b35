"""The doctrine, and profiles written in one line."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from rationalise import Doctrine, evaluate, load_doctrine

DAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def doctrine() -> Doctrine:
    """The shipped catalogue."""
    return load_doctrine()


@pytest.fixture(scope="session")
def verdict(doctrine: Doctrine) -> Callable[..., dict[str, tuple[str, list[str]]]]:
    """``verdict(classification="dr", offers=["pi-dr"])`` → tier or offer → (verdict, rules)."""

    def judge(as_of: date = DAY, offers: list[str] | None = None, **said: str) -> dict[str, tuple[str, list[str]]]:
        frame = pl.DataFrame(
            {n: [said.get(n)] for n in doctrine.attributes}, schema=dict.fromkeys(doctrine.attributes, pl.String)
        )
        found = evaluate(doctrine, frame, as_of, offers=offers)
        rows = (
            found.offers.select("offer", "verdict", "rules")
            if offers
            else found.tiers.select("tier", "verdict", "rules")
        )
        return {name: (word, rules.split("|") if rules else []) for name, word, rules in rows.iter_rows()}

    return judge
