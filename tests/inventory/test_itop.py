"""iTop: XML files that refer to one another, CSV with codes or labels, and XML that would do harm."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.dataset import read_dataset
from inventory.importing import ImportResult, import_files
from inventory.problems import Severity
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Write = Callable[[str, str], Path]
Codes = Callable[[ImportResult], list[str]]


def xml(name: str, *objects: tuple[int, dict[str, str]]) -> str:
    body = "".join(
        f'<{name} alias="{name}" id="{i}">' + "".join(f"<{k}>{v}</{k}>" for k, v in cells.items()) + f"</{name}>"
        for i, cells in objects
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Set>\n{body}\n</Set>\n'


FILES = {
    "org.xml": xml("Organization", (2, {"name": "DSI", "parent_id": "0"})),
    "apps.xml": xml("ApplicationSolution", (28, {"name": "ERP", "org_id": "2", "business_criticity": "high", "status": "active"})),
    "vm.xml": xml("VirtualMachine", (12, {"name": "vm1", "org_id": "2", "virtualhost_id": "7", "osfamily_id": "1", "osversion_id": "8",
                                          "cpu": "4", "ram": "16 Go"}),
                  (13, {"name": "vm2", "virtualhost_id": "9", "ram": "16384"})),
    "farm.xml": xml("Farm", (7, {"name": "Grappe1"})),
    "hyper.xml": xml("Hypervisor", (9, {"name": "esx1", "farm_id": "7", "server_id": "3"})),
    "servers.xml": xml("Server", (3, {"name": "chassis", "brand_id": "1", "cpu": "32"}), (4, {"name": "seul", "cpu": "2"})),
    "brand.xml": xml("Brand", (1, {"name": "Dell"})),
    "os.xml": xml("OSFamily", (1, {"name": "Debian"})),
    "osv.xml": xml("OSVersion", (8, {"name": "11.5"})),
    "db.xml": xml("DBServer", (17, {"name": "base", "system_id": "12", "software_id": "1"})),
    "soft.xml": xml("Software", (1, {"name": "PostgreSQL", "version": "13"})),
    "links.xml": xml("lnkApplicationSolutionToFunctionalCI", (1, {"applicationsolution_id": "28", "functionalci_id": "12"}),
                     (2, {"applicationsolution_id": "28", "functionalci_id": "17"})),
}  # fmt: skip


def lay(folder: Path) -> Path:
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_a_folder_is_one_source_whose_files_refer_to_one_another(
    tmp_path: Path, workspace: Workspace, codes: Codes
) -> None:
    result = import_files([lay(tmp_path / "itop")], workspace, today=DAY)
    assert codes(result) == ["INV-127", "INV-129"]
    dataset = read_dataset(workspace)
    servers = {r["name"]: r for r in dataset["servers"].rows(named=True)}
    assert set(servers) == {"vm1", "vm2", "seul"}
    assert (servers["vm1"]["os"], servers["vm1"]["cluster"], servers["vm1"]["ram_gib"]) == (
        "Debian 11.5",
        "Grappe1",
        16.0,
    )
    assert (servers["vm2"]["host_id"], servers["vm2"]["cluster"], servers["vm2"]["ram_gib"]) == (
        "itop-hypervisor-9",
        None,
        None,
    )
    [host] = dataset["hosts"].rows(named=True)
    assert (host["name"], host["cluster"], host["vendor"], host["cores"]) == ("esx1", "Grappe1", "Dell", 32)
    [application] = dataset["applications"].rows(named=True)
    assert (application["criticality"], application["lifecycle"], application["organisation_id"]) == (
        "haute",
        "production",
        "itop-org-2",
    )
    assert dataset["deployments"].select("target_kind", "target_id").rows() == [
        ("database", "itop-dbserver-17"),
        ("server", "itop-virtualmachine-12"),
    ]
    assert dataset["components"].select("role", "product", "version").rows() == [("sgbd", "PostgreSQL", "13")]
    assert dataset["databases"].select("engine", "version", "server_id").rows() == [
        ("PostgreSQL", "13", "itop-virtualmachine-12")
    ]


def test_files_given_one_by_one_still_refer_to_one_another(tmp_path: Path, workspace: Workspace) -> None:
    folder = lay(tmp_path / "itop")
    import_files([folder / n for n in ("apps.xml", "vm.xml", "org.xml")], workspace, today=DAY)
    import_files([folder / "links.xml"], workspace, today=DAY)
    dataset = read_dataset(workspace)
    assert dataset["deployments"].rows() == [("itop-applicationsolution-28", "server", "itop-virtualmachine-12")]
    assert dataset["applications"]["organisation_id"].to_list() == ["itop-org-2"]


def test_a_memory_without_a_unit_is_read_once_the_mapping_says_it(tmp_path: Path, workspace: Workspace) -> None:
    folder = lay(tmp_path / "itop")
    import_files([folder / "vm.xml"], workspace, today=DAY)
    mapping = workspace.root / "sources/vm.xml.mapping.json"
    mapping.write_text(mapping.read_text().replace("servers.ram_gib", "servers.ram_gib (mo)"))
    import_files([folder / "vm.xml"], workspace, today=DAY)
    assert sorted(read_dataset(workspace)["servers"]["ram_gib"].to_list()) == [16.0, 16.0]


HARM = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><Set><Server alias="Server" id="1"><name>&b;</name></Server></Set>'
READS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Set><Server alias="Server" id="1"><name>&a;</name></Server></Set>'


@pytest.mark.parametrize("text", [HARM, READS, FILES["apps.xml"][:-20]])
def test_entities_and_cut_files_are_refused(write: Write, workspace: Workspace, codes: Codes, text: str) -> None:
    result = import_files([write("x.xml", text)], workspace, today=DAY)
    assert codes(result) == ["INV-132"]
    assert result.refused


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("export.csv", 'name,org_id,organization_name,virtualhost_id,virtualhost_name,osfamily_name,osversion_name,cpu,ram\nvm1,2,DSI,7,Grappe1,Debian,11,4,8 Go\n'),
        ("VirtualMachine.csv", '"Nom*","Organisation->Nom","Hôte virtuel->Nom","Famille OS->Nom","Version OS->Nom","CPU","RAM"\n"vm1","DSI","Grappe1","Debian","11","4","8 Go"\n'),
        ("VirtualMachine-en.csv", '"Name*","Organization->Name","Virtual host->Name","OS family->Name","OS version->Name","CPU","RAM"\n"vm1","DSI","Grappe1","Debian","11","4","8 GB"\n'),
    ],
)  # fmt: skip
def test_a_csv_with_codes_or_labels(write: Write, workspace: Workspace, name: str, text: str) -> None:
    result = import_files([write(name, text)], workspace, today=DAY)
    assert list(result.formats.values()) == ["itop-csv"]
    assert not [p for p in result.problems if p.severity is not Severity.INFO]
    [server] = read_dataset(workspace)["servers"].rows(named=True)
    assert (server["name"], server["os"], server["vcpu"], server["ram_gib"]) == ("vm1", "Debian 11", 4, 8.0)
    assert server["cluster"] == "Grappe1"


def test_csv_of_applications_and_their_links_by_names(write: Write, workspace: Workspace) -> None:
    apps = write("apps.csv", "id,name,org_id,organization_name,business_criticity,status\n28,ERP,2,DSI,high,active\n")
    vms = write("vms.csv", "id,name,org_id,virtualhost_id\n12,vm1,2,7\n")
    links = write(
        "lnk.csv", "applicationsolution_id,applicationsolution_name,functionalci_id,functionalci_name\n28,ERP,12,vm1\n"
    )
    result = import_files([apps, vms, links], workspace, today=DAY)
    assert set(result.formats.values()) == {"itop-csv"}
    assert read_dataset(workspace)["deployments"].rows() == [
        ("itop-applicationsolution-28", "server", "itop-virtualmachine-12")
    ]
