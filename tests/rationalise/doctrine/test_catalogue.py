"""The catalogue: complete, and an overlay that may add but never loosen the law."""

from pathlib import Path

import pytest

from inventory.problems import InvalidInput
from rationalise import load_doctrine
from rationalise.doctrine.catalogue import Doctrine

OFFERS = [
    "pi-usuelle",
    "pi-dr",
    "cpin",
    "nubo",
    "mtes-maa",
    "ovh-snc-cloud-platform",
    "ovh-bare-metal-pod",
    "ovh-hosted-private-cloud-vmware",
    "ovh-public-cloud",
    "outscale-cloudgouv-eu-west-1",
    "outscale-eu-west-2",
    "numspot",
    "cloud-temple-secure-temple",
    "cloud-temple-openshift",
    "orange-cloud-avenue-secnum",
    "s3ns",
    "cegedim-secured-iaas",
    "scaleway",
    "us-hyperscaler",
]


def overlay(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def test_every_rule_and_offer_is_there(doctrine: Doctrine) -> None:
    assert list(doctrine.rules) == [f"FC-{n:02}" for n in range(1, 16)]
    assert sorted(doctrine.gates) == [f"G-{n:02}" for n in range(1, 11)]
    assert list(doctrine.offers) == OFFERS


def test_evidence_about_an_offer_counts(tmp_path: Path, verdict) -> None:
    text = """
evidence:
  - offer: pi-usuelle
    convention: signed
    hds: [{version: 2, from: 2026-01-01, to: 2028-12-31, certificate: HDS-1}]
    ref: convention du 5 janvier 2026
    read_on: 2026-01-05
"""
    found = load_doctrine(overlay(tmp_path, offers=text))
    assert found.offers["pi-usuelle"].convention == "signed"
    assert found.overlaid == ("offers.yaml: pi-usuelle",)


def test_an_overlay_cannot_loosen_the_law(tmp_path: Path) -> None:
    text = """
rules:
  - {id: FC-04, title: {fr: a, en: a}, when: always, warn: [COM_UE], ref: x, since: 2026-01-01, force: politique, conf: C}
"""
    with pytest.raises(InvalidInput) as caught:
        load_doctrine(overlay(tmp_path, rules=text))
    assert caught.value.problems[0].code == "DOC-002"
    assert "art. 31" in caught.value.problems[0].message


def test_a_rule_of_one_s_own_is_added(tmp_path: Path) -> None:
    text = """
rules:
  - {id: DSI-01, title: {fr: a, en: a}, when: {siiv: ["true"]}, deny: [SNC], ref: note, since: 2026-01-01, force: politique, conf: A}
"""
    assert "DSI-01" in load_doctrine(overlay(tmp_path, rules=text)).rules


def test_every_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    text = "rules:\n  - id: DSI-01\n    titel: {fr: a, en: a}\n    when: always\n    deny: [SNK]\n"
    with pytest.raises(InvalidInput) as caught:
        load_doctrine(overlay(tmp_path, rules=text))
    found = {p.field: p for p in caught.value.problems}
    assert found["rules.0.titel"].row == 3
    assert "title" in (found["rules.0.titel"].hint or "")
    assert found["rules.0.deny.0"].row == 5


def test_a_value_no_attribute_has_is_named(tmp_path: Path) -> None:
    text = """
rules:
  - {id: DSI-01, title: {fr: a, en: a}, when: {classification: [restreint]}, deny: [SNC], ref: n, since: 2026-01-01, force: guide, conf: A}
"""
    with pytest.raises(InvalidInput) as caught:
        load_doctrine(overlay(tmp_path, rules=text))
    assert caught.value.problems[0].value == "restreint"
