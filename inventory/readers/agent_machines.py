"""From the sections an agent reports to servers, hosts, components and databases.

A size that one processor or disk does not state is unknown for the machine, never a partial sum. A machine that
carries virtual ones is a server and a host; a virtual machine that has an inventory of its own is one record.
"""

from __future__ import annotations

import polars as pl

from inventory.dataset import schema
from inventory.headings import Heading
from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.readers.agent_tree import TOP, N, Path, Tree
from inventory.readers.reading import ROW, SHEET, Reading
from inventory.readers.records import add, at, converted, slugged
from inventory.readers.software import add_software
from inventory.values import free_text

NO_UUID = r"^(0{8}|f{8})-|^03000200-0400-0500-0006-0007|^12345678-1234-|^(not |none|n/?a|unknown)"
NO_SERIAL = r"(?i)^(0+|1234567890?|none|n/?a|to be filled.*|default string|system serial number|not (specified|available).*|x+|\.+|-+|unknown|serial)$"
"""What makers leave where a serial number should be."""
VIRTUAL = {"physical": None, "qemu": "kvm", "hyper-v": "hyperv", "microsoft hyper-v": "hyperv"}
STATES = {
    "running": "on",
    "blocked": "on",
    "idle": "on",
    "off": "off",
    "shutdown": "off",
    "dying": "off",
    "paused": "suspended",
}
"""States of libvirt and Xen: a domain that is blocked or idle runs, it waits. Crashed says nothing sure."""
LOCAL_ADDRESS = r"^(127\.|169\.254\.|0\.0\.0\.0|::1$|fe80:|::$|192\.168\.122\.1$|172\.17\.0\.1$)"
"""Loopback, local to the link, and the bridges that libvirt and Docker make the same on every machine."""
NOT_A_DISK = r"(?i)\b(cd|dvd|cd-?rom|dvd-?rom|removable|floppy|disquette|usb|card reader|tape)\b"
REMOTE = r"(?i)^(nfs\d?|cifs|smbfs|smb3?|tmpfs|devtmpfs|iso9660|udf|overlay|squashfs|autofs|fuse.*|ceph|glusterfs)$"
WORKSTATIONS = (
    "laptop",
    "notebook",
    "desktop",
    "mini tower",
    "all in one",
    "portable",
    "tablet",
    "convertible",
    "detachable",
    "low profile desktop",
    "sub notebook",
)


def tabulate(reading: Reading, tree: Tree, path: Path, extra: dict[str, str]) -> None:
    """Add every machine of a tree to a reading.

    Args:
        reading: the source; tables and problems are added to it.
        tree: the sections.
        path: how the format names a field, for the messages.
        extra: column of ``servers`` → column of the machines' frame, as asked for by the source's mapping.
    """
    machines = _described(tree.machines)
    for column, origin in extra.items():
        heading = Heading(0, path(*origin.split(".", 1)), column)
        series, wrong = converted(
            reading.source, schema().tables["servers"].by_name[column],
            machines.select(pl.col(origin).alias(column), SHEET, ROW), heading, vital=False,
        )  # fmt: skip
        machines = machines.with_columns(series)
        reading.problems += wrong
    machines = _identified(reading, _sized(reading, machines, tree, path))
    if machines.height == 0:
        return
    machines = machines.join(_addresses(tree), on=N, how="left", maintain_order="left")
    machines = machines.with_columns(
        pl.coalesce("ip", pl.col("hardware.ipaddr").str.extract(r"^([^/\s]+)")).alias("ip")
    )
    guests = _guests(reading, machines, tree, path)
    machines = _merged(machines, guests)
    known = [c for c in schema().tables["servers"].by_name if c in machines.columns]
    add(reading, "servers", machines.select(*known, SHEET, ROW))
    others = guests.join(machines.select(pl.col("uuid")).drop_nulls(), on="uuid", how="anti", maintain_order="left")
    if others.height:
        add(reading, "servers", others.select(*(c for c in known if c in others.columns), SHEET, ROW))
    _hosts(reading, machines, guests, tree)
    _components(reading, machines, tree)
    _databases(reading, machines, tree, path)
    _workstations(reading, machines)


def _described(machines: pl.DataFrame) -> pl.DataFrame:
    """What needs only the machine's own fields: name, full name, system, hypervisor."""

    def field(section: str, name: str) -> pl.Expr:
        return free_text(pl.col(f"{section}.{name}"))

    system = pl.concat_str(
        [field("operatingsystem", "name"), field("operatingsystem", "version")], separator=" ", ignore_nulls=True
    )
    name = field("hardware", "name")
    domain = pl.coalesce(field("operatingsystem", "dns_domain"), field("hardware", "workgroup"))
    full = pl.coalesce(field("operatingsystem", "fqdn"), name, pl.concat_str([name, domain], separator="."))
    fqdn = (
        pl.when(full.str.contains(".", literal=True))
        .then(full)
        .when(domain.str.contains(".", literal=True))
        .then(pl.concat_str([name, domain], separator="."))
    )
    kind = field("hardware", "vmsystem").str.to_lowercase()
    uuid = pl.col("hardware.uuid").str.to_lowercase()
    serial = free_text(pl.col("bios.ssn"))
    return machines.with_columns(
        name.alias("name"),
        fqdn.str.to_lowercase().alias("fqdn"),
        pl.coalesce(
            field("operatingsystem", "full_name"), pl.when(system != "").then(system), field("hardware", "osname")
        ).alias("os"),
        kind.replace(VIRTUAL).alias("hypervisor"),
        pl.when(~uuid.str.contains(NO_UUID)).then(uuid).alias("uuid"),
        pl.when(~serial.str.contains(NO_SERIAL)).then(serial).alias("serial"),
    )


def _identified(reading: Reading, machines: pl.DataFrame) -> pl.DataFrame:
    """Identifiers: the UUID, else the serial number, else the agent's own, else the name."""
    names = pl.col("name").fill_null("")
    first = pl.col("name").first().over("uuid").fill_null("")
    clone = pl.col("uuid").is_not_null() & (names != first)
    reading.problems += [
        at(reading.source, row, "INV-033", _("“{name}” has the UUID of another machine", name=name), sheet=sheet,
           value=value, severity=Severity.WARNING)
        for name, value, sheet, row in machines.filter(clone).select("name", "uuid", SHEET, ROW).iter_rows()
    ]  # fmt: skip
    device = slugged(pl.col(f"{TOP}.deviceid"))
    named = machines.with_columns(pl.when(~clone).then("uuid").alias("uuid"))
    named = named.with_columns(
        pl.coalesce("uuid", pl.when(~clone).then(slugged(pl.concat_str(["serial", "name"], separator="-"))), device, slugged(pl.col("name"))).alias("id")
    )  # fmt: skip
    reading.problems += [
        at(reading.source, row, "INV-012", _("this machine has neither a name nor anything else that tells it"), sheet=sheet)
        for sheet, row in named.filter(pl.col("id").is_null()).select(SHEET, ROW).iter_rows()
    ]  # fmt: skip
    return named.filter(pl.col("id").is_not_null())


def _number(reading: Reading, frame: pl.DataFrame, column: str, path: Path, section: str) -> pl.DataFrame:
    """*frame* with a column of text as numbers; what is none is said and unknown (``_bad`` where so)."""
    number = pl.col(column).str.replace_all(r"\s", "").cast(pl.Float64, strict=False)
    sound = number.is_finite() & (number >= 0) & (number < 2**53)
    seen = frame.with_columns(pl.when(sound).then(number).alias("_number"))
    bad = seen.filter(pl.col(column).is_not_null() & pl.col("_number").is_null())
    reading.problems += [
        Problem(code="INV-020", severity=Severity.WARNING, file=str(reading.source.path), sheet=sheet, row=row,
                column=path(section, column.split(".")[-1]), value=value[:200],
                message=_("“{value}” is not a number, it is left unknown", value=value[:80]))
        for value, sheet, row in bad.select(column, SHEET, ROW).iter_rows()
    ]  # fmt: skip
    return seen.with_columns(pl.col("_number").alias(column)).drop("_number")


def _placed(frame: pl.DataFrame, machines: pl.DataFrame) -> pl.DataFrame:
    return frame.join(machines.select(N, SHEET, ROW), on=N, how="inner", maintain_order="left")


def _total(frame: pl.DataFrame, value: pl.Expr, name: str) -> pl.DataFrame:
    """The sum a machine, unknown where one item states nothing."""
    return frame.group_by(N).agg(pl.when(value.is_not_null().all()).then(value.sum()).alias(name))


def _sized(reading: Reading, machines: pl.DataFrame, tree: Tree, path: Path) -> pl.DataFrame:
    cpus = _placed(tree.sections["cpus"], machines)
    for column in ("core", "corecount", "cores"):
        cpus = _number(reading, cpus, column, path, "cpus")
    cores = pl.coalesce("core", "corecount", "cores")
    memories = _number(reading, _placed(tree.sections["memories"], machines), "capacity", path, "memories")
    disks = _placed(tree.sections["storages"], machines).filter(
        ~pl.concat_str(["type", "description", "name", "model"], separator=" ", ignore_nulls=True).str.contains(
            NOT_A_DISK
        )
    )
    disks = _number(reading, disks, "disksize", path, "storages")
    drives = _placed(tree.sections["drives"], machines).filter(~pl.col("filesystem").fill_null("").str.contains(REMOTE))
    # A volume mounted twice counts once.
    volume = pl.coalesce("volumn", "letter", "type", pl.int_range(pl.len()).cast(pl.String))
    drives = drives.with_columns(volume.alias("_volume")).unique([N, "_volume"], keep="first", maintain_order=True)
    for column in ("total", "free"):
        drives = _number(reading, drives, column, path, "drives")
    machines = _number(reading, machines, "hardware.memory", path, "hardware")
    for found in (
        _total(cpus, cores, "vcpu"),
        _total(memories.filter(pl.col("capacity").is_not_null()), pl.col("capacity"), "_installed"),
        _total(disks, pl.col("disksize"), "_disks"),
        _total(drives, pl.col("total"), "_drives"),
        _total(drives, pl.col("total") - pl.col("free"), "_taken"),
    ):
        machines = machines.join(found, on=N, how="left", maintain_order="left")

    def gib(*columns: str) -> pl.Expr:
        positive = [pl.when(pl.col(c) > 0).then(pl.col(c)) for c in columns]
        return (pl.coalesce(*positive) / 1024).round(2).cast(pl.String)

    return machines.with_columns(
        pl.when(pl.col("vcpu") > 0).then(pl.col("vcpu")).cast(pl.Int64).cast(pl.String).alias("vcpu"),
        gib("hardware.memory", "_installed").alias("ram_gib"),
        gib("_disks", "_drives").alias("storage_gib"),
        gib("_taken").alias("storage_used_gib"),
    )


def _addresses(tree: Tree) -> pl.DataFrame:
    """``addresses`` of each machine, and ``ip``: its first IPv4 on a card that is not virtual nor down."""
    cards = tree.sections["networks"]
    both = pl.concat_str(["ipaddress", "ipaddress6"], separator="/", ignore_nulls=True).str.split("/")
    each = (
        cards.with_columns(both.alias("_a"))
        .explode("_a")
        .with_columns(pl.col("_a").str.strip_chars().str.to_lowercase())
    )
    each = each.filter(
        pl.col("_a").is_not_null()
        & pl.col("_a").str.contains(r"^[0-9a-f.:]+$")
        & ~pl.col("_a").str.contains(LOCAL_ADDRESS)
    )
    virtual = pl.col("virtualdev").str.to_lowercase().is_in(["1", "true", "yes"]).fill_null(False)
    up = pl.col("status").str.to_lowercase().ne("down").fill_null(True)
    v4 = pl.col("_a").filter(~virtual & up & ~pl.col("_a").str.contains(":", literal=True)).first()
    return each.group_by(N).agg(pl.col("_a").unique().sort().str.join("|").alias("addresses"), v4.alias("ip"))


def _guests(reading: Reading, machines: pl.DataFrame, tree: Tree, path: Path) -> pl.DataFrame:
    """The virtual machines that machines report, as servers."""
    host = machines.select(N, pl.col("id").alias("host_id"))
    seen = _placed(tree.sections["virtualmachines"], machines).join(host, on=N, maintain_order="left")
    for column in ("vcpu", "memory"):
        seen = _number(reading, seen, column, path, "virtualmachines")
    uuid = pl.col("uuid").str.to_lowercase()
    name = free_text(pl.col("name"))
    guests = seen.select(
        N, name.alias("name"), "host_id",
        pl.when(~uuid.str.contains(NO_UUID)).then(uuid).alias("uuid"),
        pl.when(pl.col("vcpu") > 0).then(pl.col("vcpu")).cast(pl.Int64).cast(pl.String).alias("vcpu"),
        (pl.when(pl.col("memory") > 0).then(pl.col("memory")) / 1024).round(2).cast(pl.String).alias("ram_gib"),
        pl.col("status").str.to_lowercase().replace_strict(STATES, default=None, return_dtype=pl.String).alias("power_state"),
        pl.col("vmtype").str.to_lowercase().replace(VIRTUAL).alias("hypervisor"),
        free_text(pl.col("ipaddress")).alias("ip"),
        SHEET, ROW,
    )  # fmt: skip
    identified = guests.with_columns(
        pl.coalesce("uuid", slugged(pl.concat_str(["host_id", "name"], separator="-"))).alias("id")
    )
    return identified.filter(pl.col("id").is_not_null()).unique("id", keep="first", maintain_order=True)


def _merged(machines: pl.DataFrame, guests: pl.DataFrame) -> pl.DataFrame:
    """Machines with what their hypervisor says of them."""
    told = guests.filter(pl.col("uuid").is_not_null()).select(
        "uuid", "host_id", "power_state", pl.col("hypervisor").alias("_hypervisor")
    )
    joined = machines.join(told, on="uuid", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("hypervisor", "_hypervisor").alias("hypervisor"))


def _hosts(reading: Reading, machines: pl.DataFrame, guests: pl.DataFrame, tree: Tree) -> None:
    processor = tree.sections["cpus"].group_by(N, maintain_order=True).agg(pl.col("name").first().alias("cpu_model"))
    hosts = machines.join(guests.select(N).unique(), on=N, how="semi", maintain_order="left")
    if hosts.height == 0:
        return
    hosts = hosts.join(processor, on=N, how="left", maintain_order="left")
    add(
        reading, "hosts",
        hosts.select("id", "name", free_text(pl.col("bios.smanufacturer")).alias("vendor"),
                     free_text(pl.col("bios.smodel")).alias("model"), free_text(pl.col("cpu_model")),
                     pl.col("vcpu").alias("cores"), "ram_gib", "os", SHEET, ROW).unique("id", keep="first", maintain_order=True),
    )  # fmt: skip


def _components(reading: Reading, machines: pl.DataFrame, tree: Tree) -> None:
    """The system, the database services and everything installed, each once a machine."""
    one = machines.unique("id", keep="first", maintain_order=True)
    subject = one.select(N, pl.col("id").alias("subject_id"), SHEET, ROW)
    system = one.select(
        pl.col("id").alias("subject_id"), pl.lit("os").alias("role"),
        pl.coalesce(free_text(pl.col("operatingsystem.name")), "os").alias("product"),
        pl.col("operatingsystem.version").alias("version"), SHEET, ROW,
    )  # fmt: skip
    services = (
        tree.sections["databases_services"]
        .join(subject, on=N, maintain_order="left")
        .select(
            "subject_id",
            pl.lit("sgbd").alias("role"),
            pl.coalesce("name", "type").alias("product"),
            "version",
            SHEET,
            ROW,
        )
    )
    add_software(reading, pl.concat([system, services.unique(maintain_order=True)]), shared=True)
    installed = tree.sections["softwares"].join(subject, on=N, maintain_order="left")
    if installed.height:
        add_software(reading, installed.select("subject_id", pl.col("name").alias("product"), "version", SHEET, ROW))


def _databases(reading: Reading, machines: pl.DataFrame, tree: Tree, path: Path) -> None:
    subject = machines.unique("id", keep="first", maintain_order=True).select(
        N, pl.col("id").alias("server_id"), SHEET, ROW
    )
    found = tree.sections["databases_services"].join(subject, on=N, maintain_order="left")
    if found.height == 0:
        return
    for column in ("size", "database_size"):
        found = _number(reading, found, column, path, "databases_services")
    size = pl.when(pl.col("database").is_null()).then("size").otherwise("database_size")
    rows = found.select(
        pl.concat_str(["server_id", slugged(pl.concat_str(["name", "database"], separator="-", ignore_nulls=True))], separator="-").alias("id"),
        pl.coalesce("database", "name").alias("name"), pl.coalesce("name", "type").alias("engine"), "version",
        (size / 1024).round(4).cast(pl.String).alias("size_gib"), "server_id", SHEET, ROW,
    )  # fmt: skip
    add(reading, "databases", rows.filter(pl.col("id").is_not_null()))


def _workstations(reading: Reading, machines: pl.DataFrame) -> None:
    found = machines.filter(pl.col("hardware.chassis_type").str.to_lowercase().is_in(list(WORKSTATIONS)))
    if found.height:
        some = ", ".join(found.select(pl.coalesce("name", "id")).to_series().head(5))
        sheet, row = found.select(SHEET, ROW).row(0)
        reading.problems.append(
            at(reading.source, row, "INV-110",
               _.plural("{n} machine is in the case of a workstation: is it a server? ({some})",
                        "{n} machines are in the case of a workstation: are they servers? ({some})", found.height, some=some),
               sheet=sheet, severity=Severity.INFO)
        )  # fmt: skip
