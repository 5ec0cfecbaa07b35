"""A form as XLSX: closed lists, notes on headings, known identifiers protected, the same bytes every time."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from inventory.forms.model import BLANK_ROWS, LISTS, MARKER, SENT, Column, Form, Sheet

CREATED = datetime(2000, 1, 1)
"""Written in the properties: the hour would change the bytes."""
ALLOWED = {
    "format_columns": True, "format_rows": True, "insert_rows": True, "sort": True, "autofilter": True,
    "select_locked_cells": True, "select_unlocked_cells": True,
}  # fmt: skip


def xlsx(form: Form) -> bytes:
    """The workbook of a form."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": form.title, "created": CREATED})
    styles = {
        "head": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DDE5F4", "border": 1, "valign": "top"}),
        "open": book.add_format({"locked": False}),
        "day": book.add_format({"locked": False, "num_format": "dd/mm/yyyy"}),
        "known": book.add_format({"locked": True, "bg_color": "#EEEEEE"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    cover = book.add_worksheet(form.cover)
    cover.set_column(0, 0, 110)
    cover.write_string(0, 0, form.title, styles["title"])
    for row, line in enumerate(form.instructions, start=2):
        cover.write_string(row, 0, line, styles["wrap"])
    shown = [(sheet, book.add_worksheet(sheet.name)) for sheet in form.sheets]
    lists = _hidden(book, LISTS)
    position = 0
    for sheet, page in shown:
        position = _page(form, sheet, page, lists, position, styles)
    for sheet in form.sheets:
        sent = _hidden(book, SENT + sheet.table)
        _text_rows(sent, [tuple(c.key for c in sheet.columns), *sheet.sent().rows()])
    _text_rows(_hidden(book, MARKER), list(form.marker()))
    book.close()
    return out.getvalue()


def _hidden(book: Any, name: str) -> Any:
    page = book.add_worksheet(name)
    page.very_hidden()
    return page


def _text_rows(page: Any, rows: list[tuple[str | None, ...]]) -> None:
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            if text:
                page.write_string(number, column, text)


def _page(form: Form, sheet: Sheet, page: Any, lists: Any, position: int, styles: dict[str, Any]) -> int:
    """Write a sheet; the next free column of the lists' sheet."""
    rows = sheet.sent()
    last = rows.height + BLANK_ROWS
    page.freeze_panes(1, 2)
    page.autofilter(0, 0, max(rows.height, 1), len(sheet.columns) - 1)
    page.protect("", ALLOWED)
    for number, column in enumerate(sheet.columns):
        is_day = column.kind == "date"
        page.set_column(number, number, max(12, min(len(column.title) + 2, 32)), styles["day" if is_day else "open"])
        page.write_string(0, number, column.title, styles["head"])
        if column.note:
            page.write_comment(0, number, column.note, {"x_scale": 2, "y_scale": 1.5})
        choices = form.choices(column)
        if choices:
            _text_rows_down(lists, position, choices)
            letter = xl_col_to_name(position, col_abs=True)
            page.data_validation(1, number, last, number, {
                "validate": "list", "source": f"='{LISTS}'!{letter}$1:{letter}${len(choices)}",
                "error_type": "stop", "show_error": not column.many,
            })  # fmt: skip
            position += 1
        _column(form, column, rows, page, number, styles)
    return position


def _text_rows_down(page: Any, column: int, texts: tuple[str, ...]) -> None:
    for row, text in enumerate(texts):
        page.write_string(row, column, text)


def _column(form: Form, column: Column, rows: pl.DataFrame, page: Any, number: int, styles: dict[str, Any]) -> None:
    style = styles["known" if column.locked else "day" if column.kind == "date" else "open"]
    texts = rows.select(form.shown(column, pl.col(column.key))).to_series()
    for row, text in enumerate(texts, start=1):
        if text is None:
            if column.locked:
                page.write_blank(row, number, None, style)
        elif column.kind in ("integer", "number"):
            page.write_number(row, number, float(text), style)
        elif column.kind == "date":
            page.write_datetime(row, number, date.fromisoformat(text), style)
        else:
            page.write_string(row, number, text, style)
