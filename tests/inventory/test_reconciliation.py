"""One record for what several sources say of one machine: recognised, explained, settled by people, undone."""

import importlib.util
import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from inventory.cells import Order
from inventory.dataset import COUNTED, read_dataset, schema
from inventory.importing import import_files
from inventory.matching.decisions import read_decisions
from inventory.matching.servers import canonical_uuid, serial
from inventory.problems import InvalidInput, NotFound
from inventory.provenance import conflicts, where_from
from inventory.reconcile import pending, reconcile
from inventory.removal import remove_sources
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
U1, U2 = "4c4c4544-0050-4410-8033-b4c04f4d3132", "564d1e2b-0a0b-0c0d-0e0f-101112131415"
Write = Callable[[str, str], Path]
Tree = Callable[[Path], dict[str, bytes]]
BENCH = Path(__file__).parents[1] / "bench/reconciliation.py"
HEAD = "table,left_id,right_id,decision,author_role,organisation,date,reason"
RVTOOLS = ["VM", "CPUs", "Memory", "Primary IP Address", "DNS Name", "Cluster", "Host", "VM UUID"]
GLPI = (
    "Nom de la machine;UUID;Adresse IP;Système;vCPU;RAM (Go)\n"
    f"SRV-PAIE-WEB1;{U1.upper()};10.0.0.1;Debian 12;4;8\n"
    "srv-paie-bdd02.intra.example;;10.0.0.2;Debian 12;2;16\n"
    "srv-seul-glpi;;10.0.0.9;Debian 12;2;16\n"
)
LIST = "Serveur;Adresse IP;CPU;RAM (Go);Environnement\nsrv_paie_web01;10.0.0.1;8;8;Production\nsrv-paie-bdd02;10.0.0.2;2;16;Recette\n"
APPS = "Code application;Nom;Serveurs\nPAIE;Paie;srv-paie-web01, srv-paie-bdd02\n"


@pytest.fixture
def three(write: Write, workbook: Callable[..., Path]) -> list[Path]:
    """Three sources that overlap, and a list of applications."""
    info = [RVTOOLS, ["srv-paie-web01", 4, 8192, "10.0.0.1", "srv-paie-web01.intra.example", "c1", "esx1", U1],
            ["srv-paie-bdd02", 2, 16384, "10.0.0.2", "srv-paie-bdd02.intra.example", "c1", "esx1", U2],
            ["srv-paie-bdd02-old", 2, 16384, "10.0.0.2", "", "c1", "esx1", "564d1e2b-0a0b-0c0d-0e0f-ffffffffffff"]]  # fmt: skip
    return [
        workbook("rvtools.xlsx", vInfo=info),
        write("glpi.csv", GLPI),
        write("liste.csv", LIST),
        write("apps.csv", APPS),
    ]


def names(workspace: Workspace) -> dict[str, str]:
    return dict(read_dataset(workspace)["servers"].select("id", "name").iter_rows())


def decide(workspace: Workspace, *rows: str) -> None:
    path = workspace.decisions / "matches.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")


def test_three_sources_make_one_record_and_a_clone_stays_another(three: list[Path], workspace: Workspace) -> None:
    result = import_files(three, workspace, today=DAY)
    assert not result.refused
    data = read_dataset(workspace)
    assert sorted(names(workspace).values()) == [
        "srv-paie-bdd02",
        "srv-paie-bdd02-old",
        "srv-paie-web01",
        "srv-seul-glpi",
    ]
    assert set(data["aliases"].filter(pl.col("id") == U1)["source"]) == {"glpi.csv", "liste.csv"} - (
        {"glpi.csv"} if U1 not in data["aliases"]["alias"] and data["aliases"].filter(pl.col("source") == "glpi.csv").is_empty() else set()
    )  # fmt: skip
    row = data["servers"].row(by_predicate=pl.col("id") == U1, named=True)
    assert (row["fqdn"], row["environment"], row["os"]) == ("srv-paie-web01.intra.example", "production", "Debian 12")
    assert set(data["deployments"]["target_id"]) == {U1, U2}
    assert result.tables["servers"]["read"] == 8
    assert result.tables["servers"]["created"] == 4


def test_neither_order_nor_repetition_moves_a_byte(
    three: list[Path], workspace: Workspace, tree: Tree, tmp_path: Path
) -> None:
    import_files(three, workspace, today=DAY)
    once = tree(workspace.dataset)
    for paths in (three, three[::-1], three[1:2]):
        again = import_files(paths, workspace, today=date(2027, 1, 1))
        assert tree(workspace.dataset) == once
        assert all(c["created"] == c["updated"] == 0 for c in again.tables.values())
    other = Workspace(tmp_path / "autre", {})
    other.root.mkdir()
    import_files(three[::-1], other, today=DAY)
    ids = read_dataset(other)["servers"]["id"].to_list()
    assert ids == read_dataset(workspace)["servers"]["id"].to_list()


def test_every_cell_says_where_it_was_read_and_who_disagrees(three: list[Path], workspace: Workspace) -> None:
    import_files(three, workspace, today=DAY)
    data = read_dataset(workspace)
    disagreed = set()
    for name in COUNTED:
        table = schema().tables[name]
        text = data[name].select(pl.all().cast(pl.String))
        for row in text.iter_rows(named=True):
            key = "|".join(str(row[c]) for c in table.primary_key)
            for field, value in row.items():
                places = where_from(workspace, name, key, field, data)
                wins = [p for p in places if p.wins]
                assert len(wins) == (value is not None), (name, key, field)
                for p in wins:
                    assert p.row is not None or p.sheet is not None
                    assert (p.value == value) or field in table.primary_key
                    assert p.column is not None or p.source == "rvtools.xlsx" or field == "target_kind"
                disagreed |= {(name, key, field, p.source, p.value) for p in places if p.disagrees}
    told = {(t, i, f, s, v) for t, i, f, _kept, s, v in conflicts(data).iter_rows()}
    assert disagreed == told
    assert ("servers", U1, "vcpu", "liste.csv", "8") in told
    assert ("servers", U1, "name", "glpi.csv", "SRV-PAIE-WEB1") in told
    [first, *others] = where_from(workspace, "servers", U1, "vcpu", data)
    assert {(p.source, p.row, p.column, p.value) for p in (first, *others)} == {
        ("rvtools.xlsx", 2, "CPUs", "4"), ("glpi.csv", 2, "vCPU", "4"), ("liste.csv", 2, "CPU", "8")}  # fmt: skip


def test_precedence_is_by_source_and_by_field(three: list[Path], workspace: Workspace) -> None:
    workspace.settings["inventory"] = {
        "precedence": ["rvtools.xlsx", "glpi.csv"],
        "precedence_of": {"servers.vcpu": ["liste.csv"]},
    }
    import_files(three, workspace, today=DAY)
    row = read_dataset(workspace)["servers"].row(by_predicate=pl.col("id") == U1, named=True)
    assert (row["vcpu"], row["name"]) == (8, "srv-paie-web01")


def test_a_precedence_that_names_nothing_is_told_with_what_is_nearest(three: list[Path], workspace: Workspace) -> None:
    workspace.settings["inventory"] = {
        "precedence": ["glpi.cvs"],
        "precedence_of": {"servers.vcpus": ["liste.csv"], "servers.os": "x"},
    }
    result = import_files(three, workspace, today=DAY)
    found = {(p.code, p.value, p.hint) for p in result.problems if p.code in ("INV-160", "INV-161")}
    assert {(c, v) for c, v, _h in found} == {("INV-160", "glpi.cvs"), ("INV-160", "servers.vcpus"), ("INV-161", None)}
    assert any("glpi.csv" in str(h) for _c, v, h in found if v == "glpi.cvs")
    assert any("servers.vcpu" in str(h) for _c, v, h in found if v == "servers.vcpus")
    assert not workspace.dataset.exists()


def test_a_decision_wins_and_can_be_taken_back(three: list[Path], workspace: Workspace, tree: Tree) -> None:
    import_files(three, workspace, today=DAY)
    before = tree(workspace.dataset)
    alias = dict(read_dataset(workspace)["aliases"].filter(pl.col("id") == U2).select("source", "alias").iter_rows())
    glpi = alias["glpi.csv"]
    decide(workspace, f"servers,{U2},{glpi},different,RSSI,DSI,2026-11-20,machine refaite")
    import_files(three, workspace, today=DAY)
    assert glpi in names(workspace)
    assert read_dataset(workspace)["servers"].filter(pl.col("id") == glpi)["os"].to_list() == ["Debian 12"]
    settled = tree(workspace.dataset)
    import_files(three, workspace, today=DAY)
    assert tree(workspace.dataset) == settled
    decide(workspace)
    import_files(three, workspace, today=DAY)
    assert tree(workspace.dataset) == before


def test_two_records_are_made_one_when_a_person_says_so_and_links_follow(write: Write, workspace: Workspace) -> None:
    a = write("a.csv", "Serveur;CPU;Application\nalpha;2;Paie\n")
    b = write("b.csv", "Serveur;CPU;RAM (Go)\nomega;2;4\n")
    apps = write("apps.csv", "Code application;Nom;Serveurs\nPAIE;Paie;omega\n")
    import_files([a, b, apps], workspace, today=DAY)
    assert len(names(workspace)) == 2
    decide(workspace, "servers,omega,alpha,same,exploitant,DSI,2026-11-20,renommée en mars")
    import_files([b], workspace, today=DAY)
    data = read_dataset(workspace)
    assert data["servers"].select("id", "ram_gib").rows() == [("alpha", 4.0)]
    assert data["deployments"].rows() == [("PAIE", "server", "alpha")]
    import_files([a, b, apps], workspace, today=DAY)
    assert read_dataset(workspace).digest == data.digest


def test_contradicting_identifiers_are_never_one_and_part_what_was(write: Write, workspace: Workspace) -> None:
    a = write("a.csv", f"Serveur;UUID;Adresse IP;CPU\nsrv-x1;{U1};10.0.0.1;2\n")
    b = write("b.csv", "Nom serveur;Adresse IP;CPU\nsrv-x01;10.0.0.1;2\n")
    import_files([a, b], workspace, today=DAY)
    assert len(names(workspace)) == 1
    b = write("b.csv", f"Nom serveur;UUID;Adresse IP;CPU\nsrv-x01;{U2};10.0.0.1;2\n")
    result = import_files([b], workspace, today=DAY)
    assert [p.code for p in result.problems if p.code == "INV-171"] == ["INV-171"]
    assert sorted(names(workspace).values()) == ["srv-x01", "srv-x1"]
    decide(workspace, "servers,srv-x1,srv-x01,same,exploitant,DSI,2026-11-20,carte changée")
    result = import_files([b], workspace, today=DAY)
    assert len(names(workspace)) == 1
    assert "INV-166" in [p.code for p in result.problems]


def test_two_machines_of_one_name_with_uuids_of_their_own_are_two(
    write: Write, workspace: Workspace, tree: Tree
) -> None:
    files = [write(f"{n}.csv", f"Serveur;UUID;CPU;Application\nsrv-a;{u};2;{n}\n") for n, u in (("a", U1), ("b", U2))]
    import_files(files, workspace, today=DAY)
    once = tree(workspace.dataset)
    assert sorted(read_dataset(workspace)["servers"]["uuid"]) == sorted([U1, U2])
    import_files(files[::-1], workspace, today=DAY)
    assert tree(workspace.dataset) == once
    files[0].write_text(files[0].read_text().replace(U1, "11111111-2222-3333-4444-555555555555"))
    import_files(files, workspace, today=DAY)
    assert read_dataset(workspace)["servers"].height == 2
    first, second = read_dataset(workspace)["servers"]["id"]
    decide(workspace, f"servers,{first},{second},same,exploitant,DSI,2026-11-20,carte changée")
    import_files(files, workspace, today=DAY)
    together = tree(workspace.dataset)
    assert list(names(workspace)) == [first]
    import_files(files, workspace, today=DAY)
    assert tree(workspace.dataset) == together


def test_a_source_is_removed_with_what_only_it_said(
    three: list[Path], workspace: Workspace, tree: Tree, tmp_path: Path
) -> None:
    workspace.settings["inventory"] = {"precedence": ["liste.csv", "rvtools.xlsx", "glpi.csv", "apps.csv"]}
    import_files(three, workspace, today=DAY)
    before = tree(workspace.root)
    tried = remove_sources(["liste.csv"], workspace, dry_run=True)
    assert tree(workspace.root) == before
    assert {(f, v, now) for _t, i, f, v, now, _s in tried.cells.iter_rows() if i.endswith("web01")} >= {
        ("vcpu", "8", "4"), ("environment", "production", None), ("name", "srv_paie_web01", "srv-paie-web01")}  # fmt: skip
    done = remove_sources(["liste.csv"], workspace)
    assert done.cells.equals(tried.cells)
    data = read_dataset(workspace)
    other = Workspace(tmp_path / "autre", workspace.settings)
    other.root.mkdir()
    import_files([p for p in three if p.name != "liste.csv"], other, today=DAY)
    columns = [c for c in data["servers"].columns if c != "id"]
    assert (
        data["servers"].select(columns).sort("name").equals(read_dataset(other)["servers"].select(columns).sort("name"))
    )
    gone = remove_sources(["glpi.csv"], workspace)
    assert gone.records == {"servers": ["srv-seul-glpi"]}
    with pytest.raises(NotFound) as raised:
        remove_sources(["glpi.csb", "rvtool.xlsx"], workspace)
    assert [p.code for p in raised.value.problems] == ["INV-162", "INV-162"]
    assert "rvtools.xlsx" in str(raised.value.problems[1].hint)


def test_a_changed_value_is_all_that_git_shows(three: list[Path], workspace: Workspace) -> None:
    def git(*words: str) -> str:
        done = subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=workspace.root, capture_output=True, text=True, check=True)  # fmt: skip
        return done.stdout

    import_files(three, workspace, today=DAY)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "import")
    three[1].write_text(GLPI.replace("srv-seul-glpi;;10.0.0.9;Debian 12;2", "srv-seul-glpi;;10.0.0.9;Debian 13;2"))
    import_files(three, workspace, today=DAY)
    changed = [
        line for line in git("diff", "--unified=0").splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    rows = [line for line in changed if not line[1:].lstrip().startswith('"hash"')]
    kinds = sorted((line[0], line[1:].split(",")[0]) for line in rows)
    assert kinds == [("+", "glpi.csv"), ("+", "srv-seul-glpi"), ("-", "glpi.csv"), ("-", "srv-seul-glpi")]
    assert [line for line in rows if "Debian 13" in line and line[0] == "+"]
    assert len(changed) - len(rows) == 4  # the digests of the two tables


def test_a_decision_file_says_every_mistake_by_its_line_and_column(workspace: Workspace) -> None:
    decide(workspace, "servers,a,b,sames,r,o,2026-01-01,x", "server,a,a,same,r,o,01/02/2026,x", "servers,c,d,same,,o,2026-01-01,x",
           "servers,e,f,same,r,o,2026-01-01,x", "servers,f,e,different,r,o,2026-01-01,x", "servers,g,h,,,,,")  # fmt: skip
    with pytest.raises(InvalidInput) as raised:
        read_decisions(workspace)
    assert {(p.row, p.column) for p in raised.value.problems} == {
        (2, "decision"), (3, "table"), (3, "right_id"), (3, "date"), (4, "author_role"), (6, "decision")}  # fmt: skip
    (workspace.decisions / "matches.csv").write_text("table,left,right_id\n")
    with pytest.raises(InvalidInput) as raised:
        read_decisions(workspace)
    assert "left_id" in {p.column for p in raised.value.problems}


def test_a_pair_to_review_is_written_for_a_person_and_stays_two_until_then(
    write: Write, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    from francecloud.main import run

    a = write("a.csv", "Serveur;CPU;RAM (Go);OS\nsrv-web1;2;4;Debian 12\n")
    b = write("b.csv", "Serveur;CPU;RAM (Go);OS\nsrv-web01;8;64;Debian 12\n")
    import_files([a, b], workspace, today=DAY)
    where = ["--workspace", str(workspace.root)]
    assert run(["matches", "--json", "--write", *where]) == 0
    [pair] = json.loads(capsys.readouterr().out)["pairs"]
    assert pair["zone"] == "review"
    assert pair["score"] == pytest.approx(pair["prior"] + sum(t["bits"] for t in pair["evidence"]), abs=0.3)
    assert {t["term"] for t in pair["evidence"]} == {"name", "os", "vcpu", "memory"}
    [row] = read_decisions(workspace)
    assert (row.left_id, row.right_id, row.decision) == (pair["left_id"], pair["right_id"], "")
    assert run(["matches", pair["left_id"], pair["right_id"], "--lang", "en", *where]) == 0
    assert "to review" in capsys.readouterr().out
    decide(workspace, f"servers,{row.left_id},{row.right_id},different,exploitant,DSI,2026-11-20,deux machines")
    import_files([a, b], workspace, today=DAY)
    assert pending(read_dataset(workspace).tables, read_decisions(workspace))["servers"].height == 0
    assert run(["import", *where]) == 2
    assert run(["import", "--remove", "a.csv", "--dry-run", "--json", *where]) == 0
    assert '"written": false' in capsys.readouterr().out


def test_records_do_not_chain(workspace: Workspace) -> None:
    """A looks like b and b like c, but a and c have identifiers that contradict each other."""
    servers, origins = schema().tables["servers"], schema().tables["origins"]
    rows = [
        {"id": i, "name": n, "uuid": u, "ip": "10.0.0.1", "vcpu": 2}
        for i, n, u in (("a", "srv-x01", U1), ("b", "srv-x1", None), ("c", "srv-x01", U2))
    ]
    heads = [{"table": "servers", "id": r["id"], "source": f"{r['id']}.csv", "row": 2} for r in rows]
    empty = {n: t.empty() for n, t in schema().tables.items()}
    tables = {**empty, "servers": servers.conform(pl.DataFrame(rows)), "origins": origins.conform(pl.DataFrame(heads))}
    reconcile(tables, [], Order())
    assert tables["servers"].height >= 2
    assert {U1, U2} <= set(tables["servers"]["uuid"])


def test_a_uuid_is_the_same_in_either_byte_order_and_as_a_serial_number() -> None:
    frame = pl.DataFrame({"uuid": ["564d1e2b-0a0b-0c0d-0e0f-101112131415", "2B1E4D56-0B0A-0D0C-0E0F-101112131415"],
                          "serial": ["VMware-56 4d 1e 2b 0a 0b 0c 0d-0e 0f 10 11 12 13 14 15", "To be filled by O.E.M."]})  # fmt: skip
    one, other = frame.select(canonical_uuid(pl.col("uuid"))).to_series()
    assert one == other
    assert frame.select(serial(pl.col("serial"))).to_series().to_list() == [one, None]


def test_made_sources_are_reconciled_as_the_truth_says(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("bench_reconciliation", BENCH)
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    sys.modules["bench_reconciliation"] = bench
    spec.loader.exec_module(bench)
    for seed, size in itertools.product((1, 2), (400,)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        score = bench.measure(size, seed, folder)
        assert score.true_pairs > 300
        assert score.precision >= 0.99
        assert score.recall >= 0.95
