"""The timeline as a calendar file (RFC 5545): an all-day event on each last lawful day, the same bytes each time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from rationalise.language import _

LISTED = 20
"""Applications named in an event; the others are counted."""
WARNED = "-P90D"
"""How long before the day a calendar reminds of it: a placement is not moved in a week."""


def calendar_file(groups: Iterable[Mapping[str, Any]], as_of: date, marking: str) -> str:
    """The calendar of what stops being lawful.

    Args:
        groups: as :func:`rationalise.timeline.grouped` gives them; those that are not ``stops`` are left out.
        as_of: the day of the analysis, every event's timestamp.
        marking: how the file is to be handled, said in each event.

    Returns:
        Lines ended by CR LF, none over 75 octets.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//francecloud//timeline//FR", "CALSCALE:GREGORIAN"]
    for group in groups:
        if group["event"] == "stops":
            lines += _event(group, as_of, marking)
    lines.append("END:VCALENDAR")
    return "".join(folded + "\r\n" for line in lines for folded in _folded(line))


def _event(group: Mapping[str, Any], as_of: date, marking: str) -> list[str]:
    day: date = group["last_day"]
    key = "\0".join(str(group[k]) for k in ("last_day", "offer", "placement", "cause", "tier_before", "tier_after"))
    names = list(group["applications"])
    title = _.plural("{n} application must have left {offer}", "{n} applications must have left {offer}", len(names),
                     offer=group["offer"])  # fmt: skip
    if group["placement"] == "proposed":
        title = _.plural("{n} application proposed on {offer} would have to leave it",
                         "{n} applications proposed on {offer} would have to leave it", len(names), offer=group["offer"])  # fmt: skip
    listed = ", ".join(names[:LISTED]) + (f" … +{len(names) - LISTED}" if len(names) > LISTED else "")
    about = [
        marking,
        _("last lawful day: {day}", day=day.isoformat()),
        cause_text(group),
        _("rules: {rules}", rules=", ".join(group["rules"])),
        _("fallback: {offers}", offers=", ".join(group["fallbacks"]) or _("none found")),
        _("applications: {names}", names=listed),
    ]
    return [
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(key.encode()).hexdigest()[:32]}@francecloud",
        f"DTSTAMP:{as_of:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(chr(10).join(about))}",
        "CLASS:CONFIDENTIAL",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(title)}",
        f"TRIGGER:{WARNED}",
        "END:VALARM",
        "END:VEVENT",
    ]


def cause_text(group: Mapping[str, Any]) -> str:
    """Why a placement moves, in the language in force."""
    if group["cause"] == "qualification":
        return _(
            "the offer is worth {after}, no longer {before}", after=group["tier_after"], before=group["tier_before"]
        )
    if group["cause"] == "decision":
        return _("a signed decision begins or ends")
    return _("a rule begins or ends") if group["cause"] == "law" else _("on the first day already")


def _escaped(text: str) -> str:
    """RFC 5545, 3.3.11."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """RFC 5545, 3.1: at most 75 octets a line, a continuation begins with a space; no character is cut."""
    folded, size = [""], 0
    for character in line:
        width = len(character.encode())
        if size + width > 75:
            folded.append(" ")
            size = 1
        folded[-1] += character
        size += width
    return folded
