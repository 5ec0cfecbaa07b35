"""An explanation as lines for a person, in the current language, at most 80 columns where tables allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any

from rationalise.doctrine.catalogue import Doctrine
from rationalise.explaining import matrix
from rationalise.explaining.changes import Steps, Ways
from rationalise.explaining.words import duty_text, steps_text
from rationalise.language import _
from rationalise.propagation.telling import told

WIDTH = matrix.WIDTH
SHOWN = 4
"""Sets of changes printed for a tier; JSON carries them all."""


def as_text(answer: Mapping[str, Any], doctrine: Doctrine, ways: Sequence[Ways]) -> str:
    """The whole explanation; sections without content are left out."""
    parts = [
        _head(answer),
        _known(answer, doctrine),
        [_("Tiers and the rules that spoke:"), *matrix.lines(answer["matrix"], answer["tiers"]), *_rules(answer)],
        _offers(answer),
        _changes(ways, doctrine),
        [_("To be done:"), *_wrapped(duty_text(d) for d in answer["duties"])] if answer["duties"] else [],
        _ages(answer),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _head(answer: Mapping[str, Any]) -> list[str]:
    return [
        _("{name} ({id}), judged on {day}", name=answer["name"], id=answer["id"], day=answer["as_of"]),
        "",
        *_wrapped([_("Treatment: {treatment} — {reason}", treatment=answer["treatment"], reason=answer["reason"])], ""),
        _("Runner-up: {treatment}", treatment=answer["runner_up"] or "—"),
        _("Proposed: {offer} ({tier})", offer=answer["offer"] or "—", tier=answer["tier"] or "—"),
        _(
            "If the presumptions are confirmed: {offer} ({tier})",
            offer=answer["presumed_offer"] or "—",
            tier=answer["presumed_tier"] or "—",
        ),
        _("Effective sensitivity: {word}; {known} of {all} attributes known",
          word=answer["effective_sensitivity"], known=sum(c["value"] is not None for c in answer["attributes"].values()),
          all=len(answer["attributes"])),
    ]  # fmt: skip


def _known(answer: Mapping[str, Any], doctrine: Doctrine) -> list[str]:
    lines = [_("What is known:")]
    for name, cell in answer["attributes"].items():
        value = cell["value"] if cell["value"] is not None else _("unknown")
        lines.append(f"  {doctrine.attributes[name].title}{_(': ')}{value} ({_origin(cell)})")
    if answer["inherited"]:
        lines += ["", _("What comes through links:"), *told(answer["inherited"])]
        lines.append(_("  Without them, lawful now: {tiers}", tiers=", ".join(answer["lawful_alone"]) or "—"))
    return lines


def _origin(cell: Mapping[str, Any]) -> str:
    if cell["kind"] == "inherited":
        return _("inherited from {application}", application=cell["origin"])
    words = {"inventory": _("inventory"), "organisation": _("from its organisation")}
    return words.get(cell["origin"], cell["origin"]) if cell["origin"] else _("nothing says it")


def _rules(answer: Mapping[str, Any]) -> list[str]:
    """Each rule once, whatever the number of tiers it speaks of."""
    named = {rule["id"]: rule for verdict in answer["tiers"].values() for rule in verdict["rules"]}
    return _wrapped(_rule(identifier, rule) for identifier, rule in sorted(named.items()))


def _rule(identifier: str, rule: Mapping[str, str]) -> str:
    since = _("in force since {day}", day=rule["since"])
    return f"{identifier} {rule['title']} — {rule['ref']} ({since} ; {rule['force']}, {rule['conf']})"


def _offers(answer: Mapping[str, Any]) -> list[str]:
    left = [name for name, verdict in answer["offers"].items() if verdict["open"]]
    shut = [name for name in answer["offers"] if name not in left]
    lines = [_("Offers left:") if left else _("No offer is left.")]
    for name in left:
        verdict = answer["offers"][name]
        asked = f" ({', '.join(verdict['because'])})" if verdict["because"] else ""
        if verdict["derogation"]:
            asked += f" · {_('derogation {file}', file=verdict['derogation'])}"
        lines += _wrapped([f"{name} · {verdict['tier']} · {_word(verdict['verdict'])}{asked}"])
    if shut:
        lines += [_("Offers shut, and by which rules:")]
        by_rules: dict[str, list[str]] = {}
        for name in shut:
            by_rules.setdefault(", ".join(answer["offers"][name]["because"]), []).append(name)
        lines += _wrapped(f"{rules}{_(': ')}{', '.join(names)}" for rules, names in by_rules.items())
    return lines


def _changes(ways: Sequence[Ways], doctrine: Doctrine) -> list[str]:
    lines = [_("What would change it, in as few steps as possible:")]
    for way in ways:
        says = _("{tier} is open; it would close if:") if way.open else _("{tier} is shut; it would open if:")
        if not way.sets:
            still = (
                _("{tier} is open; nothing unknown would close it")
                if way.open
                else _("{tier} is shut; nothing that is still to be answered or granted would open it")
            )
            lines += _wrapped([still.format(tier=way.tier)])
            continue
        lines.append("  " + says.format(tier=way.tier))
        lines += _sets(way.sets, doctrine)
        if way.answers:
            lines.append("    " + _("by answers and a signature alone:"))
            lines += _sets(way.answers, doctrine)
    return lines


def _sets(sets: Sequence[Steps], doctrine: Doctrine) -> list[str]:
    lines = _wrapped((steps_text(steps, doctrine) for steps in sets[:SHOWN]), "    – ", "      ")
    if len(sets) > SHOWN:
        lines.append("    " + _.plural("… or {n} other set of as many steps", "… or {n} other sets of as many steps",
                                       len(sets) - SHOWN))  # fmt: skip
    return lines


def _ages(answer: Mapping[str, Any]) -> list[str]:
    ages = answer["sources"]
    lines = [_("{source}: read on {day}, {n} days ago", source=s["source"], day=s["read_on"] or "?", n=_count(s["age_days"]))
             for s in ages["inventory"]]  # fmt: skip
    lines += [_("{file}: signed on {day}, until {end}", file=d["file"], day=d["signed_on"] or "?", end=d["expires_on"] or "—")
              for d in ages["decisions"]]  # fmt: skip
    law = ages["doctrine"]
    lines.append(_("catalogue of qualified offers: read on {day}, {n} days ago",
                   day=law["catalogue_read_on"], n=_count(law["age_days"])))  # fmt: skip
    if law["stale"]:
        lines.append(_("to be read again: {entries}", entries=", ".join(entry["id"] for entry in law["stale"])))
    confidence = answer["confidence_of_law"]
    lines.append(_("weakest reading among the rules that weigh: {conf} (A primary text read, B secondary source, C not confirmed)",
                   conf=confidence or "—"))  # fmt: skip
    return [_("How old and how sure:"), *_wrapped(lines)]


def _count(days: int | None) -> str:
    return "?" if days is None else str(days)


def _word(verdict: str) -> str:
    return {"allowed": _("allowed"), "conditional": _("conditional"), "denied": _("denied")}[verdict]


def _wrapped(texts: Iterable[str], first: str = "  ", then: str = "    ") -> list[str]:
    return [
        line
        for text in texts
        for line in wrap(text, WIDTH, initial_indent=first, subsequent_indent=then, break_long_words=False,
                         break_on_hyphens=False)
    ]  # fmt: skip
