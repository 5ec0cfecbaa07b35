"""From a proposal to files: what lands, what does not and why, and what a person wrote is left alone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from inventory.dataset import empty_dataset
from inventory.package import Package, load_schema
from inventory.problems import InvalidInput
from inventory.workspace import Workspace
from rationalise.proposal import SCHEMA_FILE
from stacks.documents import untouched
from stacks.draft import draft, function_code
from stacks.make import make_zones
from stacks.plan import read_plan
from stacks.platform import read_platform
from stacks.zone import NAME_LENGTH, find_zone

AS_OF = date(2026, 11, 23)


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_what_is_lawful_lands_by_function_offer_archetype_and_environment(analysed: Workspace) -> None:
    result = make_zones(analysed, AS_OF)
    zones = [find_zone(analysed, laid.name) for laid in result.zones]
    assert {laid.status for laid in result.zones} == {"created"}
    where = {(a, z.archetype, z.environment) for z in zones for a in z.application_ids}
    assert ("APP-1", "rie", "production") in where
    assert ("APP-1", "rie", "hors-prod") in where, "it has a server in acceptance"
    assert ("APP-2", "expose", "production") in where
    assert all(not z.instances for z in zones)
    landed = {a for a, _kind, _environment in where}
    assert landed | {s.application_id for s in result.skipped} == {"APP-1", "APP-2", "APP-3"}
    assert not landed & {s.application_id for s in result.skipped}


def test_quotas_tags_and_rules_come_from_the_inventory(analysed: Workspace) -> None:
    result = make_zones(analysed, AS_OF)
    zone = next(z for z in (find_zone(analysed, laid.name) for laid in result.zones) if z.archetype == "expose")
    assert zone.quotas.vcpu == 5, "4 vCPU and a fifth more, rounded up"
    assert (zone.tags.env, zone.tags.tier, zone.tags.criticality, zone.tags.component) == (
        "prod", "frontend", "high", "nginx",
    )  # fmt: skip
    public = [r for g in zone.security_groups for r in g.rules if r.remote == "0.0.0.0/0"]
    assert [(r.direction, r.ports) for r in public] == [("ingress", "443")]
    assert zone.ci_credential is not None
    assert zone.ci_credential.expires_on == AS_OF + timedelta(days=180)
    assert zone.network.side == "internet"


def test_twice_moves_no_byte(analysed: Workspace) -> None:
    make_zones(analysed, AS_OF)
    before = tree(analysed.root)
    result = make_zones(analysed, AS_OF)
    assert {laid.status for laid in (*result.zones, *result.platforms)} == {"unchanged"}
    assert tree(analysed.root) == before


def test_a_credential_with_time_left_keeps_its_end(analysed: Workspace) -> None:
    make_zones(analysed, AS_OF)
    before = tree(analysed.zones)
    make_zones(analysed, AS_OF + timedelta(days=100))
    assert tree(analysed.zones) == before
    make_zones(analysed, AS_OF + timedelta(days=155))
    assert tree(analysed.zones) != before


def test_an_edited_file_is_left_and_the_difference_is_shown(analysed: Workspace) -> None:
    name = make_zones(analysed, AS_OF).zones[0].name
    path = analysed.zones / f"{name}.yaml"
    edited = path.read_text(encoding="utf-8").replace("size_gib: 20", "size_gib: 50")
    path.write_text(edited, encoding="utf-8")
    assert not untouched(edited)
    laid = next(laid for laid in make_zones(analysed, AS_OF).zones if laid.name == name)
    assert laid.status == "edited"
    assert "-  size_gib: 50" in laid.difference.replace("    ", "  ")
    assert "+  size_gib: 20" in laid.difference.replace("    ", "  ")
    assert path.read_text(encoding="utf-8") == edited


def test_a_comment_alone_is_no_difference_and_stays(analysed: Workspace) -> None:
    name = make_zones(analysed, AS_OF).zones[0].name
    path = analysed.zones / f"{name}.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# vu avec l'exploitant\n", encoding="utf-8")
    laid = next(laid for laid in make_zones(analysed, AS_OF).zones if laid.name == name)
    assert (laid.status, laid.difference) == ("unchanged", "")
    assert path.read_text(encoding="utf-8").endswith("# vu avec l'exploitant\n")


def test_an_untouched_file_follows_the_proposal(analysed: Workspace) -> None:
    name = make_zones(analysed, AS_OF).zones[0].name
    path = analysed.root / "address-plan.yaml"
    plan = path.read_text(encoding="utf-8")
    path.write_text(plan.replace("ranges: {}", "ranges:\n  rie:\n    - 10.0.0.0/9"), encoding="utf-8")
    statuses = {laid.name: laid.status for laid in make_zones(analysed, AS_OF).zones}
    assert "refreshed" in statuses.values()
    assert name in statuses
    assert untouched((analysed.zones / f"{name}.yaml").read_text(encoding="utf-8"))


def test_a_zone_no_longer_asked_for_stays_with_its_addresses(analysed: Workspace) -> None:
    made = make_zones(analysed, AS_OF)
    name = made.zones[0].name
    path = analysed.zones / f"{name}.yaml"
    other = path.read_text(encoding="utf-8").replace("environment: ", "environment: ")
    gone = name.replace(find_zone(analysed, name).function, "jadis", 1)
    plan = read_plan(analysed)
    body = other.replace(name, gone).replace("function: finances", "function: jadis")
    body = body.replace(plan.allocations[name].cidr, "10.143.0.0/24")
    (analysed.zones / f"{gone}.yaml").write_text(body, encoding="utf-8")
    result = make_zones(analysed, AS_OF)
    assert result.no_longer == [gone]
    assert (analysed.zones / f"{gone}.yaml").read_text(encoding="utf-8") == body


def test_a_platform_follows_its_zones_and_keeps_what_the_cloud_said(analysed: Workspace) -> None:
    laid = make_zones(analysed, AS_OF).platforms[0]
    text = laid.path.read_text(encoding="utf-8")
    laid.path.write_text(text.replace("- name: reader", "- name: reader\n    id: abc"), encoding="utf-8")
    again = make_zones(analysed, AS_OF).platforms[0]
    assert again.status == "unchanged"
    platform = read_platform(laid.path)
    assert platform.roles[0].id == "abc"
    assert {p.name for p in platform.projects} == {z.name for z in make_zones(analysed, AS_OF).zones}
    assert {g.role for p in platform.projects for g in p.grants} == {"member", "reader"}


def test_every_invalid_zone_file_is_told_at_once(analysed: Workspace) -> None:
    names = [laid.name for laid in make_zones(analysed, AS_OF).zones][:2]
    for name in names:
        (analysed.zones / f"{name}.yaml").write_text("name: [", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        make_zones(analysed, AS_OF)
    assert {Path(str(p.file)).stem for p in caught.value.problems} == set(names)


@pytest.mark.parametrize(
    ("change", "apis", "lands"),
    [
        ({}, ["openstack"], True),
        ({}, ["ec2", "s3"], True),
        ({}, ["kubernetes"], False),
        ({"lawful_now": "INT_DR"}, ["openstack"], False),
        ({"lawful_now": None}, ["openstack"], False),
        ({"offer": None}, ["openstack"], False),
        ({"treatment": "retain"}, ["openstack"], False),
        ({"treatment": "to_investigate"}, ["openstack"], False),
    ],
)
def test_only_what_is_lawful_now_and_moves_to_an_api_we_drive_lands(
    change: dict[str, Any], apis: list[str], lands: bool
) -> None:
    row = {
        "id": "A", "name": "A", "treatment": "rehost", "tier": "INT", "offer": "o", "lawful_now": "INT|INT_DR",
        "effective_sensitivity": "courante", **change,
    }  # fmt: skip
    table = load_schema(SCHEMA_FILE).tables["applications"]
    proposal = Package({"applications": table.conform(pl.DataFrame([row], schema={c: table.polars[c] for c in row}))})
    drafts, skipped = draft(proposal, empty_dataset(), {"o": apis})
    assert (len(drafts), len(skipped)) == ((1, 0) if lands else (0, 1))
    assert all(s.reason for s in skipped)


@pytest.mark.parametrize(
    ("function", "code"),
    [
        ("Finances", "finances"),
        ("Sécurité", "securite"),
        ("Santé et social", "sante-social"),
        (None, "sans-fonction"),
        ("« ? »", "sans-fonction"),
    ],
)
def test_a_function_code_is_the_slug_of_the_function(function: str | None, code: str) -> None:
    assert function_code(function) == code


def test_long_functions_stay_apart_and_names_short() -> None:
    codes = {function_code(f"Politique publique : {what} de la Nation") for what in ("santé", "santés", "sport")}
    assert len(codes) == 3
    assert all(code.startswith("poli-natio-") for code in codes)
    assert function_code("Anticonstitutionnellement").startswith("anticonsti-")
    longest = f"{codes.pop()}-outscale-cloudgouv-eu-west-1-interne-production"
    assert len(longest) <= NAME_LENGTH
