"""From a real inventory file to a real cloud, and back to nothing; OpenStack itself is asked, every time."""

from typing import Any

import pytest
from chain import edit

pytestmark = [pytest.mark.needs("shared", "engine", "lab"), pytest.mark.slow]


def marks(zone: str) -> str:
    return f"francecloud:zone={zone}"


def test_the_operator_s_part_is_there(founded: Any) -> None:
    cloud, outputs = founded.operator, founded.answers["foundation"].json["outputs"]
    project = cloud.identity.get_project(outputs["projects"][founded.zone])
    assert project.name == founded.zone
    assert marks("pi-usuelle") in project.tags
    roles = {role.id: role.name for role in cloud.identity.roles()}
    groups = {group: name for name, group in outputs["groups"].items()}
    granted = {(groups[a.group["id"]], roles[a.role["id"]])
               for a in cloud.identity.role_assignments(scope_project_id=project.id) if a.group}  # fmt: skip
    assert granted == {("logistique-equipe", "member"), ("logistique-lecteurs", "reader")}
    compute, network = cloud.get_compute_quotas(project.id), cloud.network.get_quota(project.id)
    volumes = cloud.get_volume_quotas(project.id)
    asked = _platform(founded)["projects"][0]["quotas"]
    assert (compute.instances, compute.cores, compute.ram) == (
        asked["instances"],
        asked["vcpu"],
        asked["ram_gib"] * 1024,
    )
    assert (network.networks, network.routers, network.security_groups) == (
        asked["networks"], asked["routers"], asked["security_groups"],
    )  # fmt: skip
    assert (volumes.volumes, volumes.gigabytes) == (asked["volumes"], asked["storage_gib"])


def test_the_hub_is_shared_with_the_project_of_its_side_alone(founded: Any) -> None:
    cloud = founded.operator
    [hub] = founded.answers["network"].json["outputs"]["hubs"].values()
    project = founded.answers["foundation"].json["outputs"]["projects"][founded.zone]
    shared = {(p.object_id, p.action, p.target_project_id) for p in cloud.network.rbac_policies()}
    assert (hub["external_network_id"], "access_as_external", project) in shared
    transit = cloud.network.get_network(hub["external_network_id"])
    assert marks("pi-usuelle") in transit.tags
    assert cloud.network.get_router(hub["router_id"]).status == "ACTIVE"


def test_the_member_has_nothing_but_member_on_one_project(founded: Any) -> None:
    session = founded.as_member().session
    access = session.auth.get_access(session)
    assert sorted(access.role_names) == ["member", "reader"]
    listed = session.get(f"{session.auth.auth_url}/auth/projects").json()["projects"]
    assert [project["name"] for project in listed] == [founded.zone]


def test_the_zone_is_there_as_a_member_sees_it(live: Any) -> None:
    cloud, zone, mark = live.as_member(), live.zone, marks(live.zone)
    outputs = live.answers["up"].json["outputs"]
    network = cloud.network.get_network(outputs["network"]["network_id"])
    subnet = cloud.network.get_subnet(outputs["network"]["subnet_id"])
    router = cloud.network.get_router(outputs["network"]["router_id"])
    assert (network.name, subnet.cidr) == (zone, live_zone(live)["network"]["cidr"])
    assert router.external_gateway_info["network_id"] == live_settings(live)["external_network_id"]
    groups = {g.name: g for g in cloud.network.security_groups() if g.name != "default"}
    assert set(groups) == {f"{zone}-{g['name']}" for g in live_zone(live)["security_groups"]}
    for tagged in (network, subnet, router, *groups.values()):
        assert mark in tagged.tags
        assert {"env=prod", "application=APP-RESA", "application=APP-MARCHES"} <= set(tagged.tags)
    [server] = cloud.compute.servers()
    assert (server.name, server.status) == (f"{zone}-appli", "ACTIVE")
    assert server.metadata["francecloud:zone"] == zone
    [volume] = cloud.block_storage.volumes()
    assert (volume.metadata["francecloud:zone"], volume.attachments[0]["server_id"]) == (zone, server.id)
    assert [key.name for key in cloud.compute.keypairs()] == [f"{zone}-exploitation"]
    credentials = list(cloud.identity.application_credentials(cloud.current_user_id))
    assert [c.unrestricted for c in credentials] == [False]


def test_no_rule_but_those_of_the_zone_opens_anything(live: Any) -> None:
    cloud = live.as_member()
    for group in live_zone(live)["security_groups"]:
        there = cloud.network.find_security_group(f"{live.zone}-{group['name']}")
        rules = {(r["direction"], r["protocol"], r["port_range_min"]) for r in there.security_group_rules}
        assert rules == {
            (r["direction"], r["protocol"], int(r["ports"]) if "ports" in r else None) for r in group["rules"]
        }


def test_a_second_run_changes_nothing(live: Any) -> None:
    again = live.run("up", live.zone, "--yes", "--json").ok().json
    assert again["steps"] == []
    assert live.run("preview", live.zone, "--expect-no-changes").ok()


def test_what_is_done_by_hand_is_seen_and_set_right(live: Any) -> None:
    cloud = live.as_member()
    assert live.run("drift", live.zone).code == 0
    base = cloud.network.find_security_group(f"{live.zone}-base")
    group = cloud.network.find_security_group(f"{live.zone}-entree")
    cloud.network.delete_security_group_rule(group.security_group_rules[0]["id"])
    network = cloud.network.find_network(live.zone)
    cloud.network.update_network(network, name="renommé")
    ssh = cloud.network.create_security_group_rule(
        security_group_id=base.id, direction="ingress", ethertype="IPv4", protocol="tcp", port_range_min=22,
        port_range_max=22, remote_ip_prefix="0.0.0.0/0",
    )  # fmt: skip
    answer = live.run("drift", live.zone, "--json")
    assert answer.code == 7
    assert {(s["op"], s["name"].removeprefix(live.zone)) for s in answer.json["steps"]} == {
        ("update", "-net"), ("delete", "-entree-https-rie"),
    }  # fmt: skip
    assert [(rule["id"], rule["ports"], rule["remote"]) for rule in answer.json["unknown_rules"]] == [
        (ssh.id, "22", "0.0.0.0/0")
    ]
    cloud.network.delete_security_group_rule(ssh)
    live.run("up", live.zone, "--yes").ok()
    assert live.run("drift", live.zone).code == 0
    assert cloud.network.get_network(network.id).name == live.zone


def test_a_live_zone_that_the_law_now_denies_can_only_be_narrowed(live: Any) -> None:
    perimeter, zone_file = live.root / "decisions/perimeters/dnum-essai.yaml", live.zone_file
    lawful, whole = perimeter.read_text(encoding="utf-8"), zone_file.read_text(encoding="utf-8")
    set_apart = {"application": "APP-RESA", "classification": "dr"}
    edit(perimeter, lambda decision: decision["except"].append(set_apart))
    try:
        assert live.run("preview", live.zone).code == 0, "as it is, it may stay while it is emptied"
        widened = {"name": "ssh", "direction": "ingress", "protocol": "tcp", "ports": "22", "remote": "0.0.0.0/0"}
        edit(zone_file, lambda zone: zone["security_groups"][0]["rules"].append(widened))
        refused = live.run("up", live.zone, "--yes")
        assert refused.code == 5
        assert "GAT-011" in refused.err
        zone_file.write_text(whole, encoding="utf-8")
        edit(zone_file, lambda zone: zone["security_groups"][1]["rules"].clear())
        narrowed = live.run("up", live.zone, "--yes", "--json").ok()
        assert [(s["op"], s["name"]) for s in narrowed.json["steps"]] == [("delete", f"{live.zone}-entree-https-rie")]
        assert narrowed.json["verdict"]["ground"] == "narrowing"
        assert "GAT-009" in narrowed.err
    finally:
        perimeter.write_text(lawful, encoding="utf-8")
        zone_file.write_text(whole, encoding="utf-8")
    live.run("up", live.zone, "--yes").ok()


def test_down_leaves_nothing_but_what_it_names(live: Any) -> None:
    answer = live.run("down", live.zone, "--yes", "--json").ok().json
    assert answer["left"] == []
    cloud = live.as_member()
    assert not list(cloud.compute.servers())
    assert not list(cloud.block_storage.volumes())
    assert not list(cloud.compute.keypairs())
    assert not list(cloud.identity.application_credentials(cloud.current_user_id))
    mine = cloud.current_project_id
    for listing in (cloud.network.networks, cloud.network.subnets, cloud.network.routers, cloud.network.ports):
        assert not list(listing(project_id=mine))
    assert [g.name for g in cloud.network.security_groups(project_id=mine)] in ([], ["default"])
    assert live.run("down", live.zone, "--yes").code == 6


def test_quotas_are_given_back(founded: Any) -> None:
    # deleting a quota resource leaves the quota: what ``down`` calls afterwards is what counts
    cloud = founded.operator
    project = founded.answers["foundation"].json["outputs"]["projects"][founded.zone]
    from stacks.foundation.quotas import reset_quotas
    from stacks.run.session import stored

    state = stored(_target(founded))
    assert state is not None
    defaults = cloud.compute.get_quota_set_defaults(project)
    assert cloud.compute.get_quota_set(project).instances != defaults.instances
    assert reset_quotas(state, cloud) == []
    assert cloud.compute.get_quota_set(project).instances == defaults.instances
    founded.run("up", "pi-usuelle", "--project", "foundation", "--yes").ok()
    assert cloud.compute.get_quota_set(project).instances != defaults.instances


def _target(chain: Any) -> Any:
    from datetime import date

    from inventory.workspace import open_workspace
    from stacks.run.target import Target

    return Target(open_workspace(chain.root), "foundation", "pi-usuelle", date(2026, 11, 23))


def _platform(chain: Any) -> Any:
    import yaml

    return yaml.safe_load((chain.root / "platforms/pi-usuelle.yaml").read_text(encoding="utf-8"))


def live_zone(chain: Any) -> Any:
    import yaml

    return yaml.safe_load(chain.zone_file.read_text(encoding="utf-8"))


def live_settings(chain: Any) -> Any:
    import tomllib

    return tomllib.loads((chain.root / "francecloud.toml").read_text(encoding="utf-8"))["offers"]["pi-usuelle"]
