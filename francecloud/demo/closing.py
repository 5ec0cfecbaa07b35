"""What the demo says at its end: what was found, how long it took, what to open, what to type next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from francecloud.demo.run import AS_OF, NOTE, Outcome
from francecloud.language import _

HEAD = 10
"""Width of the first column of the closing lines."""


def tell(outcome: Outcome) -> Iterator[str]:
    """The closing lines."""
    from rationalise.templating import day, number

    found = {name: number(value) for name, value in outcome.found.items()}
    yield _("Demonstration in {path}: fictitious data, judged on {day}; {seconds} s.",
            path=outcome.root, day=day(AS_OF), seconds=number(outcome.seconds, 1))  # fmt: skip
    yield ""
    yield "  " + _("{applications} applications and {servers} servers read.", **found)
    yield "  " + _("{now} applications are lawful now on some tier; {lawful_if_confirmed} if the presumptions are "
                   "confirmed.", **found)  # fmt: skip
    yield "  " + _("{perimeter} wait for one signature: a perimeter declaration in force.", **found)
    yield "  " + _("{unsupported} servers run a system that is no longer supported.", **found)
    yield "  " + _preview_line(outcome)
    yield ""
    yield _line(_("Open"), str((outcome.answer("report") or {}).get("path")))
    if outcome.previewed:
        yield _line(_("Read"), str(outcome.root / NOTE))
    yield _line(_("Next"), f"cd {outcome.root}")
    for command in _next_commands(outcome):
        yield _line("", command)


def _line(head: str, rest: str) -> str:
    return f"{head:<{HEAD}}{rest}"


def _preview_line(outcome: Outcome) -> str:
    zones = _.plural("{n} landing zone", "{n} landing zones", len(outcome.zones))
    if outcome.previewed is None:
        return zones
    return _("{zones}; preview of {zone}, {how}: {counts}.", zones=zones, zone=outcome.previewed, **_how(outcome))


def _how(outcome: Outcome) -> dict[str, str]:
    previews = _previews(outcome)
    totals: dict[str, int] = {}
    for preview in previews:
        for op, n in preview.get("counts", {}).items():
            totals[op] = totals.get(op, 0) + n
    signs = {"create": "+", "update": "~", "replace": "±", "delete": "−"}
    counts = " ".join(f"{sign}{totals[op]}" for op, sign in signs.items() if totals.get(op))
    return {
        "how": _("by the Pulumi engine") if _by_the_engine(outcome) else _("À BLANC, without the Pulumi engine"),
        "counts": counts or _("nothing"),
    }


def _previews(outcome: Outcome) -> list[dict[str, Any]]:
    return list((outcome.answer("preview") or {}).get("stacks") or ())


def _by_the_engine(outcome: Outcome) -> bool:
    """Whether every preview came from Pulumi itself; no preview at all is not one by the engine."""
    previews = _previews(outcome)
    return bool(previews) and all(p.get("mode") == "engine" for p in previews)


def _next_commands(outcome: Outcome) -> Iterator[str]:
    yield "francecloud explain APP-0001"
    for zone in [z for z in outcome.zones if z != outcome.previewed][:1]:
        yield f"francecloud preview {zone} --as-of {AS_OF}"
    yield f"francecloud diff --as-of {AS_OF}    " + _("# after an edit of dataset/ or decisions/")
    if not _by_the_engine(outcome):
        yield "francecloud engine install    " + _("# then run the demo again: the preview will be Pulumi's own")
    yield "francecloud lab up    " + _("# a real OpenStack on this machine, to try “up” on")
