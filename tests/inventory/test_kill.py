"""A kill at any moment: the old dataset and its mappings, or the new ones, and the next command needs no help."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.importing import import_files
from inventory.swap import CARRIED
from inventory.workspace import Workspace, open_workspace

DAY = date(2026, 11, 23)
DRIVER = Path(__file__).with_name("killing.py")
ROOT = DRIVER.parent.parent.parent


def killed_everywhere(tmp_path: Path, before: Workspace, files: list[Path]) -> list[dict]:
    after = tmp_path / "after"
    shutil.copytree(before.root, after)
    import_files(files, open_workspace(after), today=date.today())
    words = [sys.executable, DRIVER, tmp_path / "killed", before.root, after, *files]
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def verified(steps: list[dict], at_least: int) -> None:
    assert len(steps) > at_least
    assert [s for s in steps if s["state"] == "mixture" or s["ahead"]] == []
    assert steps[0]["state"] == "old"
    assert (steps[-1]["status"], steps[-1]["state"]) == (0, "new")
    states = [s["state"] for s in steps]
    assert states == sorted(states, reverse=True), "once new it stays new"


@pytest.mark.slow
def test_a_first_import_killed_at_every_step(tmp_path: Path, workspace: Workspace, write: Callable[..., Path]) -> None:
    files = [write("apps.csv", "Code application;Nom;Inconnue\nA1;Paie;x\n"), write("s.csv", "Serveur;vCPU\nsrv;2\n")]
    steps = killed_everywhere(tmp_path, workspace, files)
    verified(steps, 20)
    # where there was nothing, `check` says that there is nothing
    assert {s["next"] for s in steps if s["state"] == "old"} == {2}


def test_a_new_edition_with_new_headings_killed_at_every_step(
    tmp_path: Path, workspace: Workspace, write: Callable[..., Path]
) -> None:
    files = [write("apps.csv", "Code application;Nom\nA1;Paie\n"), write("s.csv", "Serveur;vCPU\nsrv;2\n")]
    import_files(files, workspace, today=DAY)
    write("apps.csv", "Code application;Nom;Nouvelle\nA1;Paye;x\nA2;Stocks;y\n")
    write("s.csv", "Serveur;vCPU;Autre\nsrv;4;z\n")
    verified(killed_everywhere(tmp_path, workspace, files), 25)


@pytest.mark.slow
def test_mappings_alone_killed_at_every_step(tmp_path: Path, workspace: Workspace, write: Callable[..., Path]) -> None:
    files = [write(f"{n}.csv", f"Code application;Nom\nA{n};Paie\n") for n in range(3)]
    import_files(files, workspace, today=DAY)
    for path in (workspace.root / "sources").iterdir():
        path.write_text(path.read_text().replace("\n", "\n\n"))
    verified(killed_everywhere(tmp_path, workspace, files), 8)


def test_a_mapping_edited_after_a_kill_stays_as_edited(workspace: Workspace, write: Callable[..., Path]) -> None:
    path = write("apps.csv", "Code application;Nom;Sigle\nA1;Paie;3\n")
    import_files([path], workspace, today=DAY)
    kept = workspace.root / "sources/apps.csv.mapping.json"
    carried = workspace.dataset / CARRIED
    carried.mkdir()
    (carried / kept.name).write_text(kept.read_text())
    kept.write_text(kept.read_text().replace("null", '"applications.users"'))
    assert import_files([path], workspace, today=DAY).tables["applications"]["updated"] == 1
    assert "users" in kept.read_text()
    assert not carried.exists()


def test_two_imports_at_once_take_turns(workspace: Workspace, write: Callable[..., Path]) -> None:
    files = [write(f"{n}.csv", f"Code application;Nom\nA{n};Paie {n}\n") for n in range(3)]
    ours = "import sys; from francecloud.main import main; main(sys.argv[1:])"
    running = [
        subprocess.Popen([sys.executable, "-c", ours, "import", str(f), "--workspace", str(workspace.root)], cwd=ROOT,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for f in files
    ]  # fmt: skip
    for child in running:
        _out, err = child.communicate(timeout=120)
        assert child.returncode == 0, err
    lines = (workspace.dataset / "applications.csv").read_text().splitlines()
    assert [line[:2] for line in lines[1:]] == ["A0", "A1", "A2"]


@pytest.mark.parametrize("left", [".dataset.next", ".dataset.previous"])
def test_what_a_kill_leaves_is_removed_by_the_next_command(
    workspace: Workspace, write: Callable[..., Path], left: str
) -> None:
    path = write("apps.csv", "Code application;Nom\nA1;Paie\n")
    import_files([path], workspace, today=DAY)
    (workspace.root / left).mkdir()
    (workspace.root / left / "applications.csv").write_text("id\nB1\n")
    import_files([path], workspace, today=DAY)
    assert not (workspace.root / left).exists()
