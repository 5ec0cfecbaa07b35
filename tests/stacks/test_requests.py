"""What is the operator's to grant comes out as requests whose answers are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inventory.workspace import Workspace
from stacks.documents import untouched
from stacks.requests import needed, prerequisites, requests_file, write_requests
from stacks.settings import OfferSettings, read_settings
from stacks.zone import Rule, Zone, read_zone

AS_OF = date(2026, 11, 23)
LATER = date(2026, 12, 5)
FULL = OfferSettings(project_id="p", external_network_id="n", volume_type="chiffre")


@pytest.fixture
def zone(put_zone: Callable[[dict[str, Any]], Path], document: dict[str, Any]) -> Zone:
    return read_zone(put_zone(document))


def kinds(zone: Zone, settings: OfferSettings) -> set[str]:
    return {r.id for r in needed(zone, settings, AS_OF)}


@pytest.mark.parametrize(
    ("lacking", "asked"),
    [
        ({}, set()),
        ({"project_id": None}, {"project"}),
        ({"external_network_id": None}, {"external_network"}),
        ({"volume_type": None}, {"encrypted_volume_type"}),
        ({"can_create_credentials": False}, {"ci_credential"}),
    ],
)
def test_what_the_settings_lack_is_asked(zone: Zone, lacking: dict[str, Any], asked: set[str]) -> None:
    assert kinds(zone, FULL.model_copy(update=lacking)) == {"quotas", "rie_attachment"} | asked


def test_networks_and_projects_may_be_given_one_a_side_or_a_zone(zone: Zone) -> None:
    several = OfferSettings(projects={zone.name: "p"}, external_networks={"rie": "n"}, volume_type="chiffre")
    assert kinds(zone, several) == {"quotas", "rie_attachment"}
    assert "external_network" in kinds(zone, several.model_copy(update={"external_networks": {"internet": "n"}}))


def test_the_flows_of_the_rie_are_listed(zone: Zone) -> None:
    inside = Rule(name="meta", direction="egress", protocol="tcp", ports="80", remote="169.254.169.254/32")
    [group] = zone.security_groups
    zone = zone.model_copy(update={"security_groups": (group.model_copy(update={"rules": (*group.rules, inside)}),)})
    [request] = [r for r in needed(zone, FULL, AS_OF) if r.id == "rie_attachment"]
    assert request.wanted["flows"] == ("10.0.0.0/8 → 10.128.0.0/24 tcp/443 (https)",)


def test_an_answer_is_kept_until_what_is_asked_changes(workspace: Workspace, zone: Zone) -> None:
    settings = read_settings(workspace)
    write_requests(workspace, zone, settings, AS_OF)
    path = requests_file(workspace, zone.name)
    assert untouched(path.read_text(encoding="utf-8"))
    granted = path.read_text(encoding="utf-8").replace("state: requested", "state: granted\n    reference: T-1", 1)
    path.write_text(granted, encoding="utf-8")
    [first, *rest] = write_requests(workspace, zone, settings, LATER)
    assert (first.id, first.state, first.since, first.reference) == ("quotas", "granted", AS_OF, "T-1")
    assert {(r.state, r.since) for r in rest} == {("requested", AS_OF)}
    assert path.read_text(encoding="utf-8") == granted, "a person's file is not rewritten for nothing"
    larger = zone.model_copy(update={"quotas": zone.quotas.model_copy(update={"vcpu": 64})})
    again = next(r for r in write_requests(workspace, larger, settings, LATER) if r.id == "quotas")
    assert (again.state, again.since, again.reference) == ("requested", LATER, "T-1")
    assert prerequisites(workspace, larger, settings)[0] == again


def test_the_requests_are_said_in_words(workspace: Workspace, zone: Zone) -> None:
    write_requests(workspace, zone, read_settings(workspace), AS_OF)
    text = requests_file(workspace, zone.name).with_suffix(".md").read_text(encoding="utf-8")
    assert "Demandes" in text.splitlines()[0]
    assert zone.name in text.splitlines()[0]
    assert "| vcpu | 8 |" in text
    assert "2026-11-23" in text
