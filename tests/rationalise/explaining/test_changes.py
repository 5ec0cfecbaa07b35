"""The smallest changes are the smallest there are: held against every combination, tried one by one."""

from datetime import date
from itertools import combinations, product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rationalise import evaluate, load_doctrine
from rationalise.explaining.changes import MOST, Start, Step, smallest_changes

DOCTRINE = load_doctrine()
DAY = date(2026, 11, 23)
NAMES = list(DOCTRINE.attributes)
CALM = {
    "entity_kind": "etat", "classification": "aucune", "secret_protege": "false", "mission_essentielle": "false",
    "atteinte": "false", "evaluation_art31": "signed", "donnees_perso": "aucune", "sante": "false",
    "responsable_distinct_hebergeur": "false", "acces_hors_ue": "none", "siiv": "false", "service_archivage": "aucun",
    "usage_collaboratif": "false",
}  # fmt: skip


def ways(profile: dict[str, str | None], **more: object) -> dict[str, object]:
    return {w.tier: w for w in smallest_changes(DOCTRINE, DAY, [Start(None, profile)], **more)}  # type: ignore[arg-type]


def open_tiers(profiles: list[dict[str, str | None]]) -> list[set[str]]:
    """By the evaluation with reasons: the tiers with an offer that is neither denied nor awaiting evidence."""
    frame = pl.DataFrame(
        [[p.get(n) for n in NAMES] for p in profiles], schema=dict.fromkeys(NAMES, pl.String), orient="row"
    )
    offers = evaluate(DOCTRINE, frame, DAY, offers=list(DOCTRINE.offers)).offers
    left = offers.filter((pl.col("verdict") != "denied") & ~pl.col("blocking")).group_by("row").agg("tier")
    found = {row: set(tiers) for row, tiers in left.iter_rows()}
    return [found.get(n, set()) for n in range(len(profiles))]


def by_hand(profile: dict[str, str | None], most: int) -> dict[str, set[frozenset[tuple[str, str]]]]:
    """The smallest sets of answers, every value of every unknown tried."""
    unknown = [n for n in NAMES if profile.get(n) is None or (n == "evaluation_art31" and profile[n] != "signed")]
    [standing] = open_tiers([profile])
    found: dict[str, set[frozenset[tuple[str, str]]]] = {}
    for size in range(1, most + 1):
        tried = [
            tuple(zip(some, values, strict=True))
            for some in combinations(unknown, size)
            for values in product(
                *(("signed",) if n == "evaluation_art31" else DOCTRINE.attributes[n].values for n in some)
            )
        ]
        after = open_tiers([{**profile, **dict(answers)} for answers in tried]) if tried else []
        for tier in {o.tier(DAY) for o in DOCTRINE.offers.values()} - set(found):
            sets = {frozenset(a) for a, left in zip(tried, after, strict=True) if (tier in left) != (tier in standing)}
            if sets:
                found[tier] = sets
    return found


def spread(sets: tuple[tuple[Step, ...], ...]) -> set[frozenset[tuple[str, str]]]:
    return {
        frozenset(zip((s.subject for s in steps), values, strict=True))
        for steps in sets
        for values in product(*(s.values or ("signed",) for s in steps))
    }


profiles = st.fixed_dictionaries({n: st.sampled_from(DOCTRINE.attributes[n].values) for n in NAMES})


@settings(max_examples=8, deadline=None)
@given(profiles, st.sets(st.sampled_from(NAMES), min_size=1, max_size=4))
def test_what_is_found_is_what_trying_everything_finds(known: dict[str, str], hidden: set[str]) -> None:
    profile = {n: None if n in hidden else v for n, v in known.items()}
    expected = by_hand(profile, 3)
    for tier, way in ways(profile).items():
        answers = way.answers or tuple(s for s in way.sets if all(x.kind in ("fact", "signature") for x in s))
        if tier in expected:
            assert spread(answers) == expected[tier], tier
        else:
            assert not answers or len(answers[0]) > 3, tier


def test_a_project_with_nothing_known_needs_a_perimeter_first() -> None:
    found = ways({})
    assert [s.subject for s in found["INT"].sets[0]] == ["classification"]
    assert found["INT"].sets[0][0].values == ("aucune",)
    assert not found["INT"].open


def test_a_signed_sensitive_application_leaves_the_derogation_alone() -> None:
    found = ways({**CALM, "secret_protege": "true", "atteinte": "true"})
    assert found["COM_UE"].sets == ((Step("derogation", "DER-31"),),)
    assert found["COM_UE"].answers == ()


def test_no_derogation_is_offered_to_a_project_engaged_too_late() -> None:
    found = ways({**CALM, "secret_protege": "true", "atteinte": "true"}, derogable=False)
    assert found["COM_UE"].sets == ()


def test_answers_alone_are_told_beside_a_shorter_derogation() -> None:
    found = ways({**CALM, "evaluation_art31": "none", "atteinte": None, "secret_protege": "true"})
    assert found["COM_UE"].sets == ((Step("derogation", "DER-31"),),)
    assert spread(found["COM_UE"].answers) == {frozenset({("evaluation_art31", "signed"), ("atteinte", "false")})}


def test_evidence_opens_what_awaits_it() -> None:
    found = ways({**CALM, "classification": "dr"})
    assert found["SNC"].sets == ((Step("evidence", "homologation_dr"),),)
    assert found["INT"].sets == ()


def test_an_open_tier_says_what_would_close_it() -> None:
    found = ways({**CALM, "sante": "true", "responsable_distinct_hebergeur": None})
    assert found["INT"].open
    assert (Step("fact", "responsable_distinct_hebergeur", ("true",)),) in found["INT"].sets


def test_a_decision_s_start_counts_as_one_step() -> None:
    heir = {**CALM, "sante": "true", "responsable_distinct_hebergeur": "true"}
    starts = [Start(None, heir), Start(Step("decision", "fictitious_data"), {**heir, "sante": "false"})]
    found = {w.tier: w for w in smallest_changes(DOCTRINE, DAY, starts)}
    assert (Step("decision", "fictitious_data"),) in found["SNC"].sets


def test_the_search_never_corrects_what_is_known() -> None:
    known = {**CALM, "secret_protege": "true", "atteinte": "true", "siiv": None}
    touched = {s.subject for way in ways(known).values() for steps in (*way.sets, *way.answers) for s in steps}
    assert touched <= {"siiv", "DER-31", "hds", "homologation_dr", "agrement_archives", "convention"}


@pytest.mark.parametrize("day", [date(2026, 4, 16), date(2026, 12, 1)])
def test_the_day_counts(day: date) -> None:
    found = smallest_changes(DOCTRINE, day, [Start(None, CALM)])
    assert max((len(s) for w in found for s in w.sets), default=0) <= MOST
    assert {w.tier for w in found if w.open} >= {"INT", "SNC", "COM_UE"}
