"""iTop's objects, however they were exported: a class is a frame, references are numbers or names.

A record's identifier is its class and number, so that files exported one by one still refer to one another. A reference
to any configuration item gives a number only: where two classes of the export have it, it says nothing. A physical server behind a hypervisor is that host's hardware, not a server of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from inventory.files import SourceFile
from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.readers.objects import Columns, column, dataset_columns, ignored_class, left_out, mapped, named, some
from inventory.readers.reading import MADE, ROW, SHEET, Kept, Reading
from inventory.readers.records import add, slugged

Classes = Mapping[str, pl.DataFrame]
ROLES = {"DBServer": "sgbd", "Middleware": "middleware", "WebServer": "web", "OtherSoftware": "autre", "PCSoftware": "autre",
         "WebApplication": "web", "MiddlewareInstance": "middleware"}  # fmt: skip
"""Classes of what runs on a server → the role of the component."""
CATALOGUES = frozenset({"Brand", "Model", "OSFamily", "OSVersion", "Software", "Farm"})
"""Classes that only name what others refer to."""
LINK = "lnkApplicationSolutionToFunctionalCI"
CARRIERS = ("Server", "VirtualMachine", "Hypervisor", "ApplicationSolution", "DatabaseSchema")
USED = frozenset({"Organization", "Location", "ApplicationSolution", "Server", "VirtualMachine", "Hypervisor", "DatabaseSchema",
                  LINK, *ROLES, *CATALOGUES})  # fmt: skip
APPLICATIONS: Columns = {
    "name": "name", "description": "description", "business_criticity": "criticality", "status": "lifecycle",
    "move2production": "started",
}  # fmt: skip
SERVERS: Columns = {"name": "name", "cpu": "vcpu", "ram": "ram_gib", "managementip": "ip", "move2production": "created"}
HARDWARE: Columns = {"cpu": "cores", "ram": "ram_gib", "purchase_date": "purchased"}
ALIVE = {"active": "production", "inactive": "arrete"}


def read_classes(source: SourceFile, format_name: str, classes: Classes, kept: Kept) -> Reading:
    """The dataset's records of iTop's objects.

    Args:
        source: the source.
        format_name: the reader's name.
        classes: by class, text columns by attribute code, ``id`` where the export has it, and the place.
        kept: the source's mapping.
    """
    reading = Reading(source, format_name)
    objects = _Objects(reading, classes, kept)
    objects.organisations()
    objects.sites()
    objects.applications()
    objects.hosts()
    objects.servers()
    objects.software()
    objects.links()
    used = [c for c in classes if c not in USED]
    reading.problems += [ignored_class(source, name, classes[name].height) for name in sorted(used)]
    if classes and set(classes) <= CATALOGUES:
        reading.problems.append(_only_catalogues(source, classes))
    return reading


class _Objects:
    """The objects of an export, and what was made of those already read."""

    def __init__(self, reading: Reading, classes: Classes, kept: Kept) -> None:
        self.reading, self.kept = reading, kept
        self.classes = classes
        self.ids: dict[str, dict[str, str]] = {}
        self.items = _items(classes)

    def of(self, name: str, prefix: str | None = None) -> pl.DataFrame:
        """The objects of a class with their identifiers: their number, or their name where there is none."""
        frame = self.classes.get(name, pl.DataFrame(schema={"name": pl.String, SHEET: pl.String, ROW: pl.Int64}))
        number = column(frame, "id")
        prefix = prefix or f"itop-{name.lower()}-"
        made = frame.with_columns(number.alias("_id"), pl.coalesce(pl.lit(prefix) + number, slugged(pl.col("name"))).alias("id"))  # fmt: skip
        made = made.filter(pl.col("id").is_not_null())
        self.ids[name] = dict(made.filter(pl.col("_id").is_not_null()).select("_id", "id").iter_rows())
        return made

    def reference(self, frame: pl.DataFrame, code: str, prefix: str, *names: str) -> pl.Expr:
        """A reference by number, zero for none, else by the name the export gives."""
        number = column(frame, code)
        by_number = pl.when(number.str.contains(r"^[1-9]\d*$")).then(pl.lit(prefix) + number)
        return pl.coalesce(by_number, *(column(frame, n) for n in names))

    def item(self, frame: pl.DataFrame, code: str, *names: str) -> pl.Expr:
        """A reference to an item of any class: unknown where its number is not in the export, or is that of two."""
        return pl.coalesce(named(frame, code, self.items), *(column(frame, n) for n in names))

    def text(self, frame: pl.DataFrame, code: str, catalogue: str) -> pl.Expr:
        """The name of what a number refers to in a catalogue, or the name the export gives beside it."""
        base = code.removesuffix("_id")
        known = self.classes.get(catalogue, pl.DataFrame())
        names = (
            dict(known.select("id", "name").drop_nulls().iter_rows()) if {"id", "name"} <= set(known.columns) else {}
        )
        return pl.coalesce(
            named(frame, code, names), column(frame, f"{base}_name"), column(frame, f"{code}_friendlyname")
        )

    def organisation(self, frame: pl.DataFrame) -> pl.Expr:
        """The organisation an object belongs to."""
        return self.reference(frame, "org_id", "itop-org-", "organization_name", "org_name", "org_id_friendlyname")

    def site(self, frame: pl.DataFrame) -> pl.Expr:
        """The location of an object."""
        return self.reference(frame, "location_id", "itop-location-", "location_name", "location_id_friendlyname")

    def mapped(self, table: str, frame: pl.DataFrame, columns: Columns) -> pl.DataFrame:
        """The columns of a class as the dataset's."""
        return mapped(self.reading, table, frame, columns, self.kept)

    def add(self, table: str, frame: pl.DataFrame, *more: str) -> None:
        """Add records, where there are any."""
        if frame.height:
            add(self.reading, table, frame.select(*dataset_columns(table, frame), *more))

    def organisations(self) -> None:
        """Class Organization."""
        whole = self.mapped("organisations", self.of("Organization", "itop-org-"), {"name": "name"})
        self.add("organisations", whole.with_columns(self.reference(whole, "parent_id", "itop-org-", "parent_name").alias("parent_id")))  # fmt: skip

    def sites(self) -> None:
        """Class Location."""
        self.add("sites", self.mapped("sites", self.of("Location", "itop-location-"), {"name": "name"}))

    def applications(self) -> None:
        """Class ApplicationSolution; "active" is in production."""
        whole = self.of("ApplicationSolution")
        whole = whole.with_columns(column(whole, "status").replace(ALIVE).alias("status"))
        whole = self.mapped("applications", whole, APPLICATIONS)
        self.add("applications", whole.with_columns(self.organisation(whole).alias("organisation_id"), pl.lit(True).alias(MADE)), MADE)  # fmt: skip

    def hosts(self) -> None:
        """Class Hypervisor, with the hardware of its server."""
        whole = self.of("Hypervisor")
        if whole.height == 0:
            return
        whole = self.mapped("hosts", whole, {"name": "name"})
        whole = whole.with_columns(self.text(whole, "farm_id", "Farm").alias("cluster"))
        boxes = self._sized(self.of("Server"))
        if boxes.height:
            boxes = self.mapped("hosts", boxes, HARDWARE).with_columns(
                self.site(boxes).alias("site_id"),
                self.text(boxes, "brand_id", "Brand").alias("vendor"),
                self.text(boxes, "model_id", "Model").alias("model"),
            )
            facts = [c for c in ("cores", "ram_gib", "purchased", "site_id", "vendor", "model") if c in boxes.columns]
            joined = boxes.select(pl.col("_id").alias("server_id"), *facts)
            whole = whole.drop(facts, strict=False).join(joined, on="server_id", how="left", maintain_order="left")
        self.add("hosts", whole)

    def servers(self) -> None:
        """Classes Server and VirtualMachine."""
        hypervisors = self.classes.get("Hypervisor", pl.DataFrame())
        behind = hypervisors["server_id"].drop_nulls().to_list() if "server_id" in hypervisors.columns else []
        for name in ("Server", "VirtualMachine"):
            whole = self._sized(self.of(name))
            hardware = whole.filter(pl.col("_id").is_in(behind)) if name == "Server" else whole.clear()
            text = _.plural("{n} server is the hardware of a hypervisor: it is a host ({some})",
                            "{n} servers are the hardware of hypervisors: they are hosts ({some})", hardware.height,
                            some=some(hardware))  # fmt: skip
            self.reading.problems += left_out(self.reading.source, hardware, "INV-127", text)
            whole = whole.filter(~pl.col("_id").is_in(behind).fill_null(False)) if name == "Server" else whole
            if whole.height == 0:
                continue
            family, version = self.text(whole, "osfamily_id", "OSFamily"), self.text(whole, "osversion_id", "OSVersion")
            whole = self.mapped("servers", whole, SERVERS).with_columns(
                pl.concat_str([family, version], separator=" ", ignore_nulls=True).replace("", None).alias("os"),
                self.organisation(whole).alias("organisation_id"),
                self.site(whole).alias("site_id"),
            )
            if name == "VirtualMachine":
                whole = self._placed(whole)
            self.add("servers", whole)

    def _placed(self, machines: pl.DataFrame) -> pl.DataFrame:
        """A machine runs on a hypervisor or on a farm of them; the number alone does not say which."""
        hypervisors = self.ids.get("Hypervisor") or {}
        return machines.with_columns(
            named(machines, "virtualhost_id", hypervisors).alias("host_id"),
            pl.when(~column(machines, "virtualhost_id").is_in(list(hypervisors)).fill_null(False))
            .then(self.text(machines, "virtualhost_id", "Farm"))
            .alias("cluster"),
        )

    def _sized(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Without memory sizes that have no unit, unless the mapping says it: free text in iTop, Mo as well as Go."""
        units = [to for sheet in self.kept.values() for h, to in sheet.items() if h == "ram" and to and "(" in to]
        if "ram" not in frame.columns or units:
            return frame
        bare = pl.col("ram").str.contains(r"^[\d.,\s]+$").fill_null(False)
        found = frame.filter(bare)
        text = _.plural("{n} memory size has no unit: unknown ({some})", "{n} memory sizes have no unit: unknown ({some})",
                        found.height, some=some(found))  # fmt: skip
        self.reading.problems += left_out(self.reading.source, found, "INV-129", text)
        return frame.with_columns(pl.when(~bare).then(pl.col("ram")).alias("ram"))

    def software(self) -> None:
        """What runs on servers: components, and databases for what holds them."""
        catalogue = self.classes.get("Software", pl.DataFrame())
        versions = (
            dict(catalogue.select("id", "version").drop_nulls().iter_rows()) if "version" in catalogue.columns else {}
        )
        for name, role in ROLES.items():
            whole = self.of(name)
            if whole.height == 0:
                continue
            whole = whole.with_columns(
                self.item(whole, "system_id", "system_name").alias("_system"),
                pl.coalesce(self.text(whole, "software_id", "Software"), "name").alias("product"),
                pl.coalesce(named(whole, "software_id", versions), column(whole, "software_version")).alias("version"),
            )
            if name == "DBServer":
                self._databases(whole, pl.col("_system"))
            placed = whole.filter(pl.col("_system").is_not_null())
            lost = whole.filter(pl.col("_system").is_null()) if name != "DBServer" else whole.clear()
            text = _.plural("{n} object of class {name} runs on no server of the export: left out ({some})",
                            "{n} objects of class {name} run on no server of the export: left out ({some})",
                            lost.height, name=name, some=some(lost))  # fmt: skip
            self.reading.problems += left_out(self.reading.source, lost, "INV-127", text)
            if placed.height:
                add(
                    self.reading, "components",
                    placed.select(pl.lit("server").alias("subject_kind"), pl.col("_system").alias("subject_id"),
                                  pl.lit(role).alias("role"), "product", "version", SHEET, ROW),
                    key=("subject_kind", "subject_id", "role", "product"),
                )  # fmt: skip
        schemas = self.of("DatabaseSchema")
        if schemas.height:
            self._databases(schemas, pl.lit(None, pl.String))

    def _databases(self, whole: pl.DataFrame, server: pl.Expr) -> None:
        engine, version = (column(whole, c) for c in ("product", "version"))
        named_ = self.mapped("databases", whole, {"name": "name"})
        self.add("databases", named_.with_columns(engine.alias("engine"), version.alias("version"), server.alias("server_id")))  # fmt: skip

    def links(self) -> None:
        """Which application is on what: a server, a database, or another application it needs."""
        whole = self.classes.get(LINK)
        if whole is None:
            return
        ci = pl.concat_str([pl.lit("itop-ci-"), column(whole, "functionalci_id")])
        ends = whole.select(
            self.reference(whole, "applicationsolution_id", "itop-applicationsolution-", "applicationsolution_name",
                           "applicationsolution_id_friendlyname").alias("application"),
            pl.coalesce(self.item(whole, "functionalci_id", "functionalci_name", "functionalci_id_friendlyname"), ci)
            .alias("server"),
            SHEET, ROW,
        ).drop_nulls(["application", "server"])  # fmt: skip
        kinds = {t: self._known(t) for t in ("databases", "applications")}
        on_database, on_application = (pl.col("server").is_in(list(kinds[t])) for t in ("databases", "applications"))
        bases = ends.filter(on_database)
        if bases.height:
            target = pl.col("server").alias("target_id")
            stated = bases.select(pl.col("application").alias("application_id"), pl.lit("database").alias("target_kind"), target, SHEET, ROW)  # fmt: skip
            add(self.reading, "deployments", stated, key=("application_id", "target_kind", "target_id"))
        needs = ends.filter(on_application & ~on_database)
        if needs.height:
            flows = needs.select(
                slugged(pl.concat_str(["application", "server"], separator="-")).alias("id"),
                pl.col("application").alias("source_id"), pl.col("server").alias("target_id"), SHEET, ROW,
            )  # fmt: skip
            add(self.reading, "flows", flows.with_columns(pl.lit("dépendance").alias("nature")))
        self.reading.links = ends.filter(~on_database & ~on_application).select(self.reading.links.columns)

    def _known(self, table: str) -> set[str]:
        frame = self.reading.tables.get(table)
        return set(frame["id"]) if frame is not None else set()


def _items(classes: Classes) -> dict[str, str]:
    """Number → identifier of every configuration item; those of one number in two classes are left out."""
    numbers: dict[str, str | None] = {}
    for name in (*CARRIERS, *ROLES):
        frame = classes.get(name)
        for number in frame["id"].drop_nulls() if frame is not None and "id" in frame.columns else ():
            numbers[number] = None if number in numbers else f"itop-{name.lower()}-{number}"
    return {number: identifier for number, identifier in numbers.items() if identifier}


def _only_catalogues(source: SourceFile, classes: Classes) -> Problem:
    return Problem(
        code="INV-128", severity=Severity.INFO, file=str(source.path),
        message=_("there are only {names} here, which name what other objects refer to: nothing to inventory", names=", ".join(sorted(classes))),
        hint=_("give the folder with the other files, so that their references are known"),
    )  # fmt: skip
