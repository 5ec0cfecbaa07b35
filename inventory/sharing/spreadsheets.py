"""Workbooks for people: a sheet a table, typed cells, the marking on the first sheet and in the properties."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import polars as pl

from inventory.contract import Field, Table
from inventory.dataset import schema
from inventory.language import _
from inventory.problems import InvalidInput, Problem
from inventory.sharing.archives import archive
from inventory.sharing.formulas import guarded
from inventory.sharing.package_export import Export

LARGEST_CELL = 32_767
MOST_ROWS = 1_048_575
NO_DAY = datetime(2000, 1, 1)
"""The date that the properties of a workbook bear: two exports of one dataset are the same bytes."""
_BARE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
ABOUT = "_marking"


def _checked(export: Export) -> dict[str, pl.DataFrame]:
    """The tables as a spreadsheet may hold them.

    Raises:
        InvalidInput: too many rows, a text too long or with control characters, each named (``INV-208``).
    """
    problems = []
    found = {}
    for name, frame in export.tables.items():
        found[name] = guarded(frame)
        if frame.height > MOST_ROWS:
            problems.append(_unfit(name, None, None, _("{table} has more rows than a sheet holds", table=name)))
        for column in frame.select(pl.col(pl.String)).columns:
            text = pl.col(column)
            bad = found[name].with_row_index("", offset=2).filter(
                (text.str.len_chars() > LARGEST_CELL) | text.str.contains(_BARE)
            )  # fmt: skip
            problems += [
                _unfit(
                    name, column, row, _("a text that a spreadsheet cannot hold: too long, or with control characters")
                )
                for row in bad[""].to_list()
            ]
    if problems:
        raise InvalidInput(*problems)
    return found


def _unfit(table: str, column: str | None, row: int | None, message: str) -> Problem:
    return Problem(code="INV-208", file=f"dataset/{table}.csv", row=row, column=column, message=message,
                   hint=_("export it as csv, parquet, sqlite or json"))  # fmt: skip


def xlsx(export: Export) -> bytes:
    """The workbook as XLSX.

    Raises:
        InvalidInput: something does not fit (``INV-208``).
    """
    import xlsxwriter

    tables = _checked(export)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                   "strings_to_numbers": False}) as book:  # fmt: skip
        facts = export.facts
        book.set_properties({"created": NO_DAY, "title": facts["title"], "category": facts["marking"],
                             "keywords": facts["digest"]})  # fmt: skip
        for key, value in facts.items():
            book.set_custom_property(key, value[:255], "text")
        head, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        first = book.add_worksheet(ABOUT)
        first.set_column(0, 1, 40)
        for row, (key, value) in enumerate(facts.items()):
            first.write_string(row, 0, key, head)
            first.write_string(row, 1, value[:LARGEST_CELL])
        for name, table in schema().tables.items():
            _sheet(book.add_worksheet(name), table, tables[name], head, day)
            book.get_worksheet_by_name(name).set_header(f"&C{facts['marking']}")
    return out.getvalue()


def _sheet(sheet: Any, table: Table, frame: pl.DataFrame, head: Any, day: Any) -> None:
    sheet.freeze_panes(1, 0)
    for position, field in enumerate(table.fields):
        sheet.write_string(0, position, field.name, head)
        values = frame[field.name].to_list()
        write = {"integer": sheet.write_number, "number": sheet.write_number, "boolean": sheet.write_boolean,
                 "date": sheet.write_datetime}.get(field.type, sheet.write_string)  # fmt: skip
        form = (day,) if field.type == "date" else ()
        for row, value in enumerate(values, 1):
            if value is not None:
                write(row, position, value, *form)


def ods(export: Export) -> bytes:
    """The workbook as ODS.

    Raises:
        InvalidInput: something does not fit (``INV-208``).
    """
    from odfdo import Document

    tables = _checked(export)
    document = Document("spreadsheet")
    document.body.clear()
    meta = document.meta
    facts = export.facts
    about = pl.DataFrame({"key": list(facts), "value": list(facts.values())})
    sheets = [_table_xml(ABOUT, ["key", "value"], about)]
    for name, table in schema().tables.items():
        sheets.append(_table_xml(name, list(table.by_name), tables[name], table))
    meta.title = facts["title"]
    meta.creation_date = meta.date = NO_DAY
    meta.generator = "francecloud"
    for key, value in facts.items():
        meta.set_user_defined_metadata(key, value)
    out = io.BytesIO()
    document.save(out, packaging="zip", pretty=False)
    return _completed(out.getvalue(), "".join(sheets))


def _completed(body: bytes, sheets: str) -> bytes:
    """The document with its sheets, dated of no day. A million cells as objects of a library would take an hour."""
    with zipfile.ZipFile(io.BytesIO(body)) as source:
        files = {name: source.read(name) for name in sorted(source.namelist(), key=lambda n: (n != "mimetype", n))}
    filled = f"<office:spreadsheet>{sheets}</office:spreadsheet>".encode()
    content, times = re.subn(
        rb"<office:spreadsheet\s*/>|<office:spreadsheet>\s*</office:spreadsheet>",
        lambda _m: filled,
        files["content.xml"],
    )
    if times != 1:
        raise ValueError("the document made by odfdo is not empty")
    files["content.xml"] = content
    files["meta.xml"] = re.sub(
        rb"<(dc:date|meta:editing-duration)>[^<]*</", rb"<\1>2000-01-01T00:00:00</", files["meta.xml"]
    )
    files["meta.xml"] = files["meta.xml"].replace(b"duration>2000-01-01T00:00:00<", b"duration>PT0S<")
    return archive(files, stored=("mimetype",))


def _table_xml(name: str, columns: list[str], frame: pl.DataFrame, table: Table | None = None) -> str:
    """A table of a spreadsheet as OpenDocument writes it, made column by column."""
    head = "".join(f'<table:table-cell office:value-type="string"><text:p>{escape(c)}</text:p></table:table-cell>' for c in columns)  # fmt: skip
    cells = [_cell(c, table.by_name[c] if table else None) for c in columns]
    rows = frame.select(pl.concat_str([pl.lit("<table:table-row>"), *cells, pl.lit("</table:table-row>")]))
    return (
        f'<table:table table:name="{escape(name)}"><table:table-column table:number-columns-repeated="{len(columns)}"/>'
        f"<table:table-row>{head}</table:table-row>{''.join(rows.to_series())}</table:table>"
    )


def _cell(column: str, field: Field | None) -> pl.Expr:
    kind = field.type if field else "string"
    text = pl.col(column).cast(pl.String)
    if kind in ("integer", "number"):
        value = pl.format('office:value-type="float" office:value="{}"', text)
    elif kind == "boolean":
        value = pl.format('office:value-type="boolean" office:boolean-value="{}"', text)
    elif kind == "date":
        value = pl.format('office:value-type="date" office:date-value="{}"', text)
    else:
        value = pl.when(text.is_not_null()).then(pl.lit('office:value-type="string"'))
        text = text.str.replace_all("&", "&amp;", literal=True).str.replace_all("<", "&lt;", literal=True)
        text = text.str.replace_all(">", "&gt;", literal=True).str.replace_all("  ", " <text:s/>", literal=True)
        text = text.str.replace_all("\t", "<text:tab/>", literal=True).str.replace_all(
            "\n", "</text:p><text:p>", literal=True
        )
    cell = pl.format("<table:table-cell {}><text:p>{}</text:p></table:table-cell>", value, text)
    return pl.when(pl.col(column).is_not_null()).then(cell).otherwise(pl.lit("<table:table-cell/>"))
