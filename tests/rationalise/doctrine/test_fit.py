"""Fit rules are data: each one has an application whose fit flips when the rule is taken away."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.fit import fit_reasons, fitting, stack_refusals

DAY = date(2026, 11, 23)
CONTAINER = {"os": "linux", "conteneurisable": "true", "sans_etat": "true"}


def fits(doctrine: Doctrine, offer: str, **facts: str | None) -> bool:
    frame = pl.DataFrame({k: [v] for k, v in facts.items()}, schema=dict.fromkeys(facts, pl.String))
    return bool(fitting(doctrine, frame, DAY)[offer][0])


def without(doctrine: Doctrine, rule: str) -> Doctrine:
    return replace(doctrine, fit_rules={k: v for k, v in doctrine.fit_rules.items() if k != rule})


@pytest.mark.parametrize(
    ("rule", "offer", "facts"),
    [
        ("F-01", "cpin", CONTAINER | {"os": "windows"}),
        ("F-01", "cpin", CONTAINER | {"sans_etat": None}),
        ("F-01", "cpin", CONTAINER | {"rootless": "false"}),
        ("F-02", "nubo", {"service_hours": "24x7"}),
        ("F-05", "cloud-temple-openshift", {"os": "linux", "conteneurisable": "false"}),
        ("F-06", "pi-dr", {"classification": "aucune"}),
        ("F-06", "pi-dr", {"classification": None}),
    ],
)
def test_each_rule_is_what_refuses(doctrine: Doctrine, rule: str, offer: str, facts: dict[str, str | None]) -> None:
    assert not fits(doctrine, offer, **facts)
    assert fits(without(doctrine, rule), offer, **facts)
    assert rule in fit_reasons(doctrine, facts, DAY)[offer]["against"]


def test_what_fits_fits(doctrine: Doctrine) -> None:
    assert fits(doctrine, "cpin", **CONTAINER)
    assert fits(doctrine, "nubo", service_hours="ouvre")
    assert fits(doctrine, "pi-dr", classification="dr")
    assert fits(doctrine, "pi-usuelle", os="windows", service_hours="24x7")


def test_a_fact_that_is_only_expected_leaves_a_question(doctrine: Doctrine) -> None:
    assert fit_reasons(doctrine, CONTAINER, DAY)["cpin"] == {"against": [], "open": ["F-01"], "warnings": []}
    assert fit_reasons(doctrine, CONTAINER | {"rootless": "true"}, DAY)["cpin"]["open"] == []


def test_a_vital_service_on_pi_is_warned_of(doctrine: Doctrine) -> None:
    facts = {"service_hours": "24x7", "criticality": "vitale"}
    assert fit_reasons(doctrine, facts, DAY)["pi-usuelle"]["warnings"] == ["F-03"]
    assert fit_reasons(doctrine, facts | {"criticality": "haute"}, DAY)["pi-usuelle"]["warnings"] == []


def test_the_openstack_stack_needs_an_openstack_api(doctrine: Doctrine) -> None:
    refused = {o.id for o in doctrine.offers.values() if stack_refusals(doctrine, "openstack", o, DAY)}
    assert "outscale-cloudgouv-eu-west-1" in refused
    assert "ovh-snc-cloud-platform" not in refused


def test_many_applications_are_judged_as_one_is(doctrine: Doctrine) -> None:
    rows = [CONTAINER, CONTAINER | {"os": "windows"}, {"os": None, "conteneurisable": None, "sans_etat": None}]
    frame = pl.DataFrame(rows * 3, schema=dict.fromkeys(CONTAINER, pl.String))
    assert fitting(doctrine, frame, DAY)["cpin"].to_list() == [True, False, False] * 3
    assert fitting(doctrine, frame.head(0), DAY).height == 0
