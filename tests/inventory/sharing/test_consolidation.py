"""Datasets added up: sums exact, nothing twice, nothing lost, whatever the order."""

import itertools
import json
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from francecloud.main import run
from inventory.dataset import COUNTED, read_dataset, schema
from inventory.importing import import_files
from inventory.package import Package, read_package
from inventory.sharing.consolidation import Shared, consolidate
from inventory.sharing.pseudonyms import record_key
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Tree = Callable[[Path], dict[str, bytes]]


def dataset(about: dict[str, object] | None = None, **tables: list[dict[str, object]]) -> Package:
    frames = {}
    for name, table in schema().tables.items():
        rows = tables.get(name, [])
        columns = {c: kind for c, kind in table.polars.items() if any(c in row for row in rows)}
        frames[name] = table.conform(pl.DataFrame(rows, schema=columns)) if rows else table.empty()
    return Package(frames, about or {"marking": "sensible"})


def shared(label: str, package: Package) -> Shared:
    return Shared.of(package, label)


NORD = dataset(
    organisations=[{"id": "MIN", "name": "Ministère"}, {"id": "NORD", "name": "DSI Nord", "parent_id": "MIN"}],
    applications=[{"id": "A1", "name": "Paie", "organisation_id": "NORD", "users": 10, "cout_run_annuel": 0.1},
                  {"id": "A2", "name": "Bail", "organisation_id": "NORD", "users": 5}],
    servers=[{"id": "s1", "name": "s1", "organisation_id": "NORD", "vcpu": 2, "site_id": "TURGOT"}],
    sites=[{"id": "TURGOT", "name": "Turgot", "pue": 1.5}],
    deployments=[{"application_id": "A1", "target_kind": "server", "target_id": "s1"}],
    components=[{"subject_kind": "application", "subject_id": "A1", "role": "sgbd", "product": "PostgreSQL"}],
    flows=[{"id": "f1", "source_id": "A1", "target_id": "A2"}],
    sources=[{"id": "apps.csv", "digest": "sha256:1", "read_on": date(2026, 1, 1)}],
    origins=[{"table": "applications", "id": "A1", "source": "apps.csv", "row": 2},
             {"table": "components", "id": "application|A1|sgbd|PostgreSQL", "source": "apps.csv", "row": 2}],
)  # fmt: skip
SUD = dataset(
    {"marking": "restreinte"},
    organisations=[{"id": "MIN", "kind": "ministere", "name": "Ministère"}, {"id": "SUD", "name": "DSI Sud", "parent_id": "MIN"}],
    applications=[{"id": "A1", "name": "Stock", "organisation_id": "SUD", "users": 7, "cout_run_annuel": 0.2}],
    servers=[{"id": "s1", "name": "s1", "organisation_id": "SUD", "vcpu": 4, "site_id": "TURGOT"}],
    sites=[{"id": "TURGOT", "name": "Turgot", "kind": "salle"}],
    deployments=[{"application_id": "A1", "target_kind": "server", "target_id": "s1"}],
    flows=[{"id": "f1", "source_id": "A1", "target_id": "dehors"}],
    sources=[{"id": "apps.csv", "digest": "sha256:2", "read_on": date(2026, 2, 1)}],
    origins=[{"table": "applications", "id": "A1", "source": "apps.csv", "row": 9}],
)  # fmt: skip


def test_only_what_collides_is_renamed_and_what_refers_to_it_follows() -> None:
    total = consolidate([shared("nord", NORD), shared("sud", SUD)])
    tables = total.tables
    assert tables["applications"]["id"].to_list() == ["A2", "NORD:A1", "SUD:A1"]
    assert tables["servers"]["id"].to_list() == ["NORD:s1", "SUD:s1"]
    assert tables["deployments"].rows() == [("NORD:A1", "server", "NORD:s1"), ("SUD:A1", "server", "SUD:s1")]
    assert tables["components"]["subject_id"].to_list() == ["NORD:A1"]
    assert set(tables["flows"].select("id", "source_id", "target_id").rows()) == {
        ("nord:f1", "NORD:A1", "A2"), ("sud:f1", "SUD:A1", "dehors"),
    }  # fmt: skip
    assert set(tables["origins"].select("table", "id", "source", "row").rows()) == {
        ("applications", "NORD:A1", "nord:apps.csv", 2), ("applications", "SUD:A1", "sud:apps.csv", 9),
        ("components", "application|NORD:A1|sgbd|PostgreSQL", "nord:apps.csv", 2),
    }  # fmt: skip
    assert {(r["table"], r["package"], r["new_id"]) for r in total.renamed} >= {("applications", "nord", "NORD:A1")}
    assert total.about["marking"] == "restreinte"


def test_the_same_thing_counts_once_completed_and_told() -> None:
    total = consolidate([shared("nord", NORD), shared("sud", SUD)])
    assert total.tables["sites"].rows() == [("TURGOT", "Turgot", "salle", 1.5)]
    [ministry] = total.tables["organisations"].filter(id="MIN").to_dicts()
    assert (ministry["name"], ministry["kind"]) == ("Ministère", "ministere")
    met = {(o["table"], o["id"], tuple(o["packages"])) for o in total.overlaps}
    assert met == {("organisations", "MIN", ("nord", "sud")), ("sites", "TURGOT", ("nord", "sud"))}
    assert total.provenance.filter(table="sites").rows() == [("sites", "TURGOT", "nord"), ("sites", "TURGOT", "sud")]


def test_two_editions_of_one_dsi_are_one_and_the_last_read_wins() -> None:
    later = dataset(
        applications=[{"id": "A1", "name": "Paie", "organisation_id": "NORD", "users": 12}],
        sources=[{"id": "apps.csv", "digest": "sha256:9", "read_on": date(2026, 6, 1)}],
    )
    total = consolidate([shared("nord", NORD), shared("nord", later)])
    kept = total.tables["applications"].filter(id="A1").to_dicts()[0]
    assert (kept["users"], kept["cout_run_annuel"]) == (12, 0.1)
    assert [p.value for p in total.problems if p.code == "INV-218"] == ["A1"]
    [overlap] = [o for o in total.overlaps if o["id"] == "A1"]
    assert overlap["disagree"] == ["users"]


def test_the_same_dataset_twice_counts_once() -> None:
    once, twice = consolidate([shared("nord", NORD)]), consolidate([shared("nord", NORD)] * 2)
    for name in schema().tables:
        assert once.tables[name].equals(NORD[name]), name
        assert twice.tables[name].equals(NORD[name]), name
    assert [p.code for p in twice.problems] == ["INV-217"]
    assert once.about == {**twice.about}


def test_figures_sum_exactly() -> None:
    total = consolidate([shared("nord", NORD), shared("sud", SUD)])
    figures = {t["figure"]: t for t in total.totals}
    assert figures["applications"] == {"figure": "applications", "given": 3, "met_again": 0, "total": 3}
    assert figures["applications.users"]["total"] == 22
    assert figures["applications.cout_run_annuel"]["total"] == 0.3
    assert figures["sites"] == {"figure": "sites", "given": 2, "met_again": 1, "total": 1}


def test_a_sum_of_sums_says_which_dsi_each_record_is_of(tmp_path: Path) -> None:
    first = consolidate([shared("nord", NORD), shared("sud", SUD)])
    ministry = Shared.of(first.package(), "min", first.provenance)
    other = dataset(applications=[{"id": "A2", "name": "Autre", "organisation_id": "EST"}])
    total = consolidate([ministry, shared("est", other)])
    rows = set(total.provenance.filter(pl.col("table") == "applications").select("id", "package").rows())
    assert rows == {("NORD:A1", "min"), ("NORD:A1", "min/nord"), ("SUD:A1", "min"), ("SUD:A1", "min/sud"),
                    ("NORD:A2", "min"), ("NORD:A2", "min/nord"), ("EST:A2", "est")}  # fmt: skip
    assert total.about["packages"][1]["packages"][0]["label"] == "nord"


IDS = st.sampled_from(["A1", "A2", "A3"])
ORGANISATIONS = st.sampled_from([None, "NORD", "SUD"])


@st.composite
def packages(draw: st.DrawFn) -> list[Shared]:
    found = []
    for label in draw(st.lists(st.sampled_from(["nord", "sud", "est"]), min_size=1, max_size=4)):
        ids = draw(st.lists(IDS, unique=True, max_size=3))
        servers = draw(st.lists(IDS, unique=True, max_size=2))
        applications = [
            {"id": i, "name": draw(st.sampled_from([None, "Paie", "Bail"])), "organisation_id": draw(ORGANISATIONS),
             "users": draw(st.none() | st.integers(0, 99)),
             "cout_run_annuel": draw(st.none() | st.integers(0, 10**9).map(lambda c: c / 100))}
            for i in ids
        ]  # fmt: skip
        pairs = draw(st.sets(st.tuples(st.sampled_from(ids), st.sampled_from(servers)))) if ids and servers else set()
        package = dataset(
            {"marking": draw(st.sampled_from(["sensible", "restreinte"]))},
            applications=applications,
            servers=[{"id": s, "organisation_id": draw(ORGANISATIONS), "vcpu": draw(st.integers(1, 8))} for s in servers],
            deployments=[{"application_id": a, "target_kind": "server", "target_id": s} for a, s in sorted(pairs)],
            flows=[{"id": "f", "source_id": ids[0], "target_id": servers[0]}] if ids and servers else [],
            sources=[{"id": "a.csv", "digest": f"sha256:{label}", "read_on": draw(st.sampled_from([date(2026, 1, 1), date(2026, 2, 1)]))}],
            origins=[{"table": "applications", "id": i, "source": "a.csv", "row": 2} for i in ids],
        )  # fmt: skip
        found.append(shared(label, package))
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(packages(), st.randoms(use_true_random=False))
def test_whatever_is_added_up_nothing_is_lost_nor_depends_on_the_order(given_: list[Shared], chance: object) -> None:
    total = consolidate(given_)
    mixed = list(given_)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    again = consolidate([*mixed, *mixed[:1]])
    assert again.about == total.about
    assert again.totals == total.totals
    assert again.overlaps == total.overlaps
    for name, table in schema().tables.items():
        assert again.tables[name].equals(total.tables[name])
        keys = total.tables[name].select(record_key(table)).to_series()
        assert keys.is_unique().all()
    distinct = {p.digest: p for p in given_}.values()
    for row in total.totals:
        assert math.isclose(row["given"], row["met_again"] + row["total"], abs_tol=1e-6)
        if row["figure"] in COUNTED:
            assert row["given"] == sum(p.tables[row["figure"]].height for p in distinct)
            assert row["total"] == total.tables[row["figure"]].height
    known = set(total.tables["applications"]["id"])
    assert set(total.tables["deployments"]["application_id"]) <= known
    assert set(total.tables["deployments"]["target_id"]) <= set(total.tables["servers"]["id"])
    assert set(total.tables["origins"]["id"]) == known
    assert set(total.tables["origins"]["source"]) <= set(total.tables["sources"]["id"])
    whole = total.provenance.filter(pl.col("table") == "applications")
    assert whole.height == sum(p.tables["applications"].height for p in distinct)
    assert total.about["marking"] == max((p.marking for p in given_), key=["sensible", "restreinte"].index)


@pytest.fixture
def two(tmp_path: Path, write: Callable[[str, str], Path]) -> list[Workspace]:
    found = []
    for name, users in (("nord", 10), ("sud", 20)):
        there = Workspace(tmp_path / name, {"workspace": {"name": name}})
        there.root.mkdir()
        (there.root / "francecloud.toml").write_text(f'[workspace]\nname = "{name}"\n')
        lines = (
            f"Code application;Nom;Organisation;Utilisateurs\nA1;App {name};{name};{users}\nB-{name};Seule;{name};1\n"
        )
        assert not import_files([write("apps.csv", lines)], there, today=DAY).refused
        found.append(there)
    return found


def test_exports_of_any_complete_format_add_up_to_the_same_bytes(
    two: list[Workspace], tmp_path: Path, tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    sums = []
    for turn, (first, second) in enumerate(itertools.product(["x.zip", "x.json"], ["y", "y.sqlite"])):
        for workspace, name in zip(two, (first, second), strict=True):
            assert run(["export", "-o", str(tmp_path / name), "--workspace", str(workspace.root)]) == 0
        paths = [str(tmp_path / first), str(tmp_path / second)]
        for order in (paths, paths[::-1], [*paths, paths[0]]):
            out = tmp_path / f"sum{turn}"
            assert run(["consolidate", *order, "-o", str(out)]) == 0
            sums.append(tree(out))
    assert all(s == sums[0] for s in sums)
    total = read_package(tmp_path / "sum0", schema())
    assert dict(total["applications"].select("id", "users").iter_rows()) == {
        "nord:A1": 10, "sud:A1": 20, "B-nord": 1, "B-sud": 1,
    }  # fmt: skip
    capsys.readouterr()
    assert run(["consolidate", *paths, "-o", str(tmp_path / "sum0"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [p["label"] for p in told["packages"]] == ["nord", "sud"]
    assert [p["digest"] for p in told["packages"]] == [read_dataset(w).digest for w in two]


def test_packages_without_names_add_up_too(two: list[Workspace], tmp_path: Path) -> None:
    paths = []
    for workspace in two:
        key, out = tmp_path / f"{workspace.root.name}.key", tmp_path / f"{workspace.root.name}.zip"
        words = ["export", "--pseudonymise", "--new-key", "--key-file", key, "-o", out, "--workspace", workspace.root]
        assert run([str(w) for w in words]) == 0
        paths.append(str(out))
    assert run(["consolidate", *paths, "-o", str(tmp_path / "sum")]) == 0
    total = read_package(tmp_path / "sum", schema())
    assert total["applications"]["users"].sum() == 32
    assert total["applications"].height == 4
    body = b"".join(p.read_bytes() for p in (tmp_path / "sum").iterdir())
    assert b"App nord" not in body
    assert b"sud" not in body


def test_a_package_changed_on_its_way_is_refused(
    two: list[Workspace], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for workspace, name in zip(two, ("x", "y.json"), strict=True):
        assert run(["export", "-o", str(tmp_path / name), "--workspace", str(workspace.root)]) == 0
    applications = tmp_path / "x/applications.csv"
    applications.write_text(applications.read_text().replace(",10,", ",11,"))
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 cut")
    (tmp_path / "bad.sqlite").write_bytes(b"SQLite format 3\0 cut")
    (tmp_path / "empty").mkdir()
    capsys.readouterr()
    names = ["x", "y.json", "bad.json", "bad.zip", "bad.sqlite", "empty", "absent"]
    assert run(["consolidate", *(str(tmp_path / n) for n in names), "-o", str(tmp_path / "sum"), "--json"]) == 2
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [p["code"] for p in problems] == ["INV-213", "INV-212", "INV-212", "INV-212", "PKG-001", "INV-212"]
    assert not (tmp_path / "sum").exists()
