"""French and English, by gettext: one small catalogue a room, found beside its code.

Message identifiers are the English sentences; ``<package>/locale/fr/LC_MESSAGES/<package>.po``
holds the French ones. The compiled ``.mo`` files are kept in the repository so that a checkout
works as it is; a test fails when one is stale.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

LANGUAGES = ("fr", "en")
_language: ContextVar[str] = ContextVar("francecloud_language", default="fr")


def language() -> str:
    """The language in force: ``fr`` (the default) or ``en``."""
    return _language.get()


def set_language(code: str) -> None:
    """Choose the language of everything said from now on.

    Raises:
        ValueError: *code* is not one of :data:`LANGUAGES`.
    """
    if code not in LANGUAGES:
        raise ValueError(f"unknown language {code!r}, expected one of {', '.join(LANGUAGES)}")
    _language.set(code)


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Run a block in another language, then come back."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def language_of_locale(environ: dict[str, str] | None = None) -> str:
    """The language the locale asks for: English where it says so, French otherwise."""
    env = os.environ if environ is None else environ
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if env.get(name):
            return "en" if env[name].lower().startswith("en") else "fr"
    return "fr"


@lru_cache(maxsize=16)
def translations(package: str, code: str) -> gettext.NullTranslations:
    """The gettext catalogue of a room in a language; English needs none."""
    if code == "en":
        return gettext.NullTranslations()
    spec = find_spec(package)
    where = next(iter(spec.submodule_search_locations or [])) if spec else ""
    return gettext.translation(package, Path(where) / "locale", [code], fallback=True)


class Catalogue:
    """The messages of one room: ``_ = Catalogue("inventory")``, then ``_("text {x}", x=1)``."""

    def __init__(self, package: str) -> None:
        self.package = package

    def __call__(self, message: str, /, **values: object) -> str:
        text = translations(self.package, language()).gettext(message)
        return text.format(**values) if values else text

    def plural(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """The form that fits the number *n*, which is also the placeholder ``{n}``."""
        text = translations(self.package, language()).ngettext(singular, plural, n)
        return text.format(n=n, **values)


_ = Catalogue("inventory")
