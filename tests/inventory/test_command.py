"""``import`` and ``check`` as a user runs them: the answer as JSON, exit codes, and nothing left by a refusal."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from francecloud.main import run
from inventory.workspace import Workspace

Write = Callable[[str, str], Path]
Tree = Callable[[Path], dict[str, bytes]]
PLACE = ["code", "severity", "message", "file", "sheet", "row", "column", "field", "value", "hint"]


def answer(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict]:
    code = run([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_answer_has_tables_and_problems(
    write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("apps.csv", "Code application;Nom;Rien\nA1;Paie;x\n")
    code, found = answer(capsys, "import", path, "--workspace", workspace.root)
    assert code == 0
    assert found["tables"] == {"applications": {"read": 1, "created": 1, "updated": 0, "unchanged": 0}}
    assert [sorted(p) for p in found["problems"]] == [sorted(PLACE)]
    assert found["problems"][0]["file"] == str(path)


def test_an_error_answers_the_same_shape_and_writes_nothing(
    write: Write, workspace: Workspace, tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(workspace.root)
    bad = write("apps.csv", "Code application;Nom;Classification\nA1;Paie;ultra\n")
    code, found = answer(capsys, "import", bad, "absent.csv", "--workspace", workspace.root)
    assert code == 2
    assert {(p["code"], p["file"], p["row"]) for p in found["problems"]} == {
        ("INV-020", str(bad), 2),
        ("INV-001", "absent.csv", None),
    }
    assert found["tables"]["applications"]["created"] == 0
    assert tree(workspace.root) == before


def test_a_folder_that_is_no_workspace_becomes_one_unless_refused(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = tmp_path / "neuf"
    assert answer(capsys, "import", "absent.csv", "--workspace", fresh)[0] == 2
    assert not fresh.exists()
    assert answer(capsys, "import", write("a.csv", "Code application;Nom\nA1;Paie\n"), "--workspace", fresh)[0] == 0
    assert (fresh / "francecloud.toml").is_file()


def test_a_format_that_does_not_exist_names_the_nearest(
    write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("a.csv", "Code application;Nom\nA1;Paie\n")
    code, found = answer(capsys, "import", path, "--format", "rvtool", "--workspace", workspace.root)
    assert (code, found["problems"][0]["code"]) == (2, "INV-009")
    assert "rvtools" in found["problems"][0]["hint"]


def test_the_format_recognised_is_said(write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", str(write("a.csv", "Code application;Nom\nA1;Paie\n")), "--workspace", str(workspace.root)])
    assert "a.csv" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["{", "[]", ""])
def test_a_dataset_that_cannot_be_read_is_a_problem(
    write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    path = write("a.csv", "Code application;Nom\nA1;Paie\n")
    answer(capsys, "import", path, "--workspace", workspace.root)
    (workspace.dataset / "datapackage.json").write_text(damage)
    for words in (("import", path), ("check",)):
        code, found = answer(capsys, *words, "--workspace", workspace.root)
        assert code == 2
        assert found["problems"][0]["code"] in ("PKG-002", "PKG-005")


def test_check_says_everything_at_once_and_what_each_application_lacks(
    write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    apps = write("apps.csv", "Code application;Nom;Type d'entité;Secret protégé;Secrets;Données de santé;Données personnelles\n"
                             "A1;Paie;État;Non;vie_privee;Oui;Aucune\n")  # fmt: skip
    orga = write("orga.csv", "Code organisation;Nom;Organisation de rattachement\nO1;Un;O2\nO2;Deux;O1\n")
    answer(capsys, "import", apps, orga, "--workspace", workspace.root)
    code, found = answer(capsys, "check", "--workspace", workspace.root)
    assert code == 2
    assert {"INV-051", "INV-052", "INV-053", "INV-054"} <= {p["code"] for p in found["problems"]}
    assert {p["field"] for p in found["problems"] if p["code"] == "INV-052"} == {"secrets", "sante"}
    [gaps] = found["applications"]
    assert gaps["id"] == "A1"
    assert gaps["missing"][:2] == ["classification", "mission_essentielle"]
    assert "entity_kind" not in gaps["missing"]


def test_check_finds_what_leads_nowhere_and_its_line(
    write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    apps = write("apps.csv", "Code application;Nom;Serveurs\nA1;Paie;srv-a\n")
    answer(capsys, "import", apps, write("s.csv", "Serveur;vCPU\nsrv-a;2\n"), "--workspace", workspace.root)
    path = workspace.dataset / "deployments.csv"
    path.write_text(path.read_text().replace("A1,", "A7,"))
    code, found = answer(capsys, "check", "--workspace", workspace.root)
    [lost] = [p for p in found["problems"] if p["code"] == "INV-050"]
    assert (code, lost["file"], lost["row"], lost["column"], lost["value"]) == (
        2, "dataset/deployments.csv", 2, "application_id", "A7",
    )  # fmt: skip
