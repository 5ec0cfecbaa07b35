"""What the codes of a proposal are called in a report."""

from __future__ import annotations

from rationalise.language import _

TIERS = ("CLASSIFIE", "INT_DR", "INT", "SNC", "COM_UE", "COM_HORS_UE")
"""Every tier, from the most protected."""


def tier(code: str) -> str:
    """A tier's name."""
    return {
        "CLASSIFIE": _("Outside FranceCloud"),
        "INT_DR": _("Internal, restricted zone"),
        "INT": _("Internal, usual zone"),
        "SNC": _("Qualified SecNumCloud"),
        "COM_UE": _("Commercial, EU law"),
        "COM_HORS_UE": _("Commercial, non-EU law"),
    }.get(code, code)


def treatment(code: str) -> str:
    """A treatment's name."""
    return {
        "retire": _("Retire"),
        "retire_archive": _("Retire and archive"),
        "mutualise": _("Join a shared service"),
        "repurchase": _("Replace by a product"),
        "retain": _("Retain"),
        "refactor": _("Refactor"),
        "replatform": _("Replatform"),
        "relocate": _("Relocate"),
        "rehost": _("Rehost"),
        "to_investigate": _("To investigate"),
    }.get(code, code)


def support(code: str) -> str:
    """A support state's name."""
    return {
        "supported": _("Supported"),
        "ending": _("Support ending soon"),
        "ended": _("No longer supported"),
        "extended": _("Paid extended support only"),
        "unknown": _("Unknown"),
    }.get(code, code)


def need(code: str) -> str:
    """What a duty asks for."""
    return {
        "homologation": _("homologation, before exposure in production"),
        "fallback": _("an offer to fall back on"),
        "archives_visa": _("the archives' visa, before destruction"),
        "gdpr_retention": _("retention periods checked, before destruction"),
    }.get(code, code)


def usage(code: str) -> str:
    """A server's usage class."""
    return {
        "active": _("Active"),
        "low": _("Little used"),
        "idle": _("Idle"),
        "zombie": _("Off or abandoned"),
        "unknown": _("Unknown"),
    }.get(code, code)


def glossary() -> list[tuple[str, str]]:
    """The words of the report, each with one meaning."""
    return [
        (_("Tier"), _("A level of hosting of the doctrine, from the classified to the commercial under non-EU law.")),
        (_("Offer"), _("A hosting service of a tier: a State cloud, a qualified or an unqualified provider.")),
        (_("Lawful now"), _("Allowed by what is signed or known on the day; only this can be provisioned.")),
        (
            _("Lawful if the presumptions are confirmed"),
            _("What would be allowed if the answers still missing were the ordinary ones and the drafts were signed."),
        ),
        (
            _("Perimeter declaration"),
            _("The AQSSI's signed, dated statement that nothing in a perimeter is classified, but what it names."),
        ),
        (
            _("Assessment"),
            _("The signed answer of the data administrator to article 31: protected secret, essential mission, harm."),
        ),
        (_("Effective sensitivity"), _("The most demanding regime that applies, inherited ones included.")),
        (_("Treatment"), _("What should become of an application: retire, share, replace, keep, transform, move.")),
        (_("Unpriced"), _("An offer for which the settings hold no price: its cost is unknown, not zero.")),
    ]
