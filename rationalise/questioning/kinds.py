"""The kinds of answer that may be asked for, read from ``data/answers.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from inventory.documents import read_document
from rationalise.doctrine.models import Entry, Text

FILE = Path(__file__).parent.parent / "data/answers.yaml"
CODE = "ANA-023"


class Kind(Entry):
    """A kind of answer: who gives it, over what, what it settles where that is unknown, its cost and ground."""

    id: str
    kind: Literal["perimeter", "attribute", "fact", "assessment", "fictitious"]
    scope: Literal["organisation", "platform", "family", "application"]
    attributes: tuple[str, ...]
    whom: str
    cost: float
    valid_months: int
    ref: str
    text: Text


class KindsFile(Entry):
    """``answers.yaml``."""

    answers: tuple[Kind, ...]


@lru_cache
def kinds() -> dict[str, Kind]:
    """Every kind by its identifier, in the order of the file, which is the order among equals.

    Raises:
        InvalidInput: the file is not what it must be (``ANA-023``).
    """
    return {kind.id: kind for kind in read_document(FILE, KindsFile, code=CODE).answers}
