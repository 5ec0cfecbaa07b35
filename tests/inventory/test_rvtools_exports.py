"""RVTools exports as folders and ZIPs of CSV, of old versions, of several vCenters, with attributes of the house."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from inventory.dataset import read_dataset
from inventory.importing import ImportResult, import_files
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Workbook = Callable[..., Path]
Codes = Callable[[ImportResult], list[str]]
INFO = "VM,Powerstate,Template,CPUs,Memory,Provisioned MB,Datacenter,Cluster,Host,VI SDK Server\n"
ONE = INFO + 'web,poweredOn,False,2,"2,048","40,960",DC,C1,esx1,vc1\nmodele,poweredOff,True,1,512,100,DC,C1,esx1,vc1\n'
HOSTS = "Host,Datacenter,Cluster,# Cores,# Memory,ESX Version,VI SDK Server\nesx1,DC,C1,16,131072,VMware ESXi 7,vc1\n"


def export(folder: Path, **tabs: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for tab, text in tabs.items():
        (folder / f"RVTools_tab{tab}.csv").write_text(text)
    return folder


def test_a_folder_and_a_zip_of_csv_are_one_source_each(tmp_path: Path, workspace: Workspace, codes: Codes) -> None:
    folder = export(tmp_path / "vcenter", vInfo=ONE, vHost=HOSTS, vNetwork="VM,Mac Address\nweb,00\n")
    result = import_files([folder], workspace, today=DAY)
    assert result.formats == {"vcenter": "rvtools"}
    assert codes(result) == ["INV-031"]
    dataset = read_dataset(workspace)
    assert dataset["servers"].select("name", "ram_gib", "storage_gib").rows() == [("web", 2.0, 40.0)]
    assert dataset["hosts"].select("id", "cores", "ram_gib").rows() == [("esx1", 16, 128.0)]
    assert dataset["sources"]["id"].to_list() == ["vcenter"]
    with zipfile.ZipFile(tmp_path / "vcenter.zip", "w") as packed:
        for file in folder.iterdir():
            packed.write(file, file.name)
    again = import_files([tmp_path / "vcenter.zip"], workspace, today=DAY)
    assert again.formats == {"vcenter.zip": "rvtools"}
    assert again.tables["servers"] == {"read": 1, "created": 0, "updated": 0, "unchanged": 1}


def test_the_export_of_a_folder_of_others_is_still_one_source(tmp_path: Path, workspace: Workspace) -> None:
    export(tmp_path / "depot/vcenter", vInfo=ONE)
    (tmp_path / "depot/applis.csv").write_text("Code application;Nom\nA1;Paie\n")
    result = import_files([tmp_path / "depot"], workspace, today=DAY)
    assert result.formats == {"applis.csv": "list", "vcenter": "rvtools"}


def test_headings_with_the_name_of_their_tab_are_read(tmp_path: Path, workspace: Workspace) -> None:
    text = "vInfoVMName,vInfoPowerstate,vInfoCPUs,vInfoMemory,vInfoDatacenter,vInfoHost,vInfoUUID\nweb,poweredOn,2,2048,DC,e1,u\n"
    result = import_files([export(tmp_path / "v", vInfo=text)], workspace, today=DAY)
    assert not result.problems
    row = read_dataset(workspace)["servers"].row(0, named=True)
    assert (row["name"], row["power_state"], row["vcpu"], row["ram_gib"], row["host_id"]) == ("web", "on", 2, 2.0, "e1")


def test_one_csv_of_machines_is_read_alone(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "export.csv").write_text(ONE)
    result = import_files([tmp_path / "export.csv"], workspace, today=DAY)
    assert result.formats == {"export.csv": "rvtools"}
    assert result.tables["servers"]["read"] == 1


def test_names_that_two_vcenters_use_are_told_apart(workbook: Workbook, workspace: Workspace) -> None:
    head = ["VM", "Powerstate", "CPUs", "Memory", "Datacenter", "Cluster", "Host", "VI SDK Server"]
    info = [head, *(["web", "poweredOn", 2, 2048, "DC", f"C{v}", "esx1", f"vc{v}"] for v in (1, 2))]
    cpu = [["VM", "Overall", "Max", "VI SDK Server"], ["web", 100, 1000, "vc1"], ["web", 500, 1000, "vc2"]]
    hosts = [["Host", "Cluster", "VI SDK Server"], ["esx1", "C1", "vc1"], ["esx1", "C2", "vc2"]]
    result = import_files([workbook("rv.xlsx", vInfo=info, vCPU=cpu, vHost=hosts)], workspace, today=DAY)
    assert not result.problems
    servers = read_dataset(workspace)["servers"].sort("cluster")
    assert servers["id"].n_unique() == 2
    assert servers["cpu_used"].to_list() == [10.0, 50.0]
    assert servers["host_id"].to_list() == ["esx1 (vc1)", "esx1 (vc2)"]
    assert read_dataset(workspace)["hosts"]["id"].to_list() == ["esx1 (vc1)", "esx1 (vc2)"]
    assert read_dataset(workspace)["sites"]["id"].to_list() == ["DC (vc1)", "DC (vc2)"]


def test_two_exports_in_one_folder_are_two_sets(tmp_path: Path, workspace: Workspace) -> None:
    folder = export(tmp_path / "tout", **{"vInfo_2026-01-01": ONE})
    export(folder, **{"vInfo_2026-02-01": ONE.replace("web", "db").replace("vc1", "vc2")})
    result = import_files([folder], workspace, today=DAY)
    assert result.tables["servers"]["read"] == 2
    sheets = read_dataset(workspace)["origins"].filter(table="servers")["sheet"].to_list()
    assert sorted(sheets) == ["RVTools_tabvInfo_2026-01-01.csv", "RVTools_tabvInfo_2026-02-01.csv"]


def test_attributes_of_the_house_are_kept_or_said(workbook: Workbook, workspace: Workspace) -> None:
    head = [
        "VM",
        "Powerstate",
        "Memory",
        "Annotation",
        "Application",
        "Environnement",
        "Équipe",
        "Datacenter",
        "VM UUID",
    ]
    info = [head, ["a", "poweredOn", 1024, "x", "Paie", "Prod", "Équipe 1", "DC", "U1"]]
    path = workbook("rv.xlsx", vInfo=info)
    apps = path.parent / "applis.csv"
    apps.write_text("Code application;Nom\nA1;Paie\n")
    result = import_files([path, apps], workspace, today=DAY)
    [said] = [p for p in result.problems if p.code == "INV-016"]
    assert "Équipe" in said.message
    assert "Application" not in said.message
    dataset = read_dataset(workspace)
    assert dataset["servers"]["environment"].to_list() == ["production"]
    assert dataset["deployments"].select("application_id", "target_id").rows() == [("A1", "u1")]
