"""The proof can fail: every entry of the catalogue, removed or loosened in each way, is noticed."""

from datetime import date, timedelta

import pytest

from rationalise import load_doctrine
from rationalise.doctrine.proof.fitness import fit_rules
from rationalise.doctrine.proof.loosening import Loosening, loosenings, removals
from rationalise.doctrine.proof.tables import altered, judged, verdicts
from rationalise.doctrine.proof.vectors import expected, read_vectors
from rationalise.doctrine.proof.witnessed import caught, wrong

DOCTRINE = load_doctrine()
WITNESSES = read_vectors(DOCTRINE)
ALL = [*removals(DOCTRINE), *loosenings(DOCTRINE)]
EQUIVALENT = {
    # FC-04, FC-05, FC-06 and FC-12 ask for a secret or a mission, never for one of the two alone.
    "P2: secret_protege not presumed",
    "P2: mission_essentielle not presumed",
    # FC-09 says itself what unknown is worth, tier by tier.
    "sante: unknown as false",
    "responsable_distinct_hebergeur: unknown as false",
}
"""Loosenings that change no verdict of any profile: there is nothing to notice."""


def _name(one: Loosening) -> str:
    return f"{one.entry}: {one.what}"


def test_every_kind_of_entry_is_sabotaged() -> None:
    touched = {one.entry for one in ALL if one.removal}
    presumptions = [p.id for p in DOCTRINE.presumptions]
    assert touched == {*DOCTRINE.rules, *presumptions, *DOCTRINE.gates, *fit_rules(DOCTRINE), DOCTRINE.blocking.id}
    assert sum(not one.removal for one in ALL) > 100
    assert {_name(one) for one in ALL} >= EQUIVALENT


@pytest.mark.parametrize("sabotage", [s for s in ALL if _name(s) not in EQUIVALENT], ids=_name)
def test_a_sabotage_makes_the_proof_fail(sabotage: Loosening) -> None:
    # Only the vectors of the entry are judged; that they fail is what `wrong` reports and `verify` exits 5 on.
    concerned = WITNESSES.of(sabotage.entry)
    assert not list(wrong(DOCTRINE, concerned)), "the vectors must hold on the catalogue itself"
    assert caught(sabotage, WITNESSES)


def test_a_caught_sabotage_is_a_failure_of_the_proof() -> None:
    [one] = [s for s in ALL if _name(s) == "FC-10: deny without COM_HORS_UE"]
    codes = {f.code for f in wrong(one.doctrine, WITNESSES)}
    assert codes == {"DOC-054"}


def test_a_removed_rule_is_also_named() -> None:
    [one] = [s for s in ALL if _name(s) == "FC-10: removed"]
    assert {f.code for f in wrong(one.doctrine, WITNESSES)} == {"DOC-054", "DOC-058"}


@pytest.mark.slow
def test_what_is_not_noticed_changes_nothing() -> None:
    found = verdicts(DOCTRINE)
    for one in (s for s in ALL if _name(s) in EQUIVALENT):
        for epoch in found.epochs:
            for tier, domain in found.domains.items():
                tables = judged(one.doctrine, domain, epoch, tier, {})
                for name, table in tables.items():
                    assert not table.rank.ne_missing(epoch.tables[name].rank).any(), (_name(one), name)


@pytest.mark.parametrize(
    ("offer", "changed"),
    [(o.id, {"to": q.to + timedelta(days=1)}) for o in DOCTRINE.offers.values() for q in o.qualifications]
    + [(o.id, {"since": q.since - timedelta(days=1)}) for o in DOCTRINE.offers.values() for q in o.qualifications
       if q.since > DOCTRINE.modelled_since],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)  # fmt: skip
def test_a_longer_qualification_is_noticed(offer: str, changed: dict[str, date]) -> None:
    there = DOCTRINE.offers[offer]
    longer = there.model_copy(
        update={"qualifications": tuple(q.model_copy(update=changed) for q in there.qualifications)}
    )
    sabotaged = altered(DOCTRINE, f"{offer} {changed}", offers={**DOCTRINE.offers, offer: longer})
    concerned = WITNESSES.of(offer)
    found = concerned.answers(sabotaged)
    assert any(found[v.id] != expected(v) for v in concerned)


@pytest.mark.parametrize("offer", [o.id for o in DOCTRINE.offers.values() if not o.internal and not o.qualifications])
def test_a_qualification_out_of_nowhere_is_noticed(offer: str) -> None:
    there = DOCTRINE.offers[offer]
    [some] = DOCTRINE.offers["numspot"].qualifications
    better = there.model_copy(
        update={"qualifications": (some.model_copy(update={"layers": there.layers}),), "country": "FR"}
    )
    sabotaged = altered(DOCTRINE, f"{offer} qualified", offers={**DOCTRINE.offers, offer: better})
    concerned = WITNESSES.of(offer)
    found = concerned.answers(sabotaged)
    assert any(found[v.id] != expected(v) for v in concerned)


@pytest.mark.skipif(not fit_rules(DOCTRINE), reason="the catalogue holds no fit rules as data")
def test_every_fit_rule_is_witnessed() -> None:
    assert set(fit_rules(DOCTRINE)) <= {one.entry for one in ALL if one.removal and caught(one, WITNESSES)}
