"""Of a classified system nothing but an opaque identifier is kept, whoever named it and whenever."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.dataset import read_dataset
from inventory.importing import import_files
from inventory.problems import Severity
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Write = Callable[[str, str], Path]
Tree = Callable[[Path], dict[str, bytes]]
OPEN = "Code application;Nom;Organisation;Langage;Serveurs\nA9;Grand Duc;DSI;Java 17;srv-9\nA1;Paie;DSI;Cobol;srv-1\n"
MARKED = "Code application;Nom;Classification\nA9;Grand Duc;Très secret\n"
SERVERS = "Serveur;vCPU\nsrv-9;2\nsrv-1;2\n"


@pytest.mark.parametrize("order", [("open", "marked"), ("marked", "open"), ("both",)])
def test_nothing_said_before_after_or_together_is_kept(
    write: Write, workspace: Workspace, tree: Tree, order: tuple[str, ...]
) -> None:
    opened, marked, servers = write("ouverte.csv", OPEN), write("marquee.csv", MARKED), write("serveurs.csv", SERVERS)
    for step in order:
        files = {"open": [opened], "marked": [marked], "both": [opened, marked]}[step]
        result = import_files([servers, *files], workspace, today=DAY)
    assert any(p.code == "INV-013" and p.severity is Severity.INFO for p in result.problems)
    dataset = read_dataset(workspace)
    kept = next(r for r in dataset["applications"].iter_rows(named=True) if r["id"] == "A9")
    assert {k for k, v in kept.items() if v is not None} == {"id", "classification"}
    assert dataset["components"]["subject_id"].to_list() == ["A1"]
    assert dataset["deployments"]["application_id"].to_list() == ["A1"]
    assert b"Grand Duc" not in b"".join(tree(workspace.root).values())


def test_its_name_does_not_make_its_identifier(write: Write, workspace: Workspace, tree: Tree) -> None:
    path = write("apps.csv", "Application;Criticité;Classification\nGrand Duc;Haute;Secret\nPaie;Haute;\n")
    import_files([path], workspace, today=DAY)
    written = b"".join(tree(workspace.root).values()).lower()
    assert b"grand" not in written
    assert read_dataset(workspace)["applications"].height == 2
    before = tree(workspace.root)
    assert import_files([path], workspace, today=DAY).tables["applications"]["unchanged"] == 2
    assert tree(workspace.root) == before


def test_a_name_already_known_is_dropped_once_it_is_marked(write: Write, workspace: Workspace, tree: Tree) -> None:
    import_files([write("apps.csv", "Application;Criticité;Classification\nGrand Duc;Haute;\n")], workspace, today=DAY)
    import_files(
        [write("apps.csv", "Application;Criticité;Classification\nGrand Duc;Haute;Secret\n")], workspace, today=DAY
    )
    assert b"grand" not in b"".join(tree(workspace.root).values()).lower()
    assert read_dataset(workspace)["applications"]["classification"].to_list() == ["secret"]
