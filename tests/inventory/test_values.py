"""French values: each conversion visible, the ambiguous refused, the unknown never "no"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.package import Field
from inventory.values import Refused, convert


def field(kind: str, **more: object) -> Field:
    return Field("x", kind, {"fr": "x", "en": "x"}, {"fr": "x", "en": "x"}, **more)  # type: ignore[arg-type]


def one(kind: str, text: str, unit_of_heading: str | None = None, **more: object) -> object:
    return convert(field(kind, **more), [text], unit_of_heading)[text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12,5", "12.5"), ("1 234,5", "1234.5"), ("1\u00a0234,5", "1234.5"), ("1\u202f234,5", "1234.5"), ("1.234,5", "1234.5"),
     ("1,234.5", "1234.5"), ("-3", "-3.0"), ("0", "0.0")],
)  # fmt: skip
def test_numbers(text: str, expected: str) -> None:
    assert one("number", text) == expected


@pytest.mark.parametrize("text", ["> 100", "env. 12", "12 ou 13", "12 13", "douze", "1,2,3,", "12.34,5", "9" * 400])
def test_what_is_not_one_number_is_refused(text: str) -> None:
    assert isinstance(one("number", text), Refused)


@pytest.mark.parametrize("text", ["1,234", "1.234", "12,500"])
def test_a_number_with_two_readings_is_refused(text: str) -> None:
    refused = one("number", text)
    assert isinstance(refused, Refused)
    assert text.replace(",", "").replace(".", "") in refused.expected


@pytest.mark.parametrize(
    ("others", "text", "expected"),
    [(["12,5"], "1,234", "1.234"), (["1,234,567"], "1,234", None), (["0,125"], "6,802", "6.802"), (["1.234,5"], "1,234", "1.234"),
     (["12.5"], "1,234", None)],
)  # fmt: skip
def test_the_rest_of_the_column_settles_which_reading(others: list[str], text: str, expected: str | None) -> None:
    found = convert(field("number"), [*others, text])[text]
    assert found == expected if expected else isinstance(found, Refused)


def test_in_a_workbook_a_point_is_a_decimal_one_and_a_count_has_no_decimals() -> None:
    assert convert(field("number"), ["1.234"], decimal_point=True)["1.234"] == "1.234"
    assert one("integer", "8,192") == "8192"


def test_yes_to_a_closed_list_says_something_but_not_what() -> None:
    found = one("string", "Oui", enum=("aucune", "ordinaires", "art9", "penal"))
    assert isinstance(found, Refused)
    assert found.unsettled


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [("1,5 To", "GiB", "1536.0"), ("3 Go", "GiB", "3.0"), ("512 Mo", "GiB", "0.5"), ("2 M€ TTC", "EUR", "2000000.0"),
     ("15 k€", "EUR", "15000.0"), ("4 h", "h", "4.0"), ("2 jours", "h", "48.0")],
)  # fmt: skip
def test_units(text: str, unit: str, expected: str) -> None:
    assert one("number", text, unit=unit) == expected


def test_the_unit_of_the_heading_counts_where_the_cell_has_none() -> None:
    assert one("number", "8192", "mo", unit="GiB") == "8.0"
    assert one("number", "2 Go", "mo", unit="GiB") == "2.0"


def test_an_unknown_unit_is_refused() -> None:
    assert isinstance(one("number", "3 caisses", unit="GiB"), Refused)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("01/03/2018", "2018-03-01"), ("2018-03-01", "2018-03-01"), ("2018-03-01 12:00:00", "2018-03-01"),
     ("mars 2018", "2018-03-01"), ("Août 2020", "2020-08-01"), ("43160", "2018-03-01")],
)  # fmt: skip
def test_dates(text: str, expected: str) -> None:
    assert one("date", text) == expected


@pytest.mark.parametrize("text", ["31/02/2018", "2018", "bientôt", "13/2018"])
def test_what_is_not_one_day_is_refused(text: str) -> None:
    assert isinstance(one("date", text), Refused)


@pytest.mark.parametrize("text", ["N/A", "NC", "sans objet", "?", "inconnu", "-"])
@pytest.mark.parametrize("kind", ["number", "boolean", "date", "string"])
def test_what_means_unknown_is_unknown_and_never_no(text: str, kind: str) -> None:
    assert one(kind, text) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("Oui", "true"), ("X", "true"), ("O", "true"), ("Non", "false"), ("N", "false")]
)
def test_yes_and_no(text: str, expected: str) -> None:
    assert one("boolean", text) == expected


def test_closed_lists_take_french_spellings_and_refuse_the_rest() -> None:
    enum = ("aucune", "dr", "secret", "tres_secret")
    assert one("string", "Diffusion Restreinte", enum=enum) == "dr"
    assert one("string", "Très secret", enum=enum) == "tres_secret"
    refused = one("string", "ultra", enum=enum)
    assert isinstance(refused, Refused)
    assert refused.accepted == enum


@given(st.text(max_size=40), st.sampled_from(["number", "integer", "boolean", "date", "list", "string"]))
def test_no_text_breaks_a_conversion(text: str, kind: str) -> None:
    assert isinstance(one(kind, text), str | None | Refused)


@given(
    st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).map(lambda x: round(x, 2)),
    st.sampled_from(["", " ", "\u00a0", "\u202f", "."]),
)
def test_a_number_written_in_french_is_that_number(value: float, thousands: str) -> None:
    text = f"{value:,.2f}".replace(",", thousands or "_").replace(".", ",") if thousands != "." else f"{value:,.2f}"
    text = text.replace("_", "") if thousands != "." else text.translate(str.maketrans(",.", ".,"))
    assert float(str(one("number", text))) == value


@pytest.mark.parametrize(
    "text", ["> 100", "≥ 100", "~100", "environ 50", "plus de 200", "10 à 20", "10-20", "100+", "50 ou 60"]
)
@pytest.mark.parametrize("kind", ["integer", "number"])
def test_a_bound_or_a_range_is_a_problem_that_says_so(kind: str, text: str) -> None:
    refused = one(kind, text)
    assert isinstance(refused, Refused)
    assert "borne" in refused.expected


@pytest.mark.parametrize(
    ("text", "unit_of_heading", "expected"),
    [("12,5", "k€ ttc", "12500.0"), ("1 234,5 €", None, "1234.5"), ("3 M€ TTC par an", None, "3000000.0"), ("2 k€/an", None, "2000.0"),
     ("100 euros", None, "100.0")],
)  # fmt: skip
def test_money_with_its_taxes_and_its_year(text: str, unit_of_heading: str | None, expected: str) -> None:
    assert one("number", text, unit_of_heading, unit="EUR") == expected


def test_an_amount_without_tax_is_no_amount_with_it() -> None:
    ttc = Field("cout_x_ttc", "number", {"fr": "x", "en": "x"}, {"fr": "x", "en": "x"}, unit="EUR")
    assert convert(ttc, ["3 k€ TTC"])["3 k€ TTC"] == "3000.0"
    assert isinstance(convert(ttc, ["3 k€ HT"])["3 k€ HT"], Refused)
    assert isinstance(convert(ttc, ["3"], "k€ ht")["3"], Refused)


@pytest.mark.parametrize("text", ["N/A", "NC", "n.c.", "sans objet", "Sans Objet", "s.o.", "?", "-"])
@pytest.mark.parametrize("kind", ["string", "integer", "number", "boolean", "date", "list"])
def test_what_means_unknown_is_unknown_in_every_column(kind: str, text: str) -> None:
    assert one(kind, text) is None


@pytest.mark.parametrize(
    ("heading", "found"),
    [("Mémoire (Go)", ("ram_gib", "go")), ("Mémoire en Go", ("ram_gib", "go")), ("Mémoire Mo", ("ram_gib", "mo")),
     ("RAM [MB]", ("ram_gib", "mb")), ("Mémoire", ("ram_gib", None)), ("Mémoire vive", ("ram_gib", None))],
)  # fmt: skip
def test_the_unit_of_a_heading_with_or_without_brackets(heading: str, found: tuple[str, str | None]) -> None:
    from inventory.headings import dictionary, headings

    [read] = headings([heading], "servers", dictionary()["servers"], {})
    assert (read.target, read.unit) == found


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**9),
    st.sampled_from([" ", "\u00a0", "\u202f"]),
)
def test_french_numbers_are_read_back(value: object, blank: str) -> None:
    text = f"{value:,.2f}".replace(",", blank).replace(".", ",")
    assert float(str(one("number", text))) == float(str(value))
