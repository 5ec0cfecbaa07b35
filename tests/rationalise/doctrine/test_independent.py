"""Somebody else's reading of the same files, row by row, comes to the same answers."""

import importlib.util
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from rationalise import load_doctrine
from rationalise.doctrine.evaluation import evaluate

_spec = importlib.util.spec_from_file_location("independent", Path(__file__).with_name("independent.py"))
assert _spec
assert _spec.loader
independent = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(independent)

DOCTRINE = load_doctrine()
DAYS = [date(2024, 11, 16), date(2026, 4, 16), date(2026, 4, 17), date(2026, 11, 30), date(2026, 12, 1)]


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_independent_checker_agrees_on_random_pairs(day: date) -> None:
    catalogue = independent.Catalogue()
    profiles = catalogue.random_profiles(215, seed=day.toordinal())
    frame = pl.DataFrame(profiles, schema=dict.fromkeys(DOCTRINE.attributes, pl.String))
    found = evaluate(DOCTRINE, frame, day, offers=list(DOCTRINE.offers))
    columns = ("verdict", "rules", "causes", "blocking")
    answers = {(r, t): tuple(said) for r, t, *said in found.tiers.select("row", "tier", *columns).iter_rows()}
    answers |= {(r, o): tuple(said) for r, o, *said in found.offers.select("row", "offer", *columns).iter_rows()}
    assert found.offers.height > 4_000
    expected = {(n, name): a for n, p in enumerate(profiles) for name, a in catalogue.judge(p, day).items()}
    assert {k for k, a in answers.items() if a != expected[k]} == set()
    assert answers.keys() == expected.keys()


def test_the_checker_shares_nothing_with_what_it_checks() -> None:
    text = Path(independent.__file__).read_text(encoding="utf-8")
    assert "import rationalise" not in text
    assert "from rationalise" not in text
