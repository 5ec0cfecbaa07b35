"""What an inventory agent says of machines, as one frame a section: GLPI's JSON and OCS's XML are the same tree.

A document is ``{"content": {section: {…} or [{…}, …]}, "deviceid": …}``, keys in lower case. Frames hold text; ``_n``
is the number of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from inventory.files import SourceFile
from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.readers.json_texts import as_text
from inventory.readers.reading import ROW, SHEET
from inventory.readers.records import at

N = "_n"
TOP = ""
"""The section of what a document says beside its content."""
SINGLE: Mapping[str, tuple[str, ...]] = {
    TOP: ("deviceid", "itemtype", "tag"),
    "hardware": ("name", "uuid", "memory", "chassis_type", "vmsystem", "workgroup", "osname", "ipaddr"),
    "bios": ("ssn", "smanufacturer", "smodel"),
    "operatingsystem": ("full_name", "name", "version", "fqdn", "dns_domain"),
}
"""Sections a machine has one of."""
SEVERAL: Mapping[str, tuple[str, ...]] = {
    "cpus": ("name", "core", "corecount", "cores"),
    "memories": ("capacity",),
    "storages": ("disksize", "type", "description", "name", "model"),
    "drives": ("total", "free", "filesystem", "volumn", "type", "letter"),
    "networks": ("ipaddress", "ipaddress6", "status", "type", "virtualdev"),
    "softwares": ("name", "version"),
    "virtualmachines": ("name", "uuid", "vcpu", "memory", "status", "vmtype", "ipaddress"),
    "databases_services": ("type", "name", "version", "size", "database", "database_size"),
}
"""Sections a machine has any number of."""


@dataclass(frozen=True)
class Document:
    """A machine's inventory and its place in the source."""

    sheet: str | None
    row: int
    tree: Mapping[str, Any]


@dataclass(frozen=True)
class Tree:
    """The machines of a source: one frame of what each has one of, and one a section of what it has several of."""

    machines: pl.DataFrame
    sections: Mapping[str, pl.DataFrame]


Path = Callable[[str, str], str]
"""How the format writes the way to a field: section and field → ``content.hardware.name``."""


def gather(
    source: SourceFile,
    documents: Iterable[Document],
    path: Path,
    extra: Mapping[str, tuple[str, ...]],
    ignored: frozenset[str],
    problems: list[Problem],
) -> Tree:
    """Read the sections of every machine, one document in memory at a time.

    Args:
        source: the file.
        documents: what was read.
        path: how the format names a field.
        extra: more fields of the sections that a machine has one of, asked for by the source's mapping.
        ignored: the fields, by path, that people said are not to be used.
        problems: where a section that is not what it should be is said (``INV-101``).
    """
    single = {name: (*fields, *extra.get(name, ())) for name, fields in SINGLE.items()}
    one: dict[str, list[Any]] = {
        column: [] for column in (N, SHEET, ROW, *(f"{s}.{f}" for s, fs in single.items() for f in fs))
    }
    many: dict[str, dict[str, list[Any]]] = {s: {f: [] for f in (N, *fields)} for s, fields in SEVERAL.items()}
    for number, document in enumerate(documents):
        content = document.tree.get("content")
        sections = content if isinstance(content, Mapping) else {}
        for column, value in ((N, number), (SHEET, document.sheet), (ROW, document.row)):
            one[column].append(value)
        for name, fields in single.items():
            [item] = _items(document.tree if name == TOP else sections.get(name), name, source, document, problems)[
                :1
            ] or [{}]
            for field in fields:
                one[f"{name}.{field}"].append(None if path(name, field) in ignored else as_text(item.get(field)))
        for name, fields in SEVERAL.items():
            items = _items(sections.get(name), name, source, document, problems)
            if name == "databases_services":
                items = _each_database(items)
            columns = many[name]
            columns[N] += [number] * len(items)
            for field in fields:
                if path(name, field) in ignored:
                    columns[field] += [None] * len(items)
                else:
                    columns[field] += [as_text(item.get(field)) for item in items]
    return Tree(_frame(one), {name: _frame(columns) for name, columns in many.items()})


def _frame(columns: Mapping[str, list[Any]]) -> pl.DataFrame:
    return pl.DataFrame(
        columns, schema={name: pl.Int64 if name in (N, ROW) else pl.String for name in columns}, strict=True
    )


def _items(
    value: Any, name: str, source: SourceFile, document: Document, problems: list[Problem]
) -> list[Mapping[str, Any]]:
    """The items of a section, whatever it was written as; what is no item is said and left out."""
    if value is None or value == "":
        return []
    listed = value if isinstance(value, list) else [value]
    items = [item for item in listed if isinstance(item, Mapping)]
    if len(items) < len(listed):
        problems.append(
            at(source, document.row, "INV-101",
               _.plural("“{section}”: {n} item is not made of fields, it is left out",
                        "“{section}”: {n} items are not made of fields, they are left out",
                        len(listed) - len(items), section=name),
               sheet=document.sheet, severity=Severity.WARNING)
        )  # fmt: skip
    return items


def _each_database(services: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One item a database of each service; one for a service that lists none."""
    found: list[Mapping[str, Any]] = []
    for service in services:
        inside = service.get("databases")
        listed = inside if isinstance(inside, list) else [inside]
        named = [d for d in listed if isinstance(d, Mapping) and as_text(d.get("name"))]
        found += [{**service, "database": d.get("name"), "database_size": d.get("size")} for d in named] or [service]
    return found
