"""The law applied row by row in plain Python, by somebody who never read the evaluation.

It imports nothing of the project: the catalogue's files are read with a YAML reader, and each rule is applied
as the doctrine says it, one profile and one offer at a time. It checks the evaluation, and is the naive way to do it.
"""

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import yaml

CATALOGUE = Path(__file__).resolve().parents[3] / "rationalise/doctrine"
Cells = dict[str, str | None]
Answer = tuple[str, str, str, bool]
"""Verdict, rules that spoke, rules that made it so (joined by bars), whether evidence is missing."""


class Catalogue:
    """The files as they are written."""

    def __init__(self, folder: Path = CATALOGUE) -> None:
        read = {
            n: yaml.safe_load((folder / f"{n}.yaml").read_text(encoding="utf-8"))
            for n in ("attributes", "rules", "presumptions", "offers", "tiers")
        }
        self.attributes = read["attributes"]["attributes"]
        self.rules = sorted(read["rules"]["rules"], key=lambda r: r["id"])
        self.presumptions = read["presumptions"]["presume"]
        self.blocking = read["rules"]["blocking"]["id"]
        self.offers = {o["id"]: o for o in read["offers"]["offers"]}
        self.tiers = [t["id"] for t in read["tiers"]["tiers"]]

    def random_profiles(self, how_many: int, seed: int, unknown: float = 0.15) -> list[Cells]:
        """Profiles drawn at random, some of their attributes unknown."""
        dice = Random(seed)
        return [
            {a["name"]: None if dice.random() < unknown else dice.choice(a["values"]) for a in self.attributes}
            for _n in range(how_many)
        ]

    def judge(self, profile: Cells, day: date) -> dict[str, Answer]:
        """The answer of every tier and every offer to one profile."""
        known = self._with_presumptions(profile)
        closed = {
            a["name"]: a.get("unknown_as") if known[a["name"]] is None else known[a["name"]] for a in self.attributes
        }
        rules = [r for r in self.rules if r["since"] <= day <= r.get("until", date.max)]
        facts = [(r, *self._concerned(r, known, closed)) for r in rules]
        blocked = any(a.get("block") and known[a["name"]] is None for a in self.attributes)
        answers = {tier: self._answer(facts, blocked, closed, tier, None, day) for tier in self.tiers}
        for name, offer in self.offers.items():
            answers[name] = self._answer(facts, blocked, closed, tier_of(offer, day), offer, day)
        return answers

    def _with_presumptions(self, profile: Cells) -> Cells:
        cells = dict(profile)
        for presumption in self.presumptions:
            if not all(
                (cells[n] or ("none" if n == "evaluation_art31" else None)) in v for n, v in presumption["when"].items()
            ):
                continue
            for name, value in presumption["then"].items():
                answered = cells["evaluation_art31"] == "signed" and cells[name] is not None
                if not (presumption.get("unless_signed") and answered):
                    cells[name] = value
        return cells

    def _concerned(self, rule: dict[str, Any], known: Cells, closed: Cells) -> tuple[bool, bool | None]:
        """Whether a rule concerns a profile: once closed; and as it is known, where the rule says what unknown is worth."""
        once_closed = holds(rule["when"], closed) is True
        return once_closed, holds(rule["when"], known) if rule.get("if_unknown") else once_closed

    def _answer(self, facts: list, blocked: bool, closed: Cells, tier: str, offer: dict | None, day: date) -> Answer:
        spoke, denied, asked, awaited = [], [], [], False
        if blocked:
            spoke.append(self.blocking)
            denied.append(self.blocking)
        for rule, once_closed, as_known in facts:
            name = rule["id"]
            if tier in rule.get("deny", ()):
                flagged = rule.get("if_unknown", {}).get(tier) == "open_question"
                if once_closed if not flagged else as_known is not False:
                    spoke.append(name)
                    (asked if flagged and as_known is None else denied).append(name)
            elif tier in rule.get("evidence", {}).get("tiers", ()):
                if once_closed:
                    spoke.append(name)
                    if offer is None or offer.get(rule["evidence"]["requires"]) is not True:
                        asked.append(name)
                        awaited = True
            elif tier in rule.get("warn", ()) and once_closed:
                spoke.append(name)
            if "require_offer" not in rule or tier not in rule["applies_to"] or as_known is False:
                continue
            spoke.append(name)
            shown = "open" if offer is None else what_it_shows(rule["require_offer"], offer, closed["entity_kind"], day)
            question = offer is None or rule.get("if_unknown", {}).get(tier) == "open_question"
            if shown != "yes":
                (asked if question and (as_known is None or shown == "open") else denied).append(name)
        verdict = "denied" if denied else "conditional" if asked else "allowed"
        return verdict, "|".join(spoke), "|".join(denied or asked), awaited and not denied


def holds(when: dict | str, cells: Cells) -> bool | None:
    """Kleene: None where it is not known."""
    if when == "always":
        return True
    parts = []
    for name, values in when.items():
        if isinstance(values, dict):
            some = [None if cells[n] is None else cells[n] in v for n, v in values.items()]
            parts.append(True if True in some else None if None in some else False)
        else:
            parts.append(None if cells[name] is None else cells[name] in values)
    return False if False in parts else None if None in parts else True


def tier_of(offer: dict, day: date) -> str:
    """What an offer is worth on a day."""
    if "internal" in offer:
        return offer["internal"]
    standing = [q for q in offer.get("qualifications", []) if q["from"] <= day <= q["to"]]
    if all(any(layer in q["layers"] for q in standing) for layer in offer["layers"]):
        return "SNC"
    return {"ue": "COM_UE", "hors_ue": "COM_HORS_UE"}[offer["law"]]


def what_it_shows(asked: dict, offer: dict, entity: str | None, day: date) -> str:
    """``yes``, ``no``, or ``open`` where a convention is neither signed nor refused."""
    if "hds_version" in asked:
        certificates = [
            h for h in offer.get("hds", []) if h["version"] >= asked["hds_version"] and h["from"] <= day <= h["to"]
        ]
        if not certificates:
            return "no"
    if "pays" in asked and offer.get("country") != asked["pays"]:
        return "no"
    if asked.get("agrement_archives") and not offer.get("agrement_archives"):
        return "no"
    if asked.get("entite_admise") and entity not in offer.get("admits", []) + offer.get("by_convention", []):
        return "no"
    if "convention" in asked or "entite_admise" in asked:
        return {"signed": "yes", None: "open"}.get(offer.get("convention"), "no")
    return "yes"
