"""Mercator's database as a MySQL or MariaDB dump: its tables are the objects, its two-column tables the links."""

from __future__ import annotations

import re

import polars as pl

from inventory.files import SourceFile
from inventory.language import _
from inventory.problems import InvalidInput
from inventory.readers.mercator import PAIR, Cartography, kind_of, read_cartography
from inventory.readers.objects import frame_of
from inventory.readers.reading import ROW, SHEET, Kept, Reading
from inventory.readers.records import at
from inventory.readers.sql_dump import Cut, Row, rows

_DUMP = re.compile(r"^(?:INSERT (?:IGNORE )?INTO|CREATE TABLE) [`\"]?m_applications", re.M)


class MercatorSql:
    """The reader of Mercator's SQL dumps."""

    name = "mercator-sql"

    def recognises(self, source: SourceFile) -> bool:
        """Whether it is SQL that fills Mercator's table of applications."""
        if source.members is not None or source.is_workbook:
            return False
        try:
            return _DUMP.search(source.text) is not None
        except InvalidInput:
            return False

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read every object and link.

        Raises:
            InvalidInput: the dump is cut or is not MySQL's (``INV-130``).
        """
        try:
            found = _cartography(list(rows(source.text)))
        except Cut as error:
            raise InvalidInput(
                at(source, error.line, "INV-130", _("the SQL stops here, or is not written as MySQL writes it"),
                   hint=_("export again with mysqldump or mariadb-dump"))
            ) from error  # fmt: skip
        return read_cartography(source, self.name, found, kept)


def _cartography(found: list[Row]) -> Cartography:
    tables: dict[str, list[Row]] = {}
    for row in found:
        tables.setdefault(row.table, []).append(row)
    made = Cartography()
    for table, content in tables.items():
        kind = kind_of(table)
        frame = frame_of([r.cells for r in content], table, [r.line for r in content])
        ends = [c for c in frame.columns if c.endswith("_id")]
        if kind is not None and "name" in frame.columns:
            made.objects[kind] = frame
        elif len(ends) == 2 and len(frame.columns) <= 6:
            kinds = [kind_of(c.removesuffix("_id")) for c in ends]
            if kinds[0] and kinds[1]:
                pairs = frame.select(pl.col(ends[0]).alias("a"), pl.col(ends[1]).alias("b"), SHEET, ROW)
                made.pairs[kinds[0], kinds[1]] = pairs.select(list(PAIR))
    return made
