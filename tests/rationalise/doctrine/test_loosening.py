"""What says less is found, whichever way; what tightens passes; and the decision is sound on the evaluation itself."""

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.problems import InvalidInput
from rationalise import Doctrine, evaluate, load_doctrine
from rationalise.doctrine.loosening import covers, offer_loosens, presumption_loosens, rule_loosens
from rationalise.doctrine.models import Rule

DOCTRINE = load_doctrine()
DAY = date(2026, 11, 23)
EARLIER = date(2000, 1, 1)


def changed(rule: str, **changes: Any) -> list[str]:
    """The fields by which a shipped rule with some changes says less."""
    old = DOCTRINE.rules[rule]
    new = Rule.model_validate(old.model_dump(by_alias=True) | changes)
    return rule_loosens(old, new, DOCTRINE.attributes)


@pytest.mark.parametrize(
    ("rule", "changes", "field"),
    [
        ("FC-10", {"since": DAY}, "since"),
        ("FC-10", {"until": DAY}, "until"),
        ("FC-10", {"deny": ["COM_UE"]}, "deny"),
        ("FC-10", {"deny": [], "warn": ["COM_UE", "COM_HORS_UE"]}, "deny"),
        ("FC-10", {"when": {"siiv": ["true"], "donnees_perso": ["penal"]}}, "when"),
        ("FC-10", {"when": {"siiv": ["false"]}}, "when"),
        ("FC-10", {"derogation": "DER-31"}, "derogation"),
        ("FC-10", {"force": "politique"}, "force"),
        ("FC-03", {"evidence": None}, "evidence"),
        ("FC-06", {"warn": ["COM_UE"]}, "warn"),
        ("FC-04", {"when": {"entity_kind": ["etat"], "secret_protege": ["true"], "atteinte": ["true"]}}, "when"),
        ("FC-04", {"ref": "une note"}, "ref"),
        ("FC-09", {"require_offer": {"hds_version": 1}}, "require_offer"),
        ("FC-09", {"require_offer": {"pays": "FR"}}, "require_offer"),
        ("FC-09", {"applies_to": ["SNC"]}, "applies_to"),
        ("FC-09", {"if_unknown": {"SNC": "open_question"}}, "if_unknown"),
        ("FC-09", {"if_unknown": {}}, "if_unknown"),
        ("FC-13", {"require_offer": {"agrement_archives": True}}, "require_offer"),
        ("FC-08", {"if_unknown": {"COM_HORS_UE": "open_question"}}, "if_unknown"),
    ],
)
def test_each_way_of_saying_less_is_found(rule: str, changes: dict[str, Any], field: str) -> None:
    assert field in changed(rule, **changes)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("FC-10", {"since": EARLIER}),
        ("FC-10", {"deny": ["SNC", "COM_UE", "COM_HORS_UE"]}),
        ("FC-10", {"when": "always"}),
        ("FC-10", {"when": {"any": {"siiv": ["true"], "donnees_perso": ["penal"]}}}),
        ("FC-10", {"force": "instruction"}),
        ("FC-04", {"derogation": None}),
        ("FC-04", {"read_on": DAY, "conf": "A"}),
        ("FC-06", {"warn": [], "deny": ["COM_UE", "COM_HORS_UE"]}),
        ("FC-09", {"require_offer": {"hds_version": 3, "pays": "FR"}}),
        ("FC-09", {"if_unknown": {"INT": "closed", "INT_DR": "closed"}}),
        ("FC-13", {"deny": ["COM_UE", "COM_HORS_UE"], "applies_to": ["SNC"]}),
    ],
)
def test_what_tightens_passes(rule: str, changes: dict[str, Any]) -> None:
    assert changed(rule, **changes) == []


def test_an_unknown_that_closes_is_not_a_no() -> None:
    # Unknown service_archivage is worth "aucun": a condition on it alone does not cover "always".
    assert not covers({"service_archivage": ["aucun", "definitif", "tiers_intermediaire"]}, "always", {})
    domain = DOCTRINE.attributes
    assert covers({"siiv": ["true", "false"]}, {"siiv": ["true"]}, domain)
    assert not covers({"siiv": ["true"]}, {"siiv": ["true", "false"]}, domain)


def offer(name: str, **changes: Any) -> dict[str, str]:
    old = DOCTRINE.offers[name]
    return dict(offer_loosens(old, old.model_copy(update=changes)))


def test_an_offer_is_not_made_better_than_it_is() -> None:
    qualified = DOCTRINE.offers["numspot"].qualifications
    assert offer("scaleway", internal="INT") == {"internal": "loi"}
    assert offer("us-hyperscaler", law="ue") == {"law": "loi"}
    assert offer("us-hyperscaler", layers=("iaas",)) == {"layers": "loi"}
    assert offer("scaleway", country="FR") == {"country": "loi"}
    assert offer("scaleway", qualifications=qualified) == {"qualifications": "loi"}
    assert offer("nubo", homologation_dr=True) == {"homologation_dr": "loi"}
    assert offer("nubo", convention="signed") == {"convention": "loi"}
    assert offer("nubo", admits=("etat", "hors_perimetre")) == {"admits": "politique"}
    assert offer("s3ns", third_party_technology=None) == {"third_party_technology": "politique"}
    assert offer("nubo", service_hours="24x7") == {"service_hours": "politique"}
    assert offer("cloud-temple-openshift", fit=()) == {"fit": "politique"}


def test_an_offer_may_be_told_worse_or_better_described() -> None:
    assert offer("scaleway", law="hors_ue", note=None, title="Scaleway SAS") == {}
    assert offer("numspot", qualifications=(), country=None) == {}
    assert offer("nubo", admits=(), by_convention=(), convention="none") == {}


ATTRIBUTES = {n: [*a.values, None] for n, a in DOCTRINE.attributes.items()}
TIERS = list(DOCTRINE.tiers)
TOLD = ["numspot", "scaleway", "us-hyperscaler", "nubo", "pi-dr"]
STRICT = {"allowed": 0, "conditional": 1, "denied": 2}


def profiles(seed: int, count: int = 250) -> pl.DataFrame:
    drawn = random.Random(seed)
    rows = [{n: drawn.choice(v) for n, v in ATTRIBUTES.items()} for _ in range(count)]
    return pl.DataFrame(rows, schema=dict.fromkeys(ATTRIBUTES, pl.String))


def strictness(doctrine: Doctrine, frame: pl.DataFrame, day: date) -> list[int]:
    found = evaluate(doctrine, frame, day, offers=TOLD)
    words = [*found.tiers.sort("tier", "row")["verdict"], *found.offers.sort("offer", "row")["verdict"]]
    return [STRICT[word] for word in words]


@st.composite
def edits(draw: st.DrawFn) -> tuple[Rule, Rule]:
    """A shipped rule and a change of it that is still a rule."""
    old = draw(st.sampled_from(list(DOCTRINE.rules.values())))
    names = st.sampled_from(list(ATTRIBUTES))
    values = names.flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.sampled_from(DOCTRINE.attributes[n].values), min_size=1))
    )
    conditions = st.dictionaries(keys=names, values=st.just([]), max_size=0) | st.lists(values, min_size=1, max_size=2)
    tiers = st.lists(st.sampled_from(TIERS), unique=True)
    parts: dict[str, st.SearchStrategy[Any]] = {
        "since": st.sampled_from([EARLIER, old.since, DAY + timedelta(days=1)]),
        "deny": tiers,
        "warn": tiers,
        "applies_to": tiers,
        "when": conditions.map(dict) | st.just("always"),
        "if_unknown": st.dictionaries(st.sampled_from(TIERS), st.sampled_from(["open_question", "closed"])),
        "require_offer": st.sampled_from([None, {"hds_version": 2}, {"pays": "FR", "hds_version": 2}]),
    }
    if not isinstance(old.when, str) and draw(st.booleans()):
        # Half the time an edit that widens or nearly does: drawn at random, almost every edit loosens.
        widened = {n: v for n, v in old.when.items() if draw(st.booleans())}
        narrowed = {**old.when, **dict([draw(values)])}
        parts["when"] = st.sampled_from([widened or "always", narrowed])
        parts["deny"] = tiers.map(lambda more: list(dict.fromkeys([*old.deny, *more])))
        parts["applies_to"] = tiers.map(lambda more: list(dict.fromkeys([*old.applies_to, *more])))
        parts["since"] = st.just(EARLIER)
    chosen = draw(st.lists(st.sampled_from(list(parts)), unique=True, max_size=2))
    if not chosen or (draw(st.booleans()) and "when" not in chosen):
        chosen.append("when")
    changes = {name: draw(parts[name]) for name in chosen}
    said = old.model_dump(by_alias=True) | changes
    if not (said["deny"] or said["warn"] or said["require_offer"] or said["evidence"]):
        said["deny"] = ["COM_UE"]
    if said["require_offer"] and not said["applies_to"]:
        said["applies_to"] = ["SNC"]
    return old, Rule.model_validate(said)


@settings(max_examples=60, deadline=None)
@given(pair=edits(), seed=st.integers(0, 10_000))
def test_what_is_said_not_to_loosen_opens_nothing(pair: tuple[Rule, Rule], seed: int) -> None:
    old, new = pair
    if rule_loosens(old, new, DOCTRINE.attributes):
        return
    frame = profiles(seed)
    # Alone: beside the others, a rule that is shadowed could say anything and nothing would show.
    before, after = (
        strictness(replace(DOCTRINE, rules={old.id: rule}, presumptions=()), frame, DAY) for rule in (old, new)
    )
    assert all(a >= b for a, b in zip(after, before, strict=True))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), seed=st.integers(0, 10_000))
def test_a_presumption_said_not_to_loosen_opens_nothing(data: st.DataObject, seed: int) -> None:
    name, about = (data.draw(st.sampled_from(list(ATTRIBUTES))) for _ in range(2))
    value = data.draw(st.sampled_from(DOCTRINE.attributes[name].values))
    when = {about: [data.draw(st.sampled_from(DOCTRINE.attributes[about].values))]}
    new = DOCTRINE.presumptions[0].model_copy(update={"id": "P0", "when": when, "then": {name: value}})
    conditions = [*(r.when for r in DOCTRINE.rules.values()), *(dict(p.when) for p in DOCTRINE.presumptions), when]
    if presumption_loosens(None, new, conditions, DOCTRINE.attributes):
        return
    frame = profiles(seed)
    before, after = (strictness(replace(DOCTRINE, presumptions=p), frame, DAY) for p in ((), (new,)))
    assert all(a >= b for a, b in zip(after, before, strict=True))


def lay(folder: Path, name: str, text: str) -> Doctrine:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return load_doctrine(folder)


RULE = "{{id: {id}, title: {{fr: a, en: a}}, when: {when}, deny: {deny}, ref: r, since: 2024-07-01, force: guide, conf: A}}"


def test_a_weaker_rule_loosened_is_accepted_and_told(tmp_path: Path) -> None:
    text = "rules:\n  - " + RULE.format(id="FC-10", when='{siiv: ["true"]}', deny="[COM_HORS_UE]") + "\n"
    found = lay(tmp_path, "rules.yaml", text)
    [told] = found.loosened
    assert (told.entry, told.fields, told.force) == ("FC-10", ("deny",), "guide")
    assert found.overlaid == ("rules.yaml: FC-10",)


def test_a_weaker_rule_may_be_withdrawn_a_law_may_not(tmp_path: Path) -> None:
    text = "withdrawn:\n  - {{id: {id}, reason: {{fr: a, en: a}}, ref: note}}\n"
    found = lay(tmp_path, "rules.yaml", text.format(id="FC-08"))
    assert "FC-08" not in found.rules
    assert [told.entry for told in found.loosened] == ["FC-08"]
    with pytest.raises(InvalidInput) as caught:
        lay(tmp_path, "rules.yaml", text.format(id="FC-04"))
    assert [p.code for p in caught.value.problems] == ["DOC-002"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("presumptions.yaml", "withdrawn:\n  - {id: P2, reason: {fr: a, en: a}, ref: note}\n"),
        ("gates.yaml", "withdrawn:\n  - {id: G-01, reason: {fr: a, en: a}, ref: note}\n"),
        (
            "gates.yaml",
            "derogations:\n  - {id: DER-31, title: {fr: a, en: a}, engaged_before: 2027-01-01, requires: [motif], "
            "lapses_months: 36, ref: r, since: 2024-05-22, force: loi, conf: A}\n",
        ),
        (
            "presumptions.yaml",
            'presume:\n  - {id: P9, title: {fr: a, en: a}, when: {siiv: ["false"]}, then: {atteinte: "false"}, '
            "ref: r, since: 2020-01-01, force: politique, conf: A}\n",
        ),
        (
            "attributes.yaml",
            'attributes:\n  - {name: sante, values: ["true", "false"], unknown_as: "false", title: {fr: a, en: a}}\n',
        ),
        (
            "attributes.yaml",
            "attributes:\n  - {name: classification, values: [aucune, dr, secret, tres_secret], unknown_as: aucune, "
            "title: {fr: a, en: a}}\n",
        ),
        ("rules.yaml", "modelled_since: 2020-01-01\n"),
    ],
)
def test_what_keeps_the_law_closed_is_not_loosened(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        lay(tmp_path, name, text)
    assert {p.code for p in caught.value.problems} == {"DOC-002"}
    assert all(p.row and p.file for p in caught.value.problems)


def test_unknown_may_be_made_worth_more(tmp_path: Path) -> None:
    text = 'attributes:\n  - {name: usage_collaboratif, values: ["true", "false"], unknown_as: "true", title: {fr: a, en: a}}\n'
    found = lay(tmp_path, "attributes.yaml", text)
    assert found.loosened == ()
    nothing = pl.DataFrame({n: [None] for n in ATTRIBUTES}, schema=dict.fromkeys(ATTRIBUTES, pl.String))
    frame = nothing.with_columns(classification=pl.lit("aucune"))
    spoken = evaluate(found, frame, DAY).tiers.filter(pl.col("tier") == "COM_HORS_UE")["rules"][0]
    assert "FC-11" in spoken.split("|")


def test_unknown_made_worth_less_for_a_guide_is_told(tmp_path: Path) -> None:
    text = 'attributes:\n  - {name: siiv, values: ["true", "false"], unknown_as: "false", title: {fr: a, en: a}}\n'
    assert [(told.entry, told.force) for told in lay(tmp_path, "attributes.yaml", text).loosened] == [("siiv", "guide")]
