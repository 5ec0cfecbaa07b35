"""A profile is decided when trying every value of its unknowns changes nothing: checked by trying them."""

from datetime import date
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rationalise import evaluate, load_doctrine
from rationalise.questioning.space import space

DAY = date(2026, 11, 23)
DOCTRINE = load_doctrine()
NAMES = list(DOCTRINE.attributes)
VALUES = {name: a.values for name, a in DOCTRINE.attributes.items()}
ORDER = ("INT", "SNC", "COM_UE", "COM_HORS_UE")


def open_tiers(profiles: list[tuple[str | None, ...]], day: date) -> list[frozenset[str]]:
    """The tiers with an open offer, by the evaluation itself."""
    frame = pl.DataFrame(profiles, schema=dict.fromkeys(NAMES, pl.String), orient="row")
    judged = evaluate(DOCTRINE, frame, day, offers=list(DOCTRINE.offers)).offers
    open_ = judged.filter((pl.col("verdict") != "denied") & ~pl.col("blocking"))
    found: dict[int, set[str]] = {}
    for row, tier in open_.select("row", "tier").iter_rows():
        found.setdefault(row, set()).add(tier)
    return [frozenset(found.get(n, ())) for n in range(len(profiles))]


def preferred(tiers: frozenset[str], classification: str | None) -> str | None:
    if classification == "dr" and "INT_DR" in tiers:
        return "INT_DR"
    return next((t for t in ORDER if t in tiers), None)


def completions(profile: tuple[str | None, ...]) -> list[tuple[str | None, ...]]:
    choices = [
        VALUES[n] if v is None or (n == "evaluation_art31" and v != "signed") else (v,)
        for n, v in zip(NAMES, profile, strict=True)
    ]
    return list(product(*choices))


@st.composite
def profiles(draw: st.DrawFn) -> tuple[str | None, ...]:
    unknown = draw(st.sets(st.sampled_from(NAMES), max_size=3))
    return tuple(None if n in unknown else draw(st.sampled_from(VALUES[n])) for n in NAMES)


@given(profiles(), st.sampled_from([DAY, date(2026, 12, 15)]))
@settings(max_examples=60, deadline=None)
def test_decided_is_what_every_completion_agrees_on(profile: tuple[str | None, ...], day: date) -> None:
    every = completions(profile)
    tiers = open_tiers([*every, profile], day)
    places = {
        preferred(t, dict(zip(NAMES, c, strict=True))["classification"]) for t, c in zip(tiers, every, strict=False)
    }
    settled, stands = space(DOCTRINE, day).standing(profile)
    assert settled == (len(set(tiers[:-1])) == 1)
    assert stands == (len(places) == 1 and None not in places)
    if stands:
        # Fail closed: what no unknown can move is open on what is known today, not only later.
        assert places <= tiers[-1]


@given(profiles(), st.data())
@settings(max_examples=200, deadline=None)
def test_an_answer_to_an_unknown_leaves_decided_what_is_decided(
    profile: tuple[str | None, ...], data: st.DataObject
) -> None:
    law = space(DOCTRINE, DAY)
    answered = tuple(
        v if v is not None else data.draw(st.sampled_from(VALUES[n])) for n, v in zip(NAMES, profile, strict=True)
    )
    before, after = law.standing(profile), law.standing(answered)
    assert after[0] >= before[0]
    assert after[1] >= before[1]


def known(**values: str) -> tuple[str | None, ...]:
    return tuple(values.get(n) for n in NAMES)


@pytest.mark.parametrize(
    ("values", "decided"),
    [
        ({}, False),
        ({"entity_kind": "etat", "responsable_distinct_hebergeur": "false"}, False),  # nobody declared the perimeter
        ({"entity_kind": "etat", "classification": "aucune"}, False),  # health data for others would close internal clouds
        ({"entity_kind": "etat", "classification": "aucune", "sante": "false"}, True),
        ({"classification": "aucune", "sante": "false"}, False),  # internal clouds admit the State, not everyone
        ({"classification": "secret"}, True),  # it stays out, whatever else it is
    ],
)  # fmt: skip
def test_what_decides(values: dict[str, str], decided: bool) -> None:
    assert space(DOCTRINE, DAY).decided(known(**values)) is decided


def test_an_unsigned_assessment_is_an_unknown() -> None:
    facts = dict.fromkeys(NAMES, "false") | {
        "entity_kind": "etat", "classification": "aucune", "donnees_perso": "aucune", "acces_hors_ue": "none",
        "service_archivage": "aucun",
    }  # fmt: skip
    law = space(DOCTRINE, DAY)
    assert law.standing(known(**facts | {"evaluation_art31": "draft"})) == (False, True)
    assert law.standing(known(**facts | {"evaluation_art31": "signed"})) == (True, True)
