"""The catalogue's data: whole, sourced, dated, its schemas published; what is open is said to be open."""

import json
from datetime import date
from pathlib import Path

import pytest

from rationalise.doctrine.catalogue import Doctrine
from rationalise.doctrine.files import FILES, SHIPPED, schema_texts
from rationalise.doctrine.models import Dated, Offer
from rationalise.doctrine.published import SCHEMAS

DAY = date(2026, 11, 23)
SEED = [
    "RIE",
    "FranceCloud",
    "FranceConnect Plateforme",
    "ETNA",
    "TMSI",
    "Logiciel VITAM",
    "SI de l'ATE",
    "Autres domaines de mutualisation (téléphonie...)",
]
"""The rows of the table "Illustration"."""


def test_every_schema_is_published_and_fresh() -> None:
    published = {p.name: p.read_text(encoding="utf-8") for p in SCHEMAS.glob("*.json")}
    assert published == schema_texts(), "write them again: python -m rationalise.doctrine.files"


@pytest.mark.parametrize("name", FILES)
def test_every_file_points_to_its_schema(name: str) -> None:
    first = (SHIPPED / name).read_text(encoding="utf-8").partition("\n")[0]
    target = first.removeprefix("# yaml-language-server: $schema=")
    assert target == f"schema/{Path(name).stem}.json"
    assert json.loads((SHIPPED / target).read_text(encoding="utf-8"))["additionalProperties"] is False


def test_no_file_of_data_is_left_out() -> None:
    assert {p.name for p in SHIPPED.glob("*.yaml")} == set(FILES)


def test_every_entry_is_sourced_and_was_read(doctrine: Doctrine) -> None:
    for name, entry in doctrine.entries.items():
        if isinstance(entry, Dated | Offer):
            assert entry.ref, name
            assert entry.read_on, name
            assert entry.conf in "ABC", name


def test_every_row_of_the_state_s_table_is_there(doctrine: Doctrine) -> None:
    seeds = {s.seed for s in doctrine.shared_services.values()}
    assert set(SEED) <= seeds
    internal = {s.id: s for s in doctrine.shared_services.values() if s.seed == "FranceCloud"}
    assert {"FRANCECLOUD-MINEFI", "FRANCECLOUD-MININT", "FRANCECLOUD-MTES-MAA", "FRANCECLOUD-EXTERNE"} == set(internal)
    assert set(internal["FRANCECLOUD-MININT"].offers) == {"pi-usuelle", "pi-dr", "cpin"}


def test_franceconnect_plateforme_has_its_four_operators(doctrine: Doctrine) -> None:
    rows = {s.id: s.operator for s in doctrine.shared_services.values() if s.id.startswith("FRANCECONNECT")}
    assert rows == {
        "FRANCECONNECT": "DINUM",
        "FRANCECONNECT-DONNEES": "MINEFI",
        "FRANCECONNECT-IDENTITE": "MININT",
        "FRANCECONNECT-REFERENCE": None,
    }


def test_the_dsis_of_critical_size_and_the_committees_are_there(doctrine: Doctrine) -> None:
    critical = {o.id for o in doctrine.organisations.values() if o.critical_size}
    assert critical == {"MINEFI", "MINARM", "MININT"}
    assert doctrine.organisations["DINUM"].formerly == ("DISIC", "DINSIC")
    assert len(doctrine.committees) == 5


def test_a_shared_service_is_found_by_what_it_absorbs(doctrine: Doctrine) -> None:
    assert [s.id for s in doctrine.absorbing(["tchat"], DAY)] == ["LA-SUITE"]
    assert [s.id for s in doctrine.absorbing([], DAY, products=["Mattermost"])] == ["LA-SUITE"]
    assert [s.id for s in doctrine.absorbing(["bases_dormantes"], DAY)] == ["VITAM"]
    assert doctrine.absorbing(["rh_paie"], date(2026, 2, 4)) == []
    assert doctrine.absorbing(["telephonie", "messagerie"], DAY) == []


def test_what_is_not_established_absorbs_nothing_and_says_why(doctrine: Doctrine) -> None:
    open_ = {s.id: s for s in doctrine.shared_services.values() if s.status != "established"}
    assert {"TMSI", "SI-ATE", "TELEPHONIE", "MELANIE2", "FRANCECLOUD-MTES-MAA"} <= set(open_)
    for service in open_.values():
        assert service.note is not None
        assert not service.absorbs.functions
        assert service.adoption.risk == "not_established"


def test_no_service_promises_full_take_up(doctrine: Doctrine) -> None:
    assert all(s.adoption.text.fr for s in doctrine.shared_services.values())
    assert doctrine.shared_services["LA-SUITE"].adoption.risk == "high"


def test_a_rule_nobody_transcribed_is_not_paraphrased(doctrine: Doctrine) -> None:
    unread = {f"6404-R{n}" for n in (5, 6, 7, 8, 10, 11, 12, 13, 14, 15)}
    assert unread <= {f.id for f in doctrine.not_confirmed()}
    for name in unread:
        assert doctrine.texts[name].content is None
        assert not doctrine.texts[name].applied_by
    for name in ("R1", "R2", "R3", "R4", "R9"):
        assert doctrine.texts[f"6404-{name}"].content is not None


def test_each_open_question_says_what_is_done_meanwhile(doctrine: Doctrine) -> None:
    questions = [t for t in doctrine.texts.values() if t.status == "not_confirmed"]
    assert {"NC-GIP", "NC-NUBO-DR", "NC-OUTSCALE", "NC-NIS2"} <= {t.id for t in questions}
    assert all(t.treated_as is not None and t.conf == "C" for t in questions)


def test_the_thirteen_secrets_are_a_closed_list(doctrine: Doctrine) -> None:
    assert len(doctrine.secrets) == 13
    assert doctrine.secrets["medical"].article == "L.311-6 1°"


def test_figures_carry_unit_year_and_method(doctrine: Doctrine) -> None:
    assert [f.value for f in doctrine.factors.values() if f.default] == [0.098]
    assert len({f.method for f in doctrine.factors.values()}) > 1
    [rate] = [r for r in doctrine.rates.values() if r.default]
    built = rate.built_from
    assert rate.value == pytest.approx(built["risk_free"] + built["beta"] * built["risk_premium"])
    assert doctrine.thresholds["TH-DINUM"].value == 9_000_000
    assert doctrine.vehicles["UGAP-NUAGE"].operator == "UGAP"


@pytest.mark.parametrize(("day", "share"), [(date(2023, 6, 1), 0.25), (date(2024, 6, 1), 0.35), (DAY, 0.5)])
def test_one_share_of_reuse_holds_a_day(doctrine: Doctrine, day: date, share: float) -> None:
    there = [t.value for t in doctrine.thresholds.values() if t.id.startswith("TH-REEMPLOI") and t.in_force(day)]
    assert there == [share]
