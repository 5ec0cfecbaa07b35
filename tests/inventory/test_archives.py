"""Folders and ZIPs: one source or many, in a fixed order, and nothing dangerous unpacked."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.files import open_source
from inventory.importing import ImportResult, import_files
from inventory.problems import InvalidInput
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Codes = Callable[[ImportResult], list[str]]
APPS = "Code application;Nom\nA1;Paie\n"
SERVERS = "Serveur;Mémoire (Go)\nsrv-1;4\n"


def packed(path: Path, *members: tuple[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return path


def refused(path: Path) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        open_source(path)
    return sorted(p.code for p in caught.value.problems)


def test_members_are_in_the_same_order_with_the_same_digest_however_they_were_packed(tmp_path: Path) -> None:
    (tmp_path / "un").mkdir()
    one = packed(tmp_path / "un/x.zip", ("b.csv", SERVERS), ("a/c.csv", APPS))
    two = packed(tmp_path / "x.zip", ("a/c.csv", APPS), ("b.csv", SERVERS), ("__MACOSX/b.csv", "x"))
    folder = tmp_path / "x"
    (folder / "a").mkdir(parents=True)
    (folder / "b.csv").write_text(SERVERS)
    (folder / "a/c.csv").write_text(APPS)
    (folder / ".cache").write_text("x")
    sources = [open_source(p) for p in (one, two, folder)]
    for source in sources:
        assert [m.name for m in source.members or ()] == ["c.csv", "b.csv"]
    assert len({s.digest for s in sources}) == 1
    (folder / "b.csv").write_text(SERVERS + "srv-2;8\n")
    assert open_source(folder).digest != sources[0].digest


def test_a_folder_of_mixed_files_is_all_of_them(tmp_path: Path, workspace: Workspace, codes: Codes) -> None:
    folder = tmp_path / "dépôt"
    (folder / "sous").mkdir(parents=True)
    (folder / "sous/serveurs.csv").write_text(SERVERS)
    packed(folder / "applis.zip", ("applis.csv", APPS))
    (folder / "LISEZMOI.txt").write_text("Bonjour.\n")
    (folder / "plan.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (folder / "applis.csv.mapping.json").write_text("{}")
    result = import_files([folder], workspace, today=DAY)
    assert not result.refused, result.problems
    assert result.formats == {"applis.csv": "list", "serveurs.csv": "list"}
    assert [c for c in codes(result) if c in ("INV-004", "INV-010")] == ["INV-004", "INV-010"]
    again = import_files([folder], workspace, today=DAY)
    assert not again.written


def test_a_folder_without_an_inventory_is_refused(tmp_path: Path, workspace: Workspace, codes: Codes) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    assert refused(folder) == ["INV-124"]
    (folder / "notes.txt").write_text("Bonjour.\n")
    result = import_files([folder], workspace, today=DAY)
    assert result.refused
    assert codes(result) == ["INV-010", "INV-126"]


@pytest.mark.parametrize("name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:evil.csv"])
def test_a_member_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    assert refused(packed(tmp_path / "x.zip", ("ok.csv", APPS), (name, APPS))) == ["INV-122"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("lien.csv")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert refused(tmp_path / "x.zip") == ["INV-122"]


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(packed(tmp_path / "x.zip", ("bombe.csv", b"0" * 2**25))) == ["INV-121"]
    assert refused(packed(tmp_path / "y.zip", ("dedans.zip", APPS))) == ["INV-123"]
    monkeypatch.setattr("inventory.archives.MOST_MEMBERS", 3)
    assert refused(packed(tmp_path / "z.zip", *((f"{i}.csv", APPS) for i in range(4)))) == ["INV-121"]
    monkeypatch.setattr("inventory.archives.LARGEST_ARCHIVE", 10)
    assert refused(packed(tmp_path / "t.zip", ("a.csv", APPS))) == ["INV-121"]


def test_a_cut_or_locked_archive_is_said(tmp_path: Path, workspace: Workspace, codes: Codes) -> None:
    body = packed(tmp_path / "x.zip", ("applis.csv", APPS * 50)).read_bytes()
    damaged = tmp_path / "abimee.zip"
    damaged.write_bytes(body[:60] + b"\xff\xff" + body[62:])
    assert codes(import_files([damaged], workspace, today=DAY)) == ["INV-120"]
    locked = bytearray(body)
    at = body.index(b"PK\x01\x02")
    locked[at + 8 : at + 10] = struct.pack("<H", 1)
    (tmp_path / "verrou.zip").write_bytes(bytes(locked))
    assert refused(tmp_path / "verrou.zip") == ["INV-120"]


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    import openpyxl

    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    (tmp_path / "a.xlsx").write_bytes(out.getvalue())
    assert open_source(tmp_path / "a.xlsx").members is None
