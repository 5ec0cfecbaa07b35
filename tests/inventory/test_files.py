"""Files that are broken, disguised or made to fill the memory; and text cut into cells as a spreadsheet cuts it."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.files import SourceFile, open_source
from inventory.problems import InvalidInput
from inventory.workbooks import Damaged, Swollen, check_size, sheets

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
TABLE = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="F">{}</table:table></office:spreadsheet></office:body>'
    "</office:document-content>"
)
MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)


def cell(place: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>x</t></is></c>'


def xlsx(rows: str) -> bytes:
    """A workbook of one sheet whose XML is given."""
    packed = io.BytesIO()
    openpyxl.Workbook().save(packed)
    out = io.BytesIO()
    with zipfile.ZipFile(packed) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            body = SHEET.format(rows).encode() if name == "xl/worksheets/sheet1.xml" else before.read(name)
            after.writestr(name, body)
    return out.getvalue()


def ods(rows: str) -> bytes:
    """An OpenDocument spreadsheet of one sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", TABLE.format(rows))
    return out.getvalue()


def text_cell(text: str, more: str = "") -> str:
    return f'<table:table-cell{more} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


@pytest.mark.parametrize("far", ["XFD1048576", "A104857699", "ZZZZZ1", "AAAA99999"])
def test_a_value_in_a_far_corner_is_refused_before_it_is_laid_out(far: str) -> None:
    row = "".join(c for c in far if c.isdigit())
    with pytest.raises(Swollen):
        list(sheets(xlsx(f'<row r="1">{cell("A1")}</row><row r="{row}">{cell(far)}</row>')))


@pytest.mark.parametrize("filler", ['<row r="1048576" s="1"></row>', '<row r="1048576"><c r="XFD1048576" s="1"/></row>',
                                    '<row r="1048576"><c r="XFD1048576" s="1"></c></row>'])  # fmt: skip
def test_a_sheet_padded_with_nothing_is_as_small_as_what_it_holds(filler: str) -> None:
    [(_name, cells)] = sheets(xlsx(f'<row r="1">{cell("A1")}{cell("B1")}</row>{filler}'))
    assert cells.shape == (1, 2)


def test_cells_keep_the_row_of_the_sheet() -> None:
    [(_name, cells)] = sheets(xlsx(f'<row r="3">{cell("B3")}</row>'))
    assert cells.height == 3
    assert cells.row(2)[-1] == "x"


def test_an_open_document_is_read_and_its_filler_ignored() -> None:
    rows = f"<table:table-row>{text_cell('Code application')}{text_cell('Nom')}</table:table-row>"
    filler = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    [(name, cells)] = sheets(ods(rows + filler))
    assert name == "F"
    assert cells.rows() == [("Code application", "Nom")]


@pytest.mark.parametrize(
    "row",
    [f'<table:table-row table:number-rows-repeated="1000000">{text_cell("x")}</table:table-row>',
     f'<table:table-row>{text_cell("x", " table:number-columns-repeated=" + chr(34) + "100000" + chr(34))}</table:table-row>'],
)  # fmt: skip
def test_a_row_repeated_a_million_times_is_refused(row: str) -> None:
    with pytest.raises(Swollen):
        list(sheets(ods(row)))


def test_an_entry_that_unpacks_beyond_reason_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sharedStrings.xml", "w") as entry:
        for _n in range(160):
            entry.write(b" " * 2**20)
    with pytest.raises(Swollen):
        check_size(out.getvalue())


def test_a_binary_workbook_says_what_to_do() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.bin", b"")
    with pytest.raises(Damaged):
        check_size(out.getvalue())


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        xlsx('<row r="1"><c r="A1" t="inlineStr"><is><t>&amp;b;</t></is></c></row>').replace(b"<?xml", bomb.encode())
    )
    assert attempt(path.read_bytes()) in ("INV-006", [("&b;",)])


def attempt(content: bytes) -> str | list[tuple[str | None, ...]]:
    """What reading gives: the code of the refusal, else the rows of the first sheet."""
    try:
        return [row for grid in SourceFile(Path("f"), content).grids for row in grid.cells.rows()]
    except InvalidInput as refused:
        return refused.problems[0].code


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=400))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    assert isinstance(attempt(content), str | list)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=8), st.booleans())
def test_no_damage_to_a_workbook_breaks_the_reading(place: int, noise: bytes, cut: bool) -> None:
    whole = xlsx(f'<row r="1">{cell("A1")}{cell("B1")}</row>')
    at = place % len(whole)
    damaged = whole[:at] if cut else whole[:at] + noise + whole[at + len(noise) :]
    assert isinstance(attempt(damaged or b"x"), str | list)


@settings(deadline=None)
@given(st.text(alphabet='ab;,\n\r 0é"', min_size=1, max_size=60).filter(str.strip))
def test_text_is_cut_as_the_csv_module_cuts_it(text: str) -> None:
    source = SourceFile(Path("f.csv"), text.encode())
    expected = [
        [c.strip() or None for c in row]
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter)
    ]
    [grid] = source.grids
    found = [list(row) for row in grid.cells.iter_rows()]
    assert [_trimmed(r) for r in _full(found)] == [_trimmed(r) for r in _full(expected)]


def _trimmed(row: list[str | None]) -> list[str | None]:
    return row[: max((i + 1 for i, c in enumerate(row) if c), default=0)]


def _full(rows: list[list[str | None]]) -> list[list[str | None]]:
    return rows[: max((i + 1 for i, row in enumerate(rows) if any(row)), default=0)]


def test_a_file_is_known_by_its_content_and_not_its_name(workbook: Callable[..., Path]) -> None:
    path = workbook("a.xlsx", F=[["Code application", "Nom"]])
    renamed = path.rename(path.with_suffix(".csv"))
    assert open_source(renamed).is_workbook
