"""Workbooks and lists made for a test, and a workspace to import them into."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from inventory.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    root = tmp_path / "ws"
    root.mkdir()
    (root / "francecloud.toml").write_text('[workspace]\nname = "essai"\n')
    return Workspace(root, {"workspace": {"name": "essai"}})


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook: ``workbook("a.xlsx", vInfo=[[…], …])``."""

    def write(name: str, **sheets: list[list[object]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return write
