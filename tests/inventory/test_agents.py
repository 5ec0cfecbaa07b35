"""Inventories of agents, in GLPI's JSON and in OCS's XML: the same machine either way, and nothing invented."""

import json
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.dataset import read_dataset
from inventory.files import SourceFile, open_source
from inventory.importing import ImportResult, import_files
from inventory.problems import Severity
from inventory.provenance import where_from
from inventory.readers import Reading, reader_for
from inventory.readers.glpi_agent import GlpiAgent
from inventory.readers.ocs_xml import OcsXml
from inventory.readers.software import role_of
from inventory.workspace import Workspace

DAY = date(2026, 11, 23)
Write = Callable[[str, str], Path]
Codes = Callable[[ImportResult], list[str]]
UUID = "11111111-2222-4333-8444-555555555555"
OTHER = "99999999-2222-4333-8444-555555555555"


def machine(name: str = "srv", uuid: str | None = UUID, **sections: Any) -> dict[str, Any]:
    hardware = {"name": name, "uuid": uuid, "memory": 2048}
    content = {"hardware": hardware, "versionclient": "agent", **sections}
    return {"deviceid": f"{name}-2026-01-01-00-00-00", "itemtype": "Computer", "content": content}


def imported(write: Write, workspace: Workspace, *documents: Any) -> ImportResult:
    return import_files([write("a.json", json.dumps(list(documents)))], workspace, today=DAY)


def reading(content: bytes, name: str = "f") -> Reading:
    source = SourceFile(Path(name), content)
    return reader_for(source).read(source, {})


@pytest.mark.needs("shared")
def test_the_sample_of_the_format_is_one_machine(shared: Path, workspace: Workspace) -> None:
    result = import_files([shared / "samples/glpi/computer_1.json"], workspace, today=DAY)
    assert result.formats == {"computer_1.json": "glpi-agent"}
    assert {t: c["read"] for t, c in result.tables.items()} == {"servers": 1, "components": 7}
    assert [(p.code, p.severity) for p in result.problems] == [("INV-110", Severity.INFO)]
    server = read_dataset(workspace)["servers"].row(0, named=True)
    assert (server["name"], server["serial"], server["vcpu"], server["ram_gib"]) == ("glpixps", "640HP72", 2, 7.62)
    assert server["addresses"] == "192.168.1.118|192.168.1.142"
    assert (server["ip"], server["hypervisor"], server["storage_gib"]) == ("192.168.1.142", None, 250.06)
    again = import_files([shared / "samples/glpi/computer_1.json"], workspace, today=date(2026, 12, 1))
    assert not again.written


@pytest.mark.needs("shared")
def test_every_value_leads_back_to_its_path(shared: Path, workspace: Workspace) -> None:
    import_files([shared / "samples/glpi/computer_1.json"], workspace, today=DAY)
    server = read_dataset(workspace)["servers"].row(0, named=True)
    for field in (f for f, value in server.items() if value is not None):
        [origin] = where_from(workspace, "servers", server["id"], field)
        assert origin.column is not None, field
        assert origin.column.startswith("content."), field
        assert origin.row == 1
    [origin] = where_from(workspace, "components", f"server|{server['id']}|autre|tar", "version")
    assert origin.column == "content.softwares[].version"


XML = f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<REQUEST><CONTENT>
<HARDWARE><NAME>srv</NAME><UUID>{UUID.upper()}</UUID><MEMORY>8192</MEMORY><OSNAME>CentOS Linux release 7.9</OSNAME>
<IPADDR>10.1.2.3/192.168.122.1</IPADDR><WORKGROUP>exemple.gouv.fr</WORKGROUP></HARDWARE>
<BIOS><SSN>To Be Filled By O.E.M.</SSN></BIOS>
<CPUS><CORES>4</CORES></CPUS><CPUS><CORES>4</CORES></CPUS>
<SOFTWARES><NAME>httpd</NAME><VERSION>2.4.6</VERSION></SOFTWARES>
<SOFTWARES><NAME>Éditeur maison</NAME></SOFTWARES>
<DATABASES_SERVICES><TYPE>mysql</TYPE><NAME>MariaDB</NAME><VERSION>10.5</VERSION>
<DATABASES><NAME>paie</NAME><SIZE>1024</SIZE></DATABASES></DATABASES_SERVICES>
</CONTENT><DEVICEID>srv-1</DEVICEID><QUERY>INVENTORY</QUERY></REQUEST>"""


def test_ocs_is_the_same_tree_in_upper_case(tmp_path: Path, workspace: Workspace) -> None:
    path = tmp_path / "srv.xml"
    path.write_bytes(XML.encode("iso-8859-1"))
    result = import_files([path], workspace, today=DAY)
    assert result.formats == {"srv.xml": "ocs-xml"}
    dataset = read_dataset(workspace)
    server = dataset["servers"].row(0, named=True)
    assert (server["id"], server["vcpu"], server["ram_gib"], server["serial"]) == (UUID, 8, 8.0, None)
    assert (server["os"], server["fqdn"], server["ip"]) == (
        "CentOS Linux release 7.9",
        "srv.exemple.gouv.fr",
        "10.1.2.3",
    )
    roles = dict(dataset["components"].select("product", "role").iter_rows())
    assert (roles["httpd"], roles["MariaDB"], roles["Éditeur maison"]) == ("web", "sgbd", "autre")
    assert dataset["databases"].select("name", "engine", "size_gib", "server_id").rows() == [
        ("paie", "MariaDB", 1.0, UUID)
    ]
    [origin] = where_from(workspace, "servers", UUID, "ram_gib")
    assert origin.column is not None
    assert "CONTENT/HARDWARE/MEMORY" in origin.column


def test_ocs_files_compressed_by_its_server_are_read() -> None:
    assert reading(zlib.compress(XML.encode("iso-8859-1"))).tables["servers"]["id"].to_list() == [UUID]
    [cut] = reading(zlib.compress(XML.encode("iso-8859-1"))[:-9]).problems
    assert cut.code == "INV-102"


def test_entities_are_refused_and_never_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("à ne pas lire")
    for declared in (f'<!ENTITY e SYSTEM "file://{secret}">', '<!ENTITY a "aa"><!ENTITY e "&a;&a;&a;">'):
        text = f"<!DOCTYPE r [{declared}]><REQUEST><CONTENT><HARDWARE><NAME>&e;</NAME></HARDWARE></CONTENT></REQUEST>"
        found = reading(text.encode())
        assert [p.code for p in found.problems] == ["INV-103"]
        assert not found.tables


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (json.dumps(machine()).encode()[:-20], "INV-100"),
        (b'{"content": {"hardware": {}}, "deviceid": ' + b"[" * 100_000, "INV-100"),
        (b'{"content": {"hardware": {}}, "deviceid": ' + b"9" * 5000 + b"}", "INV-100"),
        (XML.encode("iso-8859-1")[:-40], "INV-102"),
        (XML.replace("ISO-8859-1", "UTF-8").encode("iso-8859-1"), "INV-102"),
        (b"<REQUEST><CONTENT>" + b"<A>" * 5000 + b"</A>" * 5000 + b"</CONTENT></REQUEST>", "INV-012"),
        (b"<REQUEST><QUERY>PROLOG</QUERY><DEVICEID>x</DEVICEID></REQUEST>", "INV-104"),
        (b'{"content": {}, "deviceid": "p", "itemtype": "Printer"}', "INV-104"),
        (b'{"content": [], "deviceid": "p"}', "INV-101"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(content: bytes, code: str) -> None:
    found = reading(content)
    assert [p.code for p in found.problems] == [code]
    assert "servers" not in found.tables


def test_one_inventory_a_line_and_a_last_line_cut(write: Write, workspace: Workspace) -> None:
    lines = [json.dumps(machine("a", UUID)), json.dumps(machine("b", OTHER)), json.dumps(machine("c"))[:-10]]
    result = import_files([write("parc.jsonl", "\n".join(lines))], workspace, today=DAY)
    assert [(p.code, p.row) for p in result.problems] == [("INV-100", 3)]
    assert result.refused
    whole = import_files([write("parc.jsonl", "\n".join(lines[:2]))], workspace, today=DAY)
    assert whole.tables["servers"]["created"] == 2


def test_a_size_one_processor_does_not_state_is_unknown(write: Write, workspace: Workspace) -> None:
    cpus = [{"core": 2}, {"name": "sans cœurs"}]
    imported(
        write,
        workspace,
        machine(cpus=cpus, storages=[{"name": "sda"}], drives=[{"total": 10240, "volumn": "/dev/sda1"}]),
    )
    server = read_dataset(workspace)["servers"].row(0, named=True)
    assert (server["vcpu"], server["storage_gib"], server["storage_used_gib"]) == (None, 10.0, None)


def test_a_volume_mounted_twice_and_shared_ones_count_as_they_should(write: Write, workspace: Workspace) -> None:
    local = {"total": 10240, "free": 5120, "volumn": "/dev/sda1", "filesystem": "ext4"}
    far = {"total": 999999, "free": 0, "volumn": "nas:/", "filesystem": "nfs4"}
    imported(write, workspace, machine(drives=[{**local, "type": "/"}, {**local, "type": "/srv"}, far]))
    server = read_dataset(workspace)["servers"].row(0, named=True)
    assert (server["storage_gib"], server["storage_used_gib"]) == (10.0, 5.0)


def test_what_makers_leave_in_place_of_an_identifier_is_none(write: Write, workspace: Workspace) -> None:
    blank = machine("a", "00000000-0000-0000-0000-000000000000", bios={"ssn": "Default string"})
    imported(write, workspace, blank, machine("b", "00000000-0000-0000-0000-000000000000"))
    servers = read_dataset(workspace)["servers"]
    assert servers.select("id", "uuid", "serial").rows() == [
        ("a-2026-01-01-00-00-00", None, None), ("b-2026-01-01-00-00-00", None, None),
    ]  # fmt: skip


def test_a_clone_is_another_machine_and_the_same_one_twice_is_said(
    write: Write, workspace: Workspace, codes: Codes
) -> None:
    result = imported(write, workspace, machine("a"), machine("b"), machine("a"))
    assert codes(result) == ["INV-014", "INV-033"]
    assert sorted(read_dataset(workspace)["servers"]["name"]) == ["a", "b"]


def test_a_virtual_machine_with_an_inventory_of_its_own_is_one_record(write: Write, workspace: Workspace) -> None:
    guests = [
        {"name": "vm-a", "uuid": OTHER.upper(), "vcpu": 2, "memory": 4096, "status": "running", "vmtype": "kvm"},
        {"name": "vm-b", "vcpu": 1, "memory": 1024, "status": "crashed", "vmtype": "lxc"},
    ]
    imported(
        write, workspace, machine("hote", UUID, virtualmachines=guests), machine("vm-a", OTHER, cpus=[{"core": 4}])
    )
    dataset = read_dataset(workspace)
    servers = {s["name"]: s for s in dataset["servers"].iter_rows(named=True)}
    assert set(servers) == {"hote", "vm-a", "vm-b"}
    assert (servers["vm-a"]["vcpu"], servers["vm-a"]["host_id"], servers["vm-a"]["power_state"]) == (4, UUID, "on")
    assert (servers["vm-b"]["vcpu"], servers["vm-b"]["host_id"], servers["vm-b"]["power_state"]) == (1, UUID, None)
    assert dataset["hosts"]["id"].to_list() == [UUID]


def test_values_that_are_no_numbers_are_said_and_unknown(write: Write, workspace: Workspace) -> None:
    odd = machine(cpus=[{"core": "beaucoup"}], memories="non", softwares=[1, {"name": "a\u0000b", "version": "\ud800"}])
    odd["content"]["hardware"]["memory"] = -1
    result = imported(write, workspace, odd)
    assert sorted((p.code, p.column) for p in result.problems if p.code == "INV-020") == [
        ("INV-020", "content.cpus[].core"), ("INV-020", "content.hardware.memory"),
    ]  # fmt: skip
    assert [p.code for p in result.problems].count("INV-101") == 2
    assert not result.refused
    assert read_dataset(workspace)["servers"]["ram_gib"].to_list() == [None]
    assert "ab" in read_dataset(workspace)["components"]["product"].to_list()


def test_people_may_leave_a_field_out_or_lead_another_to_a_column(write: Write, workspace: Workspace) -> None:
    document = {**machine(bios={"ssn": "S1", "assettag": "paie"}), "tag": "DSI-1"}
    imported(write, workspace, document)
    kept = workspace.root / "sources/a.json.mapping.json"
    text = json.loads(kept.read_text())
    text["sheets"][""] |= {"bios.ssn": None, "content.bios.ssn": None, "tag": "servers.organisation_id",
                           "content.bios.assettag": "servers.project"}  # fmt: skip
    kept.write_text(json.dumps(text))
    (workspace.root / "dataset").rename(workspace.root / "before")
    imported(write, workspace, document)
    server = read_dataset(workspace)["servers"].row(0, named=True)
    assert (server["serial"], server["organisation_id"], server["project"]) == (None, "DSI-1", "paie")
    [origin] = where_from(workspace, "servers", UUID, "organisation_id")
    assert origin.column == "tag"


def folder(root: Path, **members: bytes) -> SourceFile:
    """A folder of these files, its name that of the source."""
    for name, content in members.items():
        (root / name).write_bytes(content)
    return open_source(root)


def test_a_folder_is_read_as_one_source_each_machine_led_to_its_file(tmp_path: Path) -> None:
    source = folder(tmp_path, **{
        "a.json": json.dumps(machine("a", UUID)).encode(), "lisez-moi.txt": b"bonjour",
        "b.json": json.dumps(machine("b", OTHER)).encode(), "c.json": json.dumps(machine("c"))[:-9].encode(),
    })  # fmt: skip
    reader = reader_for(source)
    assert reader.name == "glpi-agent"
    found = reader.read(source, {})
    assert found.tables["servers"].select("name", "_sheet", "_row").rows() == [("a", "a.json", 1), ("b", "b.json", 1)]
    assert list(found.mapping) == ["*"]
    assert [(p.code, p.sheet) for p in found.problems] == [("INV-100", "c.json"), ("INV-105", "lisez-moi.txt")]


def test_thousands_of_machines_are_read_whole() -> None:
    many = [
        machine(f"s{n}", f"{n:08d}-2222-4333-8444-555555555555", softwares=[{"name": "nginx"}] * 3)
        for n in range(5_000)
    ]
    found = reading(json.dumps(many).encode())
    assert found.tables["servers"].height == 5_000
    assert found.tables["components"].height == 5_000
    assert found.problems == []


@pytest.mark.parametrize(
    ("product", "role"),
    [
        ("postgresql-13", "sgbd"), ("PostgreSQL 13", "sgbd"), ("postgresql-client-13", "autre"), ("mariadb-server", "sgbd"),
        ("Microsoft SQL Server 2016 (64-bit)", "sgbd"), ("mariadb-connector-c", "autre"), ("nginx", "web"), ("apache2", "web"),
        ("Apache Tomcat 9.0 Tomcat9", "middleware"), ("tomcat9", "middleware"), ("java-11-openjdk-headless", "runtime"),
        ("php7.4-fpm", "runtime"), ("python3.9", "runtime"), ("python3-apt", "autre"), ("gnome-calculator", "autre"),
    ],
)  # fmt: skip
def test_the_role_of_a_product_is_told_by_its_name(product: str, role: str) -> None:
    assert role_of(product) == role


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["name", "uuid", "memory", "core", "hardware", "softwares", "cpus", "bios", "ssn", "networks", "ipaddress", "drives",
         "total", "virtualmachines", "vcpu", "databases_services", "databases", "size", "operatingsystem", "version"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["hardware", "softwares", "cpus", "networks", "virtualmachines", "databases_services"]), JSON
    )
)
def test_no_content_breaks_the_reading(content: dict[str, Any]) -> None:
    text = json.dumps({"content": content, "deviceid": "d"})
    found = GlpiAgent().read(SourceFile(Path("f"), text.encode()), {})
    assert "servers" in found.tables
    assert found.tables["servers"]["id"].null_count() == 0


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(XML)), st.binary(max_size=4))
def test_no_bytes_break_the_reading_of_xml(place: int, junk: bytes) -> None:
    body = XML.encode("iso-8859-1")
    found = OcsXml().read(SourceFile(Path("f"), body[:place] + junk + body[place + len(junk) :]), {})
    assert found.problems or found.tables["servers"].height == 1


def test_json_in_another_encoding_is_read_and_said() -> None:
    body = json.dumps(machine("préfecture"), ensure_ascii=False).encode("cp1252")
    found = reading(body)
    assert ([p.code for p in found.problems], found.tables["servers"]["name"].to_list()) == (
        ["INV-113"],
        ["préfecture"],
    )


def test_a_value_of_millions_of_characters_is_cut_and_shows_it() -> None:
    [name] = reading(json.dumps(machine("a" * 5_000_000)).encode()).tables["servers"]["name"]
    assert (len(name), name[-1]) == (10_001, "…")
