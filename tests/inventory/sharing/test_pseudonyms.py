"""Names replaced: nothing of them left anywhere, links kept, the key alone gives them back."""

import json
import re
import sqlite3
import subprocess
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from francecloud.main import run
from inventory.checking import check_dataset
from inventory.contract import Field
from inventory.dataset import read_dataset, schema
from inventory.package import Package, write_package
from inventory.problems import InvalidInput
from inventory.sharing import treatments as module
from inventory.sharing.keys import Key, new_key, read_key
from inventory.sharing.package_export import export_of
from inventory.sharing.pseudonyms import TOKEN, pseudonymise, restored, seal, unseal
from inventory.sharing.reading import as_package, read_export
from inventory.sharing.treatments import PREFIXES, treatments
from inventory.workspace import Workspace

KEY = Key.of(bytes(range(64)))
SECRETS = [
    "PAIE-01", "COMPTA-02", "VIDE-03", "Paie RH", "Compta", "relance", "Untel", "DSI Nord", "DSI Sud", "srv-paie",
    "srv-compta", "10.11.12", "Turgot", "esx-07", "grappe-est", "banque-externe", "apps-nord", "parc-nord", "flux-nord",
]  # fmt: skip


def export(workspace: Workspace, output: Path, *words: object) -> int:
    return run(["export", "-o", str(output), "--workspace", str(workspace.root), *map(str, words)])


def everything(path: Path) -> bytes:
    """Every byte of an export, unpacked."""
    if path.is_dir():
        return b"".join(p.read_bytes() for p in sorted(path.iterdir()))
    body = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            body += b"".join(n.encode() + archive.read(n) for n in archive.namelist())
    return body


def test_every_column_is_classified_and_every_kind_known() -> None:
    known = treatments()
    for table in schema().tables.values():
        assert set(known[table.name]) == set(table.by_name)
        for column, treatment in known[table.name].items():
            what, _sep, more = treatment.partition(":")
            assert what in ("keep", "remove", "token", "reference", "end", "record")
            assert what != "token" or more in PREFIXES
            assert what != "reference" or set(table.by_name[more].enum) <= set(PREFIXES)
            whole = all(treatments_of == "remove" for treatments_of in known[table.name].values())
            assert what != "remove" or whole or not table.by_name[column].required
    assert len(set(PREFIXES.values())) == len(PREFIXES)


def test_a_column_nobody_classified_stops_the_export(monkeypatch: pytest.MonkeyPatch) -> None:
    table = schema().tables["sites"]
    more = Field("contact", "string", {"fr": "", "en": ""}, {"fr": "", "en": ""})
    wider = type(table)(table.name, table.title, table.description, (*table.fields, more), table.primary_key)
    changed = type(schema())("x", "1", {**schema().tables, "sites": wider})
    monkeypatch.setattr(module, "schema", lambda: changed)
    treatments.cache_clear()
    try:
        with pytest.raises(InvalidInput) as caught:
            treatments()
    finally:
        treatments.cache_clear()
    assert caught.value.problems[0].code == "INV-219"
    assert "sites.contact" in caught.value.problems[0].message


@pytest.mark.parametrize("output", ["o", "o.zip", "o.json", "o.sqlite", "o.xlsx", "o.ods", "p.zip"])
def test_no_name_is_left_in_any_format(output: str, filled: Workspace, key_file: Path, tmp_path: Path) -> None:
    words = ["--format", "parquet"] if output.startswith("p") else []
    path = tmp_path / "out" / output
    assert export(filled, path, "--pseudonymise", "--key-file", key_file, *words) == 0
    body = everything(path).lower()
    if output.startswith("p"):
        tables = read_export(path).tables
        body += b"".join(f.write_csv().encode() for f in tables.values()).lower()
    assert not [s for s in SECRETS if s.lower().encode() in body]
    whole = tmp_path / "whole" / output
    assert export(filled, whole, *words) == 0
    if not output.startswith("p"):
        # the scan itself can find: the same export with its names holds them all
        assert not [s for s in SECRETS if s.lower().encode() not in everything(whole).lower()]


def test_the_same_key_gives_the_same_bytes_and_another_other_tokens(
    filled: Workspace, key_file: Path, tmp_path: Path
) -> None:
    for name in ("a.zip", "b.zip"):
        assert export(filled, tmp_path / name, "--pseudonymise", "--key-file", key_file) == 0
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    other = tmp_path / "other.key"
    assert export(filled, tmp_path / "c.zip", "--pseudonymise", "--new-key", "--key-file", other) == 0
    first, third = (set(read_export(tmp_path / n).tables["applications"]["id"]) for n in ("a.zip", "c.zip"))
    assert not first & third


def test_links_hold_and_figures_stay(filled: Workspace) -> None:
    dataset = read_dataset(filled)
    done = pseudonymise(dataset, KEY)
    lost = [
        [p.code for p in check_dataset(Package(t, {})) if p.code == "INV-050"] for t in (dataset.tables, done.tables)
    ]
    assert lost[0] == lost[1]
    for package in (dataset.tables, done.tables):
        joined = package["deployments"].join(package["servers"], left_on="target_id", right_on="id").join(
            package["applications"], left_on="application_id", right_on="id"
        )  # fmt: skip
        assert sorted(joined.select("users", "vcpu").rows()) == [(30, 2), (1200, 4)]
        ends = package["flows"]["source_id"].is_in(package["applications"]["id"].implode()).sum()
        assert ends == 2
    for table in set(schema().tables) - {"aliases"}:
        assert done.tables[table].height == dataset[table].height
    keys = done.tables["origins"].filter(pl.col("table") == "applications")["id"]
    assert set(keys) == set(done.tables["applications"]["id"])


def test_a_name_in_a_column_that_is_kept_is_replaced_there_too(filled: Workspace) -> None:
    done = pseudonymise(read_dataset(filled), KEY)
    systems = done.tables["servers"]["os"].to_list()
    assert "Debian 12" in systems
    assert [s for s in systems if s.startswith("TXT-")]
    [row] = [r for r in done.report if (r["table"], r["column"]) == ("servers", "os")]
    assert (row["kept"], row["replaced"], row["removed"]) == (1, 1, 0)


def test_the_report_counts_every_cell(
    filled: Workspace, key_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(filled, tmp_path / "o.zip", "--pseudonymise", "--key-file", key_file, "--json") == 0
    report = json.loads(capsys.readouterr().out)["report"]
    dataset = read_dataset(filled)
    for row in report:
        series = dataset[row["table"]][row["column"]]
        assert row["kept"] + row["replaced"] + row["removed"] == series.len() - series.null_count()
    told = {(r["table"], r["column"]): r for r in report}
    assert told["applications", "description"]["removed"] == 1
    assert told["applications", "users"]["kept"] == 2
    assert told["servers", "ip"]["replaced"] == 2


@pytest.mark.parametrize("output", ["o", "o.zip", "o.json", "o.sqlite", "p.zip"])
def test_the_key_gives_the_names_back(output: str, filled: Workspace, key_file: Path, tmp_path: Path) -> None:
    words = ["--format", "parquet"] if output.startswith("p") else []
    assert export(filled, tmp_path / "out" / output, "--pseudonymise", "--key-file", key_file, *words) == 0
    assert export(filled, tmp_path / "back", "--restore", tmp_path / "out" / output, "--key-file", key_file) == 0
    found, dataset = read_export(tmp_path / "back"), read_dataset(filled)
    for name in schema().tables:
        expected = (
            dataset[name].with_columns(description=pl.lit(None, pl.String)) if name == "applications" else dataset[name]
        )
        assert found.tables[name].equals(expected), name
    assert found.about["publisher"] == "essai"
    assert "pseudonymised" not in found.about


def test_another_key_or_a_changed_seal_gives_nothing(
    filled: Workspace, key_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(filled, tmp_path / "o", "--pseudonymise", "--key-file", key_file) == 0
    new_key(tmp_path / "other.key", filled.root)
    assert export(filled, tmp_path / "b", "--restore", tmp_path / "o", "--key-file", tmp_path / "other.key") == 2
    assert "INV-215" in capsys.readouterr().err
    sealed = tmp_path / "o/correspondence.sealed"
    body = bytearray(sealed.read_bytes())
    body[100] ^= 1
    sealed.write_bytes(body)
    assert export(filled, tmp_path / "b", "--restore", tmp_path / "o", "--key-file", key_file) == 2
    assert not (tmp_path / "b").exists()


def test_a_proposal_made_elsewhere_gets_its_names_back(filled: Workspace, key_file: Path, tmp_path: Path) -> None:
    assert export(filled, tmp_path / "o", "--pseudonymise", "--key-file", key_file) == 0
    away = tmp_path / "away"
    assert run(["init", str(away)]) == 0
    write_package(away / "dataset", schema(), read_export(tmp_path / "o").tables, about={"marking": "restreinte"})
    assert run(["analyse", "--workspace", str(away), "--as-of", "2026-11-23"]) == 0
    for words in ([], ["--correspondence", tmp_path / "o"]):
        back = tmp_path / f"back{len(words)}"
        assert export(filled, back, "--restore", away / "proposal", "--key-file", key_file, *words) == 0
        applications = pl.read_csv(back / "applications.csv", infer_schema=False)
        assert applications["id"].to_list() == ["COMPTA-02", "PAIE-01", "VIDE-03"]
        assert "DSI Nord" in (back / "summary.json").read_text()
        assert not re.search(TOKEN, "".join(p.read_text() for p in back.iterdir()))
    from rationalise.proposal import read_proposal

    assert read_proposal(tmp_path / "back0")["applications"].height == 3


def test_a_text_gets_its_names_back_escaped_where_it_must(filled: Workspace, key_file: Path, tmp_path: Path) -> None:
    tables = dict(read_dataset(filled).tables)
    tables["applications"] = tables["applications"].with_columns(name=pl.lit('<b>, "&'))
    write_package(filled.dataset, schema(), tables, about={"marking": "restreinte"})
    assert export(filled, tmp_path / "o", "--pseudonymise", "--key-file", key_file) == 0
    token = read_export(tmp_path / "o").tables["applications"]["name"][0]
    for name, said in (("r.html", "<p>&lt;b&gt;, &quot;&amp;</p>"), ("r.md", '<p><b>, "&</p>')):
        (tmp_path / name).write_text(f"<p>{token}</p>")
        assert export(filled, tmp_path / "out", "--restore", tmp_path / name, "--key-file", key_file, "--json") == 0
        assert (tmp_path / "out").read_text() == said
    (tmp_path / "r.csv").write_text(f"a,b\n{token},1\n")
    assert export(filled, tmp_path / "out", "--restore", tmp_path / "r.csv", "--key-file", key_file) == 0
    assert (tmp_path / "out").read_text() == 'a,b\n"<b>, ""&",1\n'


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    away = tmp_path / "ws"
    for content in (b"", b"short", b"a" * 64, b"abcabcabc" * 8):
        path = tmp_path / "k"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(InvalidInput) as caught:
            read_key(path, away)
        assert caught.value.problems[0].code == "INV-209"
    made = tmp_path / "made"
    new_key(made, away)
    assert made.stat().st_mode & 0o777 == 0o600
    assert len(made.read_bytes().strip()) >= 32
    before = made.read_bytes()
    with pytest.raises(InvalidInput) as caught:
        new_key(made, away)
    assert caught.value.problems[0].code == "INV-211"
    assert made.read_bytes() == before
    made.chmod(0o640)
    with pytest.raises(InvalidInput):
        read_key(made, away)


def test_a_key_in_the_workspace_must_be_ignored_by_git(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    assert run(["init", str(root)]) == 0
    for path in (root / "cle.txt", root / "decisions/cle.txt"):
        with pytest.raises(InvalidInput) as caught:
            new_key(path, root)
        assert caught.value.problems[0].code == "INV-210"
        assert not path.exists()
    new_key(root / "dsi.key", root)
    read_key(root / "dsi.key", root)
    subprocess.run(["git", "-C", root, "add", "-f", "dsi.key"], check=True)
    with pytest.raises(InvalidInput):
        read_key(root / "dsi.key", root)
    new_key(tmp_path / "away", root)
    (tmp_path / "link").symlink_to(root / "cle2.txt")
    with pytest.raises(InvalidInput):
        new_key(tmp_path / "link", root)


def test_a_key_says_nothing_of_itself(tmp_path: Path) -> None:
    key = Key.of(b"0123456789abcdef" * 4)
    assert key.master.hex() not in repr(key)
    assert key.identity != Key.of(b"other" * 20).identity


NAMES = st.text(alphabet="abcXYZ019é-_.:|'=\" ", min_size=1, max_size=12).filter(lambda t: t.strip() == t)


@st.composite
def datasets(draw: st.DrawFn) -> Package:
    ids = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    servers = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    pairs = draw(st.sets(st.tuples(st.sampled_from(ids), st.sampled_from(servers)), max_size=6))
    ends = draw(
        st.lists(st.tuples(st.sampled_from([*ids, *servers, "dehors"]), st.sampled_from([*ids, *servers])), max_size=5)
    )
    tables = {
        "applications": {"id": ids, "name": draw(st.lists(st.none() | NAMES, min_size=len(ids), max_size=len(ids)))},
        "servers": {"id": servers, "os": draw(st.lists(st.sampled_from([None, "Debian", *ids]), min_size=len(servers), max_size=len(servers)))},
        "deployments": {"application_id": [a for a, _s in pairs], "target_kind": ["server"] * len(pairs),
                        "target_id": [s for _a, s in pairs]},
        "flows": {"id": [f"f{i}" for i in range(len(ends))], "source_id": [a for a, _b in ends], "target_id": [b for _a, b in ends]},
        "sources": {"id": ["liste.csv"], "digest": ["sha256:00"]},
        "origins": {"table": ["deployments"] * len(pairs), "id": [f"{a}|server|{s}" for a, s in pairs],
                    "source": ["liste.csv"] * len(pairs)},
    }  # fmt: skip
    frames = {}
    for name, table in schema().tables.items():
        columns = tables.get(name)
        frames[name] = (
            table.conform(pl.DataFrame(columns, schema_overrides={c: table.polars[c] for c in columns}))
            if columns
            else table.empty()
        )
    return Package(frames, {})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(datasets())
def test_whatever_the_names_links_hold_and_all_come_back(package: Package) -> None:
    done = pseudonymise(package, KEY)
    again = pseudonymise(package, KEY)
    for name, table in schema().tables.items():
        assert done.tables[name].equals(again.tables[name])
        assert table.conform(restored(done.tables[name], done.names)).equals(package[name]), name
        for column, treatment in treatments()[name].items():
            if treatment.split(":")[0] in ("token", "reference", "end"):
                assert all(re.fullmatch(TOKEN, v) for v in done.tables[name][column].drop_nulls())
    assert done.tables["deployments"].join(
        done.tables["applications"], left_on="application_id", right_on="id"
    ).height == (package["deployments"].height)
    assert done.tables["deployments"].join(done.tables["servers"], left_on="target_id", right_on="id").height == (
        package["deployments"].height
    )
    same = package["flows"]["source_id"].is_in(package["applications"]["id"].implode()).sum()
    assert done.tables["flows"]["source_id"].is_in(done.tables["applications"]["id"].implode()).sum() == same


@given(st.dictionaries(st.text(), st.text()))
def test_a_seal_opens_with_its_key_only_and_hides_sizes(names: dict[str, str]) -> None:
    body = seal(names, KEY)
    assert unseal(body, KEY) == names
    assert len(body) % 4096 == 16
    with pytest.raises(InvalidInput):
        unseal(body, Key.of(b"another" * 10))


def test_what_was_sent_says_so(filled: Workspace, key_file: Path, tmp_path: Path) -> None:
    assert export(filled, tmp_path / "o.sqlite", "--pseudonymise", "--key-file", key_file) == 0
    found = read_export(tmp_path / "o.sqlite")
    assert re.fullmatch(TOKEN, found.about["publisher"])
    assert found.about["pseudonymised"]["key"] == read_key(key_file, filled.root).identity
    assert found.about["marking"] == "restreinte"
    assert as_package(found)["applications"].height == 3
    with sqlite3.connect(tmp_path / "o.sqlite") as base:
        assert base.execute("SELECT count(*) FROM applications").fetchone() == (3,)


def test_options_that_do_not_go_together(filled: Workspace, key_file: Path, tmp_path: Path) -> None:
    assert export(filled, tmp_path / "o", "--pseudonymise") == 2
    assert export(filled, tmp_path / "o", "--pseudonymise", "--restore", filled.dataset, "--key-file", key_file) == 2
    assert export(filled, tmp_path / "o.txt") == 2
    assert not list(tmp_path.glob("o*"))


def test_a_plain_dataset_is_exported_whole(filled: Workspace) -> None:
    assert export_of(read_dataset(filled), None).about.keys() == {"title", "marking", "digest"}
