"""The gate asks the doctrine again: denied and unknown are refused, whatever a zone file says of itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inventory.problems import Exit, InvalidInput, Severity
from inventory.workspace import Workspace
from stacks.context import make_context
from stacks.documents import printable
from stacks.gate import GovernanceRefusal, Verdict, applied_zone, judge, judge_context, require
from stacks.states import Deployment, GivenStates, StateUnreadableError
from stacks.zone import Zone, read_zone

AS_OF = date(2026, 11, 23)
QUALIFIED = "outscale-cloudgouv-eu-west-1"
LAST_DAY, LAPSED = date(2026, 11, 30), date(2026, 12, 1)
Put = Callable[[dict[str, Any]], Path]


@pytest.fixture
def zone_on(put_zone: Put, document: dict[str, Any]) -> Callable[..., Zone]:
    """A zone on an offer, for some applications."""

    def make(offer: str, *applications: str, **more: Any) -> Zone:
        zone = {**document, **more, "offer": offer, "name": f"fin-{offer}-rie-production"}
        zone["applications"] = [{"id": a, "name": a, "tier": "INT", "sensitivity": "courante"} for a in applications]
        return read_zone(put_zone(zone))

    return make


def state_of(zone: Zone) -> Deployment:
    stack = {"type": "pulumi:pulumi:Stack", "urn": "urn:s", "custom": False, "outputs": {"zone": printable(zone)}}
    network = {"type": "openstack:networking/network:Network", "urn": "urn:n", "custom": True}
    return Deployment({"deployment": {"resources": [stack, network]}})


def codes(verdict: Verdict) -> set[str]:
    return {p.code for p in verdict.refusals}


def test_what_is_lawful_passes(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    verdict = judge(workspace, zone_on("pi-usuelle", "APP-1", "APP-2", "APP-3"), AS_OF)
    assert (verdict.ground, verdict.refusals) == ("lawful", ())
    assert require(verdict) is verdict


def test_what_is_denied_is_named_with_rule_reference_and_date(
    workspace: Workspace, zone_on: Callable[..., Zone]
) -> None:
    verdict = judge(workspace, zone_on("outscale-eu-west-2", "APP-1", "APP-3"), AS_OF)
    assert verdict.ground == "refused"
    [refusal] = [p for p in verdict.refusals if p.value == "APP-3"]
    assert refusal.code == "GAT-001"
    for part in ("Enquêtes", "APP-3", "outscale-eu-west-2", "2026-11-23", "FC-", "2024-449"):
        assert part in refusal.message
    with pytest.raises(GovernanceRefusal) as caught:
        require(verdict)
    assert caught.value.exit_code == Exit.GOVERNANCE


def test_what_a_zone_file_says_of_itself_counts_for_nothing(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    zone = zone_on("outscale-eu-west-2", "APP-3")
    assert zone.applications[0].sensitivity == "courante"
    assert not judge(workspace, zone, AS_OF).allowed


def test_the_unknown_is_refused_as_the_denied_is(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    verdict = judge(workspace, zone_on("pi-usuelle", "APP-1", "APP-404"), AS_OF)
    assert codes(verdict) == {"GAT-002"}
    assert "APP-404" in verdict.refusals[0].message


def test_without_its_signed_perimeter_nothing_passes(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    (workspace.decisions / "perimeters/dsi-a.yaml").unlink()
    assert not judge(workspace, zone_on("pi-usuelle", "APP-1"), AS_OF).allowed


@pytest.mark.parametrize("damage", ["absent", "garbled", "decisions"])
def test_evidence_that_cannot_be_read_is_no_evidence(
    workspace: Workspace, zone_on: Callable[..., Zone], damage: str
) -> None:
    table = workspace.dataset / "applications.csv"
    if damage == "absent":
        (workspace.dataset / "datapackage.json").unlink()
    elif damage == "garbled":
        table.write_text(table.read_text(encoding="utf-8").replace("internet", "lune"), encoding="utf-8")
    else:
        (workspace.decisions / "perimeters/dsi-a.yaml").write_text("kind: [", encoding="utf-8")
    verdict = judge(workspace, zone_on("pi-usuelle", "APP-1"), AS_OF)
    assert codes(verdict) == {"GAT-003"}


def test_an_offer_nobody_knows_is_refused(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    assert codes(judge(workspace, zone_on("nuage-inconnu", "APP-1"), AS_OF)) == {"GAT-004"}
    assert codes(judge(workspace, zone_on("nuage-inconnu"), AS_OF)) == {"GAT-004"}


def test_a_qualification_ends_after_its_last_day(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    zone = zone_on(QUALIFIED, "APP-3")
    assert judge(workspace, zone, LAST_DAY).allowed
    verdict = judge(workspace, zone, LAPSED)
    assert codes(verdict) == {"GAT-001"}
    assert "2026-12-01" in verdict.refusals[0].message


def test_a_live_zone_may_be_narrowed_and_says_why(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    before = zone_on(QUALIFIED, "APP-3")
    verdict = judge(workspace, zone_on(QUALIFIED, "APP-3", security_groups=[], instances=[]), LAPSED, lambda: before)
    assert verdict.ground == "narrowing"
    assert [p.code for p in verdict.notices] == ["GAT-009"]
    assert verdict.refusals, "what the law says is still shown"


def test_a_live_zone_may_not_be_widened(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    before = zone_on(QUALIFIED, "APP-3")
    wider = zone_on(QUALIFIED, "APP-3", volumes=[{"name": "donnees", "size_gib": 500}])
    assert codes(judge(workspace, wider, LAPSED, lambda: before)) == {"GAT-001", "GAT-011"}


def test_adding_a_denied_application_to_a_live_zone_is_refused(
    workspace: Workspace, zone_on: Callable[..., Zone]
) -> None:
    before = zone_on("outscale-eu-west-2", "APP-404")
    after = zone_on("outscale-eu-west-2", "APP-404", "APP-3")
    assert "GAT-011" in codes(judge(workspace, after, AS_OF, lambda: before))


def _break_glass(workspace: Workspace, zone: Zone, **more: Any) -> Path:
    import yaml

    document = {
        "kind": "breakglass", "zones": [zone.name], "reason": "panne du nuage interne",
        "signed_by": {"role": "HFDS", "organisation": "dsi-a"}, "signed_on": date(2026, 11, 1),
        "expires_on": date(2026, 12, 15), **more,
    }  # fmt: skip
    path = workspace.decisions / "breakglass/panne.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def test_a_signed_break_glass_passes_and_is_shown(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    zone = zone_on("outscale-eu-west-2", "APP-3")
    _break_glass(workspace, zone)
    verdict = judge(workspace, zone, AS_OF)
    assert verdict.ground == "breakglass"
    [notice] = verdict.notices
    assert (notice.code, notice.severity) == ("GAT-010", Severity.WARNING)
    for part in ("panne", "HFDS", "2026-11-01", "2026-12-15"):
        assert part in notice.message


@pytest.mark.parametrize(
    "more",
    [
        {"signed_by": None},
        {"signed_on": None},
        {"signed_on": date(2026, 11, 24)},
        {"signed_on": date(2026, 10, 1), "expires_on": date(2026, 11, 22)},
        {"zones": ["autre"]},
    ],
)
def test_a_break_glass_that_is_not_in_force_changes_nothing(
    workspace: Workspace, zone_on: Callable[..., Zone], more: dict[str, Any]
) -> None:
    zone = zone_on("outscale-eu-west-2", "APP-3")
    _break_glass(workspace, zone, **more)
    assert not judge(workspace, zone, AS_OF).allowed


@pytest.mark.parametrize(
    "more", [{"expires_on": date(2027, 11, 1)}, {"signed_by": {"role": "stagiaire", "organisation": "x"}}]
)
def test_a_break_glass_for_ever_or_by_anybody_is_invalid(
    workspace: Workspace, zone_on: Callable[..., Zone], more: dict[str, Any]
) -> None:
    zone = zone_on("outscale-eu-west-2", "APP-3")
    _break_glass(workspace, zone, **more)
    with pytest.raises(InvalidInput, match="GAT-005"):
        judge(workspace, zone, AS_OF)


def test_the_applied_zone_is_read_from_a_live_state_only(zone_on: Callable[..., Zone]) -> None:
    zone = zone_on("pi-usuelle", "APP-1")
    assert applied_zone(state_of(zone)) == zone
    assert applied_zone(None) is None
    emptied = Deployment({"deployment": {"resources": state_of(zone).resources[:1]}})
    assert applied_zone(emptied) is None
    incomplete = Deployment({"deployment": {"resources": state_of(zone).resources[1:]}})
    assert applied_zone(incomplete) is None


def test_the_state_is_asked_only_where_the_law_refuses(workspace: Workspace, zone_on: Callable[..., Zone]) -> None:
    class Unreadable:
        def read(self, project: str, stack: str) -> Deployment | None:
            raise StateUnreadableError("no back end")

    zone = zone_on("pi-usuelle", "APP-1")
    context = make_context(workspace, "landing_zone", zone.name, AS_OF, states=Unreadable())
    assert judge_context(context).ground == "lawful"
    zone = zone_on(QUALIFIED, "APP-3")
    context = make_context(workspace, "external", zone.name, LAPSED, states=Unreadable())
    assert judge_context(context).ground == "refused"
    given = GivenStates({("external", zone.name): state_of(zone).content})
    context = make_context(workspace, "external", zone.name, LAPSED, states=given)
    assert judge_context(context).ground == "narrowing"
