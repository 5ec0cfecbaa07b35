"""Steps and duties as sentences, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rationalise.doctrine.catalogue import Doctrine
from rationalise.explaining.changes import Step
from rationalise.language import _


def step_text(step: Step, doctrine: Doctrine) -> str:
    """One step, for example: the article 31 assessment is signed."""
    values = ", ".join(step.values)
    if step.kind == "fact":
        title = doctrine.attributes[step.subject].title
        if step.subject == "classification" and step.values == ("aucune",):
            return _("a signed perimeter declaration says that nothing is classified")
        return _("{attribute} is established: {values}", attribute=title, values=values)
    if step.kind == "signature":
        return _("the article 31 assessment is signed")
    if step.kind == "derogation":
        return _(
            "derogation {id} is granted ({title})", id=step.subject, title=doctrine.derogations[step.subject].title
        )
    if step.kind == "evidence":
        return _evidence(step)
    return {
        "fictitious_data": _("it is signed that its data are fictitious"),
    }.get(step.subject, step.subject)


def _evidence(step: Step) -> str:
    if step.subject == "convention":
        signed = _("the convention with the operator is signed")
        return signed if step.values == ("signed",) else _("the operator refuses the convention")
    return {
        "homologation_dr": _("the AQSSI homologates an offer for Diffusion Restreinte"),
        "agrement_archives": _("an offer shows its approval for public archives"),
        "hds": _("an offer shows an HDS certificate, version {version} or later", version=", ".join(step.values)),
    }[step.subject]


def steps_text(steps: Sequence[Step], doctrine: Doctrine) -> str:
    """A set of steps: all of them together."""
    return _(" and ").join(step_text(step, doctrine) for step in steps)


def duty_text(duty: Mapping[str, Any]) -> str:
    """One row of the duties."""
    if duty["needs"] == "fallback":
        after = _("still lawful there") if duty["lawful_after"] else _("no longer lawful there")
        return _("{gate}: the qualification of {offer} ends on {until} ({after} the day after); fallback: {fallback}",
                 gate=duty["gate"], offer=duty["offer"], until=duty["until"], after=after,
                 fallback=duty["fallback_offer"] or _("none found"))  # fmt: skip
    asked = {
        "homologation": _("to be homologated before it is exposed in production, not before it is created"),
        "archives_visa": _("the archives' visa before anything is destroyed"),
        "gdpr_retention": _("retention periods of personal data checked before anything is destroyed"),
    }
    return f"{duty['gate']}{_(': ')}{asked[duty['needs']]}"
