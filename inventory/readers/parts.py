"""A source as its parts: itself, or the members of the folder or archive it is.

A member's name stands where a workbook has the name of a sheet, so that every value leads back to its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.files import SourceFile

EVERY = "*"
"""The entry of a mapping that holds for every member of a source: a folder of ten thousand has one, not as many."""


@dataclass(frozen=True)
class Part:
    """A file of a source: its name among the others, None where it is the source itself."""

    sheet: str | None
    file: SourceFile


def parts(source: SourceFile) -> Iterator[Part]:
    """The files to read, one at a time: those of ``source.members`` where it has some, else the source itself."""
    members = getattr(source, "members", None)
    if not members:
        yield Part(None, source)
        return
    for member in members:
        yield Part(member.name, SourceFile(source.path / member.name, member.read_bytes()))


def mapping_key(source: SourceFile) -> str:
    """The entry of the source's mapping: that of a text file, or that of every member."""
    return EVERY if getattr(source, "members", None) else ""
