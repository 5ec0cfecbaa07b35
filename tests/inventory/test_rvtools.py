"""RVTools workbooks: identifiers, usage, hosts, custom attributes, and what is not a server."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.dataset import read_dataset
from inventory.importing import ImportResult, import_files
from inventory.problems import Severity
from inventory.provenance import where_from
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Workbook = Callable[..., Path]
Write = Callable[[str, str], Path]
Codes = Callable[[ImportResult], list[str]]
Rows = Callable[[Workspace, str, str, str], dict[object, object]]
HEAD = ["VM", "Powerstate", "CPUs", "Memory", "Datacenter", "Cluster", "Host", "VM ID", "VM UUID", "VI SDK UUID"]


def machine(name: str, uuid: str | None, number: str | None = "vm-1", memory: object = 2048) -> list[object]:
    return [name, "poweredOn", 2, memory, "dc1", "c1", "esx1", number, uuid, "vc1"]


def test_without_a_uuid_the_vcenter_and_its_number_tell_a_machine(
    workbook: Workbook, workspace: Workspace, rows_of: Rows
) -> None:
    info = [HEAD, machine("a", None, "vm-7"), machine("b", None, None), machine("c", "UU-3")]
    import_files([workbook("rv.xlsx", vInfo=info)], workspace, today=DAY)
    assert rows_of(workspace, "servers", "name", "id") == {"a": "vc1-vm-7", "b": "dc1-c1-b", "c": "uu-3"}


def test_a_clone_with_the_same_uuid_is_another_machine_and_is_said(
    workbook: Workbook, workspace: Workspace, rows_of: Rows
) -> None:
    info = [HEAD, machine("a", "UU-1", "vm-1"), machine("b", "UU-1", "vm-2")]
    result = import_files([workbook("rv.xlsx", vInfo=info)], workspace, today=DAY)
    assert rows_of(workspace, "servers", "name", "id") == {"a": "uu-1", "b": "vc1-vm-2"}
    [said] = [p for p in result.problems if p.code == "INV-033"]
    assert (said.row, said.severity) == (3, Severity.WARNING)


def test_the_same_machine_twice_is_said(workbook: Workbook, workspace: Workspace, codes: Codes) -> None:
    info = [HEAD, machine("a", None, "vm-1"), machine("a", None, "vm-1")]
    result = import_files([workbook("rv.xlsx", vInfo=info)], workspace, today=DAY)
    assert result.tables["servers"]["read"] == 1
    assert codes(result) == ["INV-014"]


@pytest.mark.parametrize(("memory", "gib"), [("8 192", 8.0), ("1,234,567", 1205.63), (1536, 1.5)])
def test_sizes_are_read_however_the_locale_writes_thousands(
    workbook: Workbook, workspace: Workspace, memory: object, gib: float
) -> None:
    import_files([workbook("rv.xlsx", vInfo=[HEAD, machine("a", "U", memory=memory)])], workspace, today=DAY)
    assert read_dataset(workspace)["servers"]["ram_gib"].to_list() == [gib]


def test_a_size_that_is_none_stops_the_import(workbook: Workbook, workspace: Workspace) -> None:
    result = import_files(
        [workbook("rv.xlsx", vInfo=[HEAD, machine("a", "U", memory="beaucoup")])], workspace, today=DAY
    )
    assert [(p.code, p.sheet, p.row, p.column) for p in result.problems] == [("INV-020", "vInfo", 2, "Memory")]


def test_a_state_in_unknown_words_is_left_unknown(workbook: Workbook, workspace: Workspace, codes: Codes) -> None:
    row = machine("a", "U")
    row[1] = "hibernating"
    result = import_files([workbook("rv.xlsx", vInfo=[HEAD, row])], workspace, today=DAY)
    assert codes(result) == ["INV-020"]
    assert not result.refused
    assert read_dataset(workspace)["servers"]["power_state"].to_list() == [None]


def test_usage_comes_from_the_other_sheets_and_says_so(workbook: Workbook, workspace: Workspace) -> None:
    path = workbook(
        "rv.xlsx",
        vInfo=[HEAD, machine("a", "U")],
        vCPU=[["VM", "Overall", "Max"], ["a", 500, 4000]],
        vMemory=[["VM", "Size MiB", "Active"], ["a", 2048, 512]],
        vPartition=[["VM", "Disk", "Consumed MiB"], ["a", "/", 1024], ["a", "/var", 512]],
    )
    import_files([path], workspace, today=DAY)
    server = read_dataset(workspace)["servers"].row(0, named=True)
    assert (server["cpu_used"], server["ram_used"], server["storage_used_gib"]) == (12.5, 25.0, 1.5)
    [origin] = where_from(workspace, "servers", "u", "storage_used_gib")
    assert (origin.sheet, origin.row, origin.column) == ("vPartition", None, "Consumed MiB")


def test_hosts_are_those_of_vhost_else_those_that_machines_name(
    workbook: Workbook, workspace: Workspace, rows_of: Rows
) -> None:
    info = [HEAD, machine("a", "U")]
    import_files([workbook("rv.xlsx", vInfo=info)], workspace, today=DAY)
    assert rows_of(workspace, "hosts", "id", "cluster") == {"esx1": "c1"}
    host = [["Host", "Datacenter", "Cluster", "# Cores", "# Memory"], ["esx2", "dc2", "c2", 32, 262144]]
    import_files([workbook("autre.xlsx", vInfo=info, vHost=host)], workspace, today=DAY)
    assert rows_of(workspace, "hosts", "id", "ram_gib") == {"esx1": None, "esx2": 256.0}
    assert set(read_dataset(workspace)["sites"]["id"]) == {"dc1", "dc2"}


def test_a_custom_attribute_links_a_machine_to_its_applications(
    workbook: Workbook, write: Write, workspace: Workspace
) -> None:
    apps = write("apps.csv", "Code application;Nom\nA1;Paie\nA2;Stocks\n")
    info = [[*HEAD, "Application"], [*machine("a", "U"), "Paie; A2"], [*machine("b", "V"), None]]
    result = import_files([workbook("rv.xlsx", vInfo=info), apps], workspace, today=DAY)
    assert result.tables["deployments"]["read"] == 2
    [origin] = where_from(workspace, "deployments", "A1|server|u", "application_id")
    assert (origin.source, origin.sheet, origin.row, origin.column) == ("rv.xlsx", "vInfo", 2, "Application")


def test_any_attribute_may_be_named_in_the_mapping(workbook: Workbook, write: Write, workspace: Workspace) -> None:
    apps = write("apps.csv", "Code application;Nom\nA1;Paie\n")
    path = workbook("rv.xlsx", vInfo=[[*HEAD, "owner"], [*machine("a", "U"), "paie"]])
    assert "deployments" not in import_files([path, apps], workspace, today=DAY).tables
    mapping = workspace.root / "sources/rv.xlsx.mapping.json"
    mapping.write_text(mapping.read_text().replace('"VM": ', '"owner": "servers.link:applications",\n   "VM": '))
    before = read_dataset(workspace)["servers"]
    assert import_files([path], workspace, today=DAY).tables["deployments"]["created"] == 1
    assert read_dataset(workspace)["servers"].equals(before)
    assert "link:applications" in mapping.read_text()


def test_vinfo_without_its_heading_is_refused(workbook: Workbook, workspace: Workspace, codes: Codes) -> None:
    result = import_files([workbook("rv.xlsx", vInfo=[["Nom", "Taille"], ["a", 1]])], workspace, today=DAY)
    assert codes(result) == ["INV-030"]
