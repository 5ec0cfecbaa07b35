"""What a collector brings back, as a file: JSON, one record a line, so that a record has a place and a change shows.

.. code-block:: json

    {
     "francecloud": "collected",
     "version": 1,
     "system": "openstack",
     "place": "pi-usuelle",
     "date": "2026-11-23",
     "scope": "all projects",
     "unread": ["hypervisors"],
     "sheets": {
      "servers": {
       "table": "servers",
       "columns": {"id": "servers.id", "flavor.vcpus": "servers.vcpu", "flavor.name": null},
       "records": [
        {"id": "3f0c…", "flavor.vcpus": 4}
       ]
      }
     }
    }

``columns`` says where each field leads, as a source's mapping does, which wins over it. A value is a text, a number or
a boolean; what is unknown is not there. ``date`` is the day this content was first seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KIND, VERSION = "collected", 1
OPENING = '{\n "francecloud": "collected",'
RECORDS = '   "records": ['
RECORD = "    {"
Value = str | int | float | bool | None
Record = Mapping[str, Value]


class Unreadable(Exception):
    """The text is not such a document, or was laid out anew: its records no longer stand one a line."""


@dataclass(frozen=True)
class Sheet:
    """Records of one kind: the table they go to, where each field leads, the records, sorted."""

    table: str
    columns: Mapping[str, str | None]
    records: Sequence[Record]


@dataclass(frozen=True)
class Document:
    """What a system said: which, where, how much of it could be read."""

    system: str
    place: str
    sheets: Mapping[str, Sheet]
    scope: str = ""
    unread: Sequence[str] = field(default_factory=tuple)

    @property
    def file_name(self) -> str:
        """The name of its source file: the same for every collection of the same place."""
        return f"{self.system}-{self.place}.json"


def render(document: Document, date: str) -> str:
    """The document as text: the same content and date, the same bytes, whatever the order it was received in."""
    return "\n".join(_lines(document, date)) + "\n"


def _lines(document: Document, date: str) -> Iterator[str]:
    yield OPENING
    yield f' "version": {VERSION},'
    for name in ("system", "place"):
        yield f' "{name}": {_compact(getattr(document, name))},'
    yield f' "date": {_compact(date)},'
    yield f' "scope": {_compact(document.scope)},'
    yield f' "unread": {_compact(sorted(document.unread))},'
    filled = {name: sheet for name, sheet in document.sheets.items() if sheet.records}
    yield ' "sheets": {' + ("" if filled else "}")
    for name, sheet in filled.items():
        yield f"  {_compact(name)}: {{"
        yield f'   "table": {_compact(sheet.table)},'
        yield f'   "columns": {_compact(dict(sheet.columns))},'
        yield RECORDS
        texts = sorted(_compact(_known(sheet, record)) for record in sheet.records)
        yield from (f"    {text}," for text in texts[:-1])
        yield f"    {texts[-1]}"
        yield "   ]"
        yield "  }" + ("" if name == list(filled)[-1] else ",")
    if filled:
        yield " }"
    yield "}"


def _known(sheet: Sheet, record: Record) -> dict[str, Value]:
    """The fields of a record that are known, in the order of the sheet's columns."""
    return {name: record[name] for name in sheet.columns if record.get(name) not in (None, "")}


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def undated(text: str) -> str:
    """A document's text without its date: what tells whether anything changed."""
    head, mark, rest = text.partition('\n "date": ')
    return head + rest.partition("\n")[2] if mark else text


def parse(text: str) -> tuple[Document, dict[str, int]]:
    """A document and, for each sheet, the line of its first record (1-based).

    Raises:
        Unreadable: it is not such a document, with the reason.
    """
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(raw, dict) or raw.get("francecloud") != KIND or raw.get("version") != VERSION:
        raise Unreadable(f'"francecloud": "{KIND}", "version": {VERSION}')
    try:
        sheets = {name: Sheet(s["table"], s["columns"], s["records"]) for name, s in raw["sheets"].items()}
        found = Document(
            str(raw["system"]), str(raw["place"]), sheets, str(raw.get("scope", "")), raw.get("unread", ())
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error
    for name, sheet in sheets.items():
        _checked(name, sheet)
    return found, _places(text, sheets)


def _checked(name: str, sheet: Sheet) -> None:
    well = (
        isinstance(sheet.table, str)
        and isinstance(sheet.columns, dict)
        and all(target is None or isinstance(target, str) for target in sheet.columns.values())
        and isinstance(sheet.records, list)
        and all(isinstance(r, dict) and not any(isinstance(v, (dict, list)) for v in r.values()) for r in sheet.records)
    )
    if not well:
        raise Unreadable(f"“{name}”: table, columns, records")


def _places(text: str, sheets: Mapping[str, Sheet]) -> dict[str, int]:
    lines = text.split("\n")
    starts = [n for n, line in enumerate(lines) if line == RECORDS]
    if len(starts) != len(sheets):
        raise Unreadable("one record a line")
    for start, sheet in zip(starts, sheets.values(), strict=True):
        body: Sequence[Any] = lines[start + 1 : start + 1 + len(sheet.records)]
        if not all(line.startswith(RECORD) for line in body):
            raise Unreadable("one record a line")
    return {name: start + 2 for name, start in zip(sheets, starts, strict=True)}
