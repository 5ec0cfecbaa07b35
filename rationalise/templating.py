"""Every text that leaves is a template: found once, filled in the language in force, escaped by default.

HTML templates escape what they are given. Markdown and plain ones do not: the data they receive
is made safe by the renderer that owns them (:mod:`rationalise.note`).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from inventory.language import language
from rationalise.language import _


def templates_folder() -> Path:
    """Where the templates are: beside this module in an installed wheel, else in the repository.

    Raises:
        FileNotFoundError: neither is there; the installation is broken.
    """
    here = Path(__file__).parent
    # An editable install may leave a stale copy in the environment: never looked at, since __file__ is ours.
    for folder in (here / "_templates", here.parent / "templates"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no templates beside {here}")


def render(name: str, /, **values: object) -> str:
    """Fill the template *name*, a path under the templates' folder, in the language in force."""
    return _environment().get_template(name).render(lang=language(), **values)


def number(value: float | None, digits: int = 0) -> str:
    """A number as the language writes it, thousands apart; an unknown one is a dash."""
    if value is None:
        return "—"
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=language()))


def percent(value: float | None) -> str:
    """A share of one as a whole percentage."""
    return "—" if value is None else str(format_percent(value, format="#,##0\u202f%", locale=language()))


def day(value: date | str | None) -> str:
    """A calendar day in full words; text is read as ISO 8601."""
    if not value:
        return "—"
    when = date.fromisoformat(value) if isinstance(value, str) else value
    text = str(format_date(when, format="long", locale=language()))
    # French says "1er" of the first of a month, which the locale data does not.
    return f"1er{text[1:]}" if language() == "fr" and when.day == 1 else text


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals.update(_=_, plural=_.plural)
    environment.filters.update(number=number, percent=percent, day=day)
    return environment
