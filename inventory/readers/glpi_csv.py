"""GLPI's export of a list of computers, headings in French or English (``Composants - Processeur``).

An export of the page shown, or one that the server gave up on, looks like a whole one: the rows are counted against
the total where the file or ``<file>.total`` beside it announces one, and a last line that was cut is refused.
"""

from __future__ import annotations

import csv
import io
import re

import polars as pl

from inventory.dataset import schema
from inventory.files import Grid, SourceFile
from inventory.headings import Heading, Layout
from inventory.language import _
from inventory.problems import InvalidInput, Severity
from inventory.readers.reading import IMPLIED, MADE, ROW, SHEET, Kept, Reading
from inventory.readers.records import add, at, converted, implied, slugged
from inventory.readers.sheets import known_layout, rows_below, shown_mapping
from inventory.values import free_text

HEADINGS = {
    "name": ("nom", "name"),
    "uuid": ("uuid",),
    "serial": ("numero de serie", "serial number"),
    "site_id": ("lieu", "lieux", "location", "locations"),
    "organisation_id": ("entite", "entites", "entity", "entities"),
    "os": ("systeme d exploitation nom", "operating system name", "operating systems name", "systemes d exploitation nom"),
    "_version": ("systeme d exploitation version", "operating system version", "operating systems version",
                 "systeme d exploitation version du systeme d exploitation"),
    "ram_gib": ("composants memoire", "components memory"),
    "storage_gib": ("volumes taille globale", "volumes global size"),
    "addresses": ("reseau ip", "reseau adresse ip", "ports reseau ip", "ports reseau adresse ip", "network ip", "network ports ip",
                  "networking ip", "network ports ip address", "adresse ip", "ip"),
    "fqdn": ("fqdn", "reseau nom reseau fqdn"),
    "_processor": ("composants processeur", "composants processeurs", "components processor", "components processors"),
    "_changed": ("derniere modification", "last update", "last modification"),
    "_status": ("statut", "status"), "_maker": ("fabricant", "fabricants", "manufacturer", "manufacturers"),
    "_type": ("type", "types"), "_model": ("modele", "modeles", "model", "models"),
}  # fmt: skip
"""Targets → the words of their headings; an underscore marks what only tells the model."""
ALIASES = {words: target for target, listed in HEADINGS.items() for words in listed}
SHOWN = {"_version": "os"}
SIZES = ("ram_gib", "storage_gib")
COUNT = re.compile(
    r"(?i)^\W*(?:(?:affichage|lignes?|rows?|showing|de|from)\b.*\b(?:sur|of)|(?:total|nombre|number)\b[^\d]{0,20})"
    r"\s*(?P<total>\d[\d\s]*)[^\d]*$"
)
"""``Affichage (lignes) de 1 à 300 sur 18 000``, ``Total : 300``."""
PAGES = frozenset({10, 15, *range(20, 50, 10), *range(50, 1001, 50)})
"""Lengths a page of a list may have in GLPI."""
BREAKS = r"(?i)\s*(?:<br\s*/?>|\n|\r)\s*"


class GlpiCsv:
    """The reader of GLPI's lists of computers."""

    name = "glpi-csv"

    def recognises(self, source: SourceFile) -> bool:
        """Whether a sheet has the headings of GLPI's list of computers."""
        try:
            return any(_layout(grid, {}) for grid in source.grids)
        except InvalidInput:
            return False

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read servers, their sites and entities; check that the list is whole."""
        reading = Reading(source, self.name)
        for grid in source.grids:
            layout = _layout(grid, kept)
            if layout is None:
                continue
            reading.mapping[grid.name or ""] = shown_mapping(layout, SHOWN)
            rows, announced = _announced(grid, rows_below(grid, layout))
            _whole(reading, layout, rows, announced)
            _servers(reading, rows, layout)
        if not reading.mapping:
            reading.problems.append(source.problem("INV-011", _("no sheet has a row of known headings")))
        return reading


def _layout(grid: Grid, kept: Kept) -> Layout | None:
    return known_layout(grid, "servers", ALIASES, _telling, kept.get(grid.name or "", {}), SHOWN)


def _telling(targets: set[str]) -> bool:
    """GLPI's own headings ("group - field") and enough of those any list of computers has there."""
    return (
        "name" in targets
        and bool({"os", "_processor"} & targets)
        and len(targets & HEADINGS.keys()) >= 4
        and bool({"_processor", "_changed", "_version"} & targets)
    )


def _announced(grid: Grid, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[int, int]]]:
    """The records without the lines that tell the total, and each total with its row."""
    cells = grid.cells.with_row_index("_n", offset=1)
    texts = [c for c in cells.columns if c != "_n"]
    alone = cells.filter(pl.sum_horizontal(pl.col(c).is_not_null().cast(pl.Int32) for c in texts) <= 2)
    line = pl.concat_str(texts, separator=" ", ignore_nulls=True).alias("_line")
    found = alone.select(pl.col("_n").cast(pl.Int64), line).filter(pl.col("_line").str.contains(COUNT.pattern))
    totals = [(n, _total(text)) for n, text in found.iter_rows()]
    return rows.filter(~pl.col(ROW).is_in(found["_n"].to_list())), [
        (n, total) for n, total in totals if total is not None
    ]


def _total(text: str) -> int | None:
    found = COUNT.match(text)
    return int(re.sub(r"\D", "", found["total"])[:12]) if found else None


def _whole(reading: Reading, layout: Layout, rows: pl.DataFrame, announced: list[tuple[int, int]]) -> None:
    """Whether the list is whole: its announced total, its last line, and a length that is that of a page."""
    source = reading.source
    beside = source.path.with_name(f"{source.name}.total")
    try:
        text = beside.read_text(encoding="utf-8") if beside.is_file() else ""
    except (OSError, UnicodeDecodeError):
        text = ""
    digits = re.sub(r"\D", "", text)[:12]
    totals = [*announced, *([(layout.row + 1, int(digits))] if digits else [])]
    again = _("export it again with “all pages”, or by entity if it stops before the end")
    reading.problems += [
        at(source, row, "INV-107", _("{found} rows are here, {announced} are announced", found=rows.height, announced=total),
           hint=again, value=str(total))
        for row, total in totals if total != rows.height
    ]  # fmt: skip
    if not totals and rows.height in PAGES:
        reading.problems.append(
            at(source, layout.row + 1, "INV-109", _("there are exactly {n} rows, the length of a page of GLPI", n=rows.height),
               severity=Severity.WARNING, hint=again)
        )  # fmt: skip
    last = int(rows.select(pl.col(ROW).max().fill_null(0)).item() or 0)
    ends_with_total = bool(announced) and announced[-1][0] > last
    if not source.is_workbook and _cut(source, 0 if ends_with_total else max(h.position for h in layout.headings)):
        reading.problems.append(at(source, last or layout.row + 1, "INV-108", _("the last line was cut"), hint=again))


def _cut(source: SourceFile, last: int) -> bool:
    """Whether a text stops inside a quoted cell, or before the cell at position *last*."""
    text = source.text.rstrip("\r\n")
    if text.count('"') % 2:
        return True
    start = len(text)
    for _line in range(1000):
        start = text.rfind("\n", 0, start)
        if start < 0 or text.count('"', start) % 2 == 0:
            break
    try:
        cells = next(csv.reader(io.StringIO(text[start + 1 :], newline=""), delimiter=source.delimiter), [])
    except csv.Error:
        return False
    return 1 < len(cells) <= last


def _servers(reading: Reading, rows: pl.DataFrame, layout: Layout) -> None:
    reading.problems += [
        at(reading.source, row, "INV-012", _("this row has no name"), sheet=sheet)
        for sheet, row in rows.filter(pl.col("name").is_null()).select(SHEET, ROW).iter_rows()
    ]
    frame = _prepared(rows.filter(pl.col("name").is_not_null()))
    table = schema().tables["servers"]
    for heading in layout.headings:
        if heading.target in table.by_name:
            unit = heading.unit or ("mio" if heading.target in SIZES else None)
            series, wrong = converted(
                reading.source, table.by_name[heading.target], frame,
                Heading(heading.position, heading.text, heading.target, unit), vital=False,
            )  # fmt: skip
            reading.problems += wrong
            rounded = series.cast(pl.Float64).round(2).cast(pl.String) if heading.target in SIZES else series
            frame = frame.with_columns(rounded)
    frame = _identified(frame)
    implied(reading, frame, "site_id", "sites", name=pl.col("site_id"))
    implied(reading, frame, "organisation_id", "organisations")
    known = [c for c in table.by_name if c in frame.columns]
    add(reading, "servers", frame.select(*known, MADE, SHEET, ROW).with_columns(pl.lit(False).alias(IMPLIED)))


def _prepared(rows: pl.DataFrame) -> pl.DataFrame:
    """Cells with several values: sizes are added up, of the others the first counts, addresses are all kept."""
    for column in [c for c in rows.columns if c not in (SHEET, ROW)]:
        parts = pl.col(column).str.replace_all(BREAKS, "\n").str.strip_chars("\n")
        if column in SIZES:
            several = [t for t in rows.select(parts).to_series().unique().drop_nulls() if "\n" in t]
            rows = rows.with_columns(parts.replace(several, [_added(t) for t in several]).alias(column))
        elif column != "addresses":
            rows = rows.with_columns(parts.str.split("\n").list.first().alias(column))
        else:
            rows = rows.with_columns(parts.str.replace_all(r"[\s,;|]+", "\n").alias(column))
    if "_version" in rows.columns:
        system = pl.col("os") if "os" in rows.columns else pl.lit(None, pl.String)
        version = free_text(pl.col("_version"))
        more = pl.when(~system.str.contains(version, literal=True)).then(version)
        whole = pl.concat_str([free_text(system), more], separator=" ", ignore_nulls=True)
        rows = rows.with_columns(pl.when(system.is_not_null()).then(whole).alias("os"))
    return rows


def _added(text: str) -> str:
    numbers = [re.sub(r"\s", "", part) for part in text.split("\n") if part.strip()]
    return str(sum(map(int, numbers))) if all(n.isdigit() and n.isascii() and len(n) < 16 for n in numbers) else text


def _identified(frame: pl.DataFrame) -> pl.DataFrame:
    """Identifiers: the UUID, else the name where one row bears it, else the serial number and the name."""
    uuid = pl.col("uuid").str.to_lowercase() if "uuid" in frame.columns else pl.lit(None, pl.String)
    serial = pl.col("serial") if "serial" in frame.columns else pl.lit(None, pl.String)
    place = slugged(pl.col("name"))
    told = pl.when(place.is_duplicated() & serial.is_not_null()).then(
        slugged(pl.concat_str([serial, "name"], separator="-"))
    )
    frame = frame.with_columns(uuid.alias("uuid")).with_columns(
        pl.coalesce("uuid", told, place, "name").alias("id"), pl.col("uuid").is_null().alias(MADE)
    )
    if "addresses" not in frame.columns:
        return frame
    first = pl.col("addresses").str.extract(r"(?:^|\|)(\d+\.\d+\.\d+\.\d+)(?:\||$)")
    return frame.with_columns(pl.when(~pl.col("addresses").str.contains(r"\.\d+\|.*\.\d+")).then(first).alias("ip"))
