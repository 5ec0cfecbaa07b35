"""RVTools workbooks, any version back to 3.x: sheets vInfo, vHost, vCPU, vMemory and vPartition.

Header spellings moved between versions (``Provisioned MB`` became ``MiB``, ``In use`` became ``In Use``,
``vCenter UUID`` became ``VI SDK UUID``); the literal ``VM`` stands for an empty cell in some exports.
Templates and SRM placeholders are not servers: they are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from inventory.dataset import schema
from inventory.files import Grid, SourceFile
from inventory.headings import Heading, dictionary, headings, kept_text
from inventory.language import _
from inventory.problems import InvalidInput, Severity
from inventory.readers.described import Described, gathered
from inventory.readers.reading import ROW, SHEET, Kept, Reading
from inventory.readers.records import add, at, converted, implied, slugged
from inventory.values import NO, YES

LINK = "link:applications"
MACHINES: Mapping[str, str] = {
    "vm": "name", "vinfovmname": "name", "vm name": "name",
    "powerstate": "power_state", "vinfopowerstate": "power_state",
    "template": "_template", "srm placeholder": "_placeholder",
    "cpus": "vcpu", "num cpu": "vcpu",
    "memory": "ram_gib", "memory mib": "ram_gib", "memory mb": "ram_gib",
    "provisioned mib": "storage_gib", "provisioned mb": "storage_gib",
    "in use mib": "storage_used_gib", "in use mb": "storage_used_gib",
    "datacenter": "site_id", "cluster": "cluster", "host": "host_id",
    "os according to the vmware tools": "os", "os according to the configuration file": "_os", "os": "_os",
    "primary ip address": "ip", "vm uuid": "uuid", "smbios uuid": "_smbios", "vm id": "_vm_id",
    "vi sdk uuid": "_vcenter", "vcenter uuid": "_vcenter", "vi sdk server": "_server", "creation date": "created",
}  # fmt: skip
"""Headings of vInfo, by their words → the column of ``servers``; an underscore marks what only serves to decide."""
CUSTOM = ("environment", "organisation_id", LINK)
"""What custom attributes may hold; the dictionary of hand-kept lists says under which names."""
HOSTS: Mapping[str, str] = {
    "host": "id", "datacenter": "site_id", "cluster": "cluster", "cpu model": "cpu_model", "cores": "cores",
    "memory": "ram_gib", "esx version": "os", "vendor": "vendor", "model": "model",
}  # fmt: skip
USAGE = (
    ("vCPU", "cpu_used", {"vm": "name", "overall": "_part", "max": "_whole"}),
    ("vMemory", "ram_used", {"vm": "name", "active": "_part", "size mib": "_whole", "size mb": "_whole"}),
)
"""Processor (MHz used of the most allowed) and memory (active of the size), in percent."""
PARTITIONS: Mapping[str, str] = {"vm": "name", "consumed mib": "_part", "consumed mb": "_part"}
SIZES = ("ram_gib", "storage_gib", "storage_used_gib")
EMPTY = "VM"


class RVTools:
    """The reader of RVTools workbooks."""

    name = "rvtools"

    def recognises(self, source: SourceFile) -> bool:
        """Whether there is a sheet vInfo."""
        if not source.is_workbook:
            return False
        try:
            return any(g.name == "vInfo" for g in source.grids)
        except InvalidInput:
            return False

    def describes(self) -> list[Described]:
        """Each sheet read."""
        custom = {alias: column for alias, column in _vinfo_aliases().items() if alias not in MACHINES}
        usage = [Described(sheet, {f"servers.{column}": tuple(h for h, c in aliases.items() if c != "name")})
                 for sheet, column, aliases in USAGE]  # fmt: skip
        taken = {"servers.storage_used_gib": tuple(h for h, c in PARTITIONS.items() if c != "name")}
        return [
            Described("vInfo", gathered(MACHINES, "servers")),
            Described(_("vInfo, custom attributes"), gathered(custom, "servers")),
            Described("vHost", gathered(HOSTS, "hosts")),
            *usage,
            Described("vPartition", taken),
        ]

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read servers, hosts, sites, and links to applications."""
        reading = Reading(source, self.name)
        sheets = {g.name: g for g in source.grids if g.cells.height}
        if "vInfo" not in sheets:
            reading.problems.append(source.problem("INV-030", _("there is no sheet vInfo with a heading VM")))
            return reading
        columns = _headings(sheets["vInfo"], _vinfo_aliases(), "servers", kept)
        machines = _rows(sheets["vInfo"], columns)
        if "name" not in machines.columns:
            reading.problems.append(source.problem("INV-030", _("there is no sheet vInfo with a heading VM")))
            return reading
        reading.mapping["vInfo"] = _mapping("servers", columns)
        machines = _converted(reading, _servers_only(reading, machines), columns)
        machines = _with_usage(reading, machines, sheets)
        _servers(reading, machines)
        if "vHost" in sheets:
            _hosts(reading, sheets["vHost"], kept)
        else:
            more = {n: pl.col(n) for n in ("cluster", "site_id") if n in machines.columns}
            implied(reading, machines, "host_id", "hosts", name=pl.col("host_id"), **more)
        _sites(reading, machines)
        return reading


def _vinfo_aliases() -> Mapping[str, str]:
    custom = {alias: column for alias, column in dictionary()["servers"].items() if column in CUSTOM}
    return {**custom, **MACHINES}


def _headings(grid: Grid, aliases: Mapping[str, str], table: str, kept: Kept) -> list[Heading]:
    """The headings of a sheet; of the kept mapping only what people changed counts, the rest is ours."""
    row = grid.cells.row(0)
    ours = _mapping(table, headings(row, table, aliases, {}))
    theirs = {h: to for h, to in kept.get(grid.name or "", {}).items() if h not in ours or ours[h] != to}
    return headings(row, table, aliases, theirs)


def _mapping(table: str, columns: Iterable[Heading]) -> dict[str, str | None]:
    """What is kept of the headings: those read, sizes with their unit; the hundreds of others are left out."""
    shown = {"_os": "os", "_smbios": "uuid"}
    return {
        h.text: kept_text(table, Heading(h.position, h.text, target, h.unit or ("mio" if target in SIZES else None)))
        for h in columns
        if h.target and not (target := shown.get(h.target, h.target)).startswith("_")
    }


def _rows(grid: Grid, columns: Iterable[Heading]) -> pl.DataFrame:
    """The rows of a sheet that hold something, columns by target, ``VM`` for empty undone, with their place."""
    known = [h for h in columns if h.target]
    rows = grid.cells.with_row_index("_n", offset=1).slice(1)
    cells = [pl.col(str(h.position)).alias(str(h.target)) for h in known]
    found = rows.select(*cells, pl.lit(grid.name, pl.String).alias(SHEET), pl.col("_n").cast(pl.Int64).alias(ROW))
    names = [str(h.target) for h in known]
    emptied = found.with_columns(pl.when(pl.col(n) != EMPTY).then(pl.col(n)).alias(n) for n in names if n != "name")
    return emptied.filter(pl.any_horizontal(pl.col(n).is_not_null() for n in names)) if names else emptied


def _servers_only(reading: Reading, machines: pl.DataFrame) -> pl.DataFrame:
    """Without templates and placeholders, each counted; a row without a name is a problem."""
    for column, code, text in (
        ("_template", "INV-031", _("a template, not a server: left out")),
        ("_placeholder", "INV-032", _("an SRM placeholder, not a server: left out")),
    ):
        if column not in machines.columns:
            continue
        word = pl.col(column).str.to_lowercase()
        strange = machines.filter(word.is_not_null() & ~word.is_in([*YES, *NO]))
        reading.problems += [
            at(
                reading.source,
                row,
                "INV-020",
                _("“{value}” is neither yes nor no", value=value),
                sheet="vInfo",
                value=value,
            )
            for value, row in strange.select(column, ROW).iter_rows()
        ]
        yes = word.is_in(list(YES)).fill_null(False)
        reading.problems += [
            at(reading.source, row, code, text, sheet="vInfo", value=name, severity=Severity.INFO)
            for name, row in machines.filter(yes).select("name", ROW).iter_rows()
        ]
        machines = machines.filter(~yes)
    reading.problems += [
        at(reading.source, row, "INV-012", _("this row has no name"), sheet="vInfo")
        for (row,) in machines.filter(pl.col("name").is_null()).select(ROW).iter_rows()
    ]
    return machines.filter(pl.col("name").is_not_null())


def _converted(reading: Reading, machines: pl.DataFrame, columns: Iterable[Heading]) -> pl.DataFrame:
    """The columns of ``servers`` in the dataset's spelling; sizes are in MiB there."""
    table = schema().tables["servers"]
    for heading in columns:
        if heading.target not in table.by_name:
            continue
        unit = heading.unit or ("mio" if heading.target in SIZES else None)
        # A date or a state that cannot be read is no reason to refuse ten thousand machines.
        series, wrong = converted(
            reading.source, table.by_name[heading.target], machines,
            Heading(heading.position, heading.text, heading.target, unit),
            vital=heading.target not in ("created", "power_state"),
        )  # fmt: skip
        reading.problems += wrong
        machines = machines.with_columns(_rounded(series) if heading.target in SIZES else series)
    return machines


def _rounded(column: pl.Series) -> pl.Series:
    return column.cast(pl.Float64).round(2).cast(pl.String)


def _with_usage(reading: Reading, machines: pl.DataFrame, sheets: Mapping[str | None, Grid]) -> pl.DataFrame:
    """Processor and memory used, and the space files really take inside the machines."""
    for sheet, column, aliases in USAGE:
        if sheet in sheets:
            ratio = (pl.col("_part").sum() / pl.col("_whole").sum() * 100).round(1)
            machines = _joined(reading, machines, sheets[sheet], column, aliases, ratio)
    if "vPartition" in sheets:
        taken = (pl.col("_part").sum() / 1024).round(2)
        machines = _joined(reading, machines, sheets["vPartition"], "storage_used_gib", PARTITIONS, taken)
    return machines


def _joined(
    reading: Reading, machines: pl.DataFrame, grid: Grid, column: str, aliases: Mapping[str, str], measure: pl.Expr
) -> pl.DataFrame:
    """*machines* with a measure of another sheet, where a name is that of one machine only."""
    columns = _headings(grid, aliases, "servers", {})
    rows = _rows(grid, columns)
    parts = [n for n in ("_part", "_whole") if n in aliases.values()]
    if not {"name", *parts} <= set(rows.columns):
        return machines
    numbers = rows.select(
        "name", *(pl.col(p).str.replace_all(r"[\s,]", "").cast(pl.Float64, strict=False) for p in parts)
    )
    measured = numbers.drop_nulls().group_by("name").agg(measure.alias("_measure"))
    lone = machines.filter(~pl.col("name").is_duplicated()).select("name")
    known = measured.filter(pl.col("_measure").is_finite()).join(lone, on="name", how="semi")
    reading.mapping[str(grid.name)] = {h.text: f"servers.{column}" for h in columns if h.target == "_part"}
    before = [column] if column in machines.columns else []
    return (
        machines.join(known, on="name", how="left", maintain_order="left")
        .with_columns(pl.coalesce(pl.col("_measure").cast(pl.String), *before).alias(column))
        .drop("_measure")
    )


def _servers(reading: Reading, machines: pl.DataFrame) -> None:
    def part(name: str) -> pl.Expr:
        return pl.col(name) if name in machines.columns else pl.lit(None, pl.String)

    uuid = pl.coalesce(part("uuid"), part("_smbios")).str.to_lowercase()
    place = slugged(pl.concat_str([part("site_id"), part("cluster"), "name"], separator="-", ignore_nulls=True))
    by_vcenter = slugged(pl.concat_str([pl.coalesce(part("_vcenter"), part("_server")), "_vm_id"], separator="-"))
    seen = machines.with_columns(uuid.alias("uuid"), part("_vm_id").alias("_vm_id"))
    # A machine cloned with its UUID is another machine: the first keeps it, the others are told by their place.
    own = pl.col("uuid").is_first_distinct() & pl.col("uuid").is_not_null()
    seen = seen.with_columns(
        pl.coalesce(pl.when(own).then(pl.col("uuid")), by_vcenter, place, pl.col("name")).alias("id")
    )
    reading.problems += [
        at(reading.source, row, "INV-033", _("“{name}” has the UUID of another machine", name=name), sheet="vInfo",
           value=value, severity=Severity.WARNING)
        for name, value, row in seen.filter(~own & pl.col("uuid").is_not_null()).select("name", "uuid", ROW).iter_rows()
    ]  # fmt: skip
    os = pl.coalesce(part("os"), part("_os"))
    columns = [n for n in schema().tables["servers"].by_name if n in seen.columns]
    add(
        reading,
        "servers",
        seen.with_columns(os.alias("os"), pl.lit("vmware").alias("hypervisor"))
        .select(*columns, *(n for n in ("os", "hypervisor") if n not in columns), SHEET, ROW)
        .with_columns(pl.when(own).then("uuid").alias("uuid")),
    )
    if LINK in machines.columns:
        links = seen.select(pl.col(LINK).alias("application"), pl.col("id").alias("server"), SHEET, ROW)
        several = links.with_columns(pl.col("application").str.replace_all(r"[;|\n]", ",").str.split(","))
        named = several.explode("application").with_columns(pl.col("application").str.strip_chars())
        reading.links = named.filter(pl.col("application") != "").select(reading.links.columns)


def _sites(reading: Reading, machines: pl.DataFrame) -> None:
    """The data centres that machines and hosts name, and the organisations."""
    for frame in (machines, reading.tables.get("hosts", pl.DataFrame())):
        implied(reading, frame, "site_id", "sites", name=pl.col("site_id"), kind=pl.lit("datacentre"))
    implied(reading, machines, "organisation_id", "organisations")


def _hosts(reading: Reading, grid: Grid, kept: Kept) -> None:
    columns = _headings(grid, HOSTS, "hosts", kept)
    found = _rows(grid, columns)
    if "id" not in found.columns:
        return
    reading.mapping["vHost"] = _mapping("hosts", columns)
    table = schema().tables["hosts"]
    for heading in columns:
        if heading.target in table.by_name:
            unit = heading.unit or ("mio" if heading.target in SIZES else None)
            series, wrong = converted(
                reading.source, table.by_name[heading.target], found,
                Heading(heading.position, heading.text, heading.target, unit), vital=False,
            )  # fmt: skip
            reading.problems += wrong
            found = found.with_columns(_rounded(series) if heading.target in SIZES else series)
    add(
        reading,
        "hosts",
        found.filter(pl.col("id").is_not_null()).with_columns(pl.col("id").alias("name")),
    )
