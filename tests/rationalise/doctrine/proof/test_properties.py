"""Each property, seen to hold on the shipped catalogue and to fail, with the smallest profile, when it is broken."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from rationalise import load_doctrine
from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.models import Rule, Text
from rationalise.doctrine.proof import tables
from rationalise.doctrine.proof.declared import declared, harmless
from rationalise.doctrine.proof.domain import Axis, Domain
from rationalise.doctrine.proof.findings import Failure
from rationalise.doctrine.proof.properties import closed, complete, consistent, monotone
from rationalise.doctrine.proof.shadows import shadows
from rationalise.doctrine.proof.soundness import unsound
from rationalise.doctrine.proof.stability import days
from rationalise.doctrine.proof.tables import Verdicts, altered, verdicts

DOCTRINE = load_doctrine()
FEW = ("CLASSIFIE", "INT", "SNC", "COM_UE")
"""The tiers that few attributes decide: proved in a second."""


def small(doctrine: Doctrine, *tiers: str) -> Doctrine:
    """The doctrine on a few tiers, with the offers that never leave them."""
    kept = tiers or FEW
    offers = {
        i: o
        for i, o in doctrine.offers.items()
        if o.internal in kept or (o.internal is None and o.law == "ue" and "COM_UE" in kept)
    }
    return altered(doctrine, f"small {kept}", tiers={t: doctrine.tiers[t] for t in kept}, offers=offers)


def with_rule(**said: object) -> Doctrine:
    rule = Rule(
        id="X-01", title=Text(fr="x", en="x"), ref="x", since=date(2020, 1, 1), force="politique", conf="C", **said
    )  # type: ignore[arg-type]
    return altered(small(DOCTRINE), "more", rules={**DOCTRINE.rules, rule.id: rule})


@pytest.fixture(scope="module")
def found() -> Verdicts:
    return verdicts(small(DOCTRINE))


def shown(failure: Failure) -> dict[str, str | None]:
    """The counter-example, by how it differs from the harmless profile."""
    assert failure.profile is not None
    return {n: v for n, v in failure.profile.items() if v != harmless()[n]}


@pytest.mark.parametrize("check", [complete, consistent, monotone, closed, unsound])
def test_the_catalogue_holds(found: Verdicts, check: Callable[[Verdicts], Iterable[Failure]]) -> None:
    assert list(check(found)) == []


def test_the_classes_cover_the_product() -> None:
    product = 1
    for attribute in DOCTRINE.attributes.values():
        product *= len(attribute.values) + 1
    found = verdicts(small(DOCTRINE, "SNC"))
    [domain] = found.domains.values()
    assert domain.raw == found.whole.raw == product == domain.weights().sum()
    assert domain.size < product


def test_every_attribute_is_declared() -> None:
    assert set(declared()) == set(DOCTRINE.attributes)
    for name, said in declared().items():
        values = DOCTRINE.attributes[name].values
        assert {said.harmless, *(v for pair in said.raises for v in pair)} <= set(values)
        assert set(said.unknown) == {t.kind for t in DOCTRINE.tiers.values()}


def test_a_forgotten_higher_value_is_not_monotone() -> None:
    broken = verdicts(with_rule(when={"donnees_perso": ["ordinaires"]}, deny=["SNC"]))
    failures = [f for f in monotone(broken) if f.subject == "SNC" and f.day == DOCTRINE.modelled_since]
    assert {f.code for f in failures} == {"DOC-052"}
    assert [shown(f) for f in failures] == [{"donnees_perso": "ordinaires"}] * 2


def test_an_unknown_that_opens_is_not_closed() -> None:
    attributes = {**DOCTRINE.attributes, "siiv": DOCTRINE.attributes["siiv"].model_copy(update={"unknown_as": "false"})}
    failures = list(closed(verdicts(altered(small(DOCTRINE), "open", attributes=attributes))))
    assert failures
    assert {f.code for f in failures} == {"DOC-053"}
    assert all(shown(f) == {"siiv": "true"} for f in failures if f.subject == "COM_UE")


def test_an_unblocked_classification_is_not_closed() -> None:
    attributes = {
        **DOCTRINE.attributes,
        "classification": DOCTRINE.attributes["classification"].model_copy(update={"block": False}),
    }
    assert any(
        f.code == "DOC-053" for f in closed(verdicts(altered(small(DOCTRINE), "unblocked", attributes=attributes)))
    )


def test_a_flag_without_its_question_fails() -> None:
    rules = {**DOCTRINE.rules, "FC-13": DOCTRINE.rules["FC-13"].model_copy(update={"if_unknown": {}})}
    failures = [f for f in closed(verdicts(altered(small(DOCTRINE), "silent", rules=rules))) if f.subject == "SNC"]
    assert [shown(f) for f in failures] == [{"service_archivage": None}] * 2


def test_a_signed_convention_does_not_admit_an_entity_nobody_named() -> None:
    offers = {"pi-usuelle": DOCTRINE.offers["pi-usuelle"].model_copy(update={"convention": "signed"})}
    assert list(closed(verdicts(altered(small(DOCTRINE, "INT"), "signed", offers=offers)))) == []


def test_rules_that_leave_no_place_contradict() -> None:
    broken = verdicts(with_rule(when={"siiv": ["true"]}, deny=list(FEW)))
    [first, *_] = [f for f in consistent(broken) if not f.subject]
    assert first.code == "DOC-051"
    assert shown(first) == {"siiv": "true"}


def _evaluating(change: Callable[[pl.DataFrame], pl.DataFrame], monkeypatch: pytest.MonkeyPatch) -> Verdicts:
    real = tables.evaluate

    def evaluate(*args, **kwargs):  # type: ignore[no-untyped-def]
        answer = real(*args, **kwargs)
        return replace(answer, tiers=change(answer.tiers))

    monkeypatch.setattr(tables, "evaluate", evaluate)
    return verdicts(small(DOCTRINE, "INT"))


SNC_FIRST = (pl.col("row") == 0) & (pl.col("tier") == "INT")


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.filter(~SNC_FIRST),
        lambda frame: pl.concat([frame, frame.filter(SNC_FIRST)]),
        lambda frame: frame.with_columns(verdict=pl.when(SNC_FIRST).then(pl.lit("perhaps")).otherwise("verdict")),
        lambda frame: frame.with_columns(verdict=pl.when(SNC_FIRST).then(None).otherwise("verdict")),
    ],
    ids=["missing", "twice", "another word", "none"],
)
def test_a_hole_is_not_complete(
    change: Callable[[pl.DataFrame], pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = list(complete(_evaluating(change, monkeypatch)))
    assert {f.code for f in failures} == {"DOC-050"}


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.with_columns(causes=pl.when(SNC_FIRST).then(pl.lit("")).otherwise("causes")),
        lambda frame: frame.with_columns(causes=pl.when(SNC_FIRST).then(pl.lit("FC-99")).otherwise("causes")),
        lambda frame: frame.with_columns(verdict=pl.when(SNC_FIRST).then(pl.lit("allowed")).otherwise("verdict")),
    ],
    ids=["no cause", "an unknown cause", "allowed with a cause"],
)
def test_a_verdict_must_agree_with_its_causes(change, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {f.code for f in consistent(_evaluating(change, monkeypatch))} == {"DOC-051"}


def test_a_class_that_mixes_is_seen(found: Verdicts) -> None:
    domain = found.domains["SNC"]
    merged = tuple(
        Axis(a.name, (tuple(v for c in a.classes for v in c),), 0) if a.name == "classification" else a
        for a in domain.axes
    )
    wrong = Domain(merged)
    # What the evaluation says of the representatives, kept as if they stood for all.
    rows = domain.numbers().filter(domain.digit(1) == 0)["at"]
    epochs = []
    for epoch in found.epochs:
        held = dict(epoch.tables)
        for name, subject in epoch.subjects.items():
            if subject.tier == "SNC":
                table = epoch.tables[name]
                held[name] = tables.Table(table.rank.gather(rows), table.spoke.gather(rows), rows.len())
        epochs.append(replace(epoch, tables=held))
    mixed = replace(found, domains={**found.domains, "SNC": wrong}, epochs=epochs)
    assert next(iter(unsound(mixed))).code == "DOC-056"


def test_what_shadows_what(found: Verdicts) -> None:
    named = {s.entry: (s.since, s.until, s.by) for s in shadows(found)}
    assert named["FC-05"] == (date(2026, 4, 17), None, ("FC-04",))
    assert named["P1"] == (DOCTRINE.modelled_since, None, ("P2",))
    assert "FC-04" not in named


def test_a_rule_said_twice_is_named() -> None:
    twice = with_rule(when={"siiv": ["true"]}, deny=["COM_UE"])
    named = {s.entry: s.by for s in shadows(verdicts(twice))}
    assert named["X-01"] == ("FC-10",)
    assert named["FC-10"] == ("X-01",)


def test_what_moves_and_when(found: Verdicts) -> None:
    moves = {d.day: d for d in days(found)}
    decree = moves[date(2026, 4, 17)]
    assert {c.entry for c in decree.changes} == {"FC-04", "FC-06"}
    move = next(m for m in decree.moves if m.subject == "COM_UE" and m.before == "allowed")
    assert move.after == "denied"
    assert move.witness["entity_kind"] == "gip_liste"
    lapse = moves[date(2026, 12, 1)].moves
    assert {(m.subject, m.after) for m in lapse} == {("outscale-cloudgouv-eu-west-1", "denied")}
    assert all(m.profiles > 0 for d in moves.values() for m in d.moves)
    assert moves[date(2025, 1, 1)].moves == ()
    assert min(moves) == DOCTRINE.modelled_since
