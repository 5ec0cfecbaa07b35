"""Lists of installed software: a row a server and product, as GLPI, SCCM or a script of the DSI export them."""

from __future__ import annotations

import polars as pl

from inventory.files import Grid, SourceFile
from inventory.headings import FIRST_ROWS, Layout, find_layout
from inventory.language import _
from inventory.problems import InvalidInput
from inventory.readers.reading import IMPLIED, ROW, SHEET, Kept, Reading
from inventory.readers.records import add, at, slugged
from inventory.readers.sheets import known_layout, rows_below, shown_mapping
from inventory.readers.software import add_software

HEADINGS = {
    "subject_id": ("serveur", "nom du serveur", "nom serveur", "server", "server name", "hostname", "host", "machine", "nom de la machine",
                   "nom machine", "ordinateur", "nom de l ordinateur", "computer", "computer name", "computername", "vm"),
    "product": ("logiciel", "nom du logiciel", "nom logiciel", "produit", "nom du produit", "product", "product name", "software",
                "software name", "displayname", "display name", "paquet", "package"),
    "version": ("version", "version du logiciel", "version logiciel", "software version", "product version", "displayversion",
                "display version", "numero de version"),
    "_publisher": ("editeur", "publisher", "vendor", "fabricant"),
    "_installed": ("date d installation", "installe le", "install date", "installation date", "installdate", "installed on"),
}  # fmt: skip
"""Targets → the words of their headings; the dataset has no place for those with an underscore."""
ALIASES = {words: target for target, listed in HEADINGS.items() for words in listed}
NEEDED = {"subject_id", "product", "version"}
NAMING = {"id", "name", "component:progiciel"}
"""What a list of servers may have in common with a list of software."""


class InstalledSoftware:
    """The reader of lists of installed software."""

    name = "software"

    def recognises(self, source: SourceFile) -> bool:
        """Whether a sheet has server, product and version, and nothing that only a list of servers has."""
        try:
            return any(_layout(grid, {}) and not _rival(grid) for grid in source.grids)
        except InvalidInput:
            return False

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read components, and the servers they are on."""
        reading = Reading(source, self.name)
        for grid in source.grids:
            layout = _layout(grid, kept)
            if layout is not None:
                reading.mapping[grid.name or ""] = shown_mapping(layout, {})
                _software(reading, rows_below(grid, layout))
        if not reading.mapping:
            reading.problems.append(
                source.problem("INV-011", _("no sheet has a row of known headings"),
                               hint=_("expected for example “Serveur”, “Logiciel” and “Version”"))
            )  # fmt: skip
        return reading


def _layout(grid: Grid, kept: Kept) -> Layout | None:
    return known_layout(grid, "components", ALIASES, NEEDED.issubset, kept.get(grid.name or "", {}), {})


def _rival(grid: Grid) -> bool:
    """Whether the headings say more of servers or applications than their names."""
    other = find_layout(grid.cells.head(FIRST_ROWS).rows())
    return other is not None and bool({h.target for h in other.headings if h.target} - NAMING)


def _software(reading: Reading, rows: pl.DataFrame) -> None:
    nameless = rows.filter(pl.col("subject_id").is_null() | pl.col("product").is_null())
    reading.problems += [
        at(reading.source, row, "INV-012", _("this row names no server or no product"), sheet=sheet)
        for sheet, row in nameless.select(SHEET, ROW).iter_rows()
    ]
    stated = rows.drop_nulls(["subject_id", "product"]).with_columns(pl.col("subject_id").alias("_name"))
    stated = stated.with_columns(pl.coalesce(slugged(pl.col("_name")), "_name").alias("subject_id"))
    if stated.height == 0:
        return
    servers = stated.select(pl.col("subject_id").alias("id"), pl.col("_name").alias("name"), SHEET, ROW)
    add(
        reading,
        "servers",
        servers.unique("id", keep="first", maintain_order=True).with_columns(pl.lit(True).alias(IMPLIED)),
    )
    add_software(reading, stated.select("subject_id", "product", "version", SHEET, ROW))
