"""What ``import`` is given, as sources: a file, a folder or ZIP that is one source, or all that is in it.

A folder that some reader takes whole (an RVTools export, the messages of agents) is one source. Any other is opened,
level by level; in it, a file that is no inventory is said and passed over, where one given by its name stops the import.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from inventory.archives import children
from inventory.files import SourceFile, open_source
from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers import reader_for, readers
from inventory.readers.reading import Reader

PASSED_OVER = frozenset({"INV-004", "INV-005", "INV-010", "INV-123", "INV-124", "INV-125"})
"""What is wrong with a file that is no inventory."""


MOST_SOURCES = 2_000
"""Files of a folder that no format takes whole, each a source of its own."""


@dataclass(frozen=True)
class Opened:
    """A source and who reads it, or why it cannot be; ``inside``: it was found in a folder or ZIP."""

    source: SourceFile | None
    reader: Reader | None
    problems: tuple[Problem, ...] = ()
    inside: bool = False


def opened(path: Path, format_name: str | None = None) -> Iterator[Opened]:
    """The sources at a path, in a fixed order.

    Args:
        path: a file, a folder or a ZIP.
        format_name: the reader's name; recognised from the content when absent.
    """
    yield from _opened(path, format_name, inside=False)


def excused(problems: tuple[Problem, ...]) -> list[Problem]:
    """The problems of a file found in a folder: that it is no inventory does not stop the import."""
    return [replace(p, severity=Severity.WARNING) if p.code in PASSED_OVER else p for p in problems]


def _opened(given: Path | SourceFile, format_name: str | None, *, inside: bool) -> Iterator[Opened]:
    try:
        source = open_source(given) if isinstance(given, Path) else given
        if source.members is None:
            yield Opened(source, reader_for(source, format_name), inside=inside)
            return
        named = [reader_for(source, format_name)] if format_name else readers()
        whole = next((r for r in named if r.recognises(source)), None)
        if whole is not None:
            yield Opened(source, whole, inside=inside)
            return
        if len(source.members) > MOST_SOURCES:
            raise InvalidInput(_too_many(source))
    except InvalidInput as error:
        yield Opened(None, None, tuple(excused(error.problems) if inside else error.problems), inside)
        return
    for child in children(source):
        yield from _opened(child, format_name, inside=True)


def _too_many(source: SourceFile) -> Problem:
    return source.problem(
        "INV-121",
        _("{n} separate files are more than the {most} read at once", n=len(source.members or ()), most=MOST_SOURCES),
        hint=_("give the folder of one export at a time"),
    )
