"""The programs, run before a monitor that writes down what they declare and answers no look-up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inventory.problems import InvalidInput
from inventory.workspace import Workspace
from stacks import marks
from stacks.components.access import credential_name
from stacks.context import driven, make_context
from stacks.foundation.program import program as foundation
from stacks.foundation.quotas import QUOTAS, reset_quotas
from stacks.gate import GovernanceRefusal
from stacks.landing_zone.program import program as landing_zone
from stacks.network.program import FORESEEN, NotReady, project_ids
from stacks.network.program import program as network
from stacks.run.blank import Declared, declare
from stacks.states import GivenStates
from stacks.zone import find_zone, read_zone

AS_OF = date(2026, 11, 23)
Put = Callable[[dict[str, Any]], Path]
PLATFORM = """
name: pi
offer: pi-usuelle
domain: {name: ministere}
groups: [fin-equipe, fin-lecteurs]
roles: [{name: reader, id: aa}, {name: member, id: bb}]
projects:
- name: fin-pi-usuelle-rie-production
  side: rie
  quotas: {instances: 3, vcpu: 8, ram_gib: 16, volumes: 3, storage_gib: 50, ports: 12, security_groups: 4,
           security_group_rules: 40}
  grants: [{group: fin-equipe, role: member}, {group: fin-lecteurs, role: reader}]
- name: fin-pi-usuelle-dr-production
  side: aucun
  quotas: {instances: 1, vcpu: 1, ram_gib: 1, volumes: 1, storage_gib: 1, ports: 1, security_groups: 1,
           security_group_rules: 1}
  grants: []
encrypted_volume_type: {name: chiffre}
hubs:
- {side: rie, cidr: 10.128.0.0/16, transit: 172.20.0.0/24, external: {network_type: flat, physical_network: rie, cidr: 203.0.113.0/25}}
- {side: internet, cidr: 10.144.0.0/16, transit: 172.20.1.0/24}
"""


@pytest.fixture
def platform(workspace: Workspace) -> Workspace:
    (workspace.root / "platforms").mkdir()
    (workspace.root / "platforms/pi.yaml").write_text(PLATFORM, encoding="utf-8")
    return workspace


@pytest.fixture(autouse=True)
def no_cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "absent.yaml"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def declared(workspace: Workspace, project: str, stack: str, program: Callable[[], None],
             as_of: date = AS_OF) -> list[Declared]:  # fmt: skip
    configuration = {"francecloud:workspace": str(workspace.root), "francecloud:as_of": as_of.isoformat()}
    with driven(GivenStates({})):
        return declare(project, stack, program, configuration)


def kinds(resources: list[Declared]) -> dict[str, list[Declared]]:
    found: dict[str, list[Declared]] = {}
    for resource in resources:
        found.setdefault(resource.type.rpartition(":")[2], []).append(resource)
    return found


def test_a_landing_zone_declares_what_its_file_says(
    workspace: Workspace, put_zone: Put, document: dict[str, Any]
) -> None:
    name = put_zone(document).stem
    found = kinds(declared(workspace, "landing_zone", name, landing_zone))
    counts = {kind: len(items) for kind, items in found.items() if items[0].custom}
    assert counts == {
        "openstack": 1, "Network": 1, "Subnet": 1, "Router": 1, "RouterInterface": 1, "SecGroup": 1,
        "SecGroupRule": 2, "Volume": 1, "Keypair": 1, "ApplicationCredential": 1, "Port": 1, "Instance": 1,
        "VolumeAttach": 1,
    }  # fmt: skip
    assert found["SecGroup"][0].inputs["deleteDefaultRules"] is True
    assert found["Network"][0].inputs["portSecurityEnabled"] is True
    assert found["Router"][0].inputs["externalNetworkId"] == "22222222-2222-2222-2222-222222222222"
    assert found["ApplicationCredential"][0].inputs["roles"] == ["member", "reader"]
    assert found["ApplicationCredential"][0].inputs["unrestricted"] is False
    assert found["Instance"][0].inputs["imageName"] == "debian-12"


BY_NAME_ONLY = {"Keypair"}
"""Types that take neither tag, metadata nor description: their name says the zone."""
RELATIONS = {"RouterInterface", "VolumeAttach", "RoleAssignment", "RbacPolicyV2", "AddressScope",
             "QuotaSetV2", "QuoteSetV3", "QuotaV2", "openstack"}  # fmt: skip
"""Types without a mark: made of other objects' ids, or with no place for one."""


def bears_mark(resource: Declared, name: str) -> bool:
    inputs = resource.inputs
    return (
        marks.mark(name) in inputs.get("tags", [])
        or inputs.get("metadata", {}).get(marks.KEY) == name
        or str(inputs.get("description", "")).startswith(f"[francecloud:{name}]")
    )


@pytest.mark.parametrize(
    ("project", "stack", "program"),
    [
        ("landing_zone", "fin-pi-usuelle-rie-production", landing_zone),
        ("foundation", "pi", foundation),
        ("network", "pi", network),
    ],
)
def test_names_are_explicit_providers_too_and_every_object_bears_the_mark(
    platform: Workspace, put_zone: Put, document: dict[str, Any], project: str, stack: str, program: Callable[[], None]
) -> None:
    put_zone(document)
    objects = [r for r in declared(platform, project, stack, program) if r.custom]
    assert objects
    for resource in objects:
        kind = resource.type.rpartition(":")[2]
        if kind in RELATIONS and kind != "AddressScope":
            continue
        named = resource.inputs.get("name", resource.inputs.get("description", ""))
        assert named, f"{kind} has no explicit name"
        if kind in BY_NAME_ONLY:
            assert stack in named
        elif kind not in RELATIONS:
            assert bears_mark(resource, stack), kind


def test_a_zone_without_a_way_out_has_no_router(workspace: Workspace, put_zone: Put, document: dict[str, Any]) -> None:
    document |= {"archetype": "interne", "name": "fin-pi-usuelle-interne-production"}
    document["network"] |= {"side": "aucun", "gateway": False}
    found = kinds(declared(workspace, "landing_zone", put_zone(document).stem, landing_zone))
    assert "Router" not in found
    assert found["Subnet"][0].inputs["noGateway"] is True


def test_what_the_tenant_may_not_make_is_left_out(
    workspace: Workspace, put_zone: Put, document: dict[str, Any]
) -> None:
    settings = (workspace.root / "francecloud.toml").read_text(encoding="utf-8")
    without = settings.replace('external_network_id = "22222222-2222-2222-2222-222222222222"',
                               "can_create_credentials = false")  # fmt: skip
    (workspace.root / "francecloud.toml").write_text(without, encoding="utf-8")
    found = kinds(declared(workspace, "landing_zone", put_zone(document).stem, landing_zone))
    assert "ApplicationCredential" not in found
    assert "externalNetworkId" not in found["Router"][0].inputs


@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 12, 1)])
def test_a_refused_zone_declares_nothing(
    workspace: Workspace, put_zone: Put, document: dict[str, Any], as_of: date
) -> None:
    document["applications"].append({"id": "APP-404", "name": "x", "tier": "INT", "sensitivity": "courante"})
    put_zone(document)
    with pytest.raises(GovernanceRefusal, match=rf"APP-404.*{as_of}"):
        declared(workspace, "landing_zone", document["name"], landing_zone, as_of)


def test_a_zone_is_not_driven_by_the_wrong_project(
    workspace: Workspace, put_zone: Put, document: dict[str, Any]
) -> None:
    from stacks.external.program import program as external

    with pytest.raises(InvalidInput, match="ZON-032"):
        declared(workspace, "external", put_zone(document).stem, external)


def test_a_real_run_without_a_credential_is_refused(
    workspace: Workspace, put_zone: Put, document: dict[str, Any]
) -> None:
    from stacks.cloud import provider

    context = make_context(workspace, "landing_zone", put_zone(document).stem, AS_OF, dry_run=False)
    with pytest.raises(InvalidInput, match="ZON-020"):
        provider(context)


def test_roles_go_to_groups_and_never_admin(platform: Workspace) -> None:
    found = kinds(declared(platform, "foundation", "pi", foundation))
    assert all("groupId" in r.inputs and "userId" not in r.inputs for r in found["RoleAssignment"])
    assert {r.inputs["roleId"] for r in found["RoleAssignment"]} == {"aa", "bb"}
    assert found["QuotaV2"][0].inputs["rbacPolicy"] == 0
    compute = next(r for r in found["QuotaSetV2"] if r.urn.endswith("rie-production-compute"))
    assert (compute.inputs["cores"], compute.inputs["ram"]) == (8, 16 * 1024)


def test_a_side_is_shared_with_its_own_projects_only(platform: Workspace) -> None:
    rules = kinds(declared(platform, "network", "pi", network))["RbacPolicyV2"]
    targets = {r.urn.rpartition("::")[2]: r.inputs.get("targetTenant") for r in rules}
    given = [name for name, target in targets.items() if target == FORESEEN]
    assert sorted(given) == [f"pi-rie-fin-pi-usuelle-rie-production-{part}" for part in ("pool", "scope", "transit")]
    assert not any("internet" in name or "dr" in name for name in given)
    assert "*" not in targets.values()


def test_the_network_waits_for_the_foundation(platform: Workspace) -> None:
    made = {"fin-pi-usuelle-rie-production": "id-1", "fin-pi-usuelle-dr-production": "id-2"}
    stack = {"type": "pulumi:pulumi:Stack", "urn": "u", "outputs": {"projects": made}}
    states = GivenStates({("foundation", "pi"): {"deployment": {"resources": [stack]}}})
    context = make_context(platform, "network", "pi", AS_OF, states=states, dry_run=False)
    assert project_ids(context) == made
    context = make_context(platform, "network", "pi", AS_OF, states=GivenStates({}), dry_run=False)
    with pytest.raises(NotReady, match="ZON-021"):
        project_ids(context)


class Service:
    """Records deletions; answers with the status given."""

    def __init__(self, status: int) -> None:
        self.status, self.asked = status, []  # type: ignore[var-annotated]

    def delete(self, address: str) -> Any:
        self.asked.append(address)
        return type("Answer", (), {"status_code": self.status})()


def test_quotas_are_given_back_and_what_is_kept_is_said() -> None:
    resources = [{"type": kind, "urn": "u", "id": "p1/RegionOne", "inputs": {"projectId": "p1"}} for kind in QUOTAS]
    cloud = type("Cloud", (), {"compute": Service(202), "network": Service(404), "block_storage": Service(403)})()
    left = reset_quotas({"deployment": {"resources": resources}}, cloud)
    assert cloud.compute.asked == ["/os-quota-sets/p1"]
    assert cloud.network.asked == ["/quotas/p1"]
    assert len(left) == 1
    assert "block_storage" in left[0]


def test_a_credential_s_successor_has_another_name(
    workspace: Workspace, put_zone: Put, document: dict[str, Any]
) -> None:
    zone = read_zone(put_zone(document))
    assert zone.ci_credential is not None
    later = zone.ci_credential.model_copy(update={"expires_on": date(2027, 9, 1)})
    fewer = zone.ci_credential.model_copy(update={"roles": ("reader",)})
    names = {credential_name(zone, c) for c in (zone.ci_credential, later, fewer)}
    assert len(names) == 3
    assert all(name.startswith(f"{zone.name}-ci-") for name in names)


def test_tags_stay_within_what_the_services_take(workspace: Workspace, put_zone: Put, document: dict[str, Any]) -> None:
    document["tags"]["owner"] = "Direction A, bureau B/C"
    document["applications"] = [
        {"id": f"APP-{n}", "name": "x", "tier": "INT", "sensitivity": "courante"} for n in range(200)
    ]
    put_zone(document)
    zone = find_zone(workspace, document["name"])
    tags = marks.tags(zone)
    assert len(tags) <= 50
    assert all(len(tag) <= 255 and "," not in tag and "/" not in tag for tag in tags)
    assert "applications=200" in tags
    assert all(len(value) <= 255 for value in marks.metadata(zone).values())
