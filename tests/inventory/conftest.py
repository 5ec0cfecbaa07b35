"""Workbooks and lists made for a test, and a workspace to import them into."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from inventory.dataset import read_dataset
from inventory.importing import ImportResult
from inventory.workspace import Workspace


@pytest.fixture
def codes() -> Callable[[ImportResult], list[str]]:
    """The codes of an import's problems, sorted."""
    return lambda result: sorted(p.code for p in result.problems)


@pytest.fixture
def tree() -> Callable[[Path], dict[str, bytes]]:
    """Every file below a folder and its bytes, but for what is kept of the last imports to save time."""
    return lambda root: {
        str(p.relative_to(root)): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file() and ".francecloud" not in p.parts
    }


@pytest.fixture
def rows_of() -> Callable[[Workspace, str, str, str], dict[object, object]]:
    """A column of a table of the dataset, by another: ``rows_of(workspace, "servers", "id", "name")``."""

    def read(workspace: Workspace, table: str, key: str, value: str) -> dict[object, object]:
        return dict(read_dataset(workspace)[table].select(key, value).iter_rows())

    return read


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    root = tmp_path / "ws"
    root.mkdir()
    (root / "francecloud.toml").write_text('[workspace]\nname = "essai"\n')
    return Workspace(root, {"workspace": {"name": "essai"}})


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a text file: ``write("a.csv", "…")``."""

    def file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return file


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: ``workbook("a.xlsx", vInfo=[[…], …])``."""

    def file(name: str, **sheets: list[list[object]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return file
