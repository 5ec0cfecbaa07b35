"""All the conditions at once say what each says alone, however many there are."""

from dataclasses import replace
from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from rationalise import evaluate, load_doctrine
from rationalise.doctrine.conditions import compile_condition
from rationalise.doctrine.models import Requirement
from rationalise.doctrine.signals import Signals, signal

DOCTRINE = load_doctrine()
DAY = date(2026, 11, 23)
LISTS = {a.name: a.values for a in DOCTRINE.attributes.values()}
ALLOWED = {n: v[-1] for n, v in LISTS.items()} | {"entity_kind": "etat", "classification": "aucune"}


def some(names: list[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    chosen = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    return chosen.flatmap(
        lambda c: st.fixed_dictionaries({n: st.lists(st.sampled_from(LISTS[n]), unique=True) for n in c})
    )


ALONE, TOGETHER = list(LISTS)[:7], list(LISTS)[7:]
CONDITIONS = st.lists(
    st.tuples(some(ALONE), st.none() | some(TOGETHER), st.none() | some(TOGETHER)).map(
        lambda t: {**t[0], **({"any": t[1]} if t[1] else {}), **({"also": t[2]} if t[2] else {})}
    ),
    min_size=1,
    max_size=90,
)
PROFILES = st.lists(
    st.fixed_dictionaries({n: st.sampled_from([None, *v]) for n, v in LISTS.items()}), min_size=1, max_size=20
)


@settings(max_examples=40, deadline=None)
@given(CONDITIONS, PROFILES)
def test_every_bit_is_what_its_condition_says(conditions, profiles) -> None:
    frame = pl.DataFrame(profiles, schema=dict.fromkeys(LISTS, pl.String))
    signals = Signals(DOCTRINE.attributes, ())
    readings = [(c, r, signals.bit(signal(c, r))) for c in conditions for r in ("closed", "sure", "possible")]
    pattern, bits = signals.patterns(frame)
    closed = frame.with_columns(
        pl.col(a.name).fill_null(a.unknown_as) for a in DOCTRINE.attributes.values() if a.unknown_as
    )
    unknown = {"closed": False, "sure": False, "possible": True}
    for condition, reading, bit in readings:
        table = closed if reading == "closed" else frame
        alone = table.select(compile_condition(condition).fill_null(unknown[reading]).alias("x"))
        # An expression over nothing but literals has one row.
        assert [bool(bits[p] & bit) for p in pattern] == alone["x"].to_list() * (
            1 if alone.height == len(frame) else len(frame)
        )


def test_a_word_that_is_not_in_the_list_is_unknown_and_closes() -> None:
    frame = pl.DataFrame([{**ALLOWED, "classification": "Non classifié"}])
    assert set(evaluate(DOCTRINE, frame, DAY).tiers["verdict"]) == {"denied"}


def test_a_changed_doctrine_is_not_answered_from_memory() -> None:
    frame = pl.DataFrame([{**ALLOWED, "siiv": "true", "evaluation_art31": "signed", "atteinte": "false"}])
    before = evaluate(DOCTRINE, frame, DAY).tiers
    softer = {
        i: r.model_copy(update={"deny": ("COM_HORS_UE",)}) if i == "FC-10" else r for i, r in DOCTRINE.rules.items()
    }
    after = evaluate(replace(DOCTRINE, rules=softer), frame, DAY).tiers
    said = [dict(f.select("tier", "verdict").iter_rows())["COM_UE"] for f in (before, after)]
    assert said == ["denied", "allowed"]


def test_what_is_flatly_missing_denies_even_where_something_else_is_open() -> None:
    asked = Requirement(entite_admise=True, convention="signed", pays="FR")
    rule = DOCTRINE.rules["FC-15"].model_copy(update={"require_offer": asked})
    abroad = DOCTRINE.offers["pi-usuelle"].model_copy(update={"country": "DE"})
    frame = pl.DataFrame([ALLOWED])
    for offer, word in ((DOCTRINE.offers["pi-usuelle"], "conditional"), (abroad, "denied")):
        changed = replace(DOCTRINE, rules={"FC-15": rule}, offers={offer.id: offer})
        assert evaluate(changed, frame, DAY, offers=[offer.id]).offers["verdict"].to_list() == [word]


def test_nobody_to_judge_is_no_answer() -> None:
    found = evaluate(DOCTRINE, pl.DataFrame(schema=dict.fromkeys(LISTS, pl.String)), DAY, offers=list(DOCTRINE.offers))
    assert found.tiers.height == found.offers.height == 0
    assert "verdict" in found.offers.columns
