"""The dataset in files: two imports at once both land, the settings of the store are checked, Parquet holds the same."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.dataset import read_dataset, schema
from inventory.importing import import_files
from inventory.package import package_files
from inventory.problems import InvalidInput
from inventory.stores import open_store
from inventory.stores.files import FileStore, locked
from inventory.workspace import Workspace

Write = Callable[[str, str], Path]
DAY = date(2026, 11, 23)
APPS = "Code application;Nom;Utilisateurs;Fin de contrat\n"


def test_two_imports_at_once_both_land_and_leave_no_lock(workspace: Workspace, write: Write) -> None:
    files = [write(f"l{i}.csv", APPS + f"A{i};App {i};{i};\n") for i in range(8)]
    failed: list[BaseException] = []

    def one(path: Path) -> None:
        try:
            import_files([path], workspace, today=DAY)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(f,)) for f in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert read_dataset(workspace)["applications"]["id"].to_list() == [f"A{i}" for i in range(8)]
    assert {p.name for p in workspace.root.glob(".*")} <= {".francecloud"}


def test_another_process_is_waited_for_then_named(workspace: Workspace) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom inventory.stores.files import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    told: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", code, str(workspace.dataset)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        store = FileStore(workspace.dataset, patience=0.2)
        with pytest.raises(InvalidInput) as caught, store.writing(told.append):
            pass
        child.kill()
    [problem] = caught.value.problems
    assert problem.code == "INV-200"
    assert str(child.pid) in problem.message
    assert str(child.pid) in told[0]
    # a lock whose holder was killed holds nobody
    with store.writing():
        pass


def test_a_lock_taken_away_by_its_holder_is_not_mistaken_for_held(tmp_path: Path) -> None:
    inside = 0
    worst = 0

    def work() -> None:
        nonlocal inside, worst
        for _turn in range(30):
            with locked(tmp_path / "d"):
                inside += 1
                worst = max(worst, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == 1
    assert not list(tmp_path.iterdir())


def test_parquet_holds_the_same_and_a_change_of_format_is_followed(workspace: Workspace, write: Write) -> None:
    apps = write("a.csv", APPS + "A1;Paie;12;2027-01-31\nA2;;;\n")
    import_files([apps], workspace, today=DAY)
    plain = read_dataset(workspace)
    there = Workspace(workspace.root, {"inventory": {"format": "parquet"}})
    import_files([apps], there, today=DAY)
    assert (workspace.dataset / "applications.parquet").is_file()
    assert not (workspace.dataset / "applications.csv").exists()
    again = read_dataset(workspace)
    for name in schema().tables:
        assert plain[name].equals(again[name])
    assert not import_files([apps], there, today=DAY).written


def test_a_parquet_that_is_not_of_the_contract_is_refused(workspace: Workspace, write: Write) -> None:
    there = Workspace(workspace.root, {"inventory": {"format": "parquet"}})
    import_files([write("a.csv", APPS + "A1;Paie;12;\n")], there, today=DAY)
    tables = dict(read_dataset(there).tables)
    wrong = {
        "PKG-003": tables["applications"].with_columns(users="name"),
        "PKG-004": tables["applications"].with_columns(classification="name"),
    }
    for code, frame in wrong.items():
        frame.write_parquet(workspace.dataset / "applications.parquet")
        with pytest.raises(InvalidInput) as caught:
            read_dataset(there)
        assert [p.code for p in caught.value.problems] == [code]
    (workspace.dataset / "applications.parquet").write_bytes(b"PAR1 cut")
    with pytest.raises(InvalidInput) as caught:
        read_dataset(there)
    assert caught.value.problems[0].code == "PKG-005"


def test_parquet_is_written_the_same_twice(workspace: Workspace, write: Write) -> None:
    import_files([write("a.csv", APPS + "A1;Paie;12;\n")], workspace, today=DAY)
    tables = read_dataset(workspace).tables
    assert package_files(schema(), tables, parquet=True) == package_files(schema(), tables, parquet=True)


@pytest.mark.parametrize(
    ("section", "code"),
    [({"store": "postgresql://me:secret@host/base"}, "INV-202"), ({"store": "postgresql://host/b?password=x"}, "INV-202"),
     ({"store": "postgresql://me:@host/base"}, "INV-202"), ({"store": "mysql://host/base"}, "INV-201"),
     ({"store": "host=a password=secret"}, "INV-201"), ({"store": "postgresql://[x/b"}, "INV-201"),
     ({"store": 3}, "INV-201"), ({"format": "ods"}, "INV-201"), ({"organisation": 3}, "INV-201")],
)  # fmt: skip
def test_settings_of_the_store_that_are_refused(workspace: Workspace, section: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        open_store(Workspace(workspace.root, {"inventory": section}))
    [problem] = caught.value.problems
    assert problem.code == code
    assert "secret" not in problem.text()


def test_without_the_library_the_message_says_what_to_install(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidInput) as caught:
        read_dataset(Workspace(workspace.root, {"inventory": {"store": "postgresql://host/base"}}))
    assert caught.value.problems[0].code == "INV-203"
    assert "francecloud[postgresql]" in (caught.value.problems[0].hint or "")
