"""The State's panorama of large digital projects: a project is an application, its cost is in millions of euros.

The headings are those of the open data (DISIC/panorama); editions differ by a trailing space or an ending, so they
are told by their words. "Terminé" is said of the project: what it built is in production.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from inventory.files import Grid, SourceFile
from inventory.headings import FIRST_ROWS, Dictionary, Layout, find_layout
from inventory.problems import InvalidInput
from inventory.readers.handmade import HandMade
from inventory.values import plain

HEADINGS: Dictionary = {
    "applications": {
        "ministere porteur": "organisation_id",
        "ministere porteur du projet": "organisation_id",
        "ministere": "organisation_id",
        "ministere nom complet": "organisation_name",
        "nom complet du ministere": "organisation_name",
        "nom du projet": "name",
        "intitule du projet": "name",
        "projet": "name",
        "description et objectifs du projet": "description",
        "description du projet": "description",
        "description et objectifs": "description",
        "debut": "started",
        "debut du projet": "started",
        "date de debut": "started",
        "date de debut du projet": "started",
        "phase du projet en cours": "lifecycle",
        "phase du projet": "lifecycle",
        "phase en cours": "lifecycle",
        "cout estime": "cout_construction_ttc",
        "cout estime du projet": "cout_construction_ttc",
        "cout previsionnel": "cout_construction_ttc",
        "zone fonctionnelle": "function",
        "zone fonctionnelle du projet": "function",
        "financement programme s": "programme_lolf",
        "financement programmes": "programme_lolf",
        "financement": "programme_lolf",
    }
}
TELLING = {"organisation_id", "name", "function", "lifecycle"}
FINISHED = "termine"


class Panorama(HandMade):
    """The reader of the panorama, any edition."""

    name = "panorama"

    def dictionary(self) -> Dictionary:
        """The headings of the panorama."""
        return HEADINGS

    def recognises(self, source: SourceFile) -> bool:
        """Whether a sheet has the headings of the panorama."""
        try:
            layouts = [self.layout(grid, {}) for grid in source.grids]
        except InvalidInput:
            return False
        return any(layout and {h.target for h in layout.headings} >= TELLING for layout in layouts)

    def layout(self, grid: Grid, kept: Mapping[str, str | None]) -> Layout | None:
        """The headings of the panorama, the cost in millions of euros unless its heading says otherwise."""
        found = find_layout(grid.cells.head(FIRST_ROWS).rows(), kept, HEADINGS)
        if found is None:
            return None
        return replace(
            found,
            headings=tuple(
                replace(h, unit=h.unit or "m€") if h.target == "cout_construction_ttc" else h for h in found.headings
            ),
        )

    def prepared(self, records: pl.DataFrame) -> pl.DataFrame:
        """The phase of the project as the life cycle of what it builds."""
        if "lifecycle" not in records.columns:
            return records
        over = [text for text in records["lifecycle"].drop_nulls().unique() if plain(text).startswith(FINISHED)]
        return records.with_columns(pl.col("lifecycle").replace(over, ["production"] * len(over)))
