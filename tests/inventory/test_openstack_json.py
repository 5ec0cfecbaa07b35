"""What the OpenStack command line prints: sizes from flavours and volumes, hosts, and no application made up."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.dataset import read_dataset
from inventory.files import SourceFile, open_source
from inventory.importing import ImportResult, import_files
from inventory.problems import Severity
from inventory.provenance import where_from
from inventory.readers.openstack_json import OpenStackJson
from inventory.readers.openstack_records import FIELDS, addresses
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Write = Callable[[str, str], Path]
Codes = Callable[[ImportResult], list[str]]
WEB, DB = "aaaa1111-0000-4000-8000-000000000001", "aaaa1111-0000-4000-8000-000000000002"
LISTED: dict[str, Any] = {
    "ID": WEB.upper(), "Name": "web1", "Status": "ACTIVE", "Task State": None, "Power State": 1,
    "Networks": {"net": ["10.0.0.5", "fd00::5"]}, "Image Name": "debian-12", "Image ID": "i1", "Flavor Name": "petit",
    "Flavor ID": "f1", "Availability Zone": "az1", "Host": "cmp1", "Properties": {}, "Project ID": "p1",
}  # fmt: skip
BOOTED = {**LISTED, "ID": DB, "Name": "db1", "Status": "SHUTOFF", "Power State": "Shutdown", "Image ID": "N/A (booted from volume)",
          "Image Name": "N/A (booted from volume)", "Flavor Name": "grand", "Flavor ID": "f2",
          "Networks": "net=10.0.0.6, 10.0.0.7; ext=192.0.2.1"}  # fmt: skip
FLAVORS = [{"ID": "f1", "Name": "petit", "RAM": 2048, "Disk": 20, "Ephemeral": 0, "VCPUs": 1, "Is Public": True},
           {"ID": "f2", "Name": "grand", "RAM": 8192, "Disk": 40, "Ephemeral": 10, "VCPUs": 4, "Is Public": False}]  # fmt: skip
VOLUMES = [{"ID": "v1", "Name": "", "Status": "in-use", "Size": 100, "Attached to": [{"server_id": DB, "device": "/dev/vda"}]},
           {"ID": "v2", "Name": "", "Status": "available", "Size": 500, "Attached to": []}]  # fmt: skip
HYPERVISORS = [{"ID": "1", "Hypervisor Hostname": "cmp1.cloud.local", "Hypervisor Type": "QEMU", "Host IP": "10.1.1.1",
                "State": "up", "vCPUs": 64, "Memory MB": 262144}]  # fmt: skip
PROJECTS = [{"ID": "p1", "Name": "paie-production"}]
CLOUD = {
    "flavors": FLAVORS,
    "servers": [LISTED, BOOTED],
    "volumes": VOLUMES,
    "hypervisors": HYPERVISORS,
    "projects": PROJECTS,
}


Member = tuple[str, bytes]


def read(*members: Member) -> Any:
    """A folder of these files, read as one source."""
    with TemporaryDirectory() as folder:
        for name, content in members:
            (Path(folder) / name).write_bytes(content)
        source = open_source(Path(folder))
        assert OpenStackJson().recognises(source)
        return OpenStackJson().read(source, {})


def as_member(name: str, value: Any) -> Member:
    return name, json.dumps(value).encode()


def test_a_cloud_in_one_document(write: Write, workspace: Workspace) -> None:
    result = import_files([write("cloud.json", json.dumps(CLOUD))], workspace, today=DAY)
    assert (result.formats, result.problems) == ({"cloud.json": "openstack-json"}, [])
    dataset = read_dataset(workspace)
    assert dataset["applications"].height == 0
    web, db = dataset["servers"].sort("id").iter_rows(named=True)
    assert (web["id"], web["uuid"], web["vcpu"], web["ram_gib"], web["storage_gib"]) == (WEB, WEB, 1, 2.0, 20.0)
    assert (web["addresses"], web["ip"], web["power_state"]) == ("10.0.0.5|fd00::5", "10.0.0.5", "on")
    assert (web["host_id"], web["hypervisor"], web["project"]) == ("cmp1.cloud.local", "kvm", "paie-production")
    assert (db["storage_gib"], db["os"], db["power_state"], db["ip"]) == (110.0, None, "off", "10.0.0.6")
    assert dataset["hosts"].select("id", "ram_gib").rows() == [("cmp1.cloud.local", 256.0)]
    [origin] = where_from(workspace, "servers", WEB, "vcpu")
    assert (origin.row, origin.column) == (1, "flavor.VCPUs")
    assert not import_files([write("cloud.json", json.dumps(CLOUD))], workspace, today=date(2026, 12, 1)).written


def test_a_folder_of_the_commands_outputs_says_the_same() -> None:
    found = read(as_member("flavors.json", FLAVORS), as_member("servers.json", [LISTED, BOOTED]), as_member("volumes.json", VOLUMES),
                 as_member("hyp.json", HYPERVISORS), as_member("projects.json", PROJECTS))  # fmt: skip
    assert found.problems == []
    columns = ["name", "vcpu", "storage_gib", "_sheet", "_row"]
    assert found.tables["servers"].select(columns).rows() == [
        ("web1", "1", "20.0", "servers.json", 1), ("db1", "4", "110.0", "servers.json", 2),
    ]  # fmt: skip
    assert list(found.mapping) == ["*"]


def test_without_the_lists_sizes_are_unknown_and_that_is_said(write: Write, workspace: Workspace, codes: Codes) -> None:
    result = import_files([write("servers.json", json.dumps([LISTED, BOOTED]))], workspace, today=DAY)
    assert [(p.code, p.severity) for p in result.problems] == [("INV-111", Severity.WARNING)]
    servers = read_dataset(workspace)["servers"]
    assert servers.select("vcpu", "ram_gib", "storage_gib").rows() == [(None, None, None)] * 2
    assert servers["os"].to_list() == ["debian-12", None]


def test_a_flavours_disk_alone_is_no_size_where_volumes_are_not_listed(write: Write, workspace: Workspace) -> None:
    import_files([write("c.json", json.dumps({"s": [LISTED], "f": FLAVORS}))], workspace, today=DAY)
    assert read_dataset(workspace)["servers"].select("vcpu", "storage_gib").rows() == [(1, None)]


SHOWN = {
    "id": WEB, "name": "web1", "status": "ACTIVE", "OS-EXT-STS:power_state": 4, "addresses": {"net": [{"addr": "10.0.0.5", "version": 4}]},
    "flavor": {"original_name": "petit", "vcpus": 2, "ram": 4096, "disk": 30, "ephemeral": 0}, "image": "ubuntu (i1)",
    "OS-EXT-SRV-ATTR:host": "cmp1", "project_id": "p1", "created": "2021-03-04T05:06:07Z", "volumes_attached": [],
}  # fmt: skip


@pytest.mark.parametrize(
    "flavor", [SHOWN["flavor"], "original_name='petit', vcpus='2', ram='4096', disk='30', ephemeral='0'"]
)
def test_a_server_shown_by_itself(write: Write, workspace: Workspace, flavor: object) -> None:
    import_files([write("s.json", json.dumps({**SHOWN, "flavor": flavor}))], workspace, today=DAY)
    server = read_dataset(workspace)["servers"].row(0, named=True)
    assert (server["vcpu"], server["ram_gib"], server["storage_gib"]) == (2, 4.0, 30.0)
    assert (server["os"], server["power_state"], server["created"]) == ("ubuntu", "off", date(2021, 3, 4))


def test_a_volume_the_server_names_and_nobody_lists_leaves_its_size_unknown() -> None:
    found = read(
        as_member("s.json", {**SHOWN, "volumes_attached": [{"id": "v9"}, {"id": "v1"}]}), as_member("v.json", VOLUMES)
    )
    assert found.tables["servers"]["storage_gib"].to_list() == [None]


def test_a_system_is_what_the_image_says_of_itself() -> None:
    image = {
        "id": "i1",
        "name": "doree",
        "disk_format": "qcow2",
        "properties": {"os_distro": "rocky", "os_version": "9.4"},
    }
    found = read(as_member("s.json", SHOWN), as_member("i.json", image))
    assert found.tables["servers"]["os"].to_list() == ["rocky 9.4"]


def test_a_server_listed_and_shown_is_one() -> None:
    found = read(as_member("s.json", SHOWN), as_member("l.json", [LISTED]))
    assert found.tables["servers"].select("id", "vcpu", "cluster").rows() == [(WEB, "2", "az1")]
    assert found.problems == []


def test_lists_of_flavours_alone_are_nothing_to_import(write: Write, workspace: Workspace, codes: Codes) -> None:
    result = import_files([write("f.json", json.dumps(FLAVORS))], workspace, today=DAY)
    assert (codes(result), result.refused) == (["INV-112"], True)


def test_a_list_that_was_cut_is_refused_with_its_place(write: Write, workspace: Workspace) -> None:
    text = json.dumps([LISTED, BOOTED], indent=1)
    result = import_files([write("s.json", text[: len(text) // 2])], workspace, today=DAY)
    [problem] = result.problems
    assert (problem.code, result.refused) == ("INV-100", True)
    assert problem.row is not None


def test_twenty_thousand_servers() -> None:
    many = [{**LISTED, "ID": f"{n:08d}-0000-4000-8000-000000000001", "Name": f"s{n}"} for n in range(20_000)]
    source = SourceFile(Path("s.json"), json.dumps({"servers": many, "flavors": FLAVORS, "volumes": VOLUMES}).encode())
    found = OpenStackJson().read(source, {})
    assert found.tables["servers"].height == 20_000
    assert found.tables["servers"]["storage_gib"].unique().to_list() == ["20.0"]


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("a=10.0.0.1, fd00::1; b=10.0.0.2", ["10.0.0.1", "fd00::1", "10.0.0.2"]), ({"a": ["10.0.0.1"]}, ["10.0.0.1"]),
        ({"a": [{"addr": "10.0.0.1"}, {"addr": None}]}, ["10.0.0.1"]), ({"a": 3}, []), (None, []), ("", []),
    ],
)  # fmt: skip
def test_addresses_however_they_are_printed(printed: object, wanted: list[str]) -> None:
    assert addresses(printed) == wanted


KEYS = sorted({name for fields in FIELDS.values() for names in fields.values() for name in names})
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "addr", "vcpus", "server_id", "os_distro"]), inner),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), VALUE, max_size=10), max_size=4))
def test_no_record_breaks_the_reading(records: list[dict[str, Any]]) -> None:
    found = OpenStackJson().read(SourceFile(Path("f"), json.dumps([LISTED, *records]).encode()), {})
    assert WEB in found.tables["servers"]["id"].to_list()
