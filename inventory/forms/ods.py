"""A form as ODS: closed lists, notes on headings, known identifiers protected, the same bytes every time.

odfdo makes the document; the cells are written as text, column by column, since an object a cell would take a minute
for a ministry.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

import polars as pl
from odfdo import Document

from inventory.forms.model import BLANK_ROWS, MARKER, SENT, Column, Form, Sheet

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The hour of every entry of the archive: another would change the bytes."""
UNWRITABLE = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
"""Characters that XML cannot hold."""
NAMESPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "number": "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "of": "urn:oasis:names:tc:opendocument:xmlns:of:1.2",
}
STYLES = """<office:automatic-styles>
<number:date-style style:name="N1"><number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style>
<style:style style:name="wide" style:family="table-column"><style:table-column-properties style:column-width="4.5cm"/></style:style>
<style:style style:name="page" style:family="table-column"><style:table-column-properties style:column-width="22cm"/></style:style>
<style:style style:name="seen" style:family="table"><style:table-properties table:display="true"/></style:style>
<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>
<style:style style:name="head" style:family="table-cell"><style:table-cell-properties fo:background-color="#dde5f4" fo:wrap-option="wrap"/><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="wrap" style:family="table-cell"><style:table-cell-properties fo:wrap-option="wrap"/></style:style>
<style:style style:name="open" style:family="table-cell"><style:table-cell-properties style:cell-protect="none"/></style:style>
<style:style style:name="day" style:family="table-cell" style:data-style-name="N1"><style:table-cell-properties style:cell-protect="none"/></style:style>
<style:style style:name="known" style:family="table-cell"><style:table-cell-properties style:cell-protect="protected" fo:background-color="#eeeeee"/></style:style>
</office:automatic-styles>"""


def ods(form: Form) -> bytes:
    """The workbook of a form."""
    document = Document("spreadsheet")
    declared = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
    body = "".join(_body(form))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {declared} office:version="1.3">\n{STYLES}\n'
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    assert document.container is not None
    document.container.set_part("content.xml", content.encode())
    packed = io.BytesIO()
    document.container.save(packed)
    return _dateless(packed.getvalue())


def _dateless(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            fresh = zipfile.ZipInfo(entry.filename, EPOCH)
            fresh.compress_type = entry.compress_type
            new.writestr(fresh, old.read(entry))
    return out.getvalue()


def _body(form: Form) -> Iterator[str]:
    yield "<table:content-validations>"
    for sheet in form.sheets:
        for column in sheet.columns:
            if choices := form.choices(column):
                yield _validation(sheet, column, choices)
    yield "</table:content-validations>"
    lines = pl.DataFrame({"line": [form.title, "", *form.instructions]}, schema={"line": pl.String})
    yield (
        "<table:table table:name="
        + quoteattr(form.cover)
        + ' table:style-name="seen"><table:table-column table:style-name="page"/>'
    )
    yield from _rows([lines.select(_cell("wrap", _paragraph(pl.col("line")))).to_series()])
    yield "</table:table>"
    for sheet in form.sheets:
        yield from _sheet(form, sheet)
    for sheet in form.sheets:
        yield from _hidden(SENT + sheet.table, [tuple(c.key for c in sheet.columns)], sheet.sent())
    marker = pl.DataFrame(list(form.marker()), schema=dict.fromkeys("abcd", pl.String), orient="row")
    yield from _hidden(MARKER, [], marker)


def _validation(sheet: Sheet, column: Column, choices: Sequence[str]) -> str:
    listed = ";".join(f'"{c}"' for c in choices)
    shown = str(not column.many).lower()
    return (
        f"<table:content-validation table:name={quoteattr(_validation_name(sheet, column))} "
        f'table:condition={quoteattr(f"of:cell-content-is-in-list({listed})")} table:allow-empty-cell="true">'
        f'<table:error-message table:message-type="stop" table:display="{shown}"/></table:content-validation>'
    )


def _validation_name(sheet: Sheet, column: Column) -> str:
    return f"{sheet.table}-{re.sub('[^a-z0-9_]', '-', column.key)}"


def _sheet(form: Form, sheet: Sheet) -> Iterator[str]:
    rows = sheet.sent()
    yield f'<table:table table:name={quoteattr(sheet.name)} table:style-name="seen" table:protected="true">'
    for column in sheet.columns:
        style = "day" if column.kind == "date" else "open"
        yield f'<table:table-column table:style-name="wide" table:default-cell-style-name="{style}"/>'
    yield "<table:table-header-rows><table:table-row>"
    for column in sheet.columns:
        note = f"<office:annotation><text:p>{escape(column.note)}</text:p></office:annotation>" if column.note else ""
        yield f'<table:table-cell table:style-name="head" office:value-type="string">{note}<text:p>{escape(column.title)}</text:p></table:table-cell>'
    yield "</table:table-row></table:table-header-rows>"
    yield from _rows([rows.select(_written(form, sheet, c)).to_series() for c in sheet.columns])
    yield f'<table:table-row table:number-rows-repeated="{BLANK_ROWS}">'
    yield from (f"<table:table-cell{_offers(form, sheet, c)}/>" for c in sheet.columns)
    yield "</table:table-row></table:table>"


def _offers(form: Form, sheet: Sheet, column: Column) -> str:
    name = quoteattr(_validation_name(sheet, column))
    return f" table:content-validation-name={name}" if form.choices(column) else ""


def _written(form: Form, sheet: Sheet, column: Column) -> pl.Expr:
    """The cells of a column as XML."""
    text = pl.col(column.key)
    style = "known" if column.locked else "day" if column.kind == "date" else "open"
    offers = _offers(form, sheet, column)
    if column.kind in ("integer", "number", "date"):
        value = 'date" office:date-value' if column.kind == "date" else 'float" office:value'
        parts = f' office:value-type="{value}="', text, '"'
        return _cell(style + f'"{offers}', _paragraph(text), *parts, closed=False)
    return _cell(style + f'"{offers}', _paragraph(form.shown(column, text)), closed=False)


def _paragraph(text: pl.Expr) -> pl.Expr:
    clean = text.str.replace_all(UNWRITABLE, "")
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        clean = clean.str.replace_all(character, entity, literal=True)
    return clean


def _cell(style: str, shown: pl.Expr, *value: str | pl.Expr, closed: bool = True) -> pl.Expr:
    """A cell holding a paragraph; an empty one where there is nothing to show."""
    head = f'<table:table-cell table:style-name="{style}' + ('"' if closed else "")
    typed: tuple[str | pl.Expr, ...] = value or (' office:value-type="string"',)
    parts = [
        pl.lit(p) if isinstance(p, str) else p
        for p in (head, *typed, "><text:p>", shown, "</text:p></table:table-cell>")
    ]
    return pl.concat_str(parts).fill_null(head + "/>").alias("cell")


def _rows(columns: Sequence[pl.Series]) -> Iterator[str]:
    cells = pl.DataFrame({str(n): c for n, c in enumerate(columns)})
    if cells.height:
        whole = pl.concat_str([pl.lit("<table:table-row>"), *cells.columns, pl.lit("</table:table-row>")])
        yield "".join(cells.select(whole).to_series())


def _hidden(name: str, head: list[tuple[str, ...]], rows: pl.DataFrame) -> Iterator[str]:
    yield f'<table:table table:name={quoteattr(name)} table:style-name="hidden"><table:table-column table:style-name="wide" table:number-columns-repeated="{max(rows.width, 1)}"/>'
    first = pl.DataFrame(head, schema=rows.schema, orient="row") if head else rows.clear()
    whole = pl.concat([first, rows])
    yield from _rows([whole.select(_cell("open", _paragraph(pl.col(c)))).to_series() for c in whole.columns])
    yield "</table:table>"
