"""The lab that is up answers as an OpenStack does. Leaves nothing behind."""

from collections.abc import Iterator
from typing import Any

import pytest

from stacks.lab import is_lab_url, lab_clouds_file

pytestmark = pytest.mark.needs("lab")
NAME = "francecloud-lab-smoke"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Any]:
    import openstack
    from openstack.config import OpenStackConfig

    region = OpenStackConfig(config_files=[str(lab_clouds_file())], load_envvars=False).get_one("lab")
    connection = openstack.connection.Connection(config=region)
    yield connection
    connection.close()


def test_it_is_on_this_machine(cloud: Any) -> None:
    assert is_lab_url(cloud.config.auth["auth_url"])


def test_the_services_of_the_catalogue_answer(cloud: Any) -> None:
    kinds = {entry["type"] for entry in cloud.service_catalog}
    assert {"identity", "placement", "image", "network", "compute", "block-storage"} <= kinds
    assert {project.name for project in cloud.identity.projects()} >= {"admin", "service"}
    assert {role.name for role in cloud.identity.roles()} >= {"admin", "manager", "member", "reader"}
    for listing in (cloud.network.networks, cloud.image.images, cloud.compute.servers):
        list(listing())  # raises where the service does not answer
    assert [kind.name for kind in cloud.block_storage.types()] == ["__DEFAULT__"]
    assert {service.binary: service.state for service in cloud.compute.services()} == {
        "nova-conductor": "up", "nova-scheduler": "up", "nova-compute": "up",
    }  # fmt: skip
    assert list(cloud.placement.resource_providers())


def test_the_whole_system_is_in_reach() -> None:
    import openstack
    from openstack.config import OpenStackConfig

    region = OpenStackConfig(config_files=[str(lab_clouds_file())], load_envvars=False).get_one("lab-system")
    with openstack.connection.Connection(config=region) as system:
        assert "Default" in {domain.name for domain in system.identity.domains()}


def test_a_server_becomes_active_on_a_network(cloud: Any) -> None:
    made: list[Any] = []
    try:
        network = cloud.network.create_network(name=NAME)
        made.append(lambda: cloud.network.delete_network(network))
        cloud.network.create_subnet(name=NAME, network_id=network.id, ip_version=4, cidr="10.250.0.0/24")
        flavor = cloud.compute.create_flavor(name=NAME, ram=64, vcpus=1, disk=1)
        made.append(lambda: cloud.compute.delete_flavor(flavor))
        image = cloud.image.create_image(NAME, disk_format="raw", container_format="bare", data=b"0" * 512, wait=True)
        made.append(lambda: cloud.image.delete_image(image))
        server = cloud.compute.create_server(
            name=NAME, flavor_id=flavor.id, image_id=image.id, networks=[{"uuid": network.id}]
        )

        def remove_server() -> None:
            cloud.compute.delete_server(server)
            cloud.compute.wait_for_delete(server, interval=0.3, wait=120)

        made.append(remove_server)
        server = cloud.compute.wait_for_server(server, interval=0.3, wait=120)
        assert server.status == "ACTIVE"
        [address] = server.addresses[NAME]
        assert address["addr"].startswith("10.250.0.")
    finally:
        for undo in reversed(made):
            undo()
    assert cloud.network.find_network(NAME) is None
    assert cloud.compute.find_server(NAME) is None
    assert cloud.image.find_image(NAME) is None
