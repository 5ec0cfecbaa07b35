"""Inventories of OCS Inventory and FusionInventory agents, in XML: GLPI's tree in upper case.

Entities are refused, never expanded: an inventory needs none, and they are how a text of a few lines fills a memory
or reads a file of the machine. OCS keeps inventories compressed (``.ocs``, zlib): those are read too, within bounds.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from inventory.files import SourceFile
from inventory.language import _
from inventory.problems import Problem, Severity
from inventory.readers.agent_tree import SEVERAL, SINGLE, TOP, Document
from inventory.readers.glpi_agent import not_a_machine, read_agents, unused
from inventory.readers.parts import Part, every, parts
from inventory.readers.reading import Kept, Reading
from inventory.readers.records import at

HEAD = re.compile(rb"<(?:\w+:)?(?:REQUEST|OCS)S?[\s>]", re.IGNORECASE)
TELLING = re.compile(rb"<(?:CONTENT|DEVICEID|HARDWARE|QUERY)[\s>]")
SNIFFED = 65_536
LARGEST_INVENTORY = 256 * 2**20
"""Bytes of one inventory once decompressed."""
ZLIB = (b"\x78\x01", b"\x78\x9c", b"\x78\xda")
NOT_INVENTORIES = {
    "prolog": "PROLOG",
    "snmp": "SNMP",
    "snmpquery": "SNMP",
    "netdiscovery": "NETDISCOVERY",
    "download": "DOWNLOAD",
}


class OcsXml:
    """The reader of agents' XML."""

    name = "ocs-xml"

    def recognises(self, source: SourceFile) -> bool:
        """Whether every part is the XML of an agent, even cut."""
        return every(source, _recognised)

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read servers, hosts, what they run, their databases."""
        reading = Reading(source, self.name)
        read_agents(reading, kept, xml_path, _documents(reading))
        return reading


def xml_path(section: str, field: str) -> str:
    """``CONTENT/HARDWARE/NAME``."""
    if section == TOP:
        return field.upper()
    if section == "databases_services" and field.startswith("database"):
        return f"CONTENT/DATABASES_SERVICES/DATABASES/{'SIZE' if field.endswith('size') else 'NAME'}"
    return f"CONTENT/{section.upper()}/{field.upper()}"


def _recognised(part: Part) -> bool:
    head = _head(part.file.content)
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return False
    # In a folder of inventories one that was cut after its first element is still one of them.
    return bool(HEAD.search(head) and (part.sheet is not None or TELLING.search(head)))


def _head(content: bytes) -> bytes:
    if content[:2] in ZLIB:
        try:
            return zlib.decompressobj().decompress(content[:SNIFFED], SNIFFED)
        except zlib.error:
            return b""
    head = content[:SNIFFED]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace").encode()
    return head


def _documents(reading: Reading) -> Iterator[Document]:
    for part in parts(reading.source):
        if part.sheet is not None and not _recognised(part):
            reading.problems += unused(reading, part)
            continue
        root = _parsed(part, reading.problems)
        if root is None:
            continue
        requests = [root] if _tag(root) in ("request", "ocs") else [e for e in root if _tag(e) in ("request", "ocs")]
        for row, request in enumerate(requests, start=1):
            yield from _document(reading, part, row, request)


def _document(reading: Reading, part: Part, row: int, request: Element) -> Iterator[Document]:
    content = next((child for child in request if _tag(child) == "content"), None)
    top = {_tag(child): child.text for child in request if not len(child)}
    kind = (top.get("query") or "inventory").strip().lower()
    if kind in NOT_INVENTORIES:
        reading.problems.append(not_a_machine(reading, part, row, NOT_INVENTORIES[kind]))
    elif content is None:
        reading.problems.append(
            at(reading.source, row, "INV-101", _("this record is not an inventory: it has no content"),
               sheet=part.sheet, severity=Severity.WARNING)
        )  # fmt: skip
    else:
        inner = next((child.text for child in content if _tag(child) == "deviceid"), None)
        yield Document(part.sheet, row, {"deviceid": inner, **top, "content": _sections(content)})


def _parsed(part: Part, problems: list[Problem]) -> Element | None:
    """The root of a document; None, and a problem, where it cannot be read (``INV-102``) or must not be (``INV-103``)."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    def problem(code: str, message: str, row: int | None, hint: str) -> None:
        problems.append(
            Problem(code=code, message=message, file=str(part.file.path), sheet=part.sheet, row=row, hint=hint)
        )

    again = _("export it again, and compare its size with that of the original")
    try:
        content = _inflated(part.file.content)
        root: Element = fromstring(content)
    except DefusedXmlException as error:
        problem("INV-103", _("this XML declares entities: refused ({error})", error=type(error).__name__), None,
                _("an inventory needs none: find out who wrote this file"))  # fmt: skip
    except ParseError as error:
        problem("INV-102", _("this is not XML, or it was cut: {error}", error=error), error.position[0], again)
    except (zlib.error, ValueError, LookupError, RecursionError) as error:
        problem("INV-102", _("this is not XML, or it was cut: {error}", error=error), None, again)
    else:
        return root
    return None


def _inflated(content: bytes) -> bytes:
    if content[:2] not in ZLIB:
        return content
    inflater = zlib.decompressobj()
    body = inflater.decompress(content, LARGEST_INVENTORY)
    if inflater.unconsumed_tail:
        raise ValueError(_("once unpacked it would be larger than {n} bytes", n=LARGEST_INVENTORY))
    if not inflater.eof:
        raise ValueError(_("the compressed text is not whole"))
    return body


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _fields(element: Element) -> dict[str, Any]:
    """The fields of an item; of those that are there several times, as of those that hold fields, the list."""
    fields: dict[str, Any] = {}
    for child in element:
        name = _tag(child)
        if len(child):
            fields.setdefault(name, [])
            if isinstance(fields[name], list):
                fields[name].append({_tag(inner): inner.text for inner in child})
        else:
            fields.setdefault(name, child.text)
    return fields


def _sections(content: Element) -> dict[str, list[dict[str, Any]]]:
    """The sections that are read; what else an agent says is not even looked at."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for item in content:
        name = _tag(item)
        if name in SINGLE or name in SEVERAL:
            sections.setdefault(name, []).append(_fields(item))
    return sections
