"""The tabs of an RVTools export, wherever they stand: sheets of a workbook, or a CSV a tab in a folder or ZIP.

Header spellings moved between versions (``Provisioned MB`` became ``MiB``, ``In use`` became ``In Use``,
``vCenter UUID`` became ``VI SDK UUID``); some CSV exports put the tab's name before each heading
(``vInfoVMName``); the literal ``VM`` stands for an empty cell in some exports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import polars as pl

from inventory.files import Grid, SourceFile
from inventory.headings import Heading, headings, kept_text, words
from inventory.readers.reading import ROW, SHEET, Kept

Tabs = dict[str, Grid]
"""Tab → its cells; the grid's own name is the one shown, with its folder where there are several."""
TABS = ("vInfo", "vCPU", "vMemory", "vPartition", "vHost")
"""The tabs that are read."""
EMPTY = "VM"
SIZES = ("ram_gib", "storage_gib", "storage_used_gib")
_FILE = re.compile(r"(?i)rvtools_tab(?P<tab>d?v[a-z_]+?)(?:[_ -]?\d.*)?\.csv$")
_GROUPED = r"^(\d{1,3})(?:[.,\s\x{a0}\x{202f}]\d{3})+$"
_BY_VCENTER = ("site_id", "cluster", "host_id", "id")


def is_tab_file(source: SourceFile) -> bool:
    """Whether a file is called as RVTools calls the CSV of a tab."""
    return _FILE.search(source.name) is not None


def is_machines(grid: Grid) -> bool:
    """Whether a CSV has the headings of vInfo, whatever it is called."""
    if not grid.cells.height:
        return False
    found = {words(cell)[0] for cell in grid.cells.row(0) if cell}
    return bool(found & {"vm", "vinfovmname"}) and bool(found & {"powerstate", "vinfopowerstate"}) and len(found) > 5


def sets(source: SourceFile) -> list[Tabs]:
    """The exports in a source: one, or one a folder that holds a CSV of vInfo.

    Raises:
        InvalidInput: a workbook or CSV cannot be read.
    """
    if source.members is None:
        sheets = {g.name: g for g in source.grids if g.cells.height}
        if source.is_workbook:
            return [{str(n): g for n, g in sheets.items()}]
        return [{"vInfo": replace(g, name="vInfo")} for g in source.grids if g.cells.height]
    folders: dict[str, list[SourceFile]] = {}
    for member in source.members:
        if _tab(member) in TABS:
            folders.setdefault(str(member.path.parent.relative_to(source.path)), []).append(member)
    several = len(folders) > 1 or any(len({_tab(m) for m in ms}) < len(ms) for ms in folders.values())
    return [tabs for folder, files in folders.items() for tabs in _folder(folder, files, several)]


def _tab(member: SourceFile) -> str:
    found = _FILE.search(member.name)
    lower = {tab.lower(): tab for tab in TABS}
    return lower.get(found["tab"].lower(), "") if found else ""


def _folder(folder: str, files: list[SourceFile], several: bool) -> Iterator[Tabs]:
    """The sets of a folder: the n-th files of each tab go together, as their dates sort them."""
    by_tab: dict[str, list[SourceFile]] = {}
    for file in files:
        by_tab.setdefault(_tab(file), []).append(file)
    for n in range(max(map(len, by_tab.values()))):
        tabs = {}
        for tab, same in by_tab.items():
            if n < len(same):
                place = same[n].name if folder == "." else f"{folder}/{same[n].name}"
                cells = same[n].grids[0].cells
                if cells.height:
                    tabs[tab] = Grid(place if several else tab, cells)
        yield tabs


def tab_headings(grid: Grid, tab: str, aliases: Mapping[str, str], table: str, kept: Kept) -> list[Heading]:
    """The headings of a tab; of the kept mapping only what people changed counts, the rest is ours."""
    row = [_bare(cell, tab) for cell in grid.cells.row(0)]
    ours = mapping_of(table, headings(row, table, aliases, {}))
    theirs = {h: to for h, to in kept.get(grid.name or "", {}).items() if h not in ours or ours[h] != to}
    return headings(row, table, aliases, theirs)


def _bare(cell: str | None, tab: str) -> str | None:
    """``vInfoPowerstate`` without the name of its tab."""
    if cell is None or not cell.casefold().startswith(tab.casefold()) or len(cell) == len(tab):
        return cell
    bare = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell[len(tab) :]).strip()
    return {"VM Name": "VM", "VMName": "VM"}.get(bare, bare)


def mapping_of(table: str, columns: Iterable[Heading]) -> dict[str, str | None]:
    """What is kept of the headings: those read, sizes with their unit; the hundreds of others are left out."""
    shown = {"_os": "os", "_smbios": "uuid"}
    return {
        h.text: kept_text(table, Heading(h.position, h.text, target, h.unit or ("mio" if target in SIZES else None)))
        for h in columns
        if h.target and not (target := shown.get(h.target, h.target)).startswith("_")
    }


def tab_rows(grid: Grid, columns: Iterable[Heading]) -> pl.DataFrame:
    """The rows of a tab that hold something, columns by target, ``VM`` for empty undone, with their place.

    Sizes are whole numbers of MiB, so that a mark between their figures is one of thousands, whatever the locale.
    """
    known = [h for h in columns if h.target]
    rows = grid.cells.with_row_index("_n", offset=1).slice(1)
    cells = [pl.col(str(h.position)).alias(str(h.target)) for h in known]
    found = rows.select(*cells, pl.lit(grid.name, pl.String).alias(SHEET), pl.col("_n").cast(pl.Int64).alias(ROW))
    names = [str(h.target) for h in known]
    emptied = found.with_columns(pl.when(pl.col(n) != EMPTY).then(pl.col(n)).alias(n) for n in names if n != "name")
    emptied = emptied.with_columns(
        pl.when(pl.col(n).str.contains(_GROUPED)).then(pl.col(n).str.replace_all(r"\D", "")).otherwise(pl.col(n))
        for n in names
        if n in (*SIZES, "_part", "_whole")
    )
    return emptied.filter(pl.any_horizontal(pl.col(n).is_not_null() for n in names)) if names else emptied


def told_apart(frame: pl.DataFrame, servers: set[str]) -> pl.DataFrame:
    """Where several vCenters are in one export, names that two of them use carry their vCenter's.

    Args:
        frame: rows of a tab, with ``_server`` where the tab says which vCenter.
        servers: the vCenters that vInfo names.
    """
    if len(servers) < 2 or "_server" not in frame.columns:
        return frame
    for column in (c for c in _BY_VCENTER if c in frame.columns):
        bearers = frame.group_by(column).agg(pl.col("_server").drop_nulls().n_unique().alias("_n"))
        shared = bearers.filter(pl.col("_n") > 1)
        is_shared = pl.col(column).is_in(shared[column].drop_nulls().to_list()) & pl.col("_server").is_not_null()
        own = pl.concat_str([pl.col(column), pl.lit(" ("), pl.col("_server"), pl.lit(")")])
        frame = frame.with_columns(pl.when(is_shared).then(own).otherwise(pl.col(column)).alias(column))
    return frame
