"""Each check finds what it is about, at its line, and nothing in a dataset that is right."""

from datetime import date
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from inventory.checking import check_dataset, completeness
from inventory.dataset import empty_dataset, schema
from inventory.package import Package
from inventory.problems import InvalidInput
from inventory.quality.asking import questions
from inventory.quality.cycles import circles
from inventory.quality.maturity import maturity
from inventory.quality.needs import NEEDS_FILE, SERVERS, needs

DAY = date(2026, 11, 23)


def dataset(**tables: list[dict[str, Any]]) -> Package:
    """A dataset holding these rows."""
    found = dict(empty_dataset().tables)
    for name, rows in tables.items():
        table = schema().tables[name]
        found[name] = table.conform(
            pl.DataFrame(rows, schema_overrides={k: v for k, v in table.polars.items() if k in rows[0]})
        )
    return Package(found, {})


def found(data: Package, code: str, **settings: Any) -> list[tuple[str | None, int | None]]:
    """Field and row of the problems of a code."""
    return [(p.field, p.row) for p in check_dataset(data, settings, DAY) if p.code == code]


@pytest.mark.parametrize(
    ("code", "field", "tables"),
    [
        ("INV-052", "homologation", {"applications": [{"id": "A", "homologation": "aucune", "homologation_until": DAY}]}),
        ("INV-182", "contract_end", {"applications": [{"id": "A", "started": DAY, "contract_end": date(2020, 1, 1)}]}),
        ("INV-182", "last_used", {"applications": [{"id": "A", "last_used": date(2027, 1, 1)}]}),
        ("INV-182", "homologation_until", {"applications": [{"id": "A", "homologation": "valide", "homologation_until": date(2026, 1, 1)}]}),
        ("INV-183", "lifecycle", {"applications": [{"id": "A", "lifecycle": "arrete"}], "servers": [{"id": "S", "power_state": "on"}],
                                  "deployments": [{"application_id": "A", "target_kind": "server", "target_id": "S"}]}),
        ("INV-183", "power_state", {"servers": [{"id": "S", "power_state": "off", "cpu_used": 12.0}]}),
        ("INV-184", "environment", {"servers": [{"id": "S", "name": "srv-paie-dev01", "environment": "production"}]}),
        ("INV-185", "storage_used_gib", {"servers": [{"id": "S", "storage_gib": 10.0, "storage_used_gib": 20.0}]}),
        ("INV-185", "storage_gib", {"servers": [{"id": "S", "storage_gib": 10.0}],
                                    "databases": [{"id": "D", "server_id": "S", "size_gib": 6.0}, {"id": "E", "server_id": "S", "size_gib": 6.0}]}),
        ("INV-185", "ram_gib", {"hosts": [{"id": "H", "ram_gib": 8.0}], "servers": [{"id": "S", "host_id": "H", "power_state": "on", "ram_gib": 64.0}]}),
        ("INV-185", "users", {"applications": [{"id": "A", "users": -1}]}),
    ],
)  # fmt: skip
def test_a_contradiction_is_found_at_its_line(code: str, field: str, tables: dict[str, list[dict[str, Any]]]) -> None:
    assert found(dataset(**tables), code) == [(field, 2)]


@pytest.mark.parametrize(
    ("name", "environment"),
    [("srv-preprod-1", "preproduction"), ("srv-prd", "production"), ("prodigy", "recette"), ("receptor", "production"),
     ("srv-dev-prod", "production"), (None, "production"), ("srv-dev", None)],
)  # fmt: skip
def test_a_name_that_says_nothing_else_is_no_contradiction(name: str | None, environment: str | None) -> None:
    assert found(dataset(servers=[{"id": "S", "name": name, "environment": environment}]), "INV-184") == []


def test_without_a_day_nothing_is_judged_against_it() -> None:
    data = dataset(applications=[{"id": "A", "homologation": "valide", "homologation_until": date(2020, 1, 1)}],
                   sources=[{"id": "a.csv", "read_on": date(2000, 1, 1)}])  # fmt: skip
    assert not {"INV-181", "INV-182"} & {p.code for p in check_dataset(data)}


def test_references_of_every_kind_lead_somewhere() -> None:
    data = dataset(
        applications=[{"id": "A", "organisation_id": "O"}],
        deployments=[{"application_id": "A", "target_kind": "database", "target_id": "S"}],
        servers=[{"id": "S"}],
        components=[{"subject_kind": "server", "subject_id": "Z", "role": "os", "product": "x"}],
        flows=[{"id": "F", "source_id": "A", "target_id": "elsewhere"}],
    )
    lost = [(p.file, p.field, p.severity.value) for p in check_dataset(data, {}, DAY) if p.code == "INV-050"]
    assert lost == [
        ("dataset/applications.csv", "organisation_id", "warning"),
        ("dataset/deployments.csv", "target_id", "error"),
        ("dataset/components.csv", "subject_id", "warning"),
        ("dataset/flows.csv", None, "info"),
    ]


def test_a_server_used_through_its_database_is_not_alone() -> None:
    tables: dict[str, list[dict[str, Any]]] = {
        "applications": [{"id": "A"}], "servers": [{"id": "S"}], "databases": [{"id": "D", "server_id": "S"}],
        "deployments": [{"application_id": "A", "target_kind": "database", "target_id": "D"}],
    }  # fmt: skip
    assert found(dataset(**tables), "INV-053") == []
    assert (
        len(found(dataset(**{**tables, "deployments": [{**tables["deployments"][0], "target_id": "Z"}]}), "INV-053"))
        == 1
    )


def test_a_source_is_old_after_the_days_that_the_settings_say() -> None:
    data = dataset(
        sources=[{"id": "a.csv", "read_on": date(2026, 6, 1)}, {"id": "b.csv", "read_on": date(2026, 11, 1)}]
    )
    assert found(data, "INV-181") == []
    assert found(data, "INV-181", inventory={"stale_after_days": 100}) == [("read_on", 2)]
    for wrong in (0, "100", True, None):
        with pytest.raises(InvalidInput) as error:
            check_dataset(data, {"inventory": {"stale_after_days": wrong}}, DAY)
        assert error.value.problems[0].code == "INV-186"


def test_a_dataset_without_a_fault_has_only_unknown_facts() -> None:
    assert check_dataset(empty_dataset(), {}, DAY) == []
    data = dataset(organisations=[{"id": "O", "kind": "dsi"}], applications=[{"id": "A", "organisation_id": "O"}], servers=[{"id": "S"}],
                   deployments=[{"application_id": "A", "target_kind": "server", "target_id": "S"}])  # fmt: skip
    assert {p.code for p in check_dataset(data, {}, DAY)} == {"INV-054"}
    assert "entity_kind" not in {p.field for p in check_dataset(data, {}, DAY)}


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4), max_size=8))
def test_circles_are_the_groups_that_reach_each_other(targets: dict[str, list[str]]) -> None:
    reach = {n: set(targets.get(n, ())) for n in "abcdefgh"}
    for _step in range(8):
        reach = {n: r | {t for m in r for t in reach[m]} for n, r in reach.items()}
    expected = {tuple(sorted(m for m in reach if m == n or (m in reach[n] and n in reach[m]))) for n in reach}
    assert {tuple(g) for g in circles(targets)} == {g for g in expected if len(g) > 1}


def test_a_long_chain_of_flows_is_walked() -> None:
    chain = {str(n): [str(n + 1)] for n in range(20_000)}
    assert circles(chain) == []
    assert [len(g) for g in circles({**chain, "20000": ["0"]})] == [20_001]


def test_a_higher_level_of_maturity_never_holds_more_records() -> None:
    data = dataset(
        applications=[{"id": "A", "name": "a", "organisation_id": "O", "lifecycle": "production"}, {"id": "B"}]
    )
    rows = maturity(data).filter(pl.col("table") == "applications")
    assert rows["complete"].to_list() == [1, 0, 0]
    assert rows["share"].to_list() == [0.5, 0.0, 0.0]
    assert maturity(empty_dataset())["share"].is_null().all()


def test_questions_come_with_whom_to_ask_the_one_most_hangs_on_first() -> None:
    data = dataset(
        organisations=[{"id": "O", "name": "DSI du Test", "kind": "dsi"}],
        applications=[
            {"id": "A", "organisation_id": "O", "users": 3},
            {"id": "B", "organisation_id": "O"},
            {"id": "C"},
        ],
    )
    asked = questions(data)
    assert asked["applications"].is_sorted(descending=True)
    users = asked.filter(pl.col("field") == "users").select("organisation", "whom", "applications").rows()
    assert users == [("DSI du Test", "responsable métier", 1), (None, "responsable métier", 1)]
    assert asked.filter(pl.col("field") == "entity_kind")["organisation_id"].to_list() == [None]


@given(
    st.lists(
        st.sampled_from(
            [n.field for n in needs().needs if n.field not in (SERVERS, "users", "contract_end", "cout_run_annuel")]
        ),
        unique=True,
    )
)
def test_what_is_known_and_what_is_missing_add_up(known: list[str]) -> None:
    fields = schema().tables["applications"].by_name
    values = {n: True if fields[n].type == "boolean" else (fields[n].enum or ("x",))[0] for n in known}
    [row] = completeness(dataset(applications=[{"id": "A", **values}])).to_dicts()
    assert set(row["missing"]) | set(known) == set(needs().by_field())
    assert not set(row["missing"]) & set(known)
    assert row["completeness"] == pytest.approx(len(known) / len(needs().needs), abs=0.001)


def test_the_needs_are_what_their_schema_says_and_name_columns() -> None:
    import json

    import jsonschema

    raw = json.loads(json.dumps(yaml.safe_load(NEEDS_FILE.read_text(encoding="utf-8")), default=str))
    jsonschema.validate(raw, json.loads((NEEDS_FILE.parent / "schema/needs.json").read_text(encoding="utf-8")))
    assert {n.field for n in needs().needs} - {SERVERS} <= set(schema().tables["applications"].by_name)
    for table, levels in needs().maturity.items():
        columns = {n for level in levels for n in level if not n.startswith("link:")}
        assert columns <= set(schema().tables[table].by_name)
