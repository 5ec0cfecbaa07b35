"""Mercator's objects as JSON (the API's answers, by kind or a file a kind) or as XLSX (a sheet a kind, API names)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

import polars as pl

from inventory.files import SourceFile
from inventory.language import _
from inventory.problems import InvalidInput
from inventory.readers.mercator import KINDS, PAIR, Cartography, kind_of, read_cartography
from inventory.readers.objects import frame_of
from inventory.readers.reading import ROW, SHEET, Kept, Reading
from inventory.readers.records import at

TELLING = frozenset({"security_need_c", "application_source_id", "net_services", "is_external", "entity_resp_id"})
"""Fields that only Mercator has."""
Objects = list[Mapping[str, Any]]


class MercatorJson:
    """The reader of Mercator's JSON and XLSX exports."""

    name = "mercator-json"

    def recognises(self, source: SourceFile) -> bool:
        """Whether there are objects of Mercator's kinds, with fields that only Mercator has."""
        try:
            if source.members is not None:
                telling = False
                for member in source.members:
                    # The first file of another kind is enough: a folder may hold tens of thousands.
                    kinds = _kinds(member)
                    if kinds is None:
                        return False
                    telling = telling or _telling(kinds)
                return telling
            kinds = _kinds(source)
            return kinds is not None and _telling(kinds)
        except InvalidInput:
            return False

    def read(self, source: SourceFile, kept: Kept) -> Reading:
        """Read every object and link.

        Raises:
            InvalidInput: it is not JSON (``INV-131``).
        """
        found: dict[str, Objects] = {}
        for part in source.members or (source,):
            kinds = _kinds(part)
            if kinds is None:
                raise InvalidInput(
                    at(part, 1, "INV-131", _("these are no objects of Mercator"), hint=_("expected {kinds}", kinds=", ".join(KINDS)))
                )  # fmt: skip
            for kind, objects in kinds.items():
                found.setdefault(kind, []).extend(objects)
        return read_cartography(source, self.name, _cartography(found), kept)


def _telling(kinds: Mapping[str, Objects]) -> bool:
    return any(TELLING & set(objects[0]) for objects in kinds.values() if objects)


def _kinds(source: SourceFile) -> dict[str, Objects] | None:
    """The objects by kind; None where it is something else."""
    if source.is_workbook:
        return _sheets(source) or None
    if not source.text[:100].lstrip("\ufeff \r\n\t").startswith(("{", "[")):
        return None
    try:
        document = json.loads(source.text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        document = document["data"]
    if isinstance(document, list):
        kind = kind_of(PurePath(source.name).stem) or _guessed(document)
        document = {kind: document} if kind else {}
    if not isinstance(document, dict):
        return None
    found = {k: v for name, v in document.items() if isinstance(v, list) and (k := kind_of(name))}
    ours = {k: v for k, v in found.items() if all(isinstance(o, dict) for o in v)}
    return ours or None


def _guessed(objects: list[Any]) -> str | None:
    """The kind of a list without a name: by fields that one kind only has."""
    first = objects[0] if objects and isinstance(objects[0], dict) else {}
    for kind, fields in (("fluxes", {"application_source_id"}), ("logical_servers", {"net_services"}),
                         ("entities", {"is_external"}), ("applications", {"security_need_c", "rto"})):  # fmt: skip
        if fields <= set(first):
            return kind
    return None


def _sheets(source: SourceFile) -> dict[str, Objects]:
    """A sheet a kind, named after it, the first column ``id``; a file of one sheet may carry the name instead."""
    found: dict[str, Objects] = {}
    for grid in source.grids:
        head = grid.cells.row(0) if grid.cells.height else ()
        kind = kind_of(grid.name or "") or (kind_of(PurePath(source.name).stem) if len(source.grids) == 1 else None)
        if kind and head and str(head[0]).lower() == "id":
            names = {str(i): name for i, name in enumerate(head) if name}
            rows = grid.cells.slice(1).select(list(names)).rename(names).rows(named=True)
            # In Mercator's workbooks a row with only an identifier asks for the object to be deleted.
            found[kind] = [r for r in rows if any(v is not None for k, v in r.items() if k != "id")]
    return found


def _cartography(found: Mapping[str, Objects]) -> Cartography:
    made = Cartography()
    for kind, objects in found.items():
        flat = [{k: _cell(v) for k, v in o.items() if not isinstance(v, (list, dict))} for o in objects]
        made.objects[kind] = frame_of(flat, kind, range(1, len(flat) + 1))
    pairs: dict[tuple[str, str], list[tuple[str, str, str, int]]] = {}
    for kind, objects in found.items():
        for row, one in enumerate(objects, start=1):
            for other, number in _references(one):
                # Each side lists the other: the first that does is enough.
                key = (kind, other) if (other, kind) not in pairs else (other, kind)
                a, b = (str(one.get("id")), number) if key == (kind, other) else (number, str(one.get("id")))
                pairs.setdefault(key, []).append((a, b, kind, row))
    for key, rows in pairs.items():
        frame = pl.DataFrame(rows, schema=PAIR, orient="row").select("a", "b", SHEET, ROW)
        made.pairs[key] = frame.unique(["a", "b"], keep="first", maintain_order=True)
    return made


def _references(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in one.items():
        kind = kind_of(name)
        if kind is None:
            continue
        values = value if isinstance(value, list) else str(value or "").replace(";", ",").split(",")
        for item in values:
            number = item.get("id") if isinstance(item, dict) else item
            if number is not None and str(number).strip().isdigit():
                yield kind, str(number).strip()


def _cell(value: Any) -> str | None:
    return None if value is None else str(int(value)) if isinstance(value, bool) else str(value)
