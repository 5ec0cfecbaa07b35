"""Packages on disk: the same bytes twice, all or nothing, every mistake with its place."""

from pathlib import Path

import polars as pl
import pytest

from inventory.dataset import schema
from inventory.package import read_package, write_package
from inventory.problems import InvalidInput

ROW = {"id": ["A2", "A1"], "name": ["Deux", "Un"], "sante": [None, True]}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_package(tmp_path / "d", schema(), {"applications": pl.DataFrame(ROW)})
    return tmp_path / "d"


def test_what_is_written_is_read_back_sorted(written: Path) -> None:
    table = read_package(written, schema())["applications"]
    assert table["id"].to_list() == ["A1", "A2"]
    assert table["sante"].to_list() == [True, None]


def test_the_same_content_is_left_untouched(written: Path) -> None:
    stamp = (written / "applications.csv").stat().st_mtime_ns
    assert not write_package(written, schema(), {"applications": pl.DataFrame(ROW)})
    assert (written / "applications.csv").stat().st_mtime_ns == stamp


def test_a_kill_between_the_two_renames_is_finished(written: Path) -> None:
    old = written.with_name(".d.previous")
    new = written.with_name(".d.next")
    write_package(new, schema(), {"applications": pl.DataFrame({"id": ["B1"]})})
    written.rename(old)
    assert read_package(written, schema())["applications"]["id"].to_list() == ["B1"]


def test_a_kill_while_the_new_one_is_half_written_keeps_the_old_one(written: Path) -> None:
    half = written.with_name(".d.next")
    half.mkdir()
    (half / "applications.csv").write_text("id\nB1\n")
    assert read_package(written, schema())["applications"].height == 2
    written.rename(written.with_name(".d.previous"))
    assert read_package(written, schema())["applications"].height == 2


def test_every_wrong_cell_is_named(written: Path) -> None:
    path = written / "applications.csv"
    lines = path.read_text().splitlines()
    position = lines[0].split(",").index("classification")
    lines[1:] = [",".join("ultra" if i == position else c for i, c in enumerate(line.split(","))) for line in lines[1:]]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InvalidInput) as caught:
        read_package(written, schema())
    assert [(p.code, p.row, p.column, p.value) for p in caught.value.problems] == [
        ("PKG-004", 2, "classification", "ultra"),
        ("PKG-004", 3, "classification", "ultra"),
    ]


def test_an_absent_package_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_package(tmp_path / "nothing", schema())
    assert caught.value.problems[0].code == "PKG-001"


def test_every_column_has_both_titles() -> None:
    for table in schema().tables.values():
        for field in table.fields:
            assert field.title["fr"]
            assert field.title["en"]


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [("applications.csv", None, "PKG-005"), ("datapackage.json", "{", "PKG-005"), ("datapackage.json", "[1]", "PKG-002"),
     ("servers.csv", "<<<<<<< HEAD\nid\n", "PKG-003"), ("servers.csv", "", "PKG-005")],
)  # fmt: skip
def test_a_damaged_package_is_a_problem_and_not_a_traceback(
    written: Path, file: str, text: str | None, code: str
) -> None:
    (written / file).unlink()
    if text is not None:
        (written / file).write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_package(written, schema())
    assert [p.code for p in caught.value.problems] == [code]


def test_two_records_of_one_key_and_one_without_are_named(written: Path) -> None:
    path = written / "applications.csv"
    head, first, second = path.read_text().splitlines()
    path.write_text("\n".join([head, first, second, first, first.replace("A1", "", 1)]) + "\n")
    with pytest.raises(InvalidInput) as caught:
        read_package(written, schema())
    assert [(p.code, p.row) for p in caught.value.problems] == [("PKG-006", 5), ("PKG-006", 4)]
