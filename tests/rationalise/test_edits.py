"""Which edit can move which application."""

import polars as pl
import pytest

from inventory.package import Package
from rationalise.edits import Edit, edits_between

KEYS = {
    "applications": ["id"],
    "servers": ["id"],
    "organisations": ["id"],
    "deployments": ["application_id", "target_kind", "target_id"],
    "origins": ["table", "id"],
}


def dataset(**changed: list[dict[str, object]]) -> Package:
    rows: dict[str, list[dict[str, object]]] = {
        "applications": [
            {"id": "A1", "organisation_id": "O1", "sante": None, "users": 10},
            {"id": "A2", "organisation_id": "O2", "sante": False, "users": 20},
        ],
        "servers": [{"id": "S1", "os": "debian 9"}],
        "organisations": [{"id": "O1", "entity_kind": "etat"}, {"id": "O2", "entity_kind": "etat"}],
        "deployments": [{"application_id": "A1", "target_kind": "server", "target_id": "S1"}],
        "origins": [{"table": "applications", "id": "A1"}],
        **changed,
    }
    resources = [{"name": n, "schema": {"primaryKey": key}} for n, key in KEYS.items()]
    frames = {n: pl.DataFrame(r, infer_schema_length=None) for n, r in rows.items()}
    return Package(frames, {"resources": resources})


def changed(**tables: list[dict[str, object]]) -> list[Edit]:
    return edits_between(dataset(), dataset(**tables), {}, {})


def touched(edit: Edit) -> set[str]:
    return {a for a, o in (("A1", "O1"), ("A2", "O2")) if edit.touches(a, o)}


def test_nothing_edited_is_no_edit() -> None:
    assert changed() == []


def test_an_edit_is_named_cell_by_cell_with_before_and_after() -> None:
    [edit] = changed(
        applications=[
            {"id": "A1", "organisation_id": "O1", "sante": True, "users": 10},
            {"id": "A2", "organisation_id": "O2", "sante": False, "users": 20},
        ]
    )
    assert edit.text == "A1, sante\u00a0: inconnu → True"
    assert touched(edit) == {"A1"}


def test_a_server_moves_the_applications_it_runs() -> None:
    [edit] = changed(servers=[{"id": "S1", "os": "debian 13"}])
    assert touched(edit) == {"A1"}


def test_an_organisation_moves_all_of_its_applications() -> None:
    [edit] = changed(organisations=[{"id": "O1", "entity_kind": "etat"}, {"id": "O2", "entity_kind": "operateur"}])
    assert touched(edit) == {"A2"}


def test_where_values_come_from_moves_nobody() -> None:
    assert changed(origins=[{"table": "applications", "id": "A2"}]) == []


def test_a_row_added_is_an_edit() -> None:
    [edit] = changed(servers=[{"id": "S2", "os": "x"}, {"id": "S1", "os": "debian 9"}])
    assert edit.text.startswith("S2")


@pytest.mark.parametrize(
    ("path", "body", "who"),
    [
        ("decisions/perimeters/o1.yaml", b"{organisations: [O1]}", {"A1"}),
        ("decisions/perimeters/all.yaml", b"{all: true}", {"A1", "A2"}),
        (
            "decisions/perimeters/o9.yaml",
            b"{organisations: [O9], except: [{application: A2, classification: dr}]}",
            {"A2"},
        ),
        ("decisions/assessments/a.yaml", b"{applications: [A2]}", {"A2"}),
        ("doctrine/offers.yaml", b"{}", {"A1", "A2"}),
        ("francecloud.toml", b"", {"A1", "A2"}),
        ("zones/z.yaml", b"{applications: [{id: A1}]}", set()),
        ("decisions/broken.yaml", b"{", set()),
    ],
)
def test_a_file_moves_whom_it_names(path: str, body: bytes, who: set[str]) -> None:
    [added] = edits_between(None, None, {}, {path: body})
    [removed] = edits_between(None, None, {path: body}, {})
    assert touched(added) == touched(removed) == who
