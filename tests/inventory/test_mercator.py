"""Mercator: a dump, the same objects as JSON and XLSX, and dumps that are cut."""

import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.dataset import read_dataset
from inventory.importing import ImportResult, import_files
from inventory.provenance import where_from
from inventory.readers.sql_dump import Cut, rows
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Write = Callable[[str, str], Path]
Workbook = Callable[..., Path]
Codes = Callable[[ImportResult], list[str]]

DUMP = """-- MariaDB dump
INSERT INTO `m_applications` (`id`, `name`, `description`, `security_need_c`, `security_need_a`, `users`, `entity_resp_id`, `rto`, `rpo`, `deleted_at`) VALUES (1,'Paie','<p>L\\'outil de paie&nbsp;; a, b) c</p>',3,2,'250',1,240,0,NULL),
(2,'Vieux','x',1,1,NULL,NULL,0,0,'2024-01-01 00:00:00');
INSERT INTO `entities` (`id`, `name`, `is_external`, `parent_entity_id`) VALUES (1,'DRH',0,NULL),(2,'Éditeur SA',1,NULL);
INSERT INTO `logical_servers` (`id`, `name`, `net_services`, `memory`, `cpu`, `environment`) VALUES (7,'srv-7','SSH','64','4','Prod');
INSERT INTO `physical_servers` (`id`, `name`, `memory`) VALUES (3,'chassis-3','512'),(4,'seul-4','32');
INSERT INTO `databases` (`id`, `name`, `type`) VALUES (5,'PAIE','Oracle');
INSERT INTO `database_m_application` (`m_application_id`, `database_id`) VALUES (1,5),(2,5);
INSERT INTO `database_logical_server` (`database_id`, `logical_server_id`) VALUES (5,7);
INSERT INTO `logical_server_m_application` (`m_application_id`, `logical_server_id`) VALUES (1,7);
INSERT INTO `logical_server_physical_server` (`logical_server_id`, `physical_server_id`) VALUES (7,3);
INSERT INTO `fluxes` (`id`, `name`, `application_source_id`, `database_source_id`, `application_dest_id`, `database_dest_id`, `crypted`, `nature`) VALUES (9,'Lecture',1,NULL,NULL,5,1,'SQL'),(10,'Vers module',1,NULL,NULL,NULL,0,'API');
"""  # fmt: skip


def check(workspace: Workspace) -> None:
    dataset = read_dataset(workspace)
    [application] = dataset["applications"].rows(named=True)
    assert (application["id"], application["organisation_id"], application["users"]) == ("drh-paie", "drh", 250)
    assert (application["dima_h"], application["pdma_h"]) == (4.0, None)
    assert (application["besoin_confidentialite"], application["besoin_disponibilite"]) == (3, 2)
    assert application["description"] == "L'outil de paie ; a, b) c"
    assert dataset["organisations"]["id"].to_list() == ["drh"]
    servers = dataset["servers"].select("id", "host_id", "ram_gib", "environment").rows()
    assert servers == [("seul-4", None, 32.0, None), ("srv-7", "chassis-3", 64.0, "production")]
    assert dataset["hosts"].select("id", "ram_gib").rows() == [("chassis-3", 512.0)]
    assert dataset["databases"].select("id", "engine", "server_id").rows() == [("base-paie", "Oracle", "srv-7")]
    assert dataset["deployments"].rows() == [("drh-paie", "database", "base-paie"), ("drh-paie", "server", "srv-7")]
    [flow] = dataset["flows"].rows(named=True)
    assert (flow["source_id"], flow["target_id"], flow["encrypted"], flow["nature"]) == (
        "drh-paie",
        "base-paie",
        True,
        "SQL",
    )


def test_a_dump_gives_objects_links_and_what_was_left_out(write: Write, workspace: Workspace, codes: Codes) -> None:
    result = import_files([write("mercator.sql", DUMP)], workspace, today=DAY)
    assert result.formats == {"mercator.sql": "mercator-sql"}
    # The bin, the supplier, the link of the application in the bin, the flow to a module; the RPO of zero.
    assert codes(result) == ["INV-127"] * 4 + ["INV-129"]
    check(workspace)
    [place] = where_from(workspace, "applications", "drh-paie", "users")
    assert (place.sheet, place.row, place.column) == ("m_applications", 2, "users")


OBJECTS = {
    "applications": [
        {"id": 1, "name": "Paie", "description": "<p>L'outil de paie&nbsp;; a, b) c</p>", "security_need_c": 3,
         "security_need_a": 2, "users": "250", "entity_resp_id": 1, "rto": 240, "rpo": 0, "databases": [5],
         "logical_servers": [7]}
    ],
    "entities": [{"id": 1, "name": "DRH", "is_external": False}, {"id": 2, "name": "Éditeur SA", "is_external": True}],
    "logical-servers": [
        {"id": 7, "name": "srv-7", "net_services": "SSH", "memory": "64", "cpu": "4", "environment": "Prod",
         "databases": [{"id": 5}], "physical_servers": [3], "applications": [1]}
    ],
    "physical-servers": [{"id": 3, "name": "chassis-3", "memory": "512"}, {"id": 4, "name": "seul-4", "memory": "32"}],
    "databases": [{"id": 5, "name": "PAIE", "type": "Oracle", "applications": [1]}],
    "fluxes": [{"id": 9, "name": "Lecture", "application_source_id": 1, "database_dest_id": 5, "crypted": True, "nature": "SQL"}],
}  # fmt: skip


def test_the_same_objects_as_json_give_the_same_dataset(write: Write, workspace: Workspace) -> None:
    result = import_files([write("carto.json", json.dumps(OBJECTS))], workspace, today=DAY)
    assert result.formats == {"carto.json": "mercator-json"}
    check(workspace)


def test_a_zip_of_a_json_a_kind_is_one_source(tmp_path: Path, workspace: Workspace) -> None:
    with zipfile.ZipFile(tmp_path / "carto.zip", "w") as packed:
        for kind, objects in OBJECTS.items():
            packed.writestr(f"{kind}.json", json.dumps({"data": objects}))
    result = import_files([tmp_path / "carto.zip"], workspace, today=DAY)
    assert result.formats == {"carto.zip": "mercator-json"}
    check(workspace)


def test_a_workbook_has_a_sheet_a_kind(workbook: Workbook, workspace: Workspace) -> None:
    sheets = {}
    for kind, objects in OBJECTS.items():
        head = list(dict.fromkeys(k for o in objects for k in o))
        cells = [[_cell(o.get(k)) for k in head] for o in objects]
        sheets[kind] = [head, *cells]
    sheets["databases"].append([99, None, None, None])
    result = import_files([workbook("carto.xlsx", **sheets)], workspace, today=DAY)
    assert result.formats == {"carto.xlsx": "mercator-json"}
    check(workspace)


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(str(v["id"] if isinstance(v, dict) else v) for v in value)
    return int(value) if isinstance(value, bool) else value


@pytest.mark.parametrize("cut", [DUMP.index("'250'"), DUMP.index(",(2,'Éditeur") + 5, len(DUMP) - 4])
def test_a_cut_dump_is_refused_with_its_line(write: Write, workspace: Workspace, cut: int) -> None:
    result = import_files([write("mercator.sql", DUMP[:cut])], workspace, today=DAY)
    [problem] = result.problems
    assert problem.code == "INV-130"
    assert problem.row is not None
    assert abs(problem.row - (DUMP[:cut].count("\n") + 1)) <= 1


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


@given(
    st.lists(
        st.tuples(
            st.integers(), st.none() | st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]))
        ),
        min_size=1,
    )
)
def test_what_mysql_writes_is_read_back(values: list[tuple[int, str | None]]) -> None:
    body = ",\n".join(f"({n},{'NULL' if t is None else _quoted(t)})" for n, t in values)
    found = list(rows(f"INSERT INTO `t` (`a`, `b`) VALUES {body};\n"))
    assert [(r.cells["a"], r.cells["b"]) for r in found] == [(str(n), t) for n, t in values]


@given(st.text())
def test_any_other_text_is_read_or_refused(text: str) -> None:
    with suppress(Cut):
        list(rows("INSERT INTO `t` (`a`) VALUES " + text))
