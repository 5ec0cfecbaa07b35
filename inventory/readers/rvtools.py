"""RVTools workbooks, any version back to 3.x: sheets vInfo, vHost, vCPU and vMemory.

Header spellings moved between versions (``Provisioned MB`` became ``MiB``, ``In use`` became ``In Use``,
``vCenter UUID`` became ``VI SDK UUID``); the literal ``VM`` stands for an empty cell in some exports.
Templates and SRM placeholders are not servers: they are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from inventory.files import Grid, SourceFile
from inventory.headings import words
from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers.handmade import slugged
from inventory.readers.reading import ROW, SHEET, Reading
from inventory.values import NO, YES

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "vm": ("vm", "vinfovmname", "vm name", "name"),
    "power": ("powerstate", "vinfopowerstate"),
    "template": ("template",),
    "placeholder": ("srm placeholder",),
    "cpus": ("cpus", "cpu", "num cpu"),
    "memory": ("memory", "memory mib", "memory mb"),
    "provisioned": ("provisioned mib", "provisioned mb"),
    "in_use": ("in use mib", "in use mb"),
    "datacenter": ("datacenter",),
    "cluster": ("cluster",),
    "host": ("host",),
    "os_tools": ("os according to the vmware tools",),
    "os_config": ("os according to the configuration file", "os"),
    "ip": ("primary ip address",),
    "uuid": ("vm uuid", "smbios uuid", "uuid"),
    "vm_id": ("vm id",),
    "vcenter": ("vi sdk uuid", "vcenter uuid", "vi sdk server"),
    "created": ("creation date",),
    "cpu_used": ("cpu usage",),
    "application": ("application", "applications", "appli", "code application"),
}
"""What is read of vInfo, by the heading's words; custom attributes naming an application are links."""
POWER = {"poweredon": "on", "poweredoff": "off", "suspended": "suspended"}


class RVTools:
    """The reader of RVTools workbooks."""

    name = "rvtools"

    def recognises(self, source: SourceFile) -> bool:
        """Whether there is a sheet vInfo whose first row has a column VM."""
        if not source.is_workbook:
            return False
        try:
            return any(g.name == "vInfo" for g in source.grids)
        except InvalidInput:
            return False

    def read(self, source: SourceFile, kept: Mapping[str, Mapping[str, str | None]]) -> Reading:
        """Read servers, hosts, sites, and links to applications."""
        reading = Reading(source, self.name)
        sheets = {g.name: g for g in source.grids}
        info = _named(sheets["vInfo"], COLUMNS)
        if "vm" not in info.columns:
            reading.problems.append(source.problem("INV-030", _("vInfo has no column VM"), sheet="vInfo"))
            return reading
        reading.mapping["vInfo"] = _understood(sheets["vInfo"])
        machines = _kept(reading, info)
        machines = _with_usage(machines, sheets)
        reading.tables["servers"] = _servers(machines)
        reading.tables["sites"] = _sites(machines)
        hosts = sheets.get("vHost")
        if hosts is not None:
            reading.tables["hosts"] = _hosts(hosts)
        if "application" in machines.columns:
            links = machines.select("application", pl.col("vm").alias("server"), SHEET, ROW)
            reading.links = links.drop_nulls(["application", "server"])
        return reading


def _named(grid: Grid, columns: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """The rows of a sheet, columns by their role, absent ones left out, with their place."""
    if grid.cells.height == 0:
        return pl.DataFrame()
    head = [words(cell)[0] if cell else "" for cell in grid.cells.row(0)]
    places = {role: next((head.index(name) for name in names if name in head), None) for role, names in columns.items()}
    rows = grid.cells.with_row_index("_n", offset=1).slice(1)
    found = rows.select(
        *(pl.col(str(place)).alias(role) for role, place in places.items() if place is not None),
        pl.lit(grid.name, pl.String).alias(SHEET),
        pl.col("_n").cast(pl.Int64).alias(ROW),
    )
    roles = [r for r, place in places.items() if place is not None]
    empty = [pl.when(pl.col(r) != "VM").then(pl.col(r)).alias(r) for r in roles if r != "vm"]
    return (
        found.with_columns(empty).filter(pl.any_horizontal(pl.col(r).is_not_null() for r in roles)) if roles else found
    )


def _understood(grid: Grid) -> dict[str, str | None]:
    targets = {
        "vm": "name", "power": "power_state", "cpus": "vcpu", "memory": "ram_gib", "provisioned": "storage_gib",
        "in_use": "storage_used_gib", "datacenter": "site_id", "cluster": "cluster", "host": "host_id", "os_tools": "os",
        "os_config": "os", "ip": "ip", "uuid": "uuid", "created": "created", "cpu_used": "cpu_used",
    }  # fmt: skip
    roles = {alias: role for role, aliases in COLUMNS.items() for alias in aliases}
    return {
        cell: f"servers.{targets[role]}"
        for cell in grid.cells.row(0)
        if cell and (role := roles.get(words(cell)[0])) in targets
    }


def _kept(reading: Reading, info: pl.DataFrame) -> pl.DataFrame:
    """Servers only: templates and placeholders are counted, a row without a name is a problem."""
    for role, code, text in (
        ("template", "INV-031", _("a template, not a server: left out")),
        ("placeholder", "INV-032", _("an SRM placeholder, not a server: left out")),
    ):
        if role not in info.columns:
            continue
        yes = pl.col(role).str.to_lowercase().is_in(list(YES)).fill_null(False)
        reading.problems += [
            Problem(code=code, severity=Severity.INFO, message=text, file=str(reading.source.path), sheet="vInfo",
                    row=row, column=role, value=name)
            for name, row in info.filter(yes).select("vm", ROW).iter_rows()
        ]  # fmt: skip
        strange = info.filter(pl.col(role).is_not_null() & ~pl.col(role).str.to_lowercase().is_in([*YES, *NO]))
        reading.problems += [
            Problem(code="INV-020", message=_("“{value}” is neither yes nor no", value=value), sheet="vInfo", row=row,
                    file=str(reading.source.path), column=role, field=role, value=value)
            for value, row in strange.select(role, ROW).iter_rows()
        ]  # fmt: skip
        info = info.filter(~yes)
    reading.problems += [
        Problem(
            code="INV-012", message=_("this row has no name"), file=str(reading.source.path), sheet="vInfo", row=row
        )
        for (row,) in info.filter(pl.col("vm").is_null()).select(ROW).iter_rows()
    ]
    return _numbers(reading, info.filter(pl.col("vm").is_not_null()))


def _numbers(reading: Reading, info: pl.DataFrame) -> pl.DataFrame:
    for role in ("cpus", "memory", "provisioned", "in_use", "cpu_used"):
        if role not in info.columns:
            info = info.with_columns(pl.lit(None, pl.Float64).alias(role))
            continue
        # Excel shows thousands with a comma or a space where the locale asks for it.
        text = pl.col(role).str.replace_all(r"[\s\u00a0\u202f,]", "").str.strip_suffix("%")
        number = text.cast(pl.Float64, strict=False)
        wrong = info.filter(pl.col(role).is_not_null() & number.is_null())
        reading.problems += [
            Problem(code="INV-020", message=_("“{value}” is not a number", value=value), file=str(reading.source.path),
                    sheet="vInfo", row=row, column=role, field=role, value=value)
            for value, row in wrong.select(role, ROW).iter_rows()
        ]  # fmt: skip
        info = info.with_columns(number.alias(role))
    return info


def _with_usage(machines: pl.DataFrame, sheets: Mapping[str | None, Grid]) -> pl.DataFrame:
    """Processor and memory used, in percent, from vCPU (MHz used of the most) and vMemory (consumed of the size)."""
    for sheet, role, part, whole in (
        ("vCPU", "cpu_used", ("overall",), ("max",)),
        ("vMemory", "ram_used", ("active",), ("size mib", "size mb")),
    ):
        grid = sheets.get(sheet)
        if role not in machines.columns:
            machines = machines.with_columns(pl.lit(None, pl.Float64).alias(role))
        if grid is None:
            continue
        used = _named(grid, {"vm": ("vm",), "part": part, "whole": whole})
        if not {"vm", "part", "whole"} <= set(used.columns):
            continue
        ratio = pl.col("part").cast(pl.Float64, strict=False) / pl.col("whole").cast(pl.Float64, strict=False) * 100
        known = used.select("vm", ratio.round(1).alias("_ratio")).filter(pl.col("_ratio").is_finite())
        known = known.unique("vm", keep="none")
        machines = machines.join(known, on="vm", how="left", maintain_order="left")
        machines = machines.with_columns(pl.coalesce(role, "_ratio").alias(role)).drop("_ratio")
    return machines


def _servers(machines: pl.DataFrame) -> pl.DataFrame:
    def role(name: str) -> pl.Expr:
        return pl.col(name) if name in machines.columns else pl.lit(None, pl.String)

    def gib(name: str) -> pl.Expr:
        return (pl.col(name) / 1024).round(2).cast(pl.String)

    place = slugged(
        pl.concat_str([role("datacenter"), role("cluster"), pl.col("vm")], separator="-", ignore_nulls=True)
    )
    by_id = slugged(pl.concat_str([role("vcenter"), role("vm_id")], separator="-"))
    return machines.select(
        pl.coalesce(role("uuid").str.to_lowercase(), by_id, place).alias("id"),
        pl.col("vm").alias("name"),
        role("cluster").alias("cluster"),
        role("host").alias("host_id"),
        role("datacenter").alias("site_id"),
        pl.coalesce(role("os_tools"), role("os_config")).alias("os"),
        pl.col("cpus").cast(pl.Int64, strict=False).cast(pl.String).alias("vcpu"),
        gib("memory").alias("ram_gib"),
        gib("provisioned").alias("storage_gib"),
        gib("in_use").alias("storage_used_gib"),
        role("power")
        .str.to_lowercase()
        .replace_strict(POWER, default=None, return_dtype=pl.String)
        .alias("power_state"),
        pl.col("cpu_used").cast(pl.String).alias("cpu_used"),
        pl.col("ram_used").cast(pl.String).alias("ram_used"),
        role("ip").alias("ip"),
        pl.lit("vmware").alias("hypervisor"),
        role("uuid").str.to_lowercase().alias("uuid"),
        role("created").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(pl.String).alias("created"),
        SHEET,
        ROW,
    ).unique("id", keep="first", maintain_order=True)


def _sites(machines: pl.DataFrame) -> pl.DataFrame:
    if "datacenter" not in machines.columns:
        return pl.DataFrame(schema={"id": pl.String, "name": pl.String, SHEET: pl.String, ROW: pl.Int64})
    named = machines.filter(pl.col("datacenter").is_not_null())
    return named.select(
        pl.col("datacenter").alias("id"),
        pl.col("datacenter").alias("name"),
        pl.lit("datacentre").alias("kind"),
        SHEET,
        ROW,
    ).unique("id", keep="first", maintain_order=True)


def _hosts(grid: Grid) -> pl.DataFrame:
    columns = {
        "host": ("host",), "datacenter": ("datacenter",), "cluster": ("cluster",), "cpu_model": ("cpu model",),
        "cores": ("cores",), "memory": ("memory",), "os": ("esx version",), "vendor": ("vendor",), "model": ("model",),
    }  # fmt: skip
    found = _named(grid, columns)

    def role(name: str) -> pl.Expr:
        return pl.col(name) if name in found.columns else pl.lit(None, pl.String)

    return (
        found.filter(role("host").is_not_null())
        .select(
            role("host").alias("id"),
            role("host").alias("name"),
            role("cluster").alias("cluster"),
            role("datacenter").alias("site_id"),
            role("vendor").alias("vendor"),
            role("model").alias("model"),
            role("cpu_model").alias("cpu_model"),
            role("cores").cast(pl.Float64, strict=False).cast(pl.Int64).cast(pl.String).alias("cores"),
            (role("memory").cast(pl.Float64, strict=False) / 1024).round(2).cast(pl.String).alias("ram_gib"),
            role("os").alias("os"),
            SHEET,
            ROW,
        )
        .unique("id", keep="first", maintain_order=True)
    )
