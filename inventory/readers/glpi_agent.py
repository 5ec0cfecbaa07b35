"""Inventories of the GLPI agent, in JSON (glpi-project/inventory_format): one machine, an array, or one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from inventory.dataset import schema
from inventory.files import SourceFile
from inventory.headings import parse_kept
from inventory.language import _
from inventory.problems import InvalidInput, Problem, Severity
from inventory.readers.agent_machines import tabulate
from inventory.readers.agent_tree import SINGLE, TOP, Document, Path, gather
from inventory.readers.json_texts import as_text, json_records
from inventory.readers.parts import EVERY, Part, every, mapping_key, parts
from inventory.readers.reading import Kept, Reading
from inventory.readers.records import at

TARGETS: Mapping[tuple[str, str], str] = {
    ("hardware", "name"): "servers.name", ("hardware", "uuid"): "servers.uuid", ("bios", "ssn"): "servers.serial",
    ("hardware", "vmsystem"): "servers.hypervisor", ("hardware", "memory"): "servers.ram_gib (mio)",
    ("memories", "capacity"): "servers.ram_gib (mio)",
    ("operatingsystem", "fqdn"): "servers.fqdn", ("operatingsystem", "dns_domain"): "servers.fqdn",
    ("hardware", "workgroup"): "servers.fqdn",
    ("operatingsystem", "full_name"): "servers.os", ("operatingsystem", "name"): "servers.os",
    ("operatingsystem", "version"): "servers.os", ("hardware", "osname"): "servers.os",
    ("cpus", "core"): "servers.vcpu", ("cpus", "corecount"): "servers.vcpu", ("cpus", "cores"): "servers.vcpu",
    ("storages", "disksize"): "servers.storage_gib (mo)", ("drives", "total"): "servers.storage_gib (mio)",
    ("drives", "free"): "servers.storage_used_gib (mio)",
    ("networks", "ipaddress"): "servers.addresses", ("networks", "ipaddress6"): "servers.addresses",
    ("hardware", "ipaddr"): "servers.ip",
    ("bios", "smanufacturer"): "hosts.vendor", ("bios", "smodel"): "hosts.model", ("cpus", "name"): "hosts.cpu_model",
    ("softwares", "name"): "components.product", ("softwares", "version"): "components.version",
    ("virtualmachines", "status"): "servers.power_state",
    ("databases_services", "database"): "databases.name", ("databases_services", "name"): "databases.engine",
    ("databases_services", "version"): "databases.version",
    ("databases_services", "size"): "databases.size_gib (mio)",
    ("databases_services", "database_size"): "databases.size_gib (mio)",
}  # fmt: skip
"""Where each field leads, as the source's mapping says it."""
TELLING = re.compile(r'"content"\s*:')
AGENT = re.compile(r'"(?:deviceid|versionclient)"\s*:')
NOT_MACHINES = {"phone", "printer", "networkequipment"}


class GlpiAgent:
    """The reader of the agent's JSON."""

    name = "glpi-agent"

    def recognises(self, source: SourceFile) -> bool:
        """Whether every part is JSON with the keys of the agent, even cut."""
        return every(source, recognised)

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read servers, hosts, what they run, their databases."""
        reading = Reading(source, self.name)
        read_agents(reading, kept, json_path, _documents(reading))
        return reading


def recognised(part: Part) -> bool:
    """Whether a file is JSON of the agent."""
    if part.file.content.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] not in (b"{", b"["):
        return False
    try:
        text = part.file.text
    except InvalidInput:
        return False
    return bool(TELLING.search(text) and AGENT.search(text))


def json_path(section: str, field: str) -> str:
    """``content.hardware.name``, ``content.softwares[].name``."""
    if section == TOP:
        return field
    if section == "databases_services" and field.startswith("database"):
        return f"content.databases_services[].databases[].{'size' if field.endswith('size') else 'name'}"
    return f"content.{section}{'' if section in SINGLE else '[]'}.{field}"


def read_agents(reading: Reading, kept: Kept, path: Path, documents: Iterator[Document]) -> None:
    """Fill a reading from the documents of agents, whatever they were written in.

    Args:
        reading: the source.
        kept: its mapping as people may have edited it: null leaves a field out; a field of the sections a machine
            has one of may be led to any column of ``servers``.
        path: how the format names a field.
        documents: the machines.
    """
    edited = {**kept.get("", {}), **kept.get(EVERY, {})}
    ours = {path(*place): target for place, target in TARGETS.items()}
    ignored = frozenset(heading for heading, target in edited.items() if target is None)
    places = {path(section, field): (section, field) for section, fields in SINGLE.items() for field in fields}
    extra: dict[str, str] = {}
    fields: dict[str, tuple[str, ...]] = {}
    for heading, target in edited.items():
        entry = parse_kept(target) if target and ours.get(heading) != target else None
        if entry is None or entry[0] != "servers" or entry[1] not in schema().tables["servers"].by_name:
            continue
        section, field = places.get(heading) or _place(heading, path)
        if field:
            extra[entry[1]] = f"{section}.{field}"
            if field not in SINGLE[section]:
                fields[section] = (*fields.get(section, ()), field)
    tree = gather(reading.source, documents, path, fields, ignored, reading.problems)
    if tree.machines.height == 0:
        if not reading.problems:
            reading.problems.append(reading.source.problem("INV-101", _("there is no machine in it")))
        return
    reading.mapping[mapping_key(reading.source)] = {**ours, **dict(edited)}
    tabulate(reading, tree, path, extra)


def _place(heading: str, path: Path) -> tuple[str, str]:
    """The section and field of a path that people wrote."""
    for section in SINGLE:
        prefix = path(section, "\0").partition("\0")[0]
        field = heading[len(prefix) :] if heading.startswith(prefix) else ""
        if re.fullmatch(r"\w+", field):
            return section, field.lower()
    return TOP, ""


def _documents(reading: Reading) -> Iterator[Document]:
    for part in parts(reading.source):
        if part.sheet is not None and not recognised(part):
            reading.problems += unused(reading, part)
            continue
        for row, value in json_records(part, reading.problems):
            if not isinstance(value, Mapping) or not isinstance(value.get("content"), Mapping):
                reading.problems.append(
                    at(reading.source, row, "INV-101", _("this record is not an inventory: it has no content"),
                       sheet=part.sheet, severity=Severity.WARNING)
                )  # fmt: skip
            elif (as_text(value.get("itemtype")) or "").lower() in NOT_MACHINES:
                reading.problems.append(not_a_machine(reading, part, row, str(value["itemtype"])))
            else:
                yield Document(part.sheet, row, value)


def unused(reading: Reading, part: Part) -> list[Problem]:
    """That a file of a folder is of another format, or that it is JSON cut before it could be told."""
    if part.file.content.lstrip()[:1] in (b"{", b"["):
        cut: list[Problem] = []
        for _record in json_records(part, cut):
            pass
        if cut:
            return cut
    message = _("this file is not of the format of the others: it is not used")
    return [at(reading.source, 1, "INV-105", message, sheet=part.sheet, severity=Severity.INFO)]


def not_a_machine(reading: Reading, part: Part, row: int, kind: str) -> Problem:
    """That an inventory is that of a telephone or a printer."""
    return at(reading.source, row, "INV-104", _("a {kind}, not a server: left out", kind=kind[:40]),
              sheet=part.sheet, severity=Severity.INFO)  # fmt: skip
