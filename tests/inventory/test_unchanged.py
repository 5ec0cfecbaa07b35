"""An import asked again: skipped where nothing changed, with the same answer; done where anything did."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import importing
from inventory.importing import ImportResult, import_files
from inventory.language import set_language
from inventory.workspace import Workspace, open_workspace

DAY, LATER = date(2026, 11, 23), date(2027, 1, 5)
Write = Callable[[str, str], Path]
Tree = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def files(write: Write) -> list[Path]:
    return [
        write("apps.csv", "Code application;Nom;Inconnue;Serveurs\nA1;Paie;x;srv-a, absent\n"),
        write("s.csv", "Serveur;vCPU\nsrv-a;2\n"),
    ]


def forgotten(workspace: Workspace) -> None:
    """Make the next import a whole one."""
    shutil.rmtree(workspace.root / ".francecloud", ignore_errors=True)


def answer(result: ImportResult) -> str:
    return json.dumps({**result.as_dict(), "formats": result.formats}, sort_keys=True)


def test_asked_again_it_is_skipped_and_answers_as_if_it_had_been_done(
    files: list[Path], workspace: Workspace, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not import_files(files, workspace, today=DAY).unchanged
    before = tree(workspace.root)
    with monkeypatch.context() as patched:
        patched.setattr(importing, "opened", lambda path, *_: pytest.fail(f"{path} was read"))
        skipped = import_files(files, workspace, today=LATER)
    assert skipped.unchanged
    assert skipped.tables["servers"] == {"read": 1, "created": 0, "updated": 0, "unchanged": 1}
    assert tree(workspace.root) == before
    forgotten(workspace)
    whole = import_files(files, workspace, today=LATER)
    assert not whole.unchanged
    assert answer(whole) == answer(skipped)
    assert tree(workspace.root) == before


def _edit(path: Path, old: str, new: str) -> None:
    stamp = path.stat()
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


CHANGES: dict[str, Callable[[Workspace, list[Path]], object]] = {
    "a source, its size and date kept": lambda w, f: _edit(f[1], "srv-a;2", "srv-a;4"),
    "a mapping": lambda w, f: _edit(w.root / "sources/apps.csv.mapping.json", "null", '"applications.description"'),
    "a mapping removed": lambda w, f: (w.root / "sources/s.csv.mapping.json").unlink(),
    "a table of the dataset": lambda w, f: _edit(w.dataset / "servers.csv", "srv-a,", "srv-b,"),
    "the descriptor": lambda w, f: _edit(w.dataset / "datapackage.json", "Inventaire", "Inventaires"),
    "a file lost from the dataset": lambda w, f: (w.dataset / "flows.csv").unlink(),
    "the settings": lambda w, f: w.settings.update(inventory={"precedence": ["s.csv"]}),
    "a decision": lambda w, f: (w.decisions.mkdir(), (w.decisions / "note.txt").write_text("signée")),
    "the order": lambda w, f: f.reverse(),
    "one source fewer": lambda w, f: f.pop(),
    "the language": lambda w, f: set_language("en"),
    "the whole dataset gone": lambda w, f: shutil.rmtree(w.dataset),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changed_it_is_done(what: str, files: list[Path], workspace: Workspace) -> None:
    import_files(files, workspace, today=DAY)
    assert import_files(files, workspace, today=DAY).unchanged
    CHANGES[what](workspace, files)
    try:
        assert not import_files(files, workspace, today=DAY).unchanged
    except importing.InvalidInput:
        assert what == "a file lost from the dataset"


def test_a_format_asked_for_is_another_import(files: list[Path], workspace: Workspace) -> None:
    import_files(files, workspace, today=DAY)
    assert not import_files(files, workspace, today=DAY, format_name="list").unchanged
    assert import_files(files, workspace, today=DAY, format_name="list").unchanged
    assert import_files(files, workspace, today=DAY).unchanged


def test_other_code_reads_again(files: list[Path], workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    import_files(files, workspace, today=DAY)
    monkeypatch.setattr("inventory.unchanged._code", lambda: "another")
    assert not import_files(files, workspace, today=DAY).unchanged


def test_a_dispute_is_settled_once_before_it_is_skipped(write: Write, workspace: Workspace) -> None:
    files = [write(f"{n}.csv", f"Code application;Nom\nA1;Paie {n}\n") for n in "ab"]
    runs = [import_files(files, workspace, today=DAY) for _n in range(3)]
    assert [r.unchanged for r in runs] == [False, False, True]
    assert answer(runs[1]) == answer(runs[2])


@pytest.mark.parametrize("damage", ["{", "[]", '{"imports": [{"asked": 1}]}', '{"imports": 3}', "\udcff"])
def test_a_record_that_is_damaged_is_no_record(damage: str, files: list[Path], workspace: Workspace) -> None:
    import_files(files, workspace, today=DAY)
    (workspace.root / ".francecloud/imports.json").write_text(damage, errors="surrogateescape")
    assert not import_files(files, workspace, today=DAY).unchanged
    assert import_files(files, workspace, today=DAY).unchanged


def test_a_refusal_is_never_kept(write: Write, workspace: Workspace) -> None:
    path = write("a.csv", "Code application;Nom;Classification\nA1;Paie;ultra\n")
    assert [import_files([path], workspace, today=DAY).refused for _n in range(2)] == [True, True]


cells = st.sampled_from(["", "A1", "A2", "Paie", "paie", "Stocks", "srv-a", "secret", "Oui", "12", "ORG1", "é"])


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sources=st.lists(
        st.tuples(
            st.permutations(["Code application", "Nom", "Organisation", "Serveurs", "Nom"]),
            st.lists(st.lists(cells, min_size=5, max_size=5), max_size=4),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_skipping_is_importing(tmp_path: Path, sources: list[tuple[list[str], list[list[str]]]], tree: Tree) -> None:
    shutil.rmtree(tmp_path / "ws", ignore_errors=True)
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws/francecloud.toml").write_text("")
    workspace = open_workspace(tmp_path / "ws")
    files = []
    for number, (headings, rows) in enumerate(sources):
        files.append(tmp_path / f"{number}.csv")
        files[-1].write_text("\n".join(";".join(row) for row in [headings, *rows]) + "\n")
    if import_files(files, workspace, today=DAY).refused:
        return
    again = import_files(files, workspace, today=LATER)
    before = tree(workspace.root)
    forgotten(workspace)
    whole = import_files(files, workspace, today=LATER)
    assert tree(workspace.root) == before
    if again.unchanged:
        assert answer(again) == answer(whole)
