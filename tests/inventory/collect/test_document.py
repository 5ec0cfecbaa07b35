"""The collected file: the same content, the same bytes; one record a line; and how people may change its mapping."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.collect import running
from inventory.collect.asking import Collected
from inventory.collect.document import Document, Sheet, Unreadable, parse, render, undated
from inventory.collect.values import addresses, count, gib, identifier, labels
from inventory.files import SourceFile
from inventory.readers import reader_for
from inventory.workspace import Workspace

COLUMNS = {
    "id": "servers.id",
    "name": "servers.name",
    "cpu": "servers.vcpu",
    "etat": "servers.power_state",
    "lieu": None,
}
DAY = __import__("datetime").date(2026, 11, 23)
values = st.one_of(
    st.text(max_size=12), st.integers(-9, 9), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)
)
records = st.lists(
    st.fixed_dictionaries({"id": st.text(min_size=1, max_size=5)}, optional={"name": values, "lieu": values}),
    max_size=6,
)


class Fake:
    name = "essai"
    options = ()

    def __init__(self, *rows: dict[str, Any], table: str = "servers", columns: Any = COLUMNS) -> None:
        self.sheets = {"machines": Sheet(table, columns, rows)}

    def title(self) -> str:
        return "essai"

    def collect(self, settings: Any, environment: Any) -> Collected:
        return Collected(Document("essai", "ici", self.sheets))


def go(fake: Fake, workspace: Workspace, day: Any = DAY, **more: Any) -> running.Outcome:
    return running.collect(fake, workspace, settings={}, environment={}, today=day, **more)


@given(records, st.randoms())
def test_the_order_received_is_no_matter(rows: list[dict[str, Any]], random: Any) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    one, other = (render(Document("s", "p", {"m": Sheet("servers", COLUMNS, r)}), "2026-01-01") for r in (rows, mixed))
    assert one == other


@given(records)
def test_what_is_written_is_read_and_each_record_is_on_its_line(rows: list[dict[str, Any]]) -> None:
    text = render(
        Document("s", "p", {"m": Sheet("servers", COLUMNS, rows), "n": Sheet("hosts", COLUMNS, rows)}), "2026-01-01"
    )
    found, places = parse(text)
    lines = text.split("\n")
    for name, sheet in found.sheets.items():
        assert len(sheet.records) == len(rows)
        for n, record in enumerate(sheet.records):
            assert json.loads(lines[places[name] - 1 + n].removesuffix(",")) == record
    assert json.loads(text)["francecloud"] == "collected"


def test_only_the_date_is_left_out_of_the_comparison() -> None:
    document = Document("s", "p", {"m": Sheet("servers", COLUMNS, [{"id": "1"}])})
    one, other = render(document, "2026-01-01"), render(document, "2027-01-01")
    assert one != other
    assert undated(one) == undated(other)
    assert "2026" not in undated(one)


@pytest.mark.parametrize(
    "spoil",
    [lambda t: json.dumps(json.loads(t), indent=2), lambda t: t[: len(t) // 2], lambda t: t.replace('"version": 1', '"version": 2'),
     lambda t: t.replace('"table": "servers"', '"table": 3'), lambda t: t.replace('"name": "a"', '"name": ["a"]')],
)  # fmt: skip
def test_a_file_that_is_no_longer_as_written_is_refused(spoil: Any, tmp_path: Path) -> None:
    text = render(Document("s", "p", {"m": Sheet("servers", COLUMNS, [{"id": "1", "name": "a"}])}), "2026-01-01")
    with pytest.raises(Unreadable):
        parse(spoil(text))
    source = SourceFile(tmp_path / "s-p.json", spoil(text).encode())
    reading = reader_for(source, "collected").read(source, {})
    assert [p.code for p in reading.problems] == ["INV-149"]


def test_people_may_change_where_a_field_leads(workspace: Workspace, rows_of: Any) -> None:
    fake = Fake({"id": "1", "name": "a", "lieu": "Salle B"})
    go(fake, workspace)
    mapping = workspace.root / "sources/essai-ici.json.mapping.json"
    kept = json.loads(mapping.read_text())
    assert kept["sheets"]["machines"]["lieu"] is None
    kept["sheets"]["machines"]["lieu"] = "servers.site_id"
    mapping.write_text(json.dumps(kept))
    go(fake, workspace)
    assert rows_of(workspace, "servers", "id", "site_id") == {"1": "Salle B"}


def test_an_odd_value_stops_nothing(workspace: Workspace, rows_of: Any) -> None:
    outcome = go(Fake({"id": "1", "name": "a", "cpu": "beaucoup"}, {"id": "2", "name": "b", "cpu": 4}), workspace)
    assert not outcome.refused
    [problem] = [p for p in outcome.problems if p.code == "INV-020"]
    assert '"id": "1"' in outcome.path.read_text().splitlines()[(problem.row or 0) - 1]
    assert rows_of(workspace, "servers", "id", "vcpu") == {"1": None, "2": 4}


def test_a_system_that_holds_nothing(workspace: Workspace, rows_of: Any) -> None:
    go(Fake({"id": "1", "name": "a"}), workspace)
    outcome = go(Fake(), workspace)
    assert {"INV-150", "INV-043"} <= {p.code for p in outcome.problems}
    assert rows_of(workspace, "servers", "id", "name") == {"1": "a"}


def test_a_refused_import_leaves_the_file_that_was_there(workspace: Workspace, tree: Any) -> None:
    go(Fake({"id": "1", "name": "a"}), workspace)
    before = tree(workspace.root)
    outcome = go(Fake({"cpu": 4}), workspace)
    assert outcome.refused
    assert tree(workspace.root) == before


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, OSError])
def test_stopped_on_the_way_the_old_file_is_left(
    stop: type[BaseException], workspace: Workspace, tree: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(Fake({"id": "1", "name": "a"}), workspace)
    before = tree(workspace.root)

    def stopped(*_args: Any, **_more: Any) -> Any:
        raise stop

    monkeypatch.setattr(running, "import_files", stopped)
    with pytest.raises(BaseException):  # noqa: B017, PT011
        go(Fake({"id": "2", "name": "b"}), workspace)
    assert tree(workspace.root) == before


def test_a_dry_run_writes_nothing(workspace: Workspace, tree: Any) -> None:
    before = tree(workspace.root)
    outcome = go(Fake({"id": "1", "name": "a"}), workspace, dry=True)
    assert outcome.tables["servers"] == {"read": 1}
    assert outcome.changed
    assert tree(workspace.root) == before


def test_a_change_shows_as_a_line_and_its_date(workspace: Workspace) -> None:
    rows = [{"id": str(n), "name": f"m{n}", "cpu": 2} for n in range(5)]
    path = go(Fake(*rows), workspace).path
    before = path.read_text().splitlines()
    rows[3]["cpu"] = 4
    go(Fake(*rows), workspace, __import__("datetime").date(2026, 12, 1))
    moved = [(a, b) for a, b in zip(before, path.read_text().splitlines(), strict=True) if a != b]
    assert len(moved) == 2
    assert '"date"' in moved[0][0]
    assert '"id": "3"' in moved[1][0]


def test_values() -> None:
    assert gib("8 Go") == 8.0
    assert gib("1 024 Mo") == 1.0
    assert gib("8192") is None
    assert gib("beaucoup") is None
    assert count("4") == 4
    assert count("2 x 4") is None
    assert addresses(["10.0.0.10", "10.0.0.9", "127.0.0.1", "fe80::1", "n'importe"]) == ["10.0.0.9", "10.0.0.10"]
    assert identifier("4C4C4544004235108052B4C04F4E3132") == "4c4c4544-0042-3510-8052-b4c04f4e3132"
    assert identifier("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF") is None
    assert labels({"Env": "prod", "Application": "PAIE", "password": "x"}) == {
        "environment": "prod",
        "application": "PAIE",
    }
