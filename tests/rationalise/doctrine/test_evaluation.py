"""The law at a date: the published vectors, offers, and what must hold for every profile."""

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from francecloud.main import run
from inventory.problems import InvalidInput
from rationalise import evaluate, load_doctrine
from rationalise.doctrine.documents import answers, profiles_from_csv
from rationalise.doctrine.models import Hds

DOCTRINE = load_doctrine()
DAY = date(2026, 11, 23)
SENSITIVE = {
    "entity_kind": "etat", "classification": "aucune", "secret_protege": "true", "mission_essentielle": "false",
    "atteinte": "true", "evaluation_art31": "signed", "donnees_perso": "aucune", "sante": "false",
    "responsable_distinct_hebergeur": "false", "acces_hors_ue": "none", "siiv": "false", "service_archivage": "aucun",
    "usage_collaboratif": "false",
}  # fmt: skip


def test_the_published_vectors(tmp_path: Path) -> None:
    path = Path(__file__).parent / "vectors.csv"
    expected = {row["id"]: row["surviving"] for row in csv.DictReader(path.open())}
    profiles = tmp_path / "profiles.csv"
    pl.read_csv(path, infer_schema=False).drop("surviving").write_csv(profiles)
    found = {a["id"]: a for a in answers(DOCTRINE, profiles_from_csv(DOCTRINE, profiles), DAY)}
    for name, surviving in expected.items():
        left = [tier for tier in DOCTRINE.tiers if tier not in found[name]["denied"]]
        assert left == surviving.split("|") if surviving else left == [], name


@pytest.mark.needs("shared")
def test_the_shared_vectors(shared: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = list(csv.DictReader((shared / "reference/doctrine-vectors.csv").open()))
    path = tmp_path / "profiles.csv"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, [n for n in rows[0] if n != "denied"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    assert run(["doctrine", "evaluate", "--profiles", str(path), "--json"]) == 0
    found = {a["id"]: a["denied"] for a in json.loads(capsys.readouterr().out)}
    assert {i: sorted(d) for i, d in found.items()} == {
        r["id"]: sorted(filter(None, r["denied"].split("|"))) for r in rows
    }


@pytest.mark.parametrize(
    ("day", "word"), [("2026-11-29", "allowed"), ("2026-11-30", "allowed"), ("2026-12-01", "denied")]
)
def test_a_qualification_ends_on_its_last_day(verdict, day: str, word: str) -> None:
    found = verdict(date.fromisoformat(day), ["outscale-cloudgouv-eu-west-1"], **SENSITIVE)
    assert found["outscale-cloudgouv-eu-west-1"][0] == word


@pytest.mark.parametrize("offer", ["outscale-eu-west-2", "ovh-public-cloud", "scaleway", "us-hyperscaler"])
def test_the_same_vendor_s_other_service_is_not_qualified(verdict, offer: str) -> None:
    word, rules = verdict(DAY, [offer], **SENSITIVE)[offer]
    assert word == "denied"
    assert "FC-04" in rules


PLAIN = {**SENSITIVE, "secret_protege": "false", "atteinte": "false"}
HEALTH = {"donnees_perso": "art9", "sante": "true", "responsable_distinct_hebergeur": "true"}
OFFERED = {
    "T1": (PLAIN, DAY, {"pi-usuelle": "conditional", "ovh-snc-cloud-platform": "allowed", "ovh-public-cloud": "allowed", "us-hyperscaler": "allowed"}),
    "T2": ({**PLAIN, "evaluation_art31": "draft"}, DAY, {"nubo": "conditional", "s3ns": "allowed", "scaleway": "denied", "us-hyperscaler": "denied"}),
    "T3": ({**PLAIN, "secret_protege": "true", "donnees_perso": "ordinaires"}, DAY, {"cpin": "conditional", "numspot": "allowed", "outscale-eu-west-2": "allowed", "us-hyperscaler": "denied"}),
    "T4": ({**SENSITIVE, "donnees_perso": "ordinaires"}, DAY, {"nubo": "conditional", "numspot": "allowed", "outscale-eu-west-2": "denied"}),
    "T5": ({**SENSITIVE, "classification": "dr"}, DAY, {"pi-dr": "conditional", "pi-usuelle": "denied", "numspot": "conditional", "scaleway": "denied"}),
    "T6": ({**SENSITIVE, "classification": "secret"}, DAY, dict.fromkeys(DOCTRINE.offers, "denied")),
    "T7": ({k: v for k, v in SENSITIVE.items() if k != "classification"}, DAY, dict.fromkeys(DOCTRINE.offers, "denied")),
    "T8": ({**SENSITIVE, "entity_kind": "gip_autre"}, DAY, {"scaleway": "allowed", "us-hyperscaler": "allowed"}),
    "T9": ({**SENSITIVE, **HEALTH, "entity_kind": "gip_liste"}, DAY, {"scaleway": "denied", "ovh-snc-cloud-platform": "denied", "pi-usuelle": "denied"}),
    "T12": ({**PLAIN, "usage_collaboratif": "true"}, DAY, {"us-hyperscaler": "denied", "ovh-public-cloud": "allowed"}),
    "T16": ({"classification": "aucune"}, DAY, {"pi-usuelle": "conditional", "nubo": "conditional", "numspot": "denied", "scaleway": "denied"}),
    "T17 before": ({**SENSITIVE, "entity_kind": "gip_liste"}, date(2026, 4, 16), {"scaleway": "allowed"}),
    "T17 after": ({**SENSITIVE, "entity_kind": "gip_liste"}, date(2026, 4, 17), {"scaleway": "denied"}),
}  # fmt: skip


@pytest.mark.parametrize("vector", OFFERED)
def test_the_published_vectors_at_the_level_of_offers(verdict, vector: str) -> None:
    said, day, expected = OFFERED[vector]
    found = verdict(day, list(expected), **said)
    assert {offer: word for offer, (word, _rules) in found.items()} == expected


def test_a_certificate_opens_a_qualified_offer_to_health_data(doctrine, verdict) -> None:
    certificate = Hds(version=2, since=date(2025, 1, 1), to=date(2028, 1, 1), certificate="for the test")
    certified = {
        o: doctrine.offers[o].model_copy(update={"hds": (certificate,)}) for o in ("numspot", "scaleway", "pi-usuelle")
    }
    frame = pl.DataFrame([{**SENSITIVE, **HEALTH, "entity_kind": "gip_liste"}])
    found = evaluate(
        replace(doctrine, offers={**doctrine.offers, **certified}), frame, DAY, offers=list(certified)
    ).offers
    assert dict(found.select("offer", "verdict").iter_rows()) == {
        "numspot": "allowed", "scaleway": "denied", "pi-usuelle": "conditional",
    }  # fmt: skip


def test_diffusion_restreinte_on_a_qualified_cloud_awaits_a_homologation(verdict) -> None:
    assert verdict(**{**SENSITIVE, "classification": "dr"})["SNC"][0] == "conditional"
    found = verdict(DAY, ["ovh-snc-cloud-platform", "pi-dr", "pi-usuelle"], **{**SENSITIVE, "classification": "dr"})
    assert [found[o][0] for o in ("ovh-snc-cloud-platform", "pi-dr", "pi-usuelle")] == [
        "conditional",
        "conditional",
        "denied",
    ]


def test_health_data_known_asks_a_certificate_even_of_an_internal_cloud(verdict) -> None:
    known = {**SENSITIVE, "sante": "true", "responsable_distinct_hebergeur": "true"}
    assert verdict(DAY, ["pi-usuelle"], **known)["pi-usuelle"][0] == "denied"


def test_health_data_unknown_asks_a_question_of_an_internal_cloud_and_closes_the_others(verdict) -> None:
    unknown = {k: v for k, v in SENSITIVE.items() if k not in ("sante", "responsable_distinct_hebergeur")}
    found = verdict(DAY, ["pi-usuelle", "ovh-snc-cloud-platform"], **unknown)
    assert found["pi-usuelle"][0] == "conditional"
    assert found["ovh-snc-cloud-platform"][0] == "denied"
    assert "FC-09" in found["ovh-snc-cloud-platform"][1]


def test_out_of_the_perimeter_an_internal_cloud_is_denied(verdict) -> None:
    assert verdict(DAY, ["pi-usuelle"], **{**SENSITIVE, "entity_kind": "hors_perimetre"})["pi-usuelle"][0] == "denied"


def test_criminal_data_presume_a_mission_unless_signed(verdict) -> None:
    drafted = {**SENSITIVE, "secret_protege": "false", "donnees_perso": "penal"}
    assert verdict(**drafted)["COM_UE"][0] == "allowed"
    unsaid = {k: v for k, v in drafted.items() if k != "mission_essentielle"}
    assert verdict(**unsaid)["COM_UE"][0] == "denied"


def test_before_the_first_modelled_day_nothing_is_answered() -> None:
    frame = pl.DataFrame({n: ["aucune" if n == "classification" else None] for n in DOCTRINE.attributes}).cast(
        pl.String
    )
    with pytest.raises(InvalidInput) as caught:
        evaluate(DOCTRINE, frame, date(2024, 11, 15))
    assert caught.value.problems[0].code == "DOC-010"


def cells() -> st.SearchStrategy[dict[str, str | None]]:
    return st.fixed_dictionaries({a.name: st.sampled_from([None, *a.values]) for a in DOCTRINE.attributes.values()})


def verdicts(*profiles: dict[str, str | None]) -> list[dict[str, str]]:
    frame = pl.DataFrame(list(profiles), schema=dict.fromkeys(DOCTRINE.attributes, pl.String))
    found = evaluate(DOCTRINE, frame, DAY, offers=list(DOCTRINE.offers))
    both = [
        *found.tiers.select("row", "tier", "verdict").iter_rows(),
        *found.offers.select("row", "offer", "verdict").iter_rows(),
    ]
    return [{name: word for row, name, word in both if row == n} for n in range(len(profiles))]


DAYS = [date(2024, 11, 16), date(2026, 4, 16), date(2026, 4, 17), DAY, date(2026, 12, 30), date(2030, 1, 1)]
OPENNESS = {"allowed": 2, "conditional": 1, "denied": 0}


@settings(max_examples=60, deadline=None)
@given(cells(), st.sampled_from([a for a in DOCTRINE.attributes.values() if a.unknown_as not in ("aucun", "false")]))
def test_unknown_never_allows_more_than_the_most_open_known_value(profile, attribute) -> None:
    known = [{**profile, attribute.name: value} for value in attribute.values]
    unknown, *rest = verdicts({**profile, attribute.name: None}, *known)
    for name, word in unknown.items():
        assert OPENNESS[word] <= max(OPENNESS[r[name]] for r in rest), (name, attribute.name)


ORDERS = [
    ("secret_protege", "false", "true"), ("mission_essentielle", "false", "true"), ("atteinte", "false", "true"),
    ("siiv", "false", "true"), ("usage_collaboratif", "false", "true"), ("evaluation_art31", "signed", "draft"),
    ("evaluation_art31", "signed", "none"), ("donnees_perso", "aucune", "ordinaires"), ("donnees_perso", "ordinaires", "art9"),
]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(cells(), st.sampled_from(ORDERS))
def test_more_sensitive_never_allows_more(profile, order) -> None:
    name, less, more = order
    before, after = verdicts({**profile, name: less}, {**profile, name: more})
    for where, word in after.items():
        assert OPENNESS[word] <= OPENNESS[before[where]], where


ANSWERED = ["secret_protege", "mission_essentielle", "atteinte", "donnees_perso", "siiv"]


@settings(max_examples=80, deadline=None)
@given(cells(), st.sampled_from([None, "none", "draft"]), st.sets(st.sampled_from(ANSWERED)))
def test_removing_an_assessment_never_opens_a_tier(profile, left, forgotten) -> None:
    """Unsigned, or gone with some of its answers."""
    signed = {**profile, "evaluation_art31": "signed"}
    before, after = verdicts(signed, {**signed, "evaluation_art31": left, **dict.fromkeys(forgotten)})
    for where, word in after.items():
        assert OPENNESS[word] <= OPENNESS[before[where]], where


@settings(max_examples=40, deadline=None)
@given(cells(), st.sampled_from(DAYS))
def test_no_offer_is_open_on_a_tier_that_is_denied(profile, day) -> None:
    frame = pl.DataFrame([profile], schema=dict.fromkeys(DOCTRINE.attributes, pl.String))
    found = evaluate(DOCTRINE, frame, day, offers=list(DOCTRINE.offers))
    denied = found.tiers.filter(pl.col("verdict") == "denied")["tier"].to_list()
    assert set(found.offers.filter(pl.col("tier").is_in(denied))["verdict"]) <= {"denied"}


@settings(max_examples=25, deadline=None)
@given(cells(), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_never_matters(profile, random) -> None:
    shuffled = list(DOCTRINE.rules.items())
    random.shuffle(shuffled)
    frame = pl.DataFrame([profile], schema=dict.fromkeys(DOCTRINE.attributes, pl.String))
    first = evaluate(DOCTRINE, frame, DAY, offers=list(DOCTRINE.offers))
    second = evaluate(replace(DOCTRINE, rules=dict(shuffled)), frame, DAY, offers=list(DOCTRINE.offers))
    assert first.tiers.equals(second.tiers)
    assert first.offers.equals(second.offers)


def test_an_answer_has_the_published_shape(capsys: pytest.CaptureFixture[str]) -> None:
    line = ["doctrine", "evaluate", "--set", "classification=dr", "--set", "entity_kind=etat", "--offer", "pi-dr",
            "--as-of", "2026-11-23", "--json"]  # fmt: skip
    assert run(line) == 0
    [answer] = json.loads(capsys.readouterr().out)
    assert list(answer) == ["id", "as_of", "denied", "tiers", "offers"]
    assert answer["tiers"]["INT"] == {"verdict": "denied", "rules": ["FC-03", "FC-09", "FC-15"]}
    assert list(answer["offers"]) == ["pi-dr"]


def test_what_is_not_accepted_is_refused_with_what_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctrine", "evaluate", "--set", "classif=dr", "--set", "entity_kind=eta", "--json"]) == 2
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [p["code"] for p in problems] == ["DOC-011", "DOC-012"]
    assert "hors_perimetre" in problems[1]["hint"]


def test_a_date_that_is_not_modelled_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctrine", "evaluate", "--set", "classification=dr", "--as-of", "2024-01-01", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "DOC-010"
