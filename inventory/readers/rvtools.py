"""RVTools exports, any version back to 3.x: tabs vInfo, vHost, vCPU, vMemory and vPartition.

Templates and SRM placeholders are not servers: they are left out, and counted. Several vCenters may be in one export:
a name that two of them use is told apart by its vCenter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from inventory.dataset import schema
from inventory.files import Grid, SourceFile
from inventory.headings import Heading, dictionary, words
from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers.described import Described, gathered
from inventory.readers.reading import ROW, SHEET, Kept, Reading
from inventory.readers.records import add, at, converted, implied, slugged
from inventory.readers.rvtools_tabs import (
    SIZES,
    is_machines,
    is_tab_file,
    mapping_of,
    sets,
    tab_headings,
    tab_rows,
    told_apart,
)  # fmt: skip
from inventory.values import NO, YES

LINK = "link:applications"
MACHINES: Mapping[str, str] = {
    "vm": "name", "vm name": "name",
    "powerstate": "power_state", "power state": "power_state",
    "template": "_template", "srm placeholder": "_placeholder",
    "cpus": "vcpu", "num cpu": "vcpu",
    "memory": "ram_gib", "memory mib": "ram_gib", "memory mb": "ram_gib",
    "provisioned mib": "storage_gib", "provisioned mb": "storage_gib", "provisioned": "storage_gib",
    "in use mib": "storage_used_gib", "in use mb": "storage_used_gib", "in use": "storage_used_gib",
    "datacenter": "site_id", "cluster": "cluster", "host": "host_id",
    "os according to the vmware tools": "os", "os according to the configuration file": "_os", "os": "_os",
    "primary ip address": "ip", "dns name": "fqdn", "vm uuid": "uuid", "smbios uuid": "_smbios", "vm id": "_vm_id",
    "vi sdk uuid": "_vcenter", "vcenter uuid": "_vcenter", "vi sdk server": "_server", "creation date": "created",
}  # fmt: skip
"""Headings of vInfo, by their words → the column of ``servers``; an underscore marks what only serves to decide."""
CUSTOM = ("environment", "organisation_id", LINK)
"""What custom attributes may hold; the dictionary of hand-kept lists says under which names."""
HOSTS: Mapping[str, str] = {
    "host": "id", "datacenter": "site_id", "cluster": "cluster", "cpu model": "cpu_model", "cores": "cores",
    "memory": "ram_gib", "memory mb": "ram_gib", "memory mib": "ram_gib", "esx version": "os", "vendor": "vendor",
    "model": "model", "vi sdk server": "_server",
}  # fmt: skip
USAGE = (
    ("vCPU", "cpu_used", {"vm": "name", "overall": "_part", "max": "_whole"}),
    ("vMemory", "ram_used", {"vm": "name", "active": "_part", "size mib": "_whole", "size mb": "_whole"}),
)
"""Processor (MHz used of the most allowed) and memory (active of the size), in percent."""
PARTITIONS: Mapping[str, str] = {"vm": "name", "consumed mib": "_part", "consumed mb": "_part"}
SERVER = {"vi sdk server": "_server"}
STANDARD = frozenset({"annotation", "datacenter"})
"""Between these two headings of vInfo stand the custom attributes."""


class RVTools:
    """The reader of RVTools exports: a workbook, a folder or ZIP of CSV, or the CSV of vInfo alone."""

    name = "rvtools"

    def recognises(self, source: SourceFile) -> bool:
        """Whether there is a tab vInfo; a folder is an export when nothing else is in it."""
        if source.members is not None:
            return all(map(is_tab_file, source.members)) and any("vInfo" in tabs for tabs in _readable(source))
        try:
            if source.is_workbook:
                return any(g.name == "vInfo" for g in source.grids)
            return any(map(is_machines, source.grids))
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
        for tabs in sets(source) or [{}]:
            _read_set(reading, tabs, kept)
        return reading


def _readable(source: SourceFile) -> list[dict[str, Grid]]:
    try:
        return sets(source)
    except InvalidInput:
        # What cannot be read is this reader's to refuse, with the place.
        return [{"vInfo": Grid("vInfo", pl.DataFrame())}]


def _read_set(reading: Reading, tabs: Mapping[str, Grid], kept: Kept) -> None:
    """One export: its machines, what other tabs measure of them, its hosts."""
    if "vInfo" not in tabs:
        reading.problems.append(reading.source.problem("INV-030", _("there is no sheet vInfo with a heading VM")))
        return
    grid = tabs["vInfo"]
    columns = tab_headings(grid, "vInfo", _vinfo_aliases(), "servers", kept)
    machines = tab_rows(grid, columns)
    if "name" not in machines.columns:
        reading.problems.append(
            reading.source.problem("INV-030", _("there is no sheet vInfo with a heading VM"), sheet=grid.name)
        )
        return
    reading.mapping[str(grid.name)] = mapping_of("servers", columns)
    reading.problems += _unused_attributes(reading.source, grid, columns)
    vcenters = set(machines["_server"].drop_nulls()) if "_server" in machines.columns else set()
    machines = told_apart(_servers_only(reading, machines), vcenters)
    machines = _with_usage(reading, _converted(reading, machines, columns), tabs)
    _servers(reading, machines, several=len(vcenters) > 1)
    if "vHost" in tabs:
        _hosts(reading, tabs["vHost"], kept, vcenters)
    else:
        more = {n: pl.col(n) for n in ("cluster", "site_id") if n in machines.columns}
        implied(reading, machines, "host_id", "hosts", name=pl.col("host_id"), **more)
    _sites(reading, machines)


def _unused_attributes(source: SourceFile, grid: Grid, columns: Iterable[Heading]) -> list[Problem]:
    """The custom attributes that lead nowhere: only people know what they mean."""
    named = [words(h.text)[0] for h in columns]
    if not set(named) >= STANDARD:
        return []
    between = list(columns)[named.index("annotation") + 1 : named.index("datacenter")]
    unused = [h.text for h in between if h.target is None]
    return [
        at(source, 1, "INV-016", _("columns that are not used: {columns}", columns=", ".join(unused)), sheet=grid.name,
           severity=Severity.INFO, hint=_("say what they are in {file}", file=f"sources/{source.name}.mapping.json"))
    ] if unused else []  # fmt: skip


def _vinfo_aliases() -> Mapping[str, str]:
    custom = {alias: column for alias, column in dictionary()["servers"].items() if column in CUSTOM}
    return {**custom, **MACHINES}


def _servers_only(reading: Reading, machines: pl.DataFrame) -> pl.DataFrame:
    """Without templates and placeholders, counted; a row without a name is a problem."""
    for column, code in (("_template", "INV-031"), ("_placeholder", "INV-032")):
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
                sheet=sheet,
                value=value,
            )
            for value, sheet, row in strange.select(column, SHEET, ROW).iter_rows()
        ]
        yes = word.is_in(list(YES)).fill_null(False)
        out = machines.filter(yes)
        if out.height:
            reading.problems.append(_left_out(reading.source, out, code))
        machines = machines.filter(~yes)
    reading.problems += [
        at(reading.source, row, "INV-012", _("this row has no name"), sheet=sheet)
        for sheet, row in machines.filter(pl.col("name").is_null()).select(SHEET, ROW).iter_rows()
    ]
    return machines.filter(pl.col("name").is_not_null())


def _left_out(source: SourceFile, out: pl.DataFrame, code: str) -> Problem:
    some = ", ".join(out["name"].drop_nulls().head(5))
    text = (
        _.plural("{n} template, not a server: left out ({some})", "{n} templates, not servers: left out ({some})",
                 out.height, some=some)
        if code == "INV-031"
        else _.plural("{n} SRM placeholder, not a server: left out ({some})",
                      "{n} SRM placeholders, not servers: left out ({some})", out.height, some=some)
    )  # fmt: skip
    return at(source, out[ROW][0], code, text, sheet=out[SHEET][0], severity=Severity.INFO)


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


def _with_usage(reading: Reading, machines: pl.DataFrame, tabs: Mapping[str, Grid]) -> pl.DataFrame:
    """Processor and memory used, and the space files really take inside the machines."""
    for tab, column, aliases in USAGE:
        if tab in tabs:
            ratio = (pl.col("_part").sum() / pl.col("_whole").sum() * 100).round(1)
            machines = _joined(reading, machines, (tab, tabs[tab]), column, aliases, ratio)
    if "vPartition" in tabs:
        taken = (pl.col("_part").sum() / 1024).round(2)
        machines = _joined(reading, machines, ("vPartition", tabs["vPartition"]), "storage_used_gib", PARTITIONS, taken)
    return machines


def _joined(
    reading: Reading, machines: pl.DataFrame, tab: tuple[str, Grid], column: str, aliases: Mapping[str, str],
    measure: pl.Expr,
) -> pl.DataFrame:  # fmt: skip
    """*machines* with a measure of another tab, where a name is that of one machine only, in its vCenter."""
    columns = tab_headings(tab[1], tab[0], {**aliases, **SERVER}, "servers", {})
    rows = tab_rows(tab[1], columns)
    parts = [n for n in ("_part", "_whole") if n in aliases.values()]
    if not {"name", *parts} <= set(rows.columns):
        return machines
    keys = ["name", *(n for n in ("_server",) if n in rows.columns and n in machines.columns)]
    numbers = rows.select(
        *keys, *(pl.col(p).str.replace_all(r"[\s,]", "").cast(pl.Float64, strict=False) for p in parts)
    )
    measured = numbers.drop_nulls(parts).group_by(keys).agg(measure.alias("_measure"))
    lone = machines.filter(~pl.struct(keys).is_duplicated()).select(keys)
    known = measured.filter(pl.col("_measure").is_finite()).join(lone, on=keys, how="semi", nulls_equal=True)
    reading.mapping[str(tab[1].name)] = {h.text: f"servers.{column}" for h in columns if h.target == "_part"}
    before = [column] if column in machines.columns else []
    return (
        machines.join(known, on=keys, how="left", maintain_order="left", nulls_equal=True)
        .with_columns(pl.coalesce(pl.col("_measure").cast(pl.String), *before).alias(column))
        .drop("_measure")
    )


def _servers(reading: Reading, machines: pl.DataFrame, *, several: bool) -> None:
    def part(name: str) -> pl.Expr:
        return pl.col(name) if name in machines.columns else pl.lit(None, pl.String)

    uuid = pl.coalesce(part("uuid"), part("_smbios")).str.to_lowercase()
    vcenter = [part("_server")] if several else []
    place = slugged(
        pl.concat_str([*vcenter, part("site_id"), part("cluster"), "name"], separator="-", ignore_nulls=True)
    )
    by_vcenter = slugged(pl.concat_str([pl.coalesce(part("_vcenter"), part("_server")), "_vm_id"], separator="-"))
    seen = machines.with_columns(uuid.alias("uuid"), part("_vm_id").alias("_vm_id"))
    # A machine cloned with its UUID is another machine: the first keeps it, the others are told by their place.
    own = pl.col("uuid").is_first_distinct() & pl.col("uuid").is_not_null()
    seen = seen.with_columns(
        pl.coalesce(pl.when(own).then(pl.col("uuid")), by_vcenter, place, pl.col("name")).alias("id")
    )
    reading.problems += [
        at(reading.source, row, "INV-033", _("“{name}” has the UUID of another machine", name=name), sheet=sheet,
           value=value, severity=Severity.WARNING)
        for name, value, sheet, row in seen.filter(~own & pl.col("uuid").is_not_null())
        .select("name", "uuid", SHEET, ROW).iter_rows()
    ]  # fmt: skip
    os = pl.coalesce(part("os"), part("_os"))
    # The guest's firmware shows its UUID as a serial number; where RVTools gives both UUIDs it is how other tools know it.
    seen = seen.with_columns(_serial(part("_smbios")).alias("serial"), part("fqdn").str.to_lowercase().alias("fqdn"))
    columns = [n for n in schema().tables["servers"].by_name if n in seen.columns]
    add(
        reading,
        "servers",
        seen.with_columns(os.alias("os"), pl.lit("vmware").alias("hypervisor"))
        .select(*columns, *(n for n in ("os", "hypervisor") if n not in columns), SHEET, ROW)
        .with_columns(pl.when(own).then("uuid").alias("uuid")),
    )
    if LINK in machines.columns:
        pairs = seen.select(pl.col(LINK).alias("application"), pl.col("id").alias("server"), SHEET, ROW)
        split = pairs.with_columns(pl.col("application").str.replace_all(r"[;|\n]", ",").str.split(","))
        named = split.explode("application").with_columns(pl.col("application").str.strip_chars())
        links = named.filter(pl.col("application") != "").select(reading.links.columns)
        reading.links = pl.concat([reading.links, links])


def _serial(smbios: pl.Expr) -> pl.Expr:
    """``VMware-42 1e 2b … -…``: the serial number of a machine whose SMBIOS UUID is known."""
    digits = smbios.str.to_lowercase().str.replace_all(r"[^0-9a-f]", "")
    spaced = digits.str.replace_all(r"(..)", "${1} ")
    halves = pl.concat_str([spaced.str.slice(0, 23), spaced.str.slice(24, 23)], separator="-")
    return pl.when(digits.str.len_chars() == 32).then(pl.concat_str([pl.lit("VMware-"), halves]))


def _sites(reading: Reading, machines: pl.DataFrame) -> None:
    """The data centres that machines and hosts name, and the organisations."""
    for frame in (machines, reading.tables.get("hosts", pl.DataFrame())):
        implied(reading, frame, "site_id", "sites", name=pl.col("site_id"), kind=pl.lit("datacentre"))
    implied(reading, machines, "organisation_id", "organisations")


def _hosts(reading: Reading, grid: Grid, kept: Kept, vcenters: set[str]) -> None:
    columns = tab_headings(grid, "vHost", HOSTS, "hosts", kept)
    found = tab_rows(grid, columns)
    if "id" not in found.columns:
        return
    found = told_apart(found, vcenters)
    reading.mapping[str(grid.name)] = mapping_of("hosts", columns)
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
        found.filter(pl.col("id").is_not_null()).drop("_server", strict=False).with_columns(pl.col("id").alias("name")),
    )
