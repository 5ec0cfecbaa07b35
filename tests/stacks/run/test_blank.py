"""À blanc: what a program declares, without engine nor cloud, and what that says beside a state."""

import pulumi
import pulumi_openstack as openstack
import pytest

from stacks.run.blank import compare, declare
from stacks.run.problems import EngineFailed


class Spoke(pulumi.ComponentResource):
    def __init__(self, cloud: openstack.Provider) -> None:
        super().__init__("francecloud:essai:Spoke", "rayon", {}, pulumi.ResourceOptions(provider=cloud))
        own = pulumi.ResourceOptions(parent=self)
        network = openstack.networking.Network("réseau", name="réseau", opts=own)
        openstack.networking.Subnet("plage", network_id=network.id, cidr="10.0.0.0/24", ip_version=4, opts=own)
        network.id.apply(lambda identity: pytest.fail(f"{identity}: nothing is known before it is made"))


def program() -> None:
    assert (pulumi.get_project(), pulumi.get_stack()) == ("landing_zone", "zone")
    assert pulumi.runtime.is_dry_run()
    assert pulumi.Config("francecloud").require("as_of") == "2026-11-23"
    Spoke(openstack.Provider("nuage", auth_url="https://nulle-part.invalid/v3"))


def declared(run: object = program) -> dict[str, object]:
    found = declare("landing_zone", "zone", run, {"francecloud:as_of": "2026-11-23"})  # type: ignore[arg-type]
    return {item.urn: item for item in found}


PREFIX = "urn:pulumi:zone::landing_zone::"
NETWORK = f"{PREFIX}francecloud:essai:Spoke$openstack:networking/network:Network::réseau"


def test_resources_have_the_engine_s_own_names() -> None:
    assert list(declared()) == [
        NETWORK,
        f"{PREFIX}francecloud:essai:Spoke$openstack:networking/subnet:Subnet::plage",
        f"{PREFIX}francecloud:essai:Spoke::rayon",
        f"{PREFIX}pulumi:providers:openstack::nuage",
    ]


def test_it_runs_twice_in_a_process() -> None:
    assert list(declared()) == list(declared())


def test_beside_a_state_new_gone_and_moved_are_told_apart() -> None:
    found = list(declared().values())
    kept = [{"urn": item.urn, "type": item.type, "inputs": {**item.inputs, "__defaults": []}} for item in found]  # type: ignore[attr-defined]
    assert {step.op for step in compare(found, {"deployment": {"resources": kept}})} == {"same"}  # type: ignore[arg-type]
    kept[0]["inputs"]["name"] = "avant"
    gone = {"urn": f"{PREFIX}openstack:networking/port:Port::ancien", "type": "openstack:networking/port:Port"}
    steps = {s.name: s for s in compare(found, {"deployment": {"resources": [kept[0], *kept[2:], gone]}})}  # type: ignore[arg-type]
    assert {name: step.op for name, step in steps.items()} == {
        "réseau": "update", "plage": "create", "rayon": "same", "nuage": "same", "ancien": "delete",
    }  # fmt: skip
    [change] = steps["réseau"].changes
    assert (change.path, change.before, change.after) == ("name", "avant", "réseau")


def test_what_is_not_known_yet_is_not_a_difference() -> None:
    found = list(declared().values())
    kept = [{"urn": item.urn, "type": item.type, "inputs": dict(item.inputs)} for item in found]  # type: ignore[attr-defined]
    kept[1]["inputs"]["networkId"] = "2f6a"
    assert {step.op for step in compare(found, {"deployment": {"resources": kept}})} == {"same"}  # type: ignore[arg-type]


def test_a_program_that_fails_is_no_preview() -> None:
    def broken() -> None:
        raise ZeroDivisionError("aïe")

    with pytest.raises(EngineFailed) as caught:
        declared(broken)
    assert caught.value.problems[0].code == "RUN-033"
    assert "aïe" in caught.value.problems[0].message


def test_a_program_that_declares_nothing_proves_nothing() -> None:
    with pytest.raises(EngineFailed) as caught:
        declared(lambda: None)
    assert caught.value.problems[0].code == "RUN-034"


def test_a_program_that_asks_the_cloud_cannot_be_run_so() -> None:
    def asking() -> None:
        openstack.networking.get_network(name="dehors")

    with pytest.raises(EngineFailed):
        declared(asking)
