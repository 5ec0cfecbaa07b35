"""A source as its parts: itself, or the members of the folder or archive it is.

A member's name stands where a workbook has the name of a sheet, so that every value leads back to its file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inventory.files import SourceFile
from inventory.strangers import stranger

EVERY = "*"
"""The entry of a mapping that holds for every member of a source: a folder of ten thousand has one, not as many."""

NOTES = frozenset({".txt", ".md", ".log", ".pdf", ".doc", ".docx", ".odt"})
"""Suffixes of what people leave beside an export."""


@dataclass(frozen=True)
class Part:
    """A file of a source: its name among the others, None where it is the source itself."""

    sheet: str | None
    file: SourceFile


def parts(source: SourceFile) -> Iterator[Part]:
    """The files to read, one at a time: the members of the source where it has some, else the source itself."""
    if source.members is None:
        yield Part(None, source)
        return
    for member in source.members:
        yield Part(str(member.path.relative_to(source.path)), member)


def every(source: SourceFile, recognised: Callable[[Part], bool]) -> bool:
    """Whether all the parts are of a format, notes aside: a folder of several formats is opened, not taken whole."""
    if source.members is None:
        return recognised(Part(None, source))
    told = [part for part in parts(source) if part.file.path.suffix.lower() not in NOTES]
    return bool(told) and all(recognised(part) and stranger(part.file) is None for part in told)


def mapping_key(source: SourceFile) -> str:
    """The entry of the source's mapping: that of a text file, or that of every member."""
    return "" if source.members is None else EVERY
