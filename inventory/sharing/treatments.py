"""What becomes of each column when names are replaced: data, ``schema/sharing.json``, beside the dataset's schema.

``keep``; ``remove`` (free text); ``token:KIND`` (a name: KIND says of what); ``reference:COLUMN`` (the identifier of
a record whose kind another column of the row says); ``end`` (of a flow: an application, a server, or a stranger);
``record`` (the key of a record of the table that the row names).
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from inventory.dataset import schema
from inventory.language import _
from inventory.problems import InvalidInput, Problem

TREATMENTS = Path(__file__).parent.parent / "schema/sharing.json"
PREFIXES = {
    "application": "APP", "server": "SRV", "host": "HST", "site": "SIT", "organisation": "ORG", "database": "DBS",
    "cluster": "CLU", "address": "ADR", "person": "PER", "programme": "PRG", "project": "PRJ", "flow": "FLX", "stranger": "EXT",
    "source": "SRC", "sheet": "SHT", "digest": "DIG", "record": "REC", "text": "TXT",
}  # fmt: skip
"""What a token begins with, by kind of name."""


@lru_cache
def treatments() -> dict[str, dict[str, str]]:
    """Table → column → treatment, every column of the schema.

    Raises:
        InvalidInput: a column has none (``INV-219``): what nobody decided about never leaves.
    """
    known: dict[str, dict[str, str]] = json.loads(TREATMENTS.read_text(encoding="utf-8"))["tables"]
    missing = [
        f"{t.name}.{f.name}" for t in schema().tables.values() for f in t.fields if f.name not in known.get(t.name, {})
    ]
    if missing:
        raise InvalidInput(
            Problem(code="INV-219", file=str(TREATMENTS), message=_("nobody decided what becomes of: {columns}", columns=", ".join(missing)),
                    hint=_("add each to schema/sharing.json: keep, remove, token:KIND"))
        )  # fmt: skip
    return known
