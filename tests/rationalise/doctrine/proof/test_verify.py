"""``francecloud doctrine verify``, as a DSI runs it: the shipped catalogue, then its own overlay."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from francecloud.main import run
from inventory.problems import InvalidInput
from rationalise import load_doctrine
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.proof import verifying
from rationalise.doctrine.proof.tables import altered, verdicts
from rationalise.doctrine.proof.vectors import read_vectors
from rationalise.doctrine.proof.witnessed import proposal, unwitnessed, wrong

RULE = """
rules:
  - id: DSI-01
    title: {fr: "Rien de collaboratif hors de l'interne", en: Nothing collaborative outside}
    when: {usage_collaboratif: ["true"]}
    deny: [SNC]
    ref: note interne
    since: 2026-01-01
    force: politique
    conf: C
"""
WITNESS = """
vectors:
  - {id: DSI-01-v1, witnesses: [DSI-01], as_of: 2026-11-23, profile: {usage_collaboratif: "true"}, tier: SNC, verdict: denied}
"""


def _few(doctrine: Doctrine) -> Doctrine:
    return altered(doctrine, "few", tiers={t: doctrine.tiers[t] for t in ("CLASSIFIE", "SNC")}, offers={})


@pytest.fixture
def workspace(tmp_path: Path) -> Callable[..., Path]:
    """``workspace(rules="…", vectors="…")`` → a workspace with that overlay."""

    def lay(**files: str) -> Path:
        (tmp_path / "francecloud.toml").write_text("", encoding="utf-8")
        (tmp_path / "doctrine/vectors").mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            folder = tmp_path / "doctrine" / ("vectors" if name == "vectors" else "")
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return lay


@pytest.mark.slow
def test_the_shipped_catalogue_is_proved(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["doctrine", "verify", "--json", "--workspace", str(tmp_path)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["holds"] is True
    assert document["failures"] == []
    assert document["profiles"] == 20_995_200
    assert set(document["classes"]) == set(load_doctrine().tiers)
    assert [(s["entry"], s["since"], s["shadowed_by"]) for s in document["shadows"]] == [
        ("FC-05", "2026-04-17", ["FC-04"]),
        ("P1", "2024-11-16", ["P2"]),
    ]
    assert all(d["profiles"] == document["profiles"] for d in document["dates"])
    assert len(document["unseen"]) == 4


def test_a_loosened_overlay_fails_with_the_code_of_governance(
    workspace: Callable[..., Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two tiers are enough for what is told here; the whole domain is the matter of the test before.
    monkeypatch.setattr(verifying, "verdicts", lambda doctrine: verdicts(_few(doctrine)))
    loosened = RULE.replace("DSI-01", "FC-10").replace("usage_collaboratif", "siiv").replace("SNC", "COM_UE")
    there = workspace(rules=loosened)
    assert run(["doctrine", "verify", "--workspace", str(there), "--lang", "fr"]) == 5
    said = capsys.readouterr()
    assert "FC-10-v" in said.err
    assert "siiv = true" in said.err
    assert "surcouche" in said.out


def test_a_rule_of_ones_own_needs_a_witness(workspace: Callable[..., Path]) -> None:
    overlay = workspace(rules=RULE) / "doctrine"
    doctrine = load_doctrine(overlay)
    witnesses = read_vectors(doctrine, overlay)
    # The shipped vectors are about the shipped entries: a stricter rule of a DSI does not contradict them.
    assert list(wrong(doctrine, witnesses)) == []
    few = _few(doctrine)
    found = verdicts(few)
    [missing] = [f for f in unwitnessed(found, witnesses) if f.subject == "DSI-01"]
    assert missing.code == "DOC-055"
    assert "usage_collaboratif" in missing.message, "a vector is proposed"


def test_the_proposed_witness_is_one(workspace: Callable[..., Path]) -> None:
    overlay = workspace(rules=RULE) / "doctrine"
    doctrine = load_doctrine(overlay)
    few = _few(doctrine)
    proposed = proposal(verdicts(few), "DSI-01")
    assert proposed is not None
    overlay = workspace(rules=RULE, vectors=f"vectors:\n  {proposed}\n") / "doctrine"
    doctrine = load_doctrine(overlay)
    witnesses = read_vectors(doctrine, overlay)
    assert list(wrong(doctrine, witnesses)) == []
    assert [f.subject for f in unwitnessed(verdicts(few), witnesses)] == []


def test_a_witness_written_by_hand(workspace: Callable[..., Path]) -> None:
    overlay = workspace(rules=RULE, vectors=WITNESS) / "doctrine"
    doctrine = load_doctrine(overlay)
    assert list(wrong(doctrine, read_vectors(doctrine, overlay))) == []
    # Once the rule is gone, its witness says so.
    workspace(rules="rules: []\n")
    doctrine = load_doctrine(overlay)
    assert {f.code for f in wrong(doctrine, read_vectors(doctrine, overlay))} == {"DOC-054", "DOC-058"}


def test_a_fact_about_an_offer_contradicts_no_vector(workspace: Callable[..., Path]) -> None:
    evidence = """
evidence:
  - offer: pi-usuelle
    convention: signed
    hds: [{version: 2, from: 2026-01-01, to: 2028-12-31, certificate: HDS-1}]
    ref: convention du 5 janvier 2026
    read_on: 2026-01-05
"""
    overlay = workspace(offers=evidence) / "doctrine"
    doctrine = load_doctrine(overlay)
    assert list(wrong(doctrine, read_vectors(doctrine, overlay))) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vectors: [{id: a, as_of: 2026-11-23, tier: SNC, verdict: maybe}]", "verdict"),
        ("vectors: [{id: a, as_of: 2026-11-23, verdict: denied}]", "niveau"),
        ("vectors: [{id: a, as_of: 2026-11-23, tier: SNC}]", "verdict"),
        ('vectors: [{id: a, as_of: 2026-11-23, tier: SNC, verdict: denied, profile: {siv: "true"}}]', "siiv"),
        ("vectors: [{id: a, as_of: 2026-11-23, tier: SNC, verdict: denied, profile: {siiv: oui}}]", "oui"),
        ("vectors: [{id: a, as_of: 2026-11-23, offer: nubbo, verdict: denied}]", "nubo"),
        ("vectors: [{id: a, as_of: hier, tier: SNC, verdict: denied}]", "as_of"),
        ("vectors: [{id: a, as_of: 2026-11-23, tier: SNC, verdict: denied, tiers: x}]", "tier"),
    ],
)
def test_a_wrong_vector_is_told_with_its_place(workspace: Callable[..., Path], text: str, said: str) -> None:
    overlay = workspace(vectors=text) / "doctrine"
    with pytest.raises(InvalidInput) as error:
        read_vectors(load_doctrine(overlay), overlay)
    whole = "\n".join(p.text() for p in error.value.problems)
    assert said in whole
    assert "vectors.yaml" in whole


def test_an_altered_doctrine_has_a_digest_of_its_own() -> None:
    # What is remembered by digest elsewhere must not answer for an altered doctrine.
    doctrine = load_doctrine()
    assert altered(doctrine, "x").digest != doctrine.digest != altered(doctrine, "y").digest
