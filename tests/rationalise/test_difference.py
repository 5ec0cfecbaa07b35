"""``diff``: what an edit moves between two revisions of a workspace, judged afresh at one date."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from francecloud.main import run
from inventory.dataset import schema
from inventory.package import write_package
from inventory.problems import Exit, InvalidInput
from inventory.workspace import open_workspace
from rationalise.difference import difference
from rationalise.revisions import WORKING_TREE, at_revision

AS_OF = date(2026, 11, 23)
PERIMETER = """\
kind: perimeter
organisations: [O1]
statement: nothing_classified
signed_by: {role: AQSSI, organisation: O1}
signed_on: 2026-01-05
expires_on: 2027-12-31
"""


def git(root: Path, *words: str) -> str:
    identity = ["-c", "user.name=essai", "-c", "user.email=essai@exemple.invalid"]
    done = subprocess.run(["git", "-C", root, *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def write_dataset(root: Path, **of_a1: Any) -> None:
    known: dict[str, Any] = {
        "entity_kind": "etat", "secret_protege": True, "donnees_perso": "ordinaires", "sante": False, "siiv": False,
        "source_modifiable": True, "lifecycle": "production",
    }  # fmt: skip
    applications = [
        {"id": "A1", "name": "Une", "organisation_id": "O1", **known, **of_a1},
        {"id": "A2", "name": "Deux", "organisation_id": "O1", **known},
    ]
    organisations = [{"id": "O1", "name": "DSI d'essai", "kind": "dsi", "entity_kind": "etat"}]
    servers = [
        {"id": f"S{n}", "name": f"S{n}", "os": "Debian GNU/Linux 12 (64-bit)", "vcpu": 2, "ram_gib": 4.0,
         "storage_gib": 40.0, "power_state": "on", "cpu_used": 30.0, "ram_used": 30.0}
        for n in (1, 2)
    ]  # fmt: skip
    deployments = [{"application_id": f"A{n}", "target_kind": "server", "target_id": f"S{n}"} for n in (1, 2)]
    write_package(
        root / "dataset",
        schema(),
        {
            "applications": pl.DataFrame(applications),
            "organisations": pl.DataFrame(organisations),
            "servers": pl.DataFrame(servers),
            "deployments": pl.DataFrame(deployments),
        },
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace in a subfolder of a repository, committed with two applications and a signed perimeter."""
    root = tmp_path / "repository" / "espace de travail"
    (root / "decisions/perimeters").mkdir(parents=True)
    (root / "zones").mkdir()
    (root / "francecloud.toml").write_text('[notes]\nforge_level = "full"\n', encoding="utf-8")
    (root / "decisions/perimeters/o1.yaml").write_text(PERIMETER, encoding="utf-8")
    write_dataset(root)
    git(tmp_path / "repository", "init", "--quiet", "--initial-branch=main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    return root


def moved(root: Path, base: str = "HEAD", head: str = WORKING_TREE) -> dict[str, Any]:
    return difference(open_workspace(root), base, head, AS_OF)


def test_nothing_edited_moves_nothing(root: Path) -> None:
    found = moved(root)
    assert found["verdict"] == "allowed"
    assert found["moves"] == []
    assert found["counts"]["before"] == found["counts"]["after"]
    assert found["counts"]["after"]["applications"] == 2


def test_an_edit_moves_its_application_and_is_named(root: Path) -> None:
    write_dataset(root, classification="dr")
    found = moved(root)
    assert found["verdict"] == "to confirm"
    [move] = found["moves"]
    assert move["application"] == "A1"
    assert move["before"]["tier"] == "INT"
    assert move["after"]["tier"] == "INT_DR"
    assert any("classification" in edit for edit in move["edits"])


def test_removing_a_signature_moves_its_whole_perimeter(root: Path) -> None:
    (root / "decisions/perimeters/o1.yaml").unlink()
    found = moved(root)
    assert {m["application"] for m in found["moves"]} == {"A1", "A2"}
    assert all("decisions/perimeters/o1.yaml" in " ".join(m["edits"]) for m in found["moves"])
    assert found["counts"]["after"]["lawful_now"] == 0


def test_an_application_that_its_zone_may_no_longer_hold_is_refused(root: Path) -> None:
    (root / "zones/rh-pi-usuelle-interne-prod.yaml").write_text("applications: [{id: A1, tier: INT}]", encoding="utf-8")
    write_dataset(root, classification="dr")
    found = moved(root)
    assert found["verdict"] == "refused"
    assert found["moves"][0]["unlawful_in"] == ["rh-pi-usuelle-interne-prod"]


def test_two_commits_are_compared_without_touching_the_files(root: Path) -> None:
    write_dataset(root, classification="dr")
    git(root, "commit", "--quiet", "-am", "second")
    write_dataset(root)
    before = (root / "dataset/applications.csv").read_bytes()
    found = moved(root, "HEAD~1", "HEAD")
    assert [m["application"] for m in found["moves"]] == ["A1"]
    assert (root / "dataset/applications.csv").read_bytes() == before
    assert git(root, "worktree", "list").count("\n") == 0


def test_the_same_comparison_gives_the_same_answer(root: Path) -> None:
    write_dataset(root, sante=True)
    assert json.dumps(moved(root)) == json.dumps(moved(root))


def test_no_dataset_before_is_never_green(root: Path) -> None:
    git(root, "rm", "-r", "--quiet", "--cached", "dataset")
    git(root, "commit", "--quiet", "-m", "no dataset")
    found = moved(root)
    assert found["verdict"] == "unknown"
    assert found["counts"]["new"] == 2


@pytest.mark.parametrize("revision", ["no-such-branch", "--output=/tmp/x", "HEAD~99"])
def test_a_revision_that_is_not_there_is_refused(root: Path, revision: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = moved(root, revision)
    assert found["verdict"] == "refused"
    assert "ANA-071" in found["problems"][0]
    with pytest.raises(InvalidInput, match="ANA-071"), at_revision(open_workspace(root), revision):
        pass


def test_a_dataset_that_cannot_be_read_is_refused_and_the_note_written(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "dataset/applications.csv").write_text("not,a,dataset\n", encoding="utf-8")
    note = tmp_path / "note.md"
    words = ["diff", "--workspace", str(root), "--as-of", AS_OF.isoformat(), "--note", str(note), "--json"]
    assert run(words) == Exit.USAGE
    assert json.loads(capsys.readouterr().out)["verdict"] == "refused"
    assert "⛔" in note.read_text(encoding="utf-8").splitlines()[1]


def test_the_note_says_which_edit_moves_what(root: Path, tmp_path: Path) -> None:
    write_dataset(root, classification="dr")
    note = tmp_path / "note.md"
    assert run(["diff", "HEAD", "--workspace", str(root), "--as-of", AS_OF.isoformat(), "--note", str(note)]) == Exit.OK
    text = note.read_text(encoding="utf-8")
    assert text.startswith("<!-- francecloud:diff -->\n## ⚠️")
    assert "INT → INT\\_DR" in text
    assert "classification" in text


def test_without_git_it_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "git" in moved(root)["problems"][0]
