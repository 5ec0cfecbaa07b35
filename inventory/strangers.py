"""Files that come with inventories and are none, told by their content so that the message says what they are."""

from __future__ import annotations

import json
import re

from inventory.files import SourceFile
from inventory.language import _
from inventory.problems import InvalidInput, Problem

LARGEST = 50_000_000
"""Characters of JSON read to tell what it is."""
FIRST = 100_000
"""Characters in which a questionnaire shows itself."""
KEYS = ('"$schema"', '"products"', '"result"')
"""One of these is a key of every JSON that is told: without any, it need not be read whole here."""
_QUESTIONNAIRE = re.compile(r"^\s*(?:-\s+)?(?:risk|includeFor|autoAnswerFor|applyTags):", re.M)


def stranger(source: SourceFile) -> Problem | None:
    """What a file is when it is known, and is no inventory (``INV-125``); None when it is not known."""
    if source.members is not None or source.is_workbook:
        return None
    try:
        text = source.text
    except InvalidInput:
        return None
    if text[:100].lstrip("\ufeff \r\n\t").startswith("{") and len(text) < LARGEST:
        # Only what has one of their keys is worth reading whole; every inventory in JSON passes here.
        return _json(source, text) if any(key in text for key in KEYS) else None
    head = text[:FIRST]
    if re.search(r"^sections:\s*$", head, re.M) and _QUESTIONNAIRE.search(head):
        name = re.search(r"^name:\s*(.+)$", head, re.M)
        told = name[1].strip().strip("'\"") if name else source.name
        return source.problem("INV-125", _("this is a questionnaire of Konveyor (“{name}”): questions, no application", name=told),
                              hint=_("give the CSV of the applications"))  # fmt: skip
    return None


def _json(source: SourceFile, text: str) -> Problem | None:
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    products = document.get("products") or document.get("result")
    entries = list(products.values()) if isinstance(products, dict) else products
    if isinstance(entries, list) and entries and isinstance(entries[0], dict) and {"releases", "cycles", "labels"} & set(entries[0]):  # fmt: skip
        return source.problem("INV-125", _("this is a snapshot of endoflife.date, dates of end of support: no inventory"),
                              hint=_("the analysis ships its own; see francecloud doctrine stale"))  # fmt: skip
    if isinstance(document.get("$schema"), str) and "json-schema.org" in document["$schema"]:
        title = str(document.get("title") or document.get("$id") or source.name)
        return source.problem("INV-125", _("this is a JSON Schema (“{title}”), which says how a file is written: no inventory", title=title),
                              hint=_("give the files written after it"))  # fmt: skip
    return None
