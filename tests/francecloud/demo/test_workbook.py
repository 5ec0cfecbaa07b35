"""The small spreadsheet writer: what it writes is what another reader reads."""

import datetime
from io import BytesIO

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from francecloud.demo.workbook import workbook_bytes

text = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1
)
cell = st.none() | st.integers(-(2**40), 2**40) | text


@given(st.lists(st.lists(cell, min_size=1, max_size=30), min_size=1, max_size=5))
def test_another_reader_finds_the_same_cells(rows: list[list[object]]) -> None:
    body = workbook_bytes({"Feuille & <1>": rows})  # type: ignore[dict-item]
    book = openpyxl.load_workbook(BytesIO(body))
    assert book.sheetnames == ["Feuille & <1>"]
    sheet = book.active
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            assert sheet.cell(r, c).value == value
    assert workbook_bytes({"Feuille & <1>": rows}) == body  # type: ignore[dict-item]


def test_entries_bear_a_fixed_date() -> None:
    import zipfile

    with zipfile.ZipFile(BytesIO(workbook_bytes({"a": [["x"]]}))) as archive:
        assert {datetime.date(*i.date_time[:3]) for i in archive.infolist()} == {datetime.date(1980, 1, 1)}
