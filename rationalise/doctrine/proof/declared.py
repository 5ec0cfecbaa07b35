"""What is declared of the attributes: how sensitivity rises, what unknown must be worth."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from inventory.documents import read_document
from rationalise.doctrine.models import Entry

UnknownIs = Literal["closed", "flag"]
CODE = "DOC-057"


class Declared(Entry):
    """One attribute: its harmless value, the rises of sensitivity, and what unknown must be by kind of tier."""

    name: str
    harmless: str
    raises: tuple[tuple[str, str], ...]
    unknown: Mapping[Literal["outside", "internal", "external"], UnknownIs]


class DeclaredFile(Entry):
    """``declared.yaml``."""

    attributes: tuple[Declared, ...]


@lru_cache(maxsize=1)
def declared() -> Mapping[str, Declared]:
    """The declarations, by attribute.

    Raises:
        InvalidInput: the file is not what it must be (``DOC-057``).
    """
    path = Path(__file__).parent / "declared.yaml"
    return {d.name: d for d in read_document(path, DeclaredFile, code=CODE).attributes}


def harmless() -> dict[str, str | None]:
    """The profile from which counter-examples and vectors say how they differ."""
    return {name: d.harmless for name, d in declared().items()}
