"""An OpenStack cloud as its command line prints it (``openstack server list --long --all-projects -f json``).

A server says only the name of its flavour: the lists of flavours, volumes, images and projects that stand in the same
folder, or the same document, say the rest. An application is no fact of a cloud: none is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import polars as pl

from inventory.dataset import schema
from inventory.files import SourceFile
from inventory.headings import Heading
from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers.glpi_agent import unused
from inventory.readers.json_texts import as_text, json_records
from inventory.readers.openstack_records import (
    TARGETS,
    Found,
    addresses,
    found,
    identifiers,
    kind_of,
    named,
    pairs,
    unfolded,
)  # fmt: skip
from inventory.readers.parts import EVERY, Part, every, mapping_key, parts
from inventory.readers.reading import IMPLIED, ROW, SHEET, Kept, Reading
from inventory.readers.records import add, at, converted, implied

TELLING = re.compile(
    r'"(?:Networks|Hypervisor Hostname|VCPUs|Attached to|Disk Format|OS-EXT-[A-Z-]+:\w+|hypervisor_hostname|disk_format|is_domain)"\s*:'
)
LISTED = (re.compile(r'"ID"\s*:'), re.compile(r'"Name"\s*:'))
SNIFFED = 65_536
POWER = {
    "1": "on", "running": "on", "active": "on", "3": "suspended", "paused": "suspended", "7": "suspended", "suspended": "suspended",
    "4": "off", "shutdown": "off", "shutoff": "off", "shelved": "off", "shelved_offloaded": "off",
}  # fmt: skip
"""Power states of Nova, as numbers and words, then the states of servers where no power state is given."""
HYPERVISORS = {"qemu": "kvm", "vmware vcenter server": "vmware"}
NO_IMAGE = "N/A"
TEXT = pl.String
SERVER: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": TEXT, "name": TEXT, "power_state": TEXT, "addresses": TEXT, "ip": TEXT, "image": TEXT, "image_id": TEXT, "flavor": TEXT,
    "flavor_id": TEXT, "cluster": TEXT, "host_id": TEXT, "project": TEXT, "created": TEXT, "vcpu": TEXT, "_ram": TEXT, "_disk": TEXT,
    "_ephemeral": TEXT, "_from_volume": pl.Boolean, "_volumes": pl.List(TEXT), SHEET: TEXT, ROW: pl.Int64,
}  # fmt: skip
FLAVOR = {"id": TEXT, "name": TEXT, "vcpu": TEXT, "_ram": TEXT, "_disk": TEXT, "_ephemeral": TEXT}
Rows = dict[str, list[dict[str, Any]]]


class OpenStackJson:
    """The reader of what the OpenStack command line prints."""

    name = "openstack-json"

    def recognises(self, source: SourceFile) -> bool:
        """Whether every part is JSON with the keys of the command line, even cut."""
        return every(source, _recognised)

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read servers and hosts."""
        reading = Reading(source, self.name)
        edited = {**kept.get("", {}), **kept.get(EVERY, {})}
        ignored = frozenset(heading for heading, target in edited.items() if target is None)
        rows, mapping = _rows(reading, ignored)
        reading.mapping[mapping_key(source)] = {**mapping, **edited}
        if not rows["server"] and not rows["hypervisor"]:
            if not reading.problems:
                reading.problems.append(_nothing(source))
            return reading
        servers = _sized(reading, _told_apart(reading, pl.DataFrame(rows["server"], schema=SERVER)), rows)
        servers = _placed(_with_system(_with_project(servers, rows), rows), rows)
        _hosts(reading, rows)
        _servers(reading, servers)
        return reading


def _recognised(part: Part) -> bool:
    if part.file.content.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] not in (b"{", b"["):
        return False
    try:
        text = part.file.text[:SNIFFED]
    except InvalidInput:
        return False
    api = '"addresses"' in text and '"flavor"' in text
    return bool(TELLING.search(text)) or api or all(pattern.search(text) for pattern in LISTED)


def _nothing(source: SourceFile) -> Problem:
    return source.problem(
        "INV-112", _("there is neither a server nor a hypervisor in it"),
        hint=_("give it in one folder with the output of “openstack server list --long --all-projects -f json”"),
    )  # fmt: skip


def _rows(reading: Reading, ignored: frozenset[str]) -> tuple[Rows, dict[str, str | None]]:
    """Every record as a flat row, by kind, and the mapping of the keys that were there."""
    rows: Rows = {kind: [] for kind in ("server", "hypervisor", "volume", "flavor", "image", "project")}
    mapping: dict[str, str | None] = {}
    for part in parts(reading.source):
        if part.sheet is not None and not _recognised(part):
            reading.problems += unused(reading, part)
            continue
        strange: list[int] = []
        for row, value in json_records(part, reading.problems):
            for number, record in unfolded(value, row):
                kind = kind_of(record) if isinstance(record, dict) else None
                if kind is None:
                    strange.append(number)
                    continue
                one = found(record, kind, ignored)
                rows[kind].append({**FLAT[kind](one), SHEET: part.sheet, ROW: number})
                for field, key in one.keys.items():
                    if (kind, field) in TARGETS:
                        mapping[f"{kind}.{key}"] = TARGETS[kind, field]
        if strange:
            reading.problems.append(
                at(reading.source, strange[0], "INV-101",
                   _.plural("{n} record is of no known kind, it is left out", "{n} records are of no known kind, they are left out",
                            len(strange)),
                   sheet=part.sheet, severity=Severity.WARNING)
            )  # fmt: skip
    return rows, mapping


def _server(one: Found) -> dict[str, Any]:
    values = one.values
    flavor, flavor_id = named(values.get("flavor"))
    image, image_id = named(values.get("image"))
    inner = pairs(values.get("flavor"))
    seen = addresses(values.get("networks"))
    power = as_text(values.get("power")) or ""
    absent = "image" not in values
    return {
        "id": (as_text(values.get("id")) or "").lower() or None,
        "name": as_text(values.get("name")),
        "power_state": POWER.get(power.lower()) or POWER.get((as_text(values.get("status")) or "").lower()),
        "addresses": "|".join(sorted(set(seen))) or None,
        "ip": next((a for a in seen if ":" not in a), None),
        "image": None if image is None or image.startswith(NO_IMAGE) else image,
        "image_id": image_id or as_text(values.get("image_id")),
        "flavor": flavor,
        "flavor_id": flavor_id or as_text(values.get("flavor_id")),
        **{field: as_text(values.get(field)) for field in ("cluster", "host_id", "project", "created")},
        "vcpu": as_text(inner.get("vcpus")),
        "_ram": as_text(inner.get("ram")),
        "_disk": as_text(inner.get("disk")),
        "_ephemeral": as_text(inner.get("ephemeral")),
        "_from_volume": None if absent else (image is None and not image_id) or str(image).startswith(NO_IMAGE),
        "_volumes": identifiers(values.get("volumes"), "id"),
    }


def _flavor(one: Found) -> dict[str, Any]:
    v = {field: as_text(value) for field, value in one.values.items()}
    return {"id": v.get("id"), "name": v.get("name"), "vcpu": v.get("vcpus"), "_ram": v.get("ram"), "_disk": v.get("disk"),
            "_ephemeral": v.get("ephemeral")}  # fmt: skip


def _volume(one: Found) -> dict[str, Any]:
    metadata = pairs(one.values.get("metadata"))
    servers = identifiers(one.values.get("servers"), "server_id")
    return {
        "id": as_text(one.values.get("id")),
        "size": as_text(one.values.get("size")),
        "servers": servers or [],
        "os": _system(metadata),
    }


def _image(one: Found) -> dict[str, Any]:
    metadata = {**pairs(one.values.get("metadata"))}
    metadata.setdefault("os_distro", one.values.get("distribution"))
    metadata.setdefault("os_version", one.values.get("version"))
    return {"id": as_text(one.values.get("id")), "os": _system(metadata)}


def _plain(one: Found) -> dict[str, Any]:
    return {field: as_text(value) for field, value in one.values.items()}


FLAT = {
    "server": _server,
    "flavor": _flavor,
    "volume": _volume,
    "image": _image,
    "hypervisor": _plain,
    "project": _plain,
}


def _system(metadata: Any) -> str | None:
    """``ubuntu 22.04`` of an image's properties."""
    return " ".join(t for t in (as_text(metadata.get("os_distro")), as_text(metadata.get("os_version"))) if t) or None


def _frame(rows: Iterable[dict[str, Any]], columns: dict[str, Any], key: str) -> pl.DataFrame:
    kept = [{c: row.get(c) for c in columns} for row in rows]
    frame = pl.DataFrame(kept, schema=columns)
    return frame.filter(pl.col(key).is_not_null()).unique(key, keep="first", maintain_order=True)


def _float(column: str) -> pl.Expr:
    number = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(number.is_finite() & (number >= 0) & (number < 2**53)).then(number)


def _sized(reading: Reading, servers: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Processors and memory of the flavour, by identifier or by the name one alone bears; storage with the volumes.

    Without a list of volumes the storage of a server is unknown: its flavour's disk may not be all it has.
    """
    flavors = _frame(rows["flavor"], FLAVOR, "id")
    sizes = ["vcpu", "_ram", "_disk", "_ephemeral"]
    by_name = flavors.filter(pl.col("name").is_not_null()).unique("name", keep="none").drop("id")
    for key, known in (
        ("flavor_id", flavors.drop("name").rename({"id": "flavor_id"})),
        ("flavor", by_name.rename({"name": "flavor"})),
    ):
        joined = servers.join(known, on=key, how="left", suffix="_f", maintain_order="left")
        servers = joined.with_columns(pl.coalesce(c, f"{c}_f").alias(c) for c in sizes).drop(f"{c}_f" for c in sizes)
    unsized = servers.filter(pl.col("vcpu").is_null())
    if unsized.height:
        sheet, row = unsized.select(SHEET, ROW).row(0)
        reading.problems.append(
            at(reading.source, row, "INV-111",
               _.plural("{n} server has a flavour that is not listed: its size is unknown",
                        "{n} servers have a flavour that is not listed: their size is unknown", unsized.height),
               sheet=sheet, severity=Severity.WARNING,
               hint=_("add the output of “openstack flavor list --all -f json” to the folder"))
        )  # fmt: skip
    servers = servers.join(_volumes(servers, rows), on="id", how="left", maintain_order="left")
    listed = pl.lit(bool(rows["volume"]))
    none = pl.col("_volumes").list.len() == 0
    # Every volume the server names must have a size, else the sum would be a partial one.
    whole = (
        listed & (pl.col("_volumes").is_null() | (pl.col("_volumes").list.len() <= pl.col("_count").fill_null(0)))
    ) | none
    local = pl.when(pl.col("_from_volume")).then(0.0).when(~pl.col("_from_volume")).then(_float("_disk"))
    # Not every command prints the ephemeral disk; a flavour without one has none.
    total = local + _float("_ephemeral").fill_null(0.0) + pl.col("_attached").fill_null(0.0)
    sized = pl.when(whole.fill_null(False)).then(total)
    return servers.with_columns(
        (_float("_ram") / 1024).round(2).cast(pl.String).alias("ram_gib"),
        _float("vcpu").cast(pl.Int64).cast(pl.String).alias("vcpu"),
        pl.when(sized.is_finite() & (sized > 0)).then(sized).round(2).cast(pl.String).alias("storage_gib"),
    )


def _volumes(servers: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """For each server ``_count``, ``_attached`` (GiB) and the system its volumes say, ``_volume_os``."""
    volumes = _frame(rows["volume"], {"id": TEXT, "size": TEXT, "servers": pl.List(TEXT), "os": TEXT}, "id")
    stated = volumes.select(pl.col("id").alias("_v"), pl.col("servers").alias("id")).explode("id").drop_nulls("id")
    named_by = servers.select("id", pl.col("_volumes").alias("_v")).explode("_v").drop_nulls("_v").select("_v", "id")
    both = pl.concat([stated.with_columns(pl.col("id").str.to_lowercase()), named_by]).unique(maintain_order=True)
    known = both.join(volumes.select(pl.col("id").alias("_v"), "size", "os"), on="_v", maintain_order="left")
    sized = pl.col("_size").is_not_null()
    return (
        known.with_columns(_float("size").alias("_size"))
        .group_by("id", maintain_order=True)
        .agg(
            sized.sum().alias("_count"),
            pl.when(sized.all()).then(pl.col("_size").sum()).otherwise(pl.lit(float("nan"))).alias("_attached"),
            pl.col("os").drop_nulls().first().alias("_volume_os"),
        )
    )


def _with_project(servers: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    names = _frame(rows["project"], {"id": TEXT, "name": TEXT}, "id").drop_nulls("name")
    return servers.with_columns(pl.col("project").replace(names["id"], names["name"]))


def _with_system(servers: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """The system that the image's properties say, else the image's name."""
    images = _frame(rows["image"], {"id": TEXT, "os": TEXT}, "id").rename({"id": "image_id", "os": "_image_os"})
    joined = servers.join(images, on="image_id", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("_image_os", "_volume_os", "image").alias("os"))


def _placed(servers: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Servers on the hosts the hypervisors are, known by their full or their short name."""
    hosts = _frame(rows["hypervisor"], {"name": TEXT, "kind": TEXT}, "name").with_columns(
        pl.col("name").str.split(".").list.first().alias("_short")
    )
    exact = hosts.select(pl.col("name").alias("host_id"), pl.col("name").alias("_exact"))
    short = hosts.unique("_short", keep="none").select(pl.col("_short").alias("host_id"), pl.col("name").alias("_long"))
    joined = servers.join(exact, on="host_id", how="left", maintain_order="left").join(
        short, on="host_id", how="left", maintain_order="left"
    )
    placed = joined.with_columns(pl.coalesce("_exact", "_long", "host_id").alias("host_id"))
    kinds = hosts.select(
        pl.col("name").alias("host_id"), pl.col("kind").str.to_lowercase().replace(HYPERVISORS).alias("hypervisor")
    )
    return placed.join(kinds, on="host_id", how="left", maintain_order="left")


def _hosts(reading: Reading, rows: Rows) -> None:
    hosts = _frame(rows["hypervisor"], {"name": TEXT, "ram": TEXT, SHEET: TEXT, ROW: pl.Int64}, "name")
    if hosts.height:
        ram = (pl.when(_float("ram") > 0).then(_float("ram")) / 1024).round(2).cast(pl.String)
        add(reading, "hosts", hosts.select(pl.col("name").alias("id"), "name", ram.alias("ram_gib"), SHEET, ROW,
                                           pl.lit(False).alias(IMPLIED)))  # fmt: skip


def _told_apart(reading: Reading, servers: pl.DataFrame) -> pl.DataFrame:
    """One row a server: one that is both listed and shown is there twice on purpose, each completes the other."""
    reading.problems += [
        at(reading.source, row, "INV-012", _("this row has no name"), sheet=sheet)
        for sheet, row in servers.filter(pl.col("id").is_null()).select(SHEET, ROW).iter_rows()
    ]
    known = servers.filter(pl.col("id").is_not_null())
    if not known["id"].is_duplicated().any():
        return known
    return known.group_by("id", maintain_order=True).agg(pl.all().drop_nulls().first()).select(servers.columns)


def _servers(reading: Reading, servers: pl.DataFrame) -> None:
    servers = servers.with_columns(pl.col("id").alias("uuid"))
    if servers.height == 0:
        return
    table = schema().tables["servers"]
    series, wrong = converted(
        reading.source, table.by_name["created"], servers, Heading(0, "created", "created"), vital=False
    )
    reading.problems += wrong
    servers = servers.with_columns(series)
    implied(reading, servers, "host_id", "hosts", name=pl.col("host_id"))
    known = [c for c in table.by_name if c in servers.columns]
    add(reading, "servers", servers.select(*known, SHEET, ROW))
