"""What a form is, whatever the format of its workbook.

Beside the sheets that people see, a form's workbook has a hidden one that says which sheet and heading lead where
(:data:`MARKER`), and one a sheet with the values it was sent with, so that what was changed is known when it comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

MARKER = "_francecloud"
"""The hidden sheet that makes a workbook one of ours; its first cell is :data:`MARK`."""
MARK = "francecloud-template"
VERSION = "1"
SENT = "_"
"""Before a table's name: the hidden sheet of the values it was sent with."""
TABLES = ("applications", "servers", "flows")
"""The tables of the inventory that a form asks about; a sheet about anything else is another room's."""
LINK = "link:applications"
"""The column of servers that says which applications run there."""
LISTS = "_listes"
BLANK_ROWS = 1000
"""Empty rows below the last that offer the closed lists too."""
LONGEST_CELL = 32_767
"""Characters that a cell of a spreadsheet holds; a longer value is left out, and nothing is asked about it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where it leads, its heading, the note its heading bears, its closed list.

    ``kind`` is a Table Schema type. ``many``: several of the values may be joined. ``locked``: not to be edited in a
    row that was sent filled in.
    """

    key: str
    title: str
    note: str = ""
    kind: str = "string"
    values: tuple[str, ...] = ()
    many: bool = False
    locked: bool = False


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, the table it is about, its columns, and rows of canonical text, one column a key."""

    name: str
    table: str
    columns: tuple[Column, ...]
    rows: pl.DataFrame

    def sent(self) -> pl.DataFrame:
        """The rows as they are sent: the columns of the sheet, without what no cell can hold."""
        return self.rows.select(
            pl.when(pl.col(c.key).str.len_chars() <= LONGEST_CELL).then(pl.col(c.key)).alias(c.key)
            for c in self.columns
        )


@dataclass(frozen=True)
class Form:
    """A workbook to fill in: the lines of its first sheet, its sheets."""

    title: str
    instructions: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    words: tuple[str, str] = ("oui", "non")
    """How yes and no are written."""
    cover: str = "Mode d'emploi"

    def marker(self) -> Iterator[tuple[str, str, str, str]]:
        """The rows of the marker sheet."""
        yield MARK, VERSION, "", ""
        for sheet in self.sheets:
            yield "sheet", sheet.name, sheet.table, ""
            for column in sheet.columns:
                yield "column", sheet.name, column.title, column.key

    def shown(self, column: Column, text: pl.Expr) -> pl.Expr:
        """Canonical text as a person reads it in a cell."""
        if column.kind == "boolean":
            return text.replace({"true": self.words[0], "false": self.words[1]})
        return text.str.replace_all("|", " ; ", literal=True) if column.kind == "list" else text

    def choices(self, column: Column) -> tuple[str, ...]:
        """The closed list that a column offers."""
        return self.words if column.kind == "boolean" else column.values
