"""Mercator's cartography (ANSSI's guide): its objects and their links, however they were exported.

A physical server that carries logical ones or is in a cluster is a host; one that carries an application, or nothing
known, is a server.
An external entity is a supplier, not an organisation of ours. RTO and RPO are minutes; zero is what an empty form
leaves, and counts as unknown. Objects in the bin (``deleted_at``) are left out and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from inventory.files import SourceFile
from inventory.language import _
from inventory.readers.objects import Columns, column, dataset_columns, left_out, mapped, named, some
from inventory.readers.reading import IMPLIED, MADE, ROW, SHEET, Kept, Reading
from inventory.readers.records import add, slugged

NAMES: Mapping[str, str] = {
    "m_applications": "applications", "mapplications": "applications", "entity": "entities", "flux": "fluxes",
    "flows": "fluxes", "flow": "fluxes",
}  # fmt: skip
"""Other names of the kinds of objects."""
KINDS = (
    "applications", "logical_servers", "physical_servers", "databases", "fluxes", "sites", "entities", "clusters",
    "application_blocks",
)  # fmt: skip
APPLICATIONS: Columns = {
    "name": "name", "description": "description", "users": "users", "rto": "dima_h (min)", "rpo": "pdma_h (min)",
    "install_date": "started", "security_need_c": "besoin_confidentialite", "security_need_i": "besoin_integrite",
    "security_need_a": "besoin_disponibilite", "security_need_t": "besoin_tracabilite",
}  # fmt: skip
SERVERS: Columns = {
    "name": "name", "operating_system": "os", "cpu": "vcpu", "memory": "ram_gib (go)", "disk": "storage_gib (go)",
    "disk_used": "storage_used_gib (go)", "environment": "environment", "address_ip": "ip", "install_date": "created",
}  # fmt: skip
HOSTS: Columns = {
    "name": "name", "vendor": "vendor", "product": "model", "cpu": "cores", "memory": "ram_gib (go)",
    "operating_system": "os", "install_date": "purchased",
}  # fmt: skip
ENDS = {"application": "applications", "database": "databases"}
SUPPLIER = r"(?i)fournisseur|prestataire|[ée]diteur|supplier|provider|vendor"
PAIR = {"a": pl.String, "b": pl.String, SHEET: pl.String, ROW: pl.Int64}


@dataclass
class Cartography:
    """Objects by kind, text columns with their place; pairs of identifiers by the two kinds they link."""

    objects: dict[str, pl.DataFrame] = field(default_factory=dict)
    pairs: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)

    def kind(self, name: str) -> pl.DataFrame:
        """The objects of a kind; none where the export has none."""
        nothing = pl.DataFrame(schema={"id": pl.String, "name": pl.String, SHEET: pl.String, ROW: pl.Int64})
        return pl.concat([nothing, self.objects[name]], how="diagonal_relaxed") if name in self.objects else nothing

    def links(self, a: str, b: str) -> pl.DataFrame:
        """The pairs of two kinds, ``a`` and ``b`` in the order asked for."""
        if (b, a) in self.pairs:
            return self.pairs[b, a].rename({"a": "b", "b": "a"}).select(list(PAIR))
        return self.pairs.get((a, b), pl.DataFrame(schema=PAIR))


def kind_of(name: str) -> str | None:
    """The kind that a table, sheet or endpoint is called after."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    return next((n for w in (plain, plain + "s") if (n := NAMES.get(w, w)) in KINDS), None)


def read_cartography(source: SourceFile, format_name: str, found: Cartography, kept: Kept) -> Reading:
    """The dataset's records of a cartography."""
    reading = Reading(source, format_name)
    for kind, frame in found.objects.items():
        found.objects[kind] = _present(reading, kind, frame)
    organisations = _organisations(reading, found, kept)
    sites = _sites(reading, found, kept)
    applications = _applications(reading, found, organisations, kept)
    servers = _machines(reading, found, sites, kept)
    databases = _databases(reading, found, servers, kept)
    _deployments(reading, found, applications, servers, databases)
    _flows(reading, found, {"applications": applications, "databases": databases}, kept)
    return reading


def _present(reading: Reading, kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    if "deleted_at" not in frame.columns:
        return frame
    gone = frame.filter(pl.col("deleted_at").is_not_null())
    text = _.plural("{n} object of {kind} is in the bin: left out", "{n} objects of {kind} are in the bin: left out",
                    gone.height, kind=kind)  # fmt: skip
    reading.problems += left_out(reading.source, gone, "INV-127", text)
    return frame.filter(pl.col("deleted_at").is_null())


def _keyed(frame: pl.DataFrame, identifier: pl.Expr) -> pl.DataFrame:
    """Objects with the identifier of the dataset; of two of one name each carries its number too."""
    made = frame.rename({"id": "_id"}).with_columns(identifier.alias("id")).filter(pl.col("id").is_not_null())
    twice = pl.col("id").is_duplicated()
    return made.with_columns(
        pl.when(twice).then(pl.concat_str(["id", "_id"], separator="-")).otherwise("id").alias("id")
    )


def _names(frame: pl.DataFrame) -> dict[str, str]:
    return dict(frame.select("_id", "id").iter_rows()) if "_id" in frame.columns else {}


def _without_markup(frame: pl.DataFrame) -> pl.DataFrame:
    if "description" not in frame.columns:
        return frame
    text = pl.col("description").str.replace_all(r"<[^>]*>", " ").str.replace_all("&nbsp;", " ")
    for mark, meant in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        text = text.str.replace_all(mark, meant, literal=True)
    return frame.with_columns(text.str.replace_all(r"\s+", " ").str.strip_chars().replace("", None))


def _organisations(reading: Reading, found: Cartography, kept: Kept) -> dict[str, str]:
    entities = found.kind("entities")
    outside = (column(entities, "is_external") == "1") | column(entities, "is_external").eq_missing("true")
    outside = outside.fill_null(False) | column(entities, "entity_type").str.contains(SUPPLIER).fill_null(False)
    suppliers = entities.filter(outside)
    text = _.plural("{n} external entity is no organisation of ours: left out ({some})",
                    "{n} external entities are no organisations of ours: left out ({some})", suppliers.height,
                    some=some(suppliers))  # fmt: skip
    reading.problems += left_out(reading.source, suppliers, "INV-127", text)
    own = _keyed(entities.filter(~outside), slugged(pl.col("name")))
    names = _names(own)
    own = mapped(reading, "organisations", own, {"name": "name"}, kept)
    own = own.with_columns(named(own, "parent_entity_id", names).alias("parent_id"), pl.lit(False).alias(IMPLIED))
    if own.height:
        add(reading, "organisations", own.select(*dataset_columns("organisations", own), IMPLIED))
    return names


def _sites(reading: Reading, found: Cartography, kept: Kept) -> dict[str, str]:
    sites = mapped(reading, "sites", _keyed(found.kind("sites"), pl.col("name")), {"name": "name"}, kept)
    if sites.height:
        add(reading, "sites", sites.select(dataset_columns("sites", sites)))
    return _names(sites)


def _applications(reading: Reading, found: Cartography, organisations: Mapping[str, str], kept: Kept) -> dict[str, str]:
    whole = _without_markup(found.kind("applications"))
    whole = whole.with_columns(named(whole, "entity_resp_id", organisations).alias("organisation_id"))
    whole = _keyed(whole, slugged(pl.concat_str(["organisation_id", "name"], separator="-", ignore_nulls=True)))
    names = _names(whole)
    unset = pl.any_horizontal((column(whole, c) == "0").fill_null(False) for c in ("rto", "rpo"))
    zero = whole.filter(unset)
    text = _.plural("{n} application has an RTO or RPO of zero, as an empty form leaves it: unknown ({some})",
                    "{n} applications have an RTO or RPO of zero, as an empty form leaves it: unknown ({some})",
                    zero.height, some=some(zero))  # fmt: skip
    reading.problems += left_out(reading.source, zero, "INV-129", text)
    whole = whole.with_columns(pl.col(c).replace("0", None) for c in ("rto", "rpo") if c in whole.columns)
    blocks = dict(found.kind("application_blocks").select("id", "name").iter_rows())
    whole = mapped(reading, "applications", whole, APPLICATIONS, kept)
    whole = whole.with_columns(
        named(whole, "application_block_id", blocks).alias("functions"), pl.lit(True).alias(MADE)
    )
    if whole.height:
        add(reading, "applications", whole.select(*dataset_columns("applications", whole), MADE))
        _products(reading, whole)
    return names


def _products(reading: Reading, applications: pl.DataFrame) -> None:
    """The bought product an application is made of."""
    if "product" not in applications.columns:
        return
    bought = applications.filter(pl.col("product").is_not_null())
    if bought.height:
        reading.mapping.setdefault(bought[SHEET][0] or "", {})["product"] = "applications.component:progiciel"
        add(
            reading, "components",
            bought.select(
                pl.lit("application").alias("subject_kind"), pl.col("id").alias("subject_id"),
                pl.lit("progiciel").alias("role"), "product", column(bought, "version").alias("version"), SHEET, ROW,
            ),
            key=("subject_kind", "subject_id", "role", "product"),
        )  # fmt: skip


def _machines(reading: Reading, found: Cartography, sites: Mapping[str, str], kept: Kept) -> dict[tuple[str, str], str]:
    """Servers and hosts; the identifier of each server by its kind and number."""
    logical, physical = found.kind("logical_servers"), found.kind("physical_servers")
    clusters = dict(found.kind("clusters").select("id", "name").iter_rows())
    carried = found.links("logical_servers", "physical_servers")
    used = found.links("physical_servers", "applications")["a"]
    grouped = found.links("physical_servers", "clusters")["a"]
    is_host = pl.col("id").is_in([*carried["b"], *grouped])
    hosts = _keyed(physical.filter(is_host), pl.col("name"))
    host_names = _names(hosts)
    boxes = physical.filter(~is_host | pl.col("id").is_in(used.to_list()))
    host_of = {a: host_names[b] for a, b in carried.unique("a", keep="first", maintain_order=True).select("a", "b").iter_rows() if b in host_names}  # fmt: skip
    identifiers: dict[tuple[str, str], str] = {}
    for kind, frame, where in (("logical_servers", logical, host_of), ("physical_servers", boxes, {})):
        if frame.height == 0:
            continue
        servers = _keyed(frame, slugged(pl.col("name")))
        identifiers |= {(kind, number): name for number, name in _names(servers).items()}
        servers = mapped(reading, "servers", servers, SERVERS, kept).with_columns(
            named(servers, "_id", where).alias("host_id"),
            named(servers, "site_id", sites).alias("site_id"),
            named(servers, "_id", _clusters(found, kind, clusters)).alias("cluster"),
        )
        add(reading, "servers", servers.select(dataset_columns("servers", servers)))
    if hosts.height:
        hosts = mapped(reading, "hosts", hosts, HOSTS, kept).with_columns(
            named(hosts, "site_id", sites).alias("site_id"),
            named(hosts, "_id", _clusters(found, "physical_servers", clusters)).alias("cluster"),
        )
        add(reading, "hosts", hosts.select(dataset_columns("hosts", hosts)))
    return identifiers


def _clusters(found: Cartography, kind: str, clusters: Mapping[str, str]) -> dict[str, str]:
    """The cluster of each server, where it is in one only: by a table of links, or by its own column."""
    pairs = found.links(kind, "clusters").unique("a", keep="none").select("a", "b")
    frame = found.kind(kind)
    own = dict(frame.select("id", "cluster_id").drop_nulls().iter_rows()) if "cluster_id" in frame.columns else {}
    return {a: clusters[b] for a, b in {**own, **dict(pairs.iter_rows())}.items() if b in clusters}


def _databases(
    reading: Reading, found: Cartography, servers: Mapping[tuple[str, str], str], kept: Kept
) -> dict[str, str]:
    # A database is often called as its application: an identifier of its own keeps the ends of flows apart.
    whole = _keyed(found.kind("databases"), pl.lit("base-") + slugged(pl.col("name")))
    whole = mapped(reading, "databases", whole, {"name": "name", "type": "engine"}, kept)
    links = found.links("databases", "logical_servers")
    spread = whole.filter(pl.col("_id").is_in(links.filter(pl.col("a").is_duplicated())["a"].to_list()))
    text = _.plural("{n} database is on several servers: which one is unknown ({some})",
                    "{n} databases are on several servers: which one is unknown ({some})", spread.height,
                    some=some(spread))  # fmt: skip
    reading.problems += left_out(reading.source, spread, "INV-129", text)
    hosts = links.unique("a", keep="none").select("a", "b")
    by_number = {a: servers["logical_servers", b] for a, b in hosts.iter_rows() if ("logical_servers", b) in servers}
    if whole.height:
        whole = whole.with_columns(named(whole, "_id", by_number).alias("server_id"))
        add(reading, "databases", whole.select(dataset_columns("databases", whole)))
    return _names(whole)


def _deployments(
    reading: Reading, found: Cartography, applications: Mapping[str, str], servers: Mapping[tuple[str, str], str],
    databases: Mapping[str, str],
) -> None:  # fmt: skip
    made = []
    for kind, target_kind in (("logical_servers", "server"), ("physical_servers", "server"), ("databases", "database")):
        targets = databases if target_kind == "database" else {n: s for (k, n), s in servers.items() if k == kind}
        pairs = found.links("applications", kind)
        made.append(
            pairs.select(
                named(pairs, "a", applications).alias("application_id"), pl.lit(target_kind).alias("target_kind"),
                named(pairs, "b", targets).alias("target_id"), SHEET, ROW,
            )
        )  # fmt: skip
    whole = pl.concat(made)
    stated = whole.drop_nulls(["application_id", "target_id"])
    lost = whole.filter(pl.col("application_id").is_null() | pl.col("target_id").is_null())
    text = _.plural("{n} link leads to an object that is not in the export: left out",
                    "{n} links lead to objects that are not in the export: left out", lost.height)  # fmt: skip
    reading.problems += left_out(reading.source, lost, "INV-127", text)
    if stated.height:
        add(reading, "deployments", stated, key=("application_id", "target_kind", "target_id"))


def _flows(reading: Reading, found: Cartography, ends: Mapping[str, Mapping[str, str]], kept: Kept) -> None:
    whole = found.kind("fluxes")
    if whole.height == 0:
        return

    def end(side: str) -> pl.Expr:
        return pl.coalesce(*(named(whole, f"{kind}_{side}_id", ends[plural]) for kind, plural in ENDS.items()))

    told = whole.with_columns(end("source").alias("source_id"), end("dest").alias("target_id"))
    lost = told.filter(pl.col("source_id").is_null() | pl.col("target_id").is_null())
    text = _.plural("{n} flow has an end that is neither an application nor a database of the export: left out ({some})",
                    "{n} flows have an end that is neither an application nor a database of the export: left out ({some})",
                    lost.height, some=some(lost))  # fmt: skip
    reading.problems += left_out(reading.source, lost, "INV-127", text)
    kept_flows = told.drop_nulls(["source_id", "target_id"])
    parts = ["source_id", "target_id", *(c for c in ("nature", "name") if c in told.columns)]
    flows = _keyed(kept_flows, slugged(pl.concat_str(parts, separator="-", ignore_nulls=True)))
    flows = mapped(reading, "flows", flows, {"nature": "nature", "crypted": "encrypted"}, kept)
    if flows.height:
        add(reading, "flows", flows.select(dataset_columns("flows", flows)))
