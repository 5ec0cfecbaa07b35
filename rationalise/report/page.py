"""The report's page: what each section shows, put into the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from inventory.language import language
from inventory.package import Package
from rationalise.language import _
from rationalise.report import tables, words
from rationalise.report.figures import Bar, Part, bars, whole
from rationalise.report.spread import spread_section
from rationalise.templating import day, number, render

APPLICATIONS, QUESTIONS, BODIES, OFFERS = 100, 40, 40, 30
"""Lines shown of each long list: the page's weight does not depend on the portfolio's."""

Drawing = Mapping[str, Any]


def report_html(proposal: Package, summary: Mapping[str, Any], name: str) -> str:
    """The report on *proposal* as one HTML document, in the language in force.

    Args:
        proposal: the proposal package, as :func:`rationalise.read_proposal` gives it.
        summary: its ``summary.json``.
        name: the workspace's name, for the title.
    """
    applications, servers = proposal["applications"], proposal["servers"]
    standing = tables.standing(applications)
    parts = _parts(standing)
    spread = spread_section(proposal, summary)
    duties = tables.cut([{**r, "needs_name": words.need(r["needs"])} for r in tables.duties(proposal)], BODIES)
    return render(
        "report/report.html.j2",
        title=_("Rationalisation report: {name}", name=name),
        marking=_marking(summary),
        dates=_dates(summary),
        contents=[c for c in _contents(bool(duties.rows)) if c[0] != "spread" or spread],
        spread=spread,
        standing=standing,
        names=_Names(summary),
        perimeters=tables.cut(tables.by_organisation(applications), BODIES),
        keys=_keys(standing, servers.height),
        whole=_whole(parts, standing),
        parts=[{"label": p.label, "value": p.value, "share": _share(p.value, standing["applications"])} for p in parts],
        ministries=tables.cut(_ministries(summary), BODIES),
        tier_codes=[{"code": t, "name": words.tier(t)} for t in words.TIERS],
        heat=_heat(proposal, standing["applications"]),
        offers=tables.cut(tables.offers(applications), OFFERS),
        duties=duties,
        questions=tables.cut(tables.questions(proposal), QUESTIONS),
        applications=_applications(applications),
        example=applications["id"].min() or "APP",
        glossary=words.glossary(),
        digests={k: str(summary.get("inputs", {}).get(k, "—"))[:19] for k in ("dataset", "doctrine")},
        **_tiers(applications),
        **_treatments(applications),
        **_support(servers),
    )


class _Names:
    """An organisation's name by its identifier; the identifier where the summary does not name it."""

    def __init__(self, summary: Mapping[str, Any]) -> None:
        self._known: Mapping[str, str] = summary.get("organisations", {})

    def __getitem__(self, identifier: str | None) -> str:
        return self._known.get(identifier or "") or identifier or "—"


def _marking(summary: Mapping[str, Any]) -> str:
    marking = summary.get("marking")
    if isinstance(marking, Mapping):
        marking = marking.get(language()) or marking.get("code")
    return str(marking or _("Sensitive: limited circulation"))


def _dates(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    doctrine = summary.get("doctrine", {})
    return [
        (_("Judged on"), day(summary["as_of"])),
        (_("Doctrine read on"), day(doctrine.get("read_on"))),
        (_("End-of-support dates of"), day(summary.get("endoflife", {}).get("snapshot"))),
        *((_("Loosened by the workspace"), _loosened(entry)) for entry in doctrine.get("loosened", ())),
    ]


def _loosened(entry: Mapping[str, Any]) -> str:
    return f"{entry['entry']} ({entry['force']}) — {entry['title'].get(language(), '')} — {', '.join(entry['fields'])}"


def _contents(duties: bool) -> list[tuple[str, str]]:
    return [
        ("found", _("What was found")),
        ("lawful", _("What is lawful")),
        ("rules", _("Rules")),
        ("spread", _("Propagation")),
        ("treatments", _("Treatments")),
        ("offers", _("Offers")),
        *([("duties", _("To be done before"))] if duties else []),
        ("support", _("Obsolescence")),
        ("questions", _("Questions")),
        ("applications", _("Applications")),
        ("words", _("Words")),
    ]


def _keys(standing: Mapping[str, int], servers: int) -> list[tuple[str, str]]:
    return [
        (number(standing["applications"]), _("applications")),
        (number(servers), _("servers")),
        (number(standing["now"]), _("applications lawful now on some tier")),
        (number(standing["lawful_if_confirmed"]), _("lawful if the presumptions are confirmed")),
        (number(standing["perimeter"]), _("blocked for want of a perimeter declaration")),
    ]


def _parts(standing: Mapping[str, int]) -> list[Part]:
    named = [
        ("now", _("Lawful now")),
        ("confirmed", _("Only if confirmed")),
        ("neither", _("In neither case")),
    ]
    return [Part(label, standing[key], number(standing[key])) for key, label in named]


def _whole(parts: Sequence[Part], standing: Mapping[str, int]) -> Drawing:
    sentence = _.plural(
        "{now} application of {all} is lawful now on some tier; {confirmed} more would be on confirmation.",
        "{now} applications of {all} are lawful now on some tier; {confirmed} more would be on confirmation.",
        standing["now"],
        now=parts[0].text,
        all=number(standing["applications"]),
        confirmed=parts[1].text,
    )
    return _drawing("standing", _("Where the applications stand"), sentence, whole, parts)


def _drawing(name: str, title: str, sentence: str, draw: Any, rows: Sequence[Any], **more: int) -> Drawing:
    svg: Markup = draw(name, title, sentence, rows, **more)
    return {"title": title, "sentence": sentence, "svg": svg}


def _ministries(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = [
        {**row, "name": row["name"] if row["id"] else _("No organisation known")}
        for row in summary.get("by_ministry", ())
    ]
    return sorted(listed, key=lambda r: (-int(r["applications"]), str(r["name"])))


def _heat(proposal: Package, total: int) -> list[dict[str, Any]]:
    rows = tables.heat(proposal, words.TIERS)
    # Strong enough to be seen, weak enough for the text on it to keep its contrast.
    for row in rows:
        row["cells"] = [
            {"count": n, "strength": f"{0.08 + 0.3 * n / max(total, 1):.2f}" if n else ""} for n in row["cells"]
        ]
    return rows


def _tiers(applications: Any) -> dict[str, Any]:
    rows = [{**r, "name": words.tier(r["tier"])} for r in tables.by_tier(applications, words.TIERS)]
    listed = [Bar(r["name"], (r["now"], r["confirmed"]), (number(r["now"]), number(r["confirmed"]))) for r in rows]
    widest = max(rows, key=lambda r: int(r["confirmed"]) - int(r["now"]))
    sentence = _(
        "Full bar: lawful now; hatched: if confirmed. Confirmation opens “{tier}” most, from {now} to {confirmed}.",
        tier=widest["name"],
        now=number(widest["now"]),
        confirmed=number(widest["confirmed"]),
    )
    drawing = _drawing("tiers", _("Applications that each tier may hold"), sentence, bars, listed)
    return {"tiers": rows, "tier_figure": drawing}


def _treatments(applications: Any) -> dict[str, Any]:
    rows = _named(tables.by_treatment(applications), words.treatment, applications.height)
    sentence = _most(rows, _("Most often: {name}, {count} applications."))
    listed = [Bar(r["name"], (r["count"],), (number(r["count"]),)) for r in rows]
    drawing = _drawing("treatment", _("Treatments proposed"), sentence, bars, listed, colour=5)
    return {"treatments": rows, "treatment_figure": drawing}


def _support(servers: Any) -> dict[str, Any]:
    states = _named(tables.support(servers), words.support, servers.height)
    ends = tables.ends_of_support(servers)
    ended = sum(r["count"] for r in states if r["key"] in ("ended", "extended"))
    sentence = _(
        "{ended} of {all} servers run a system whose ordinary support has ended.",
        ended=number(ended),
        all=number(servers.height),
    )
    listed = [Bar(str(r["year"]), (r["servers"],), (number(r["servers"]),)) for r in ends]
    return {
        "support_states": states,
        "usage_classes": _named(tables.usage(servers), words.usage, servers.height),
        "ends": ends,
        "support_figure": _drawing(
            "support-ends", _("Servers by year of end of support"), sentence, bars, listed, colour=1
        ),
    }


def _most(rows: Sequence[Mapping[str, Any]], sentence: str) -> str:
    return sentence.format(name=rows[0]["name"], count=number(rows[0]["count"])) if rows else "—"


def _named(rows: list[dict[str, Any]], name: Any, total: int) -> list[dict[str, Any]]:
    return [{**r, "name": name(r["key"]), "share": _share(r["count"], total)} for r in rows]


def _share(value: float, total: int) -> float | None:
    return value / total if total else None


def _applications(applications: Any) -> tables.Cut:
    listed = tables.cut(tables.heaviest(applications), APPLICATIONS)
    return tables.Cut([{**r, "treatment_name": words.treatment(r["treatment"])} for r in listed.rows], listed.left)
