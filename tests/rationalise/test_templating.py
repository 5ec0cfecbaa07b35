"""Templates are found, and numbers and days are written as each language writes them."""

from datetime import date

import pytest

from inventory.language import in_language
from rationalise.templating import day, number, percent, templates_folder


def test_the_templates_are_those_of_this_installation() -> None:
    assert (templates_folder() / "report/report.html.j2").is_file()


@pytest.mark.parametrize(
    ("lang", "thousands", "share", "when"),
    [("fr", "1\u202f234,5", "12\u202f%", "23 novembre 2026"), ("en", "1,234.5", "12\u202f%", "November 23, 2026")],
)
def test_figures_follow_the_language(lang: str, thousands: str, share: str, when: str) -> None:
    with in_language(lang):
        assert number(1234.5, 1) == thousands
        assert percent(0.12) == share
        assert day(date(2026, 11, 23)) == when
        assert day("2026-11-23") == when


def test_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    assert day("2024-07-01") == "1er juillet 2024"
    assert day("2024-07-11") == "11 juillet 2024"


def test_what_is_unknown_is_a_dash() -> None:
    assert number(None) == percent(None) == day(None) == "—"
