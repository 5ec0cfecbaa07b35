"""iTop's XML exports (``<Set>`` of objects), a file or a folder of them that refer to one another."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import polars as pl

from inventory.files import SourceFile
from inventory.language import _
from inventory.problems import InvalidInput
from inventory.readers.itop import read_classes
from inventory.readers.objects import frame_of
from inventory.readers.reading import Kept, Reading
from inventory.readers.records import at

_SET = re.compile(rb"<Set[^>]*>\s*<(\w+)\s[^>]*\balias=")
FIRST_BYTES = 4096


class ItopXml:
    """The reader of iTop's XML."""

    name = "itop-xml"

    def recognises(self, source: SourceFile) -> bool:
        """Whether every file is a set of iTop's objects."""
        try:
            return all(_SET.search(part.content[:FIRST_BYTES]) for part in source.members or (source,))
        except InvalidInput:
            return False

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read every object.

        Raises:
            InvalidInput: a file is no XML, or holds entities, which an export never does (``INV-132``).
        """
        found: dict[str, dict[str, list[tuple[int, dict[str, str | None]]]]] = {}
        for part in source.members or (source,):
            inside = str(part.path.relative_to(source.path)) if source.members else ""
            for row, (name, cells) in enumerate(_objects(part), start=1):
                found.setdefault(name, {}).setdefault(f"{inside} {name}".strip(), []).append((row, cells))
        classes = {
            name: pl.concat(
                [frame_of([c for _r, c in o], sheet, [r for r, _c in o]) for sheet, o in sheets.items()], how="diagonal"
            )
            for name, sheets in found.items()
        }
        return read_classes(source, self.name, classes, kept)


def _objects(part: SourceFile) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Each object's class and attributes, its number as ``id``; freed as they are read."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    depth = 0
    try:
        for event, element in iterparse(io.BytesIO(part.content), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 1:
                yield element.tag, {"id": element.get("id"), **{child.tag: child.text for child in element}}
                element.clear()
    except DefusedXmlException as error:
        raise InvalidInput(
            at(part, 1, "INV-132", _("this XML defines entities or a document type: refused"),
               hint=_("an export of iTop never does: ask where this file comes from"))
        ) from error  # fmt: skip
    except (ParseError, LookupError, ValueError) as error:
        # An encoding that is none, or several bytes wide, is not a ParseError.
        line = error.position[0] if isinstance(error, ParseError) else 1
        raise InvalidInput(
            at(part, line, "INV-132", _("this XML cannot be read: {error}", error=error),
               hint=_("the export was probably cut: make it again"))
        ) from error  # fmt: skip
