"""The shared store on a real PostgreSQL: the same dataset, frontiers held by the base, two imports at once, a kill."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pytest

from francecloud.main import run
from inventory.dataset import read_dataset, schema
from inventory.importing import import_files
from inventory.package import canonical_digest
from inventory.problems import InvalidInput, UserError
from inventory.stores import open_store
from inventory.stores.postgresql import connected
from inventory.workspace import Workspace

pytestmark = pytest.mark.needs("postgresql")

Make = Callable[[str], Workspace]
Write = Callable[[str, str], Path]
DAY = date(2026, 11, 23)
APPS = "Code application;Nom;Utilisateurs;Coût annuel de fonctionnement;Données de santé;Fin de contrat\n"


def take(workspace: Workspace, *files: Path) -> None:
    assert not import_files(files, workspace, today=DAY).refused


def test_what_is_read_is_what_files_would_hold(shared_workspace: Make, workspace: Workspace, write: Write) -> None:
    apps = write(
        "a.csv", APPS + 'A1;"Paie ; ""RH""\nsuite";12;0,1;Oui;2027-01-31\nA2;=1+1;;1234,56;Non;\nA3;NULL;;;;\n'
    )
    srv = write("s.csv", "Serveur;vCPU;Mémoire (Go);Applications\nsrv-é;4;7,3;A1\n")
    take(workspace, apps, srv)
    there = shared_workspace("dsi_nord")
    assert not open_store(there).exists()
    take(there, apps, srv)
    plain, shared = read_dataset(workspace), read_dataset(there)
    for name in schema().tables:
        assert plain[name].equals(shared[name]), name
    assert plain.digest == shared.digest
    assert shared.descriptor["marking"] == "sensible"
    assert not import_files([apps, srv], there, today=DAY).written
    assert not there.dataset.exists()


@pytest.mark.parametrize(
    "verb",
    [["check"], ["matches"], ["analyse"], ["questions"], ["explain", "A1"], ["whatif", "--without", "FC-04"],
     ["doctrine", "timeline"], ["doctrine", "show", "FC-12"], ["export", "-o", "o.json"], ["zones", "make"]],
    ids=" ".join,
)  # fmt: skip
def test_every_verb_reads_the_store(
    verb: list[str], shared_workspace: Make, write: Write, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    there = shared_workspace("dsi_nord")
    take(there, write("a.csv", APPS + "A1;Paie;12;;Oui;\n"))
    monkeypatch.chdir(there.root)
    if verb[0] == "zones":
        assert run(["analyse"]) == 0
    capsys.readouterr()
    assert run(verb) == 0, capsys.readouterr().err
    if verb[:2] == ["doctrine", "show"]:
        assert " 1 " in capsys.readouterr().out.splitlines()[-1], "the application of the store is counted"
    assert not there.dataset.exists()


def test_an_empty_store_says_so(shared_workspace: Make) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_dataset(shared_workspace("dsi_sud"))
    assert caught.value.problems[0].code == "PKG-001"


def test_a_dsi_neither_sees_nor_writes_the_rows_of_another(shared_workspace: Make, base: str, write: Write) -> None:
    take(shared_workspace("dsi_nord"), write("nord.csv", APPS + "A1;Paie;1;;;\n"))
    south = shared_workspace("dsi_sud")
    take(south, write("sud.csv", APPS + "A1;Stock;2;;;\nA2;Bail;3;;;\n"))
    assert read_dataset(south)["applications"]["name"].sort().to_list() == ["Bail", "Stock"]
    with psycopg.connect(base.replace("boss@", "dsi_sud@"), autocommit=True) as sud:
        assert sud.execute("SELECT DISTINCT _owner FROM francecloud.applications").fetchall() == [("DSI-SUD",)]
        assert sud.execute("UPDATE francecloud.applications SET name = 'x' WHERE _owner = 'DSI-NORD'").rowcount == 0
        assert sud.execute("DELETE FROM francecloud.applications WHERE _owner = 'DSI-NORD'").rowcount == 0
        for attempt in (
            "INSERT INTO francecloud.applications (_owner, id) VALUES ('DSI-NORD', 'Z')",
            "UPDATE francecloud.applications SET _owner = 'DSI-NORD'",
            "INSERT INTO francecloud._members VALUES ('dsi_sud', 'DSI-NORD')",
            "INSERT INTO francecloud._readers VALUES ('dsi_sud', 'DSI-NORD')",
            "ALTER TABLE francecloud.applications DISABLE ROW LEVEL SECURITY",
            "SET ROLE dsi_nord",
            "TRUNCATE francecloud.applications",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                sud.execute(attempt)
    assert read_dataset(shared_workspace("dsi_nord"))["applications"]["name"].to_list() == ["Paie"]


def test_the_owner_of_the_tables_is_held_by_the_same_rules(shared_workspace: Make, base: str, write: Write) -> None:
    take(shared_workspace("dsi_nord"), write("nord.csv", APPS + "A1;Paie;1;;;\n"))
    with psycopg.connect(base.replace("boss@", "keeper@"), autocommit=True) as keeper:
        assert keeper.execute("SELECT count(*) FROM francecloud.applications").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            keeper.execute("INSERT INTO francecloud.applications (_owner, id) VALUES ('DSI-NORD', 'Z')")


def test_every_table_is_held(base: str) -> None:
    with psycopg.connect(base) as boss:
        rows = boss.execute(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind = 'r' AND "
            "relnamespace = 'francecloud'::regnamespace"
        ).fetchall()
    assert {n for n, _e, _f in rows} == {*schema().tables, "_editions", "_members", "_readers"}
    assert all(enabled for _n, enabled, _f in rows)
    assert {n for n, _e, forced in rows if not forced} == {"_members", "_readers"}


def test_the_ministry_reads_the_sum_of_what_it_was_allowed(shared_workspace: Make, write: Write) -> None:
    take(shared_workspace("dsi_nord"), write("nord.csv", APPS + "A1;Paie;1;;;\n"))
    take(shared_workspace("dsi_sud"), write("sud.csv", APPS + "A1;Stock;2;;;\nA2;Bail;3;;;\n"))
    seen = read_dataset(shared_workspace("dnum"))["applications"]
    assert dict(seen.select("id", "users").iter_rows()) == {"DSI-NORD:A1": 1, "DSI-SUD:A1": 2, "A2": 3}


def test_two_imports_at_once_both_land(shared_workspace: Make, write: Write) -> None:
    there = shared_workspace("dsi_nord")
    files = [write(f"l{i}.csv", APPS + f"A{i};App {i};{i};;;\n") for i in range(6)]
    failed: list[BaseException] = []

    def one(path: Path) -> None:
        try:
            take(there, path)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(f,)) for f in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert read_dataset(there)["applications"]["id"].to_list() == [f"A{i}" for i in range(6)]


def test_a_kill_in_the_middle_leaves_the_old_rows(shared_workspace: Make, base: str, write: Write) -> None:
    there = shared_workspace("dsi_nord")
    take(there, write("a.csv", APPS + "A1;Paie;1;;;\n"))
    before = read_dataset(there).digest
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom inventory.workspace import open_workspace\n"
        "from inventory.stores import open_store\n"
        "with open_store(open_workspace(Path(sys.argv[1]))).writing() as s:\n"
        "    tables = dict(s.read().tables)\n    tables['applications'] = tables['applications'].clear()\n"
        "    s.write(tables, {'marking': 'sensible'})\n    print('written', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(there.root)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "written\n"
        os.kill(child.pid, signal.SIGKILL)
    assert read_dataset(there).digest == before
    deadline = time.monotonic() + 10
    take(there, write("b.csv", APPS + "A2;Bail;2;;;\n"))
    assert time.monotonic() < deadline
    assert read_dataset(there)["applications"].height == 2


def test_what_someone_wrote_by_hand_is_checked(shared_workspace: Make, base: str, write: Write) -> None:
    there = shared_workspace("dsi_nord")
    take(there, write("a.csv", APPS + "A1;Paie;1;;;\n"))
    with psycopg.connect(base.replace("boss@", "dsi_nord@")) as nord:
        nord.execute("UPDATE francecloud.applications SET classification = 'ultra'")
    with pytest.raises(InvalidInput) as caught:
        read_dataset(there)
    assert [(p.code, p.column, p.value) for p in caught.value.problems] == [("PKG-004", "classification", "ultra")]


def test_another_version_is_refused_and_left_alone(shared_workspace: Make, base: str, write: Write) -> None:
    there = shared_workspace("dsi_nord")
    take(there, write("a.csv", APPS + "A1;Paie;1;;;\n"))
    with psycopg.connect(base.replace("boss@", "dsi_nord@")) as nord:
        nord.execute("UPDATE francecloud._editions SET schema_version = '0'")
    for act in (lambda: read_dataset(there), lambda: import_files([write("b.csv", APPS)], there, today=DAY)):
        with pytest.raises(InvalidInput) as caught:
            act()
        assert caught.value.problems[0].code == "PKG-002"


def test_the_tables_may_be_made_again(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    url = base.replace("boss@", "keeper@")
    assert run(["store", "init", "--url", url, "--apply", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["applied"]
    assert run(["store", "member", "dsi_nord", "DSI-EST", "--url", url, "--apply"]) == 0
    with psycopg.connect(base.replace("boss@", "dsi_nord@")) as nord:
        found = nord.execute("SELECT francecloud._members_of_me() ORDER BY 1").fetchall()
    assert found == [("DSI-EST",), ("DSI-NORD",)]


def test_a_role_of_several_organisations_must_say_which(shared_workspace: Make, base: str, write: Write) -> None:
    there = shared_workspace("dsi_nord")
    run(["store", "member", "dsi_nord", "DSI-EST", "--url", base, "--apply"])
    apps = write("a.csv", APPS + "A1;Paie;1;;;\n")
    with pytest.raises(InvalidInput) as caught:
        import_files([apps], there, today=DAY)
    assert caught.value.problems[0].code == "INV-205"
    there.settings["inventory"]["organisation"] = "DSI-EST"
    take(there, apps)
    with psycopg.connect(base) as boss:
        assert boss.execute("SELECT DISTINCT _owner FROM francecloud.applications").fetchall() == [("DSI-EST",)]


@pytest.mark.parametrize(
    ("change", "code", "leaves"),
    [(("dsi_nord@", "nobody_known@"), "INV-204", 3), (("host=", "host=/nowhere"), "INV-204", 4),
     (("/inventaire?", "/postgres?"), "INV-206", 2)],
)  # fmt: skip
def test_a_base_that_cannot_be_used_is_a_problem(
    shared_workspace: Make, change: tuple[str, str], code: str, leaves: int
) -> None:
    there = shared_workspace("dsi_nord")
    there.settings["inventory"]["store"] = there.settings["inventory"]["store"].replace(*change)
    with pytest.raises(UserError) as caught:
        read_dataset(there)
    assert (caught.value.problems[0].code, caught.value.exit_code) == (code, leaves), caught.value


def test_a_secret_of_the_server_stays_out_of_messages(base: str) -> None:
    with pytest.raises(UserError) as caught, connected(base.replace("boss@", "who:hunter2secret@")):
        pass
    assert "hunter2secret" not in str(caught.value)


def test_the_digest_is_that_of_the_content(shared_workspace: Make, base: str, write: Write) -> None:
    there = shared_workspace("dsi_nord")
    take(there, write("a.csv", APPS + "A1;Paie;1;;;\n"))
    with psycopg.connect(base) as boss:
        kept = boss.execute("SELECT digest FROM francecloud._editions").fetchone()
    assert kept == (canonical_digest(schema(), read_dataset(there).tables),)
