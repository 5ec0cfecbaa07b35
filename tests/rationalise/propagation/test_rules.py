"""What spreads, which way, what stops it, and what is said of it."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests_propagation_cases import DAY, SIGNED, assessed, dataset, decisions, tiers

from inventory.problems import InvalidInput
from rationalise import analyse, load_doctrine
from rationalise.decisions import Decisions
from rationalise.inheritance import ORDERS
from rationalise.questioning.ranking import rank
from rationalise.sensitivity import sensitivity

CUT = "kind: cut\nmeans: anonymised_flow\nsource: A\ntarget: B\nflows: [F1]\nreason: essai" + SIGNED


def value(data: Any, signed: Decisions, identifier: str, attribute: str, reading: str = "now") -> str | None:
    found = sensitivity(data, signed, load_doctrine(), DAY)
    return getattr(found, reading).filter(pl.col("id") == identifier)[attribute].item()


def restricted(*others: str, **more: Any) -> list[dict[str, Any]]:
    return [{"id": "A", "classification": "dr"}, *({"id": o, **more} for o in others)]


def test_data_go_to_who_receives_them_and_mission_to_what_is_depended_on(tmp_path: Path) -> None:
    signed = decisions(tmp_path)
    data = dataset([{"id": "A", "sante": True}, {"id": "B", "mission_essentielle": True}], [("F1", "A", "B")])
    assert [value(data, signed, i, "sante") for i in "AB"] == ["true", "true"]
    assert [value(data, signed, i, "mission_essentielle") for i in "AB"] == ["true", "true"]
    turned = dataset([{"id": "A", "sante": True}, {"id": "B", "mission_essentielle": True}], [("F1", "B", "A")])
    assert value(turned, signed, "B", "sante") == "false"
    assert value(turned, signed, "A", "mission_essentielle") == "false"


def test_hours_of_service_follow_the_mission(tmp_path: Path) -> None:
    data = dataset([{"id": "A", "service_hours": "ouvre"}, {"id": "B", "service_hours": "24x7"}], [("F1", "A", "B")])
    found = sensitivity(data, decisions(tmp_path), load_doctrine(), DAY)
    assert dict(found.hours.iter_rows()) == {"A": "24x7", "B": "24x7"}


def test_an_unknown_raises_nobody_and_stays_closed_where_it_is(tmp_path: Path) -> None:
    signed = decisions(tmp_path)
    data = dataset([{"id": "A", "sante": None}, {"id": "B", "donnees_perso": "aucune"}], [("F1", "A", "B")])
    assert [value(data, signed, i, "sante") for i in "AB"] == [None, "false"]
    # A known value that closes less than the receiver's own unknown does not open it.
    less = dataset([{"id": "A", "donnees_perso": "ordinaires"}, {"id": "B", "donnees_perso": None}], [("F1", "A", "B")])
    assert value(less, signed, "B", "donnees_perso") is None
    assert value(less, signed, "B", "donnees_perso", "presumed") == "ordinaires"


def test_without_a_perimeter_a_restricted_source_closes_the_presumed_reading(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters="kind: perimeter\nall: true\nstatement: nothing_classified")
    data = dataset(restricted("B"), [("F1", "A", "B")])
    assert value(data, signed, "B", "classification") is None
    assert value(data, signed, "B", "classification", "presumed") == "dr"


def test_a_cycle_ends(tmp_path: Path) -> None:
    data = dataset(restricted("B", "C"), [("F1", "A", "B"), ("F2", "B", "C"), ("F3", "C", "A"), ("F4", "C", "C")])
    assert [value(data, decisions(tmp_path), i, "classification") for i in "ABC"] == ["dr"] * 3


def test_a_shared_database_carries_and_a_shared_server_only_tells(tmp_path: Path) -> None:
    signed = decisions(tmp_path, assessments=assessed("A", "B", "C"))
    rows = [{"application_id": a, "target_kind": k, "target_id": t}
            for a, k, t in (("A", "database", "DB"), ("B", "database", "DB"), ("A", "server", "S"), ("C", "server", "S"))]  # fmt: skip
    data = dataset(restricted("B", "C"), databases=[{"id": "DB"}], servers=[{"id": "S"}], deployments=rows)
    proposal = analyse(data, signed, load_doctrine(), DAY)
    assert [tiers(proposal, i, "effective_sensitivity") for i in "ABC"] == ["dr", "dr", "courante"]
    line = proposal["inherited"].row(0, named=True)
    assert (line["application_id"], line["from_id"], line["via_kind"], line["via"]) == ("B", "A", "database", "DB")
    shared = {r["id"]: r["mixed"] for r in proposal["shared_places"].iter_rows(named=True)}
    assert shared == {"DB": False, "S": True}
    assert proposal["raising_flows"].row(0, named=True)["id"] == "DB"


def test_a_flow_between_servers_links_their_applications_and_not_neighbours(tmp_path: Path) -> None:
    rows = [{"application_id": a, "target_kind": "server", "target_id": s} for a, s in
            (("A", "S1"), ("N", "S1"), ("B", "S2"))]  # fmt: skip
    data = dataset(restricted("N", "B"), [("F1", "S1", "S2")], servers=[{"id": "S1"}, {"id": "S2"}], deployments=rows)
    signed = decisions(tmp_path)
    assert [value(data, signed, i, "classification") for i in "ANB"] == ["dr", "aucune", "dr"]
    found = sensitivity(data, signed, load_doctrine(), DAY).inherited.row(0, named=True)
    assert (found["from_id"], found["via_kind"], found["via"], found["steps"]) == ("A", "flow", "F1", 1)


def test_a_signed_cut_stops_data_until_it_expires_or_a_flow_is_added(tmp_path: Path) -> None:
    doctrine = load_doctrine()
    data = dataset(restricted("B"), [("F1", "A", "B")])
    signed = decisions(tmp_path / "1", assessments=assessed("A", "B"), cuts=CUT)
    proposal = analyse(data, signed, doctrine, DAY)
    assert tiers(proposal, "B", "effective_sensitivity") == "courante"
    assert proposal["cuts"].select("via", "state", "how").rows() == [("F1", "signed", "cuts/0.yaml")]
    more = dataset(restricted("B"), [("F1", "A", "B"), ("F2", "A", "B")])
    again = analyse(more, signed, doctrine, DAY)
    assert tiers(again, "B", "effective_sensitivity") == "dr"
    assert set(again["cuts"].select("via", "state").rows()) == {("F1", "signed"), ("F2", "to_sign_again")}
    assert again["signatures"].filter(pl.col("attribute") == "cut").select("file", "via").rows() == [
        ("cuts/0.yaml", "F2")
    ]
    past = decisions(tmp_path / "2", assessments=assessed("A", "B"), cuts=CUT.replace("2027-12-31", "2026-06-30"))
    expired = analyse(data, past, doctrine, DAY)
    assert tiers(expired, "B", "effective_sensitivity") == "dr"
    assert expired["cuts"]["state"].to_list() == ["expired"]
    unsigned = decisions(tmp_path / "3", cuts=CUT.replace(SIGNED, "\n"))
    assert value(data, unsigned, "B", "classification") == "dr"


def test_a_separate_database_is_cut_for_those_it_names(tmp_path: Path) -> None:
    cut = "kind: cut\nmeans: separate_database\ndatabase: DB\napplications: [B]" + SIGNED
    rows = [{"application_id": a, "target_kind": "database", "target_id": "DB"} for a in "ABC"]
    data = dataset(restricted("B", "C"), databases=[{"id": "DB"}], deployments=rows)
    assert [value(data, decisions(tmp_path, cuts=cut), i, "classification") for i in "ABC"] == ["dr", "aucune", "dr"]


@pytest.mark.parametrize("missing", ["expires_on: 2027-12-31", "flows: [F1]", "source: A"])
def test_a_cut_that_says_too_little_is_refused(tmp_path: Path, missing: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        decisions(tmp_path, cuts=CUT.replace(missing, ""))
    assert {p.code for p in refused.value.problems} == {"ANA-001"}


def test_a_signed_word_makes_a_hub_or_unmakes_it(tmp_path: Path) -> None:
    flows = [("F1", "A", "H"), ("F2", "H", "B")]
    hub = "kind: hub\napplication: H\nhub: bus" + SIGNED
    plain = dataset(restricted("H", "B"), flows)
    assert value(plain, decisions(tmp_path / "1"), "B", "classification") == "dr"
    signed = decisions(tmp_path / "2", hubs=hub)
    assert [value(plain, signed, i, "classification") for i in "HB"] == ["dr", "aucune"]
    named = dataset(restricted("H", "B", function="Bus d'échange"), flows)
    assert value(named, decisions(tmp_path / "3"), "B", "classification") == "aucune"
    none = decisions(tmp_path / "4", hubs=hub.replace("bus", "none"))
    assert [value(named, none, i, "classification") for i in "HB"] == ["dr", "dr"]


def test_typed_flows_to_many_make_a_hub_and_an_untyped_one_does_not(tmp_path: Path) -> None:
    many = [f"X{n:02}" for n in range(12)]
    for nature, expected in (("Sauvegarde", "aucune"), (None, "dr")):
        flows = [("F-A", "A", "S", nature)] + [(f"F-{x}", "S", x, nature) for x in many]
        data = dataset(restricted("S", *many), flows)
        assert value(data, decisions(tmp_path), "X00", "classification") == expected
        assert value(data, decisions(tmp_path), "S", "classification") == "dr"


def test_a_signed_no_that_a_flow_contradicts_is_to_be_signed_again(tmp_path: Path) -> None:
    signed = decisions(tmp_path, assessments=assessed("B"))
    data = dataset([{"id": "A", "secret_protege": True}, {"id": "B"}], [("F1", "A", "B")])
    proposal = analyse(data, signed, load_doctrine(), DAY)
    [line] = proposal["signatures"].iter_rows(named=True)
    assert (line["file"], line["application_id"], line["via"], line["attribute"]) == (
        "assessments/0.yaml", "B", "F1", "secret_protege",
    )  # fmt: skip


def test_cutting_is_counted_exactly(tmp_path: Path) -> None:
    """F1 alone feeds B and C; D has two ways in, so that cutting either alone frees nothing of it."""
    ids = ["B", "C", "D"]
    flows = [("F1", "A", "B"), ("F2", "B", "C"), ("F3", "A", "D"), ("F4", "B", "D")]
    signed = decisions(tmp_path, assessments=assessed("A", *ids))
    proposal = analyse(dataset(restricted(*ids), flows), signed, load_doctrine(), DAY)
    lost = len(set((tiers(proposal, "B", "lawful_alone") or "").split("|"))) - len(
        set((tiers(proposal, "B") or "").split("|"))
    )
    rows = {r["id"]: (r["applications"], r["tiers_now"]) for r in proposal["raising_flows"].iter_rows(named=True)}
    assert lost > 0
    assert rows == {"F1": (2, 2 * lost), "F2": (1, lost)}
    for flow, (count, freed) in rows.items():
        without = analyse(dataset(restricted(*ids), [f for f in flows if f[0] != flow]), signed, load_doctrine(), DAY)
        before, after = (
            p["applications"].select(pl.col("lawful_now").fill_null("").str.split("|").list.len())["lawful_now"]
            for p in (proposal, without)
        )
        assert ((after - before).cast(pl.Int64).sum(), (after > before).sum()) == (freed, count)


KINDS = {"classification": ["dr", None], "sante": [True, False, None], "donnees_perso": ["aucune", "ordinaires", "penal", None],
         "mission_essentielle": [True, False, None]}  # fmt: skip
portfolios = st.tuples(
    st.lists(st.fixed_dictionaries({k: st.sampled_from(v) for k, v in KINDS.items()}), min_size=5, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)


@given(portfolios)
@settings(max_examples=25, deadline=None)
def test_a_flow_more_never_lowers_and_their_order_never_matters(portfolio: tuple[Any, Any, Any]) -> None:
    known, ends, chance = portfolio
    applications = [{"id": f"A{n}", **k} for n, k in enumerate(known)]
    flows = [(f"F{n}", f"A{s}", f"A{t}") for n, (s, t) in enumerate(ends)]
    doctrine, none = load_doctrine(), Decisions()
    all_ = sensitivity(dataset(applications, flows), none, doctrine, DAY)
    fewer = sensitivity(dataset(applications, flows[:-1]), none, doctrine, DAY)
    shuffled = sensitivity(dataset(applications, chance.sample(flows, len(flows))), none, doctrine, DAY)
    assert shuffled.now.equals(all_.now)
    assert shuffled.inherited.equals(all_.inherited)
    for name, order in ORDERS.items():
        for reading in ("now", "presumed"):
            before, after = getattr(fewer, reading)[name], getattr(all_, reading)[name]
            assert all(order.index(a) >= order.index(b) for a, b in zip(after, before, strict=True)
                       if name != "evaluation_art31")  # fmt: skip


def test_an_answer_asked_for_does_not_promise_to_undo_a_flow(tmp_path: Path) -> None:
    signed = decisions(tmp_path, perimeters="kind: perimeter\nall: true\nstatement: nothing_classified")
    data = dataset(restricted("B", organisation_id="DSI"), [("F1", "A", "B")], organisations=[{"id": "DSI"}])
    doctrine = load_doctrine()
    ranking = rank(data, signed, doctrine, DAY, sensitivity(data, signed, doctrine, DAY))
    fills = ranking.fills.filter((pl.col("id") == "B") & pl.col("answer").str.starts_with("perimeter"))
    assert set(fills["classification"]) == {"dr"}
