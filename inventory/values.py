"""Values as people write them in France, turned into what the dataset holds, or refused with a reason.

Each distinct text is converted once, whatever the number of rows. What is ambiguous is a problem,
never a guess; what means "I do not know" is unknown, never "no".
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import isfinite
from pathlib import Path

import polars as pl

from inventory.language import _
from inventory.package import Field

DATA = Path(__file__).parent / "data"
UNKNOWN = frozenset(
    {"", "n/a", "na", "n.a.", "nc", "n.c.", "n/c", "nd", "nsp", "sans objet", "so", "s.o.", "?", "-", "--", "inconnu", "inconnue", "unknown",
     "a completer", "a definir", "tbd", "null", "non renseigne", "non renseignee", "non communique", "en cadrage"}
)  # fmt: skip
UNKNOWN_AS_WRITTEN = sorted(
    UNKNOWN
    | {"à compléter", "à definir", "à définir", "a définir", "non renseigné", "non renseignée", "non communiqué"}
)
"""The same with their accents, for columns that are not folded first."""
YES = frozenset({"oui", "o", "yes", "y", "vrai", "true", "1", "x", "si"})
NO = frozenset({"non", "n", "no", "faux", "false", "0"})
_MONTHS = """
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
january february march april may june july august september october november december
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
"""
MONTHS = {name: position % 12 + 1 for position, name in enumerate(_MONTHS.split())}
SIZES = {"kio": 2**-20, "mio": 2**-10, "gio": 1.0, "tio": 2.0**10, "kib": 2**-20, "mib": 2**-10, "gib": 1.0, "tib": 2.0**10,
         "ko": 2**-20, "mo": 2**-10, "go": 1.0, "to": 2.0**10, "kb": 2**-20, "mb": 2**-10, "gb": 1.0, "tb": 2.0**10}  # fmt: skip
"""Sizes in GiB. Office units (Go, GB) are read as binary ones, as hypervisors show them."""
MONEY = {
    "eur": 1.0,
    "€": 1.0,
    "euro": 1.0,
    "euros": 1.0,
    "k€": 1e3,
    "ke": 1e3,
    "keur": 1e3,
    "m€": 1e6,
    "me": 1e6,
    "meur": 1e6,
    "md€": 1e9,
}
DURATIONS = {"h": 1.0, "heure": 1.0, "heures": 1.0, "j": 24.0, "jour": 24.0, "jours": 24.0, "min": 1 / 60, "mn": 1 / 60}
UNITS = {"GiB": SIZES, "EUR": MONEY, "EUR/an": MONEY, "h": DURATIONS, "%": {"%": 1.0}, "ETP": {"etp": 1.0}}
LARGEST_INTEGER = 2**53
"""Beyond it spreadsheets themselves no longer count one by one."""
EXCEL_EPOCH = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
"""Excel serials taken for dates: from 1954 to 2119."""
_BOUND = re.compile(
    r"(?:[<>≥≤~≈±]|(?:env(?:iron)?\.?|plus de|moins de|entre|au moins|au plus|jusqu'a|circa|oltre|more than|less than|about|approx\.?)\s)"
    r"\s*\d|\d[\d\s.,]*(?:\+|(?:-|–|/|a|ou|et|to|or|o)\s*\d[\d\s.,]*)\s*(?:[a-z€%]+)?$"
)
"""``> 100``, ``environ 50``, ``10 à 20``: a number is meant, and not said."""
_BLANKS = re.compile(r"[ \u202f\u00a0'’]")
_SPACED = re.compile(r"\d{1,3}(?:[ \u202f\u00a0'’]\d{3})+(?:[.,]\d+)?$")
_POINTED = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+$|\d{1,3}(?:,\d{3})+\.\d+$")
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+$")
_EITHER = re.compile(r"[1-9]\d{0,2}([.,])\d{3}$")
"""``1,234`` and ``1.234``: a number of four figures, or one of four decimals."""
_NUMBER = re.compile(r"(?P<sign>[-+]?)(?P<digits>\d[\d  \u202f\u00a0'’.,]*)\s*(?P<unit>[^\d\s].*)?$")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a text is not accepted, and what would be. ``unsettled``: it says something, but not which value."""

    expected: str
    accepted: tuple[str, ...] = ()
    unsettled: bool = False


Converted = str | None | Refused
"""The canonical text of a value, None for unknown, or a refusal."""


def plain(text: str) -> str:
    """Lower case, without accents, inner spaces folded: how headings and words are compared."""
    folded = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().casefold()
    return " ".join(folded.split())


def convert(
    field: Field, texts: Iterable[str | None], unit: str | None = None, *, decimal_point: bool = False
) -> dict[str, Converted]:
    """Convert each distinct text for a column of the dataset.

    Args:
        field: the column: its type, its closed list, its unit.
        texts: what the source holds.
        unit: the unit its heading gives, for numbers without one of their own.
        decimal_point: a lone point is a decimal one, as in the cells of a workbook.
    """
    distinct = sorted({text for text in texts if text is not None})
    decimals = _decimals(distinct) if field.type == "number" else frozenset()
    known = decimals | {"."} if decimal_point else decimals
    return {text: _one(field, text.strip(), unit, known) for text in distinct}


def free_text(texts: pl.Expr) -> pl.Expr:
    """As :func:`convert` for a column of free text, all rows at once: names are as many as rows."""
    folded = texts.str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.when(~folded.str.to_lowercase().is_in(UNKNOWN_AS_WRITTEN)).then(folded)


def _decimals(texts: Sequence[str]) -> frozenset[str]:
    """The separators that the other numbers of the column show to be decimal ones."""
    shown: set[str] = set()
    grouping: set[str] = set()
    for text in texts:
        found = _NUMBER.match(text.strip())
        digits = _BLANKS.sub("", found["digits"]) if found else ""
        comma, point = digits.rfind(","), digits.rfind(".")
        if comma >= 0 and point >= 0:
            shown.add("," if comma > point else ".")
            grouping.add("." if comma > point else ",")
        elif match := _GROUPED.match(digits):
            grouping.add(match[1])
        elif max(comma, point) >= 0 and not _EITHER.match(digits):
            shown.add("," if comma >= 0 else ".")
    return frozenset(shown - grouping)


def _one(field: Field, text: str, unit: str | None, decimals: frozenset[str]) -> Converted:
    if field.type == "list":
        return _list(field, text)
    if field.enum:
        return _word(field, text)
    word = plain(text)
    if word in UNKNOWN:
        return None
    if field.type == "boolean":
        return "true" if word in YES else "false" if word in NO else Refused(_("yes or no"), ("oui", "non"))
    if field.type in ("integer", "number"):
        return _number(field, text, unit, decimals)
    if field.type == "date":
        return _date(text)
    return " ".join(text.split())


def _word(field: Field, text: str) -> Converted:
    word = plain(text)
    found = _synonyms(field.enum).get(word)
    if found is not None:
        return found
    if word in UNKNOWN:
        return None
    return Refused(_("one of: {values}", values=", ".join(field.enum)), field.enum, unsettled=word in YES)


def _list(field: Field, text: str) -> Converted:
    if plain(text) in UNKNOWN:
        return None
    parts = [p.strip() for p in re.split(r"[|;,\n]", text) if p.strip()]
    if not field.enum:
        return "|".join(sorted({" ".join(p.split()) for p in parts})) or None
    words = [_word(field, p) for p in parts]
    refused = next((w for w in words if isinstance(w, Refused)), None)
    return refused or "|".join(sorted({str(w) for w in words if w is not None})) or None


@lru_cache(maxsize=64)
def _synonyms(values: tuple[str, ...]) -> dict[str, str]:
    """Every spelling accepted for a closed list; the list's own words come first."""
    shared = json.loads((DATA / "synonyms.json").read_text(encoding="utf-8"))["*"]
    spellings: dict[str, str] = {}
    for value in values:
        spellings[value.casefold()] = value
        spellings[plain(value.replace("_", " "))] = value
    for value in values:
        for spelling in shared.get(value, ()):
            spellings.setdefault(spelling, value)
    return spellings


def _number(field: Field, text: str, unit: str | None, decimals: frozenset[str]) -> Converted:
    found = _NUMBER.match(text.strip())
    expected = _("a whole number") if field.type == "integer" else _("a number")
    if _BOUND.match(plain(text)) or _BOUND.match(text.strip()):
        return Refused(_("one number, not a bound or a range"))
    if found is None:
        return Refused(expected)
    factor = _factor(field, (found["unit"] or "").strip(), unit)
    if isinstance(factor, Refused):
        return factor
    digits = _BLANKS.sub("", found["digits"])
    if digits != found["digits"].strip() and not _SPACED.match(found["digits"].strip()):
        return Refused(expected)
    either = _EITHER.match(digits)
    if either and field.type == "integer":
        value = float(digits.replace(either[1], ""))
    elif either and either[1] not in decimals:
        return Refused(
            _("one reading only: {thousands} or {decimal}", thousands=digits.replace(either[1], ""),
              decimal=digits.replace(either[1], "."))
        )  # fmt: skip
    else:
        read = _digits(digits)
        if read is None:
            return Refused(expected)
        value = read
    amount = (-value if found["sign"] == "-" else value) * factor
    if field.type == "integer":
        return str(int(amount)) if amount == int(amount) and abs(amount) <= LARGEST_INTEGER else Refused(expected)
    return repr(round(amount, 6))


def _digits(text: str) -> float | None:
    """``1234,5``, ``1.234,5``, ``1,234.5``, ``12,5``; None where there is no reading."""
    comma, point = text.rfind(","), text.rfind(".")
    if _POINTED.match(text):
        thousands, decimal = (".", ",") if comma > point else (",", ".")
        text = text.replace(thousands, "").replace(decimal, ".")
    elif _GROUPED.match(text):
        text = re.sub("[.,]", "", text)
    elif comma >= 0:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _factor(field: Field, own: str, heading: str | None) -> float | Refused:
    known = UNITS.get(field.unit or "", {})
    if field.name.endswith("_ttc") and re.search(r"\bht\b", f"{own} {heading or ''}".casefold()):
        return Refused(_("an amount including tax (TTC)"))
    word = _bare_unit(own) or _bare_unit(heading or "")
    if not word:
        return 1.0
    if word in known:
        return known[word]
    return Refused(_("a number in {units}", units=", ".join(sorted(known))) if known else _("a number without a unit"))


def _bare_unit(text: str) -> str:
    """``m€`` of “M€ TTC par an”: taxes and years are not units, and are looked at elsewhere."""
    return re.sub(r"(?:\s*(?:\b(?:ttc|ht)\b|/ ?an\b|par an\b))+$", "", text.casefold()).replace(" ", "")


def _date(text: str) -> Converted:
    text = text.strip()
    iso = re.match(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?$", text)
    french = re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T].*)?$", text)
    month = re.match(r"([a-z]+) (\d{4})$", plain(text))
    year = re.match(r"(19|20)\d{2}$", text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3])).isoformat()
        if french:
            return date(int(french[3]), int(french[2]), int(french[1])).isoformat()
        if month and month[1] in MONTHS:
            return date(int(month[2]), MONTHS[month[1]], 1).isoformat()
        if not year and re.match(r"\d{5}(\.\d+)?$", text) and FIRST_SERIAL <= float(text) <= LAST_SERIAL:
            return (EXCEL_EPOCH + timedelta(days=int(float(text)))).isoformat()
    except ValueError:
        pass
    return Refused(_("a date: 31/12/2026, 2026-12-31 or “mars 2018”"))
