"""OpenStack: the real client against a cloud on the loopback; what a member may not read is said."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import collect_doubles as doubles
import pytest

from inventory.collect.openstack import OpenStack
from inventory.collect.running import collect
from inventory.problems import Severity, UserError
from inventory.workspace import Workspace

PASSWORD = "mot-de-passe-tres-secret"
DAY = date(2026, 11, 23)
A, B, C = (f"0000000{n}-aaaa-4bbb-8ccc-dddddddddddd" for n in (1, 2, 3))


def server(key: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key, "name": name, "status": "ACTIVE", "tenant_id": "p1", "created": "2024-03-01T10:00:00Z",
        "image": {"id": "debian"}, "metadata": {}, "os-extended-volumes:volumes_attached": [],
        "flavor": {"original_name": "m1", "vcpus": 4, "ram": 8192, "disk": 20, "ephemeral": 0},
        "OS-EXT-AZ:availability_zone": "az1", "OS-EXT-SRV-ATTR:hypervisor_hostname": "calcul1",
        "addresses": {"net": [{"addr": "10.0.0.5", "version": 4}, {"addr": "fe80::1", "version": 6}]}, **more,
    }  # fmt: skip


@pytest.fixture
def cloud() -> dict[str, Any]:
    return {
        "password": PASSWORD,
        "forbidden": set(),
        "servers": [
            server(A, "paie-web", metadata={"application": "PAIE", "env": "production", "admin_pass": "ne-pas-garder"}),
            server(B, "paie-base", image="", tenant_id="p2", status="SHUTOFF",
                   **{"os-extended-volumes:volumes_attached": [{"id": "v1"}]}),
            server(C, "rh", status="ERROR"),
        ],
        "volumes": [
            {"id": "v1", "size": 100, "bootable": "true", "attachments": [{"server_id": B, "volume_id": "v1"}],
             "volume_image_metadata": {"os_distro": "rocky", "os_version": "9"}},
        ],
        "images": [{"id": "debian", "name": "Debian 12", "os_distro": "debian", "os_version": "12"}],
        "flavors": [],
        "projects": [{"id": "p1", "name": "paie"}, {"id": "p2", "name": "base"}],
        "os-hypervisors": [
            {"id": "h", "hypervisor_hostname": "calcul1", "memory_mb": 262144, "vcpus": 64, "status": "enabled", "state": "up",
             "cpu_info": {"model": "EPYC", "topology": {"cells": 2, "sockets": 1, "cores": 16, "threads": 2}}},
        ],
    }  # fmt: skip


@pytest.fixture
def running(cloud: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[doubles.Server]:
    with doubles.serving(doubles.openstack(cloud)) as double:
        auth = {"auth_url": f"{double.url}/v3", "username": "lecteur", "password": PASSWORD, "project_name": "paie",
                "user_domain_name": "Default", "project_domain_name": "Default"}  # fmt: skip
        file = tmp_path / "clouds.yaml"
        file.write_text(json.dumps({"clouds": {"essai": {"auth": auth, "region_name": "R1"}}}))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
        monkeypatch.delenv("OS_CLOUD", raising=False)
        yield double


@pytest.fixture
def run(workspace: Workspace) -> Callable[..., Any]:
    def go(**settings: Any) -> Any:
        return collect(OpenStack(), workspace, settings={"cloud": "essai", **settings}, environment={}, today=DAY)

    return go


def test_all_that_a_cloud_holds(running: doubles.Server, run: Any, workspace: Workspace, rows_of: Any) -> None:
    outcome = run()
    assert not outcome.refused
    assert outcome.scope == "all projects"
    assert [p for p in outcome.problems if p.severity is not Severity.INFO and p.code != "INV-040"] == []
    assert outcome.tables["servers"]["created"] == 3

    def of(column: str) -> dict[object, object]:
        return rows_of(workspace, "servers", "name", column)

    assert of("id") == {"paie-web": A, "paie-base": B, "rh": C}
    assert of("ram_gib")["paie-web"] == 8.0
    assert of("storage_gib") == {"paie-web": 20.0, "paie-base": 100.0, "rh": 20.0}
    assert of("os") == {"paie-web": "debian 12", "paie-base": "rocky 9", "rh": "debian 12"}
    assert of("power_state") == {"paie-web": "on", "paie-base": "off", "rh": None}
    assert of("project") == {"paie-web": "paie", "paie-base": "base", "rh": "paie"}
    assert of("addresses")["paie-web"] == "10.0.0.5"
    assert rows_of(workspace, "hosts", "id", "cores") == {"calcul1": 32}
    assert rows_of(workspace, "components", "subject_id", "product")[A] == "debian"
    assert "ne-pas-garder" not in (workspace.root / "sources/openstack-essai.json").read_text()


def test_only_reading_and_logging_in(running: doubles.Server, run: Any) -> None:
    run()
    assert {(a.method, a.path) for a in running.asked if a.method != "GET"} == {("POST", "/v3/auth/tokens")}


def test_a_member_reads_its_project_and_says_so(running: doubles.Server, run: Any, cloud: dict[str, Any]) -> None:
    cloud["forbidden"] |= {"all_tenants", "os-hypervisors"}
    outcome = run()
    assert outcome.scope == "own project"
    assert set(outcome.unread) == {"other projects", "hypervisors"}
    assert {"INV-145", "INV-146"} <= {p.code for p in outcome.problems}
    assert outcome.tables["servers"]["read"] == 3


def test_without_the_volumes_storage_is_unknown(
    running: doubles.Server, run: Any, cloud: dict[str, Any], workspace: Workspace, rows_of: Any
) -> None:
    cloud["absent"] = {"block-storage"}
    assert "volumes" in run().unread
    assert rows_of(workspace, "servers", "name", "storage_gib") == {"paie-web": 20.0, "paie-base": None, "rh": 20.0}


def test_not_even_the_servers(
    running: doubles.Server, run: Any, cloud: dict[str, Any], workspace: Workspace, tree: Any
) -> None:
    before = tree(workspace.root)
    cloud["forbidden"] |= {"servers"}
    with pytest.raises(UserError, match="INV-141"):
        run()
    assert tree(workspace.root) == before


def test_a_refused_password_is_not_shown(running: doubles.Server, run: Any, cloud: dict[str, Any]) -> None:
    cloud["password"] = "un-autre"
    with pytest.raises(UserError, match="INV-141") as raised:
        run()
    assert raised.value.exit_code == 3
    assert PASSWORD not in str(raised.value)


def test_an_unknown_cloud(running: doubles.Server, run: Any) -> None:
    with pytest.raises(UserError, match="INV-140"):
        run(cloud="ailleurs")


def test_again_without_change_moves_no_byte(
    running: doubles.Server, run: Any, workspace: Workspace, tree: Any, cloud: dict[str, Any]
) -> None:
    run()
    before = tree(workspace.root)
    cloud["servers"].reverse()
    outcome = collect(OpenStack(), workspace, settings={"cloud": "essai"}, environment={}, today=date(2027, 1, 1))
    assert not outcome.changed
    assert tree(workspace.root) == before


def test_where_a_value_comes_from_is_its_line(running: doubles.Server, run: Any, workspace: Workspace) -> None:
    from inventory import where_from

    run()
    [origin] = where_from(workspace, "servers", A, "vcpu")
    assert origin.row
    lines = (workspace.root / "sources/openstack-essai.json").read_text().splitlines()
    assert A in lines[origin.row - 1]
    assert origin.column == "flavor.vcpus"


@pytest.mark.needs("lab")
def test_the_lab(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, rows_of: Any) -> None:
    import openstack

    from stacks.lab import lab_clouds_file

    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(lab_clouds_file()))
    name = "francecloud-lab-collect"

    def go() -> Any:
        return collect(OpenStack(), workspace, settings={"cloud": "lab"}, environment={}, today=DAY)

    made: list[Callable[[], Any]] = []
    with openstack.connect(cloud="lab") as cloud:
        try:
            flavor = cloud.compute.create_flavor(name=name, ram=128, vcpus=2, disk=1)
            made.append(lambda: cloud.compute.delete_flavor(flavor))
            image = cloud.image.create_image(
                name,
                disk_format="raw",
                container_format="bare",
                data=b"0" * 512,
                wait=True,
                os_distro="debian",
                os_version="12",
            )
            made.append(lambda: cloud.image.delete_image(image))
            server = cloud.compute.create_server(
                name=name, flavor_id=flavor.id, image_id=image.id, networks="none", metadata={"env": "recette"}
            )

            def remove() -> None:
                cloud.compute.delete_server(server)
                cloud.compute.wait_for_delete(server, interval=0.3, wait=120)

            made.append(remove)
            cloud.compute.wait_for_server(server, interval=0.3, wait=120)
            outcome = go()
        finally:
            for undo in reversed(made):
                undo()
    assert not outcome.refused
    assert outcome.scope == "all projects"
    assert outcome.unread == ()
    expected = {
        "name": name, "uuid": server.id, "vcpu": 2, "ram_gib": 0.125, "storage_gib": 1.0, "os": "debian 12", "power_state": "on",
        "environment": "recette", "project": "admin",
    }  # fmt: skip
    for column, value in expected.items():
        assert rows_of(workspace, "servers", "id", column)[server.id] == value, column
    [host] = rows_of(workspace, "hosts", "id", "ram_gib").items()
    assert rows_of(workspace, "servers", "id", "host_id")[server.id] == host[0]
    assert {"INV-043"} <= {p.code for p in go().problems}
